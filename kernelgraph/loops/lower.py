"""From a schedule to a program: memory, sizes, checks and kernels in the order in which the host
does them.

The schedule of a graph inside a graph (a branch of `ifelse`, the step of `scan`) is lowered by this
same code, with dimensions of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kernelgraph.access import At, From, Range, Reordered, Strides, Whole, Window
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import equal_elements, inside, not_empty, not_singular, step_not_zero
from kernelgraph.loops.expressions import as_dtype, product
from kernelgraph.loops.kernel import KernelLowering
from kernelgraph.loops.memory import Shared
from kernelgraph.loops.program import Call, Program
from kernelgraph.loops.repeat import Loops
from kernelgraph.op import Part, Reduction, Scatter
from kernelgraph.ops.coded import CodedOp, read_signature
from kernelgraph.ops.control import IfElse
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.solving import Solve
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.prepare import LibraryDot
from kernelgraph.schedule.schedule import HostStep, KernelStep, Schedule
from kernelgraph.schedule.writes import memory_of


def lower(schedule: Schedule) -> Program:
    """The program of a schedule.

    Slots are numbered: inputs, outputs, then constants and operands of Python calls.
    """
    graph = schedule.graph
    shared = Shared()
    for variable in (*graph.inputs, *graph.outputs):
        shared.slot(variable)
    here = Lowering(schedule, shared)
    for k, variable in enumerate(graph.inputs):
        here.bind(variable, k)
    places = {variable: len(graph.inputs) + k for k, variable in enumerate(graph.outputs)}
    here.run(places)
    return Program(
        graph.name,
        tuple(shared.constant_actions + here.actions),
        tuple(shared.slots),
        len(graph.inputs),
        len(graph.outputs),
        shared.constants,
        tuple(shared.calls),
        tuple(shared.checks),
        shared.kernels,
        graph,
    )


class Lowering(Loops):
    """Writes the actions of one graph."""

    def run(self, places: Mapping[Variable, int]) -> None:
        """All steps. `places` says which slots the outputs go to; others go to scratch memory."""
        self.places = places
        self._settle()
        self._check_declared()
        for k, step in enumerate(self.schedule.steps):
            if isinstance(step, KernelStep):
                self._kernel(step, k)
            else:
                self._host(step)
            self._settle()

    # ----------------------------------------------------------------------------------------------

    def _kernel(self, step: KernelStep, number: int) -> None:
        lowering = KernelLowering(
            self.schedule,
            step.body,
            self.storage,
            self.shared.names,
            lambda v: bool(self.readers.get(v, set()) - {number}),
            self.shared.check,
        )
        name = self.shared.names.fresh(f"kernel_{len(self.shared.kernels)}")
        lowering.make_buffers()
        for node in step.body.nodes():
            self._check_not_empty(node)
        scratch = dict.fromkeys(lowering.scratch)
        for variable, buffer in lowering.buffers.items():
            if buffer not in scratch:
                if memory_of(variable) is variable:
                    self._allocate(variable, buffer)
                self.storage[variable] = buffer
        owners = {id(buffer): variable for variable, buffer in lowering.buffers.items()}
        self.actions += [host.Allocate(b, None, owners.get(id(b))) for b in scratch]
        for node in step.views:
            assert isinstance(node.op, Part)
            self._part_of(node, node.op)
        for node in step.body.nodes():
            if isinstance(node.op, Scatter):
                self._aim(node, node.op, lowering)
        kernel = lowering.lower(name)
        self.actions += [host.Allocate(b, None) for b in lowering.scratch if b not in scratch]
        self.run_kernel(kernel)
        for variable in lowering.given_back():
            self.storage[variable] = lowering.locals[variable]
            self._settle_scalar(variable)

    def _check_not_empty(self, node: Apply) -> None:
        op = node.op
        if not (isinstance(op, Reduction) and op.nonempty):
            return
        for axis in op.axes:
            dim = self.dims.of(node.inputs[0], axis)
            if dim.size is None or dim.size == 0:
                check = self.shared.check(not_empty(node, op, axis))
                self.actions.append(host.CheckNotEmpty(dim, check))

    # ----------------------------------------------------------------------------------------------

    def _host(self, step: HostStep) -> None:
        node = step.node
        match node.op:
            case Part():
                self._part_of(node, node.op)
            case IfElse():
                self._choice(node, step.inner)
            case Scan():
                self.loop(node, node.op, *step.inner)
            case _:
                self._call(node)

    def _part_of(self, node: Apply, op: Part) -> None:
        place = op.place(node)
        if isinstance(place, Reordered):
            self._reshape(node)
        else:
            base = self._memory(node.inputs[0])
            self.storage[node.out] = self._part(node, place, base, node.out)

    def _aim(self, node: Apply, op: Scatter, lowering: KernelLowering) -> None:
        """The part of its result that a node writes to, if its places are not loaded."""
        place, whole = op.place(node), lowering.buffers[node.out]
        if isinstance(place, Window | Strides):
            lowering.targets[node] = self._part(node, place, whole, node.inputs[0])

    def _part(
        self, node: Apply, place: Window | Strides, base: ir.Buffer, part: Variable
    ) -> ir.Buffer:
        """A part of some memory, which has the sizes of a variable and is named after it."""
        name = self.shared.names.fresh(part.name or "part")
        dims = self.dims.all_of(part)
        if isinstance(place, Strides):
            buffer = ir.Buffer(name, base.dtype, dims, packed=False, overlaps=True)
            action = host.Stride(buffer, base, place.steps)
        else:
            buffer = ir.Buffer(name, base.dtype, dims, packed=False)
            action = host.Window(buffer, base, tuple(self._entries(node, place, base, dims)))
        self._settle()
        self.actions.append(self.shared.view(action))
        return buffer

    def _entries(
        self, node: Apply, place: Window, base: ir.Buffer, kept: Sequence[Dim]
    ) -> Iterator[host.Entry]:
        """What a window takes of each axis; `kept` are the dimensions of what it leaves."""
        left = iter(kept)
        for axis, dim in enumerate(base.dims):
            match place.entries[axis] if axis < len(place.entries) else Whole():
                case Whole():
                    next(left)
                    yield host.Whole()
                case From(start):
                    yield host.From(self._expect(node.inputs[start]), next(left), dim)
                case At(index):
                    check = self.shared.check(inside(node, axis))
                    yield host.At(self._expect(node.inputs[index]), dim, check)
                case Range(first):
                    next(left)
                    ends = [self._expect(v) for v in node.inputs[first : first + 3]]
                    check = self.shared.check(step_not_zero(node))
                    yield host.Range(ends[0], ends[1], ends[2], dim, check)

    def _reshape(self, node: Apply) -> None:
        x = node.inputs[0]
        base = self.storage[x]
        self._settle()
        dims = self.dims.all_of(node.out)
        old = [self.size(dim) for dim in (base.dims if isinstance(base, ir.Buffer) else ())]
        new = [self.size(dim) for dim in dims]
        if not all(isinstance(size, ir.Number) for size in (*old, *new)):
            self.check_equal(product(old), product(new), equal_elements(node))
        if not isinstance(base, ir.Buffer):
            number, base = base, ir.Buffer(self.shared.names.fresh("number"), x.dtype, ())
            self.actions.append(host.Allocate(base, None, x))
            self._copy(base, number, node)
        buffer = ir.Buffer(self.shared.names.fresh(node.out.name or "reshaped"), base.dtype, dims)
        self.actions.append(self.shared.view(host.Alias(buffer, base)))
        self.storage[node.out] = buffer if dims else ir.Load(buffer, ())

    def _call(self, node: Apply) -> None:
        inputs = tuple(self._operand_slot(v) for v in node.inputs)
        outputs = tuple(self.places.get(v, -1) for v in node.outputs)
        outputs = tuple(
            self.shared.slot(v) if k < 0 else k for k, v in zip(outputs, node.outputs, strict=True)
        )
        self.shared.calls.append(Call(node, inputs, outputs))
        number = len(self.shared.calls) - 1
        match node.op:
            case LibraryDot():
                self._product(node, node.op, number, outputs[0])
            case Solve():
                self._solution(node, node.op, number, outputs[0])
            case CodedOp():
                self._own_c(node, node.op, number, outputs)
            case _:
                self.actions.append(host.Call(number, node))
                for variable, slot in zip(node.outputs, outputs, strict=True):
                    self.bind(variable, slot)

    def _product(self, node: Apply, op: LibraryDot, number: int, slot: int) -> None:
        left, right = (self._memory(v) for v in node.inputs)
        memory = self._result(node.out, slot, "product")
        product = host.Product((left, right), (op.flip_left, op.flip_right), (memory,))
        self.actions.append(host.Call(number, node, product))
        self.slots[node.out], self.storage[node.out] = slot, memory.buffer

    def _solution(self, node: Apply, op: Solve, number: int, slot: int) -> None:
        left, right = (self._memory(v) for v in node.inputs)
        memory = self._result(node.out, slot, "solution")
        check = self.shared.check(not_singular(node, op))
        self.actions.append(host.Call(number, node, host.Solution((left, right), (memory,), check)))
        self.slots[node.out], self.storage[node.out] = slot, memory.buffer

    def _own_c(self, node: Apply, op: CodedOp, number: int, slots: Sequence[int]) -> None:
        operands = [self._memory(v) if v.ndim else self._expect(v) for v in node.inputs]
        copies = [
            host.Allocate(ir.Buffer(self.shared.names.fresh("packed"), v.dtype, v.dims), None)
            for v in operands
            if isinstance(v, ir.Buffer) and not v.packed
        ]
        names = read_signature(op.signature).names.values()
        sizes = [self.size(self.dims.of(node.inputs[at.operand], at.axis)) for at in names]
        pairs = list(zip(node.outputs, slots, strict=True))
        memory = [self._result(v, slot, op.name or "result") for v, slot in pairs]
        own = host.OwnC(tuple(operands), tuple(sizes), tuple(memory), tuple(copies))
        self.actions.append(host.Call(number, node, own))
        for (variable, slot), request in zip(pairs, memory, strict=True):
            self.slots[variable], self.storage[variable] = slot, request.buffer
            if not variable.ndim:
                self.storage[variable] = ir.Load(request.buffer, ())

    def _result(self, variable: Variable, slot: int, name: str) -> host.Allocate:
        """Memory for a result of a routine."""
        fresh = self.shared.names.fresh(variable.name or name)
        buffer = ir.Buffer(fresh, variable.dtype, self.dims.all_of(variable))
        return host.Allocate(buffer, slot, variable)

    def inner(self, schedule: Schedule) -> Lowering:
        inner = Lowering(schedule, self.shared)
        inner.agreed = self.agreed.copy()
        return inner

    def _choice(self, node: Apply, schedules: Sequence[Schedule]) -> None:
        condition = as_dtype(self._expect(node.inputs[0]), "bool")
        slots = [self.places.get(v, -1) for v in node.outputs]
        slots = [
            self.shared.slot(v) if k < 0 else k for k, v in zip(slots, node.outputs, strict=True)
        ]
        branches: list[tuple[host.Action, ...]] = []
        for schedule in schedules:
            inner = self.inner(schedule)
            for variable, operand in zip(inner.schedule.graph.inputs, node.inputs[1:], strict=True):
                self._hand_over(inner, variable, operand)
            inner.run(dict(zip(inner.schedule.graph.outputs, slots, strict=True)))
            branches.append(tuple(inner.actions))
        self.actions.append(host.If(condition, *branches))
        for variable, slot in zip(node.outputs, slots, strict=True):
            self.bind(variable, slot)
