"""What is known while the actions of one graph are written: one explicit value, handed to every
function that writes some of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernelgraph.access import Pair
from kernelgraph.graph import Apply, Constant, SizeFact, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.bounds import Sizes
from kernelgraph.loops.checks import Check, Told
from kernelgraph.loops.expressions import Storage
from kernelgraph.loops.names import Names
from kernelgraph.loops.program import Call
from kernelgraph.schedule.dims import Dim, Dims, Key
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.types import TensorType


class Shared:
    """What all graphs of one program share: names, slots, calls, places where it can fail."""

    def __init__(self) -> None:
        self.names = Names()
        self.slots: list[tuple[str, int]] = []
        self.constants: dict[int, Any] = {}
        self.constant_storage: dict[int, ir.Buffer] = {}
        self.constant_slots: dict[int, int] = {}
        self.constant_actions: list[host.Action] = []
        self.kept: list[Any] = []
        self.calls: list[Call] = []
        self.checks: list[Check | Told] = []
        self.kernels: list[ir.Kernel] = []
        self.bound: list[host.Bind] = []
        self.whole: dict[ir.Buffer, ir.Buffer] = {}
        """For parts and other names of memory: the buffer whose memory it is."""

    def bind(self, name: str, variable: Variable, dims: tuple[Dim, ...], slot: int) -> host.Bind:
        """A slot's array gets a name; kernels find its rows without gaps."""
        buffer = ir.Buffer(name, variable.dtype, dims, "between rows")
        action = host.Bind(buffer, slot, variable)
        self.bound.append(action)
        return action

    def copy_what_is_read(self) -> None:
        """Arrays from outside are copied, if need be, for the kernels that read them."""
        found = {b for kernel in self.kernels for b in (*kernel.reads, *kernel.writes)}
        read = {self.whole.get(buffer, buffer) for buffer in found}
        for action in self.bound:
            action.copied = action.buffer in read

    def view(self, action: host.Window | host.Alias | host.Stride) -> host.Action:
        """The action, whose buffer has no memory of its own."""
        self.whole[action.buffer] = self.whole.get(action.base, action.base)
        return action

    def overlapping(self, kernel: ir.Kernel) -> tuple[ir.Buffer, ...]:
        """The buffers of a kernel that share memory which it writes."""
        memory = {b: self.whole.get(b, b) for b in (*kernel.reads, *kernel.writes)}
        written, times = {memory[b] for b in kernel.writes}, Counter(memory.values())
        return tuple(b for b, whole in memory.items() if whole in written and times[whole] > 1)

    def slot(self, variable: Variable) -> int:
        """A new slot for values of the variable's type."""
        kind = variable.type
        is_array = isinstance(kind, TensorType)
        self.slots.append((kind.dtype, kind.ndim) if is_array else ("object", 0))
        return len(self.slots) - 1

    def check(self, check: Check | Told) -> int:
        """A new place where the program can fail."""
        self.checks.append(check)
        return len(self.checks) - 1

    def constant_slot(self, constant: Constant) -> int:
        """The slot of a constant."""
        if id(constant.data) not in self.constant_slots:
            self.constant_slots[id(constant.data)] = self.slot(constant)
            self.constants[len(self.slots) - 1] = constant.data
            self.kept.append(constant.data)
        return self.constant_slots[id(constant.data)]

    def constant_buffer(self, constant: Constant) -> ir.Buffer:
        """The memory of a constant array."""
        slot = self.constant_slot(constant)
        if slot not in self.constant_storage:
            name = self.names.fresh(constant.name or "constant")
            sizes = enumerate(constant.data.shape)
            dims = tuple(Dim(f"{name}_n{axis}", size) for axis, size in sizes)
            action = self.bind(name, constant, dims, slot)
            self.constant_storage[slot] = action.buffer
            self.constant_actions.append(action)
        return self.constant_storage[slot]


Joined = tuple[Apply, Pair, bool]
"""A node, the pair of its axes that must agree, and whether the known size is that of the first."""


class Stored(dict[Variable, Storage]):
    """Where values are; constants are found when they are asked for."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared

    def __missing__(self, variable: Variable) -> Storage:
        assert isinstance(variable, Constant), f"no storage for {variable}"
        if variable.scalar is not None:
            return ir.Number(variable.scalar, variable.dtype)
        return self.shared.constant_buffer(variable)


@dataclass
class Context:
    """The actions of one graph so far, and where its values and their sizes are.

    Of sizes, `known` has the axis by which each dimension became known, `own` the size that each
    array brought along, `named` the names of formulas. To be checked are the `facts`, and the
    dimensions in `repeated`, whose size came once more, unless it is among those that have
    `agreed`. `pending` sizes wait for a scalar, `aliases` of outer arrays for the checks.
    """

    schedule: Schedule
    shared: Shared
    places: Mapping[Variable, int]
    """The slots that outputs go to."""
    agreed: Sizes
    storage: Stored
    facts: list[SizeFact]
    pending: dict[Key, Variable]
    actions: list[host.Action] = field(default_factory=list[host.Action])
    slots: dict[Variable, int] = field(default_factory=dict[Variable, int])
    known: dict[Dim, Key] = field(default_factory=dict[Dim, Key])
    own: dict[Key, ir.Expression] = field(default_factory=dict[Key, ir.Expression])
    named: dict[str, ir.Expression] = field(default_factory=dict[str, ir.Expression])
    repeated: list[tuple[Dim, ir.Expression, Joined]] = field(
        default_factory=list[tuple[Dim, ir.Expression, Joined]]
    )
    aliases: list[host.Alias] = field(default_factory=list[host.Alias])

    @property
    def dims(self) -> Dims:
        """The dimensions of the graph."""
        return self.schedule.dims


def context(
    schedule: Schedule, shared: Shared, places: Mapping[Variable, int], agreed: Sizes
) -> Context:
    """What is known of a graph before its first action; its dimensions get their names."""
    _name_dims(schedule, shared)
    facts, pending = list(schedule.graph.facts or ()), dict(schedule.dims.scalars)
    return Context(schedule, shared, places, agreed.copy(), Stored(shared), facts, pending)


def _name_dims(schedule: Schedule, shared: Shared) -> None:
    named: dict[Dim, None] = {}
    nodes = schedule.graph.apply_nodes()
    inside = [v for node in nodes for v in (*node.inputs, *node.outputs)]
    for variable in (*inside, *schedule.graph.inputs):
        if isinstance(variable.type, TensorType):
            named.update(dict.fromkeys(schedule.dims.all_of(variable)))
    for dim in named:
        dim.name = shared.names.fresh(dim.name)
