"""Which numbers are infinite or none at all.

Comparisons with NaN are false, so `x == x` tells whether x is a number. Of an infinity or NaN,
x - x is NaN; of any other number it is 0.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise, OverComplex, comparison, elementwise, public_ops
from kernelgraph.ops.complex_order import IS_FINITE, IS_INFINITE, IS_NAN
from kernelgraph.templates import Helper


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


__all__ = list(public_ops(globals()))  # pyright: ignore[reportUnsupportedDunderAll]
