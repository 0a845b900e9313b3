"""Angles and hyperbolic functions: domains, quadrants, and derivatives where squares overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]


def test_quadrants(compiled: Compiled) -> None:
    y, x = T.dvector("y"), T.dvector("x")
    ends = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan])
    a, b = (v.ravel() for v in np.meshgrid(ends, ends))
    angle, length = compiled([y, x], [T.arctan2(y, x), T.hypot(y, x)])(a, b)
    np.testing.assert_allclose(angle, np.arctan2(a, b), rtol=1e-15)
    assert (np.signbit(angle) == np.signbit(np.arctan2(a, b)))[~np.isnan(angle)].all()
    np.testing.assert_array_equal(length, np.hypot(a, b))


def test_outside_of_the_domains(compiled: Compiled) -> None:
    x = T.dvector("x")
    functions = [T.arcsin, T.arccos, T.arccosh, T.arctanh]
    found = compiled([x], [f(x) for f in functions])([-2.0, 2.0, 1.0, 0.5])
    assert np.isnan([found[0][:2], found[1][:2], found[3][:2]]).all()
    assert np.isnan(found[2][[0, 3]]).all()
    assert [found[2][2], found[3][2]] == [0, np.inf]


def test_derivatives_where_squares_are_no_floats() -> None:
    x = T.dvector("x")
    cost = T.arcsinh(x).sum() + T.arccosh(x).sum() + T.arctan2(x, 1e200).sum() + T.hypot(x, x).sum()
    found = kg.function([x], T.grad(cost, x))([1e200, 3e180])
    np.testing.assert_allclose(found, [np.sqrt(2), np.sqrt(2)], rtol=1e-14)
    y = T.dscalar("y")
    slope = kg.function([y], T.grad(T.arctan2(y, y), y, disconnected_inputs="ignore"))
    np.testing.assert_allclose(slope(1e-200), 0)
    z = T.dscalar("z")
    assert kg.function([z], T.grad(T.hypot(z, 0 * z), z))(0.0) == 0


def test_degrees(compiled: Compiled) -> None:
    for dtype in ("float32", "float64"):
        x = T.tensor(dtype, (None,), "x")
        degrees = np.linspace(-720, 720, 41, dtype=dtype)
        there, back = compiled([x], [T.deg2rad(x), T.rad2deg(x)])(degrees)
        np.testing.assert_array_equal(there, np.deg2rad(degrees))
        np.testing.assert_array_equal(back, np.rad2deg(degrees))
        assert there.dtype == back.dtype == dtype
