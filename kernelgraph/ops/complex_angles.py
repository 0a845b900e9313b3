"""Circular and hyperbolic functions of complex numbers for C and CUDA: what the library of C has is
called; for CUDA, which has none of it, `complex_cuda` says what a function does.

With s(z) = Im z + i Re z, the circular functions are the hyperbolic ones of numbers turned over:

    tan(z) = s(tanh(s(z)))    sin(z) = s(sinh(s(z)))    arctan(z) = s(arctanh(s(z)))

On the cuts of the inverse functions the sign of a zero says from which side a number comes, so
zeros keep their signs.
"""

from __future__ import annotations

from kernelgraph.ops import complex_cuda as cuda
from kernelgraph.ops.complex_functions import HALF_EXP, SQRT
from kernelgraph.ops.complex_text import of_library
from kernelgraph.templates import Helper


def _turned(name: str, c: str, other: Helper) -> Helper:
    """A function that is another one before and behind which the parts change places."""
    text = f"""\
    const $ found = {other.name}_$($_of(b, a));
    return $_of(im_part(found), re_part(found));
"""
    return of_library(name, c, text, (other,))


SINH = of_library("complex_hyperbolic_sine", "csinh", cuda.SINH, (HALF_EXP,))

COSH = of_library("complex_hyperbolic_cosine", "ccosh", cuda.COSH, (HALF_EXP,))

TANH = of_library("complex_hyperbolic_tangent", "ctanh", cuda.TANH, (cuda.HIGHEST_EXPONENT,))

SIN = _turned("complex_sine", "csin", SINH)

COS = of_library(
    "complex_cosine", "ccos", "    return complex_hyperbolic_cosine_$($_of(-b, a));\n", (COSH,)
)

TAN = _turned("complex_tangent", "ctan", TANH)

_INVERSE = (SQRT, cuda.EPSILON, cuda.LOG_OF_SIZE)

ARCSIN = of_library("complex_arcsine", "casin", cuda.ARCSIN, _INVERSE)

ARCCOS = of_library("complex_arccosine", "cacos", cuda.ARCCOS, (*_INVERSE, ARCSIN))

ARCSINH = _turned("complex_hyperbolic_arcsine", "casinh", ARCSIN)

ARCCOSH = of_library("complex_hyperbolic_arccosine", "cacosh", cuda.ARCCOSH, (ARCCOS,))

ARCTANH = of_library(
    "complex_hyperbolic_arctangent", "catanh", cuda.ARCTANH, (cuda.EPSILON, cuda.ONE_LESS_SQUARES)
)

ARCTAN = _turned("complex_arctangent", "catan", ARCTANH)
