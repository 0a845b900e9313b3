"""Integers as rows of bits: and, or, exclusive or, not, and shifts.

    12 & 10 = 8      1100        12 << 1 = 24      1100  →  11000
    12 | 10 = 14     1010        12 >> 1 = 6       1100  →    110
    12 ^ 10 = 6

Negative numbers are two's complements: an endless row of ones on the left, so ~x is -x - 1 and a
shift to the right rounds down. A shift by the width of the dtype or more, which C leaves undefined,
shifts everything out; so does one by a negative number, as in NumPy: 0 is left, or -1 of a negative
number that is shifted to the right. Integers have no derivatives.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, arithmetic, elementwise, public_ops
from kernelgraph.errors import DTypeError
from kernelgraph.templates import Helper
from kernelgraph.types import INTEGERS


def integers_only(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype, which must be one of integers or bool."""
    operands, common = arithmetic(dtypes)
    if common not in (*INTEGERS, "bool"):
        raise DTypeError(
            f"bits are those of integers and truth values, not of {common}",
            code="KG-D003",
            hint="compare first: (x > 0) & (y > 0); x ** y is a power; or cast to an integer dtype",
        )
    return operands, common


def _shifts(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """The common dtype of integers; truth values are shifted as int8."""
    operands, common = integers_only(dtypes)
    return (["int8"] * len(operands), "int8") if common == "bool" else (operands, common)


def _bitwise(name: str, doc: str, function: Any, sign: str, latex: str) -> Elementwise:
    return elementwise(
        name, doc, numpy=function, c=f"{{x}} {sign} {{y}}", latex=f"{{x}} {latex} {{y}}", arity=2,
        commutative=True, signature=integers_only, partials=lambda x, y, out: (None, None),
        public=False,
    )  # fmt: skip


bit_and = _bitwise("bit_and", "The bits that both have.", np.bitwise_and, "&", r"\mathbin{\&}")
bit_or = _bitwise("bit_or", "The bits that either has.", np.bitwise_or, "|", r"\mathbin{|}")
bit_xor = _bitwise("bit_xor", "The bits that only one has.", np.bitwise_xor, "^", r"\oplus")

_INVERTED = Helper("inverted", c="""\
static inline bool8 inverted_truth(bool8 x) { return !x; }
static inline int64 inverted_integer(int64 x) { return ~x; }
#define inverted(x) _Generic((x), bool8: inverted_truth, default: inverted_integer)(x)
""", cuda="""\
__device__ static inline bool inverted(bool x) { return !x; }
template <class T> __device__ static inline T inverted(T x) { return ~x; }
""")  # fmt: skip

bit_not = elementwise(
    "bit_not", "All bits turned round: -x - 1; of a truth value, the other one.",
    numpy=np.invert, c="inverted({x})", python="bit_not({x})", helpers=(_INVERTED,),
    latex=r"\sim {x}", signature=integers_only, partials=lambda x, out: (None,), public=False,
)  # fmt: skip

_LEFT = Helper(
    "shifted_left",
    c="""\
static inline uint64 shifted_left_uint64(uint64 x, uint64 y) { return y < 64 ? x << y : 0; }
static inline int64 shifted_left_int64(int64 x, int64 y) {
    return (int64)shifted_left_uint64((uint64)x, (uint64)y);
}
#define shifted_left(x, y) \\
    _Generic((x), uint64_t: shifted_left_uint64, default: shifted_left_int64)(x, y)
""",
    cuda="""\
template <class T> __device__ static inline T shifted_left(T x, T y) {
    return (uint64)y < 64 ? (T)((uint64)x << y) : (T)0;
}
""",
)

_RIGHT = Helper(
    "shifted_right",
    c="""\
static inline uint64 shifted_right_uint64(uint64 x, uint64 y) { return y < 64 ? x >> y : 0; }
static inline int64 shifted_right_int64(int64 x, int64 y) {
    return x >> ((uint64)y < 64 ? y : 63);  // of a negative number, -1 is left
}
#define shifted_right(x, y) \\
    _Generic((x), uint64_t: shifted_right_uint64, default: shifted_right_int64)(x, y)
""",
    cuda="""\
template <class T> __device__ static inline T shifted_right(T x, T y) {
    if ((uint64)y < 64) return (int64)x < 0 && x < 0 ? (T)((int64)x >> y) : (T)((uint64)x >> y);
    return x < 0 ? (T)-1 : (T)0;
}
""",
)

left_shift = elementwise(
    "left_shift", "x times 2 to the power of y, without the bits that do not fit.",
    numpy=np.left_shift, c="shifted_left({x}, {y})", python="left_shift({x}, {y})",
    helpers=(_LEFT,), latex=r"{x} \ll {y}", arity=2, signature=_shifts, cost=2,
    partials=lambda x, y, out: (None, None),
)  # fmt: skip

right_shift = elementwise(
    "right_shift", "x by 2 to the power of y, rounded down.",
    numpy=np.right_shift, c="shifted_right({x}, {y})", python="right_shift({x}, {y})",
    helpers=(_RIGHT,), latex=r"{x} \gg {y}", arity=2, signature=_shifts, cost=2,
    partials=lambda x, y, out: (None, None),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
