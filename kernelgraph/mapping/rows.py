"""Blocks of rows: a loop over rows does eight rows an iteration, and its inner loops serve all of
them.

An array that is the same for every row then passes through the registers an eighth as often (strip
mining, then unroll and jam), and what is computed once a row is computed for eight rows side by
side (scalar expansion). Numbers are added in the same order as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from kernelgraph.loops import ir
from kernelgraph.loops.expressions import total
from kernelgraph.loops.sharing import sharing
from kernelgraph.loops.walks import loads, names, nested, values
from kernelgraph.mapping.loading import any_choice
from kernelgraph.mapping.sums import is_sum, part_of, renamed
from kernelgraph.schedule.dims import Dim
from kernelgraph.types import is_float

ROWS = 8
"""Rows of a block: two vectors of float64, and the block's part of a matrix stays in the cache."""

SHORT = 16
"""A loop that is known to have fewer iterations is part of the statements around it: the C compiler
unrolls it, and keeps in registers what it goes through.
"""

_LIGHT = 16
"""Loops whose operations cost no more add up for all rows of a block side by side."""

_LINE = 64
"""Bytes of a line of the cache."""

_MOST_STATEMENTS = 100
_ROW = ir.Name("row")
_BLOCK = Dim("rows", ROWS)
_FOUR = Dim("four", 4)

Group = list[ir.Statement]
"""Statements that run once a row, with no inner loop between them; or one inner loop."""


def is_short(loop: ir.For) -> bool:
    """Whether a loop is known to have only a few iterations, and has no loops inside."""
    size = loop.dim.size
    inner = any(isinstance(item, ir.For) for item in loop.body)
    return size is not None and size < SHORT and not inner


def block_rows(loop: ir.For, overlapping: Sequence[ir.Buffer] = ()) -> ir.For:
    """The loop with a block of rows an iteration, if that is safe and of use; else the loop
    itself.
    """
    if not (_is_safe(loop, overlapping) and _is_useful(loop)):
        return loop
    loop = replace(loop, body=tuple(_narrow(part) for item in loop.body for part in _named(item)))
    carries = [item for item in loop.body if isinstance(item, ir.Carry)]
    plain = tuple(item for item in loop.body if not isinstance(item, ir.Carry))
    block = _Block(replace(loop, body=plain))
    body = (*block.statements(), *(replace(item, several=True) for item in carries))
    arrays = (*block.arrays.values(), *block.scratch.values())
    return replace(loop, body=body, arrays=arrays, step=ROWS, rest=loop.body)


# ------------------------------------------------------------------------------ what may be blocked


def _is_safe(loop: ir.For, overlapping: Sequence[ir.Buffer]) -> bool:
    """Whether no row needs what the row before it wrote: rows write to themselves, or add to what
    they all share.
    """
    items = list(nested(loop.body))
    checks = [item for item in items if isinstance(item, ir.Bounded)]
    if len(items) > _MOST_STATEMENTS or any(item not in loop.body for item in checks):
        return False
    own = {item.name for item, _ in _numbers(loop.body)}
    for part in loop.body:
        if isinstance(part, ir.For):
            others = [item for item in loop.body if item is not part]
            in_turn = set[str]() if not is_short(part) else _changed(part) - _names(others)
            if _changed(part) - own - in_turn:
                return False  # rows share the state: it must see them one after the other
    shared = sharing(loop, overlapping)
    return not shared.mixed and all(map(_is_small, shared.scratch))


def _changed(loop: ir.For) -> set[str]:
    """The states that a loop adds to."""
    return {item.name for item in nested(loop.body) if isinstance(item, ir.Reduce | ir.Assign)}


def _is_small(buffer: ir.Buffer) -> bool:
    """Whether a block may have a buffer for each of its rows."""
    (size, *others) = [dim.size for dim in buffer.dims]
    return not others and size is not None and size < SHORT


def _is_heavy(loop: ir.For) -> bool:
    """Whether a loop that adds up has so much to compute that a row alone keeps the processor busy:
    the lanes of eight rows would not be vectors any more. Where it chooses, gcc 12 has mistaken
    lanes of several rows.
    """
    if not any(isinstance(item, ir.Reduce) and is_sum(item) for item in loop.body):
        return False
    return sum(map(_cost, nested(loop.body))) > _LIGHT or any_choice(loop.body)


def _cost(item: ir.Statement) -> int:
    return sum(map(_cost_of, values(item)))


def _cost_of(value: ir.Expression) -> int:
    if not isinstance(value, ir.Operation):
        return 0
    return value.op.cost + sum(map(_cost_of, value.operands.values()))


def four_rows(loop: ir.For, rows: ir.For) -> ir.For:
    """A loop that adds up for each of a block's rows, for the four from row `four` on: so many have
    their lanes in registers.
    """
    row = total(ir.Name("four"), ir.Name("of_four"))
    own = tuple(
        replace(item, row=ir.Name("of_four"))
        if isinstance(item, ir.Reduce) and is_sum(item)
        else item
        for item in rows.body
    )
    inner = replace(rows, index="of_four", dim=_FOUR, body=(ir.Let(rows.index, row), *own))
    return replace(loop, body=(inner,))


def one_row_at_a_time(loop: ir.For, rows: ir.For) -> tuple[ir.Statement, ...]:
    """What a loop that adds up for each of some rows does for one of them."""
    items = (item for item in nested(rows.body) if isinstance(item, ir.Reduce) and item.row)
    states, body = {item.name: item for item in items}, _alone(rows.body)
    for name in states:
        body = renamed(body, name, part_of(name))
    parts = [(part_of(name), item) for name, item in states.items()]
    return (
        *(ir.Local(part, item.start, item.node) for part, item in parts),
        replace(loop, body=body),
        *(replace(item, element=ir.Name(part, item.start.dtype)) for part, item in parts),
    )


def _alone(statements: Sequence[ir.Statement]) -> tuple[ir.Statement, ...]:
    """The statements with a state for one row alone."""
    return tuple(
        replace(item, row=None)
        if isinstance(item, ir.Reduce)
        else replace(item, body=_alone(item.body))
        if isinstance(item, ir.For)
        else item
        for item in statements
    )


def _by_row(index: Sequence[ir.Expression], row: str) -> bool:
    return any(isinstance(entry, ir.Name) and entry.name == row for entry in index)


def _is_useful(loop: ir.For) -> bool:
    """Whether an inner loop reads an array that is the same for every row."""
    inner = nested(
        [item for outer in loop.body if isinstance(outer, ir.For) for item in outer.body]
    )
    read = (load for item in inner for value in values(item) for load in loads(value))
    return any(load.index and not _by_row(load.index, loop.index) for load in read)


# -------------------------------------------------------------------------------- how it is blocked


def _named(item: ir.Statement) -> Iterator[ir.Statement]:
    """The statement; an index that it checks gets its name afterwards, as other numbers do."""
    if isinstance(item, ir.Bounded):
        checked = f"{item.name}_checked"
        yield replace(item, name=checked)
        yield ir.Let(item.name, ir.Name(checked), item.node)
    else:
        yield item


def _narrow(item: ir.Statement) -> ir.Statement:
    """The statement; a loop that adds to arrays has lanes for a line of the cache, since eight rows
    keep more registers busy than one.
    """
    if not isinstance(item, ir.For) or item.lanes == 1:
        return item
    if any(isinstance(part, ir.Reduce) for part in nested(item.body)):
        return item
    touched = [load.buffer for part in nested(item.body) for v in values(part) for load in loads(v)]
    narrowest = min((np.dtype(buffer.dtype).itemsize for buffer in touched), default=1)
    return replace(item, lanes=min(item.lanes, _LINE // narrowest))


class _Block:
    """The statements of a block, made from those of a row."""

    def __init__(self, loop: ir.For) -> None:
        self.index = loop.index
        self.parts = [part for group in _groups(loop.body) for part in _split(group)]
        used = [_names(part) for part in self.parts]
        self.arrays = {
            item.name: ir.Buffer(item.name, dtype, (_BLOCK,), scope="local")
            for item, dtype in _numbers(loop.body)
            if sum(item.name in part for part in used) > 1
        }
        self.scratch = {
            buffer: ir.Buffer(
                f"{buffer.name}_rows", buffer.dtype, (_BLOCK, *buffer.dims), scope="local"
            )
            for buffer in sorted(sharing(loop).scratch, key=lambda buffer: buffer.name)
        }

    def statements(self) -> Iterator[ir.Statement]:
        """A loop over the block's rows for every part of a row."""
        for part in self.parts:
            if isinstance(part[0], ir.For) and not is_short(part[0]):
                inner = tuple(self.statement(item) for item in part[0].body)
                rows = ir.For(_ROW.name, _BLOCK, inner, rolled=_is_heavy(part[0]))
                yield replace(part[0], body=(rows,))
            else:
                yield ir.For(_ROW.name, _BLOCK, tuple(self.statement(item) for item in part))

    def statement(self, item: ir.Statement) -> ir.Statement:
        """The statement for row number `row` of the block."""
        match item:
            case ir.Let() | ir.Assign() | ir.Local():
                value = item.start if isinstance(item, ir.Local) else self.value(item.value)
                if item.name in self.arrays:
                    return ir.Store(self.arrays[item.name], (_ROW,), value, item.node)
                return item if isinstance(item, ir.Local) else replace(item, value=value)
            case ir.Reduce():
                row = _ROW if item.name in self.arrays else None
                iteration = None if item.iteration is None else self.value(item.iteration)
                return replace(item, element=self.value(item.element), row=row, iteration=iteration)
            case ir.Store():
                buffer, index = self.place(item.buffer, item.index)
                return replace(item, buffer=buffer, index=index, value=self.value(item.value))
            case ir.Bounded():
                return replace(item, value=self.value(item.value))
            case ir.Flag():
                return replace(item, condition=self.value(item.condition))
            case ir.For():
                return replace(item, body=tuple(map(self.statement, item.body)), rolled=True)
            case _:
                return item

    def place(
        self, buffer: ir.Buffer, index: Sequence[ir.Expression]
    ) -> tuple[ir.Buffer, tuple[ir.Expression, ...]]:
        """Where an element lies that row number `row` of the block means."""
        at = tuple(map(self.value, index))
        return (self.scratch[buffer], (_ROW, *at)) if buffer in self.scratch else (buffer, at)

    def value(self, value: ir.Expression) -> ir.Expression:
        """The expression for row number `row` of the block."""
        match value:
            case ir.Name() if value.name == self.index:
                return total(value, _ROW)
            case ir.Name() if value.name in self.arrays:
                return ir.Load(self.arrays[value.name], (_ROW,))
            case ir.Load():
                return ir.Load(*self.place(value.buffer, value.index))
            case ir.Operation():
                operands = {name: self.value(part) for name, part in value.operands.items()}
                return replace(value, operands=operands)
            case _:
                return value


def _groups(body: Sequence[ir.Statement]) -> Iterator[Group]:
    group: Group = []
    for item in body:
        if isinstance(item, ir.For):
            yield from ([group] if group else [])
            yield [item]
            group = []
        else:
            group.append(item)
    yield from ([group] if group else [])


def _split(group: Group) -> list[Group]:
    """What rows can do side by side, then what they must do one after the other.

    The latter adds to a number that all rows share, or stores what is not a float: vectors are made
    of one kind of number.
    """
    changing = {item.name for item in group if isinstance(item, ir.Reduce | ir.Assign)}
    stored = {item.buffer for item in group if isinstance(item, ir.Store)}
    if any(load.buffer in stored for item in group for v in values(item) for load in loads(v)):
        return [group]
    late = set(changing)
    in_turn: Group = []
    for item in group:
        if _names([item]) & late or (isinstance(item, ir.Store) and not is_float(item.value.dtype)):
            in_turn.append(item)
            late |= {item.name} if isinstance(item, ir.Let) else set[str]()
    checked = {item.name for item in group if isinstance(item, ir.Bounded)}
    checked |= {i.name for i in group if isinstance(i, ir.Let) and names(i.value) & checked}
    for item in reversed(group):
        if not isinstance(item, ir.Let) or item in in_turn or names(item.value) & checked:
            continue  # an index stays beside the check that it is one, and what is read by it too
        if not is_float(item.value.dtype):
            users = [other for other in group if other is not item and item.name in _names([other])]
            if users and all(user in in_turn for user in users):
                in_turn.append(item)
    side_by_side = [item for item in group if item not in in_turn]
    in_order = [item for item in group if item in in_turn]
    return [part for part in (side_by_side, in_order) if part]


def _numbers(body: Sequence[ir.Statement]) -> Iterator[tuple[ir.Let | ir.Local, str]]:
    """The numbers that a row names, outside its inner loops."""
    for item in body:
        if isinstance(item, ir.Let):
            yield item, item.value.dtype
        elif isinstance(item, ir.Local):
            yield item, item.start.dtype


def _names(group: Sequence[ir.Statement]) -> set[str]:
    """All names in the statements: made, changed or used."""
    items = list(nested(group))
    made = {
        item.name for item in items if isinstance(item, ir.Let | ir.Local | ir.Assign | ir.Reduce)
    }
    return made.union(*(names(value) for item in items for value in values(item)))
