"""What stands in brackets, `x[1:, None]`: which op each form of an index builds."""

# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import IndexTypeError, Operand, Operands
from kernelgraph.expect import text_of
from kernelgraph.graph import Constant, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import lt, switch
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import END, FAR, MISSING, Item, Slice, Subtensor, as_index
from kernelgraph.ops.masks import masked
from kernelgraph.ops.mixed import Entry, Index, Names, NewAxis
from kernelgraph.ops.positions import counts_along, picked
from kernelgraph.ops.sources import constant_size
from kernelgraph.types import INTEGERS, is_array, listed
from kernelgraph.walks import nested_items


def getitem(x: Variable, index: Any) -> Variable:
    """`x[index]`, as NumPy's basic and advanced indexing: integers, slices (of numbers or int
    scalars), Ellipsis, None, integer arrays, masks (arrays of truth values), and any of them
    together.

    Index arrays are aligned like operands of an addition. An index in an array is looked at for
    each element that it names: where another axis is empty it names none, and is no error (NumPy
    still refuses it, if the arrays themselves are not empty). Raises `IndexTypeError` (KG-I003) for
    anything else, and `IndexingError` (KG-I001) for an index known to be outside.
    """
    given: list[Any] = listed(index) if isinstance(index, tuple) else [index]
    entries = [as_variable(_array(entry, x)) if _is_array(entry) else entry for entry in given]
    if any(isinstance(entry, Variable) and entry.ndim for entry in entries):
        return _advanced(x, entries)
    entries = _spell_ellipsis(entries, x)
    spec: list[Slice | Item] = []
    operands: list[Variable] = []
    for entry in entries:
        if entry is not None:
            kind, ends = _entry(entry, x)
            spec.append(kind)
            operands += ends
    whole = all(entry == Slice(whole=True) for entry in spec)
    # x[:] is a part that may be set; where only dimensions are added, nothing is cut
    kept = whole and (x.ndim == 0 or None in entries)
    return _new_axes(x if kept else Subtensor(spec)(x, *operands), entries)


def _is_array(entry: Any) -> bool:
    if isinstance(entry, Variable | np.ndarray):
        return entry.ndim > 0
    return isinstance(entry, list | tuple | range)


def _array(entry: Any, x: Variable) -> Any:
    """An index array or a mask, as NumPy reads it. Raises `IndexTypeError` for truth values of
    Python, which look like a mask and are counted as numbers elsewhere.
    """
    if isinstance(entry, Variable) or is_array(entry):
        return entry
    items: Any = entry if isinstance(entry, range) else [*entry]
    if any(isinstance(item, bool) for item in nested_items(items)):
        raise IndexTypeError(
            f"cannot index {describe(x)} with {text_of(entry)}: integers are needed, "
            "not truth values of Python",
            operands=(typed(x),),
            hint="a mask is an array: x[np.array([True, False])]",
        )
    return items if items else np.zeros(0, "int64")


def _advanced(x: Variable, entries: list[Any]) -> Variable:
    """An index with arrays in it."""
    if len(entries) == 2 and x.ndim == 2 and _picks_columns(x, *entries):
        return picked(x, entries[1])
    spec: list[Entry] = []
    operands: list[Variable] = []
    named: list[int] = []
    axis = 0
    for entry in _spell_ellipsis(entries, x, apart=True):
        if entry is None or entry is APART:
            spec += [NewAxis()] if entry is None else []
            named += [-1] if entry is APART else [0]
            continue
        names = _names(x, entry, axis)
        if names is None:
            kind, ends = _entry(entry, x)
            assert isinstance(kind, Slice)
            spec.append(kind)
            operands += ends
            named.append(0)
            axis += 1
            continue
        spec += [Names()] * len(names)
        operands += names
        named += [1] * len(names)
        axis += len(names)
    at = _place(named)
    plain = all(isinstance(entry, Names) or entry == Slice(whole=True) for entry in spec)
    if not plain:
        return Index(spec, at)(x, *operands)
    axes = [k for k, entry in enumerate(spec) if isinstance(entry, Names)]
    return Gather(axes, at)(x, *operands)


def _picks_columns(x: Variable, rows: Any, columns: Any) -> bool:
    """Whether the rows of a matrix are counted, `x[arange(x.shape[0]), k]`: one element of each is
    picked. `x[arange(k.shape[0]), k]` means the same, so k is as long as x has rows. How far any
    other number counts has nothing to do with the rows: it is an index array like others.
    """
    both = isinstance(rows, Variable) and isinstance(columns, Variable)
    if not both or columns.ndim != 1 or columns.dtype not in INTEGERS:
        return False
    return counts_along(rows, x) or counts_along(rows, columns)


def _names(x: Variable, entry: Any, axis: int) -> list[Variable] | None:
    """The index arrays (or numbers) that an entry stands for; None: it is a slice."""
    if isinstance(entry, slice):
        return None
    if not (isinstance(entry, Variable) and entry.ndim):
        return [_integer(entry, x)]
    if entry.dtype == "bool":
        return masked(x, entry, axis)
    return [entry]


def _place(named: Sequence[int]) -> int:
    """Behind how many axes those of index arrays stand: in their place where they are side by
    side, else in front. `named` has 1 for an axis that is named, 0 for another, -1 for none.
    """
    first = named.index(1)
    last = len(named) - named[::-1].index(1)
    side_by_side = all(one == 1 for one in named[first:last])
    return named[:first].count(0) if side_by_side else 0


APART = object()
"""Stands for an Ellipsis of no axes, which keeps index arrays apart all the same."""


def _axes_used(entry: Any) -> int:
    if entry is None or entry is Ellipsis:
        return 0
    return entry.ndim if isinstance(entry, Variable) and entry.dtype == "bool" else 1


def _spell_ellipsis(entries: list[Any], x: Variable, apart: bool = False) -> list[Any]:
    used = sum(map(_axes_used, entries))
    if used > x.ndim:
        what = f"{used} indices for {describe(x)}, which has {x.ndim} dimensions"
        raise IndexTypeError(what, operands=(sized(x),))
    rest: list[Any] = [slice(None)] * (x.ndim - used)
    for position, entry in enumerate(entries):
        if entry is Ellipsis:
            rest = rest or ([APART] if apart else [])
            return entries[:position] + rest + entries[position + 1 :]
    return entries


def _entry(entry: Any, x: Variable) -> tuple[Slice | Item, list[Variable]]:
    if isinstance(entry, slice):
        start, stop, step = (getattr(entry, end) for end in ("start", "stop", "step"))
        if start is None and stop is None and step is None:
            return Slice(whole=True), []
        by = _integer(1 if step is None else step, x)
        first = _left_out(by, END, MISSING) if start is None else _integer(start, x)
        last = _left_out(by, MISSING, END) if stop is None else _integer(stop, x)
        return Slice(), [first, last, by]
    return Item(), [_integer(entry, x)]


def _left_out(step: Variable, backwards: int, forwards: int) -> Variable:
    """An end of a slice that was not given: it depends on the sign of the step."""
    if isinstance(step, Constant):
        return constant_size(backwards if step.data < 0 else forwards)
    return switch(lt(step, 0), constant_size(backwards), constant_size(forwards))


def _integer(value: Any, x: Variable) -> Variable:
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return constant_size(max(MISSING, min(int(value), FAR)))
    scalar = as_variable(value) if isinstance(value, Variable | np.ndarray) else None
    if scalar is None or scalar.ndim or scalar.dtype not in INTEGERS:
        raise IndexTypeError(
            f"cannot index {describe(x)} with {text_of(value)}: integers and integer symbols only",
            operands=_no_index(x, value, scalar),
        )
    return as_index(scalar)


def _no_index(x: Variable, value: Any, symbol: Variable | None) -> Operands:
    """An array and what cannot be an index of it, for the drawing of an error."""
    if symbol is not None and symbol.dtype in INTEGERS:
        return sized(x), sized(symbol)
    if symbol is not None:
        return typed(x), typed(symbol, INTEGERS)
    kind = "float64" if isinstance(value, float) else type(value).__name__
    name = f"the index {text_of(value)}"
    return typed(x), Operand(name, (), dtype=kind, allowed=INTEGERS)


def _new_axes(part: Variable, entries: Sequence[Any]) -> Variable:
    if all(entry is not None for entry in entries):
        return part
    order: list[int | str] = []
    axes = iter(range(part.ndim))
    for entry in entries:
        if entry is None:
            order.append("x")
        elif isinstance(entry, slice):
            order.append(next(axes))
    return dimshuffle(part, [*order, *axes])
