"""Sums of many columns at once, in blocks of rows.

A loop over rows adds each row to an array: `s[j] += x[i, j]`, one after the other, and its error
would grow with their number. So after every 64 rows the array is added to that of a group and
begins anew at -0.0, which changes nothing that is added to it; 8 blocks are a group, and groups are
added in pairs, pairs of pairs and so on, as everywhere (`sums.py`). The order depends on the number
of rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.loops import host, ir
from kernelgraph.loops.collect import refinished
from kernelgraph.loops.expressions import product, size_of
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import loads, nested, values
from kernelgraph.mapping.sums import GROUP, LEVELS
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import State, Template

BLOCK = 64
"""Rows that are added one after the other, and up to seven more where loops inside loops end."""

LOOK = 8
"""After so many rows is looked whether they make a block: they may be done in one iteration."""

_FULL = BLOCK * GROUP
_ARRAYS = Template(
    "arrays",
    f"({{rows}} < {BLOCK} ? 0 : {{rows}} < {_FULL} ? 1 "
    f": 65 - __builtin_clzll((unsigned long long)({{rows}} / {_FULL})))",
    f"(0 if {{rows}} < {BLOCK} else 1 + (int({{rows}}) // {_FULL}).bit_length())",
)
"""How many arrays so many rows need: that of a group, and one for each level."""


def whole_block(sums: Any, blocks: Any, rows: int) -> None:
    """After so many rows, a block goes to its group, and a group that is whole to its level."""
    block, group = rows // BLOCK, rows // BLOCK // GROUP
    blocks[0] = sums if block % GROUP == 1 else blocks[0] + sums
    sums[...] = -0.0
    if block % GROUP:
        return
    level = 1
    while group % 2 == 0 and level < LEVELS:
        blocks[0] = blocks[level] + blocks[0]
        group, level = group // 2, level + 1
    taken = level == LEVELS and group > 1
    blocks[level] = (blocks[level] if taken else np.full_like(sums, -0.0)) + blocks[0]


def all_blocks(sums: Any, blocks: Any, rows: int) -> None:
    """At the end: the rows that make no block, the blocks that make no group, and all levels."""
    block, group = rows // BLOCK, rows // BLOCK // GROUP
    if block % GROUP:
        sums[...] = blocks[0] + sums
    level = 1
    while level <= LEVELS and group >> (level - 1):
        if level == LEVELS or group >> (level - 1) & 1:
            sums[...] = blocks[level] + sums
        level += 1


def is_whole(rows: int, index: int, length: int) -> bool:
    """Whether a block is whole after row number `index` of a loop, `rows` in all."""
    if index < length - length % LOOK:
        return index % LOOK == LOOK - 1 and rows % BLOCK < LOOK
    return rows % BLOCK == 0


def columns_in_blocks(program: Program) -> Program:
    """The program with sums of many columns in blocks; the host has memory for these."""
    made = {kernel: _Blocks(kernel) for kernel in program.kernels}
    return program.with_kernels(
        lambda kernel: made[kernel].new, lambda kernel: list(made[kernel].memory())
    )


class _Blocks:
    """Finds the sums of columns of one kernel."""

    def __init__(self, old: ir.Kernel) -> None:
        self.rows: dict[ir.Buffer, ir.Expression] = {}
        """For each buffer of blocks, how many rows there are."""
        body = tuple(part for item in old.body for part in self._statement(item))
        self.new = old
        if self.rows:
            self.new = refinished(old, body)

    def memory(self) -> Iterator[host.Action]:
        """What the host does before it runs the kernel."""
        for buffer, rows in self.rows.items():
            count = ir.Operation(_ARRAYS, {"rows": rows}, "int64")
            yield host.Define(buffer.dims[0], count, -1)
            yield host.Allocate(buffer, None)

    def _statement(self, item: ir.Statement) -> Iterator[ir.Statement]:
        if not isinstance(item, ir.For):
            yield item
            return
        found = {store.buffer: store for store in _sums(item)}
        carries: list[ir.Carry] = []
        for buffer, store in found.items():
            name = f"{buffer.name}_counted"
            yield ir.Local(name, ir.Number(np.int64(0), "int64"), store.node)
            dims = (Dim(f"{buffer.name}_arrays"), *buffer.dims)
            blocks = ir.Buffer(f"{buffer.name}_blocks", buffer.dtype, dims)
            self.rows[blocks] = product([*map(size_of, _rows(item, buffer))])
            carries.append(ir.Carry(buffer, blocks, name, node=store.node))
        yield _carried(item, carries) if carries else item
        yield from (replace(carry, end=True) for carry in carries)


def _carried(loop: ir.For, carries: Sequence[ir.Carry]) -> ir.For:
    """The loop with blocks carried on after each iteration of the innermost loop over rows."""
    body: list[ir.Statement] = []
    left = list(carries)
    for item in loop.body:
        deeper = [c for c in left if isinstance(item, ir.For) and _is_over_rows(item, c)]
        left = [c for c in left if c not in deeper]
        body.append(_carried(item, deeper) if isinstance(item, ir.For) and deeper else item)
    here = (replace(carry, index=loop.index, dim=loop.dim) for carry in left)
    return replace(loop, body=(*body, *here))


def _rows(loop: ir.For, buffer: ir.Buffer) -> list[Dim]:
    """The dimensions of the loops over rows, the outermost first."""
    inner = (item for item in loop.body if isinstance(item, ir.For))
    deeper = next((i for i in inner if any(s.buffer is buffer for s in _sums(i))), None)
    return [loop.dim, *(_rows(deeper, buffer) if deeper is not None else [])]


def _is_over_rows(loop: ir.For, carry: ir.Carry) -> bool:
    """Whether a loop adds to all elements of a buffer in each of its iterations."""
    return any(store.buffer is carry.sums for store in _sums(loop))


def _sums(loop: ir.For) -> Iterator[ir.Store]:
    """The statements of a loop that add, each time, to all of an array with no other use there."""
    if loop.dim.size is not None and loop.dim.size <= BLOCK:
        return
    items = list(nested(loop.body))
    uses: dict[ir.Buffer, int] = {}
    for item in items:
        for load in (load for value in values(item) for load in loads(value)):
            uses[load.buffer] = uses.get(load.buffer, 0) + 1
        if isinstance(item, ir.Store):
            uses[item.buffer] = uses.get(item.buffer, 0) + 1
    inside = {item.index: item.dim for item in items if isinstance(item, ir.For)}
    for item in items:
        if isinstance(item, ir.Store) and uses[item.buffer] == 2 and _adds(item):
            names = [entry.name for entry in item.index if isinstance(entry, ir.Name)]
            whole = len(names) == len(item.index) and all(
                inside.get(name) is dim for name, dim in zip(names, item.buffer.dims, strict=True)
            )
            if whole and item.index:
                yield item


def _adds(item: ir.Store) -> bool:
    """Whether a number is added to an element of floats."""
    value = item.value
    if item.buffer.dtype not in ("float32", "float64") or item.buffer.overlaps:
        return False
    if not (isinstance(value, ir.Operation) and isinstance(value.op, State) and value.op.adds):
        return False
    there = value.operands[value.op.name]
    return isinstance(there, ir.Load) and there.buffer is item.buffer and item.buffer.packed
