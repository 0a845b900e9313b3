"""Shares of the gamma function, against 30 digits; and that there is no derivative by the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GradientError

Compiled = Callable[..., Any]

ORDERS = np.array([1e-10, 1e-3, 0.3, 0.5, 1, 2.7, 10, 33.3, 150, 2000, 1e6])
RATIOS = np.array([1e-3, 0.3, 0.8, 0.97, 1.0, 1.03, 1.5, 4.0])


def test_digits(compiled: Compiled) -> None:
    k, x = T.dvector("k"), T.dvector("x")
    orders, ratios = (v.ravel() for v in np.meshgrid(ORDERS, RATIOS))
    numbers = orders * ratios
    below, above = compiled([k, x], [T.gammainc(k, x), T.gammaincc(k, x)])(orders, numbers)
    with mpmath.workdps(30):
        for order, number, low, high in zip(orders, numbers, below, above, strict=True):
            if order > 1e5 and abs(number - order) > 0.01 * order:
                np.testing.assert_allclose(sorted([low, high]), [0, 1], atol=1e-20)
                continue
            a, b = mpmath.mpf(order), mpmath.mpf(number)
            for got, limits in ((low, (0, b)), (high, (b, mpmath.inf))):
                truth = mpmath.gammainc(a, *limits, regularized=True)
                assert abs(mpmath.mpf(float(got)) - truth) <= 5e-14 * abs(truth) + 1e-300


def test_ends(compiled: Compiled) -> None:
    k, x = T.dvector("k"), T.dvector("x")
    f = compiled([k, x], [T.gammainc(k, x), T.gammaincc(k, x)])
    inf, nan = np.inf, np.nan
    pairs = [(1, 0), (0, 1), (0, 0), (1, inf), (inf, 1), (inf, inf), (-1, 1), (1, -1), (nan, 1),
             (1e308, 1e308), (1e308, 1)]  # fmt: skip
    below, above = f(*np.array(pairs, "float64").T)
    np.testing.assert_array_equal(below, [0, 1, nan, 1, 0, nan, nan, nan, nan, 0, 0])
    np.testing.assert_array_equal(above, [1, 0, nan, 0, 1, nan, nan, nan, nan, 1, 1])


def test_distributions() -> None:
    """The chi-squared tail, and the functions that are not divided by gamma(k)."""
    x = T.dvector("x")
    f = kg.function([x], [T.chi2sf(x, 2), T.gammal(2.0, x), T.gammau(2.0, x)])
    numbers = np.array([0.5, 2.0, 9.0])
    tail, low, high = f(numbers)
    np.testing.assert_allclose(tail, np.exp(-numbers / 2), rtol=1e-14)
    np.testing.assert_allclose(high, (1 + numbers) * np.exp(-numbers), rtol=1e-14)
    np.testing.assert_allclose(low, 1 - high, rtol=1e-14)


def test_the_derivative_is_the_density(compiled: Compiled) -> None:
    k, x = T.dvector("k"), T.dvector("x")
    cost = T.gammainc(k, x).sum() - T.gammaincc(k, x).sum()
    found = compiled([k, x], T.grad(cost, x))([1.0, 2.0, 5.5], [0.5, 2.0, 7.0])
    with mpmath.workdps(20):
        points = [(1.0, 0.5), (2.0, 2.0), (5.5, 7.0)]
        truth = [2 * b ** (a - 1) * mpmath.exp(-b) / mpmath.gamma(a) for a, b in points]
    np.testing.assert_allclose(found, [float(t) for t in truth], rtol=1e-14)


@pytest.mark.parametrize("op", [T.gammainc, T.gammaincc, T.jv, T.iv])
def test_there_is_no_derivative_by_the_order(op: Any) -> None:
    k, x = T.dscalar("k"), T.dscalar("x")
    with pytest.raises(GradientError, match="KG-G022") as caught:
        T.grad(op(k, x), k)
    assert op.name in str(caught.value)
    with pytest.raises(GradientError, match="KG-G022"):
        T.Rop(op(k, x), k, T.constant(1.0))
