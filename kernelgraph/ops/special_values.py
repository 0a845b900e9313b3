"""Which numbers are infinite or none at all, and which are close to each other.

Comparisons with NaN are false, so `x == x` tells whether x is a number. Of an infinity or NaN,
x - x is NaN; of any other number it is 0.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, OverComplex, comparison, elementwise, public_ops
from kernelgraph.expect import expect_flag, expect_number
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import abs_, cast, eq, le
from kernelgraph.ops.complex_order import IS_FINITE, IS_INFINITE, IS_NAN
from kernelgraph.ops.logic import both, either
from kernelgraph.ops.reductions import all_
from kernelgraph.templates import Helper
from kernelgraph.types import to_float, upcast


def _question(
    name: str, doc: str, function: Any, c: str, of_parts: Helper, cost: int = 1
) -> Elementwise:
    return elementwise(
        name, doc, numpy=function, c=c, python=f"{name}({{x}})", signature=comparison, cost=cost,
        partials=lambda x, out: (None,),
        over_complex=OverComplex(f"{of_parts.name}({{x}})", (of_parts,)),
    )  # fmt: skip


isnan = _question(
    "isnan", "Whether x is NaN; of complex numbers, whether a part is.",
    np.isnan, "{x} != {x}", IS_NAN,
)  # fmt: skip
isinf = _question(
    "isinf", "Whether x is an infinity of either sign; of complex numbers, whether a part is.",
    np.isinf, "{x} == {x} && {x} - {x} != 0", IS_INFINITE, cost=2,
)  # fmt: skip
isfinite = _question(
    "isfinite", "Whether x is a number, and no infinity; of complex numbers, whether both parts "
    "are.",
    np.isfinite, "{x} - {x} == 0", IS_FINITE,
)  # fmt: skip


def isclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether a and b are equal but for rounding, element by element: |a - b| ≤ atol + rtol |b|.

    Infinities are close to themselves only. NaN is close to nothing, or with `equal_nan` to NaN.
    Integers are compared as floats. The result is of dtype bool. As `numpy.isclose` has it, the
    tolerance is one of b: the two are not alike.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], T.isclose(x, 1.0))([1.0, 1.000001, 1.1]).tolist()
    [True, True, False]
    """
    rtol, atol = expect_number(rtol, "rtol"), expect_number(atol, "atol")
    expect_flag(equal_nan, "equal_nan")
    a, b = as_variable(a), as_variable(b)
    dtype = to_float(upcast(a.dtype, b.dtype))
    a, b = cast(a, dtype), cast(b, dtype)
    near = le(abs_(a - b), atol + rtol * abs_(b))
    close = either(both(near, isfinite(b)), eq(a, b))
    return either(close, both(isnan(a), isnan(b))) if equal_nan else close


def allclose(
    a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether all elements of a and b are equal but for rounding (see `isclose`): one bool; of no
    elements, true.
    """
    return all_(isclose(a, b, rtol, atol, equal_nan))


__all__ = list(public_ops(globals(), "allclose", "isclose"))  # pyright: ignore[reportUnsupportedDunderAll]
