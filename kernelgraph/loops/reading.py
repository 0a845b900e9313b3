"""What a kernel being lowered can read: where every number is at the place that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.allocation import Allocations
from kernelgraph.loops.checks import Check
from kernelgraph.loops.expressions import Storage, as_dtype, wish
from kernelgraph.loops.names import Names
from kernelgraph.ops.sources import measured
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.schedule.values import Body, Index, LoopId


class Reading:
    """The locals, buffers and indices of a kernel, and how its nodes find their operands."""

    def __init__(
        self,
        schedule: Schedule,
        body: Body,
        storage: Mapping[Variable, Storage],
        names: Names,
        used_later: Callable[[Variable], bool],
        check: Callable[[Check], int],
    ) -> None:
        self.schedule = schedule
        self.storage = storage
        self.names = names
        self.check = check
        self.body = body
        decided = Allocations(schedule, body, used_later)
        self.places, self.allocations = decided.places, decided.allocations
        self.locals: dict[Variable, ir.Name] = {}
        self.buffers: dict[Variable, ir.Buffer] = {}
        self.scratch: list[ir.Buffer] = []
        self.targets: dict[Apply, ir.Buffer] = {}
        """The parts of their results that nodes write to."""
        self.states: dict[Apply, list[ir.Name | ir.Buffer]] = {}
        self.indices: dict[LoopId, str] = {}
        self.can_fail = False

    def _result(self, out: Variable, value: ir.Expression, node: Apply) -> list[ir.Statement]:
        """A node's number gets its name, and its place in memory if it needs one."""
        name = ir.Name(self.names.fresh(wish(out)), out.dtype)
        self.locals[out] = name
        statements: list[ir.Statement] = [ir.Let(name.name, as_dtype(value, out.dtype), node)]
        if out in self.buffers:
            statements.append(ir.Store(self.buffers[out], self._own_index(node, out), name, node))
        return statements

    def _own_index(self, node: Apply, out: Variable) -> tuple[ir.Expression, ...]:
        allocation, place = self.allocations[node], self.places[node]
        fixed = place.loops[: allocation.buffer_depth or 0]
        own = self.schedule.domains[node].own
        return tuple(self._at(loop) for loop in own if loop is None or loop not in fixed)

    def _at(self, loop: LoopId | None) -> ir.Expression:
        return ir.Number(0, "int64") if loop is None else ir.Name(self.indices[loop])

    def _value(self, base: Variable, index: Index, consumer: Apply) -> ir.Expression:
        """The number that `base` has at `index`, as seen from `consumer`."""
        if isinstance(base, Constant) and base.scalar is not None:
            return ir.Number(base.scalar, base.dtype)
        owner, size = base.owner, measured(base)
        if size is not None:
            return self._size(self.schedule.dims.of(*size))
        if owner is None or owner not in self.places:
            return self._outside(base, index)
        allocation, place = self.allocations[owner], self.places[owner]
        seen = self.places[consumer].bodies
        inside = (
            len(seen) > allocation.scope
            and seen[allocation.scope] is place.bodies[allocation.scope]
        )
        if inside and not allocation.arrays and base in self.locals:
            return self.locals[base]
        buffer = self.buffers[base]
        fixed = place.loops[: allocation.buffer_depth or 0]
        own = self.schedule.domains[owner].own
        kept = [k for k, loop in enumerate(own) if loop is None or loop not in fixed]
        return ir.Load(buffer, tuple(self._at(index[k]) for k in kept))

    def _outside(self, base: Variable, index: Index) -> ir.Expression:
        stored = self.storage[base]
        if isinstance(stored, ir.Buffer):
            return ir.Load(stored, tuple(self._at(loop) for loop in index))
        return stored

    def _size(self, dim: Dim) -> ir.Expression:
        return ir.Number(dim.size, "int64") if dim.size is not None else ir.Name(dim.name)
