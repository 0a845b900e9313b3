import json
import re
import time
from collections.abc import Callable

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.functions import exp
from kernelgraph.viz.display import mimebundle, show
from kernelgraph.viz.pictures.big_graphs import finder, finder_data
from kernelgraph.viz.pictures.clusters import Folding
from tests.viz.pictures.test_clusters import tangle
from tests.viz.test_display import Outline

MakeTensor = Callable[..., Variable]


@pytest.mark.parametrize("size", [5000, 9999])
def test_ten_thousand_nodes_are_shown_in_two_seconds(size: int, tensor: MakeTensor) -> None:
    x = tensor("x")
    graph = tangle(x, size // 2)
    if size == 9999:  # a chain, twice as deep as Python's stack many times over
        y = x
        for _ in range(10_000):
            y = exp(y)
        graph = Graph((x,), (y,))
    begun = time.perf_counter()
    view = show(graph)._repr_mimebundle_()["text/html"]
    seconds = time.perf_counter() - begun
    print(f"{len(graph.apply_nodes())} nodes: {seconds:.2f} s, {len(view) / 1000:.0f} kB")
    assert seconds < 2
    assert len(view) < 300_000
    parsed = Outline(view)
    assert parsed.open == []
    (picture,) = parsed.images
    assert "folded into" in str(picture["alt"])
    assert 'data-role="finder"' in view
    assert "[id A]" in parsed.text


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


def test_too_many_nodes_are_said_to_be_too_many(tensor: MakeTensor) -> None:
    y = tensor("x")
    for _ in range(12_001):
        y = exp(y)
    said = finder(Graph((), (y,)))
    assert "12001 nodes are too many to search in a page" in said
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
