"""Powers where their derivatives have a special case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.support import TARGETS


@pytest.mark.parametrize("base", [0.0, 2.0])
def test_the_derivative_of_a_power_whose_computed_exponent_is_zero(
    base: float, compiled: Callable[..., Any]
) -> None:
    """x**0 is 1 everywhere, so its derivative is 0 at 0 too, where y * x**(y - 1) is no number."""
    x, z = T.dscalars("x", "z")
    assert compiled([x, z], T.grad(x ** (1 - z), x))(base, 1.0) == 0.0


X: Any = T.dvector("x")

POWERS: list[tuple[Any, list[float]]] = [
    (T.sqrt(X) ** 2, [1.0, 1.0]),
    (T.sqr(T.sqrt(X)), [1.0, 1.0]),
    (T.sqrt(X) * T.sqrt(X), [1.0, 1.0]),
    ((X**0.5) ** 2, [1.0, 1.0]),
    ((X**0.25) ** 8, [0.0, 8.0]),
    (T.sqrt(X) ** 3, [0.0, 3.0]),
    (T.sqrt(X) ** 4 / 2, [0.0, 4.0]),
    (T.exp(-(T.sqrt(X) ** 2)), [-1.0, -np.exp(-4.0)]),
    (T.switch(X > 0, T.sqrt(X) ** 2, 0.0), [0.0, 1.0]),
    (abs(X) ** 0.5 * abs(X) ** 0.5, [0.0, 1.0]),
]


def test_powers_of_roots_have_derivatives_at_zero(compiled: Callable[..., Any]) -> None:
    found = [T.grad(power.sum(), X) for power, _ in POWERS]
    found += [T.Rop(power, X, T.ones_like(X)) for power, _ in POWERS]
    values = compiled([X], found)([0.0, 4.0])
    for value, (power, wanted) in zip(values, POWERS * 2, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-12, err_msg=str(power))


def test_a_root_of_a_negative_number_has_no_derivative() -> None:
    f = kg.function([X], T.grad((T.sqrt(X) ** 2).sum(), X), target="python")
    assert np.isnan(f([-1.0])).all()


def test_derivatives_by_the_root_itself() -> None:
    root = T.sqrt(X)
    f = kg.function([X], T.grad((root**2).sum(), [X, root]), target="python")
    np.testing.assert_allclose(f([4.0]), [[1.0], [4.0]])


P = T.sigmoid(X)
SHARE = T.exp(X) / T.exp(X).sum()
FAR = [1000.0, -1000.0, 3.0]
LOW = 1 / (1 + np.exp(3.0))
LOGARITHMS: list[tuple[Any, list[float]]] = [
    (T.log((1 + T.exp(X)) * (1 + T.exp(-X))), [1.0, -1.0, 1 - 2 * LOW]),
    (T.log((1 + T.exp(X)) / 3), [1.0, 0.0, 1 - LOW]),
    (T.log(T.switch(X > 2, P, 1 - P)), [0.0, 0.0, LOW]),
    (T.log(P**1.0 * (1 - P) ** 0.5), [-0.5, 1.0, LOW - 0.5 * (1 - LOW)]),
    (T.log(T.sqrt(1 + T.exp(X))), [0.5, 0.0, 0.5 * (1 - LOW)]),
    (T.log(T.sqrt(T.exp(X))), [0.5, 0.5, 0.5]),
    (-T.log(SHARE[1:2]), [1.0, -1.0, 0.0]),
    (T.log(SHARE[0] * SHARE[2]).dimshuffle("x"), [-1.0, 0.0, 1.0]),
    (T.log(T.exp(X) ** 2 / 5), [2.0, 2.0, 2.0]),
    (T.log(-X * T.switch(X > 0, -2.0, 2.0)), [1e-3, -1e-3, 1 / 3]),
    (T.log((X > 0) * X), [1e-3, 0.0, 1 / 3]),
]


@pytest.mark.parametrize("target", TARGETS[1:])  # for interpret alone, exp(1000) is infinite
def test_derivatives_of_logarithms_far_out(target: str) -> None:
    derivatives = [T.grad(cost.sum(), X) for cost, _ in LOGARITHMS]
    values = kg.function([X], derivatives, target=target)(FAR)
    for value, (cost, wanted) in zip(values, LOGARITHMS, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-15, err_msg=str(cost))


def test_logarithms_of_deep_products_are_visited_once() -> None:
    y = X
    for _ in range(60):
        y = T.sqrt(y * y)
    f = kg.function([X], T.grad(T.log(y).sum(), X), target="python")
    np.testing.assert_allclose(f([2.0, 4.0]), [0.5, 0.25])


def test_what_is_held_constant_or_asked_for_ends_a_logarithm() -> None:
    y = X * 3
    cost = T.log(y * X).sum()
    found = [T.grad(cost, X, consider_constant=[y]), *T.grad(cost, [X, y])]
    f = kg.function([X], found, target="python")
    np.testing.assert_allclose(f([2.0]), [[0.5], [1.0], [1 / 6]])
