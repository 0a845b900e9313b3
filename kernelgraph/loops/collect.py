"""What a finished kernel reads, writes and is given: collected from its statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kernelgraph.graph import Apply
from kernelgraph.loops import ir
from kernelgraph.loops.walks import nested, values, within
from kernelgraph.schedule.dims import Dim


def finish_kernel(
    name: str,
    statements: tuple[ir.Statement, ...],
    results: tuple[ir.Name, ...],
    nodes: tuple[Apply, ...],
    can_fail: bool = False,
    note: str = "",
) -> ir.Kernel:
    """The kernel of these statements, with the parameters that they need. `note` says what it
    computes; by default, the names of its ops.
    """
    found = _Collection(statements)
    sizes = {dim.name for dim in found.dims}
    scalars = tuple(value for key, value in found.outer.items() if key not in sizes)
    unknown = tuple(dim for dim in found.dims if dim.size is None)
    note = note or ", ".join(dict.fromkeys(node.op.name for node in nodes))
    reads = tuple(buffer for buffer in found.reads if buffer not in found.writes)
    memory = reads, tuple(found.writes)
    return ir.Kernel(name, note, statements, *memory, scalars, results, unknown, nodes, can_fail)


def refinished(kernel: ir.Kernel, statements: Sequence[ir.Statement], name: str = "") -> ir.Kernel:
    """The kernel of other statements for the same, or a part of it, with its own parameters."""
    ends = kernel.results, kernel.nodes, kernel.can_fail, kernel.note
    new = finish_kernel(name or kernel.name, tuple(statements), *ends)
    return replace(new, overlapping=kernel.overlapping)


class _Collection:
    """Buffers, dimensions and outer names, in order of first use."""

    def __init__(self, statements: Sequence[ir.Statement]) -> None:
        self.reads: dict[ir.Buffer, None] = {}
        self.writes: dict[ir.Buffer, None] = {}
        self.outer: dict[str, ir.Name] = {}
        self.dims: dict[Dim, None] = {}
        self._own: set[str] = set()
        for item in nested(statements):
            self._statement(item)

    def _statement(self, item: ir.Statement) -> None:
        match item:
            case ir.Store():
                self._write(item.buffer)
            case ir.Carry():
                self._write(item.sums)
                self.writes.setdefault(item.blocks)
            case ir.For():
                self._own.add(item.index)
                self.dims.setdefault(item.dim)
            case _:
                pass
        for part in (part for value in values(item) for part in within(value)):
            if isinstance(part, ir.Load):
                self.reads.setdefault(part.buffer)
                self.dims.update(dict.fromkeys(part.buffer.dims))
            elif isinstance(part, ir.Name) and part.name not in self._own:
                self.outer.setdefault(part.name, part)
        if isinstance(item, ir.Let | ir.Local | ir.Assign | ir.Bounded):
            self._own.add(item.name)

    def _write(self, buffer: ir.Buffer) -> None:
        self.writes.setdefault(buffer)
        self.dims.update(dict.fromkeys(buffer.dims))
