"""Logarithms of products, choices and differences of exponentials."""

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
from tests.rewrite.support import Formula, errors, left, slope, value


def test_the_likelihood_of_a_normal_variable_does_not_underflow() -> None:
    def likelihood(x: Any, mean: Any, width: Any) -> Any:
        return T.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))

    found = value(lambda *given: -T.log(likelihood(*given)), [50.0], [-50.0], [0.5])
    np.testing.assert_allclose(found, 20000 + np.log(0.5) + 0.5 * np.log(2 * np.pi), rtol=1e-15)


def test_the_odds_of_a_sigmoid_are_what_went_into_it() -> None:
    assert left(lambda x: T.log(T.sigmoid(x) / (1 - T.sigmoid(x)))) == []
    assert left(lambda x: T.log(T.sigmoid(x)) - T.log(1 - T.sigmoid(x))) == []


def test_a_ratio_of_softmaxes() -> None:
    x, y = [[800.0, 0.0]], [[0.0, 800.0]]
    found = value(lambda x, y: T.log(T.softmax(x) / T.softmax(y)), x, y)
    np.testing.assert_allclose(found, [[800.0, -800.0]])


def test_the_logarithm_of_a_mean_of_exponentials() -> None:
    found = value(lambda x: T.log(T.exp(x).mean(axis=1)), [[-800.0, -800.0], [900.0, 900.0]])
    np.testing.assert_array_equal(found, [-800.0, 900.0])


@pytest.mark.parametrize("keepdims", [False, True])
def test_what_is_no_exponential_is_left_alone(keepdims: bool) -> None:
    formulas: list[Formula] = [
        lambda x: T.log(x * 3.5),
        lambda x: T.log(x.sum(axis=1, keepdims=keepdims) / 3),
        lambda x: T.log(-T.exp(x)),
        lambda x: T.log(T.switch(x > 0, x, T.exp(x))),
    ]
    for formula in formulas:
        names = left(formula, 2)
        assert names.count("log") == 1
        assert names[-1] in ("log", "dimshuffle")


def test_integers_among_the_factors() -> None:
    k, x = T.bvector("k"), T.dvector("x")
    graph = rewrite(Graph((k, x), (T.log(k * T.exp(x)),)), DEFAULT).graph
    assert graph.outputs[0].dtype == "float64"
    found = kg.interpret(graph, [np.array([3], "int8"), np.array([-800.0])])[0]
    np.testing.assert_array_equal(found, [np.log(3.0) - 800])


def test_a_choice_of_probabilities() -> None:
    def price(x: Any, y: Any) -> Any:
        p = 1 / (1 + T.exp(-x))
        return -T.log(T.switch(y > 0.5, p, 1 - p))

    np.testing.assert_array_equal(value(price, [800.0, -800.0], [0.0, 1.0]), [800.0, 800.0])


def test_the_contrary_of_a_probability() -> None:
    x = -np.array([1e-20, 1e-3, 0.6, 0.8, 50.0, 800.0, np.inf])
    with np.errstate(all="ignore"):
        expected = np.where(x > -np.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))
    for formula in (lambda x: T.log(1 - T.exp(x)), lambda x: T.log1p(-T.exp(x))):
        np.testing.assert_array_equal(value(formula, x), expected)
        assert np.isnan(value(formula, [np.nan, 1.0])).all()


def test_the_inverse_of_softplus() -> None:
    x = np.array([1e-20, 1.0, 40.0, 800.0, np.inf])
    found = value(lambda x: T.log(T.exp(x) - 1), x)
    np.testing.assert_allclose(found, [np.log(1e-20), np.log(np.expm1(1)), 40, 800, np.inf])
    slopes = value(lambda x: T.grad(T.log(T.exp(x) - 1).sum(), x), x[:4])
    np.testing.assert_allclose(slopes, [1e20, 1 / -np.expm1(-1), 1, 1])


@pytest.mark.parametrize(
    ("formula", "x", "expected"),
    [
        (lambda x: T.log(T.softplus(x)), [-1000.0, 1000.0], [-1000.0, np.log(1000.0)]),
        (lambda x: T.log(T.log(1 + T.exp(x))), [-1000.0], [-1000.0]),
        (slope(lambda x: T.log(T.softplus(x))), [-1000.0, 1000.0], [1.0, 0.001]),
        (lambda x: T.log(0.5 + 0.5 * T.tanh(x)), [-1000.0, 1000.0], [-2000.0, 0.0]),
        (lambda x: T.log(0.5 * (1 + T.tanh(x / 2))), [-1000.0], [-1000.0]),
        (lambda x: T.log(0.5 - 0.5 * T.tanh(x)), [1000.0], [-2000.0]),
        (slope(lambda x: T.log(0.5 + 0.5 * T.tanh(x))), [-1000.0, 1000.0], [2.0, 0.0]),
        (slope(lambda x: T.exp(x) / (1 + T.exp(x)) ** 2), [1000.0, -1000.0], [0.0, 0.0]),
        (lambda x: 4 / (T.exp(x) + T.exp(-x)) ** 2, [300.0], [np.cosh(300.0) ** -1 / np.cosh(300)]),
        (slope(lambda x: 4 / (T.exp(x) + T.exp(-x)) ** 2), [1000.0, -1000.0], [0.0, 0.0]),
        (slope(lambda x: 1 - T.exp(-T.exp(x))), [1000.0, -1000.0], [0.0, 0.0]),
    ],
)
def test_curves(formula: Callable[[Any], Any], x: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(value(formula, x), expected, rtol=1e-14)


def test_logarithms_to_other_bases() -> None:
    x = np.array([1000.0, -1000.0, 1.0])
    for logarithm in (T.log2, T.log10):
        assert max(errors(lambda x, log=logarithm: log(1 + T.exp(x)), x)) < 4
        assert max(errors(lambda x, log=logarithm: log(T.exp(x) + T.exp(x + 1)), x)) < 4
        assert max(errors(lambda x, log=logarithm: log(T.sigmoid(x)), x)) < 4


def test_the_logarithm_of_a_product_along_axes() -> None:
    found = value(lambda x: T.log(T.prod(T.sigmoid(x))), [-1000.0, 0.0, 1000.0])
    np.testing.assert_allclose(found, -1000 - np.log(2), rtol=1e-15)
