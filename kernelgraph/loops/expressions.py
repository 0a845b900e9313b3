"""Small things that both kernels and the host need to write expressions: storage, names,
conversions.
"""

from __future__ import annotations

import numpy as np

from kernelgraph.graph import Variable
from kernelgraph.loops import ir
from kernelgraph.op import State
from kernelgraph.ops.arithmetic import Cast, saturate

Storage = ir.Expression | ir.Buffer
"""Where a value is: a number that can be named, or memory."""

DOT_STATES = (State("total", lambda dtype: 0, lambda dtype: dtype, "{total} + {x}"),)


def texts(state: State) -> dict[str, str]:
    """How a state takes one element, in each language."""
    return {"c": state.combine, "cuda": state.combine, "python": state.python or state.combine}


def wish(variable: Variable) -> str:
    """What a variable's number should be called."""
    if variable.name:
        return variable.name
    return variable.owner.op.name if variable.owner is not None else "input"


def as_dtype(value: ir.Expression, dtype: str) -> ir.Expression:
    """The expression converted to `dtype`; constants are converted here and now."""
    if value.dtype == dtype:
        return value
    if isinstance(value, ir.Number):
        return ir.Number(saturate(np.asarray(value.value, dtype=value.dtype), dtype)[()], dtype)
    text = Cast(dtype).c
    return ir.Formula({"c": text, "cuda": text, "python": text}, {"x": value}, dtype)
