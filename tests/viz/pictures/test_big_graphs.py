import json
import re
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest

from kernelgraph.autodiff import grad
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, tanh
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType
from kernelgraph.viz.display import mimebundle, show
from kernelgraph.viz.html.scripts import without_scripts
from kernelgraph.viz.pictures.big_graphs import finder, finder_data
from kernelgraph.viz.pictures.clusters import Folding
from tests.support import within
from tests.test_growth import LARGER, TOLERANCE, steps_of
from tests.viz.pictures.test_clusters import tangle
from tests.viz.test_display import Outline

MakeTensor = Callable[..., Variable]


def chain(tensor: MakeTensor, length: int = 10_000) -> Graph:
    """Deeper than Python's stack many times over."""
    x = tensor("x")
    y = x
    for _ in range(length):
        y = exp(y)
    return Graph((x,), (y,))


def tree(tensor: MakeTensor) -> Graph:
    leaves = [tensor(f"x{k}", None) for k in range(4096)]
    level = leaves
    while len(level) > 1:
        level = [tanh(a + b) for a, b in zip(level[::2], level[1::2], strict=True)]
    return Graph(tuple(leaves), tuple(level))


def network(tensor: MakeTensor) -> Graph:
    """A network of 300 layers, its cost and all its gradients."""
    h = tensor("x", None, None)
    inputs = [h]
    for k in range(300):
        weights, bias = tensor(f"w{k}", None, None), tensor(f"b{k}", None)
        inputs += [weights, bias]
        h = tanh(dot(h, weights) + bias)
    cost = sum_(h**2)
    return Graph(tuple(inputs), (cost, *grad(cost, inputs[1:])))


def unrolled(tensor: MakeTensor) -> Graph:
    """A loop of 1400 turns, written out; each turn uses what the loop does not change."""
    x, w = tensor("x", None), tensor("w", None, None)
    state, total = x, sum_(x)
    for _ in range(1400):
        state = tanh(0.5 * dot(w, state) + x)
        total = total + sum_(state)
    return Graph((x, w), (total,))


SHAPES = {
    "tangle": lambda tensor: tangle(tensor("x"), 5000),
    "chain": chain,
    "tree": tree,
    "network": network,
    "unrolled": unrolled,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_thousand_nodes_are_shown_in_two_seconds(shape: str, tensor: MakeTensor) -> None:
    graph = SHAPES[shape](tensor)
    begun = time.process_time()  # not the time that others have the processor
    view = show(graph)._repr_mimebundle_()["text/html"]
    seconds = time.process_time() - begun
    still = without_scripts(view)
    sizes = f"{len(view) / 1000:.0f} kB, {len(still) / 1000:.0f} kB of it static"
    print(f"{shape}, {len(graph.apply_nodes())} nodes: {seconds:.2f} s, {sizes}")
    assert within(seconds, 2)
    assert len(still) < 300_000
    assert len(view) < 350_000
    parsed = Outline(view)
    assert parsed.open == []
    (picture,) = parsed.images
    assert "folded into" in str(picture["alt"])
    assert 'data-role="finder"' in view
    assert "[id A]" in parsed.text


@pytest.mark.parametrize("shape", ["tangle", "chain"])
def test_steps_grow_with_the_graph(shape: str, tensor: MakeTensor) -> None:
    def shown(nodes: int) -> int:
        graph = tangle(tensor("x"), nodes) if shape == "tangle" else chain(tensor, 2 * nodes)
        return steps_of(lambda: show(graph)._repr_mimebundle_())

    shown(300)  # what is computed once, is
    assert shown(1800) <= LARGER * TOLERANCE * shown(600)


def test_a_graph_that_can_be_drawn_is_not_searched(tensor: MakeTensor) -> None:
    view = mimebundle(Graph((x := tensor("x"),), (exp(x),)))["text/html"]
    assert "finder" not in view
    assert "script" not in view


def test_the_data_says_who_uses_whom(tensor: MakeTensor) -> None:
    x, y = tensor("x"), tensor("y")
    one = exp(x)
    one.name = "one"
    two = one * y
    found = finder_data(Folding(Graph((x, y), (two + one,))))
    assert [found["ops"][k] for k in found["op"]] == ["exp", "mul", "add"]
    assert found["operands"] == [[-1], [1, -2], [1, 2]]
    assert found["inputs"] == ["x", "y"]
    assert found["outputs"] == [2]
    assert found["names"] == {"0": "one"}
    number, text = found["lines"][found["line"][1]]
    assert text == "two = one * y"
    assert number > 0


def test_a_number_is_no_operand_and_an_array_is_a_leaf(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    table = Constant(TensorType("float64", (2,)), np.arange(2.0))
    found = finder_data(Folding(Graph((x,), (2 * x - table,))))
    ops = [found["ops"][k] for k in found["op"]]
    assert found["inputs"] == ["x", "[0., 1.]"]
    assert found["ends"] == 1
    assert found["operands"][ops.index("sub")] == [1, -2]
    assert found["look"][ops.index("dimshuffle{x}")] == -2


def test_every_look_is_painted_once(tensor: MakeTensor) -> None:
    folding = Folding(chain(tensor))
    found = finder_data(folding)
    ((kind, width, height, text, ordered),) = found["looks"]
    assert (kind, ordered) == ("elementwise", 0)
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert width > height > 10
    assert set(found["look"]) == {0}


def test_looks_are_bounded(tensor: MakeTensor) -> None:
    y = x = tensor("x")
    for k in range(2000):
        y = y * (k + 0.5)
    found = finder_data(Folding(Graph((x,), (y,))))
    assert sum(len(look[3]) for look in found["looks"]) < 70_000
    assert found["look"].count(-1) > 500


def test_too_many_nodes_are_said_to_be_too_many(tensor: MakeTensor) -> None:
    y = tensor("x")
    for _ in range(30_001):
        y = exp(y)
    said = finder(Graph((), (y,)))
    assert "30001 nodes are too many to search in a page" in said
    assert "script" not in said


def test_a_cluster_can_be_drawn_and_folded_again(tensor: MakeTensor) -> None:
    shown = show(tangle(tensor("x"), 2000))
    inner = shown.inside(3)
    while len(inner.graph.apply_nodes()) > inner.limit:
        inner = inner.inside(1)
    assert inner.svg.startswith("<svg")


def test_the_same_graph_is_the_same_bytes(tensor: MakeTensor) -> None:
    views = [mimebundle(tangle(tensor("x"), 300))["text/html"] for _ in range(2)]
    assert views[0] == views[1]


def test_a_hostile_name_is_data_and_no_markup(hostile: str, tensor: MakeTensor) -> None:
    views: list[str] = []
    for name in (hostile, "x"):
        x = tensor(name)
        y = x
        for k in range(200):
            y = exp(y)
            y.name = name if k == 50 else None
        views.append(mimebundle(Graph((x,), (y,), name=name))["text/html"])
    tags = [[e for e in Outline(view).elements if e[0] != "span"] for view in views]
    assert tags[0] == tags[1]
    (block,) = re.findall(r'<script type="application/json">(.*?)</script>', views[0])
    assert len(json.loads(block)["names"]) == 1
