"""Inverses of erf and erfc: digits, tails, ends and derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T

Compiled = Callable[..., Any]


def off(function: Any, found: float, wanted: float) -> float:
    """How far off an inverse is, in units of its last digit: by Newton's step towards the truth."""
    with mpmath.workdps(40):
        here = mpmath.mpf(float(found))
        slope = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-here * here)
        return float(abs(function(here) - mpmath.mpf(float(wanted))) / slope) / np.spacing(
            abs(found)
        )


def test_digits(compiled: Compiled) -> None:
    x = T.dvector("x")
    near = np.array([1e-300, 1e-9, 0.1, 0.5, 0.84, 0.86, 0.99, 1 - 1e-9, 1 - 2.0**-53])
    far = np.array([1e-300, 1e-200, 1e-20, 1e-5, 0.14, 0.16, 0.7, 1.3, 1.86, 1.999])
    f = compiled([x], [T.erfinv(x), T.erfcinv(x)])
    for sign in (1, -1):
        for value, number in zip(f(sign * near)[0], sign * near, strict=True):
            assert off(mpmath.erf, value, number) <= 6
    for value, number in zip(f(far)[1], far, strict=True):
        assert off(mpmath.erfc, value, number) <= 6


def test_ends(compiled: Compiled) -> None:
    x = T.dvector("x")
    inf, nan = np.inf, np.nan
    found = compiled([x], [T.erfinv(x), T.erfcinv(x)])([0.0, -0.0, 1.0, -1.0, 2.0, nan, 5e-324])
    np.testing.assert_array_equal(found[0][:6], [0, 0, inf, -inf, nan, nan])
    np.testing.assert_array_equal(found[1][:6], [inf, inf, 0, nan, -inf, nan])
    assert np.signbit(found[0][1])
    np.testing.assert_allclose(found[1][6], 27.2, atol=0.1)


def test_derivatives() -> None:
    x = T.dvector("x")
    slopes = [T.grad(f(x).sum(), x) for f in (T.erfinv, T.erfcinv)]
    found = kg.function([x], slopes)([0.3, 0.9])
    for slope, sign, value in ((found[0], 1, "erfinv"), (found[1], -1, "erfcinv")):
        out = [float(mpmath.erfinv(v if value == "erfinv" else 1 - v)) for v in (0.3, 0.9)]
        np.testing.assert_allclose(slope, sign * np.sqrt(np.pi) / 2 * np.exp(np.square(out)))
