import random
import time
from collections.abc import Callable

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.functions import exp, tanh
from kernelgraph.viz.pictures.clusters import MOST_CLUSTERS, Folding, folded_picture
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import drawn_nodes
from tests.support import within

MakeTensor = Callable[..., Variable]


def tangle(x: Variable, size: int, seed: int = 0) -> Graph:
    """A graph in which every node uses one of the last fifty and any other."""
    chance = random.Random(seed)
    made = [x]
    while len(made) <= size:
        one, other = chance.choice(made[-50:]), chance.choice(made)
        made.append(one + other if chance.random() < 0.5 else one * other)
    total = made[-1]
    for each in made[1:-1]:
        total = total + each
    return Graph((x,), (total,))


def test_clusters_are_all_nodes_in_their_order(tensor: MakeTensor) -> None:
    folding = Folding(tangle(tensor("x"), 700))
    assert folding.clusters[0].first == 0
    assert folding.clusters[-1].end == len(folding.nodes)
    for one, other in zip(folding.clusters, folding.clusters[1:], strict=False):
        assert one.end == other.first
    assert len(folding.clusters) <= MOST_CLUSTERS + 1


def test_a_cluster_ends_where_the_line_does(tensor: MakeTensor) -> None:
    y = tensor("x")
    for _ in range(100):
        y = exp(y)
    for _ in range(100):
        y = tanh(y)
    found = Folding(Graph((), (y,)), most=4).clusters
    assert all(len(cluster.lines) == 1 for cluster in found)
    assert [dict(cluster.ops) for cluster in found] == [{"exp": 100}, {"tanh": 100}]
    assert "y = exp(y)" in str(found[0].label)


def test_values_run_from_earlier_clusters_to_later_ones(tensor: MakeTensor) -> None:
    folding = Folding(tangle(tensor("x"), 400, seed=1))
    for source, target in folding.links:
        if source[0] == target[0] == "k":
            assert int(source[1:]) < int(target[1:])


def test_links_count_values(tensor: MakeTensor) -> None:
    x = tensor("x")
    early = [exp(x) for _ in range(3)]
    late = early[0] + early[1]
    late = late + early[2] + early[0]
    folding = Folding(Graph((x,), (late,)), most=2)
    drawn = folded_picture(folding)
    assert drawn.boxes[0].key == "i0"
    assert sum(folding.links.values()) >= 3
    assert folding.links["i0", "k0"] == 1


def test_many_inputs_are_one_box(tensor: MakeTensor) -> None:
    inputs = [tensor(f"x{k}") for k in range(40)]
    total = inputs[0]
    for each in inputs[1:]:
        total = total + each
    drawn = folded_picture(Folding(Graph(tuple(inputs), (total,))))
    assert drawn.boxes[0].lines == ("40 inputs", "x0, x1, x2 …")


def test_a_cluster_is_a_graph_of_its_own(tensor: MakeTensor) -> None:
    folding = Folding(tangle(tensor("x"), 300))
    part = folding.inside(3)
    cluster = folding.clusters[3]
    assert len(part.apply_nodes()) == cluster.size
    assert part.name == "cluster 3"
    with pytest.raises(IndexError):
        folding.inside(99)


def test_a_cluster_takes_no_numbers_from_elsewhere(tensor: MakeTensor) -> None:
    x = tensor("x")
    y = x
    for _ in range(40):
        y = exp(0.5 * y)
    folding = Folding(Graph((x,), (y,)), most=5)
    part = folding.inside(2)
    assert len(part.inputs) == 1
    assert len(part.apply_nodes()) >= folding.clusters[2].size


def test_numbers_belong_to_those_who_use_them(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    y = x
    for _ in range(300):
        y = tanh(0.5 * y)
    graph = Graph((x,), (y,))
    assert len(graph.apply_nodes()) == 900  # a third of them add a dimension to 0.5
    folding = Folding(graph)
    assert sum(cluster.size for cluster in folding.clusters) == len(folding.drawn) == 600
    for cluster in folding.clusters:
        assert set(cluster.ops) <= {"mul", "tanh"}
        assert len(folding.members(cluster)) == cluster.size
        assert drawn_nodes(folding.inside(cluster.number)) == cluster.size
    assert len(folding.links) == len(folding.clusters) + 1


def test_a_number_that_is_given_out_has_a_box(tensor: MakeTensor) -> None:
    product = (0.5 * tensor("x", None)).owner
    assert product is not None
    half = product.inputs[0]
    folding = Folding(Graph((), (half,)))
    assert folding.drawn == [0]


@pytest.mark.parametrize("seed", range(3))
def test_a_tangle_of_ten_thousand_is_folded_in_a_moment(seed: int, tensor: MakeTensor) -> None:
    graph = tangle(tensor("x"), 5000, seed)
    begun = time.perf_counter()
    layout(folded_picture(Folding(graph)))
    assert len(graph.apply_nodes()) == 9999
    assert within(time.perf_counter() - begun, 2)


def test_a_hostile_name_is_shown_whole_or_cut(hostile: str, tensor: MakeTensor) -> None:
    x = tensor(hostile)
    y = x
    for _ in range(10):
        y = exp(y)
    layout(folded_picture(Folding(Graph((x,), (y,), name=hostile))))
