"""Weighted sums of exponentials, and the shares that exponentials have of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import value

FAR = [[800.0, 0.0, -80.0], [-900.0, -901.0, -902.0], [1.0, 2.0, 3.0]]
WEIGHTS = [[0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]


def log_sum(weights: Any, x: Any) -> Any:
    """log(sum(weights * exp(x))) of rows, where some weights are 0."""
    logs = np.where(np.equal(weights, 0), -np.inf, x + np.log(np.where(weights, weights, 1)))
    top = logs.max(axis=1)
    return top + np.log(np.exp(logs - top[:, None]).sum(axis=1))


def test_a_mixture_far_from_zero() -> None:
    x, weights = np.array(FAR), np.array(WEIGHTS)
    found = value(lambda x, w: T.log((w * T.exp(x)).sum(axis=1)), x, weights)
    np.testing.assert_allclose(found, log_sum(weights, x), rtol=1e-15)
    found = value(lambda x, w: T.log((T.softmax(x) * w).sum(axis=1)), x, weights)
    np.testing.assert_allclose(found, log_sum(weights, x) - log_sum(1 + 0 * x, x), rtol=1e-13)


def test_its_slope() -> None:
    x, weights = np.array(FAR), np.array(WEIGHTS)

    def slope(x: Any, w: Any) -> Any:
        return T.grad(T.log((w * T.exp(x)).sum(axis=1)).sum(), x)

    logs = x - log_sum(weights, x)[:, None]
    expected = np.where(weights == 0, 0, weights * np.exp(np.where(weights == 0, 0, logs)))
    np.testing.assert_allclose(value(slope, x, weights), expected, rtol=1e-13)


def test_what_has_no_weight_does_not_overflow() -> None:
    x, weights = [[800.0, -900.0]], [[0.0, 1.0]]
    assert value(lambda x, w: T.log((w * T.exp(x)).sum(axis=1)), x, weights) == -900
    assert value(lambda x, w: T.log((w * T.softmax(x)).sum(axis=1)), x, weights) == -1700


def test_a_mixture_of_normal_distributions_with_learned_weights() -> None:
    def likelihood(x: Any, scores: Any) -> Any:
        return T.log((T.softmax(scores) * T.exp(-(x**2) / 2)).sum(axis=1))

    found = value(likelihood, [[60.0, 80.0]], [[-1500.0, 0.0]])
    np.testing.assert_allclose(found, [-3200.0])
    found = value(likelihood, [[60.0, 80.0]], [[0.0, 900.0]])
    np.testing.assert_allclose(found, [-2700.0])


def test_a_masked_softmax() -> None:
    x, mask = np.array(FAR), np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    kept = np.where(mask == 0, -np.inf, x)
    expected = np.exp(kept - log_sum(mask, x)[:, None])

    def masked(x: Any, mask: Any) -> Any:
        return T.exp(x) * mask / (T.exp(x) * mask).sum(axis=1, keepdims=True)

    np.testing.assert_allclose(value(masked, x, mask), expected, rtol=1e-13)


def test_the_slope_by_the_weights_is_not_masked() -> None:
    """Where a weight is 0, more of it would count."""

    def slope(x: Any, w: Any) -> Any:
        return T.grad(T.log((w * T.exp(x)).sum(axis=1)).sum(), w)

    x, weights = np.array([[-900.0, -902.0]]), np.array([[0.0, 1.0]])
    np.testing.assert_allclose(value(slope, x, weights), [[np.exp(2), 1]])


def test_a_nan_still_shows() -> None:
    x, weights = [[np.nan, 1.0]], [[0.0, 1.0]]
    assert np.isnan(value(lambda x, w: T.log((w * T.exp(x)).sum(axis=1)), x, weights))
    assert np.isnan(value(lambda x, y: T.exp(x) / (T.exp(x) + T.exp(y)), [np.nan], [1.0]))


def test_sums_along_an_axis_of_size_one_are_shifted_once() -> None:
    for cost in (
        lambda x: T.log(T.softmax(T.exp(x), axis=1).sum(axis=0)),
        lambda x: T.log((x * T.exp(x)).sum(axis=0)),
    ):
        x = T.drow("x")
        rewriting = rewrite(Graph((x,), (cost(x),)), DEFAULT)
        assert len(rewriting.log) < 50
