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
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.program import Program
from kernelgraph.loops.sums import GROUP, LEVELS
from kernelgraph.loops.walks import loads, nested, values
from kernelgraph.op import State
from kernelgraph.schedule.dims import Dim

BLOCK = 64
"""Rows that are added one after the other."""


def whole_block(sums: Any, blocks: Any, rows: int) -> None:
    """After so many rows: a block that is whole goes to its group, a whole group to its level."""
    if rows % BLOCK:
        return
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


def in_blocks(program: Program) -> Program:
    """The program with sums of many columns in blocks; the host has memory for these."""
    made = {kernel: _Blocks(kernel) for kernel in program.kernels}
    new = {kernel: blocks.kernel() for kernel, blocks in made.items()}
    memory = {kernel: blocks.memory for kernel, blocks in made.items()}
    actions = _with_memory(program.actions, new, memory)
    return replace(program, actions=actions, kernels=list(new.values()))


def _with_memory(
    actions: Sequence[host.Action],
    new: dict[ir.Kernel, ir.Kernel],
    memory: dict[ir.Kernel, list[ir.Buffer]],
) -> tuple[host.Action, ...]:
    found: list[host.Action] = []
    for action in actions:
        match action:
            case host.Run():
                found += [host.Allocate(buffer, None) for buffer in memory[action.kernel]]
                found.append(host.Run(new[action.kernel]))
            case host.If():
                then, other = (
                    _with_memory(part, new, memory) for part in (action.then, action.otherwise)
                )
                found.append(replace(action, then=then, otherwise=other))
            case host.Repeat():
                found.append(replace(action, body=_with_memory(action.body, new, memory)))
            case _:
                found.append(action)
    return tuple(found)


class _Blocks:
    """Finds the sums of columns of one kernel."""

    def __init__(self, old: ir.Kernel) -> None:
        self.old = old
        self.memory: list[ir.Buffer] = []

    def kernel(self) -> ir.Kernel:
        """The kernel with whole blocks carried on."""
        body = tuple(part for item in self.old.body for part in self._statement(item))
        if not self.memory:
            return self.old
        old = self.old
        new = finish_kernel(old.name, body, old.results, old.nodes, old.can_fail)
        return replace(new, note=old.note, overlapping=old.overlapping)

    def _statement(self, item: ir.Statement) -> Iterator[ir.Statement]:
        if not isinstance(item, ir.For):
            yield item
            return
        found = {store.buffer: store for store in _sums(item)}
        carries: list[ir.Carry] = []
        for buffer, store in found.items():
            name = f"{buffer.name}_counted"
            yield ir.Variable(name, ir.Number(np.int64(0), "int64"), store.node)
            dims = (Dim("levels", LEVELS + 1), *buffer.dims)
            blocks = ir.Buffer(f"{buffer.name}_blocks", buffer.dtype, dims)
            self.memory.append(blocks)
            carries.append(ir.Carry(buffer, blocks, name, node=store.node))
        yield _carried(item, carries) if carries else item
        yield from (replace(carry, end=True) for carry in carries)


def _carried(loop: ir.For, carries: Sequence[ir.Carry]) -> ir.For:
    """The loop with blocks carried on after each turn of the innermost loop over rows."""
    body: list[ir.Statement] = []
    here: list[ir.Carry] = []
    for item in loop.body:
        deeper = [c for c in carries if isinstance(item, ir.For) and _is_over_rows(item, c)]
        body.append(_carried(item, deeper) if isinstance(item, ir.For) and deeper else item)
    inner = [c for item in body for c in nested([item]) if isinstance(c, ir.Carry)]
    here = [c for c in carries if c not in inner]
    return replace(loop, body=(*body, *here))


def _is_over_rows(loop: ir.For, carry: ir.Carry) -> bool:
    """Whether a loop adds to all elements of a buffer in each of its turns."""
    return any(store.buffer is carry.sums for store in _sums(loop))


def _sums(loop: ir.For) -> Iterator[ir.Store]:
    """The statements of a loop that add, in each turn, to all elements of an array that is for
    nothing else inside it.
    """
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
