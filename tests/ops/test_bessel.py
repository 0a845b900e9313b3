"""Bessel functions of real orders, against 30 digits: small, middle and large arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]

ORDERS = np.array([0, 1, 2, 7, 30, 120, 0.5, 3.3, 24.9, -0.5, -2.25, -3, -12.6])
NUMBERS = np.array([1e-3, 0.7, 3.0, 11.0, 24.0, 26.0, 60.0, 300.0])


@pytest.mark.parametrize(("name", "function"), [("jv", "besselj"), ("iv", "besseli")])
def test_digits(compiled: Compiled, name: str, function: str) -> None:
    """J swings: near its zeros, digits are those of its envelope."""
    v, x = T.dvector("v"), T.dvector("x")
    orders, numbers = (u.ravel() for u in np.meshgrid(ORDERS, NUMBERS))
    found = compiled([v, x], getattr(T, name)(v, x))(orders, numbers)
    with mpmath.workdps(30):
        for order, number, value in zip(orders, numbers, found, strict=True):
            truth = getattr(mpmath, function)(mpmath.mpf(order), mpmath.mpf(number))
            swing = np.sqrt(2 / np.pi / number) if name == "jv" and number > abs(order) else 0
            error = abs(mpmath.mpf(float(value)) - truth)
            assert error <= 2e-14 * max(abs(truth), swing) + 1e-300, (order, number)


def test_ends(compiled: Compiled) -> None:
    v, x = T.dvector("v"), T.dvector("x")
    inf, nan = np.inf, np.nan
    orders = [0, 2, -0.5, 0.5, 3, -3, 1e6, nan, 1, 0, -1.5, 1.0]
    numbers = [0, 0, 0, -1, -2, -2, 1, 1, inf, 800.0, 0, 5e-324]
    j, i = compiled([v, x], [T.jv(v, x), T.iv(v, x)])(orders, numbers)
    np.testing.assert_array_equal(j[:4], [1, 0, inf, nan])
    np.testing.assert_array_equal(i[:4], [1, 0, inf, nan])
    np.testing.assert_array_equal(j[6:9], [nan, nan, 0])
    np.testing.assert_array_equal(i[6:11], [nan, nan, inf, inf, -inf])
    np.testing.assert_allclose(j[4:6], [-0.12894324947440206, 0.12894324947440206], rtol=1e-14)
    np.testing.assert_allclose(i[4:6], [-0.21273995923985264, -0.21273995923985264], rtol=1e-14)


def test_orders_0_and_1_are_those_of_any_order(compiled: Compiled) -> None:
    x = T.dvector("x")
    numbers = np.concatenate([NUMBERS, -NUMBERS, [0.0]])
    pairs = [(T.j0(x), T.jv(0, x)), (T.j1(x), T.jv(1, x)), (T.i0(x), T.iv(0, x)),
             (T.i1(x), T.iv(1, x))]  # fmt: skip
    found = compiled([x], [value for pair in pairs for value in pair])(numbers)
    for one, other in zip(found[::2], found[1::2], strict=True):
        np.testing.assert_array_equal(one, other)


def test_derivatives(compiled: Compiled) -> None:
    """At 0, too, where the textbook's J0 - J1 / x divides by it."""
    x = T.dvector("x")
    costs = [T.jv(2.5, x), T.iv(2.5, x), T.j0(x), T.j1(x), T.i0(x), T.i1(x)]
    slopes = compiled([x], [T.grad(cost.sum(), x) for cost in costs])([1.5, 30.0, 0.0])
    orders = [("besselj", 2.5), ("besseli", 2.5), ("besselj", 0), ("besselj", 1), ("besseli", 0),
              ("besseli", 1)]  # fmt: skip
    with mpmath.workdps(30):
        for found, (function, order) in zip(slopes, orders, strict=True):
            for number, value in zip((1.5, 30.0), found, strict=False):
                truth = getattr(mpmath, function)(order, mpmath.mpf(number), derivative=1)
                np.testing.assert_allclose(value, float(truth), rtol=1e-12)
    assert [slope[2] for slope in slopes] == [0, 0, 0, 0.5, 0, 0.5]


def test_bessels_equation() -> None:
    """x² y″ + x y′ + (x² - v²) y = 0, by two derivatives."""
    x = T.dscalar("x")
    y = T.jv(1.25, x)
    first = T.grad(y, x)
    rest = x * x * T.grad(first, x) + x * first + (x * x - 1.25**2) * y
    assert abs(kg.function([x], rest)(4.2)) < 1e-14
