"""What stands in brackets, `x[1:, None]`: which op each form of an index builds."""

# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import IndexingError, Operand, Operands
from kernelgraph.expect import text_of
from kernelgraph.graph import Constant, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import lt, switch
from kernelgraph.ops.indexing import END, FAR, MISSING, Gather, Item, Slice, Subtensor, as_index
from kernelgraph.ops.positions import by_pairs
from kernelgraph.ops.sources import constant_size
from kernelgraph.types import INTEGERS, listed


def getitem(x: Variable, index: Any) -> Variable:
    """`x[index]`: integers, slices (numbers or int scalars), Ellipsis, None, one integer array for
    the first axis, or two of them for a matrix.

    Raises `IndexingError` for anything else, and for an index known to be outside.
    """
    entries: list[Any] = listed(index) if isinstance(index, tuple) else [index]
    if len(entries) == 1 and _is_array(entries[0]):
        return Gather()(x, entries[0])
    if len(entries) == 2 and all(map(_is_array, entries)):
        return by_pairs(x, *entries)
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
    if isinstance(entry, Variable):
        return entry.ndim > 0
    return isinstance(entry, list) or (isinstance(entry, np.ndarray) and entry.ndim > 0)


def _spell_ellipsis(entries: list[Any], x: Variable) -> list[Any]:
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if used > x.ndim:
        what = f"{used} indices for {describe(x)}, which has {x.ndim} dimensions"
        raise IndexingError(what, code="KG-I003", operands=(sized(x),))
    rest = [slice(None)] * (x.ndim - used)
    for position, entry in enumerate(entries):
        if entry is Ellipsis:
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
        raise IndexingError(
            f"cannot index {describe(x)} with {text_of(value)}: integers and integer symbols only",
            code="KG-I003",
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
