"""What a finished kernel reads, writes and is given: collected from its statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kernelgraph.graph import Apply
from kernelgraph.loops import ir
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
    found = _Collection()
    found.statements(statements)
    sizes = {dim.name for dim in found.dims}
    scalars = tuple(value for key, value in found.outer.items() if key not in sizes)
    unknown = tuple(dim for dim in found.dims if dim.size is None)
    note = note or ", ".join(dict.fromkeys(node.op.name for node in nodes))
    reads = tuple(buffer for buffer in found.reads if buffer not in found.writes)
    writes = tuple(found.writes)
    return ir.Kernel(
        name, note, statements, reads, writes, scalars, results, unknown, nodes, can_fail
    )


def refinished(kernel: ir.Kernel, statements: Sequence[ir.Statement], name: str = "") -> ir.Kernel:
    """The kernel of other statements that compute the same, or a part of it, with the parameters
    that they need.
    """
    ends = kernel.results, kernel.nodes, kernel.can_fail, kernel.note
    new = finish_kernel(name or kernel.name, tuple(statements), *ends)
    return replace(new, overlapping=kernel.overlapping)


class _Collection:
    """Buffers, dimensions and outer names, in order of first use."""

    def __init__(self) -> None:
        self.reads: dict[ir.Buffer, None] = {}
        self.writes: dict[ir.Buffer, None] = {}
        self.outer: dict[str, ir.Name] = {}
        self.dims: dict[Dim, None] = {}
        self._own: set[str] = set()

    def statements(self, items: Sequence[ir.Statement]) -> None:
        """All of a body."""
        for item in items:
            self._statement(item)

    def _statement(self, item: ir.Statement) -> None:
        match item:
            case ir.Let() | ir.Assign():
                self._expression(item.value)
                self._own.add(item.name)
            case ir.Local():
                self._own.add(item.name)
            case ir.Reduce():
                self._expression(item.element)
            case ir.Store():
                self.writes.setdefault(item.buffer)
                self.dims.update(dict.fromkeys(item.buffer.dims))
                for entry in (*item.index, item.value):
                    self._expression(entry)
            case ir.Bounded():
                self._expression(item.value)
                self._expression(item.size)
                self._own.add(item.name)
            case ir.For():
                self._own.add(item.index)
                self.dims.setdefault(item.dim)
                self.statements(item.body)
            case ir.Carry():
                self.writes.setdefault(item.sums)
                self.writes.setdefault(item.blocks)
                self.dims.update(dict.fromkeys(item.sums.dims))
            case ir.Barrier():
                pass
            case ir.Poll():
                self._expression(item.work)

    def _expression(self, value: ir.Expression) -> None:
        match value:
            case ir.Name():
                if value.name not in self._own:
                    self.outer.setdefault(value.name, value)
            case ir.Load():
                self.reads.setdefault(value.buffer)
                self.dims.update(dict.fromkeys(value.buffer.dims))
                for entry in value.index:
                    self._expression(entry)
            case ir.Operation():
                for operand in value.operands.values():
                    self._expression(operand)
            case ir.Number() | ir.SlotSize():
                pass
