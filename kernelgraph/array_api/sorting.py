"""Functions that put elements in order, and those that follow from it: sets, places in a sorted
vector.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import ALL, DEFAULT_INTEGER, INTEGRAL, REAL
from kernelgraph.array_api.manipulation import flip, reshape
from kernelgraph.array_api.promotion import array, as_operand, common_dtype, expect_dtype
from kernelgraph.array_api.scalars import unwrapped
from kernelgraph.array_api.shapes import listed_axes
from kernelgraph.errors import ShapeError
from kernelgraph.expect import expect_choice, expect_flag
from kernelgraph.graph import describe


def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The elements in order along `axis`; NaN comes last, or first if `descending`."""
    place = _place("sort", x, axis, stable)
    found = Array(T.sort(x.variable, place))
    return flip(found, axis=place) if expect_flag(descending, "descending") else found


def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The indices that put the elements in order along `axis`; equal ones keep their order."""
    place = _place("argsort", x, axis, stable)
    if not expect_flag(descending, "descending"):
        return array(T.argsort(x.variable, place), DEFAULT_INTEGER)
    backwards = flip(
        array(T.argsort(flip(x, axis=place).variable, place), DEFAULT_INTEGER), axis=place
    )
    last = x.shape[place] - 1
    return array(unwrapped(last) - backwards.variable, DEFAULT_INTEGER)


def _place(name: str, x: Array, axis: int, stable: bool) -> int:
    expect_flag(stable, "stable")
    expect_dtype(expect_array(x, f"the operand of {name}").dtype, REAL, name)
    (place,) = listed_axes(axis, x.ndim)
    return place


def searchsorted(
    x1: Array, x2: Any, /, *, side: str = "left", sorter: Array | None = None
) -> Array:
    """Where the numbers x2 go into the sorted vector x1: before equal ones, or behind ("right").

    `sorter` are the indices that sort x1. Raises `ShapeError` if x1 is no vector.
    """
    if expect_array(x1, "the first operand of searchsorted").ndim != 1:
        raise ShapeError(f"searchsorted takes a sorted vector, not {describe(x1.variable)}")
    dtype = common_dtype([x1, x2], "searchsorted")
    expect_dtype(dtype, REAL, "searchsorted")
    expect_choice(side, "side", ("left", "right"))
    if sorter is not None:
        expect_dtype(expect_array(sorter, "sorter").dtype, INTEGRAL, "a sorter")
    order = None if sorter is None else sorter.variable
    pair = as_operand(x1, dtype), as_operand(x2, dtype)
    return array(T.searchsorted(*pair, side=side, sorter=order), DEFAULT_INTEGER)


class UniqueAll(NamedTuple):
    """The different elements, where each is first, of which number each one is, and how many."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """The different elements, and how many there are of each."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """The different elements, and for each one the number of its value among them."""

    values: Array
    inverse_indices: Array


def unique_all(x: Array, /) -> UniqueAll:
    """The different elements in order, the index of the first of each, for each element the number
    of its value, and how many there are of each. Every NaN is different.
    """
    expect_dtype(expect_array(x, "the operand of unique_all").dtype, ALL, "unique_all")
    flat = reshape(x, (-1,)).variable
    values, indices, inverse, counts = T.unique(flat, True, True, True, equal_nan=False)
    shaped = T.reshape(inverse, [unwrapped(size) for size in x.shape])
    return UniqueAll(Array(values), Array(indices), Array(shaped), Array(counts))


def unique_counts(x: Array, /) -> UniqueCounts:
    """The different elements in order, and how many there are of each."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Array, /) -> UniqueInverse:
    """The different elements in order, and for each element the number of its value."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Array, /) -> Array:
    """The different elements in order. Every NaN is different."""
    return unique_all(x).values
