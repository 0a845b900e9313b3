"""Views: reordered once, repeated late, reshaped only where that changes something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Graph
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import names_of

X: Any = T.dmatrix("x")
Y: Any = T.dmatrix("y")
ROW: Any = T.TensorType("float64", (1, None))("row")

CASES: dict[str, tuple[Any, list[str]]] = {
    "there and back": (X.T.T, []),
    "its own order": (DimShuffle((0, 1))(X), []),
    "twice": (dimshuffle(dimshuffle(X, (1, "x", 0)), (2, 1, 0)), ["dimshuffle"]),
    "a minus sign behind": ((-X).T, ["dimshuffle", "neg"]),
    "flat and flat": (X.flatten().reshape((-1,)), ["reshape"]),
    "its own sizes": (X.reshape((X.shape[0], X.shape[1])), []),
    "other sizes": (X.reshape((X.shape[1], X.shape[0])), ["reshape"]),
    "repeated beside the whole": (broadcast_like(ROW, X) * X, ["mul"]),
}


@pytest.mark.parametrize("label", CASES)
def test_what_is_left_of_views(label: str) -> None:
    written, left = CASES[label]
    graph = Graph((X, ROW), (written,))
    rewritten = rewrite(graph, DEFAULT).graph
    sizes = {"size", "make_vector", "mul"} if "reshape" in left else {"size"}
    assert [name for name in names_of(rewritten) if name not in sizes or name in left] == left
    numbers = [np.arange(12.0).reshape(3, 4), np.ones((1, 4))]
    expected, found = (kg.interpret(g, numbers)[0] for g in (graph, rewritten))
    np.testing.assert_array_equal(found, expected)


def test_repeating_twice_is_repeating_once() -> None:
    one: Any = T.TensorType("float64", (1, 1))("one")
    rows = Broadcast([0])(one, X.shape[0])
    graph = Graph((one, X), (Broadcast([1])(rows, X.shape[1]),))
    rewritten = rewrite(graph, DEFAULT).graph
    assert names_of(rewritten).count("broadcast") == 1
    (found,) = kg.interpret(rewritten, [np.array([[2.0]]), np.ones((2, 3))])
    np.testing.assert_array_equal(found, np.full((2, 3), 2.0))


def test_a_dimension_of_size_one_comes_last() -> None:
    v = T.dvector("v")
    rewritten = rewrite(Graph((v,), (T.exp(v.dimshuffle("x", 0)),)), DEFAULT).graph
    assert names_of(rewritten) == ["exp", "dimshuffle"]


def test_a_size_is_taken_from_where_it_comes_from() -> None:
    rewritten = rewrite(Graph((X,), (T.exp(X.T).shape[0],)), DEFAULT).graph
    assert names_of(rewritten) == ["size"]
