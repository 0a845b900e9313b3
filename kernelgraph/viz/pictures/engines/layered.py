"""Layered drawing after Sugiyama: a picture comes in, its layout goes out, by pure Python.

The boxes are put on layers so that every edge points down; a long edge gets a stop on each layer
that it passes; the order on the layers is changed until few edges cross; then the picture is a
system of springs that comes to rest. No step depends on chance, on a hash or on the machine, so
one picture always gets the same layout, to the last bit.

Kozo Sugiyama, Shojiro Tagawa, Mitsuhiko Toda: Methods for visual understanding of hierarchical
system structures, IEEE Transactions on Systems, Man, and Cybernetics 11 (1981), 109-125.
"""

from __future__ import annotations

from collections import defaultdict

from kernelgraph.viz.pictures.drawing import Layout, Picture, PlacedBox, Point, Route, box_size
from kernelgraph.viz.pictures.engines.network import Network, assign_layers, insert_stops
from kernelgraph.viz.pictures.engines.ordering import fewest_crossings, first_order
from kernelgraph.viz.pictures.engines.springs import relax_springs

MARGIN = 14.0
LAYER_GAP = 32.0  # between layers; wider where edges run far to the side
LANDING = 9.0  # the last piece of an edge points straight down, for the arrow head
PORT_GAP = 16.0  # between edges that arrive at one box

Band = tuple[float, float]
"""Top and bottom of a layer."""


def layered(picture: Picture) -> Layout:
    """Lay `picture` out; raises LayoutError if its edges form a cycle."""
    number = {box.key: index for index, box in enumerate(picture.boxes)}
    arrows = [(number[edge.source], number[edge.target]) for edge in picture.edges]
    network = Network([box_size(box) for box in picture.boxes], boxes=len(picture.boxes))
    network.layer = assign_layers(network.sizes, arrows)
    insert_stops(network, arrows, [edge.output for edge in picture.edges])
    network.layers = first_order(network)
    network.layers = fewest_crossings(network)
    return _finish(picture, network, relax_springs(network))


def stack_layers(network: Network, x: list[float]) -> list[Band]:
    """Top and bottom of each layer; layers stand further apart where edges run far sideways."""
    bands: list[Band] = []
    top = MARGIN
    for layer in network.layers:
        bottom = top + max(network.sizes[vertex][1] for vertex in layer)
        bands.append((top, bottom))
        reach = max((abs(x[v] - x[w]) for v in layer for w in network.down[v]), default=0.0)
        top = bottom + LAYER_GAP + min(reach / 14, 1.5 * LAYER_GAP)
    return bands


def _finish(picture: Picture, network: Network, x: list[float]) -> Layout:
    bands = stack_layers(network, x)
    edge_of = [x[v] + side * network.sizes[v][0] / 2 for v in range(len(x)) for side in (-1, 1)]
    left = min(edge_of, default=0.0) - MARGIN
    x = [place - left for place in x]
    boxes = tuple(
        PlacedBox(box, x[vertex], _middle(bands[network.layer[vertex]]), *network.sizes[vertex])
        for vertex, box in enumerate(picture.boxes)
    )
    routes = tuple(
        Route(edge, course)
        for edge, course in zip(picture.edges, _courses(network, x, bands), strict=True)
    )
    width = max(edge_of, default=0.0) - left + MARGIN
    height = bands[-1][1] + MARGIN if bands else 2 * MARGIN
    return Layout(picture, width, height, boxes, routes, "layered")


def _middle(band: Band) -> float:
    return (band[0] + band[1]) / 2


def _courses(network: Network, x: list[float], bands: list[Band]) -> list[tuple[Point, ...]]:
    """The Bézier points of each edge: straight down past a layer, an S-curve between layers.

    An edge starts where it leaves the trunk that earlier edges with the same value have drawn.
    """
    ports = _ports(network, x)
    drawn: set[int] = set()
    courses: list[tuple[Point, ...]] = []
    for path, port in zip(network.paths, ports, strict=True):
        source, *stops, client = path
        branch = [stop for stop in stops if stop not in drawn]
        drawn.update(branch)
        start = stops[-len(branch) - 1] if len(branch) < len(stops) else source
        course: list[Point] = [(x[start], _foot(network, start, bands))]
        _line(course, (x[start], bands[network.layer[start]][1]))
        for stop in branch:
            top, bottom = bands[network.layer[stop]]
            _bend(course, (x[stop], top))
            _line(course, (x[stop], bottom))
        top, bottom = bands[network.layer[client]]
        _bend(course, (port, top - LANDING))
        _line(course, (port, (top + bottom - network.sizes[client][1]) / 2))
        courses.append(tuple(course))
    return courses


def _foot(network: Network, vertex: int, bands: list[Band]) -> float:
    """Where edges leave: the bottom of a box, or the bottom of the layer that a stop stands on."""
    top, bottom = bands[network.layer[vertex]]
    return bottom if vertex >= network.boxes else (top + bottom + network.sizes[vertex][1]) / 2


def _ports(network: Network, x: list[float]) -> list[float]:
    """Where each edge arrives on top of its client: side by side, in the order they come from."""
    arrivals: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for index, path in enumerate(network.paths):
        arrivals[path[-1]].append((x[path[-2]], index))
    ports = [0.0] * len(network.paths)
    for client, edges in arrivals.items():
        gap = min(PORT_GAP, 0.6 * network.sizes[client][0] / len(edges))
        for place, (_, index) in enumerate(sorted(edges)):
            ports[index] = x[client] + gap * (place - (len(edges) - 1) / 2)
    return ports


def _line(course: list[Point], end: Point) -> None:
    (x, y), (to_x, to_y) = course[-1], end
    if (x, y) != end:
        course += [
            ((2 * x + to_x) / 3, (2 * y + to_y) / 3),
            ((x + 2 * to_x) / 3, (y + 2 * to_y) / 3),
            end,
        ]


def _bend(course: list[Point], end: Point) -> None:
    (x, y), (to_x, to_y) = course[-1], end
    middle = (y + to_y) / 2
    course += [(x, middle), (to_x, middle), end]
