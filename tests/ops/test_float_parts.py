"""Signs, neighbours and sums of powers, with NumPy as the judge."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]

ODD = [0.0, -0.0, 1.0, -1.0, 1e-320, 2.5, -1e300, 1e300, np.inf, -np.inf]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_odd_numbers(compiled: Compiled, dtype: str) -> None:
    with np.errstate(over="ignore"):
        a, b = np.array([*itertools.product(ODD, ODD)]).astype(dtype).T
    x, y = (T.tensor(dtype, (None,), name) for name in "xy")
    outputs = [T.signbit(x), T.copysign(x, y), T.nextafter(x, y), T.logaddexp(x, y)]
    signs, copied, after, summed = compiled([x, y], outputs)(a, b)
    np.testing.assert_array_equal(signs, np.signbit(a))
    np.testing.assert_array_equal(copied, np.copysign(a, b))
    np.testing.assert_array_equal(np.signbit(copied), np.signbit(b))
    np.testing.assert_array_equal(after, np.nextafter(a, b))
    np.testing.assert_allclose(
        summed, np.logaddexp(a, b), rtol=1e-6 if dtype == "float32" else 1e-15
    )
    assert after.dtype == copied.dtype == dtype


def test_nan_has_no_sign(compiled: Compiled) -> None:
    x, y = T.dvectors("x", "y")
    a, b = np.array([-np.nan, np.nan, -2.0]), np.array([1.0, -1.0, -np.nan])
    signs, copied, after, summed = compiled(
        [x, y], [T.signbit(x), T.copysign(x, y), T.nextafter(x, y), T.logaddexp(x, y)]
    )(a, b)
    assert signs.tolist() == [False, False, True]
    np.testing.assert_array_equal(copied, [np.nan, np.nan, 2.0])
    assert np.isnan(after).all()
    assert np.isnan(summed).all()


def test_integers_are_read_as_floats(compiled: Compiled) -> None:
    i = T.bvector("i")
    signs, copied = compiled([i], [T.signbit(i), T.copysign(i, -i)])(np.array([-3, 0, 4], "int8"))
    assert signs.tolist() == [True, False, False]
    np.testing.assert_array_equal(copied, [3.0, 0.0, -4.0])


def test_a_kink_has_the_derivative_0() -> None:
    x, y = T.dscalars("x", "y")
    slope = kg.function([x, y], T.grad(T.copysign(x, y), x, disconnected_inputs="ignore"))
    assert [slope(-2.0, 1.0), slope(2.0, -1.0), slope(0.0, 1.0)] == [-1.0, -1.0, 0.0]


def test_shares_of_equal_powers_add_up_to_one() -> None:
    x, y = T.dscalars("x", "y")
    slopes = kg.function([x, y], T.grad(T.logaddexp(x, y), [x, y]))
    np.testing.assert_allclose(slopes(800.0, 800.0), [0.5, 0.5])
    np.testing.assert_allclose(slopes(-1e308, 1e308), [0.0, 1.0])
