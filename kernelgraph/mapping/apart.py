"""Loops taken apart: what iterations of one loop do side by side, without passing each other
anything but memory of their own, becomes loops of their own.

`for i: (for j: y[i, j] = x[i, j] + 1) (s = 0; for j: s += x[i, j]; z[i] = s)` is two loops over i:
one of them has a thread for every i and j, the other a block of threads for every i.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.sharing import sharing, touched
from kernelgraph.loops.walks import names, nested, values


def loops_apart(kernel: ir.Kernel) -> list[ir.Statement]:
    """The statements of a kernel, with every loop in as many as share nothing else."""
    found: list[ir.Statement] = []
    for item in kernel.body:
        if isinstance(item, ir.For) and sharing(item, kernel.overlapping).nothing:
            found += [replace(item, body=tuple(part)) for part in _parts(item.body)]
        else:
            found.append(item)
    return found


def _parts(body: Sequence[ir.Statement]) -> list[list[ir.Statement]]:
    """The statements in groups, each of which needs nothing but memory of those before it."""
    group = [*range(len(body))]

    def joined(one: int, other: int) -> None:
        low, high = sorted((group[one], group[other]))
        group[:] = [low if g == high else g for g in group]

    made: dict[str, int] = {}  # where a number was first made
    for k, item in enumerate(body):
        for name in _defined(item) | _used(item):
            if name in made:
                joined(made[name], k)
        made = dict.fromkeys(_defined(item), k) | made
    for last, first in _memory(body):
        if group[last] < group[first]:  # it would come before what it waits for
            low, high = group[last], group[first]
            group[:] = [low if low <= g <= high else g for g in group]
    return [
        [item for item, own in zip(body, group, strict=True) if own == g]
        for g in dict.fromkeys(sorted(group))
    ]


def _memory(body: Sequence[ir.Statement]) -> Iterator[tuple[int, int]]:
    """Pairs of a statement and one before it of which one writes what the other touches."""
    uses: dict[ir.Buffer, list[tuple[int, bool]]] = {}
    for k, item in enumerate(body):
        reads, writes = touched(item)
        for buffer in reads | writes:
            others = uses.setdefault(buffer, [])
            yield from ((k, other) for other, wrote in others if wrote or buffer in writes)
            others.append((k, buffer in writes))


def _used(item: ir.Statement) -> set[str]:
    return {name for part in nested([item]) for value in values(part) for name in names(value)}


def _defined(item: ir.Statement) -> set[str]:
    kinds = ir.Let | ir.Local | ir.Assign | ir.Bounded | ir.Reduce
    return {part.name for part in nested([item]) if isinstance(part, kinds)}
