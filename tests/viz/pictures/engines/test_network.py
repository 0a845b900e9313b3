from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.viz.pictures.drawing import LayoutError
from kernelgraph.viz.pictures.engines.network import (
    LAYER_WIDTH,
    SIDE_GAP,
    Network,
    assign_layers,
    insert_stops,
)

Arrows = list[tuple[int, int]]


@st.composite
def acyclic(draw: st.DrawFn) -> tuple[int, Arrows]:
    """A number of boxes and arrows between them that all point to a later box."""
    count = draw(st.integers(1, 25))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    arrows = draw(st.lists(pairs, max_size=50))
    return count, [(min(pair), max(pair)) for pair in arrows if pair[0] != pair[1]]


@given(acyclic())
def test_every_arrow_points_down(graph: tuple[int, Arrows]) -> None:
    count, arrows = graph
    layer = assign_layers([(50.0, 20.0)] * count, arrows)
    assert all(layer[source] < layer[client] for source, client in arrows)
    assert min(layer) == 0


@given(acyclic())
def test_no_layer_is_wider_than_allowed(graph: tuple[int, Arrows]) -> None:
    count, arrows = graph
    layer = assign_layers([(300.0, 20.0)] * count, arrows)
    assert max(layer.count(level) for level in layer) <= LAYER_WIDTH / (300 + SIDE_GAP)


def test_a_box_that_is_too_wide_has_a_layer_of_its_own() -> None:
    assert len(set(assign_layers([(2 * LAYER_WIDTH, 20.0)] * 3, []))) == 3


def test_an_input_stands_just_above_its_first_client() -> None:
    chain = [(0, 1), (1, 2), (2, 3), (4, 3)]
    assert assign_layers([(50.0, 20.0)] * 5, chain) == [0, 1, 2, 3, 2]


def test_a_cycle_is_refused() -> None:
    with pytest.raises(LayoutError, match="cycle"):
        assign_layers([(50.0, 20.0)] * 2, [(0, 1), (1, 0)])


@given(acyclic())
def test_stops_make_every_step_one_layer(graph: tuple[int, Arrows]) -> None:
    count, arrows = graph
    network = Network([(50.0, 20.0)] * count, boxes=count)
    network.layer = assign_layers(network.sizes, arrows)
    insert_stops(network, arrows, [0] * len(arrows))
    for (source, client), path in zip(arrows, network.paths, strict=True):
        assert (path[0], path[-1]) == (source, client)
        steps = [network.layer[b] - network.layer[a] for a, b in pairwise(path)]
        assert steps == [1] * len(steps)
    stops = len(network.layer) - count
    assert stops <= count * max(network.layer)


def test_edges_with_the_same_value_share_their_stops() -> None:
    arrows = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]
    network = Network([(50.0, 20.0)] * 4, boxes=4)
    network.layer = assign_layers(network.sizes, arrows)
    insert_stops(network, arrows, [0] * 5)
    assert len(network.layer) - 4 == 2
    assert network.paths[3][:2] == network.paths[4][:2]
    apart = Network([(50.0, 20.0)] * 4, boxes=4)
    apart.layer = assign_layers(apart.sizes, arrows)
    insert_stops(apart, arrows, [0, 0, 0, 0, 1])
    assert len(apart.layer) - 4 == 3
