"""Theano's FunctionGraph: what it tells of a graph, how it is edited, what features are told."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import GraphError, ReplacementError
from kernelgraph.theano.fgraph import FunctionGraph


def _graph() -> FunctionGraph:
    x, y = T.dvectors("x", "y")
    return FunctionGraph([x, y], [T.exp(x) + y, T.exp(x)])


def test_a_graph_tells_what_is_in_it() -> None:
    graph = _graph()
    assert [str(n.op) for n in graph.toposort()] == ["exp", "exp", "add"] or [
        str(n.op) for n in graph.toposort()
    ] == ["exp", "add", "exp"]
    x, y = graph.inputs
    added = graph.outputs[0].owner
    assert added is not None
    assert graph.clients(y) == [(added, 1)]
    assert graph.clients(graph.outputs[0]) == [("output", 0)]
    assert added in graph
    assert x in graph
    assert T.dvector() not in graph
    assert len(graph.apply_nodes) == 3
    assert len(graph.variables) == 5
    assert len(graph.clone().toposort()) == 3
    assert graph.clone().inputs[0] is not x


class Told:
    """A feature that keeps what it is told, and refuses what it is asked to."""

    def __init__(self, refused: str = "") -> None:
        self.log: list[str] = []
        self.refused = refused

    def on_attach(self, graph: FunctionGraph) -> None:
        self.log.append("attach")

    def on_detach(self, graph: FunctionGraph) -> None:
        self.log.append("detach")

    def on_import(self, graph: FunctionGraph, node: Any, reason: Any) -> None:
        self.log.append(f"import {node.op} for {reason}")

    def on_prune(self, graph: FunctionGraph, node: Any, reason: Any) -> None:
        self.log.append(f"prune {node.op}")

    def on_change_input(
        self, graph: FunctionGraph, node: Any, i: int, old: Any, new: Any, reason: Any
    ) -> None:
        self.log.append(f"operand {i} of {node.op}")

    def validate(self, graph: FunctionGraph) -> None:
        if any(str(n.op) == self.refused for n in graph.apply_nodes):
            raise GraphError(f"{self.refused} is refused")


def test_features_are_told_of_every_change() -> None:
    x, y = T.dvectors("x", "y")
    told = Told()
    graph = FunctionGraph([x, y], [T.exp(x) + y], features=[told])
    assert told.log == ["attach", "import exp for init", "import add for init"]
    told.log.clear()
    a, _ = graph.inputs
    node = graph.toposort()[1]
    graph.replace(node.inputs[0], T.tanh(a), reason="a test")
    assert told.log == ["import tanh for a test", "operand 0 of add", "prune exp"]
    graph.remove_feature(told)
    assert told.log[-1] == "detach"
    with pytest.raises(GraphError, match="a feature has one of on_attach"):
        graph.attach_feature(3)


def test_what_a_feature_refuses_is_put_back() -> None:
    x, y = T.dvectors("x", "y")
    graph = FunctionGraph([x, y], [T.exp(x) + y], features=[Told("tanh")])
    a, b = graph.inputs
    before = [str(n.op) for n in graph.toposort()]
    inner = graph.toposort()[0].outputs[0]
    with pytest.raises(GraphError, match="tanh is refused"):
        graph.replace_all_validate([(inner, T.tanh(a)), (b, a * 2)])
    assert [str(n.op) for n in graph.toposort()] == before
    assert graph.toposort()[1].inputs == [inner, b]
    graph.replace_validate(inner, T.sqrt(a))
    assert [str(n.op) for n in graph.toposort()] == ["sqrt", "add"]


def test_mistakes() -> None:
    graph = _graph()
    with pytest.raises(ReplacementError, match="of another type"):
        graph.replace(graph.inputs[0], T.dscalar("s"))
    x, y = T.dvectors("x", "y")
    with pytest.raises(GraphError, match=r"y .* is no input of the graph"):
        FunctionGraph([x], [x + y])
    FunctionGraph([x], [x + T.constant([1.0])])
