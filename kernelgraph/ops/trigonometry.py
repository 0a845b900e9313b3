"""Functions of angles and their inverses, circular and hyperbolic.

Derivatives are written so that no square overflows: that of arcsinh is 1 / hypot(1, x), which is
1e-200 at 1e200, where 1 / sqrt(1 + x²) is 0.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, OverComplex, elementwise, floating, public_ops
from kernelgraph.graph import Variable
from kernelgraph.ops import complex_angles as angles
from kernelgraph.ops.arithmetic import neq
from kernelgraph.ops.complexes import times_i
from kernelgraph.ops.functions import sqrt
from kernelgraph.partials import Only
from kernelgraph.templates import Helper
from kernelgraph.types import is_complex


def _function(
    name: str,
    doc: str,
    function: Any,
    c: str,
    latex: str,
    slope: Callable[[Variable, Variable], Any],
    over_complex: Helper,
    *,
    steep: bool = False,
) -> Elementwise:
    """A function of one number, with its derivative, that the library of C has, too."""
    return elementwise(
        name, doc, numpy=function, c=f"{c}({{x}})", python=f"{name}({{x}})", latex=latex,
        signature=floating, cost=60, ulps=4, steep=steep, partials=lambda x, out: (slope(x, out),),
        over_complex=OverComplex(f"{over_complex.name}({{x}})", (over_complex,)),
    )  # fmt: skip


def _roots(x: Variable) -> Variable:
    """√(1 - x) √(1 + x). Of complex numbers on a cut, where the sign of a zero tells the side, each
    root is taken of a difference: 0 + -0 would lose the sign.
    """
    if is_complex(x.dtype):
        return sqrt(-(x - 1)) * sqrt(x - -1)
    return sqrt((1 - x) * (1 + x))


def _slope_of_arctan(x: Variable) -> Variable:
    """1 / (1 + x²), of complex numbers by two quotients, as their squares would overflow."""
    return 1 / (x - 1j) / (x + 1j) if is_complex(x.dtype) else 1 / (1 + x * x)


def _slope_of_arctanh(x: Variable) -> Variable:
    """1 / (1 - x²)."""
    return 1 / (1 - x) / (1 + x) if is_complex(x.dtype) else 1 / ((1 - x) * (1 + x))


def _slope_of_arccosh(x: Variable) -> Variable:
    """1 / (√(x - 1) √(x + 1))."""
    return 1 / (sqrt(x - 1) * sqrt(x - -1 if is_complex(x.dtype) else x + 1))


def _slope_of_arcsinh(x: Variable) -> Variable:
    """1 / √(1 + x²)."""
    return 1 / _roots(times_i(x)) if is_complex(x.dtype) else 1 / hypot(x, 1)


tan = _function(
    "tan", "Tangent of an angle in radians.", np.tan, "tan", r"\tan {x}",
    lambda x, out: 1 + out * out, angles.TAN,
)  # fmt: skip
arcsin = _function(
    "arcsin", "The angle from -π/2 to π/2 whose sine is x.", np.arcsin, "asin", r"\arcsin {x}",
    lambda x, out: 1 / _roots(x), angles.ARCSIN, steep=True,
)  # fmt: skip
arccos = _function(
    "arccos", "The angle from 0 to π whose cosine is x.", np.arccos, "acos", r"\arccos {x}",
    lambda x, out: -1 / _roots(x), angles.ARCCOS, steep=True,
)  # fmt: skip
arctan = _function(
    "arctan", "The angle from -π/2 to π/2 whose tangent is x.", np.arctan, "atan", r"\arctan {x}",
    lambda x, out: _slope_of_arctan(x), angles.ARCTAN,
)  # fmt: skip
sinh = _function(
    "sinh", "Hyperbolic sine: (exp(x) - exp(-x)) / 2.", np.sinh, "sinh", r"\sinh {x}",
    lambda x, out: cosh(x), angles.SINH, steep=True,
)  # fmt: skip
cosh = _function(
    "cosh", "Hyperbolic cosine: (exp(x) + exp(-x)) / 2.", np.cosh, "cosh", r"\cosh {x}",
    lambda x, out: sinh(x), angles.COSH, steep=True,
)  # fmt: skip
arcsinh = _function(
    "arcsinh", "The number whose hyperbolic sine is x.", np.arcsinh, "asinh",
    r"\operatorname{arsinh} {x}", lambda x, out: _slope_of_arcsinh(x), angles.ARCSINH,
)  # fmt: skip
arccosh = _function(
    "arccosh", "The positive number whose hyperbolic cosine is x.", np.arccosh, "acosh",
    r"\operatorname{arcosh} {x}", lambda x, out: _slope_of_arccosh(x), angles.ARCCOSH, steep=True,
)  # fmt: skip
arctanh = _function(
    "arctanh", "The number whose hyperbolic tangent is x.", np.arctanh, "atanh",
    r"\operatorname{artanh} {x}", lambda x, out: _slope_of_arctanh(x), angles.ARCTANH, steep=True,
)  # fmt: skip


def _slopes_of_angle(y: Variable, x: Variable) -> tuple[Variable, Variable]:
    """(x, -y) / (x² + y²), divided twice by the length instead of once by its square."""
    length = hypot(y, x)
    return x / length / length, -(y / length / length)


arctan2 = elementwise(
    "arctan2", "The angle from -π to π of the point (y, x), whose tangent is x / y in its quadrant:"
    " the first operand is the height.",
    numpy=np.arctan2, c="atan2({x}, {y})", python="arctan2({x}, {y})",
    latex=r"\operatorname{atan2}\left({x}, {y}\right)", arity=2,
    signature=floating, cost=80, ulps=4,
    partials=lambda y, x, out: _slopes_of_angle(y, x),
)  # fmt: skip

hypot = elementwise(
    "hypot", "Length of the vector (x, y): √(x² + y²), whose squares may be beyond any float. At "
    "the origin both derivatives are 0.",
    numpy=np.hypot, c="hypot({x}, {y})", python="hypot({x}, {y})",
    latex=r"\sqrt{{x}^{2} + {y}^{2}}", arity=2, commutative=True,
    signature=floating, cost=20, ulps=2,
    partials=lambda x, y, out: (Only(neq(out, 0), x / out), Only(neq(out, 0), y / out)),
)  # fmt: skip


def _scaled(
    name: str, doc: str, function: Any, ratio: tuple[float, float], latex: str
) -> Elementwise:
    """A product with a ratio of two numbers, each of which is rounded to the dtype first."""
    above, below = ratio
    c, cuda = (
        f"{{x}} * (({kind}){above!r} / ({kind}){below!r})"
        for kind in ("__typeof__({x})", "decltype(+{x})")
    )
    return elementwise(
        name, doc, numpy=function, c=c, python=f"{name}({{x}})", cuda=cuda, latex=latex,
        signature=floating, partials=lambda x, out: (above / below,),
    )  # fmt: skip


deg2rad = _scaled(
    "deg2rad", "Degrees as radians: x π / 180.", np.deg2rad, (math.pi, 180.0),
    r"\frac{\pi}{180} {x}",
)  # fmt: skip
rad2deg = _scaled(
    "rad2deg", "Radians as degrees: x 180 / π.", np.rad2deg, (180.0, math.pi),
    r"\frac{180}{\pi} {x}",
)  # fmt: skip

__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
