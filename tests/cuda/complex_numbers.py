"""Complex numbers at which formulas go wrong: near the branch points and zeros of functions, about
the unit circle, of very large and small parts, on the cuts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.ops.complex_text import joined
from kernelgraph.types import real_part_of
from tests.support import Array, specials

POINTS = [0, 1, -1, 1j, -1j, np.pi / 2, np.pi / 2 * 1j, -np.pi]
"""Branch points, poles and zeros of functions."""


def hard_numbers(dtype: str, count: int = 400) -> Array:
    """All steps from all points, `count` numbers of the unit circle, of moderate numbers, and of
    all magnitudes, and the special ones.
    """
    rng = np.random.default_rng(1)
    limits = np.finfo(real_part_of(dtype))
    exponent = {"complex64": 88.5, "complex128": 709.5}[dtype]  # an exponential overflows soon
    steps = _steps(limits)
    points = [
        joined(np.real(p) + steps.real, np.imag(p) + steps.imag)
        for p in (*POINTS, exponent, 2 * exponent, 2j * exponent)
    ]
    angles = rng.uniform(-np.pi, np.pi, count)
    low, high = np.log2(float(limits.smallest_subnormal)), np.log2(float(limits.max))
    numbers = [
        *points,
        joined(np.cos(angles), np.sin(angles)),
        joined(_scattered(rng, -30, 12, count), _scattered(rng, -30, 12, count)),
        joined(_scattered(rng, low, high, count), _scattered(rng, low, high, count)),
        specials(dtype),
    ]
    return np.concatenate(numbers).astype(dtype)


def _steps(limits: np.finfo[Any]) -> Array:
    """Small numbers of all signs, zeros among them, as the parts of complex ones."""
    eps = limits.eps
    sizes = [0, limits.smallest_subnormal * 3, limits.tiny * limits.dtype.type(1.3), eps**2 * 0.7]
    sizes += [eps / 4, eps, eps * 7.3, np.sqrt(eps), 1e-3, 0.1, 0.3]
    parts = np.array([*sizes, *(-np.array(sizes))], limits.dtype)
    return joined(*np.meshgrid(parts, parts)).ravel()


def _scattered(rng: np.random.Generator, low: float, high: float, count: int) -> Array:
    """Numbers of both signs from 2 to the power of `low` to that of `high`."""
    found: Array = rng.choice([-1, 1], count) * 2.0 ** rng.uniform(low, high, count)
    return found
