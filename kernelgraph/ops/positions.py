"""Positions along an axis: counting them, checking them, and picking one element of every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Access, Pair
from kernelgraph.dtypes import is_complex
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import DTypeError, IndexingError, Operand, Origins, ShapeError
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import REAL_PARTS, sized, typed
from kernelgraph.op import Axis, Cotangents, Creation, Indexing, Size, View, as_variable
from kernelgraph.ops.arithmetic import Cast, cast, eq, int_div, maximum, switch
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.indexing import as_index, index_outside, item_of_stack, range_length
from kernelgraph.ops.moves import NoDerivative, fitting
from kernelgraph.ops.reductions import PickedSum
from kernelgraph.ops.sources import SizeOf, constant_size, size
from kernelgraph.types import INTEGERS, TensorType, is_float, upcast

__all__ = ["arange"]


class Arange(NoDerivative, Creation):
    """0, 1, 2 and so on: as many as the operand, a size, says."""

    looped = True

    __props__ = ()
    name = "count"

    def make_node(self, *inputs: Any) -> Apply:
        (length,) = map(as_variable, inputs)
        known = int(length.data) if isinstance(length, Constant) else None
        return Apply(self, [length], [Variable(TensorType("int64", (known,)))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        if inputs[0] < 0:
            raise self.negative_size(node, int(inputs[0]))
        return [np.arange(int(inputs[0]), dtype="int64")]

    def counts(self, node: Apply) -> Sequence[Size]:
        return node.inputs

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        """What counts further than arrays go has a length of -1."""
        made = node.inputs[0].owner
        counts_far = made is not None and made.op == range_length
        return too_long(node.origins) if counts_far else super().negative_size(node, size)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[node.inputs[0]]]


def too_long(origins: Origins = ()) -> ShapeError:
    """The error for more numbers than an array can have."""
    return ShapeError(
        "arange has more numbers than an array can hold",
        code="KG-S009",
        origins=origins,
        hint="check the ends and the step",
    )


class Position(NoDerivative, Indexing):
    """Indices (the first operand) into an axis whose size is the second: checked, and those that
    are negative counted from the end. A third operand, of which only the size is looked at, says
    how many indices there must be.
    """

    looped = True

    __props__ = ()
    name = "position"
    wraps = True

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` where the number of indices is known to be wrong."""
        operands = [as_variable(value) for value in inputs]
        out = Variable(TensorType("int64", operands[0].type.shape))
        return fitting(Apply(self, operands, [out]))

    def access(self, node: Apply) -> Access:
        return Access([(0, list(range(node.out.ndim))), (1, ())])

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        if len(node.inputs) > 2:
            yield Axis(0, 0), Axis(2, 0)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        index, rows = node.inputs[0], _source_of_size(node.inputs[2])
        return ShapeError(
            f"{sizes[0]} indices for {sizes[1]} rows: one column is picked from each row",
            code="KG-S001",
            origins=node.origins,
            because=f"{describe(index)} has size {sizes[0]}, {describe(rows)} has size {sizes[1]}",
            hint="of the first n rows: x[:n][arange(n), index]",
            operands=(sized(index, 0, sizes[0]), sized(rows, 0, sizes[1])),
        )

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        index, length = np.asarray(inputs[0]), int(inputs[1])
        outside = (index < (-length if self.wraps else 0)) | (index >= length)
        if outside.any():
            raise self.out_of_bounds(node, int(index[outside][0]), length)
        return [np.where(index < 0, index + length, index).astype("int64")]

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return index_outside(node.inputs[0], index, size, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, k) for k in range(node.inputs[0].ndim)]]


class Label(Position):
    """Class numbers (the first operand), of which there are as many as the second says, for rows
    of scores (the size of the third): from 0, and never negative.
    """

    name = "label"
    wraps = False

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        labels, scores = node.inputs[0], _source_of_size(node.inputs[2])
        return ShapeError(
            f"{sizes[0]} labels for {sizes[1]} rows of scores",
            code="KG-S001",
            origins=node.origins,
            because=f"the labels are {describe(labels)}, the scores {describe(scores)}",
            hint="give one class number for each row of scores",
            operands=(sized(labels, 0, sizes[0]), sized(scores, 0, sizes[1])),
        )

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """The error for a class that does not exist."""
        return IndexingError(
            f"label {index} names no class: the scores have {size} columns",
            origins=node.origins,
            because=f"the label is an element of {describe(node.inputs[0])}",
            hint=f"classes are numbered from 0 to {size - 1}",
            operands=(Operand("the classes", (size,), (0,), index=index),),
        )


class Paired(View):
    """Its first operand, whose sizes must be those of the others: of the k-th, along axis k."""

    __props__ = ()
    name = "paired"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[0].type)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(inputs[0])]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return index

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, k) for k in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        for axis in range(node.out.ndim):
            yield Axis(0, axis), Axis(axis + 1, 0)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        axis = pair[0].axis
        labels, scores = node.inputs[0], _source_of_size(node.inputs[axis + 1])
        word = "rows" if axis + 1 < node.out.ndim else "columns"
        return ShapeError(
            f"labels with {sizes[0]} {word} for scores with {sizes[1]}",
            code="KG-S001",
            origins=node.origins,
            because=f"the labels are {describe(labels)}, the scores {describe(scores)}",
            hint="labels are a matrix of probabilities of the same shape as the scores, "
            "or a vector of class numbers: labels.flatten(), as integers",
            operands=(sized(labels, axis, sizes[0]), sized(scores, axis, sizes[1])),
        )

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [cotangents[0], *[None] * (len(node.inputs) - 1)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [tangents[0]]


def long_as(x: Variable, axis: int) -> Variable:
    """A vector as long as an axis; nothing looks at its numbers."""
    return long_of(size(x, axis))


def long_of(length: Variable) -> Variable:
    """A vector of so many numbers, at which nothing looks."""
    return Broadcast([0])(as_variable(np.zeros(1, "bool")), length)


def _source_of_size(long: Variable) -> Variable:
    """What `long_as` was made of, as far as rewriting left it."""
    made = long.owner
    owner = made.inputs[1].owner if made is not None and len(made.inputs) == 2 else None
    if owner is not None and isinstance(owner.op, SizeOf):
        return owner.inputs[0]
    return Variable(long.type, "the scores")


def paired(labels: Variable, scores: Variable) -> Variable:
    """Labels of the shape of scores; `ShapeError` where sizes differ when it runs."""
    return Paired()(labels, *(long_as(scores, axis) for axis in range(scores.ndim)))


count, position, label = Arange(), Position(), Label()


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str | None = None) -> Variable:
    """start, start + step and so on, as far as it is before `stop`; `arange(n)` counts from 0.

    Numbers or scalars; integers give int64 and floats float64, unless `dtype` says otherwise.
    Raises `ShapeError` (KG-S008) for arrays, `DTypeError` (KG-D003) for complex numbers and
    `IndexingError` (KG-I002) for a step of 0.
    """
    first, last = (0, start) if stop is None else (start, stop)
    ends = [as_variable(end) for end in (first, last, step)]
    for end in ends:
        if end.ndim:
            what = f"arange counts with scalars, not with {describe(end)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(end),))
        if is_complex(end.dtype):
            what = f"arange counts with real numbers, not with {describe(end)}"
            raise DTypeError(what, code="KG-D003", hint=REAL_PARTS, operands=(typed(end),))
    if isinstance(ends[2], Constant) and ends[2].data == 0:
        raise IndexingError("the step of arange cannot be 0", code="KG-I002")
    low, high, by = ends if any(is_float(end.dtype) for end in ends) else _whole(ends)
    if _is(low, 0) and _is(by, 1) and not is_float(high.dtype):
        short = not isinstance(high, Constant) and _is_size(high)
        numbers = count(maximum(high, constant_size(0)) if short else _length(low, high, by))
    else:
        numbers = low + count(_length(low, high, by)) * by
    if dtype is None and is_float(high.dtype):
        dtype = upcast(numbers.dtype, high.dtype)
    return numbers if dtype is None else cast(numbers, dtype)


def _whole(ends: Sequence[Variable]) -> Sequence[Variable]:
    return [constant_size(int(v.data)) if isinstance(v, Constant) else as_index(v) for v in ends]


def _length(low: Variable, high: Variable, by: Variable) -> Variable:
    """How many numbers arange has."""
    if any(is_float(end.dtype) for end in (low, high, by)):
        # rounded up: a last step need not be a whole one
        length = cast(-int_div(low - high, by), "int64")
        low, high, by = constant_size(0), length, constant_size(1)
    ends = [low, high, by]
    if not all(isinstance(end, Constant) for end in ends):
        return range_length(*(cast(end, "int64") for end in ends))
    length = int(range_length.numpy(*(end.data for end in ends)))
    if length < 0:
        raise too_long()
    return constant_size(length)


def _is(variable: Variable, number: int) -> bool:
    return isinstance(variable, Constant) and variable.data == number


def _is_size(variable: Variable) -> bool:
    """Whether a number is that of elements, or too short a one to be more."""
    made = variable.owner
    while made is not None and isinstance(made.op, Cast):
        variable, made = made.inputs[0], made.inputs[0].owner
    is_size = made is not None and isinstance(made.op, SizeOf)
    return is_size or variable.dtype not in ("int64", "uint64")


def counts_along(numbers: Variable, x: Variable) -> bool:
    """Whether numbers are `arange(x.shape[0])`: as many as there are along the first axis of x."""
    made = numbers.owner
    return made is not None and made.op == count and _is_size_of(made.inputs[0], x)


def _is_size_of(length: Variable, x: Variable) -> bool:
    """Whether a scalar is written as the number of rows of x, or of what x is worked out from."""
    length, rows = _plain(length), size(x, 0)
    if isinstance(length, Constant) or isinstance(rows, Constant):
        both = isinstance(length, Constant) and isinstance(rows, Constant)
        return both and int(length.data) == int(rows.data)
    one, other = length.owner, rows.owner
    if length is rows or one is None or other is None:
        return length is rows
    return one.op == other.op and one.inputs[0] is other.inputs[0] and isinstance(one.op, SizeOf)


def _plain(length: Variable) -> Variable:
    """A size, without what changes no size: a bound at 0, a dtype, the vector that it is from."""
    made = length.owner
    if made is not None and made.op == range_length and _is(made.inputs[0], 0):
        return _plain(made.inputs[1]) if _is(made.inputs[2], 1) else length
    if made is not None and (made.op == maximum or isinstance(made.op, Cast)):
        return _plain(made.inputs[0])
    if made is not None and isinstance(made.op, SizeOf):
        return size(made.inputs[0], made.op.axis)
    item = item_of_stack(length)
    return length if item is None else _plain(item)


def picked(x: Any, column: Any, place: Position = position) -> Variable:
    """One element of each row of a matrix: that in the column which the integer vector names.

    As `x[arange(n), column]` in NumPy, with one index for each row of `x`. Only elements that are
    picked count: the others may be NaN. `place` says which columns there are. Raises
    `IndexingError` (KG-I003) for other operands, and for a column that does not exist.
    """
    x, index = as_variable(x), as_variable(column)
    if x.ndim != 2 or index.ndim != 1 or index.dtype not in INTEGERS:
        raise IndexingError(
            f"cannot pick elements of {describe(x)} by {describe(index)}: "
            "a matrix and a vector of integers are needed",
            code="KG-I003",
            operands=(sized(x), sized(index))
            if index.dtype in INTEGERS
            else (typed(x), typed(index, INTEGERS)),
        )
    index = as_index(index) if index.dtype == "uint64" else index
    length = size(x, 1)
    here = dimshuffle(count(length), ("x", 0))
    wanted = dimshuffle(place(index, length, long_as(x, 0)), (0, "x"))
    return only(eq(here, wanted), x)


def only(mask: Variable, x: Variable) -> Variable:
    """The one element of each row of a matrix for which the mask is true."""
    nothing = np.full((1, 1), -0.0 if is_float(x.dtype) else 0, x.dtype)
    return PickedSum((1,))(switch(mask, x, nothing))


def picked_from(part: Variable) -> tuple[Variable, Variable, Variable] | None:
    """The matrix, its rows and the columns of which `picked` has made a part; None for others."""
    node = part.owner
    made = node.inputs[0].owner if node is not None and node.op == PickedSum((1,)) else None
    wanted = made.inputs[0].owner if made is not None and made.op == switch else None
    if made is None or wanted is None or wanted.op != eq:
        return None
    row = wanted.inputs[1].owner
    place = row.inputs[0].owner if row is not None else None
    if place is None or not isinstance(place.op, Position):
        return None
    return made.inputs[1], count(size(part, 0)), place.inputs[0]
