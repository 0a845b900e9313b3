"""Places as one number or as a number for each axis, and labels as rows with a single 1.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> k = T.lvector("k")
>>> outputs = [*unravel_index(k, (2, 3)), to_one_hot(k, 6)]
>>> f = kg.function([k], outputs, target="interpret")
>>> [result.tolist() for result in f([5, 1])]
[[1, 0], [2, 1], [[0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

from kernelgraph.config import config
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, IndexingError, NumberError, Operand
from kernelgraph.expect import came, expect_choice, expect_list
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.ops.arithmetic import add, cast, eq, int_div, mod
from kernelgraph.ops.blocks import count_of
from kernelgraph.ops.masks import nonzero
from kernelgraph.ops.patterns import sizes_of
from kernelgraph.ops.positions import Position, count, position
from kernelgraph.ops.selection import MODES, integers, moved_inside
from kernelgraph.ops.sources import constant_size

__all__ = ["argwhere", "ravel_multi_index", "to_one_hot", "unravel_index"]


class Place(Position):
    """Places among so many elements (the second operand): from 0, and never negative."""

    name = "place"
    wraps = False

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return NumberError(
            f"there is no place {index} among {size}",
            code="KG-I008",
            origins=node.origins,
            because=f"the place is an element of {describe(node.inputs[0])}",
            hint=f"places go from 0 to {size - 1}",
            operands=(Operand("the places", (size,), (0,), index=index),),
        )


def _strides(sizes: Sequence[Variable], order: str) -> list[Variable]:
    """How many places an index of each axis goes on."""
    expect_choice(order, "order", ("C", "F"))
    return [
        math.prod(sizes[k + 1 :] if order == "C" else sizes[:k], start=constant_size(1))
        for k in range(len(sizes))
    ]


def _sizes(dims: Any) -> list[Variable]:
    sizes = sizes_of(dims)
    if not sizes or None in sizes:
        raise ArgumentError(f"the sizes of an array are needed, not {came(dims)}")
    return sizes


def unravel_index(indices: Any, dims: Any, order: str = "C") -> tuple[Variable, ...]:
    """For places among all elements of an array of sizes `dims` an index array for each axis.

    `order` says how places are counted: "C" row by row, "F" column by column. Raises
    `IndexTypeError` (KG-I003) for places that are no integers, `ArgumentError` for no sizes, and
    `NumberError` (KG-I008, a `ValueError`) for a place that is not there.
    """
    sizes, places = _sizes(dims), integers(indices, "places")
    inside = Place()(places, math.prod(sizes[1:], start=sizes[0]))
    pairs = zip(_strides(sizes, order), sizes, strict=True)
    return tuple(mod(int_div(inside, stride), length) for stride, length in pairs)


def ravel_multi_index(
    multi_index: Any, dims: Any, mode: str = "raise", order: str = "C"
) -> Variable:
    """The places among all elements of an array of sizes `dims` that index arrays name, one for
    each axis: what `unravel_index` undoes.

    `mode` says what an index outside does, as in `take`, but negative ones are outside. Raises
    `ArgumentError` for another number of index arrays, and otherwise as `unravel_index`.
    """
    given = expect_list(multi_index, "multi_index", "index arrays, one for each axis")
    sizes, names = _sizes(dims), [integers(v, "indices") for v in given]
    expect_choice(mode, "mode", MODES)
    if len(names) != len(sizes):
        raise ArgumentError(f"{len(names)} index arrays for {len(sizes)} sizes")
    inside = [Place()(moved_inside(v, n, mode), n) for v, n in zip(names, sizes, strict=True)]
    return reduce(add, [v * n for v, n in zip(inside, _strides(sizes, order), strict=True)])


def argwhere(x: Any) -> Variable:
    """The indices of all elements that are not 0, a row for each, as NumPy's `argwhere`.

    Raises `ShapeError` (KG-S008) for a scalar.
    """
    return nonzero(x, return_matrix=True).T


def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Variable:
    """A row for each label in `y` (integers), with a 1 in the column that it names among
    `nb_class` and zeros elsewhere; of dtype floatX unless given. Negative labels count from the
    end.

    Raises `IndexTypeError` (KG-I003) for labels that are no integers, and `IndexingError` (KG-I001)
    for one that is not there.
    """
    labels, classes = integers(y, "labels"), count_of(nb_class, "the number of classes", 0)
    wanted = dimshuffle(position(labels, classes), [*range(labels.ndim), "x"])
    here = dimshuffle(count(classes), ["x"] * labels.ndim + [0])
    return cast(eq(wanted, here), config.floatX if dtype is None else dtype)
