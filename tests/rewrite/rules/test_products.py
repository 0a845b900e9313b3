"""Factors that change nothing, and constants put together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import names_of

X: Any = T.dvector("x")
Y: Any = T.dvector("y")
I: Any = T.ivector("i")  # noqa: E741 - an integer

CASES = {
    "times 1": (X * 1, "x"),
    "divided by 1": (X / 1, "x"),
    "constants": (2 * (X * 3.0), "6 * x"),
    "constants on both sides": (-0.5 * (2.0 * X), "-x"),
    "a reciprocal": (X * (1 / Y), "x / y"),
    "a sum is no product": (2 * (X + 3.0), "2 * (x + 3)"),
    "float times 0": (X * 0, "x * 0"),
    "constants that overflow": (1e300 * (1e300 * X), "1e+300 * 1e+300 * x"),
}


@pytest.mark.parametrize("label", CASES)
def test_what_is_left_of_a_product(label: str) -> None:
    written, expected = CASES[label]
    (found,) = rewrite(Graph((X, Y), (written,)), DEFAULT).graph.outputs
    assert formula(found) == expected


def test_an_integer_times_zero_is_zero() -> None:
    graph = rewrite(Graph((I,), (I * 0,)), DEFAULT).graph
    assert "mul" not in names_of(graph)
    (found,) = kg.interpret(graph, [np.array([3, -2], "int32")])
    assert found.dtype == "int32"
    np.testing.assert_array_equal(found, [0, 0])


def test_a_whole_quotient_by_one() -> None:
    assert names_of(rewrite(Graph((I,), (I // 1,)), DEFAULT).graph) == []
    assert names_of(rewrite(Graph((X,), (X // 1,)), DEFAULT).graph) != []
