"""What both kernels and the host need to write expressions: storage, names, conversions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from kernelgraph.formats import WIDEN
from kernelgraph.loops import ir
from kernelgraph.ops.arithmetic import Cast, add, mul, saturate
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import OPERANDS, ScalarOp

Storage = ir.Expression | ir.Buffer
"""Where a value is: a number that can be named, or memory."""


ONE = ir.Number(1, "int64")


def operation(op: ScalarOp, dtype: str, *operands: ir.Expression) -> ir.Operation:
    """An op over single numbers, which have the dtypes that it wants."""
    return ir.Operation(op, dict(zip(OPERANDS, operands, strict=False)), dtype)


def size_of(dim: Dim) -> ir.Expression:
    """The size of a dimension as an expression."""
    return ir.Number(dim.size, "int64") if dim.size is not None else ir.Name(dim.name)


def total(x: ir.Expression, y: ir.Expression) -> ir.Expression:
    """The sum of two indices."""
    return operation(add, "int64", x, y)


def product(sizes: Sequence[ir.Expression]) -> ir.Expression:
    """The product of sizes."""
    if not sizes:
        return ONE
    first, *others = sizes
    return reduce(lambda x, y: operation(mul, "int64", x, y), others, first)


def as_dtype(value: ir.Expression, dtype: str) -> ir.Expression:
    """The expression converted to `dtype`; constants are converted here and now."""
    if value.dtype == dtype:
        return value
    if isinstance(value, ir.Number):
        return ir.Number(saturate(np.asarray(value.value, dtype=value.dtype), dtype)[()], dtype)
    if value.dtype == "float16":
        return as_dtype(operation(WIDEN, "float32", value), dtype)
    return operation(Cast(dtype), dtype, value)
