"""The gamma function and its family, against 40 digits, at poles, and far out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]

POSITIVE = np.concatenate([
    np.linspace(0.05, 12, 60),
    1 + np.array([-1e-3, -1e-9, 1e-15, 1e-6]), 2 + np.array([-1e-12, 1e-5]),
    [1e-300, 1e-8, 33.3, 150.5, 170.0], 1.4616321449683623 + np.array([-1e-4, 1e-9, 1e-3]),
])  # fmt: skip
NEGATIVE = np.array([-0.1, -0.9, -1.3, -2.75, -3.5, -10.2, -33.7])
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "gamma": (mpmath.gamma, 8),
    "gammaln": (lambda x: mpmath.log(abs(mpmath.gamma(x))), 6),
    "psi": (mpmath.digamma, 6),
    "tri_gamma": (lambda x: mpmath.polygamma(1, x), 6),
}
"""The true value, and by how many units of the last digit a positive number may be off."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_digits(compiled: Compiled, name: str) -> None:
    x = T.dvector("x")
    function, bound = FUNCTIONS[name]
    numbers = np.concatenate([POSITIVE, NEGATIVE])
    found = compiled([x], getattr(T, name)(x))(numbers)
    with mpmath.workdps(40):
        for number, value in zip(numbers, found, strict=True):
            truth = function(mpmath.mpf(number)).real
            if 1e-300 < abs(truth) < 1e300:
                allowed = bound * np.spacing(abs(float(truth))) * (1 if number > 0 else 20)
                assert abs(mpmath.mpf(float(value)) - truth) <= allowed, number


def test_poles_and_ends(compiled: Compiled) -> None:
    x = T.dvector("x")
    f = compiled([x], [T.gamma(x), T.gammaln(x), T.psi(x), T.tri_gamma(x)])
    found = f([0.0, -0.0, -1.0, -7.0, np.inf, -np.inf, np.nan, 1.0, 2.0, 1e300])
    inf, nan = np.inf, np.nan
    np.testing.assert_array_equal(found[0], [inf, -inf, nan, nan, inf, nan, nan, 1, 1, inf])
    np.testing.assert_array_equal(found[1][:9], [inf, inf, inf, inf, inf, inf, nan, 0, 0])
    np.testing.assert_array_equal(found[2][:7], [-inf, inf, nan, nan, inf, nan, nan])
    np.testing.assert_array_equal(found[3][:7], [inf, inf, inf, inf, 0, nan, nan])


def test_higher_derivatives(compiled: Compiled) -> None:
    """Each is the derivative of the one before, to any order."""
    n, x = T.dvector("n"), T.dvector("x")
    orders, numbers = np.meshgrid(np.arange(6.0), [0.3, 2.5, 40.0, -1.2, -7.3])
    orders, numbers = orders.ravel(), numbers.ravel()
    value = T.polygamma(n, x)
    found, slope = compiled([n, x], [value, T.grad(value.sum(), x)])(orders, numbers)
    with mpmath.workdps(30):
        for k, number, got, above in zip(orders, numbers, found, slope, strict=True):
            for order, result in ((int(k), got), (int(k) + 1, above)):
                truth = mpmath.polygamma(order, mpmath.mpf(number)).real
                assert abs(mpmath.mpf(float(result)) - truth) <= 1e-12 * abs(truth)
    assert np.isnan(compiled([n, x], value)([0.5, -1.0, 2.0], [1.0, 1.0, -3.0])).all()


def test_derivatives_of_the_logarithm() -> None:
    x = T.dscalar("x")
    first = T.grad(T.gammaln(x), x)
    second = T.grad(first, x)
    found = kg.function([x], [first, second, T.grad(second, x)])(3.7)
    with mpmath.workdps(30):
        truth = [float(mpmath.polygamma(n, mpmath.mpf(3.7))) for n in range(3)]
    np.testing.assert_allclose(found, truth, rtol=1e-14)


def test_float32_is_rounded_once(compiled: Compiled) -> None:
    x = T.fvector("x")
    numbers = np.linspace(0.1, 30, 40, dtype="float32")
    found = compiled([x], [T.gamma(x), T.gammaln(x), T.psi(x)])(numbers)
    wide = [np.array([f(float(v)) for v in numbers]) for f, _ in list(FUNCTIONS.values())[:3]]
    for got, truth in zip(found, wide, strict=True):
        np.testing.assert_array_equal(got, truth.astype("float32"))
