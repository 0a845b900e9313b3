"""What both kernels and the host need to write expressions: storage, names, conversions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from kernelgraph.formats import WIDEN
from kernelgraph.loops import ir
from kernelgraph.ops.arithmetic import Cast, add, mul
from kernelgraph.ops.conversion import convert
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import OPERANDS, Helper, ScalarOp, Template

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


def count_of(sizes: Sequence[ir.Expression]) -> ir.Expression:
    """How many elements an array of these sizes has, to be compared with another such number:
    `TOO_MANY` where an int64 does not count them, for a product that wraps around may be the number
    of elements that another array has.
    """
    if not sizes:
        return ONE
    return reduce(lambda x, y: operation(_COUNT, "int64", x, y), sizes)


_COUNT = Template(
    "elements", "elements({x}, {y})", dtype="int64",
    helpers=(Helper(
        "elements",
        c="""\
/* The product of two sizes, or the least integer where it overflows. */
static inline int64 elements(int64 x, int64 y) {
    int64 count;
    return __builtin_mul_overflow(x, y, &count) ? INT64_MIN : count;
}
""",
        python="""\
def elements(x, y):
    count = int(x) * int(y)
    return count if -(2**63) <= count < 2**63 else -(2**63)
""",
    ),),
)  # fmt: skip


def as_dtype(value: ir.Expression, dtype: str) -> ir.Expression:
    """The expression converted to `dtype`; constants are converted here and now."""
    if value.dtype == dtype:
        return value
    if isinstance(value, ir.Number):
        return ir.Number(convert(np.asarray(value.value, dtype=value.dtype), dtype)[()], dtype)
    if value.dtype == "float16":
        return as_dtype(operation(WIDEN, "float32", value), dtype)
    return operation(Cast(dtype), dtype, value)
