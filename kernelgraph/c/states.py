"""How C writes the states of reductions: one for all, or one for each row of a block, each lane."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from kernelgraph.loops import ir
from kernelgraph.loops.ctext import expression, size
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.sums import LANES
from kernelgraph.writer import Writer

_FEW = 12
"""Loops of at most so many statements have a text of their own for few iterations."""

EVERY_LANE = f"for (int64 lane = 0; lane < {LANES}; lane++)"


def every_row(loop: ir.For) -> str:
    """The head of a loop over the rows of a block, for one statement."""
    index = loop.index
    return f"for (int64 {index} = 0; {index} < {size(loop.dim)}; {index}++)"


def rows_head(loop: ir.For) -> str:
    """The same for several."""
    return f"{every_row(loop)} {{"


def state_of(reduction: ir.Reduce) -> str:
    """The state, in a block of rows that of a row."""
    return reduction.name if reduction.row is None else f"{reduction.name}[{reduction.row.name}]"


def combined(reduction: ir.Reduce, state: str) -> str:
    """The next value of a state, as text."""
    return expression(reduction.combined(ir.Name(state, reduction.start.dtype), reduction.element))


def lane_of(reduction: ir.Reduce, lane: str = "lane") -> str:
    """A partial state."""
    row = "" if reduction.row is None else f"[{reduction.row.name}]"
    return f"{reduction.name}_lanes{row}[{lane}]"


def each_row(writer: Writer, rows: ir.For | None) -> AbstractContextManager[None]:
    """The loop over the rows of a block, if there is one."""
    return nullcontext() if rows is None else writer.block(rows_head(rows))


def has_text_for_few(loop: ir.For) -> bool:
    """Whether a loop is printed a second time, without lanes, for few iterations."""
    return loop.dim.size is None and sum(1 for _ in nested(loop.body)) <= _FEW
