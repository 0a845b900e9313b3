"""Which numbers are infinite or none at all, and numbers in place of these.

Comparisons with NaN are false, so `x == x` tells whether x is a number. Of an infinity or NaN,
x - x is NaN; of any other number it is 0.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, OverComplex, comparison, elementwise, public_ops
from kernelgraph.expect import expect_flag
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, switch
from kernelgraph.ops.complex_order import IS_FINITE, IS_INFINITE, IS_NAN
from kernelgraph.ops.complexes import complex_, imag, real
from kernelgraph.templates import Helper
from kernelgraph.types import is_complex, is_float


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


def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """`x` with numbers in place of NaN and infinities: `nan`, `posinf` and `neginf`; without them
    0, the largest and the least number of the dtype. Of complex numbers, each part for itself.

    The derivative is 1 where `x` is finite, and 0 elsewhere. Nothing is ever done in place, so
    `copy` changes nothing.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], T.nan_to_num(x, posinf=9.0))([1.0, np.nan, np.inf]).tolist()
    [1.0, 0.0, 9.0]
    """
    x = as_variable(x)
    expect_flag(copy, "copy")
    if is_complex(x.dtype):
        return complex_(*(nan_to_num(part(x), copy, nan, posinf, neginf) for part in (real, imag)))
    if not is_float(x.dtype):
        return x
    limits = np.finfo(x.dtype)
    ends = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    for odd, number in ((isnan(x), nan), (eq(x, np.inf), ends[0]), (eq(x, -np.inf), ends[1])):
        x = switch(odd, cast(number, x.dtype), x)
    return x


__all__ = list(public_ops(globals(), "nan_to_num"))  # pyright: ignore[reportUnsupportedDunderAll]
