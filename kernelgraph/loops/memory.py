"""What is known while a program is written: slots and names, the sizes found so far, and where
every value lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Constant, Measure, SizeFact, Variable, leaves, walk
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import Check, equal_elements, equal_sizes, not_negative
from kernelgraph.loops.expressions import Storage, as_dtype, product
from kernelgraph.loops.names import Names
from kernelgraph.loops.program import Call
from kernelgraph.loops.sizes import Sizes
from kernelgraph.loops.text import expression
from kernelgraph.op import OPERANDS, Control
from kernelgraph.ops.sources import measured
from kernelgraph.schedule.dims import Dim, Key, Pair
from kernelgraph.schedule.parts import places
from kernelgraph.schedule.schedule import HostStep, Schedule
from kernelgraph.schedule.writes import memory_of
from kernelgraph.types import TensorType
from kernelgraph.walks import producers_first


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
        self.whole: dict[ir.Buffer, ir.Buffer] = {}
        """For parts and other names of memory: the buffer whose memory it is."""

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
            buffer = ir.Buffer(name, constant.dtype, dims, packed=False)
            self.constant_storage[slot] = buffer
            self.constant_actions.append(host.Bind(buffer, slot, ()))
        return self.constant_storage[slot]


class _Stored(dict[Variable, Storage]):
    """Where values are; constants are found when they are asked for."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared

    def __missing__(self, variable: Variable) -> Storage:
        assert isinstance(variable, Constant), f"no storage for {variable}"
        if variable.scalar is not None:
            return ir.Number(variable.scalar, variable.dtype)
        return self.shared.constant_buffer(variable)


class Memory:
    """What is known of sizes and memory while the actions of one graph are written."""

    def __init__(self, schedule: Schedule, shared: Shared) -> None:
        self.schedule = schedule
        self.dims = schedule.dims
        self.shared = shared
        self.actions: list[host.Action] = []
        self.storage = _Stored(shared)
        self.slots: dict[Variable, int] = {}
        self.known: dict[Dim, Key] = {}
        self.own: dict[Key, ir.Expression] = {}
        """The size that each array brought along, as an expression."""
        self.pending = dict(self.dims.scalars)
        self.facts = list(schedule.graph.facts or ())
        """What is still to be checked."""
        self.repeated: list[tuple[Dim, ir.Expression, Joined]] = []
        """Dimensions whose size came once more, to be checked unless a fact does so."""
        self.aliases: list[host.Alias] = []
        """Names for arrays of an outer graph, given once their sizes are checked."""
        self.agreed = Sizes()
        self.named: dict[str, ir.Expression] = {}
        """Names of sizes, by their formulas."""
        self.places: Mapping[Variable, int] = {}
        self.readers = self._readers()
        self._name_dims()

    def _name_dims(self) -> None:
        named: dict[Dim, None] = {}
        for node in self.schedule.graph.apply_nodes():
            for variable in (*node.inputs, *node.outputs):
                if isinstance(variable.type, TensorType):
                    named.update(dict.fromkeys(self.dims.all_of(variable)))
        for variable in self.schedule.graph.inputs:
            if isinstance(variable.type, TensorType):
                named.update(dict.fromkeys(self.dims.all_of(variable)))
        for dim in named:
            dim.name = self.shared.names.fresh(dim.name)

    def _readers(self) -> dict[Variable, set[int]]:
        """The steps that read each variable; -1 stands for the host itself."""
        found: dict[Variable, set[int]] = {}
        for k, step in enumerate(self.schedule.steps):
            if isinstance(step, HostStep):
                for variable in step.node.inputs:
                    found.setdefault(variable, set()).add(k)
                continue
            for node in step.body.nodes():
                for base, _ in self.schedule.domains[node].uses:
                    found.setdefault(base, set()).add(k)
            for part in step.views:
                found.setdefault(part.inputs[0], set()).add(-1)
            for node in (*step.views, *step.body.nodes()):
                for scalar in places(node):
                    found.setdefault(scalar, set()).add(-1)
        sizes = list(self.dims.scalars.values())
        sizes += [scalar for fact in self.facts for scalar in fact.scalars]
        for variable in (*self.schedule.graph.outputs, *leaves(sizes), *sizes):
            found.setdefault(variable, set()).add(-1)
        for node in walk(sizes):
            for variable in node.outputs:
                found.setdefault(variable, set()).add(-1)
        for variable in list(found):  # whoever reads what was written in place reads its memory
            found.setdefault(memory_of(variable), set()).update(found[variable])
        return found

    # ----------------------------------------------------------------------------------------------

    def size(self, dim: Dim) -> ir.Expression:
        """The size of a dimension as an expression."""
        return ir.Number(dim.size, "int64") if dim.size is not None else ir.Name(dim.name)

    def learn(self, key: Key, value: ir.Expression) -> None:
        """The size of an axis becomes known: a definition the first time, a check from then on."""
        dim = self.dims.of(*key)
        first = self.known.get(dim)
        if dim.size is None and first is None:
            owner = key[0].owner
            check = self.shared.check(not_negative(owner)) if owner is not None else -1
            self.known[dim] = key
            self.own[key] = self.size(dim)
            self.named[expression(value)] = self.size(dim)
            self.actions.append(host.Define(dim, value, check))
            return
        self.own[key] = value
        joined = self.dims.joined_by(
            first if first is not None else self.dims.holder(dim, key), key
        )
        if joined is not None:
            self.repeated.append((dim, value, joined))
        self.known.setdefault(dim, key)

    def _check(self, dim: Dim, value: ir.Expression, joined: Joined) -> None:
        node, pair, known_is_first = joined
        sides = (self.size(dim), value) if known_is_first else (value, self.size(dim))
        self.check_equal(*sides, equal_sizes(node, pair))

    def check_equal(self, left: ir.Expression, right: ir.Expression, check: Check) -> None:
        """Two sizes must be equal: a check, unless there has been one of the same."""
        if self.agreed.join(left, right):
            self.actions.append(host.CheckEqual(left, right, self.shared.check(check)))

    def _check_facts(self) -> None:
        """What the graph as written says about sizes, in its order, as soon as they are there."""
        waiting: list[SizeFact] = []
        for fact in self.facts:
            sides = [[self._measured(m) for m in side] for side in (fact.left, fact.right)]
            left, right = ([size for size in side if size is not None] for side in sides)
            if None in sides[0] or None in sides[1]:
                waiting.append(fact)
            elif fact.pair is None:
                self.check_equal(product(left), product(right), equal_elements(fact.node))
            else:
                self.check_equal(product(left), product(right), equal_sizes(fact.node, fact.pair))
        self.facts = waiting

    def _measured(self, measure: Measure) -> ir.Expression | None:
        if isinstance(measure, int):
            return ir.Number(np.int64(measure), "int64")
        if not isinstance(measure, Variable):
            return self._size_at(measure)
        size = measured(measure)  # of what a node will have shown
        return self._in_steps(measure) if size is None else self.own.get(size)

    def _size_at(self, key: Key) -> ir.Expression | None:
        """The size of an axis: by the name of its dimension if it is known to be that."""
        dim = self.dims.of(*key)
        name = self.size(dim) if dim.size is not None or dim in self.known else None
        own = self.own.get(key)
        return name if own is None or (name and self.agreed.same(own, name)) else own

    def _check_declared(self) -> None:
        """Sizes declared to differ that must agree: a program that can only fail, with the right
        error.
        """
        for dim, holder, other, size in self.dims.contradictions():
            joined = self.dims.joined_by(holder, other)
            if joined is not None:
                self._check(dim, ir.Number(size, "int64"), joined)

    def _settle(self) -> None:
        """Sizes that are values of scalars, as soon as the scalars are there, and checks."""
        while self._learn_pending():  # a size may be all that another one waits for
            pass
        self._check_facts()
        for dim, value, joined in self.repeated:
            self._check(dim, value, joined)
        self.actions += self.aliases
        self.repeated.clear()
        self.aliases.clear()

    def _learn_pending(self) -> bool:
        """Sizes that can be computed now. Tells whether there were any."""
        before = len(self.pending)
        for key, scalar in list(self.pending.items()):
            value = self._in_steps(scalar)
            if value is None:
                continue
            del self.pending[key]
            if not (isinstance(scalar, Constant) and self.dims.of(*key).size == int(scalar.data)):
                self.learn(key, value)
        return len(self.pending) < before

    def scalar(self, variable: Variable) -> ir.Expression | None:
        """A scalar as the host computes it, or None while something that it needs is not there
        yet. The host does not wait for a kernel that computes the same formula.
        """
        if variable in self.storage or (isinstance(variable, Constant) and variable.ndim == 0):
            stored = self.storage[variable]
            return ir.Load(stored, ()) if isinstance(stored, ir.Buffer) else stored
        node = variable.owner
        size = measured(variable)
        if size is not None:
            return self._size_at(size)
        if node is None or variable.ndim or not isinstance(node.op, Elementwise):
            return None
        dtypes, _ = node.op.signature([v.dtype for v in node.inputs])
        operands: dict[str, ir.Expression] = {}
        for letter, operand, dtype in zip(OPERANDS, node.inputs, dtypes, strict=False):
            value = self.scalar(operand)
            if value is None:
                return None
            operands[letter] = as_dtype(value, dtype)
        return ir.Operation(node.op, operands, variable.dtype)

    def _in_steps(self, variable: Variable) -> ir.Expression | None:
        """A scalar as the host computes it, where formulas inside of it have names of their own: a
        size behind many views is a formula of formulas.
        """
        inner = producers_first([variable], lambda v: None if self._is_plain(v) else v.owner)
        for node in list(inner)[:-1]:
            if node.out.dtype != "int64":  # no size: a part of one in a dtype of its own
                continue
            value = self.scalar(node.out)
            if value is None:
                return None
            name = self.named.get(expression(value))
            if name is None:
                name = ir.Name(self.shared.names.fresh("size"))
                self.named[expression(value)] = name
                self.actions.append(host.Define(Dim(name.name), value, -1))
            self.storage[node.out] = name
        found = self.scalar(variable)
        return found and self.named.get(expression(found), found)

    def _is_plain(self, variable: Variable) -> bool:
        """Whether a scalar needs no formula."""
        if variable in self.storage or isinstance(variable, Constant):
            return True
        return variable.owner is None or not isinstance(variable.owner.op, Elementwise)

    # ----------------------------------------------------------------------------------------------

    def bind(self, variable: Variable, slot: int) -> None:
        """A value that stands ready in a slot."""
        self.slots[variable] = slot
        if not isinstance(variable.type, TensorType):
            return
        name = self.shared.names.fresh(variable.name or "input")
        if variable.ndim == 0:
            number = ir.Name(name, variable.dtype)
            self.storage[variable] = number
            self.actions.append(host.BindScalar(number, slot))
            return
        buffer = ir.Buffer(name, variable.dtype, self.dims.all_of(variable), packed=False)
        self.storage[variable] = buffer
        for axis in range(variable.ndim):
            if variable.type.shape[axis] is None:
                self.learn((variable, axis), ir.SlotSize(slot, axis))
        self.actions.append(host.Bind(buffer, slot, ()))

    def adopt(self, variable: Variable, storage: Storage) -> None:
        """A value that lies where an outer graph has put it."""
        if not isinstance(storage, ir.Buffer):
            self.storage[variable] = storage
            return
        if variable.ndim == 0:
            self.storage[variable] = ir.Load(storage, ())
            return
        name = self.shared.names.fresh(variable.name or "operand")
        buffer = ir.Buffer(name, variable.dtype, self.dims.all_of(variable), storage.packed)
        for axis, dim in enumerate(storage.dims):
            self.learn((variable, axis), self.size(dim))
        alias = host.Alias(buffer, storage)
        self.shared.view(alias)
        self.aliases.append(alias)
        self.storage[variable] = buffer

    def _allocate(self, variable: Variable, buffer: ir.Buffer) -> None:
        slot = next((k for v, k in self.places.items() if memory_of(v) is variable), None)
        if slot is None and self._read_by_python(variable):
            slot = self.shared.slot(variable)
        if slot is not None:
            self.slots[variable] = slot
        self.actions.append(host.Allocate(buffer, slot, variable))

    def _read_by_python(self, variable: Variable) -> bool:
        steps = self.schedule.steps
        nodes = [steps[k] for k in self.readers.get(variable, ()) if k >= 0]
        return any(isinstance(step, HostStep) and _is_call(step.node) for step in nodes)

    def _settle_scalar(self, variable: Variable) -> None:
        """A number that outlives the call, or that Python will read, goes to a slot."""
        slot = self.places.get(variable)
        if slot is None and self._read_by_python(variable):
            slot = self.shared.slot(variable)
        if slot is not None:
            value = self.scalar(variable)
            assert value is not None
            self.slots[variable] = slot
            self.actions.append(host.StoreScalar(slot, value, variable.dtype))

    def _expect(self, variable: Variable) -> ir.Expression:
        value = self.scalar(variable)
        assert value is not None, f"{variable} is not known yet"
        return value


Joined = tuple[Apply, Pair, bool]
"""A node, the pair of its axes that must agree, and whether the known size is that of the first."""


def _is_call(node: Apply) -> bool:
    return node.op.lies_in is None and not (node.op.virtual or isinstance(node.op, Control))
