"""From a schedule to a program: memory, sizes, checks and kernels in the order in which the host
does them.

A graph inside a graph (a branch of `ifelse`, the step of `scan`) is planned and lowered by this
same code, with dimensions of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.expressions import Storage, as_dtype
from kernelgraph.loops.kernel import KernelLowering
from kernelgraph.loops.memory import Memory, Shared, product
from kernelgraph.op import Reduction
from kernelgraph.ops.control import IfElse
from kernelgraph.ops.indexing import Item, Slice, Subtensor
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.views import Reshape
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.values import KernelStep, Schedule
from kernelgraph.types import TensorType


def lower(schedule: Schedule) -> ir.Program:
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
        graph,
    )


class Lowering(Memory):
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
                self._host(step.node)
            self._settle()

    # ----------------------------------------------------------------------------------------------

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

    # -------------------------------------------------------------------------------------------- w

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
            start, stop, step = ends
            site = self.shared.site("step", node, axis)
            entries.append(ir.Range(start, stop, step, base.dims[axis], site))
            dims.append(self.dims.of(node.out, len(dims)))
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

    def _reshape(self, node: Apply) -> None:
        x = node.inputs[0]
        base = self.storage[x]
        self._settle()
        dims = self.dims.all_of(node.out)
        old = [self.size(dim) for dim in (base.dims if isinstance(base, ir.Buffer) else ())]
        new = [self.size(dim) for dim in dims]
        if not all(isinstance(size, ir.Number) for size in (*old, *new)):
            self.check_equal(product(old), product(new), "reshape", node)
        if not isinstance(base, ir.Buffer):
            number, base = base, ir.Buffer(self.shared.names.fresh("number"), x.dtype, ())
            self.actions.append(ir.Allocate(base, None))
            self._copy(base, number, node)
        buffer = ir.Buffer(self.shared.names.fresh(node.out.name or "reshaped"), base.dtype, dims)
        self.actions.append(ir.Alias(buffer, base))
        self.storage[node.out] = buffer if dims else ir.Load(buffer, ())

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
        inner = Lowering(plan(graph, nested=True), self.shared)
        inner.agreed = self.agreed.copy()
        return inner

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
                else self._row(histories[k], ir.Number(0, "int64"), node, "start")
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
        one = ir.Formula(dict.fromkeys(("c", "python", "cuda"), "{x} + 1"), {"x": turn}, "int64")
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

    def _row(
        self, rows: ir.Buffer, at: ir.Expression, node: Apply, site: str = "turn"
    ) -> ir.Buffer:
        entries = [
            ir.At(at, rows.dims[0], self.shared.site(site, node)),
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
