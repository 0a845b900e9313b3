"""Logarithms of products, choices and differences of exponentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import names_of

Formula = Callable[..., Any]


def value(formula: Formula, *values: Any) -> Any:
    """The rewritten formula of vectors or matrices."""
    arrays = [np.asarray(one, float) for one in values]
    variables = [T.TensorType("float64", (None,) * one.ndim)() for one in arrays]
    graph = rewrite(Graph(tuple(variables), (formula(*variables),)), DEFAULT).graph
    with np.errstate(all="ignore"):
        return kg.interpret(graph, arrays)[0]


def left(formula: Formula, rank: int = 1) -> list[str]:
    """The ops of the rewritten formula."""
    x = T.TensorType("float64", (None,) * rank)("x")
    return names_of(rewrite(Graph((x,), (formula(x),)), DEFAULT).graph)


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


def test_tanh_by_exponentials() -> None:
    x = np.array([-800.0, -1e-20, 0.3, 800.0])
    formulas: list[Formula] = [
        lambda x: (T.exp(2 * x) - 1) / (T.exp(2 * x) + 1),
        lambda x: (1 - T.exp(-2 * x)) / (1 + T.exp(-2 * x)),
    ]
    for formula in formulas:
        np.testing.assert_allclose(value(formula, x), np.tanh(x), rtol=1e-15)


def test_the_normal_distribution_from_either_side() -> None:
    x = np.array([-30.0, -5.0, 0.3, 5.0, 30.0])
    normal: list[Formula] = [
        lambda x: 0.5 * (1 + T.erf(x)),
        lambda x: 0.5 + 0.5 * T.erf(x),
        lambda x: (1 + T.erf(x)) / 2,
        lambda x: 1 - T.erfc(x) / 2,
    ]
    for formula in normal:
        assert left(formula).count("erfc") == 1
        assert "erf" not in left(formula)
        logs = value(lambda x, formula=formula: T.log(formula(x)), x)
        np.testing.assert_allclose(logs[0], float(mpmath.log(mpmath.erfc(30) / 2)), rtol=1e-15)
        slopes = value(lambda x, f=formula: T.grad(T.log(f(x)).sum(), x), x)
        slope = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-900) / mpmath.erfc(30)
        np.testing.assert_allclose(slopes[0], float(slope), rtol=1e-14)


def test_a_part_of_a_softmax() -> None:
    x = [[800.0, 0.0, -80.0], [0.0, 0.0, 0.0]]
    found = value(lambda x: T.log(T.softmax(x)[:, 1]), x)
    np.testing.assert_allclose(found, [-800.0, -np.log(3)])
    assert value(lambda x: T.log(T.softmax(x))[0, 2], x) == -880.0


def test_the_slope_of_a_part_of_a_softmax() -> None:
    x = [[800.0, 0.0, -80.0], [0.0, 0.0, 0.0]]

    def slope(x: Any) -> Any:
        return T.grad(-3 * T.log(T.softmax(x)[:, 1]).sum(), x)

    np.testing.assert_allclose(value(slope, x), [[3, -3, 0], [1, -2, 1]], rtol=1e-15)
    one = value(lambda x: T.grad(T.log(T.softmax(x)[0, 2]), x), x)
    np.testing.assert_array_equal(one, [[-1, 0, 1], [0, 0, 0]])
    other = value(lambda x: T.grad((T.softmax(x)[:, 2] / T.softmax(x)[:, 1]).sum(), x), x[1:])
    np.testing.assert_allclose(other, [[0, -1, 1]], atol=1e-15)


def test_a_sum_over_several_axes() -> None:
    x = [[800.0, 0.0], [800.0, -800.0]]
    for axes in (None, (0, 1), (1, 0)):
        found = value(lambda x, axes=axes: T.log(T.exp(x).sum(axis=axes)), x)
        np.testing.assert_allclose(found, 800 + np.log(2))


def test_a_slope_of_a_likelihood_has_no_zero_by_zero() -> None:
    def price(x: Any) -> Any:
        return -T.log(0.4 * T.exp(-(x**2) / 2))

    x = [-50.0, 0.0, 50.0]
    np.testing.assert_array_equal(value(lambda x: T.grad(price(x).sum(), x), x), x)
    assert np.isnan(value(lambda x: T.grad(price(x).sum(), x), [np.nan]))


def test_a_slope_of_a_divergence() -> None:
    def divergence(x: Any, y: Any) -> Any:
        p, q = T.softmax(x), T.softmax(y)
        return (p * T.log(p / q)).sum()

    x, y = [[800.0, 0.0]], [[0.0, 800.0]]
    assert value(divergence, x, y) == 800
    assert value(lambda x, y: T.grad(divergence(x, y), y), x, y).tolist() == [[-1, 1]]
    assert value(lambda x, y: T.grad(divergence(x, y), x), x, y).tolist() == [[0, 0]]


def test_elu_beyond_the_largest_exponential() -> None:
    formulas: list[Formula] = [
        lambda x: T.switch(x > 0, x, T.exp(x) - 1),
        lambda x: T.switch(x <= 0, T.exp(x) - 1, x),
        lambda x: T.switch(x < 0, T.exp(x) - 1, x),
    ]
    for elu in formulas:
        found = value(lambda x, f=elu: T.grad((2 * f(x)).sum(), x), [-800.0, -1.0, 1.0, 800.0])
        np.testing.assert_array_equal(found, [0, 2 * np.exp(-1), 2, 2])
    nan = value(lambda x: T.grad(formulas[0](x).sum(), x), [np.nan])
    assert np.isnan(nan).all()


def test_where_the_large_numbers_count_exp_overflows_as_it_must() -> None:
    for formula in (
        lambda x: T.switch(x > 0, T.exp(x), x),
        lambda x: T.switch(x > 0, T.exp(-x), x),
        lambda x: T.switch(x < 0, 0.0, T.exp(x)),
    ):
        x = np.array([-2.0, 3.0])
        found = value(lambda x, f=formula: T.grad(f(x).sum(), x), x)
        assert "minimum" not in left(lambda x, f=formula: T.grad(f(x).sum(), x))
        step = (value(formula, x + 1e-6) - value(formula, x - 1e-6)) / 2e-6
        np.testing.assert_allclose(found, step, rtol=1e-6)
