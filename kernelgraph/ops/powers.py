"""Powers: of any numbers, with the derivatives that hold at zeros and kinks.

The derivative of `sqrt(x)**2` is 1, at 0 too, where that of the root is infinite: both modes of
differentiation take a power of a root as one power of what stands under the root.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernelgraph.elementwise import OverComplex, elementwise, numeric
from kernelgraph.errors import ExponentError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import as_variable
from kernelgraph.ops import complex_functions
from kernelgraph.ops.arithmetic import ge, gt, le, lt, mul, neq, sqr, switch
from kernelgraph.ops.functions import log, sqrt
from kernelgraph.ops.kinks import constant_of, has_kink_at_zero, has_zeros, is_positive
from kernelgraph.ops.noticing import integer_to_negative
from kernelgraph.partials import Only
from kernelgraph.templates import Helper
from kernelgraph.types import INTEGERS, Array, is_complex, is_float, is_inexact


def _power(x: Array, y: Array) -> Array:
    if x.dtype.kind in "fc":
        # NumPy has other formulas, of other bits, for one exponent that is repeated: hence copies.
        shape = np.broadcast_shapes(x.shape, y.shape)
        bases, exponents = (np.array(np.broadcast_to(v, shape)).reshape(-1) for v in (x, y))
        return np.power(bases, exponents).reshape(shape)
    negative = y < 0  # an integer power that is a fraction is 0, except of 1 and -1
    whole = np.power(x, np.where(negative, 0, y))
    tiny = x == 1
    if x.dtype.kind == "i":
        tiny = np.where(tiny, 1, np.where(x == -1, 1 - 2 * (y & 1), 0))
    return np.where(negative, tiny, whole).astype(x.dtype)


def _derivative_by_base(x: Variable, y: Variable) -> Variable | Only:
    """y x^(y-1). x^0 is 1 at 0, too; a root of what is never negative has derivative 0 at 0."""
    derivative, constant = y * x ** (y - 1), constant_of(y)
    if is_complex(derivative.dtype):
        return Only(neq(y, 0), derivative)
    if constant is None:
        counts = neq(y, 0)
        if has_kink_at_zero(x):
            counts = counts * (gt(x, 0) + le(y, 0) + ge(y, 1))
        return Only(counts, derivative)
    number = constant.scalar
    if number is not None and 0 < number < 1 and has_kink_at_zero(x):
        return Only(gt(x, 0), derivative)
    return Only(neq(y, 0), derivative) if has_zeros(y) else derivative


def _derivative_by_exponent(x: Variable, y: Variable, out: Variable) -> Variable | Only | None:
    """x^y log(x). None for x < 0; 0 at 0, unless the power itself is no number there."""
    if not is_inexact(y.dtype):
        return None
    if is_complex(out.dtype):
        return Only(neq(x, 0), out * log(x))
    if is_positive(x):
        return out * log(x)
    return Only(gt(x, 0) + neq(out * 0, 0), out * log(x))


_POWER = Helper(
    "power",
    c="""\
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
    cuda="""\
__device__ static inline float64 power(float64 x, float64 y) { return pow(x, y); }
__device__ static inline float32 power(float32 x, float32 y) { return powf(x, y); }
template <class T> __device__ static inline T power(T x, T y) {
    if (y < 0) return x == 1 ? 1 : x + 1 == 0 ? (y & 1 ? x : 1) : 0;
    T result = 1;
    for (; y; y >>= 1, x *= x)
        if (y & 1) result *= x;
    return result;
}
""",
    python="def power(x, y):\n    return pow(np.asarray(x), np.asarray(y))[()]",
)

pow_ = elementwise(
    "pow", "x to the power of y; of integers, `ExponentError` (KG-V004) where y is negative.",
    numpy=_power, c="power({x}, {y})", helpers=(_POWER,),
    latex="{x}^{{y}}", arity=2, signature=numeric, cost=60, ulps=2, steep=True,
    partials=lambda x, y, out: (_derivative_by_base(x, y), _derivative_by_exponent(x, y, out)),
    over_complex=OverComplex("complex_power({x}, {y})", (complex_functions.POWER,)),
    notice=integer_to_negative,
)  # fmt: skip


def raised(x: Any, y: Any) -> Any:
    """x ** y, of symbols or of patterns.

    Raises `ExponentError` (KG-V004), a ValueError, for an integer to the power of a negative one.
    """
    made: Any = pow_(x, y)
    if not isinstance(made, Variable) or made.owner is None or made.dtype not in INTEGERS:
        return made
    constant = constant_of(made.owner.inputs[1])
    if constant is None or not bool((constant.data < 0).any()):
        return made
    base = as_variable(x)
    raise ExponentError(
        f"{describe(base)} to the power of {constant} is no integer",
        hint=f"use a float exponent: {base.name or 'x'} ** {float(constant.data.min())!r}",
    )


def power_of_root(node: Apply) -> tuple[Variable, Variable] | None:
    """x and the derivative by x, where a node is a power, by 1 or more, of a root of x; None where
    it is none. No root has a derivative for x < 0. One that has a kink at 0 has its own rule.
    """
    outer = _exponent(node)
    root = node.inputs[0].owner
    if outer is None or outer < 1 or root is None:
        return None
    inner = _exponent(root)
    if inner is None or not 0 < inner < 1 or inner * outer < 1:
        return None
    x = root.inputs[0]
    if not is_float(x.dtype) or x.type != node.out.type or has_kink_at_zero(x):
        return None
    zero, never, one = (np.full((1,) * x.ndim, n, x.dtype) for n in (0, math.nan, 1))
    power, less = (np.asarray(n, x.dtype) for n in (inner * outer, inner * outer - 1))
    derivative = one if inner * outer == 1 else power * x**less
    return x, switch(lt(x, zero), never, derivative)


def _exponent(node: Apply) -> float | None:
    """The constant exponent of a power."""
    if node.op == sqrt:
        return 0.5
    if node.op == sqr or (node.op == mul and _are_alike(*node.inputs)):
        return 2.0
    constant = constant_of(node.inputs[1]) if node.op == pow_ else None
    return None if constant is None or constant.scalar is None else float(constant.scalar)


def _are_alike(a: Variable, b: Variable) -> bool:
    """Whether two variables are one, or made by one op of the same."""
    if a is b or a.owner is None or b.owner is None:
        return a is b
    same = all(x is y for x, y in zip(a.owner.inputs, b.owner.inputs, strict=False))
    return a.owner.op == b.owner.op and same and a.type == b.type
