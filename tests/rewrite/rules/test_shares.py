"""Shares that exponentials and sigmoids have of sums of several."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph.tensor as T
from tests.rewrite.rules.far import FAR, PART, WEIGHTS
from tests.rewrite.support import errors, slope, value


def test_the_slope_of_a_responsibility() -> None:
    def responsibility(x: Any, y: Any) -> Any:
        return 0.3 * T.exp(x) / (0.3 * T.exp(x) + 0.7 * T.exp(y))

    found = value(slope(responsibility), [1000.0, -1000.0], [999.0, -1001.0])
    np.testing.assert_allclose(found, [PART * (1 - PART)] * 2, rtol=1e-14)

    def of_normals(x: Any) -> Any:
        first, second = T.exp(-(x**2) / 2), T.exp(-((x - 1) ** 2) / 2)
        return 0.3 * first / (0.3 * first + 0.7 * second)

    np.testing.assert_array_equal(value(slope(of_normals), [1000.0, -1000.0]), [0.0, 0.0])


def test_the_slope_of_responsibilities_in_a_row() -> None:
    def first(x: Any, w: Any) -> Any:
        return (w * T.exp(x) / (w * T.exp(x)).sum())[0]

    found = value(slope(first), FAR[0], WEIGHTS)
    np.testing.assert_allclose(found, [PART * (1 - PART), -PART * (1 - PART)], rtol=1e-14)


def test_one_of_two_exponentials() -> None:
    x, y = [800.0, -800.0, 1.0], [801.0, -801.0, 2.0]
    expected = 1 / (1 + np.exp(np.subtract(y, x)))
    found = value(lambda x, y: T.exp(x) / (T.exp(x) + T.exp(y)), x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    found = value(lambda x, y: T.grad(T.log(T.exp(x) + T.exp(y)).sum(), x), x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_shares_of_small_sums() -> None:
    x = np.array([-750, -720, -745, -100], "int32")
    y = np.array([-300, -4, -745, -2000], "int32")
    assert max(errors(lambda x, y: T.exp(x) / (T.exp(x) + T.exp(y)), x, y)) < 4


def test_shares_of_what_divides() -> None:
    x, y = np.array([999.0, -1000.0, 1.0]), np.array([998.0, -999.0, 0.5])
    assert max(errors(lambda x, y: 1 / (1 / T.exp(-x) + T.exp(y)) / T.exp(-x), x, y)) < 4
