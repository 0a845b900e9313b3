"""Arrays cut into parts, and elements repeated a number of times each.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.lvector("x")
>>> f = kg.function([x], [*split(x, [1, 2], 2), repeat(x, [2, 0, 1])], target="interpret")
>>> [result.tolist() for result in f([7, 8, 9])]
[[7], [8, 9], [7, 7, 9]]
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from kernelgraph.access import Pair
from kernelgraph.errors import ArgumentError, IndexingError, NumberError, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import int_div
from kernelgraph.ops.blocks import count_of, plus
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.cumulative import cumsum
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import as_index
from kernelgraph.ops.joining import repeat as repeat_all
from kernelgraph.ops.patterns import Declared, declared
from kernelgraph.ops.positions import Position, long_as
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.updates import inc_subtensor
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import INTEGERS, LARGEST_SIZE, is_integer, listed

__all__ = ["repeat", "split"]


class Cut(Declared):
    """What is cut into parts, whose size along an axis must be that of all parts together."""

    name = "cut"

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        x, axis = node.inputs[0], pair[0].axis
        return ShapeError(
            f"parts of {sizes[1]} elements together do not make up axis {axis} of {describe(x)}, "
            f"which has {sizes[0]}",
            code="KG-S013",
            origins=node.origins,
            operands=(sized(x, axis, sizes[0]),),
        )


def split(x: Any, splits_size: Any, n_splits: Any = None, axis: Any = 0) -> list[Variable]:
    """The parts of `x` along an axis, one behind the other: a list of `n_splits` arrays.

    `splits_size` are their sizes, a list of integers and int scalars or a vector; of a list
    `n_splits` is known. Raises `ArgumentError` for another number of sizes, `AxisError` for an axis
    that is not there, and `ShapeError` when the sizes do not add up to that of `x` (KG-S013) or one
    is negative (KG-S009).
    """
    x = as_variable(x)
    (along,) = normalize_axes([axis], x)
    lengths = _lengths(splits_size, n_splits)
    total = plus(*lengths)
    shape = list(x.tensor_type.shape)
    if isinstance(total, Constant):
        shape[along] = int(total.data) if shape[along] is None else shape[along]
    long = Broadcast([0])(as_variable(np.zeros(1, "bool")), total)
    whole = Cut(tuple(shape), [along])(x, long)
    ends = list(accumulate(lengths, plus, initial=constant_size(0)))
    skipped = [slice(None)] * along
    return [
        declared(whole[(*skipped, slice(start, stop))], {along: length})
        for start, stop, length in zip(ends, ends[1:], lengths, strict=False)
    ]


def sections(x: Any, indices_or_sections: Any, axis: Any = 0) -> list[Variable]:
    """NumPy's `split`: so many equal parts, or parts that begin at the given places.

    Raises `ShapeError` (KG-S013) where equal parts do not make up the axis, `ArgumentError` for
    other places, and `AxisError` for an axis that is not there.
    """
    x = as_variable(x)
    (along,) = normalize_axes([axis], x)
    if is_integer(indices_or_sections):
        number = expect_integer(indices_or_sections, "the number of parts", least=1)
        part = int_div(size(x, along), constant_size(number))
        return split(x, [part] * number, number, along)
    places = [count_of(place, "the place of a cut") for place in listed(indices_or_sections)]
    starts: list[Any] = [None, *places]
    skipped = [slice(None)] * along
    pairs = zip(starts, [*places, None], strict=True)
    return [x[(*skipped, slice(start, stop))] for start, stop in pairs]


def _lengths(given: Any, count: Any) -> list[Variable]:
    """The sizes of parts."""
    if isinstance(given, Variable) and given.ndim == 1:
        known = given.tensor_type.shape[0]
        wanted = expect_integer(known if count is None else count, "n_splits", least=1)
        sized_parts = declared(given, {0: constant_size(wanted)})
        return [as_index(sized_parts[k]) for k in range(wanted)]
    items = [count_of(n, "the size of a part", 0) for n in listed(given)]
    if not items or (count is not None and expect_integer(count, "n_splits") != len(items)):
        raise ArgumentError(f"{len(items)} sizes do not make n_splits = {came(count)} parts")
    return items


class Repeats(Position):
    """How often elements are repeated (the first operand): never less than 0 times. The third
    operand, of which only the size is looked at, says how many elements there are.
    """

    name = "repeats"
    wraps = False

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        counts = node.inputs[0]
        return ShapeError(
            f"{sizes[0]} numbers of repeats for {sizes[1]} elements",
            code="KG-S001",
            origins=node.origins,
            because="each element is repeated a number of times of its own",
            operands=(sized(counts, 0, sizes[0]),),
        )

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return NumberError(
            f"an element cannot be repeated {index} times",
            code="KG-I007",
            origins=node.origins,
            because=f"that is an element of {describe(node.inputs[0])}",
        )


def repeat(x: Any, repeats: Any, axis: Any = None) -> Variable:
    """Each element so many times along an axis, as NumPy's `repeat`; without an axis, in row-major
    order.

    `repeats` is an integer of at least 0, an int scalar, or a vector with a number for each
    element. Raises `ArgumentError` for others, `AxisError` for an axis that is not there,
    `ShapeError` (KG-S001) for another number of them, and `NumberError` (KG-I007, a `ValueError`)
    for one that turns out negative.
    """
    several = isinstance(repeats, list | tuple) or getattr(repeats, "ndim", 0) == 1
    if not several:
        return repeat_all(x, repeats, axis)
    if axis is None:
        return repeat(flatten(x), repeats, 0)
    x = as_variable(x)
    (along,) = normalize_axes([axis], x)
    return _each(x, repeats, along)


def _each(x: Variable, repeats: Any, axis: int) -> Variable:
    """The element at `i` of the result is the first whose last place is not before `i`: so many
    elements have ended there.
    """
    given = as_variable(repeats)
    if given.ndim != 1 or given.dtype not in INTEGERS:
        raise ArgumentError(
            f"numbers of repeats are a vector of integers, not {describe(given)}",
        )
    if given.broadcastable[0] and not x.broadcastable[axis]:
        given = Broadcast([0])(given, size(x, axis))
    counts = Repeats()(as_index(given), constant_size(LARGEST_SIZE), long_as(x, axis))
    total = sum_(counts)
    marks = Broadcast([0])(as_variable(np.zeros(1, "int64")), total + 1)
    ends = inc_subtensor(marks[cumsum(counts)], np.int64(1))
    return Gather([axis], axis)(x, cumsum(ends)[:-1])
