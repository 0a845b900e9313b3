"""From a schedule to a program: memory, sizes, checks and kernels in the order in which the host does them.

A graph inside a graph (a branch of `ifelse`, the step of `scan`) is planned and lowered by this same code, with
dimensions of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply, Constant, Graph, Variable, leaves, walk
from kernelgraph.loops import ir
from kernelgraph.loops.kernel import KernelLowering, Storage, as_dtype, finish_kernel
from kernelgraph.loops.names import Names
from kernelgraph.op import OPERANDS, Reduction
from kernelgraph.ops.control import IfElse, Scan
from kernelgraph.ops.indexing import Item, Slice, Subtensor
from kernelgraph.ops.sources import SizeOf
from kernelgraph.ops.views import Reshape
from kernelgraph.schedule.dims import Dim, Key, Pair
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.prepare import is_virtual
from kernelgraph.schedule.values import HostStep, KernelStep, Schedule
from kernelgraph.types import TensorType


def lower(schedule: Schedule) -> ir.Program:
    """The program of a schedule. Slots are numbered: inputs, outputs, then constants and operands of Python calls."""
    graph = schedule.graph
    shared = Shared()
    for variable in (*graph.inputs, *graph.outputs):
        shared.slot(variable)
    here = Lowering(schedule, shared)
    for k, variable in enumerate(graph.inputs):
        here.bind(variable, k)
    places = {variable: len(graph.inputs) + k for k, variable in enumerate(graph.outputs)}
    here.run(places)
    return ir.Program(
        graph.name,
        tuple(shared.constant_actions + here.actions),
        tuple(shared.slots),
        len(graph.inputs),
        len(graph.outputs),
        shared.constants,
        tuple(shared.calls),
        tuple(shared.sites),
        shared.kernels,
    )


class Shared:
    """What all graphs of one program share: names, slots, calls, places where it can fail."""

    def __init__(self) -> None:
        self.names = Names()
        self.slots: list[tuple[str, int]] = []
        self.constants: dict[int, Any] = {}
        self.constant_storage: dict[int, ir.Buffer] = {}
        self.constant_slots: dict[int, int] = {}
        self.constant_actions: list[ir.Action] = []
        self.kept: list[Any] = []
        self.calls: list[ir.Call] = []
        self.sites: list[ir.Site] = []
        self.kernels: list[ir.Kernel] = []

    def slot(self, variable: Variable) -> int:
        """A new slot for values of the variable's type."""
        kind = variable.type
        self.slots.append(
            (kind.dtype, kind.ndim) if isinstance(kind, TensorType) else ("object", 0)
        )
        return len(self.slots) - 1

    def site(self, kind: str, node: Apply, detail: Any = None) -> int:
        """A new place where the program can fail."""
        self.sites.append(ir.Site(kind, node, detail))
        return len(self.sites) - 1

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
            self.constant_actions.append(ir.Bind(buffer, slot, ()))
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


class Lowering:
    """Writes the actions of one graph."""

    def __init__(self, schedule: Schedule, shared: Shared) -> None:
        self.schedule = schedule
        self.dims = schedule.dims
        self.shared = shared
        self.actions: list[ir.Action] = []
        self.storage = _Stored(shared)
        self.slots: dict[Variable, int] = {}
        self.known: dict[Dim, Key] = {}
        self.pending = dict(self.dims.scalars)
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
        sizes = list(self.dims.scalars.values())
        for variable in (*self.schedule.graph.outputs, *leaves(sizes), *sizes):
            found.setdefault(variable, set()).add(-1)
        for node in walk(sizes):
            for variable in node.outputs:
                found.setdefault(variable, set()).add(-1)
        return found

    def run(self, places: Mapping[Variable, int]) -> None:
        """All steps. `places` says which slots the outputs go to; others go to scratch memory."""
        self.places = places
        self._settle()
        for k, step in enumerate(self.schedule.steps):
            if isinstance(step, KernelStep):
                self._kernel(step, k)
            else:
                self._host(step.node)
            self._settle()

    # ------------------------------------------------------------------------------------------------------- sizes

    def size(self, dim: Dim) -> ir.Expression:
        """The size of a dimension as an expression."""
        return ir.Number(dim.size, "int64") if dim.size is not None else ir.Name(dim.name)

    def learn(self, key: Key, value: ir.Expression) -> None:
        """The size of an axis becomes known: a definition the first time, a check from then on."""
        dim = self.dims.of(*key)
        first = self.known.get(dim)
        if dim.size is None and first is None:
            owner = key[0].owner
            site = self.shared.site("negative", owner, key[0]) if owner is not None else -1
            self.known[dim] = key
            self.actions.append(ir.Define(dim, value, site))
            return
        blamed = self.dims.blame(first if first is not None else self.dims.root(key), key)
        if blamed is not None:
            self._check(dim, value, blamed)
        self.known.setdefault(dim, key)

    def _check(self, dim: Dim, value: ir.Expression, blamed: tuple[Apply, Pair, bool]) -> None:
        node, pair, known_is_first = blamed
        sides = (self.size(dim), value) if known_is_first else (value, self.size(dim))
        self.actions.append(ir.CheckEqual(*sides, self.shared.site("sizes", node, pair)))

    def _settle(self) -> None:
        """Sizes that are values of scalars, as soon as the scalars are there."""
        for key, scalar in list(self.pending.items()):
            value = self.scalar(scalar)
            if value is None:
                continue
            del self.pending[key]
            if not (isinstance(scalar, Constant) and self.dims.of(*key).size == int(scalar.data)):
                self.learn(key, value)

    def scalar(self, variable: Variable) -> ir.Expression | None:
        """A scalar as the host computes it, or None while something that it needs is not there yet."""
        if variable in self.storage or (isinstance(variable, Constant) and variable.ndim == 0):
            stored = self.storage[variable]
            return ir.Load(stored, ()) if isinstance(stored, ir.Buffer) else stored
        node = variable.owner
        if node is None or variable.ndim:
            return None
        if isinstance(node.op, SizeOf):
            return self._size_of(node)
        if not isinstance(node.op, Elementwise):
            return None
        dtypes, _ = node.op.signature([v.dtype for v in node.inputs])
        operands: dict[str, ir.Expression] = {}
        for letter, operand, dtype in zip(OPERANDS, node.inputs, dtypes, strict=False):
            value = self.scalar(operand)
            if value is None:
                return None
            operands[letter] = as_dtype(value, dtype)
        text = {"c": node.op.c, "python": node.op.python, "cuda": node.op.cuda}
        return ir.Formula(text, operands, variable.dtype)

    def _size_of(self, node: Apply) -> ir.Expression | None:
        assert isinstance(node.op, SizeOf)
        dim = self.dims.of(node.inputs[0], node.op.axis)
        return self.size(dim) if dim.size is not None or dim in self.known else None

    # ------------------------------------------------------------------------------------------------------ memory

    def bind(self, variable: Variable, slot: int) -> None:
        """A value that stands ready in a slot."""
        self.slots[variable] = slot
        if not isinstance(variable.type, TensorType):
            return
        name = self.shared.names.fresh(variable.name or "input")
        if variable.ndim == 0:
            number = ir.Name(name, variable.dtype)
            self.storage[variable] = number
            self.actions.append(ir.BindScalar(number, slot))
            return
        buffer = ir.Buffer(name, variable.dtype, self.dims.all_of(variable), packed=False)
        self.storage[variable] = buffer
        for axis in range(variable.ndim):
            if variable.type.shape[axis] is None:
                self.learn((variable, axis), ir.SlotSize(slot, axis))
        self.actions.append(ir.Bind(buffer, slot, ()))

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
        self.actions.append(ir.Alias(buffer, storage))
        self.storage[variable] = buffer

    def _allocate(self, variable: Variable, buffer: ir.Buffer) -> None:
        slot = self.places.get(variable)
        if slot is None and self._read_by_python(variable):
            slot = self.shared.slot(variable)
        if slot is not None:
            self.slots[variable] = slot
        self.actions.append(ir.Allocate(buffer, slot))

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
            self.actions.append(ir.StoreScalar(slot, value, variable.dtype))

    # ----------------------------------------------------------------------------------------------------- kernels

    def _kernel(self, step: KernelStep, number: int) -> None:
        lowering = KernelLowering(
            self.schedule,
            step.body,
            self.storage,
            self.shared.names,
            lambda v: bool(self.readers.get(v, set()) - {number}),
            self.shared.site,
        )
        kernel = lowering.lower(self.shared.names.fresh(f"kernel_{len(self.shared.kernels)}"))
        for node in step.body.nodes():
            self._check_not_empty(node)
        scratch = set(lowering.scratch)
        for variable, buffer in lowering.buffers.items():
            if buffer not in scratch:
                self._allocate(variable, buffer)
                self.storage[variable] = buffer
        self.actions += [ir.Allocate(buffer, None) for buffer in lowering.scratch]
        self._run(kernel)
        for variable in lowering.given_back():
            self.storage[variable] = lowering.locals[variable]
            self._settle_scalar(variable)

    def _run(self, kernel: ir.Kernel) -> None:
        self.shared.kernels.append(kernel)
        self.actions.append(ir.Run(kernel))

    def _check_not_empty(self, node: Apply) -> None:
        if not (isinstance(node.op, Reduction) and node.op.nonempty):
            return
        for axis in node.op.axes:
            dim = self.dims.of(node.inputs[0], axis)
            if dim.size is None or dim.size == 0:
                self.actions.append(ir.CheckNotEmpty(dim, self.shared.site("empty", node, axis)))

    def _copy(self, target: ir.Buffer, source: Storage, node: Apply) -> None:
        """A kernel that copies; sizes have been checked."""
        names = [ir.Name(self.shared.names.fresh("turn")) for _ in target.dims]
        value = ir.Load(source, tuple(names)) if isinstance(source, ir.Buffer) else source
        statements: tuple[ir.Statement, ...] = (
            ir.Store(target, tuple(names), as_dtype(value, target.dtype), node),
        )
        for name, dim in zip(reversed(names), reversed(target.dims), strict=True):
            statements = (ir.For(name.name, dim, statements),)
        self._run(finish_kernel(self.shared.names.fresh("copy"), statements, (), (node,)))

    # -------------------------------------------------------------------------------------------- work of the host

    def _host(self, node: Apply) -> None:
        match node.op:
            case Subtensor():
                self._window(node, node.op)
            case Reshape():
                self._reshape(node)
            case IfElse():
                self._choice(node, node.op)
            case Scan():
                self._loop(node, node.op)
            case _:
                self._call(node)

    def _window(self, node: Apply, op: Subtensor) -> None:
        base = self._memory(node.inputs[0])
        entries: list[ir.Range | ir.At | ir.Whole] = []
        dims: list[Dim] = []
        for axis, entry in enumerate(
            (*op.spec, *[Slice(whole=True)] * (len(base.dims) - len(op.spec)))
        ):
            if isinstance(entry, Slice) and entry.whole:
                entries.append(ir.Whole())
                dims.append(self.dims.of(node.out, len(dims)))
                continue
            ends = [self._expect(v) for v in op.operands(node.inputs, axis)]
            if isinstance(entry, Item):
                entries.append(
                    ir.At(ends[0], base.dims[axis], self.shared.site("item", node, axis))
                )
                continue
            dim = self.dims.of(node.out, len(dims))
            entries.append(ir.Range(*ends, base.dims[axis], self.shared.site("step", node, axis)))
            dims.append(dim)
        buffer = ir.Buffer(
            self.shared.names.fresh(node.out.name or "part"), base.dtype, tuple(dims), packed=False
        )
        self._settle()
        self.actions.append(ir.Window(buffer, base, tuple(entries)))
        self.storage[node.out] = buffer

    def _memory(self, variable: Variable) -> ir.Buffer:
        """Where an array lies; one of equal numbers, too, which loops write as one number."""
        stored = (
            self.shared.constant_buffer(variable)
            if isinstance(variable, Constant)
            else self.storage[variable]
        )
        assert isinstance(stored, ir.Buffer)
        return stored

    def _expect(self, variable: Variable) -> ir.Expression:
        value = self.scalar(variable)
        assert value is not None, f"{variable} is not known yet"
        return value

    def _reshape(self, node: Apply) -> None:
        x = node.inputs[0]
        base = self.storage[x]
        self._settle()
        dims = self.dims.all_of(node.out)
        old = [self.size(dim) for dim in (base.dims if isinstance(base, ir.Buffer) else ())]
        new = [self.size(dim) for dim in dims]
        if not all(isinstance(size, ir.Number) for size in (*old, *new)):
            site = self.shared.site("reshape", node)
            self.actions.append(ir.CheckEqual(_product(old), _product(new), site))
        if not isinstance(base, ir.Buffer):
            number, base = base, ir.Buffer(self.shared.names.fresh("number"), x.dtype, ())
            self.actions.append(ir.Allocate(base, None))
            self._copy(base, number, node)
        if not dims:
            self.storage[node.out] = ir.Load(ir.Buffer(base.name, base.dtype, ()), ())
            return
        buffer = ir.Buffer(self.shared.names.fresh(node.out.name or "reshaped"), base.dtype, dims)
        self.actions.append(ir.Alias(buffer, base))
        self.storage[node.out] = buffer

    def _operand_slot(self, variable: Variable) -> int:
        if variable not in self.slots:
            if not isinstance(variable, Constant):
                raise CompileError(f"{variable} has no slot", code="KG-K005")
            self.slots[variable] = self.shared.constant_slot(variable)
        return self.slots[variable]

    def _call(self, node: Apply) -> None:
        inputs = tuple(self._operand_slot(v) for v in node.inputs)
        outputs = tuple(self.places.get(v, -1) for v in node.outputs)
        outputs = tuple(
            self.shared.slot(v) if k < 0 else k for k, v in zip(outputs, node.outputs, strict=True)
        )
        self.shared.calls.append(ir.Call(node, inputs, outputs))
        self.actions.append(ir.CallPython(len(self.shared.calls) - 1, node))
        for variable, slot in zip(node.outputs, outputs, strict=True):
            self.bind(variable, slot)

    def _inner(self, graph: Graph) -> Lowering:
        return Lowering(plan(graph, nested=True), self.shared)

    def _choice(self, node: Apply, op: IfElse) -> None:
        condition = as_dtype(self._expect(node.inputs[0]), "bool")
        slots = [self.places.get(v, -1) for v in node.outputs]
        slots = [
            self.shared.slot(v) if k < 0 else k for k, v in zip(slots, node.outputs, strict=True)
        ]
        branches: list[tuple[ir.Action, ...]] = []
        for graph in op.graphs:
            inner = self._inner(graph)
            for variable, operand in zip(inner.schedule.graph.inputs, node.inputs[1:], strict=True):
                self._hand_over(inner, variable, operand)
            inner.run(dict(zip(inner.schedule.graph.outputs, slots, strict=True)))
            branches.append(tuple(inner.actions))
        self.actions.append(ir.If(condition, *branches))
        for variable, slot in zip(node.outputs, slots, strict=True):
            self.bind(variable, slot)

    def _hand_over(self, inner: Lowering, variable: Variable, operand: Variable) -> None:
        if operand in self.slots or not isinstance(operand.type, TensorType):
            inner.slots[variable] = self._operand_slot(operand)
        if isinstance(operand.type, TensorType):
            inner.adopt(variable, self._memory(operand) if operand.ndim else self.storage[operand])

    def _loop(self, node: Apply, op: Scan) -> None:
        steps, sequences, states, fixed = op.split(node.inputs)
        self._settle()
        histories = [self._history(variable) for variable in node.outputs]
        turn = ir.Name(self.shared.names.fresh("step"))
        for k, state in enumerate(states):
            row = (
                histories[k]
                if k in op.last_only
                else self._row(histories[k], ir.Number(0, "int64"), node)
            )
            self._match_sizes(row, self.storage[state], node, k)
            self._copy(row, self.storage[state], node)
        inner = self._inner(op.graphs[0])
        outer, self.actions = self.actions, inner.actions
        ends = list(inner.schedule.graph.inputs)
        n, m = op.sequences, op.states
        for variable, sequence in zip(ends[:n], sequences, strict=True):
            inner.adopt(variable, self._row(self._memory(sequence), turn, node))
        for k, variable in enumerate(ends[n : n + m]):
            inner.adopt(
                variable, histories[k] if k in op.last_only else self._row(histories[k], turn, node)
            )
        for variable, operand in zip(ends[n + m :], fixed, strict=True):
            self._hand_over(inner, variable, operand)
        inner.run({})
        one = ir.Formula({t: "{x} + 1" for t in ("c", "python", "cuda")}, {"x": turn}, "int64")
        for k, (history, result) in enumerate(
            zip(histories, inner.schedule.graph.outputs, strict=True)
        ):
            at = one if k < m else turn
            row = history if k in op.last_only else self._row(history, at, node)
            self._match_sizes(row, inner.storage[result], node, k)
            self._copy(row, inner.storage[result], node)
        body, self.actions = tuple(self.actions), outer
        self.actions.append(ir.Repeat(turn, self._expect(steps), body))
        for variable, history in zip(node.outputs, histories, strict=True):
            self.storage[variable] = history
            if variable.ndim == 0:
                self.storage[variable] = ir.Load(history, ())
                self._settle_scalar(variable)

    def _history(self, variable: Variable) -> ir.Buffer:
        buffer = ir.Buffer(
            self.shared.names.fresh(variable.name or "history"),
            variable.dtype,
            self.dims.all_of(variable),
        )
        for dim in buffer.dims:
            if dim.size is None and dim not in self.known:
                raise CompileError(
                    "the sizes of a result of scan must follow from the sizes of its operands",
                    code="KG-G033",
                    origins=variable.where,
                )
        if variable.ndim:
            self._allocate(variable, buffer)
        else:
            self.actions.append(ir.Allocate(buffer, None))
        return buffer

    def _row(self, rows: ir.Buffer, at: ir.Expression, node: Apply) -> ir.Buffer:
        entries = [
            ir.At(at, rows.dims[0], self.shared.site("turn", node)),
            *([ir.Whole()] * (len(rows.dims) - 1)),
        ]
        row = ir.Buffer(self.shared.names.fresh("row"), rows.dtype, rows.dims[1:], packed=False)
        self.actions.append(ir.Window(row, rows, tuple(entries)))
        return row

    def _match_sizes(self, row: ir.Buffer, source: Storage, node: Apply, k: int) -> None:
        if not isinstance(source, ir.Buffer):
            return
        for axis, (mine, its) in enumerate(zip(row.dims, source.dims, strict=True)):
            if mine is not its and (mine.size is None or mine.size != its.size):
                site = self.shared.site("state", node, (k, axis))
                self.actions.append(ir.CheckEqual(self.size(mine), self.size(its), site))


def _is_call(node: Apply) -> bool:
    return not (is_virtual(node) or isinstance(node.op, Subtensor | Reshape | IfElse | Scan))


def _product(sizes: Sequence[ir.Expression]) -> ir.Expression:
    total: ir.Expression = ir.Number(np.int64(1), "int64")
    for size in sizes:
        total = ir.Formula(
            {t: "{x} * {y}" for t in ("c", "python", "cuda")}, {"x": total, "y": size}, "int64"
        )
    return total
