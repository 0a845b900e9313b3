from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from kernelgraph.viz.pictures.engines.network import Network, assign_layers, insert_stops
from kernelgraph.viz.pictures.engines.ordering import count_crossings, fewest_crossings, first_order


def network_of(count: int, arrows: list[tuple[int, int]]) -> Network:
    network = Network([(50.0, 20.0)] * count, boxes=count)
    network.layer = assign_layers(network.sizes, arrows)
    insert_stops(network, arrows, [0] * len(arrows))
    network.layers = first_order(network)
    return network


def crossings_by_definition(down: list[list[int]], layers: list[list[int]]) -> int:
    total = 0
    for upper, lower in pairwise(layers):
        edges = [(upper.index(v), lower.index(w)) for v in upper for w in down[v]]
        total += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(edges, 2))
    return total


EDGES = st.lists(st.tuples(st.integers(0, 5), st.integers(6, 11)), max_size=20)


@given(EDGES, st.permutations(range(6)), st.permutations(range(6, 12)))
def test_crossings_are_counted_right(
    edges: list[tuple[int, int]], upper: list[int], lower: list[int]
) -> None:
    down: list[list[int]] = [[] for _ in range(12)]
    for source, client in edges:
        down[source].append(client)
    layers = [upper, lower]
    assert count_crossings(down, layers) == crossings_by_definition(down, layers)


def test_a_tree_has_no_crossing_to_begin_with() -> None:
    arrows = [(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)]
    network = network_of(7, arrows)
    assert count_crossings(network.down, network.layers) == 0
    assert network.layers == [[0, 1, 2, 3], [4, 5], [6]]


def test_operands_stand_in_the_order_of_the_formula() -> None:
    assert network_of(3, [(1, 2), (0, 2)]).layers == [[1, 0], [2]]


@given(EDGES)
def test_sweeping_never_makes_it_worse_and_loses_nothing(edges: list[tuple[int, int]]) -> None:
    network = network_of(12, edges)
    swept = fewest_crossings(network)
    assert count_crossings(network.down, swept) <= count_crossings(network.down, network.layers)
    assert list(map(sorted, swept)) == list(map(sorted, network.layers))


def test_a_tangle_that_can_be_undone_is_undone() -> None:
    arrows = [(0, 5), (1, 4), (2, 3), (3, 6), (4, 7), (5, 8)]
    network = network_of(9, arrows)
    network.layers = [[0, 1, 2], [3, 4, 5], [8, 6, 7]]
    swept = fewest_crossings(network)
    assert count_crossings(network.down, swept) == 0
