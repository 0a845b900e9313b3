"""Logarithms of sums and differences of exponentials, and their slopes, far out and near 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.modes import STABILIZE
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.rules.far import ROWS
from tests.rewrite.support import Formula, errors, slope, value

X = np.array([1000.0, -1000.0, 1e-10, -1e-9, 3.0, 0.2, 50.0, 0.0])
Y = np.array([999.0, -1001.0, 1e-12, -3e-9, -2.0, 0.1, -50.0, -40.0])


e, log = T.exp, T.log

SUMS: dict[str, Formula] = {
    "difference": lambda x, y: log(e(x) - e(y)),
    "weights that add up to 1": lambda x, y: log(0.3 * e(x) + 0.7 * e(y)),
    "halves": lambda x, y: log(e(x) / 2 + e(y) / 2),
    "a constant": lambda x, y: log(2 + e(x)),
    "a small constant": lambda x, y: log(e(x) + 1e-8),
    "1 and two": lambda x, y: log(1 + e(x) + e(y)),
    "three": lambda x, y: log(e(x) + e(y) + e(x + y)),
    "four and a number": lambda x, y: log(e(x) + 2 * e(y) + e(x + y) / 3 + e(2 * y) + 0.5),
    "log1p": lambda x, y: T.log1p(e(x) + e(y)),
    "log1p of one": lambda x, y: T.log1p(2 * e(x)),
    "base 10": lambda x, y: log(2 + e(x)) / np.log(10.0),
    "a reciprocal": lambda x, y: -log(1 / (2 + e(x) + e(y))),
    "a negative weight": lambda x, y: log(2 * e(x) - e(y)),
    "products": lambda x, y: log(e(x) * e(y) + e(x) * 3),
    "a bracket": lambda x, y: log(0.25 * (e(x) + e(y)) + 0.5),
    "cosh": lambda x, y: log((e(x) + e(-x)) / 2),
    "sinh": lambda x, y: log((e(x) - e(-x)) / 2),
    "a root": lambda x, y: log(T.sqrt(e(x) + 2 * e(y))),
    "what cancels": lambda x, y: log(e(x) + 1 + e(y) - 1),
    "like terms": lambda x, y: log(e(x) / 2 + e(x) / 2),
}


@pytest.mark.parametrize("name", SUMS)
def test_its_logarithm_is_right_far_out_and_near_0(name: str) -> None:
    assert max(errors(SUMS[name], X, Y)) <= 2.5
    stabilized = errors(SUMS[name], X, Y, rules=STABILIZE.rules)
    assert max(stabilized) <= 2.5


@pytest.mark.parametrize("name", [n for n in SUMS if n not in ("cosh", "base 10", "a root")])
def test_so_is_its_slope(name: str) -> None:
    assert max(errors(slope(SUMS[name]), X, Y)) <= 4


def test_float32() -> None:
    x, y = (0.1 * X).astype("float32"), (0.1 * Y).astype("float32")
    for name in ("difference", "weights that add up to 1", "a small constant", "1 and two"):
        assert max(errors(SUMS[name], x, y)) <= 4
        if name != "a small constant":  # exp(-100) has few digits in float32
            assert max(errors(slope(SUMS[name]), x, y)) <= 4


def test_weights_that_are_variables() -> None:
    weights = np.array([1.0, 1.0, 1.0, 0.5, 0.3, 0.0, 0.0, 1.0])

    def mixture(x: Any, y: Any, z: Any) -> Any:
        return log(z * e(x) + (1 - z) * e(y))

    assert max(errors(mixture, X, Y, weights)) <= 2.5
    assert max(errors(slope(mixture), X, Y, weights)) <= 4
    assert max(errors(lambda x, y, z: log(z * e(x) + e(y) + 2), X, Y, weights)) <= 2.5
    assert max(errors(lambda x, z: log(e(x) + z), X, weights)) <= 2.5


def test_a_total_beside_others() -> None:
    y = np.array([799.0, -901.0, 3.0])
    assert max(errors(lambda x, y: log(e(x).sum(axis=1) + e(y)), ROWS, y)) <= 2.5
    assert max(errors(lambda x: log(e(x).sum(axis=1) - 1), ROWS[::2])) <= 2.5
    assert max(errors(lambda x, y: log(e(x).sum(axis=1, keepdims=True) + 2), ROWS, y)) <= 2.5
    # Between exponents near -900, digits are lost as they are in the exponents' own last ones.
    assert max(errors(slope(lambda x, y: log(e(x).sum(axis=1) + e(y))), ROWS, y)) <= 500


def test_the_sample_values() -> None:
    x, y = T.dvectors("x", "y")
    graph = rewrite(Graph((x, y), (log(e(x) - e(y)),)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([1000.0, 999.0]), np.array([999.0, 1000.0])])
    assert found[0] == pytest.approx(999.5413248546129, rel=1e-15)
    assert np.isnan(found[1])


def test_a_nan_and_infinities_show() -> None:
    x, y = T.dvectors("x", "y")
    graph = rewrite(Graph((x, y), (log(0.3 * e(x) + 0.7 * e(y)),)), DEFAULT).graph
    inf, nan = np.inf, np.nan
    values = [np.array([nan, 1.0, inf, -inf, -inf, inf]), np.array([1.0, nan, 1.0, 1.0, -inf, inf])]
    (found,) = kg.interpret(graph, values)
    expected = [nan, nan, inf, 1 + np.log(0.7), -inf, inf]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_what_is_cut_off_is_no_power() -> None:
    x = T.dvector("x")
    graph = rewrite(Graph((x,), (log(T.switch(x > 0, 0.25 * e(x), 0.0)),)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([-1.0, 2.0])])
    np.testing.assert_allclose(found, [-np.inf, 2 + np.log(0.25)])


# ------------------------------------------------------------------------------------ probabilities


def test_the_likelihood_of_labels() -> None:
    x = np.array([800.0, -800.0, 800.0, -800.0, 30.0, -30.0, 1e-5, 2.0])
    y = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.3, 0.0])

    def cost(x: Any, y: Any) -> Any:
        p = 1 / (1 + e(-x))
        return -log(y * p + (1 - y) * (1 - p))

    assert max(errors(cost, x, y)) <= 4
    assert max(errors(slope(cost), x, y)) <= 4


def test_probabilities() -> None:
    formulas: list[Formula] = [
        lambda x, y: log(T.sigmoid(x) * T.sigmoid(y)),
        lambda x, y: log(T.sigmoid(x) ** 2),
        lambda x, y: T.log1p(-T.sigmoid(x)),
        lambda x, y: log(T.sqrt(1 / (1 + e(-x)))),
        lambda x, y: 2 * T.sigmoid(x) - 1,
    ]
    for formula in formulas:
        assert max(errors(formula, 0.4 * X, 0.4 * Y)) <= 2.5


def test_rare_events() -> None:
    x = np.array([-400.0, -50.0, -1.0, -1e-8, 0.0, 0.5])
    assert max(errors(lambda x: log(1 - e(-e(x))), x)) <= 2.5
    assert max(errors(slope(lambda x: log(1 - e(-e(x)))), x)) <= 2.5


def test_a_sum_over_several_axes() -> None:
    x = [[800.0, 0.0], [800.0, -800.0]]
    for axes in (None, (0, 1), (1, 0)):
        found = value(lambda x, axes=axes: T.log(T.exp(x).sum(axis=axes)), x)
        np.testing.assert_allclose(found, 800 + np.log(2))


def test_a_weight_that_is_no_float() -> None:
    x, y = np.array([-1000.0]), np.array([0.0])
    assert max(errors(lambda x, y: T.log(T.exp(x) + 1e-8 * T.exp(y) + 1.0 + 1e-8), x, y)) < 4
