"""Positions along an axis: counting them, checking them, and picking one element of every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import IndexingError, Operand, ShapeError, capture_origins
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.op import OPS, Axis, Cotangents, Indexing, Size, Source, as_variable
from kernelgraph.ops.arithmetic import cast, eq, int_div, maximum, switch
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.sides import side, typed
from kernelgraph.types import INTEGERS, TensorType, is_float


class Count(Source):
    """0, 1, 2 and so on: as many as the operand, a size, says."""

    __props__ = ()
    name = "count"

    def make_node(self, *inputs: Any) -> Apply:
        (length,) = map(as_variable, inputs)
        known = int(length.data) if isinstance(length, Constant) else None
        return Apply(self, [length], [Variable(TensorType("int64", (known,)))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.arange(int(inputs[0]), dtype="int64")]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[node.inputs[0]]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None]


class Position(Indexing):
    """Indices (the first operand) into an axis whose size is the second: checked, and those that
    are negative counted from the end.
    """

    __props__ = ()
    name = "position"

    def make_node(self, *inputs: Any) -> Apply:
        index, length = map(as_variable, inputs)
        return Apply(self, [index, length], [Variable(TensorType("int64", index.type.shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        index, length = np.asarray(inputs[0]), int(inputs[1])
        outside = (index < -length) | (index >= length)
        if outside.any():
            raise self.out_of_bounds(node, int(index[outside][0]), length)
        return [np.where(index < 0, index + length, index).astype("int64")]

    def out_of_bounds(self, node: Apply, index: int, size: int) -> IndexingError:
        """The error for an index outside its axis."""
        return IndexingError(
            f"index {index} is out of bounds for a dimension of size {size}",
            origins=node.origins,
            because=f"the index is an element of {describe(node.inputs[0])}",
            operands=(Operand("the dimension", (size,), (0,), index=index),),
        )

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, k) for k in range(node.inputs[0].ndim)]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None, None]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None]


count, position = Count(), Position()


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str | None = None) -> Variable:
    """start, start + step and so on, as far as it is before `stop`; `arange(n)` counts from 0.

    Numbers or scalars; integers give int64, unless `dtype` says otherwise. Raises `ShapeError`
    (KG-S008) for arrays and `IndexingError` (KG-I002) for a step of 0.
    """
    first, last = (0, start) if stop is None else (start, stop)
    ends = [as_variable(end) for end in (first, last, step)]
    for end in ends:
        if end.ndim:
            raise ShapeError(
                f"arange counts with scalars, not with {describe(end)}",
                code="KG-S008",
                origins=capture_origins(),
                operands=(side(end),),
            )
    if isinstance(ends[2], Constant) and ends[2].data == 0:
        raise IndexingError(
            "the step of arange cannot be 0", code="KG-I002", origins=capture_origins()
        )
    low, high, by = ends if any(is_float(end.dtype) for end in ends) else _whole(ends)
    if _is(low, 0) and _is(by, 1) and not is_float(high.dtype):
        numbers = count(_not_negative(high))
    else:
        length = -int_div(low - high, by)  # rounded up: a last step need not be a whole one
        numbers = low + count(_not_negative(cast(length, "int64"))) * by
    return numbers if dtype is None else cast(numbers, dtype)


def _whole(ends: Sequence[Variable]) -> Sequence[Variable]:
    return [
        constant_size(int(end.data)) if isinstance(end, Constant) else cast(end, "int64")
        for end in ends
    ]


def _is(variable: Variable, number: int) -> bool:
    return isinstance(variable, Constant) and variable.data == number


def _not_negative(length: Variable) -> Variable:
    if isinstance(length, Constant):
        return constant_size(max(int(length.data), 0))
    return maximum(length, constant_size(0))


def picked(x: Variable, column: Any) -> Variable:
    """One element of each row of a matrix: that in the column which the integer vector names.

    As `x[arange(n), column]` in NumPy, with one index for each row of `x`. Only elements that are
    picked count: the others may be NaN. Raises `IndexingError` (KG-I003) for other operands, and
    for a column that does not exist.
    """
    index = as_variable(column)
    if x.ndim != 2 or index.ndim != 1 or index.dtype not in INTEGERS:
        raise IndexingError(
            f"cannot pick elements of {describe(x)} by {describe(index)}: "
            "a matrix and a vector of integers are needed",
            code="KG-I003",
            origins=capture_origins(),
            operands=(side(x), side(index))
            if index.dtype in INTEGERS
            else (typed(x), typed(index, INTEGERS)),
        )
    length = size(x, 1)
    here = dimshuffle(count(length), ("x", 0))
    wanted = dimshuffle(position(index, length), (0, "x"))
    return sum_(switch(eq(here, wanted), x, np.zeros((1, 1), x.dtype)), axis=1)


def by_pairs(x: Variable, row: Any, column: Any) -> Variable:
    """`x[row, column]` with two vectors of integers, of equal length: one element for each pair.

    `arange(n)` in place of the rows means all of them, in order: then n must be the number of rows.
    """
    rows = as_variable(row)
    counted = rows.owner is not None and rows.owner.op == count
    return picked(x if counted else x[rows], column)


OPS["by_pairs"] = by_pairs
