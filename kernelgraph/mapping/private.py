"""Scratch of its own for each row, so that rows may run at the same time.

`for i: (for j: e[j] = exp(x[i, j])) (for j: y[i, j] = e[j] / s)` keeps one row of `e` for all rows.
Here `e` becomes an array of rows and is used at `e[i, j]`: more memory, and nothing shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.collect import refinished
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import sharing
from kernelgraph.loops.walks import loads, mapped_statement, nested, values

Rows = Mapping[ir.Buffer, tuple[ir.Buffer, ir.Name]]
"""For each buffer of scratch, the buffer that has one for every row, and the index of the row."""


def scratch_of_its_own(program: Program) -> Program:
    """The program with scratch for each row of those loops whose rows then share nothing."""
    rows = {kernel: _rows(kernel) for kernel in program.kernels}
    new = {old: made for found in rows.values() for old, (made, _) in found.items()}
    return program.with_kernels(lambda kernel: _changed(kernel, rows[kernel]), buffers=new)


def _rows(kernel: ir.Kernel) -> Rows:
    found: dict[ir.Buffer, tuple[ir.Buffer, ir.Name]] = {}
    for loop in (item for item in kernel.body if isinstance(item, ir.For)):
        shared = sharing(loop, kernel.overlapping)
        others = [item for item in kernel.body if item is not loop]
        if shared.scratch and replace(shared, scratch=frozenset()).nothing:
            own = [b for b in shared.scratch if not _is_used(others, b) and b.packed]
            for buffer in own if len(own) == len(shared.scratch) else ():
                wide = replace(buffer, dims=(loop.dim, *buffer.dims))
                found[buffer] = wide, ir.Name(loop.index)
    return found


def _is_used(statements: Sequence[ir.Statement], buffer: ir.Buffer) -> bool:
    for item in nested(statements):
        if isinstance(item, ir.Store) and item.buffer is buffer:
            return True
        if any(load.buffer is buffer for value in values(item) for load in loads(value)):
            return True
    return False


def _changed(kernel: ir.Kernel, rows: Rows) -> ir.Kernel:
    if not rows:
        return kernel

    def load(value: ir.Expression) -> ir.Expression:
        if isinstance(value, ir.Load) and value.buffer in rows:
            buffer, row = rows[value.buffer]
            return ir.Load(buffer, (row, *value.index))
        return value

    def statement(item: ir.Statement) -> ir.Statement:
        if isinstance(item, ir.Store) and item.buffer in rows:
            buffer, row = rows[item.buffer]
            return replace(item, buffer=buffer, index=(row, *item.index))
        return item

    body = tuple(mapped_statement(item, load, statement) for item in kernel.body)
    return refinished(kernel, body)
