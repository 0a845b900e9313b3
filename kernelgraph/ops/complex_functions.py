"""Exponentials, logarithms, roots and powers of complex numbers for C and CUDA: what the library of
C has is called; for CUDA, which has none of it, `complex_cuda` says what a function does.
"""

from __future__ import annotations

from kernelgraph.formats import complex_helper
from kernelgraph.ops import complex_cuda as cuda
from kernelgraph.ops.complex_text import OVER, PARTS, TIMES, of_cuda, of_library
from kernelgraph.templates import Helper

HALF_EXP = of_cuda("complex_half_exponential", 1, PARTS + cuda.HALF_EXP, (cuda.HIGHEST_EXPONENT,))

EXP = of_library("complex_exponential", "cexp", cuda.EXP, (HALF_EXP,))

LOG = of_library(
    "complex_logarithm", "clog", "    return $_of(logarithm_of_size(a, b), atan2_F(b, a));\n",
    (cuda.LOG_OF_SIZE,),
)  # fmt: skip

SQRT = of_library("complex_root", "csqrt", cuda.SQRT, (cuda.LEAST, cuda.LARGEST))

EXPM1 = complex_helper(
    "complex_exponential_less_one", 1, PARTS + """\
    const REAL half = sin_F(b / 2);
    return $_of(expm1_F(a) * cos_F(b) - 2 * half * half, exp_F(a) * sin_F(b));
""")  # fmt: skip

LOG1P = complex_helper(
    "complex_logarithm_of_one_more", 1, PARTS + """\
    return $_of(log_F(hypot_F(a + 1, b)), atan2_F(b, a + 1));
""")  # fmt: skip

_WHOLE_POWERS = """\
    const REAL c = re_part(y), d = im_part(y);
    if (c == 0 && d == 0) return $_of(1, 0);
    if (re_part(x) == 0 && im_part(x) == 0)
        return c > 0 ? $_of(0, 0) : $_of((REAL)NAN, (REAL)NAN);
    const int n = c > -100 && c < 100 ? (int)c : 0;
    if (d == 0 && n && n == c) {
        if (n == 1) return x;
        if (n == 2) return complex_times_$(x, x);
        if (n == 3) return complex_times_$(x, complex_times_$(x, x));
        $ power = x, result = $_of(1, 0);
        for (int left = n < 0 ? -n : n; left; left >>= 1) {
            if (left & 1) result = complex_times_$(result, power);
            if (left > 1) power = complex_times_$(power, power);
        }
        return n < 0 ? complex_over_$($_of(1, 0), result) : result;
    }
"""

_TIMES_INFINITY = of_cuda(
    "complex_times_infinity", 2, cuda.TIMES_INFINITY, (TIMES, cuda.OF_SIZE_ONE, cuda.OF_NO_SIZE)
)

POWER = complex_helper(
    "complex_power", 2, _WHOLE_POWERS + "    return cpow_F(x, y);\n",
    cuda=_WHOLE_POWERS
    + "    return complex_exponential_$(complex_times_infinity_$(y, complex_logarithm_$(x)));\n",
    needs=(TIMES, OVER, EXP, LOG, _TIMES_INFINITY),
)  # fmt: skip
"""Whole exponents up to 99 by products, as in NumPy; a power of 0 is NaN unless the real part of
the exponent is positive.
"""

EXP2 = complex_helper(
    "complex_power_of_two", 1, PARTS + """\
    const REAL unit = (REAL)0.693147180559945309417232121458176568;
    return complex_exponential_$($_of(a * unit, b * unit));
""", needs=(EXP,),
)  # fmt: skip


def _logarithm(name: str, unit: str) -> Helper:
    """A natural logarithm, in another unit."""
    return complex_helper(
        name, 1, f"""\
    const $ natural = complex_logarithm_$(x);
    const REAL unit = (REAL){unit};
    return $_of(re_part(natural) * unit, im_part(natural) * unit);
""", needs=(LOG,),
    )  # fmt: skip


LOG2 = _logarithm("complex_logarithm_to_base_two", "1.442695040888963407359924681001892137")

LOG10 = _logarithm("complex_logarithm_to_base_ten", "0.434294481903251827651128918916605082")
