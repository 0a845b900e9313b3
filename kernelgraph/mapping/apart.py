"""Loops taken apart: statements of one loop that pass each other nothing become loops of their own.

`for i: (for j: y[i, j] = x[i, j] + 1) (s = 0; for j: s += x[i, j]; z[i] = s)` is two loops over i:
one of them can have a thread for every i and j, the other a block of threads for every i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.sharing import sharing, touched
from kernelgraph.loops.walks import names, nested, values

_NAMES = (ir.Let, ir.Local, ir.Assign, ir.Bounded, ir.Reduce)
"""Statements that give a number a name, or another value."""


def loops_apart(kernel: ir.Kernel) -> list[ir.Statement]:
    """The statements of a kernel, with every loop in as many as pass each other nothing."""
    found: list[ir.Statement] = []
    for item in kernel.body:
        if isinstance(item, ir.For) and sharing(item, kernel.overlapping).nothing:
            found += [replace(item, body=tuple(part)) for part in _parts(item.body)]
        else:
            found.append(item)
    return found


def _parts(body: Sequence[ir.Statement]) -> list[list[ir.Statement]]:
    """The statements in groups that use no number, and no memory, which another one writes. A flag
    alone makes no loop: it goes with the first.
    """
    group = [*range(len(body))]
    first: dict[str | ir.Buffer, int] = {}  # where each was first written
    touching: dict[str | ir.Buffer, list[int]] = {}
    for k, item in enumerate(body):
        reads, writes = touched(item)
        written = {*_defined(item), *writes}
        for each in {*_used(item), *reads} | written:
            touching.setdefault(each, []).append(k)
        first = dict.fromkeys(written, k) | first
    stores = [k for k, item in enumerate(body) if touched(item)[1]]
    alone = [[k, *stores[:1]] for k, item in enumerate(body) if isinstance(item, ir.Flag)]
    for members in (*(touching[each] for each in first), *alone):
        together = {group[k] for k in members}
        low = min(together)
        group = [low if g in together else g for g in group]
    return [
        [item for item, own in zip(body, group, strict=True) if own == g]
        for g in dict.fromkeys(group)
    ]


def _used(item: ir.Statement) -> set[str]:
    return {name for part in nested([item]) for value in values(part) for name in names(value)}


def _defined(item: ir.Statement) -> set[str]:
    return {part.name for part in nested([item]) if isinstance(part, _NAMES)}
