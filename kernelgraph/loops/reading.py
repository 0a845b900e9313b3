"""What a kernel that is being written can read: where every number is at the place that asks for
it. One explicit value is handed to every function that writes statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.checks import Check, Told
from kernelgraph.loops.expressions import Storage, as_dtype, size_of
from kernelgraph.loops.names import Names
from kernelgraph.notices import Notice
from kernelgraph.ops.sources import measured
from kernelgraph.schedule.dims import wish
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.schedule.values import Body, Index, LoopId, NestPosition

_INDICES = "ijklm"


@dataclass
class KernelContext:
    """The locals, buffers and indices of a kernel. `targets` are the parts of their results that
    nodes write to, `states` those of reductions.
    """

    schedule: Schedule
    body: Body
    storage: Mapping[Variable, Storage]
    names: Names
    check: Callable[[Check | Told], int]
    positions: Mapping[Apply, NestPosition]
    locals: dict[Variable, ir.Name] = field(default_factory=dict[Variable, ir.Name])
    buffers: dict[Variable, ir.Buffer] = field(default_factory=dict[Variable, ir.Buffer])
    scratch: list[ir.Buffer] = field(default_factory=list[ir.Buffer])
    targets: dict[Apply, ir.Buffer] = field(default_factory=dict[Apply, ir.Buffer])
    states: dict[Apply, list[ir.Name | ir.Buffer]] = field(
        default_factory=dict[Apply, "list[ir.Name | ir.Buffer]"]
    )
    indices: dict[LoopId, str] = field(default_factory=dict[LoopId, str])
    can_fail: bool = False

    def fixed(self, variable: Variable) -> tuple[LoopId, ...]:
        """The loops for one iteration of which a value that the kernel makes is kept."""
        assert variable.owner is not None
        loops = self.positions[variable.owner].loops
        return loops[: self.schedule.memory.placements[variable].loops]


def open_loop(here: KernelContext, loop: LoopId) -> str:
    """The name of the index of a loop."""
    if loop not in here.indices:
        count = len(here.indices)
        fresh = here.names.fresh
        here.indices[loop] = _INDICES[count] if count < len(_INDICES) else fresh("iteration")
    return here.indices[loop]


def keep(
    here: KernelContext, out: Variable, value: ir.Expression, node: Apply
) -> list[ir.Statement]:
    """A node's number gets its name, and its place in memory if it needs one."""
    name = ir.Name(here.names.fresh(wish(out)), out.dtype)
    here.locals[out] = name
    statements: list[ir.Statement] = [ir.Let(name.name, as_dtype(value, out.dtype), node)]
    if out in here.buffers:
        statements.append(ir.Store(here.buffers[out], own_index(here, node, out), name, node))
    return statements


def flagged(
    here: KernelContext, node: Apply, notice: Notice, value: ir.Expression
) -> list[ir.Statement]:
    """The flag of a notice about a number; of a constant, only where its condition holds."""
    if isinstance(value, ir.Number) and not notice.holds(np.asarray(value.value, value.dtype)):
        return []
    here.can_fail = True
    condition = ir.Operation(notice.condition, {notice.operand: value}, "bool")
    check, fails = here.check(Told(node, notice)), notice.error is not None
    return [ir.Flag(here.names.fresh("flag"), condition, check, fails, node)]


def own_index(here: KernelContext, node: Apply, out: Variable) -> tuple[ir.Expression, ...]:
    """Where a node's own element is in the memory of its result."""
    fixed, own = here.fixed(out), here.schedule.domains[node].own
    return tuple(at(here, loop) for loop in own if loop is None or loop not in fixed)


def at(here: KernelContext, loop: LoopId | None) -> ir.Expression:
    """The index along a loop; 0 where there is one element only."""
    return ir.Number(0, "int64") if loop is None else ir.Name(here.indices[loop])


def read(here: KernelContext, base: Variable, index: Index, consumer: Apply) -> ir.Expression:
    """The number that `base` has at `index`, as seen from `consumer`."""
    if isinstance(base, Constant) and base.scalar is not None:
        return ir.Number(base.scalar, base.dtype)
    owner, size = base.owner, measured(base)
    if size is not None:
        return size_of(here.schedule.dims.of(*size))
    if owner is None or owner not in here.positions:
        return _outside(here, base, index)
    position = here.positions[owner]
    seen = position.is_seen_from(here.positions[consumer])
    if seen and not position.arrays and base in here.locals:
        return here.locals[base]
    buffer = here.buffers[base]
    fixed, own = here.fixed(base), here.schedule.domains[owner].own
    kept = [k for k, loop in enumerate(own) if loop is None or loop not in fixed]
    return ir.Load(buffer, tuple(at(here, index[k]) for k in kept))


def _outside(here: KernelContext, base: Variable, index: Index) -> ir.Expression:
    stored = here.storage[base]
    if isinstance(stored, ir.Buffer):
        return ir.Load(stored, tuple(at(here, loop) for loop in index))
    return stored
