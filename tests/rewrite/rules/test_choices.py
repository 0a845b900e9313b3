"""Choices that are none go; others stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT

X: Any = T.dvector("x")
Y: Any = T.dvector("y")

NONE = {
    "the larger of one": (T.maximum(X, X), X),
    "the smaller of one": (T.minimum(X, X), X),
    "one on both sides": (T.switch(Y > 0, X, X), X),
    "what always holds": (T.switch(np.True_, X, Y), X),
    "what never holds": (T.switch(np.False_, X, Y), Y),
}


@pytest.mark.parametrize("label", NONE)
def test_a_choice_that_is_none(label: str) -> None:
    written, expected = NONE[label]
    graph = rewrite(kg.Graph((X, Y), (written,)), DEFAULT).graph
    numbers = [np.array([1.0, np.nan, -0.0]), np.array([-1.0, 2.0, np.inf])]
    (kept,) = kg.interpret(kg.Graph((X, Y), (expected,)), numbers)
    np.testing.assert_array_equal(kg.interpret(graph, numbers)[0], kept)
    assert len(graph.apply_nodes()) <= 1  # at most the sizes that must agree


@pytest.mark.parametrize("written", [T.maximum(X, Y), T.switch(X > 0, X, Y), T.minimum(X, -X)])
def test_a_choice_that_is_one(written: Any) -> None:
    graph = rewrite(kg.Graph((X, Y), (written,)), DEFAULT).graph
    assert written.owner.op in [node.op for node in graph.apply_nodes()]
