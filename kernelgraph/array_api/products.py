"""Products of matrices and vectors: `matmul`, `tensordot`, `vecdot`, `matrix_transpose`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import NUMERIC
from kernelgraph.array_api.promotion import array, expect_dtype, operands
from kernelgraph.errors import AxisError, ShapeError
from kernelgraph.expect import expect_integer
from kernelgraph.graph import describe


def _pair(name: str, x1: Array, x2: Array) -> Any:
    for x in (x1, x2):
        expect_array(x, f"an operand of {name}")
    dtype, pair = operands(name, x1, x2)
    expect_dtype(dtype, NUMERIC, name)
    return dtype, pair


def matmul(x1: Array, x2: Array, /) -> Array:
    """The product of matrices, or of stacks of them; a vector is a row on the left and a column on
    the right. Raises `ShapeError` for scalars and for sizes that do not fit.
    """
    dtype, (a, b) = _pair("matmul", x1, x2)
    return array(T.matmul(a, b), dtype)


def tensordot(x1: Array, x2: Array, /, *, axes: int | Sequence[Sequence[int]] = 2) -> Array:
    """The sum of products along `axes`: the last of x1 and the first of x2, as many as the int
    says, or a pair of lists.
    """
    dtype, (a, b) = _pair("tensordot", x1, x2)
    pairs: Any = axes if isinstance(axes, int) else [list(side) for side in axes]
    return array(T.tensordot(a, b, pairs), dtype)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The dot products of vectors that lie along `axis`, a negative one; x1 is conjugated.

    Raises `AxisError` for an axis that is not there.
    """
    dtype, (a, b) = _pair("vecdot", x1, x2)
    expect_integer(axis, "axis")
    if not -min(a.ndim, b.ndim) <= axis <= -1:
        raise AxisError(f"the axis of vecdot goes from -{min(a.ndim, b.ndim)} to -1, not {axis}")
    sizes = x1.shape[axis], x2.shape[axis]
    if all(isinstance(size, int) for size in sizes) and sizes[0] != sizes[1]:
        raise ShapeError(f"vecdot of vectors of {sizes[0]} and {sizes[1]} elements", code="KG-S002")
    return array(T.sum(T.conj(a) * b, axis=axis, dtype=dtype.name), dtype)


def matrix_transpose(x: Array, /) -> Array:
    """Each matrix of a stack with rows and columns exchanged. Raises `ShapeError` for a vector."""
    if expect_array(x, "the operand of matrix_transpose").ndim < 2:
        raise ShapeError(f"matrix_transpose takes matrices, not {describe(x.variable)}")
    return x.mT
