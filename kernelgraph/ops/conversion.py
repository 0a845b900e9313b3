"""Conversions of numbers between dtypes: what they are, for NumPy, C, CUDA and Python."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kernelgraph.formats import ROUND_HALF
from kernelgraph.templates import Helper
from kernelgraph.types import INTEGERS, Array

LEAST_WHOLE = -(2.0**63)
"""The least float that is an int64; the first that is none is its opposite."""


def limit_of_wholes(dtype: str) -> float:
    """The first float that is too large to be wrapped into an integer dtype."""
    return 2.0**64 if dtype == "uint64" else -LEAST_WHOLE


def convert(x: Array, dtype: str) -> Array:
    """Convert as compiled code does, from a float to an integer as `cast` says.

    C leaves this undefined for what the dtype cannot hold, and processors differ; these are the
    numbers on all back ends.
    """
    if x.dtype.kind != "f" or dtype not in INTEGERS:
        with np.errstate(all="ignore"):
            return x.astype(dtype)
    wide = x.astype("float64")
    fits = (wide >= LEAST_WHOLE) & (wide < -LEAST_WHOLE)
    whole = np.where(fits, wide, 0).astype("int64").astype(dtype)
    if dtype == "uint64":
        above = (wide >= -LEAST_WHOLE) & (wide < limit_of_wholes(dtype))
        whole = np.where(above, np.where(above, wide, 0).astype(dtype), whole)
        fits |= above
    least, most = (np.array(end, dtype) for end in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    zero = np.zeros((), dtype)
    return np.where(fits, whole, np.where(wide > 0, most, np.where(wide < 0, least, zero)))


def _limits(dtype: str) -> tuple[str, str]:
    """The least and the greatest number, in C."""
    name = dtype.upper()
    return ("0" if dtype.startswith("u") else f"{name}_MIN"), f"{name}_MAX"


_LOW_WORD = Helper(
    "low_word",
    c="""\
/* The low 32 bits of a whole number from -2^63 to 2^63, by arithmetic that every vector unit has:
   few convert to int64. The rest by 2^32 stands in the low bits of that number and 2^52. */
static inline uint32 low_word(float64 x) {
    const float64 rest = x - floor(x * 0x1p-32) * 0x1p32 + 0x1p52;
    uint64 bits;
    __builtin_memcpy(&bits, &rest, sizeof bits);
    return (uint32)bits;
}
""",
)


def _truncated_in_c(dtype: str) -> str:
    """A float that fits an integer, as `dtype`, in C. Nothing here may be undefined."""
    low, high = _limits(dtype)
    if np.iinfo(dtype).bits < 64:
        return f"""\
    const {dtype} whole = ({dtype})low_word(trunc(x));
    return x >= 0x1p63 ? {high} : x >= -0x1p63 ? whole : x < 0 ? {low} : 0;"""
    if dtype == "int64":
        last = f"x >= 0x1p63 ? {high} : x < -0x1p63 ? {low} : (int64)x"
    else:
        negative = "x < 0 ? (uint64)(int64)x : (uint64)x"
        last = f"x >= 0x1p64 ? {high} : x < -0x1p63 ? {low} : {negative}"
    return f"""\
    if (x != x || (x > -1 && x < 1)) return 0;
    return {last};"""


def _truncating(dtype: str) -> Helper:
    """C leaves a float beyond the range undefined, so that is sorted out before any conversion.
    What is nearer to 0 than 1 is a case of its own, because compilers take `(double)(long)x` to
    be `trunc(x)`, which is -0 for -0.5, and an integer has no sign of zero.
    """
    least, most = _numbers(dtype)
    above = "(uint64)x" if dtype == "uint64" else most
    top = f"x >= {limit_of_wholes(dtype)!r} ? {most} : " if dtype == "uint64" else ""
    return Helper(
        f"to_{dtype}",
        c=f"""\
static inline {dtype} truncate_{dtype}(float64 x) {{
{_truncated_in_c(dtype)}
}}
static inline {dtype} wrap_{dtype}(int64 x) {{ return ({dtype})x; }}
#define to_{dtype}(x) \\
    _Generic((x), float: truncate_{dtype}, double: truncate_{dtype}, default: wrap_{dtype})(x)
""",
        cuda=f"""\
__device__ static inline {dtype} to_{dtype}(float64 x) {{
    if (x != x) return 0;
    if (x >= {-LEAST_WHOLE!r}) return {top}{above};
    return x < {LEAST_WHOLE!r} ? {least} : ({dtype})(int64)x;
}}
__device__ static inline {dtype} to_{dtype}(float32 x) {{ return to_{dtype}((float64)x); }}
template <class T> __device__ static inline {dtype} to_{dtype}(T x) {{ return ({dtype})x; }}
""",
        python=_to_numpy(dtype),
        needs=(_LOW_WORD,) if np.iinfo(dtype).bits < 64 else (),
    )


def _numbers(dtype: str) -> tuple[str, str]:
    """The least and the greatest number, as CUDA writes them."""
    info = np.iinfo(dtype)
    least, most = int(info.min), int(info.max)
    return (f"(-{most}LL - 1)", f"{most}LL") if least else ("0", f"{most}ULL")


def _to_numpy(dtype: str) -> str:
    return f"def to_{dtype}(x):\n    return convert(np.asarray(x), {dtype!r})[()]"


@lru_cache
def conversion(dtype: str) -> Helper:
    """What a `Cast` calls."""
    if dtype in INTEGERS:
        return _truncating(dtype)
    if dtype == "float16":
        return ROUND_HALF
    result = "((x) != 0)" if dtype == "bool" else f"(({dtype})(x))"
    text = f"#define to_{dtype}(x) {result}\n"
    return Helper(f"to_{dtype}", c=text, cuda=text, python=_to_numpy(dtype))
