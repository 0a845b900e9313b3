"""Elements picked by functions: `take` along an axis, `compress` by truth values, `choose` among
arrays.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x, k = T.lvector("x"), T.lvector("k")
>>> outputs = [take(x, k, mode="wrap"), compress(T.gt(x, 10), x), choose(k % 2, [x, -x])]
>>> f = kg.function([x, k], outputs, target="interpret")
>>> [result.tolist() for result in f([10, 20, 30], [1, 4, -1])]
[[20, 20, 30], [20, 30], [-10, 20, -30]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle, pad_left
from kernelgraph.errors import (
    ArgumentError,
    IndexingError,
    IndexTypeError,
    NumberError,
    Operand,
    ShapeError,
)
from kernelgraph.expect import came, expect_choice, expect_flag
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import clip, eq, maximum, mod, switch
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import as_index
from kernelgraph.ops.masks import flatnonzero
from kernelgraph.ops.positions import Position, arange
from kernelgraph.ops.sorting import argsort
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.subscripts import getitem
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import INTEGERS, listed

__all__ = ["choose", "compress", "permute_row_elements", "take", "take_along_axis"]

MODES = "raise", "wrap", "clip"
"""What is done about an index outside: an error, counting round and round, the nearest one."""


class ChoiceNumber(Position):
    """Numbers of choices (the first operand), of which there are as many as the second says: from
    0, and never negative.
    """

    name = "choice"
    wraps = False

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """The error for a choice that does not exist."""
        return NumberError(
            f"there is no choice {index} among {size}",
            origins=node.origins,
            because=f"the number is an element of {describe(node.inputs[0])}",
            hint='choices are numbered from 0; mode="wrap" and mode="clip" take any number',
            operands=(Operand("the choices", (size,), (0,), index=index),),
        )


def integers(index: Any, what: str) -> Variable:
    """Integers as int64. Raises `IndexTypeError` (KG-I003) for others."""
    index = as_variable(index)
    if index.dtype not in INTEGERS:
        raise IndexTypeError(
            f"{what} are integers, not {describe(index)}",
            operands=(typed(index, INTEGERS),),
        )
    return as_index(index)


def moved_inside(index: Variable, length: Variable, mode: str) -> Variable:
    """Indices that are there, wrapped or clipped."""
    if mode == "wrap":
        return mod(index, maximum(length, 1))  # of nothing, the check of the index is the error
    return clip(index, constant_size(0), length - 1) if mode == "clip" else index


def take(x: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Variable:
    """The elements of `x` at `indices` (integers of any rank) along an axis; without one, among all
    elements in row-major order. As NumPy's `take`.

    `mode` says what an index outside does: "raise" an `IndexingError` (KG-I001; negative ones count
    from the end), "wrap" counts round and round, "clip" takes the nearest. Raises `IndexTypeError`
    (KG-I003) for indices that are no integers, `AxisError` for an axis that is not there,
    `OptionError` for another mode.
    """
    x, index = as_variable(x), integers(indices, "the indices of take")
    expect_choice(mode, "mode", MODES)
    if axis is None:
        return take(flatten(x), index, 0, mode)
    (along,) = normalize_axes([axis], x)
    index = moved_inside(index, size(x, along), mode)
    return getitem(x, (*[slice(None)] * along, index))


def take_along_axis(x: Any, indices: Any, axis: Any) -> Variable:
    """`x` at the places along an axis that an array of as many axes names, whose other axes are
    aligned with those of `x`: what `argsort` gives sorts it. As NumPy's `take_along_axis`.

    Raises `IndexTypeError` (KG-I003) for places that are no integers, `ShapeError` (KG-S008) for
    another rank, `AxisError` for an axis that is not there, and `IndexingError` (KG-I001) for a
    place that is not there.
    """
    x, index = as_variable(x), integers(indices, "the places along an axis")
    (along,) = normalize_axes([axis], x)
    if index.ndim != x.ndim:
        what = f"{describe(index)} has another number of dimensions than {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(index), sized(x)))
    own = [_own_places(x, k, k, x.ndim) for k in range(x.ndim)]
    own[along] = index
    return Gather(range(x.ndim))(x, *own)


def permute_row_elements(x: Any, y: Any, inverse: Any = 0) -> Variable:
    """Each row of `x` (its last axis) with its elements in the order of the row of `y`, or with
    `inverse` back from it; a vector `y` is for all rows.

    Raises as `take_along_axis` does.
    """
    x, order = as_variable(x), pad_left(integers(y, "an order"), as_variable(x).ndim)
    order = argsort(order, axis=-1) if expect_flag(inverse, "inverse") else order
    return take_along_axis(x, order, -1)


def _own_places(x: Variable, axis: int, place: int, rank: int) -> Variable:
    """The places along an axis of x, along the axis `place` of an index of so many."""
    here = np.zeros(1, "int64") if x.broadcastable[axis] else arange(size(x, axis))
    order: list[int | str] = ["x"] * place + [0] + ["x"] * (rank - place - 1)
    return dimshuffle(as_variable(here), order)


def compress(condition: Any, x: Any, axis: Any = None) -> Variable:
    """The parts of `x` along an axis for which a vector of truth values holds; without an axis, of
    all elements in row-major order. As NumPy's `compress`: a shorter condition leaves out the rest.

    Raises `ShapeError` (KG-S008) for a condition that is no vector, `AxisError` for an axis that is
    not there, and `IndexingError` (KG-I001) for a part that holds but is not there.
    """
    condition = as_variable(condition)
    if condition.ndim != 1:
        what = f"compress takes a vector of truth values, not {describe(condition)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(condition),))
    return take(x, flatnonzero(condition), axis)


def choose(a: Any, choices: Any, mode: str = "raise") -> Variable:
    """For each integer of `a` the element at the same place of the choice that it names; `choices`
    are a list of arrays, or one array, along whose first axis they lie. As NumPy's `choose`: `a`
    and the choices are aligned like operands of an addition.

    `mode` is that of `take`, but a negative number is no choice: `NumberError` (KG-I005, a
    `ValueError`). Raises `IndexTypeError` (KG-I003) for numbers that are no integers,
    `ArgumentError` for no choices.
    """
    number = integers(a, "the numbers of choices")
    expect_choice(mode, "mode", MODES)
    if isinstance(choices, list | tuple):
        items = [as_variable(item) for item in listed(choices)]
        if not items:
            raise ArgumentError("choose needs choices, of which there are none")
        return _among(_checked(number, constant_size(len(items)), mode), items)
    table = as_variable(choices)
    if table.ndim == 0:
        raise ArgumentError(f"choices are arrays, or one of them, not {came(choices)}")
    return _from(_checked(number, size(table, 0), mode), table)


def _checked(number: Variable, count: Variable, mode: str) -> Variable:
    return ChoiceNumber()(moved_inside(number, count, mode), count)


def _among(number: Variable, items: Sequence[Variable]) -> Variable:
    """One of some arrays, element by element."""
    rank = max(number.ndim, *(item.ndim for item in items))
    found = items[-1]
    for k in range(len(items) - 2, -1, -1):
        found = switch(eq(number, constant_size(k)), items[k], found)
    aligned = pad_left(number, rank)
    return found if len(items) > 1 else switch(eq(aligned, aligned), found, found)


def _from(number: Variable, table: Variable) -> Variable:
    """Elements of an array, of which `number` names the first index; the others are their own."""
    rank = max(number.ndim, table.ndim - 1)
    missing = rank - (table.ndim - 1)
    table = dimshuffle(table, [0, *["x"] * missing, *range(1, table.ndim)])
    indices = [pad_left(number, rank), *(_own_places(table, 1 + k, k, rank) for k in range(rank))]
    if rank == 0:
        return getitem(table, number)
    return Gather(range(1 + rank))(table, *indices)
