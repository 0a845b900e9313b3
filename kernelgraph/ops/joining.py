"""Arrays put side by side, turned round and repeated.

What is joined keeps its order, and so does its gradient: that of each operand is its block of the
gradient of the result.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.lvector("x")
>>> outputs = [concatenate([x, -x]), roll(x, 1), repeat(x, 2), tile(x, 2)]
>>> [v.tolist() for v in kg.function([x], outputs, target="interpret")([1, 2, 3])]
[[1, 2, 3, -1, -2, -3], [3, 1, 2], [1, 1, 2, 2, 3, 3], [1, 2, 3, 1, 2, 3]]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from kernelgraph.access import Need, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import came, expect_integer, expect_list
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized, too_many_elements
from kernelgraph.op import Axis, Cotangents, Indexing, Piece, Size, as_variable
from kernelgraph.ops import sources
from kernelgraph.ops.arithmetic import cast, maximum, mod
from kernelgraph.ops.blocks import Block, count_of, joined_size, minus, plus
from kernelgraph.ops.broadcasting import Broadcast, zeros_like
from kernelgraph.ops.moves import Moves, fitting
from kernelgraph.ops.sources import constant_size, own_size, size
from kernelgraph.ops.views import Reshape, counted_axes, flatten, normalize_axes
from kernelgraph.partials import Linear
from kernelgraph.types import MOST_DIMENSIONS, TensorType, listed, upcast

__all__ = ["concatenate", "join", "roll", "stack", "tile"]


class Join(Indexing):
    """Arrays one after the other along an axis; their sizes along the others must agree."""

    __props__ = ("axis",)
    name = "join"
    linear = Linear()

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S001) for sizes that are known to differ."""
        kind = upcast(*(v.dtype for v in inputs))
        items = [cast(v, kind) for v in inputs]
        columns = zip(*(v.tensor_type.shape for v in items), strict=True)
        shape: list[int | None] = [next((n for n in c if n is not None), None) for c in columns]
        lengths = [v.tensor_type.shape[self.axis] for v in items]
        known = [n for n in lengths if n is not None]
        shape[self.axis] = sum(known) if len(known) == len(lengths) else None
        return fitting(Apply(self, items, [Variable(TensorType(kind, tuple(shape)))]))

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.concatenate(inputs, self.axis)]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        sizes: list[Size] = [Axis(0, axis) for axis in range(node.out.ndim)]
        known = node.out.tensor_type.shape[self.axis]
        lengths = [own_size(v, self.axis) for v in node.inputs]
        sizes[self.axis] = joined_size(*lengths) if known is None else known
        return [sizes]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        for k in range(1, len(node.inputs)):
            for axis in range(node.out.ndim):
                if axis != self.axis:
                    yield Axis(0, axis), Axis(k, axis)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        first, other = (node.inputs[end.operand] for end in pair)
        axis = pair[0].axis
        return ShapeError(
            f"joined along axis {self.axis}, {describe(first)} and {describe(other)} have sizes "
            f"{sizes[0]} and {sizes[1]} along axis {axis}",
            code="KG-S001",
            origins=node.origins,
            because="what is joined has the same sizes along all other axes",
            hint=f"join along axis {axis}, or take parts of one size",
            operands=(sized(first, axis, sizes[0]), sized(other, axis, sizes[1])),
        )

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        """Only more elements than can be counted make a sum of sizes so small."""
        return too_many_elements("joined", node.origins, node.inputs)

    def pieces(self, *operands: Variable) -> Sequence[Piece]:
        return _in_a_row(self.axis, operands)

    def starts(self, node: Apply) -> list[Variable]:
        """Where each operand begins in the result."""
        lengths = [size(v, self.axis) for v in node.inputs[:-1]]
        return list(accumulate(lengths, plus, initial=constant_size(0)))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,) = cotangents
        if g is None:
            return [None] * len(node.inputs)
        part = Block((self.axis,))
        places = zip(self.starts(node), node.inputs, strict=True)
        return [part(g, start, size(v, self.axis)) for start, v in places]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        if all(t is None for t in tangents):
            return [None]
        pairs = zip(tangents, node.inputs, strict=True)
        return [self(*(zeros_like(v) if t is None else t for t, v in pairs))]


class Roll(Moves, Indexing):
    """Elements moved along an axis by so many places, the second operand, a number from 0 to less
    than there are; the last ones come first.
    """

    __props__ = ("axis",)
    name = "roll"
    linear = Linear()

    def needs(self, node: Apply) -> Sequence[Need]:
        return [Need.MEMORY, Need.NUMBER]

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[0].type)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.roll(inputs[0], int(inputs[1]), self.axis)]

    def pieces(self, *operands: Variable) -> Sequence[Piece]:
        """The elements that come first, and those behind them."""
        x, places = operands
        part, kept = Block((self.axis,)), minus(own_size(x, self.axis), places)
        return _in_a_row(self.axis, [part(x, kept, places), part(x, constant_size(0), kept)])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, places = node.inputs
        return roll(g, size(x, self.axis) - places, self.axis)


def _in_a_row(axis: int, arrays: Sequence[Variable]) -> list[Piece]:
    """Each array behind the one before."""
    block, lengths = Block((axis,)), [own_size(v, axis) for v in arrays]
    starts = accumulate(lengths, plus, initial=constant_size(0))
    places = zip(starts, lengths, strict=False)
    return [Piece(v, block, where) for v, where in zip(arrays, places, strict=True)]


def concatenate(tensor_list: Any, axis: Any = 0) -> Variable:
    """Arrays one after the other along an axis, in their common dtype, as NumPy's `concatenate`.

    Raises `ShapeError` (KG-S008) for no arrays, scalars and arrays of different ranks, KG-S001
    where sizes along other axes differ, and `AxisError` for an axis that is not there.
    """
    items = [as_variable(v) for v in expect_list(tensor_list, "what is joined", "arrays")]
    if not items:
        raise ShapeError("there is nothing to join", code="KG-S008")
    for item in items:
        if item.ndim != items[0].ndim or item.ndim == 0:
            raise ShapeError(
                f"cannot join {describe(items[0])} and {describe(item)}: "
                "as many dimensions are needed, one at least",
                code="KG-S008",
                hint="T.stack([x, y]) joins along a new axis",
                operands=(sized(items[0]), sized(item)),
            )
    (along,) = normalize_axes([axis], items[0])
    return Join(along)(*items) if len(items) > 1 else items[0]


def join(axis: Any, *tensors_list: Any) -> Variable:
    """`concatenate`, with the axis first."""
    return concatenate(tensors_list, axis)


def stack(*tensors: Any, axis: Any = 0) -> Variable:
    """Arrays of one shape, given one by one or as a list (and then perhaps the axis), side by side
    along a new axis; scalars make a vector.

    Raises `ShapeError` (KG-S008) for nothing and for arrays of different ranks, KG-S001 where sizes
    differ, and `AxisError` for an axis that the result does not have.
    """
    several = 0 < len(tensors) < 3 and isinstance(tensors[0], list | tuple)
    axis = tensors[1] if several and len(tensors) == 2 else axis
    items = [as_variable(v) for v in (listed(tensors[0]) if several else tensors)]
    if not any(v.ndim for v in items):
        if items:
            counted_axes([axis], items[0], 1, "a stack of scalars")
        return sources.stack(items)
    for item in items:
        if item.ndim != items[0].ndim:
            raise ShapeError(
                f"cannot stack {describe(items[0])} and {describe(item)}: "
                "as many dimensions are needed",
                code="KG-S008",
                operands=(sized(items[0]), sized(item)),
            )
    what = f"a stack of arrays like {describe(items[0])}"
    (along,) = counted_axes([axis], items[0], items[0].ndim + 1, what)
    order = [*range(along), "x", *range(along, items[0].ndim)]
    return concatenate([dimshuffle(v, order) for v in items], along)


def roll(x: Any, shift: Any, axis: Any = None) -> Variable:
    """Elements moved by `shift` places along an axis, the last ones to the front, as NumPy's
    `roll`; without an axis, in row-major order.

    `shift` is an integer or an int scalar. Raises `ArgumentError` for another one, and `AxisError`
    for an axis that is not there.
    """
    x, moved = as_variable(x), count_of(shift, "a shift")
    if axis is None:
        return reshaped_like(roll(flatten(x), moved, 0), x) if x.ndim != 1 else roll(x, moved, 0)
    (along,) = normalize_axes([axis], x)
    length = size(x, along)
    if isinstance(length, Constant) and isinstance(moved, Constant):
        places: Variable = constant_size(int(moved.data) % max(int(length.data), 1))
    else:
        places = mod(moved, maximum(length, constant_size(1)))
    return Roll(along)(x, places)


def reshaped_like(x: Variable, like: Variable) -> Variable:
    """The elements of `x` under the sizes of another."""
    return Reshape(like.ndim)(x, *(size(like, axis) for axis in range(like.ndim)))


def repeat(x: Any, repeats: Any, axis: Any = None) -> Variable:
    """Each element `repeats` times along an axis, as NumPy's `repeat`; without an axis, in
    row-major order.

    `repeats` is an integer of at least 0 or an int scalar. Raises `ArgumentError` for another one,
    and `AxisError` for an axis that is not there.
    """
    x, count = as_variable(x), count_of(repeats, "the number of repeats", 0)
    if axis is None:
        return repeat(flatten(x), count, 0)
    (along,) = normalize_axes([axis], x)
    counts = [constant_size(1)] * x.ndim
    counts[along] = count
    return _many(x, counts, inside=True)


def tile(x: Any, reps: Any, ndim: Any = None) -> Variable:
    """An array so many times along each axis, as NumPy's `tile`.

    `reps` is a number for the last axis or a list of numbers for the last ones, integers of at
    least 0 or int scalars; more of them than `x` has axes, or a larger `ndim`, put new axes in
    front. Raises `ArgumentError` for others.
    """
    x = as_variable(x)
    counts = [count_of(n, "the number of repeats", 0) for n in listed(reps)]
    rank = max(len(counts), x.ndim)
    if ndim is not None:
        rank = expect_integer(ndim, "ndim", least=rank, most=MOST_DIMENSIONS)
    if rank == 0:
        raise ArgumentError(f"tile needs a number of repeats, not {came(reps)}")
    x = dimshuffle(x, ["x"] * (rank - x.ndim) + list(range(x.ndim)))
    return _many(x, [constant_size(1)] * (rank - len(counts)) + counts, inside=False)


def _many(x: Variable, counts: Sequence[Variable], inside: bool) -> Variable:
    """`x` so many times along each axis: repeated along a new axis before each, or (`inside`)
    after it, of which the two are made one.
    """
    order: list[int | str] = []
    new: list[int] = []
    sizes: list[Variable] = []
    for axis, count in enumerate(counts):
        if isinstance(count, Constant) and int(count.data) == 1:
            order.append(axis)
            sizes.append(size(x, axis))
            continue
        sizes.append(_times(size(x, axis), count))
        new.append(len(order) + (1 if inside else 0))
        order += [axis, "x"] if inside else ["x", axis]
    if not new:
        return x
    repeated = [count for count in counts if not (isinstance(count, Constant) and count.data == 1)]
    return Reshape(x.ndim)(Broadcast(new)(dimshuffle(x, order), *repeated), *sizes)


def _times(n: Variable, count: Variable) -> Variable:
    if isinstance(n, Constant) and isinstance(count, Constant):
        return constant_size(math.prod((int(n.data), int(count.data))))
    return n * count
