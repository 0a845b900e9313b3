"""Logarithms of 1 + tanh and 1 - tanh, squares of 1 + exp, and slopes of cross-entropy by hand."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.rewrite.support import Formula, errors, slope, value

FAR = np.array([1000.0, -1000.0, 30.0, -30.0, 0.0, 1e-9, 0.3, -0.7])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32"])
def test_one_plus_and_minus_tanh(dtype: str) -> None:
    x = T.TensorType(dtype, (None,))("x")
    t = T.tanh(x)
    outputs = [T.log(1 - t), T.log(1 + t), T.log1p(-t), T.log((1 - t) * (1 + t))]
    outputs += [T.exp(x) / (1 + T.exp(x)) ** 2, T.exp(-x) / T.sqr(1 + T.exp(-x))]
    at = FAR.astype(dtype)
    near = at.astype(float)
    left, right = (np.log(2) - np.logaddexp(0, sign * 2 * near) for sign in (1, -1))
    small = np.tanh(np.clip(near, -0.1, 0.1))
    left, right = (
        np.where(abs(near) < 0.1, np.log1p(sign * small), far)
        for sign, far in ((-1, left), (1, right))
    )
    density = np.exp(-abs(near)) / (1 + np.exp(-abs(near))) ** 2
    wanted = [left, right, left, left + right, density, density]
    digits = 1e-14 if dtype == "float64" else 1e-6
    found = kg.function([x], outputs, target="python")(at)
    for result, right_one in zip(found, wanted, strict=True):
        np.testing.assert_allclose(result, right_one, rtol=digits, atol=digits)


def test_slopes_of_logarithms_with_tanh() -> None:
    x = T.dvector("x")
    t = T.tanh(x)
    costs = [T.log(1 - t), T.log(1 + t)]
    f = kg.function([x], [T.grad(cost.sum(), x) for cost in costs], target="python")
    left = 2 / (1 + np.exp(np.clip(-2 * FAR, None, 700)))
    wanted = [-left, 2 - left]
    for result, right_one in zip(f(FAR), wanted, strict=True):
        np.testing.assert_allclose(result, right_one, rtol=1e-12, atol=1e-12)


def test_tanh_by_exponentials() -> None:
    x = np.array([-800.0, -1e-20, 0.3, 800.0])
    formulas: list[Formula] = [
        lambda x: (T.exp(2 * x) - 1) / (T.exp(2 * x) + 1),
        lambda x: (1 - T.exp(-2 * x)) / (1 + T.exp(-2 * x)),
    ]
    for formula in formulas:
        np.testing.assert_allclose(value(formula, x), np.tanh(x), rtol=1e-15)


def test_hyperbolic_functions() -> None:
    formulas: list[Formula] = [
        lambda x: (T.exp(x) - T.exp(-x)) / (T.exp(x) + T.exp(-x)),
        lambda x: (T.exp(x) + T.exp(-x)) / (T.exp(x) - T.exp(-x)),
        lambda x: ((T.exp(x) - T.exp(-x)) / 2) / ((T.exp(x) + T.exp(-x)) / 2),
        lambda x: (T.exp(2 * x) - 1) / (T.exp(2 * x) + 1),
        lambda x: 3 * (T.exp(x) - T.exp(-x)) / (T.exp(-x) + T.exp(x)),
        lambda x: T.log(1 - T.tanh(x) ** 2),
        slope(lambda x: T.log(1 - T.tanh(x) ** 2)),
    ]
    x = np.array([-450.0, -20.0, -1.0, -1e-9, 1e-17, 0.3, 2.0, 40.0, 450.0])
    for formula in formulas:
        assert max(errors(formula, x)) <= 2.5


def test_quotients_and_logarithms_of_hyperbolic_functions() -> None:
    x = np.array([1000.0, -1000.0, 800.0, 1e-9, 0.5, 3.0])
    assert max(errors(lambda x: T.sinh(x) / T.cosh(x), x)) < 4
    assert max(errors(lambda x: T.log(T.cosh(x)), x)) < 4
    found = value(slope(lambda x: T.log(T.cosh(x))), x)
    np.testing.assert_allclose(found, np.tanh(x), rtol=1e-14)
