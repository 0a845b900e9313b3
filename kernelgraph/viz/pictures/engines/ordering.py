"""Second step of a layered drawing: the order on each layer, so that few edges cross.

Finding the fewest crossings is NP-hard even for two layers; sweeping over the layers with
barycentres comes close, and keeps related boxes together.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise

from kernelgraph.viz.pictures.engines.network import Network

ORDER_SWEEPS = 16


def first_order(network: Network) -> list[list[int]]:
    """The order in which a reader of the formula meets the vertices: operands from left to right.

    For an expression without shared parts this order has no crossings already.
    """
    layers: list[list[int]] = [[] for _ in range(max(network.layer, default=-1) + 1)]
    seen: set[int] = set()
    results = [vertex for vertex, clients in enumerate(network.down) if not clients]
    pending = results[::-1]
    while pending:
        vertex = pending.pop()
        if vertex in seen:
            continue
        seen.add(vertex)
        layers[network.layer[vertex]].append(vertex)
        pending.extend(reversed(network.up[vertex]))
    return layers


def fewest_crossings(network: Network) -> list[list[int]]:
    """The best order that sweeping down and up finds.

    In a sweep the vertices of a layer follow the mean place (the barycentre) of their neighbours on
    the layer just passed; equal ones stay as they stand.
    """
    layers = network.layers
    best, fewest = layers, count_crossings(network.down, layers)
    for sweep in range(ORDER_SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        layers = _swept(layers if downwards else layers[::-1], network, downwards)
        crossings = count_crossings(network.down, layers)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _swept(layers: list[list[int]], network: Network, downwards: bool) -> list[list[int]]:
    passed = network.up if downwards else network.down
    place: dict[int, int] = {}
    swept: list[list[int]] = []
    for layer in layers:
        barycentre = {
            vertex: sum(place[other] for other in passed[vertex]) / len(passed[vertex])
            if passed[vertex]
            else float(index)
            for index, vertex in enumerate(layer)
        }
        swept.append(sorted(layer, key=barycentre.__getitem__))
        place |= {vertex: index for index, vertex in enumerate(swept[-1])}
    return swept if downwards else swept[::-1]


def count_crossings(down: list[list[int]], layers: list[list[int]]) -> int:
    """How many pairs of edges cross.

    Read the edges between two layers from left to right: each crosses those before it that end
    further right.
    """
    crossings = 0
    for upper, lower in pairwise(layers):
        place = {vertex: index for index, vertex in enumerate(lower)}
        ends: list[int] = []
        for vertex in upper:
            arrivals = sorted(place[client] for client in down[vertex])
            crossings += sum(len(ends) - bisect_right(ends, end) for end in arrivals)
            for end in arrivals:
                insort(ends, end)
    return crossings
