"""What all graphs of one program share while it is written: names, slots, constants, calls, and the
places where it can fail.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.graph import Constant, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import Check
from kernelgraph.loops.names import Names
from kernelgraph.loops.program import Call
from kernelgraph.schedule.dims import Dim
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
        self.checks: list[Check] = []
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
        written = {memory[b] for b in kernel.writes}
        several = {
            whole for whole in written if sum(other is whole for other in memory.values()) > 1
        }
        return tuple(buffer for buffer, whole in memory.items() if whole in several)

    def slot(self, variable: Variable) -> int:
        """A new slot for values of the variable's type."""
        kind = variable.type
        self.slots.append(
            (kind.dtype, kind.ndim) if isinstance(kind, TensorType) else ("object", 0)
        )
        return len(self.slots) - 1

    def check(self, check: Check) -> int:
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
            dims = tuple(
                Dim(f"{name}_n{axis}", size) for axis, size in enumerate(constant.data.shape)
            )
            action = self.bind(name, constant, dims, slot)
            self.constant_storage[slot] = action.buffer
            self.constant_actions.append(action)
        return self.constant_storage[slot]
