"""What generated CUDA may use: short names for types, and functions that C++ lacks or spells
otherwise.
"""

from __future__ import annotations

import re

from kernelgraph.types import FLOATS, INTEGERS

TYPES = """\
typedef bool bool8;
typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;
"""

_DEVICE = "__device__ static inline"


def _saturating(dtype: str) -> str:
    """A float beyond the range becomes the nearest end, and NaN becomes 0, as on every back end."""
    bits = int(re.sub(r"\D", "", dtype))
    signed = not dtype.startswith("u")
    low = f"(-{2 ** (bits - 1) - 1}LL - 1)" if signed else "0"
    high = f"{2 ** (bits - signed) - 1}{'LL' if signed else 'ULL'}"
    return f"""\
{_DEVICE} {dtype} to_{dtype}(float64 x) {{
    return x != x ? 0 : x >= (float64){high} ? {high} : x <= (float64){low} ? {low} : ({dtype})x;
}}
{_DEVICE} {dtype} to_{dtype}(float32 x) {{ return to_{dtype}((float64)x); }}
template <class T> {_DEVICE} {dtype} to_{dtype}(T x) {{ return ({dtype})x; }}
"""


HELPERS: dict[str, str] = {
    **{f"to_{dtype}": _saturating(dtype) for dtype in INTEGERS},
    **{f"to_{dtype}": f"#define to_{dtype}(x) (({dtype})(x))\n" for dtype in FLOATS},
    "to_bool": "#define to_bool(x) ((x) != 0)\n",
    "magnitude": f"""\
{_DEVICE} float64 magnitude(float64 x) {{ return fabs(x); }}
{_DEVICE} float32 magnitude(float32 x) {{ return fabsf(x); }}
template <class T> {_DEVICE} T magnitude(T x) {{ return x < 0 ? -x : x; }}
""",
    "power": f"""\
{_DEVICE} float64 power(float64 x, float64 y) {{ return pow(x, y); }}
{_DEVICE} float32 power(float32 x, float32 y) {{ return powf(x, y); }}
template <class T> {_DEVICE} T power(T x, T y) {{
    if (y < 0) return x == 1 ? 1 : x + 1 == 0 ? (y & 1 ? x : 1) : 0;
    T result = 1;
    for (; y; y >>= 1, x *= x)
        if (y & 1) result *= x;
    return result;
}}
""",
    "floor_quotient": f"""\
{_DEVICE} float64 floor_quotient(float64 x, float64 y) {{
    if (y == 0) return x / y;
    const float64 rest = fmod(x, y), whole = (x - rest) / y;
    const float64 quotient = rest != 0 && (y < 0) != (rest < 0) ? whole - 1 : whole;
    const float64 down = floor(quotient);
    return quotient == 0 ? copysign(0, x / y) : quotient - down > 0.5 ? down + 1 : down;
}}
{_DEVICE} float32 floor_quotient(float32 x, float32 y) {{
    if (y == 0) return x / y;
    const float32 rest = fmodf(x, y), whole = (x - rest) / y;
    const float32 quotient = rest != 0 && (y < 0) != (rest < 0) ? whole - 1 : whole;
    const float32 down = floorf(quotient);
    return quotient == 0 ? copysignf(0, x / y) : quotient - down > 0.5f ? down + 1 : down;
}}
template <class T> {_DEVICE} T floor_quotient(T x, T y) {{
    if (y == 0) return 0;
    if (y + 1 == 0 && y < 0) return -x;
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}}
""",
    "floor_remainder": f"""\
{_DEVICE} float64 floor_remainder(float64 x, float64 y) {{
    const float64 rest = fmod(x, y);
    if (rest == 0) return copysign(0, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
}}
{_DEVICE} float32 floor_remainder(float32 x, float32 y) {{
    const float32 rest = fmodf(x, y);
    if (rest == 0) return copysignf(0, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
}}
template <class T> {_DEVICE} T floor_remainder(T x, T y) {{
    if (y == 0 || (y + 1 == 0 && y < 0)) return 0;
    const T rest = x % y;
    return rest != 0 && (x < 0) != (y < 0) ? rest + y : rest;
}}
""",
}


def helpers_for(text: str) -> str:
    """The helpers that a program uses, in a fixed order."""
    return "\n".join(body for name, body in HELPERS.items() if re.search(rf"\b{name}\(", text))
