"""Positive numbers divided by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph.tensor as T
from tests.rewrite.support import value


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
