"""How many bytes a program moves: counted in the loop program, not measured.

An array counts once for each outermost loop that reads (or writes) it, however often the iterations
of that loop come back to the same element: what a row has read stays in the cache until the row is
done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kernelgraph.loops import host, ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import loads, nested, values
from kernelgraph.schedule.dims import Dim


@dataclass(frozen=True)
class Sweep:
    """One pass of one outermost loop over an array."""

    kernel: str
    array: str
    writes: bool
    dims: tuple[Dim, ...]
    itemsize: int

    def bytes(self, sizes: Mapping[str, int]) -> int:
        """Bytes of the array, given the sizes of dimensions by name."""
        total = self.itemsize
        for dim in self.dims:
            total *= dim.size if dim.size is not None else sizes[dim.name]
        return total


def sweeps(program: Program) -> list[Sweep]:
    """All passes over memory, in the order in which they run.

    Parts and other names of an array count as the array.
    """
    owners = _owners(program.actions)
    found: list[Sweep] = []
    for kernel in program.kernels:
        for statement in kernel.body:
            seen: dict[tuple[str, bool], Sweep] = {}
            for buffer, writes in _accesses([statement]):
                array = owners.get(buffer.name, buffer.name)
                itemsize = np.dtype(buffer.dtype).itemsize
                sweep = Sweep(kernel.name, array, writes, buffer.dims, itemsize)
                seen.setdefault((array, writes), sweep)
            found += seen.values()
    return found


def times_read(program: Program, array: str) -> int:
    """How many passes over memory read the array of this name."""
    return sum(sweep.array == array and not sweep.writes for sweep in sweeps(program))


def _owners(actions: Sequence[host.Action]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for action in host.every(actions):
        if isinstance(action, host.Window | host.Alias | host.Stride):
            owners[action.buffer.name] = owners.get(action.base.name, action.base.name)
    return owners


def _accesses(statements: Sequence[ir.Statement]) -> Iterator[tuple[ir.Buffer, bool]]:
    """What is read and written outside the processor, and whether it is written."""
    for item in nested(statements):
        if isinstance(item, ir.Store) and item.buffer.scope == "memory":
            yield item.buffer, True
        for load in (load for value in values(item) for load in loads(value)):
            if load.buffer.scope == "memory":
                yield load.buffer, False
