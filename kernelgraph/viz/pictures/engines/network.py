"""First step of a layered drawing: which layer each box stands on, and where long edges pass.

Sizes and arrows come in, a `Network` goes out, in which every edge runs from one layer to the next:
an edge that is longer has a stop on each layer between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kernelgraph.viz.pictures.drawing import LayoutError, Point

SIDE_GAP = 18.0
"""Pixels between neighbours on a layer."""

LAYER_WIDTH = 1300.0
"""A layer that would get wider overflows into the next."""


@dataclass
class Network:
    """Vertices 0 … n-1 are the boxes, the later ones are stops of long edges.

    `up[v]` and `down[v]` are the neighbours of v on the layers before and after its own, and
    `layers` lists each layer from left to right.
    """

    sizes: list[Point]
    layer: list[int] = field(default_factory=list[int])
    up: list[list[int]] = field(default_factory=list[list[int]])
    down: list[list[int]] = field(default_factory=list[list[int]])
    layers: list[list[int]] = field(default_factory=list[list[int]])
    paths: list[list[int]] = field(default_factory=list[list[int]])  # for each edge of the picture
    boxes: int = 0


def assign_layers(sizes: Sequence[Point], arrows: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each box: below all its sources, and no layer wider than LAYER_WIDTH.

    A box goes as high as it can, but one with more clients than operands (an input, say) goes down
    to just above its first client: that makes more edges shorter than it makes longer.
    """
    sources, clients = _neighbours(len(sizes), arrows)
    order = _topological_order(sources, clients)
    layer = [0] * len(sizes)
    used: defaultdict[int, float] = defaultdict(float)

    def settle(box: int, wanted: int, step: int, last: int | None = None) -> None:
        width = sizes[box][0] + SIDE_GAP
        while used[wanted] and used[wanted] + width > LAYER_WIDTH and wanted != last:
            wanted += step
        layer[box] = wanted
        used[wanted] += width

    for box in order:
        if sources[box]:
            settle(box, 1 + max(layer[source] for source in sources[box]), step=1)
    for box in reversed(order):
        if not sources[box]:
            below = min((layer[client] for client in clients[box]), default=1)
            settle(box, below - 1, step=-1)
        elif clients[box] and len(clients[box]) >= len(sources[box]):
            used[layer[box]] -= sizes[box][0] + SIDE_GAP
            below = min(layer[client] for client in clients[box])
            settle(box, below - 1, step=-1, last=layer[box])
    top = min(layer, default=0)
    return [level - top for level in layer]


def _neighbours(
    count: int, arrows: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]]]:
    sources: list[list[int]] = [[] for _ in range(count)]
    clients: list[list[int]] = [[] for _ in range(count)]
    for source, client in arrows:
        sources[client].append(source)
        clients[source].append(client)
    return sources, clients


def _topological_order(sources: list[list[int]], clients: list[list[int]]) -> list[int]:
    missing = [len(before) for before in sources]
    order = [box for box, count in enumerate(missing) if not count]
    for box in order:  # grows while it is read
        for client in clients[box]:
            missing[client] -= 1
            if not missing[client]:
                order.append(client)
    if len(order) < len(missing):
        raise LayoutError("the edges form a cycle, and layers need a first and a last box")
    return order


def insert_stops(network: Network, arrows: Sequence[tuple[int, int]], outputs: list[int]) -> None:
    """Give each edge a vertex on every layer that it passes.

    Edges that carry the same value share their stops: the picture shows one trunk that branches
    off to each client, and the number of stops is bounded by values times layers.
    """
    trunks: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    network.up = [[] for _ in network.sizes]
    network.down = [[] for _ in network.sizes]
    for (source, client), output in zip(arrows, outputs, strict=True):
        trunk = trunks[source, output]
        length = network.layer[client] - network.layer[source] - 1
        while len(trunk) < length:
            stop = len(network.layer)
            network.layer.append(network.layer[source] + len(trunk) + 1)
            network.sizes.append((0.0, 0.0))
            network.up.append([])
            network.down.append([])
            _connect(network, trunk[-1] if trunk else source, stop)
            trunk.append(stop)
        stops = trunk[:length]
        _connect(network, stops[-1] if stops else source, client)
        network.paths.append([source, *stops, client])


def _connect(network: Network, upper: int, lower: int) -> None:
    network.down[upper].append(lower)
    network.up[lower].append(upper)
