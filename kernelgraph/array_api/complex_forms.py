"""What some functions are for complex numbers, put together from functions of their parts and from
others of complex numbers.

    tan(z) = -i tanh(i z)    sinh(z) = -i sin(i z)    cosh(z) = cos(i z)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.dtypes import COMPLEX_FLOATING
from kernelgraph.graph import Variable

One = Callable[[Variable], Variable]


def by_dtype(of_real: One, of_complex: One) -> One:
    """One function for real numbers, and another for complex ones."""
    return lambda x: of_complex(x) if x.dtype in COMPLEX_FLOATING else of_real(x)


def times_i(x: Variable, sign: int = 1) -> Variable:
    """The product with i, or with -i, without a product that could make NaN of an infinity."""
    a, b = T.real(x), T.imag(x)
    return T.complex(-b, a) if sign > 0 else T.complex(b, -a)


def either_part(question: Any) -> One:
    """Whether something holds for one of the parts."""
    return lambda x: question(T.real(x)) | question(T.imag(x))


def both_parts(question: Any) -> One:
    """Whether something holds for both parts."""
    return lambda x: question(T.real(x)) & question(T.imag(x))


def of_parts(function: Any) -> One:
    """The complex number of which each part is that of a function of the part."""
    return lambda x: T.complex(function(T.real(x)), function(T.imag(x)))


def direction(x: Variable) -> Variable:
    """x / |x|, and 0 for 0."""
    length = T.abs(x)
    one = np.ones((), length.dtype)
    return T.switch(T.eq(length, 0), x, x / T.switch(T.eq(length, 0), one, length))


def tan(x: Variable) -> Variable:
    """Tangent."""
    return times_i(T.tanh(times_i(x)), -1)


def sinh(x: Variable) -> Variable:
    """Hyperbolic sine."""
    return times_i(T.sin(times_i(x)), -1)


def cosh(x: Variable) -> Variable:
    """Hyperbolic cosine."""
    return T.cos(times_i(x))


def logarithm(base: float) -> One:
    """The logarithm to a base."""

    def of_complex(x: Variable) -> Variable:
        found, unit = T.log(x), np.asarray(np.log(base), T.real(x).dtype)
        return T.complex(T.real(found) / unit, T.imag(found) / unit)

    return of_complex
