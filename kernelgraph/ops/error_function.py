"""The error function and its relatives, which say how much of a normal distribution lies where."""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.ops.arithmetic import sqr
from kernelgraph.ops.functions import exp
from kernelgraph.templates import Helper
from kernelgraph.types import Array

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)

FAR = 25.0
"""From here on, `erfcx` is a series in 1 / x²; below, the factors of its definition are floats."""

erf = elementwise(
    "erf", "Error function: 2/√π times the integral of exp(-t²) from 0 to x.",
    numpy=lambda x: _each(math.erf, x), c="erf({x})",
    latex=r"\operatorname{erf}\left({x}\right)", signature=floating, cost=60, ulps=2,
    partials=lambda x, out: (TWO_OVER_ROOT_PI * exp(-sqr(x)),),
)  # fmt: skip

erfc = elementwise(
    "erfc", "1 - erf(x), with all digits where that is small.",
    numpy=lambda x: _each(math.erfc, x), c="erfc({x})",
    latex=r"\operatorname{erfc}\left({x}\right)", signature=floating, cost=60, ulps=4,
    partials=lambda x, out: (-TWO_OVER_ROOT_PI * exp(-sqr(x)),),
)  # fmt: skip


def _each(function: Any, x: Array) -> Array:
    """A function of Python's for each element; it is C's own."""
    return np.asarray(np.vectorize(function, otypes=["float64"])(x), dtype=x.dtype)


def _erfcx(x: Array) -> Array:
    """The square is split so that its exponential keeps all digits: `high * high` is exact.

    Far out, it is 1 / (x √π) times 1 - t (1 - 3t (1 - 5t …)) with t = 1 / (2 x²): NIST Digital
    Library of Mathematical Functions, 7.12.1.
    """
    wide = np.asarray(x, "float64")
    with np.errstate(all="ignore"):
        high = np.where(abs(wide) < 1, 0, wide.astype("float32").astype("float64"))
        near = np.exp(high * high) * _each(math.erfc, wide) * np.exp((wide - high) * (wide + high))
        t = 0.5 / (wide * wide)
        series = np.ones_like(wide)
        for odd in (13, 11, 9, 7, 5, 3, 1):
            series = 1 - odd * t * series
        far = series * (TWO_OVER_ROOT_PI / 2 / wide)
    value = np.where(wide < -27, np.inf, np.where(wide < FAR, near, far))
    return np.asarray(value, dtype=x.dtype)


_ERFCX = Helper(
    "erfcx",
    c="""\
/* exp(x * x) * erfc(x): the square of `high` is exact; far out, a series in 1 / (2 x * x). */
static inline float64 erfcx_float64(float64 x) {
    const float64 high = fabs(x) < 1 ? 0 : (float32)x;
    if (x < -27) return INFINITY;
    /* (exp) is the library's, for this type: a program may have an exp of its own for others. */
    if (x < 25) return (exp)(high * high) * erfc(x) * (exp)((x - high) * (x + high));
    const float64 t = 0.5 / (x * x);
    float64 series = 1;
    for (int64 odd = 13; odd > 0; odd -= 2) series = 1 - (float64)odd * t * series;
    return series * (0x1.20dd750429b6dp-1 / x);
}
#define erfcx(x) ((__typeof__(x))erfcx_float64(x))
""",
)

erfcx = elementwise(
    "erfcx", "exp(x²) · erfc(x), which neither overflows nor underflows for x > 0.",
    numpy=_erfcx, c="erfcx({x})", helpers=(_ERFCX,),
    latex=r"\operatorname{erfcx}\left({x}\right)", signature=floating, cost=80, ulps=8, steep=True,
    partials=lambda x, out: (2 * x * out - TWO_OVER_ROOT_PI,),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
