"""Derivatives of probabilities in any spelling, and exponentials that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.walks import walk
from tests.rewrite.rules.test_logarithms_of_sums import errors, slope

FAR = np.array([999.0, 300.0, 18.0, 0.5, 0.0, -1e-9, -20.0, -300.0])

PROBABILITIES: dict[str, Callable[[Any], Any]] = {
    "quotient": lambda x: T.exp(x) / (1 + T.exp(x)),
    "sum turned round": lambda x: T.exp(x) / (T.exp(x) + 1),
    "factor": lambda x: T.exp(x) * (1 / (1 + T.exp(x))),
    "reciprocal": lambda x: 1 / (1 + T.exp(-x)),
    "what is left": lambda x: 1 - 1 / (1 + T.exp(x)),
    "by name": T.sigmoid,
}


@pytest.mark.parametrize("name", PROBABILITIES)
def test_slopes_of_logarithms(name: str) -> None:
    p = PROBABILITIES[name]
    for cost in (lambda x: T.log(1 - p(x)), lambda x: T.log(p(x)), lambda x: T.log1p(-p(x))):
        assert max(errors(slope(cost), FAR)) < 4


def test_the_slope_far_out_is_minus_one() -> None:
    x = T.dvector("x")
    p = T.exp(x) / (1 + T.exp(x))
    found = kg.function([x], T.grad(T.log(1 - p).sum(), x))([999.0, 300.0, 0.0])
    assert found.tolist() == [-1.0, -1.0, -0.5]


def test_nan_and_cuts_stay() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    whole = Graph((x, y), (y / T.sigmoid(-x) - y * T.exp(x),))
    (found,) = kg.interpret(
        rewrite(whole, DEFAULT).graph, [np.array([np.nan, 1.0]), np.array([2.0, 3.0])]
    )
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(3.0)
    cut = Graph((x, y), (T.switch(x > 0, y, 0.0) - y * T.sigmoid(x),))
    values = [np.array([-1.0, 1.0]), np.array([2.0, 3.0])]
    for result in (kg.interpret(cut, values), kg.interpret(rewrite(cut, DEFAULT).graph, values)):
        assert result[0] == pytest.approx([-2 / (1 + np.e), 3 / (1 + np.e)])


def test_shares_of_small_sums() -> None:
    x = np.array([-750, -720, -745, -100], "int32")
    y = np.array([-300, -4, -745, -2000], "int32")
    assert max(errors(lambda x, y: T.exp(x) / (T.exp(x) + T.exp(y)), x, y)) < 4


def test_shares_of_what_divides() -> None:
    x, y = np.array([999.0, -1000.0, 1.0]), np.array([998.0, -999.0, 0.5])
    assert max(errors(lambda x, y: 1 / (1 / T.exp(-x) + T.exp(y)) / T.exp(-x), x, y)) < 4


def test_a_weight_that_is_no_float() -> None:
    x, y = np.array([-1000.0]), np.array([0.0])
    assert max(errors(lambda x, y: T.log(T.exp(x) + 1e-8 * T.exp(y) + 1.0 + 1e-8), x, y)) < 4


def test_one_exponential_and_a_division_where_one_is_needed_anyway() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    for outputs, count in [((y * T.exp(x), y * (1 / T.exp(x))), 1), ((y * (1 / T.exp(x)),), 1)]:
        nodes = walk(rewrite(Graph((x, y), outputs), DEFAULT).graph.outputs)
        assert sum(node.op == T.exp(x).owner.op for node in nodes) == count
