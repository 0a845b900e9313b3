"""Arithmetic of complex numbers for C and CUDA, and what it means to NumPy.

NumPy's loops multiply by different instructions on different machines, and with vectors otherwise
than without. Here the product is what the formula says, everywhere:

    (a + bi) (c + di) = (ac - bd) + (ad + bc) i

with no special cases for infinities: (inf + 0i) (1 + 1i) is inf + NaN i, as 0 times infinity is
no number. Quotients are R. L. Smith's (Communications of the ACM 5, 1962), as NumPy's are: nothing
overflows on the way that the quotient itself does not.
"""

from __future__ import annotations

import numpy as np

from kernelgraph.formats import complex_helper
from kernelgraph.templates import Helper
from kernelgraph.types import Array


def joined(real: Array, imaginary: Array) -> Array:
    """Complex numbers from their parts; `1j * y` would make NaN of infinite ones."""
    shape = np.broadcast_shapes(np.shape(real), np.shape(imaginary))
    found = np.empty(shape, np.result_type(real, np.complex64))
    found.real, found.imag = real, imaginary
    return found


def product(x: Array, y: Array) -> Array:
    """The product by its formula."""
    real = x.real * y.real - x.imag * y.imag
    return joined(real, x.real * y.imag + x.imag * y.real)


def square(x: Array) -> Array:
    """The product with itself."""
    return product(x, x)


def modulus(x: Array) -> Array:
    """The magnitude: nothing overflows on the way."""
    return np.hypot(x.real, x.imag)


TIMES = complex_helper(
    "complex_times", 2, """\
    const REAL a = re_part(x), b = im_part(x), c = re_part(y), d = im_part(y);
    return $_of(a * c - b * d, a * d + b * c);
""")  # fmt: skip

OVER = complex_helper(
    "complex_over", 2, """\
    const REAL a = re_part(x), b = im_part(x), c = re_part(y), d = im_part(y);
    const REAL c_size = fabs_F(c), d_size = fabs_F(d);
    if (c_size == 0 && d_size == 0) return $_of(a / c_size, b / c_size);
    if (c_size >= d_size) {
        const REAL ratio = d / c, scale = 1 / (c + d * ratio);
        return $_of((a + b * ratio) * scale, (b - a * ratio) * scale);
    }
    const REAL ratio = c / d, scale = 1 / (d + c * ratio);
    return $_of((a * ratio + b) * scale, (b * ratio - a) * scale);
""")  # fmt: skip

MODULUS = complex_helper(
    "complex_modulus", 1, "    return hypot_F(re_part(x), im_part(x));\n", result="REAL"
)

ARGUMENT = complex_helper(
    "complex_argument", 1, "    return atan2_F(im_part(x), re_part(x));\n", result="REAL"
)

CONJUGATE = complex_helper("complex_conjugate", 1, "    return $_of(re_part(x), -im_part(x));\n")

JOIN = Helper(
    "complex_joined",
    c="#define complex_joined(x, y) "
    "_Generic((x) + (y), float: complex64_of, default: complex128_of)(x, y)\n",
    cuda="""\
__device__ static inline auto complex_joined(float32 x, float32 y) { return complex64(x, y); }
__device__ static inline auto complex_joined(float64 x, float64 y) { return complex128(x, y); }
""",
)  # fmt: skip

PARTS = "    const REAL a = re_part(x), b = im_part(x);\n"


def of_library(name: str, c: str, cuda: str, needs: tuple[Helper, ...] = ()) -> Helper:
    """A function of one complex number, of parts a and b, that C's library has."""
    body = f"    return {c}_F(x);\n"
    return complex_helper(name, 1, body, cuda=f"{PARTS}{cuda}", needs=needs)


def of_cuda(name: str, arity: int, body: str, needs: tuple[Helper, ...]) -> Helper:
    """A function of complex numbers that only CUDA needs."""
    return Helper(name, cuda=complex_helper(name, arity, body).cuda, needs=needs)
