"""The error function and its relatives, against 50 digits, and where logarithms of them end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]

NUMBERS = np.concatenate([np.linspace(-6, 30, 217), [1e-300, -1e-20, 1e3, 1e8, 1e300]])


def exactly(name: str, x: float) -> Any:
    with mpmath.workdps(50):
        number = mpmath.mpf(x)
        if name == "erfcx":
            return _scaled(number)
        return mpmath.mpf(0) if name == "erfc" and x > 1000 else getattr(mpmath, name)(number)


def _scaled(x: Any) -> Any:
    if x > 1000:  # the first term of the series is all that counts
        return 1 / (x * mpmath.sqrt(mpmath.pi)) * (1 - 1 / (2 * x * x))
    return mpmath.exp(x * x) * mpmath.erfc(x)


@pytest.mark.parametrize(("name", "bound"), [("erf", 2), ("erfc", 3), ("erfcx", 4)])
def test_digits(compiled: Compiled, name: str, bound: float) -> None:
    x = T.dvector("x")
    found = compiled([x], getattr(T, name)(x))(NUMBERS)
    for number, value in zip(NUMBERS, found, strict=True):
        truth = exactly(name, number)
        if abs(truth) > 1e-300:
            assert abs(mpmath.mpf(float(value)) - truth) <= bound * np.spacing(abs(float(truth)))


def test_where_they_end(compiled: Compiled) -> None:
    x = T.dvector("x")
    f = compiled([x], [T.erf(x), T.erfc(x), T.erfcx(x)])
    found = f([-np.inf, np.inf, np.nan, -30.0, 0.0])
    np.testing.assert_array_equal(found[0], [-1, 1, np.nan, -1, 0])
    np.testing.assert_array_equal(found[1], [2, 0, np.nan, 2, 1])
    np.testing.assert_array_equal(found[2], [np.inf, 0, np.nan, np.inf, 1])


def test_float32(compiled: Compiled) -> None:
    x = T.fvector("x")
    f = compiled([x], [T.erf(x), T.erfc(x), T.erfcx(x)])
    numbers = np.linspace(-3, 12, 31, dtype="float32")
    for name, found in zip(("erf", "erfc", "erfcx"), f(numbers), strict=True):
        truth = np.array([float(exactly(name, float(v))) for v in numbers], dtype="float32")
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, truth, rtol=4e-7, atol=3e-45)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_logarithm_of_a_tail_and_its_derivative(sign: int) -> None:
    """The log-probability of being that far out, as probit models have it."""
    x = T.dvector("x")
    tail = T.log(0.5 * T.erfc(sign * x / np.sqrt(2.0)))
    f = kg.function([x], [T.log(T.erfc(sign * x)), T.grad(tail.sum(), x)])
    numbers = sign * np.array([-50.0, -1.0, 0.0, 0.5, 3.0, 30.0, 1e5])
    value, derivative = f(numbers)
    with mpmath.workdps(60):
        truths = [mpmath.log(mpmath.erfc(mpmath.mpf(sign * v))) for v in numbers]
        derivatives = [_derivative(mpmath.mpf(sign * v)) * sign for v in numbers]
    np.testing.assert_allclose(value, [float(t) for t in truths], rtol=1e-15)
    np.testing.assert_allclose(derivative, [float(s) for s in derivatives], rtol=1e-13, atol=1e-300)


def _derivative(x: Any) -> Any:
    """Minus the density over the tail."""
    root = mpmath.sqrt(2)
    return -mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(-x * x / 2) / mpmath.erfc(x / root)
