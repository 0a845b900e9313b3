"""Whole numbers next to a number: rounding down, up, towards 0, and to the nearest.

    x          floor   ceil   trunc   round   round, half away from zero
    -2.5       -3      -2     -2      -2      -3
     0.5        0       1      0       0       1

The results are floats of the same dtype with the sign of the operand, so that -0.3 gives -0.
Integers are whole already. The derivative is 0 wherever there is one, as in all constant pieces.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, OverComplex, elementwise, public_ops
from kernelgraph.expect import expect_choice
from kernelgraph.graph import Variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.complex_order import ROUND
from kernelgraph.templates import Helper
from kernelgraph.types import Array

_ITSELF = Helper(
    "itself",
    c="""\
static inline int64 integer_itself(int64 x) { return x; }
static inline uint64 unsigned_itself(uint64 x) { return x; }
""",
)


def _for_floats(function: str) -> Helper:
    """A function of C's library for the floats; any integer as it is."""
    return Helper(
        f"{function}_of",
        c=f"""\
#define {function}_of(x) _Generic((x), float: {function}f, double: {function}, \\
        uint64_t: unsigned_itself, default: integer_itself)(x)
""",
        cuda=f"""\
__device__ static inline float64 {function}_of(float64 x) {{ return {function}(x); }}
__device__ static inline float32 {function}_of(float32 x) {{ return {function}f(x); }}
template <class T> __device__ static inline T {function}_of(T x) {{ return x; }}
""",
        needs=(_ITSELF,),
    )


def _whole(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """What a rounding means to NumPy: older ones make floats of integers, which may be too long."""
    return lambda x: function(x) if np.asarray(x).dtype.kind not in "biu" else x


def _rounding(
    name: str, doc: str, function: Any, c: str, latex: str, over_complex: OverComplex | None = None
) -> Elementwise:
    return elementwise(
        name, doc, numpy=_whole(function), c=f"{c}_of({{x}})", python=f"{name}({{x}})",
        helpers=(_for_floats(c),), latex=latex, cost=2,
        partials=lambda x, out: (None,), over_complex=over_complex,
    )  # fmt: skip


floor = _rounding(
    "floor", "The largest whole number that is not above x.",
    np.floor, "floor", r"\left\lfloor {x} \right\rfloor",
)  # fmt: skip
ceil = _rounding(
    "ceil", "The smallest whole number that is not below x.",
    np.ceil, "ceil", r"\left\lceil {x} \right\rceil",
)  # fmt: skip
trunc = _rounding(
    "trunc", "x without its fraction: the whole number next to it on the side of 0.",
    np.trunc, "trunc", r"\operatorname{trunc}\left({x}\right)",
)  # fmt: skip
round_half_to_even = _rounding(
    "round_half_to_even", "The nearest whole number, of two that are as near the even one; of "
    "complex numbers, that of each part.",
    np.rint, "rint", r"\operatorname{round}\left({x}\right)",
    OverComplex("complex_rounded({x})", (ROUND,)),
)  # fmt: skip


def _away(x: Array) -> Array:
    """What is cut off is exact, where adding a half first would round 0.49999999999999994 up."""
    whole = np.trunc(x)
    with np.errstate(invalid="ignore"):  # of infinities
        up = np.abs(x - whole) >= 0.5
    return np.where(up, whole + np.copysign(np.ones_like(x), x), whole)


round_half_away_from_zero = _rounding(
    "round_half_away_from_zero", "The nearest whole number, of two that are as near the farther.",
    _away, "round", r"\operatorname{round}\left({x}\right)",
)  # fmt: skip

_MODES = {
    "half_to_even": round_half_to_even,
    "half_away_from_zero": round_half_away_from_zero,
}


def round_(x: Any, mode: str | None = None) -> Variable:
    """`x` rounded to the nearest whole number, in its own dtype.

    `mode` says what becomes of halves: "half_to_even" (the default, as in NumPy: 0.5 gives 0, 1.5
    gives 2) or "half_away_from_zero" (0.5 gives 1, -2.5 gives -3). Raises `OptionError` for
    another mode.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [T.round(x), T.round(x, "half_away_from_zero")])
    >>> [result.tolist() for result in f([0.5, 1.5, -2.5])]
    [[0.0, 2.0, -2.0], [1.0, 2.0, -3.0]]
    """
    if mode is None:
        return round_half_to_even(x)
    return _MODES[expect_choice(mode, "the mode of round", _MODES)](x)


def iround(x: Any, mode: str | None = None) -> Variable:
    """`x` rounded as `round` does, as int64."""
    return cast(round_(x, mode), "int64")


rint = round_half_to_even

__all__ = list(public_ops(globals(), "iround", "rint"))  # pyright: ignore[reportUnsupportedDunderAll]
