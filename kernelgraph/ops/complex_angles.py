"""Angles, logarithms and powers of complex numbers for C and CUDA: what the library of C has is
called, and CUDA, which has none of it, gets a formula.

With s(z) = Im z + i Re z, the circular functions are the hyperbolic ones of numbers turned over:

    tan(z) = s(tanh(s(z)))    sinh(z) = s(sin(s(z)))    arctan(z) = s(arctanh(s(z)))

The inverse functions are those of W. Kahan, "Branch cuts for complex elementary functions" (1987):
on a cut the sign of a zero says from which side the number comes, so zeros keep their signs.
"""

from __future__ import annotations

from kernelgraph.formats import complex_helper
from kernelgraph.ops.complex_text import EXP, LOG, PARTS, SIN, SQRT, TANH, of_library
from kernelgraph.templates import Helper


def _turned(name: str, c: str, other: Helper) -> Helper:
    """A function that is another one before and behind which the parts change places."""
    cuda = f"""\
    const $ found = {other.name}_$($_of(b, a));
    return $_of(im_part(found), re_part(found));
"""
    return of_library(name, c, cuda, (other,))


TAN = _turned("complex_tangent", "ctan", TANH)

SINH = _turned("complex_hyperbolic_sine", "csinh", SIN)

COSH = of_library(
    "complex_hyperbolic_cosine", "ccosh", "    return $_of(cosh(a) * cos(b), sinh(a) * sin(b));\n"
)

_ROOTS = """\
    const $ below = complex_root_$($_of(1 - a, -b)), above = complex_root_$($_of(1 + a, b));
    const REAL c = re_part(below), d = im_part(below), e = re_part(above), f = im_part(above);
"""
"""The roots c + di of 1 - x and e + fi of 1 + x."""

ARCSIN = of_library(
    "complex_arcsine", "casin",
    f"{_ROOTS}    return $_of(atan2(a, c * e - d * f), asinh(c * f - d * e));\n", (SQRT,),
)  # fmt: skip

ARCCOS = of_library(
    "complex_arccosine", "cacos",
    f"{_ROOTS}    return $_of(2 * atan2(c, e), asinh(d * e - c * f));\n", (SQRT,),
)  # fmt: skip

ARCSINH = _turned("complex_hyperbolic_arcsine", "casinh", ARCSIN)

ARCCOSH = of_library(
    "complex_hyperbolic_arccosine", "cacosh", """\
    const $ below = complex_root_$($_of(a - 1, b)), above = complex_root_$($_of(a + 1, b));
    const REAL c = re_part(below), d = im_part(below), e = re_part(above), f = im_part(above);
    return $_of(asinh(c * e + d * f), 2 * atan2(d, e));
""", (SQRT,),
)  # fmt: skip

ARCTANH = of_library("complex_hyperbolic_arctangent", "catanh", """\
    const REAL size = log1p(4 * a / ((1 - a) * (1 - a) + b * b)) / 4;
    return $_of(size, atan2(2 * b, (1 - a) * (1 + a) - b * b) / 2);
""")  # fmt: skip

ARCTAN = _turned("complex_arctangent", "catan", ARCTANH)

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
