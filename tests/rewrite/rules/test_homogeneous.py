"""Second derivatives of logarithms of sums of exponentials, far out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from tests.rewrite.rules.far import UP
from tests.rewrite.support import left, value

CURVE = UP * (1 - UP)
SHARES = np.array([[CURVE, -CURVE], [-CURVE, CURVE]])
"""The second derivatives of log(exp(x) + exp(y)) for two that differ by 1."""

COSTS: dict[str, Callable[[Any], Any]] = {
    "a sum": lambda x: T.log(T.exp(x).sum()),
    "a number and a sum": lambda x: T.log(1 + T.exp(x).sum()),
    "two elements of what is above": lambda x: T.log(T.exp(x[0]) + T.exp(x[1])),
    "two parts": lambda x: T.log(T.exp(x)[0] + T.exp(x)[1]),
    "a product of matrices": lambda x: T.log(T.dot(T.exp(x), np.ones(2))),
}


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
def test_second_derivatives(cost: Callable[[Any], Any]) -> None:
    found = value(lambda x: T.hessian(cost(x), x), [1000.0, 999.0])
    np.testing.assert_allclose(found, SHARES, rtol=1e-13)


def test_the_slope_of_a_slope() -> None:
    weights = np.array([0.3, -2.0])
    for cost in COSTS.values():
        found = value(
            lambda x, cost=cost: T.grad((T.grad(cost(x), x) * weights).sum(), x), [1000.0, 999.0]
        )
        np.testing.assert_allclose(found, SHARES @ weights, rtol=1e-13)


def test_the_jacobian_of_shares() -> None:
    found = value(lambda x: T.jacobian(T.exp(x) / T.exp(x).sum(), x), [-1000.0, -1001.0])
    np.testing.assert_allclose(found, SHARES, rtol=1e-13)


def test_second_derivatives_element_by_element() -> None:
    found = value(lambda x: T.hessian(T.log(1 + T.exp(x)).sum(), x), [1000.0, 0.0])
    np.testing.assert_allclose(found, [[0, 0], [0, 0.25]], rtol=1e-13)


def test_rows_have_shifts_of_their_own() -> None:
    x = [[1000.0, 999.0], [-1000.0, -1001.0]]
    weights = np.array([0.3, -2.0])

    def slope_of_slope(x: Any) -> Any:
        cost = T.log(T.exp(x).sum(axis=1)).sum()
        return T.grad((T.grad(cost, x) * weights).sum(), x)

    np.testing.assert_allclose(value(slope_of_slope, x), [SHARES @ weights] * 2, rtol=1e-13)


def test_what_is_not_in_the_sum_does_not_count() -> None:
    def curvature(x: Any) -> Any:
        return T.hessian(T.log(T.exp(x)[0] + T.exp(x)[1]), x)

    found = value(curvature, [-1000.0, -1001.0, 1000.0])
    np.testing.assert_allclose(found[:2, :2], SHARES, rtol=1e-13)
    np.testing.assert_array_equal(found[2], [0, 0, 0])


def test_the_rules_do_not_shift_twice() -> None:
    assert left(lambda x: T.hessian(T.log(T.exp(x).sum()), x)).count("peak") == 1
