"""Complex numbers taken apart and put together: real and imaginary parts, conjugates.

The derivatives hold for pairs of real numbers: the gradient of a real cost by a complex z is
dC/dRe(z) + i dC/dIm(z), so that a step against it makes the cost less.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import OverComplex, arithmetic, elementwise, magnitude, public_ops
from kernelgraph.graph import Variable
from kernelgraph.ops.complex_text import CONJUGATE, JOIN, joined
from kernelgraph.partials import RealLinear
from kernelgraph.types import complex_of, is_complex, real_part_of


def _part(x: Variable, forward: Any, backward: Any, of_real: int | None) -> Sequence[Any]:
    return (RealLinear(forward, backward) if is_complex(x.dtype) else of_real,)


real = elementwise(
    "real", "Real part of a complex number; a real number as it is.",
    numpy=np.real, c="{x}", latex=r"\operatorname{Re}\left({x}\right)", signature=magnitude,
    partials=lambda x, out: _part(x, real, lambda g: complex_(g, 0), 1),
    over_complex=OverComplex("re_part({x})"),
)  # fmt: skip

imag = elementwise(
    "imag", "Imaginary part of a complex number; 0 of a real one.",
    numpy=np.imag, c="{x} == {x} ? 0 : 0", python="imag({x})",
    latex=r"\operatorname{Im}\left({x}\right)", signature=magnitude,
    partials=lambda x, out: _part(x, imag, lambda g: complex_(0, g), None),
    over_complex=OverComplex("im_part({x})"),
)  # fmt: skip

conj = elementwise(
    "conj", "The number with the other sign of its imaginary part; a real number as it is.",
    numpy=np.conj, c="{x}", latex=r"\overline{{x}}", signature=arithmetic,
    partials=lambda x, out: _part(x, conj, conj, 1),
    over_complex=OverComplex("complex_conjugate({x})", (CONJUGATE,)),
)  # fmt: skip


def real_part(x: Variable) -> Variable:
    """The real part; a real number as it is, without a node."""
    return real(x) if is_complex(x.dtype) else x


def conjugate(x: Variable) -> Variable:
    """The conjugate; a real number as it is, without a node."""
    return conj(x) if is_complex(x.dtype) else x


def _joining(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    found = complex_of(*dtypes)
    return [real_part_of(found)] * len(dtypes), found


complex_ = elementwise(
    "complex", "The complex number x + i y.",
    numpy=joined, c="complex_joined({x}, {y})", python="complex({x}, {y})", helpers=(JOIN,),
    latex=r"\left({x} + i {y}\right)", arity=2, signature=_joining,
    partials=lambda x, y, out: (
        RealLinear(lambda t: complex_(t, 0), real), RealLinear(lambda t: complex_(0, t), imag),
    ),
)  # fmt: skip


def times_i(x: Variable) -> Variable:
    """The product with i, without one that makes NaN of an infinity, or loses the sign of a 0."""
    return complex_(-imag(x), real(x))


__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
