"""Powers of two near a number, by which others are scaled without rounding.

    binade(5.0) = 4.0, and inverse_binade(5.0) = 0.25.

A product with them changes the exponent of a float alone, so squares of scaled numbers neither
overflow nor vanish. Both read the bits of a number and choose nothing, so loops stay vectors.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import elementwise, floating
from kernelgraph.templates import Helper
from kernelgraph.types import Array

_FORMATS = {
    "float64": {"bits": "uint64", "exponent": "0x7ff0000000000000", "least": "0x0010000000000000",
                "most": "0x7fd0000000000000", "twice": "0x7fe0000000000000"},
    "float32": {"bits": "uint32", "exponent": "0x7f800000", "least": "0x00800000",
                "most": "0x7e800000", "twice": "0x7f000000"},
}  # fmt: skip

_C = """\
static inline %(bits)s binade_bits_%(real)s(%(real)s x) {
    %(bits)s bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    bits &= %(exponent)s;
    bits = bits > %(least)s ? bits : %(least)s;
    return bits < %(most)s ? bits : %(most)s;
}
static inline %(real)s binade_%(real)s(%(real)s x) {
    const %(bits)s bits = binade_bits_%(real)s(x);
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}
static inline %(real)s inverse_binade_%(real)s(%(real)s x) {
    const %(bits)s bits = %(twice)s - binade_bits_%(real)s(x);
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}
"""
_CHOICES = """\
#define binade(x) _Generic((x), float: binade_float32, default: binade_float64)(x)
#define inverse_binade(x) \\
    _Generic((x), float: inverse_binade_float32, default: inverse_binade_float64)(x)
"""
_CUDA_CHOICES = """\
__device__ static inline float64 binade(float64 x) { return binade_float64(x); }
__device__ static inline float32 binade(float32 x) { return binade_float32(x); }
__device__ static inline float64 inverse_binade(float64 x) { return inverse_binade_float64(x); }
__device__ static inline float32 inverse_binade(float32 x) { return inverse_binade_float32(x); }
"""
_PYTHON = """\
def binade(x):
    limits = np.finfo(x.dtype)
    near = min(max(limits.tiny, abs(x) if x == x else np.inf), 1 / limits.tiny)
    return x.dtype.type(np.ldexp(1.0, int(np.frexp(near)[1]) - 1))
def inverse_binade(x):
    return x.dtype.type(1 / binade(x))
"""


def _definitions(choices: str, before: str, copy: str) -> str:
    text = "".join(_C % {**one, "real": real} for real, one in _FORMATS.items())
    return text.replace("static inline", before).replace("__builtin_memcpy", copy) + choices


_BINADE = Helper(
    "binade",
    c=_definitions(_CHOICES, "static inline", "__builtin_memcpy"),
    cuda=_definitions(_CUDA_CHOICES, "__device__ static inline", "memcpy"),
    python=_PYTHON,
)


def _binade(x: Any) -> Array:
    limits = np.finfo(x.dtype)
    near = np.clip(np.where(np.isnan(x), np.inf, np.abs(x)), limits.tiny, 1 / limits.tiny)
    return np.ldexp(np.ones_like(x), np.frexp(near)[1] - 1)


binade = elementwise(
    "binade", "The power of two at or below |x|, as far as it and its inverse are normal numbers.",
    numpy=_binade, c="binade({x})", helpers=(_BINADE,), public=False, signature=floating, cost=4,
    latex=r"2^{{\lfloor \log_2 {x} \rfloor}}", partials=lambda x, out: (None,),
)  # fmt: skip

inverse_binade = elementwise(
    "inverse_binade", "1 / binade(x), which is exact.",
    numpy=lambda x: 1 / _binade(x), c="inverse_binade({x})", helpers=(_BINADE,), public=False,
    signature=floating, cost=4,
    latex=r"2^{{-\lfloor \log_2 {x} \rfloor}}", partials=lambda x, out: (None,),
)  # fmt: skip
