"""Third step of a layered drawing: how far to the right each vertex stands.

A network with ordered layers comes in, x coordinates go out: the rest position of a system of
springs, one along each edge, found layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import fsum

from kernelgraph.viz.pictures.drawing import Point
from kernelgraph.viz.pictures.engines.network import SIDE_GAP, Network

SPRING_SWEEPS = 60
TRUNK_STIFFNESS = 30.0  # of springs between stops; those at boxes have 1
PLUMB = 40.0  # an edge less than this off the upright is put upright, where there is room


def relax_springs(network: Network) -> list[float]:
    """The x coordinate of each vertex: the rest position of springs along the edges.

    Each layer in turn gets its best places while the other layers stand still. The energy (the
    weighted squares of the edges' sideways lengths) falls with every step; and as the gaps to be
    kept lie within one layer, the only place to stop is the best drawing of all for this order.
    """
    x = _first_places(network)
    for sweep in range(SPRING_SWEEPS):
        moved = 0.0
        for layer in network.layers if sweep % 2 == 0 else network.layers[::-1]:
            moved = max(moved, _settle(network, layer, x, [_pull(network, v, x) for v in layer]))
        if moved < 0.1:
            break
    for layer in network.layers:
        _settle(network, layer, x, [_plumb(network, vertex, x) for vertex in layer])
    return x


def _first_places(network: Network) -> list[float]:
    x = [0.0] * len(network.layer)
    for layer in network.layers:
        for left, vertex in pairwise(layer):
            x[vertex] = x[left] + _gap(network, left, vertex)
    return x


def _settle(network: Network, layer: list[int], x: list[float], pulls: list[Point]) -> float:
    """Move a layer to where it is pulled; tells how far its vertices moved at most."""
    gaps = [0.0, *(_gap(network, *pair) for pair in pairwise(layer))]
    places = closest_places(pulls, gaps)
    moved = max(abs(place - x[vertex]) for vertex, place in zip(layer, places, strict=True))
    for vertex, place in zip(layer, places, strict=True):
        x[vertex] = place
    return moved


def _gap(network: Network, left: int, right: int) -> float:
    """The least distance between the centres of two neighbours on a layer."""
    return (network.sizes[left][0] + network.sizes[right][0]) / 2 + SIDE_GAP


def _pull(network: Network, vertex: int, x: list[float]) -> Point:
    """Where the springs at a vertex want it, and how strongly. Stiff ones keep trunks straight."""
    springs = [
        (x[other], TRUNK_STIFFNESS if min(vertex, other) >= network.boxes else 1.0)
        for other in (*network.up[vertex], *network.down[vertex])
    ]
    if not springs:
        return x[vertex], 0.001
    strength = fsum(stiffness for _, stiffness in springs)
    return fsum(place * stiffness for place, stiffness in springs) / strength, strength


def _plumb(network: Network, vertex: int, x: list[float]) -> Point:
    """Where an edge that is nearly upright would be exactly upright; else where the vertex is."""
    match network.up[vertex]:
        case [other] if abs(x[other] - x[vertex]) < PLUMB and (
            vertex >= network.boxes or len(network.down[other]) == 1
        ):
            return x[other], 1000.0
        case _:
            return x[vertex], 1.0


def closest_places(pulls: Sequence[Point], gaps: Sequence[float]) -> list[float]:
    """Places as close as can be to the wanted ones, in the given order and with the given gaps.

    `pulls` holds (wanted place, strength), `gaps[k]` the least distance from place k-1 to place k.
    Least squares under an order is isotonic regression: neighbours that want to pass each other
    are pooled and stand together at their weighted mean.

    >>> closest_places([(0.0, 1.0), (0.0, 1.0), (9.0, 1.0)], [0.0, 2.0, 2.0])
    [-1.0, 1.0, 9.0]
    """
    pools: list[tuple[float, float, int]] = []  # place without the gaps, strength, members
    shifts = list(accumulate(gaps))
    for (wanted, strength), shift in zip(pulls, shifts, strict=True):
        pool = (wanted - shift, strength, 1)
        while pools and pools[-1][0] > pool[0]:
            place, force, members = pools.pop()
            both = force + pool[1]
            pool = ((place * force + pool[0] * pool[1]) / both, both, members + pool[2])
        pools.append(pool)
    places = [place for place, _, members in pools for _ in range(members)]
    return [place + shift for place, shift in zip(places, shifts, strict=True)]
