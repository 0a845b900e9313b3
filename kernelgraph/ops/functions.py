"""Functions of one real number: to add one, add one block."""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math

import numpy as np

from kernelgraph.elementwise import OverComplex, elementwise, floating, public_ops
from kernelgraph.graph import Variable
from kernelgraph.ops import complex_angles, complex_functions
from kernelgraph.ops.arithmetic import MAGNITUDE, gt
from kernelgraph.ops.kinks import has_kink_at_zero
from kernelgraph.partials import Only
from kernelgraph.templates import Helper
from kernelgraph.types import Array

FUNCTIONS = EXP, EXPM1, LOG, LOG1P, TANH = tuple(
    Helper(name, python=f"{name} = np.{name}") for name in ("exp", "expm1", "log", "log1p", "tanh")
)
"""Functions that every language has; those of C are in `kernelgraph/c/mathematics.py`."""

exp = elementwise(
    "exp", "e to the power of x.",
    numpy=np.exp, c="exp({x})", helpers=(EXP,), latex="e^{{x}}",
    signature=floating, cost=20, ulps=3, steep=True,
    partials=lambda x, out: (out,),
    over_complex=OverComplex("complex_exponential({x})", (complex_functions.EXP,)),
)  # fmt: skip

expm1 = elementwise(
    "expm1", "exp(x) - 1, with all digits for small x.",
    numpy=np.expm1, c="expm1({x})", helpers=(EXPM1,), latex="e^{{x}} - 1",
    signature=floating, cost=20, ulps=3, steep=True,
    partials=lambda x, out: (exp(x),),
    over_complex=OverComplex("complex_exponential_less_one({x})", (complex_functions.EXPM1,)),
)  # fmt: skip

exp2 = elementwise(
    "exp2", "2 to the power of x.",
    numpy=np.exp2, c="exp2({x})", python="exp2({x})", latex="2^{{x}}",
    signature=floating, cost=20, ulps=4, steep=True,
    partials=lambda x, out: (out * math.log(2),),
    over_complex=OverComplex("complex_power_of_two({x})", (complex_functions.EXP2,)),
)  # fmt: skip

log = elementwise(
    "log", "Natural logarithm.",
    numpy=np.log, c="log({x})", helpers=(LOG,), latex=r"\log {x}",
    signature=floating, cost=20, ulps=4, steep=True,
    partials=lambda x, out: (1 / x,),
    over_complex=OverComplex("complex_logarithm({x})", (complex_functions.LOG,)),
)  # fmt: skip

log1p = elementwise(
    "log1p", "log(1 + x), with all digits for small x.",
    numpy=np.log1p, c="log1p({x})", helpers=(LOG1P,), latex=r"\operatorname{log1p}\left({x}\right)",
    signature=floating, cost=20, ulps=3, steep=True,
    partials=lambda x, out: (1 / (1 + x),),
    over_complex=OverComplex("complex_logarithm_of_one_more({x})", (complex_functions.LOG1P,)),
)  # fmt: skip


log2 = elementwise(
    "log2", "Logarithm to base 2.",
    numpy=np.log2, c="log2({x})", python="log2({x})", latex=r"\log_{2} {x}",
    signature=floating, cost=20, ulps=4, steep=True,
    partials=lambda x, out: (1 / math.log(2) / x,),
    over_complex=OverComplex("complex_logarithm_to_base_two({x})", (complex_functions.LOG2,)),
)  # fmt: skip

log10 = elementwise(
    "log10", "Logarithm to base 10.",
    numpy=np.log10, c="log10({x})", python="log10({x})", latex=r"\log_{10} {x}",
    signature=floating, cost=20, ulps=4, steep=True,
    partials=lambda x, out: (1 / math.log(10) / x,),
    over_complex=OverComplex("complex_logarithm_to_base_ten({x})", (complex_functions.LOG10,)),
)  # fmt: skip


def _derivative_of_root(x: Variable, out: Variable) -> Variable | Only:
    """1 / (2 √x); a root of what is never negative has a kink at 0, where the derivative is 0."""
    return Only(gt(out, 0), 0.5 / out) if has_kink_at_zero(x) else 0.5 / out


sqrt = elementwise(
    "sqrt", "Square root.",
    numpy=np.sqrt, c="sqrt({x})", latex=r"\sqrt{{x}}", signature=floating, cost=4, steep=True,
    partials=lambda x, out: (_derivative_of_root(x, out),),
    over_complex=OverComplex("complex_root({x})", (complex_functions.SQRT,)),
)  # fmt: skip

cbrt = elementwise(
    "cbrt", "Cube root, also of negative numbers.",
    numpy=np.cbrt, c="cbrt({x})", python="cbrt({x})", latex=r"\sqrt[3]{{x}}",
    signature=floating, cost=20, ulps=2, steep=True,
    partials=lambda x, out: (1 / (3 * out * out),),
)  # fmt: skip

sin = elementwise(
    "sin", "Sine of an angle in radians.",
    numpy=np.sin, c="sin({x})", latex=r"\sin {x}", signature=floating, cost=60, ulps=2,
    partials=lambda x, out: (cos(x),),
    over_complex=OverComplex("complex_sine({x})", (complex_angles.SIN,)),
)  # fmt: skip

cos = elementwise(
    "cos", "Cosine of an angle in radians.",
    numpy=np.cos, c="cos({x})", latex=r"\cos {x}", signature=floating, cost=60, ulps=2,
    partials=lambda x, out: (-sin(x),),
    over_complex=OverComplex("complex_cosine({x})", (complex_angles.COS,)),
)  # fmt: skip

tanh = elementwise(
    "tanh", "Hyperbolic tangent.",
    numpy=np.tanh, c="tanh({x})", helpers=(TANH,), latex=r"\tanh {x}",
    signature=floating, cost=20, ulps=3,
    partials=lambda x, out: (1 - out * out,),
    over_complex=OverComplex("complex_hyperbolic_tangent({x})", (complex_angles.TANH,)),
)  # fmt: skip


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, small) / (1 + small), dtype=x.dtype)


sigmoid = elementwise(
    "sigmoid", "1 / (1 + exp(-x)), between 0 and 1; computed with exp(-|x|), never too large.",
    numpy=_sigmoid, c="({x} >= 0 ? 1 : exp(-magnitude({x}))) / (1 + exp(-magnitude({x})))",
    python="(1 if {x} >= 0 else exp(-magnitude({x}))) / (1 + exp(-magnitude({x})))",
    helpers=(EXP, MAGNITUDE), latex=r"\sigma\left({x}\right)", signature=floating, cost=24, ulps=4,
    partials=lambda x, out: (out * sigmoid(-x),),
)  # fmt: skip


def _softplus(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), dtype=x.dtype)


softplus = elementwise(
    "softplus", "log(1 + exp(x)) without overflow, as max(x, 0) + log1p(exp(-|x|)).",
    numpy=_softplus, c="({x} > 0 ? {x} : 0) + log1p(exp(-magnitude({x})))",
    python="({x} if {x} > 0 else 0) + log1p(exp(-magnitude({x})))",
    helpers=(EXP, LOG1P, MAGNITUDE),
    latex=r"\operatorname{softplus}\left({x}\right)", signature=floating, cost=44, ulps=4,
    partials=lambda x, out: (sigmoid(x),),
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
