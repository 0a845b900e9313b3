"""Parts of arrays: `x[1:, 0]`, `x[mask]`, `x[1:] = 0`, `take`, `take_along_axis`."""

from __future__ import annotations

from typing import Any

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import ALL, INTEGRAL
from kernelgraph.array_api.promotion import (
    as_operand,
    common_dtype,
    expect_dtype,
    is_number,
    with_ones,
)
from kernelgraph.array_api.scalars import Scalar, unwrapped
from kernelgraph.errors import DTypeError, IndexingError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.types import listed


def indexed(self: Array, key: Any, /) -> Array:
    """`x[key]`: integers, slices, `...` and None; arrays of integers; or one mask.

    Raises `IndexingError` for anything else, at once or, for a place that is not there, when the
    numbers are computed.
    """
    entries = [_entry(entry) for entry in _listed(key)]
    _expect_all_axes(self, entries)
    if len(entries) == 1 and _is_mask(entries[0]) and entries[0].ndim == 0:  # all or nothing
        whole = self.variable.dimshuffle("x", *range(self.ndim))
        return Array(whole[entries[0].dimshuffle("x")])
    return Array(self.variable[tuple(entries)])


def assigned(self: Array, key: Any, value: Any) -> Array:
    """What `x[key] = value` makes of x. The value keeps x's dtype; others raise `DTypeError`."""
    if not is_number(value) and not isinstance(value, Array):
        raise DTypeError(f"what is assigned must be an array or a number, not {came(value)}")
    if common_dtype([self, value], "x[key] = value") != self.dtype:
        raise DTypeError(f"{value.dtype} does not fit an array of dtype {self.dtype}")
    new = as_operand(value, self.dtype)
    entries = [_entry(entry) for entry in _listed(key)]
    _expect_all_axes(self, entries)
    if len(entries) == 1 and entries[0] is Ellipsis:
        entries = _everything(self)
    if len(entries) == 1 and _is_mask(entries[0]) and new.ndim == 0:
        return Array(T.switch(_spread(entries[0], self.ndim), new, self.variable))
    if not entries:
        return Array(T.zeros_like(self.variable) + new)
    return Array(T.set_subtensor(self.variable[tuple(entries)], new))


def _everything(x: Array) -> list[Any]:
    return [slice(None) for _ in range(x.ndim)]


def _spread(mask: Variable, rank: int) -> Variable:
    """A mask of the first axes for all of them."""
    return mask.dimshuffle(*range(mask.ndim), *["x"] * (rank - mask.ndim))


def _listed(key: Any) -> list[Any]:
    return listed(key) if isinstance(key, tuple) else [key]


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, Variable) and entry.dtype == "bool"


def _entry(entry: Any) -> Any:
    """One entry of an index for the tensor language."""
    if isinstance(entry, Array):
        if entry.dtype.name not in ("bool", *INTEGRAL):
            raise IndexingError(
                f"an index is of integers or a mask of truth values, not {entry.dtype}",
                code="KG-I003",
            )
        return entry.variable
    if isinstance(entry, Scalar):
        return entry.variable
    if isinstance(entry, slice):
        return _slice(entry)
    if entry is None or entry is Ellipsis:
        return entry
    if isinstance(entry, bool) or not hasattr(entry, "__index__"):
        raise IndexingError(
            f"an index is an integer, a slice, ..., None or an array, not {came(entry)}",
            code="KG-I003",
        )
    return entry.__index__()


def _slice(part: Any) -> Any:
    return slice(_entry(part.start), _entry(part.stop), _entry(part.step))


def _expect_all_axes(x: Array, entries: list[Any]) -> None:
    """Each axis has an entry, unless `...` stands for the others, or a mask is all."""
    if any(entry is Ellipsis for entry in entries) or any(map(_is_mask, entries)):
        return
    used = sum(entry is not None for entry in entries)
    if used != x.ndim:
        raise IndexingError(
            f"{used} indices for {describe(x.variable)}, which has {x.ndim} dimensions",
            code="KG-I003",
            hint="x[0, ...]: the dots stand for the other axes",
        )


def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Array:
    """The parts of x at some places along an axis; without one, x must be a vector."""
    if axis is None:
        if expect_array(x, "the operand of take").ndim != 1:
            raise IndexingError("take along which axis? Only a vector has but one", code="KG-I003")
        axis = 0
    where = _indices("take", x, indices, axis)
    axis = axis % x.ndim
    return Array(x.variable[(*[slice(None)] * axis, where.variable)])


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Array:
    """The elements of x at places along an axis that differ from row to row: `argsort` gives such.

    The other axes of `indices` are those of x, or have size 1.
    """
    where = _indices("take_along_axis", x, indices, axis)
    if where.ndim != x.ndim:
        raise IndexingError(
            f"indices along an axis of {describe(x.variable)} need as many dimensions",
            code="KG-I003",
        )
    entries: list[Any] = []
    for k, size in enumerate(x.shape):
        order = ["x" if other != k else 0 for other in range(x.ndim)]
        everywhere = T.arange(unwrapped(size)).dimshuffle(*order)
        entries.append(where.variable if k == axis % x.ndim else everywhere)
    return Array(x.variable[tuple(with_ones(entries))])


def _indices(name: str, x: Array, indices: Array, axis: int) -> Array:
    expect_array(x, f"the operand of {name}")
    expect_dtype(expect_array(indices, f"the indices of {name}").dtype, INTEGRAL, f"{name} at")
    expect_dtype(x.dtype, ALL, name)
    expect_integer(axis, "axis", -x.ndim, x.ndim - 1)
    return indices
