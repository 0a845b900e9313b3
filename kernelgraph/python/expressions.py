"""Expressions of the loop language as Python, over NumPy's scalars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.loops import ir
from kernelgraph.loops.printer import operation


def number(value: Any, dtype: str) -> str:
    """A NumPy scalar."""
    if dtype == "bool":
        return str(bool(value))
    item = np.dtype(dtype).type(value).item()
    plain = np.isfinite(item) and not isinstance(item, complex)  # -0-0j would be (0+0j)
    return f"{dtype}({item!r})" if plain else f'{dtype}("{item!r}")'


def expression(value: ir.Expression) -> str:
    """An expression as Python."""
    match value:
        case ir.Number():
            return number(value.value, value.dtype)
        case ir.Name():
            return value.name
        case ir.Load():
            return element(value.buffer, value.index)
        case ir.SlotSize():
            return f"values[{value.slot}].shape[{value.axis}]"
        case ir.Operation():
            return operation(value, "python", expression)


def element(buffer: ir.Buffer, index: Sequence[ir.Expression]) -> str:
    """One element of a buffer."""
    entries = [str(e.value) if isinstance(e, ir.Number) else expression(e) for e in index]
    return f"{buffer.name}[{', '.join(entries) or '()'}]"
