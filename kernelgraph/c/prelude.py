"""What generated C may use: short names for types, conversions that are defined for every number,
sizes of slices.
"""

from __future__ import annotations

import re

from kernelgraph.c.own import GAPLESS
from kernelgraph.c.trees import columns, levels, reduction, tree
from kernelgraph.types import FLOATS, INTEGERS

TYPES = """\
typedef _Bool bool8;
typedef int8_t int8;
typedef int16_t int16;
typedef int32_t int32;
typedef int64_t int64;
typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;
typedef float float32;
typedef double float64;
"""


def _limits(dtype: str) -> tuple[str, str]:
    name = dtype.upper()
    return ("0" if dtype.startswith("u") else f"{name}_MIN"), f"{name}_MAX"


def _saturating(dtype: str) -> str:
    """C leaves a float beyond the range undefined; here it becomes the nearest end, and NaN becomes
    0. What is nearer to 0 than 1 is a case of its own, because compilers take `(double)(long)x` to
    be `trunc(x)`, which is -0 for -0.5, and an integer has no sign of zero.
    """
    low, high = _limits(dtype)
    return f"""\
static inline {dtype} saturate_{dtype}(float64 x) {{
    if (x != x || (x > -1 && x < 1)) return 0;
    return x >= (float64){high} ? {high} : x <= (float64){low} ? {low} : ({dtype})x;
}}
static inline {dtype} wrap_{dtype}(int64 x) {{ return ({dtype})x; }}
#define to_{dtype}(x) \\
    _Generic((x), float: saturate_{dtype}, double: saturate_{dtype}, default: wrap_{dtype})(x)
"""


HELPERS: dict[str, str] = {
    **{f"add_group_{dtype}": levels(dtype) for dtype in FLOATS},
    **{f"reduce_{dtype}": reduction(dtype) for dtype in FLOATS},
    **{f"gather_{dtype}": tree(dtype) for dtype in FLOATS},
    **{f"all_blocks_{dtype}": columns(dtype) for dtype in FLOATS},
    **{f"to_{dtype}": _saturating(dtype) for dtype in INTEGERS},
    **{f"to_{dtype}": f"#define to_{dtype}(x) (({dtype})(x))\n" for dtype in FLOATS},
    "to_bool": "#define to_bool(x) ((x) != 0)\n",
    "magnitude": """\
static inline int64 magnitude_integer(int64 x) { return x < 0 ? -x : x; }
static inline uint64 magnitude_unsigned(uint64 x) { return x; }
#define magnitude(x) _Generic((x), float: fabsf, double: fabs, uint64_t: magnitude_unsigned, \\
                              default: magnitude_integer)(x)
""",
    "power": """\
static inline uint64 power_unsigned(uint64 x, uint64 y) {
    uint64 result = 1;
    for (; y; y >>= 1, x *= x)
        if (y & 1) result *= x;
    return result;
}
static inline int64 power_integer(int64 x, int64 y) {
    if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
    return (int64)power_unsigned((uint64)x, (uint64)y);
}
#define power(x, y) \\
    _Generic((x), float: powf, double: pow, uint64_t: power_unsigned, default: power_integer)(x, y)
""",
    "floor_quotient": """\
static inline float64 floor_quotient_float64(float64 x, float64 y) {
    if (y == 0) return x / y;
    const float64 rest = fmod(x, y), whole = (x - rest) / y;
    const float64 quotient = rest != 0 && (y < 0) != (rest < 0) ? whole - 1 : whole;
    const float64 down = floor(quotient);
    return quotient == 0 ? copysign(0, x / y) : quotient - down > 0.5 ? down + 1 : down;
}
static inline float32 floor_quotient_float32(float32 x, float32 y) {
    if (y == 0) return x / y;
    const float32 rest = fmodf(x, y), whole = (x - rest) / y;
    const float32 quotient = rest != 0 && (y < 0) != (rest < 0) ? whole - 1 : whole;
    const float32 down = floorf(quotient);
    return quotient == 0 ? copysignf(0, x / y) : quotient - down > 0.5f ? down + 1 : down;
}
static inline int64 floor_quotient_int64(int64 x, int64 y) {
    if (y == 0) return 0;
    if (y == -1) return -x;  // the processor would trap on the least number
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}
static inline uint64 floor_quotient_uint64(uint64 x, uint64 y) { return y == 0 ? 0 : x / y; }
#define floor_quotient(x, y) \\
    _Generic((x), float: floor_quotient_float32, double: floor_quotient_float64, \\
             uint64_t: floor_quotient_uint64, default: floor_quotient_int64)(x, y)
""",
    "floor_remainder": """\
static inline float64 floor_remainder_float64(float64 x, float64 y) {
    const float64 rest = fmod(x, y);
    if (rest == 0) return copysign(0, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
}
static inline float32 floor_remainder_float32(float32 x, float32 y) {
    const float32 rest = fmodf(x, y);
    if (rest == 0) return copysignf(0, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
}
static inline int64 floor_remainder_int64(int64 x, int64 y) {
    if (y == 0 || y == -1) return 0;
    const int64 rest = x % y;
    return rest != 0 && (x < 0) != (y < 0) ? rest + y : rest;
}
static inline uint64 floor_remainder_uint64(uint64 x, uint64 y) { return y == 0 ? 0 : x % y; }
#define floor_remainder(x, y) \\
    _Generic((x), float: floor_remainder_float32, double: floor_remainder_float64, \\
             uint64_t: floor_remainder_uint64, default: floor_remainder_int64)(x, y)
""",
    "erfcx": """\
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
    "slice_start": """\
/* An end of start:stop:step among n elements: from 0 (-1 for a step back) to n (n - 1). */
static inline int64 slice_start(int64 n, int64 end, int64 step) {
    if (end < 0) end += n;
    if (end < 0) return step < 0 ? -1 : 0;
    return end >= n ? (step < 0 ? n - 1 : n) : end;
}
""",
    "range_length": """\
/* How many numbers lie from first to before last, so many apart; -1 if no array has so many. */
static inline int64 range_length(int64 first, int64 last, int64 step) {
    if (step == 0 || (step > 0 ? first >= last : first <= last)) return 0;
    const uint64 apart = step > 0 ? (uint64)last - (uint64)first : (uint64)first - (uint64)last;
    const uint64 steps = (apart - 1) / (step > 0 ? (uint64)step : -(uint64)step);
    return (steps + 1) >> 60 ? -1 : (int64)steps + 1;
}
""",
    "slice_length": """\
static inline int64 slice_length(int64 n, int64 start, int64 stop, int64 step) {
    return range_length(slice_start(n, start, step), slice_start(n, stop, step), step);
}
""",
    "gapless": GAPLESS,
    "bytes_of": """\
/* Bytes of an array, or -1 if there are more than a pointer can reach. */
static inline int64 bytes_of(int64 item, int32_t rank, const int64 *shape) {
    int64 bytes = item;
    for (int32_t axis = 0; axis < rank; axis++)
        if (shape[axis] < 0 || __builtin_mul_overflow(bytes, shape[axis], &bytes)) return -1;
    return bytes;
}
""",
    "fail": """\
static int32_t fail(kg_host *host, int32_t check, int64 a, int64 b, int64 c) {
    host->error_code = check;
    host->error_node = check;
    host->error_detail[0] = a;
    host->error_detail[1] = b;
    host->error_detail[2] = c;
    return KG_PROGRAM_ERROR;
}
""",
}

_NEEDS = {
    "slice_length": ("slice_start", "range_length"),
    **{f"gather_{dtype}": (f"add_group_{dtype}",) for dtype in FLOATS},
}


def helpers_for(text: str) -> str:
    """The helpers that a program uses, in a fixed order."""
    used = {name for name in HELPERS if re.search(rf"\b{name}\(", text)}
    used |= {need for name in used for need in _NEEDS.get(name, ())}
    return "\n".join(HELPERS[name] for name in HELPERS if name in used)
