"""Lanes, strips and interrupt polls: loops fitted to one core of a processor.

Independent partial sums run side by side where only latency limits; a long loop looks now and then
at whether the user wants to stop; rows go in blocks (`rows.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from kernelgraph.loops import ir
from kernelgraph.loops.expressions import product, size_of, total
from kernelgraph.loops.program import Program
from kernelgraph.mapping.rows import SHORT, block_rows, is_short
from kernelgraph.mapping.sums import is_sum

LANES = SHORT
"""Partial states of a reduction: enough vectors in flight to hide the latency of an addition. A
loop that is known to be shorter has none of them, and adds in the same order.
"""

STRIP = 1 << 16
"""Iterations of an innermost loop between two looks at whether the user wants to stop."""

_SHORTEST_STRIP = 1 << 10
_MOST_STATEMENTS = 12
SLOW = 50
"""An op of this cost is a call of the C library, an element at a time: no vectors, and few
iterations between two looks.
"""


def on_lanes(program: Program) -> Program:
    """The same program with its loops mapped to one processor core.

    Order of additions depends on sizes alone.
    """
    return program.with_kernels(
        lambda kernel: kernel.with_body(_body(kernel.body, kernel.overlapping, top=True))
    )


def _body(
    statements: Sequence[ir.Statement], overlapping: Sequence[ir.Buffer], top: bool
) -> tuple[ir.Statement, ...]:
    return tuple(_loop(s, overlapping, top) if isinstance(s, ir.For) else s for s in statements)


def _loop(loop: ir.For, overlapping: Sequence[ir.Buffer], top: bool) -> ir.For:
    if loop.runs == "threads":  # each row as it is: a thread polls for no interrupt
        return replace(loop, body=tuple(map(_row_of_a_thread, loop.body)))
    inner = [item for item in loop.body if isinstance(item, ir.For)]
    if all(map(is_short, inner)):
        slow = _slow_functions(loop)
        strip = max(STRIP // max(slow, 1), _SHORTEST_STRIP) if top or slow else 0
        strip = 0 if is_short(loop) else strip
        return replace(loop, lanes=LANES if _has_lanes(loop) else 1, strip=strip)
    loop = _dealt(replace(loop, body=_body(loop.body, overlapping, top=False)))
    if any(_is_long(item) for child in inner for item in child.body):
        return loop
    elements = _total(inner)
    rows = block_rows(loop, overlapping)
    body = (*rows.body, ir.Poll(_times(elements, rows.step)))
    return replace(rows, body=body, rest=(*rows.rest, ir.Poll(elements)) if rows.rest else ())


def _row_of_a_thread(item: ir.Statement) -> ir.Statement:
    if not isinstance(item, ir.For):
        return item
    if any(isinstance(part, ir.For) for part in item.body):
        return replace(_dealt(item), body=tuple(map(_row_of_a_thread, _dealt(item).body)))
    return replace(item, lanes=LANES if _has_lanes(item) else 1)


def _dealt(loop: ir.For) -> ir.For:
    """The loop with its own sums dealt to lanes by the number of the iteration."""
    size = loop.dim.size
    if size is not None and size < SHORT:
        return loop  # so few numbers are added one after the other
    iteration = ir.Name(loop.index)
    body = tuple(
        replace(item, iteration=iteration) if isinstance(item, ir.Reduce) and is_sum(item) else item
        for item in loop.body
    )
    sums = tuple(s for s in body if isinstance(s, ir.Reduce) and s.iteration is not None)
    return replace(loop, body=body, sums=sums)


def _is_long(item: ir.Statement) -> bool:
    return isinstance(item, ir.For) and not is_short(item)


def _times(value: ir.Expression, count: int) -> ir.Expression:
    return value if count == 1 else product([value, ir.Number(count, "int64")])


def _total(loops: Sequence[ir.For]) -> ir.Expression:
    return reduce(total, map(_work, loops))


def _work(loop: ir.For) -> ir.Expression:
    """How many elements a loop goes through; slow functions count one by one."""
    short = sum(item.dim.size or 1 for item in loop.body if isinstance(item, ir.For))
    return _times(size_of(loop.dim), max(_slow_functions(loop), short, 1))


def _slow_functions(loop: ir.For) -> int:
    """How many slow functions an iteration computes, in its short loops as well."""
    total = 0
    for item in loop.body:
        if isinstance(item, ir.Let | ir.Assign | ir.Reduce | ir.Store):
            total += _is_slow(item)
        elif isinstance(item, ir.For):
            total += (item.dim.size or 1) * _slow_functions(item)
    return total


def _has_lanes(loop: ir.For) -> bool:
    """Whether iterations may run side by side: what the loop carries may be combined in any
    grouping, or every iteration adds to an element of its own; and all of it is quick to compute.
    """
    if is_short(loop):
        return False
    if any(isinstance(item, ir.Reduce) and is_sum(item) for item in loop.body):
        return True  # the order of additions is the same, whatever else an iteration does
    if len(loop.body) > _MOST_STATEMENTS or not any(map(_carries, loop.body)):
        return False
    quick = (ir.Let, ir.Reduce, ir.Store)
    computing = [item for item in loop.body if not isinstance(item, ir.Flag)]
    return all(isinstance(item, quick) and not _is_slow(item) for item in computing)


def _carries(item: ir.Statement) -> bool:
    if isinstance(item, ir.Store) and isinstance(item.value, ir.Operation):
        loads = (value for value in item.value.operands.values() if isinstance(value, ir.Load))
        return any(load.buffer is item.buffer for load in loads)
    return isinstance(item, ir.Reduce)


def _is_slow(item: ir.Let | ir.Assign | ir.Reduce | ir.Store) -> bool:
    value = item.element if isinstance(item, ir.Reduce) else item.value
    return isinstance(value, ir.Operation) and value.op.cost >= SLOW
