"""Signs of floats, the floats next to them, and the logarithm of a sum of two powers of e.

A zero has a sign, which comparisons do not show: `signbit(-0.0)` is true, though -0.0 < 0 is not.
The sign of NaN is left out: it depends on how a machine has computed it, so NaN counts as positive.

    logaddexp(x, y) = log(exp(x) + exp(y)) = max(x, y) + log1p(exp(-|x - y|))

The last form neither overflows nor loses digits.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import elementwise, floating, public_ops
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import abs_, cast, eq, maximum, neq, switch
from kernelgraph.ops.functions import softplus
from kernelgraph.partials import Only
from kernelgraph.templates import Helper
from kernelgraph.types import Array, to_float, upcast


def _question(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    return floating(dtypes)[0], "bool"


def _is_negative(x: Array) -> Any:
    return np.signbit(x) & (x == x)


def _with_sign(x: Array, y: Array) -> Any:
    return np.where(_is_negative(y), -np.abs(x), np.abs(x))


signbit = elementwise(
    "signbit", "Whether the sign is a minus, also that of -0; NaN counts as positive.",
    numpy=_is_negative, c="({x} == {x} && signbit({x}) != 0)", python="signbit({x})",
    latex=r"\left[\operatorname{sign} {x} = -\right]", signature=_question, cost=2,
    partials=lambda x, out: (None,),
)  # fmt: skip

copysign = elementwise(
    "copysign", "The magnitude of x with the sign of y, also that of -0; NaN counts as positive.",
    numpy=_with_sign, c="({y} == {y} && signbit({y}) ? -fabs({x}) : fabs({x}))",
    python="copysign({x}, {y})", latex=r"\operatorname{copysign}\left({x}, {y}\right)",
    arity=2, signature=floating, cost=4,
    partials=lambda x, y, out: (Only(neq(x, 0), copysign(1.0, x) * copysign(1.0, y)), None),
)  # fmt: skip


def _of_words(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """float32 or float64: arithmetic on float16 goes by float32, whose neighbours are nearer."""
    operands, common = floating(dtypes)
    if common == "float16":
        raise DTypeError(
            "the float next to a number is not defined for float16",
            code="KG-D003",
            hint="cast to float32",
        )
    return operands, common


_NEXT = Helper(
    "float_next_to",
    c="#define float_next_to(x, y) _Generic((x), float: nextafterf, default: nextafter)(x, y)\n",
    cuda="""\
__device__ static inline float64 float_next_to(float64 x, float64 y) { return nextafter(x, y); }
__device__ static inline float32 float_next_to(float32 x, float32 y) { return nextafterf(x, y); }
""",
)

nextafter = elementwise(
    "nextafter", "The float next to x on the way to y; y if both are equal.",
    numpy=np.nextafter, c="float_next_to({x}, {y})", python="nextafter({x}, {y})",
    helpers=(_NEXT,), latex=r"\operatorname{next}\left({x}, {y}\right)", arity=2,
    signature=_of_words, cost=10, partials=lambda x, y, out: (1, None),
)  # fmt: skip


def logaddexp(x: Any, y: Any) -> Variable:
    """log(exp(x) + exp(y)), element by element, which does not overflow.

    Its derivatives are the shares of the two powers: 1/2 each where they are equal.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], T.logaddexp(x, 1000.0))([1000.0, 0.0]).tolist()
    [1000.6931471805599, 1000.0]
    """
    x, y = as_variable(x), as_variable(y)
    dtype = to_float(upcast(x.dtype, y.dtype))
    x, y = cast(x, dtype), cast(y, dtype)
    apart = switch(eq(x, y), cast(0, dtype), abs_(x - y))  # two infinities are not apart
    return maximum(x, y) + softplus(-apart)


__all__ = list(public_ops(globals(), "logaddexp"))  # pyright: ignore[reportUnsupportedDunderAll]
