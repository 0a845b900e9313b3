"""Powers of two near numbers: exact, normal, and the same in every language."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.ops.binades import binade, inverse_binade
from tests.support import TARGETS, specials


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_binade_is_the_power_of_two_at_or_below(dtype: str, target: str) -> None:
    x = T.vector("x", dtype=dtype)
    f = kg.function([x], [binade(x), inverse_binade(x)], target=target)
    limits = np.finfo(dtype)
    numbers = np.concatenate([specials(dtype), np.float32(2.0) ** np.arange(-20, 20)]).astype(dtype)
    low, inverse = f(numbers)
    np.testing.assert_array_equal(low * inverse, np.ones_like(numbers))
    size = np.abs(numbers)
    inside = (size >= limits.tiny) & (size < 2 / limits.tiny)
    assert (low[inside] <= size[inside]).all()
    assert (size[inside] / 2 < low[inside]).all()
    np.testing.assert_array_equal(low[size < limits.tiny], limits.tiny)
    assert low.dtype == inverse.dtype == dtype


@pytest.mark.parametrize("target", ["python", "c"])
def test_a_length_of_few_numbers_is_that_of_plain_squares_where_these_are_floats(
    target: str,
) -> None:
    a, b = T.dvectors("a", "b")
    f = kg.function([a, b], T.sqrt(a**2 + b**2), target=target)
    x, y = np.random.default_rng(0).normal(size=(2, 1000)) * 10.0 ** np.arange(-100, 100).repeat(5)
    np.testing.assert_array_equal(f(x, y), np.sqrt(x**2 + y**2))
    odd = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 3e200, 3e-200, 5e-324, 1e308])
    with np.errstate(all="ignore"):
        p, q = np.meshgrid(odd, odd)
        wanted = np.hypot(p, q)
        wanted[np.isnan(p) | np.isnan(q)] = np.nan  # hypot(inf, nan) is inf, inf + nan is nan
        np.testing.assert_allclose(f(p.ravel(), q.ravel()), wanted.ravel(), rtol=4e-16)
