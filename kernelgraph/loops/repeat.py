"""Loops of the host: where the rows of each output go, and what is done at each step.

A step is a graph of its own. Its slices and states are rows of what lies outside; what it makes is
copied into the next row. Sizes that show only in a step are those of its first iteration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import Check, first_value, state_size, step_inside
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.expressions import ONE, Storage, as_dtype, total
from kernelgraph.loops.memory import Memory
from kernelgraph.loops.program import Call
from kernelgraph.op import Size
from kernelgraph.ops.scan import Scan
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.prepare import PassThrough
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.schedule.writes import memory_of
from kernelgraph.types import TensorType


@dataclass
class Rows:
    """Where the rows of an output go: `memory`, or a slot for a Python object.

    The axes in `shown` have sizes that a step shows; memory of such rows lies in a slot, too.
    """

    memory: ir.Buffer | None
    slot: int = -1
    shown: tuple[int, ...] = ()

    @property
    def buffer(self) -> ir.Buffer:
        """The memory, of which it is known that it is there."""
        assert self.memory is not None
        return self.memory


class Loops(Memory):
    """Writes the actions of loops."""

    def inner(self, schedule: Schedule) -> Loops:
        """What writes the actions of a graph inside of this one."""
        raise NotImplementedError

    def run(self, places: dict[Variable, int]) -> None:
        """Write all actions."""
        raise NotImplementedError

    def run_kernel(self, kernel: ir.Kernel) -> None:
        if not kernel.body:  # memory alone, which the host allocates
            return
        kernel = replace(kernel, overlapping=self.shared.overlapping(kernel))
        self.shared.kernels.append(kernel)
        self.actions.append(host.Run(kernel))

    def _copy(self, target: ir.Buffer, source: Storage, node: Apply) -> None:
        """A kernel that copies; sizes have been checked."""
        names = [ir.Name(self.shared.names.fresh("iteration")) for _ in target.dims]
        value = ir.Load(source, tuple(names)) if isinstance(source, ir.Buffer) else source
        statements: tuple[ir.Statement, ...] = (
            ir.Store(target, tuple(names), as_dtype(value, target.dtype), node),
        )
        for name, dim in zip(reversed(names), reversed(target.dims), strict=True):
            statements = (ir.For(name.name, dim, statements),)
        self.run_kernel(finish_kernel(self.shared.names.fresh("copy"), statements, (), (node,)))

    def _memory(self, variable: Variable) -> ir.Buffer:
        """Where an array lies; one of equal numbers, too, which loops write as one number."""
        stored = (
            self.shared.constant_buffer(variable)
            if isinstance(variable, Constant)
            else self.storage[variable]
        )
        assert isinstance(stored, ir.Buffer)
        return stored

    def _operand_slot(self, variable: Variable) -> int:
        variable = memory_of(variable)
        if variable not in self.slots:
            if not isinstance(variable, Constant):
                raise CompileError(f"{variable} has no slot", code="KG-K005")
            self.slots[variable] = self.shared.constant_slot(variable)
        return self.slots[variable]

    def _hand_over(self, inner: Loops, variable: Variable, operand: Variable) -> None:
        if memory_of(operand) in self.slots or not isinstance(operand.type, TensorType):
            inner.slots[variable] = self._operand_slot(operand)
        if isinstance(operand.type, TensorType):
            inner.adopt(variable, self._memory(operand) if operand.ndim else self.storage[operand])

    def loop(self, node: Apply, op: Scan, step: Schedule) -> None:
        """A loop: first values, the steps, and what is there after them."""
        steps, sequences, _, fixed = op.split(node.inputs)
        self._settle()
        rows = [self._rows(v, s) for v, s in zip(node.outputs, op.sizes(node), strict=True)]
        iteration = ir.Name(self.shared.names.fresh("step"))
        self._first_values(node, op, rows)
        inner = self.inner(step)
        outer, self.actions = self.actions, inner.actions
        ends = list(inner.schedule.graph.inputs)
        n, m = op.sequences, op.states
        for variable, sequence in zip(ends[:n], sequences, strict=True):
            row = self._row(self._memory(sequence), iteration, step_inside(node, op))
            inner.adopt(variable, row)
        for k, variable in enumerate(ends[n : n + m]):
            if rows[k].memory is None:
                inner.slots[variable] = rows[k].slot
            else:
                check = step_inside(node, op)
                inner.adopt(variable, self._at(rows[k], k in op.last_only, iteration, check))
        for variable, operand in zip(ends[n + m :], fixed, strict=True):
            self._hand_over(inner, variable, operand)
        inner.run({})
        self._keep_step(node, op, rows, inner, iteration)
        body, self.actions = tuple(self.actions), outer
        self.actions.append(host.Repeat(iteration, self._expect(steps), body))
        for variable, kept in zip(node.outputs, rows, strict=True):
            self._after_loop(variable, kept)

    def _rows(self, variable: Variable, sizes: Sequence[Size]) -> Rows:
        slot = self.places.get(variable, -1)
        if not isinstance(variable.type, TensorType):
            return Rows(None, self.shared.slot(variable) if slot < 0 else slot)
        name = self.shared.names.fresh(variable.name or "history")
        dims = list(self.dims.all_of(variable))
        shown = tuple(k for k, dim in enumerate(dims) if sizes[k] is None and dim.size is None)
        for axis in shown:
            dims[axis] = Dim(self.shared.names.fresh(f"{name}_n{axis}"))
        for dim in dims if not shown else ():
            if dim.size is None and dim not in self.known:
                raise CompileError(
                    "the sizes of a state of scan must follow from the sizes of its operands",
                    code="KG-G033",
                    origins=variable.where,
                )
        buffer = ir.Buffer(name, variable.dtype, tuple(dims))
        if shown:
            slot = self.shared.slot(variable) if slot < 0 else slot
            self.actions.append(host.Reserve(buffer, slot, tuple(dims[axis] for axis in shown)))
        elif variable.ndim:
            self._allocate(variable, buffer)
        else:
            self.actions.append(host.Allocate(buffer, None, variable))
        return Rows(buffer, slot, shown)

    def _first_values(self, node: Apply, op: Scan, rows: Sequence[Rows]) -> None:
        _, _, states, _ = op.split(node.inputs)
        for k, (state, kept) in enumerate(zip(states, rows, strict=False)):
            if kept.memory is None:
                self._move(state, self._operand_slot(state), kept.slot, node)
                continue
            first = ir.Number(0, "int64")
            row = self._at(kept, k in op.last_only, first, first_value(node, op))
            self._match_sizes(row, self.storage[state], node, op, k)
            self._copy(row, self.storage[state], node)

    def _keep_step(
        self, node: Apply, op: Scan, rows: Sequence[Rows], inner: Loops, iteration: ir.Name
    ) -> None:
        """What a step has made becomes a row of each output."""
        one = total(iteration, ONE)
        results = inner.schedule.graph.outputs
        for k, (kept, result) in enumerate(zip(rows, results, strict=True)):
            if kept.memory is None:
                self._move(result, inner.slots[result], kept.slot, node)
                continue
            source = inner.storage[result]
            if kept.shown:
                assert isinstance(source, ir.Buffer)
                pairs = [(kept.buffer.dims[a], self.size(source.dims[a - 1])) for a in kept.shown]
                self.actions.append(host.FirstRow(kept.buffer, kept.slot, tuple(pairs), iteration))
            at = one if k < op.states else iteration
            row = self._at(kept, k in op.last_only, at, step_inside(node, op))
            self._match_sizes(row, source, node, op, k)
            self._copy(row, source, node)

    def _after_loop(self, variable: Variable, kept: Rows) -> None:
        if kept.memory is None:
            self.slots[variable] = kept.slot
            return
        self.storage[variable] = kept.buffer
        if variable.ndim == 0:
            self.storage[variable] = ir.Load(kept.buffer, ())
            self._settle_scalar(variable)
        if kept.shown:
            self.slots[variable] = kept.slot
            for axis in kept.shown:
                self.learn((variable, axis), self.size(kept.buffer.dims[axis]))
            name, dims = self.shared.names.fresh("rows"), self.dims.all_of(variable)
            rows = ir.Buffer(name, variable.dtype, dims)
            self.actions.append(self.shared.view(host.Alias(rows, kept.buffer)))
            self.storage[variable] = rows

    def _at(self, kept: Rows, last: bool, at: ir.Expression, check: Check) -> ir.Buffer:
        """A row of an output, or all of it where only the last value is kept."""
        return kept.buffer if last else self._row(kept.buffer, at, check)

    def _row(self, rows: ir.Buffer, at: ir.Expression, check: Check) -> ir.Buffer:
        entries = [
            host.At(at, rows.dims[0], self.shared.check(check)),
            *([host.Whole()] * (len(rows.dims) - 1)),
        ]
        row = ir.Buffer(self.shared.names.fresh("row"), rows.dtype, rows.dims[1:], packed=False)
        self.actions.append(self.shared.view(host.Window(row, rows, tuple(entries))))
        return row

    def _match_sizes(self, row: ir.Buffer, source: Storage, node: Apply, op: Scan, k: int) -> None:
        if not isinstance(source, ir.Buffer):
            return
        for axis, (mine, its) in enumerate(zip(row.dims, source.dims, strict=True)):
            if mine is not its and (mine.size is None or mine.size != its.size):
                check = self.shared.check(state_size(node, op, k, axis))
                self.actions.append(host.CheckEqual(self.size(mine), self.size(its), check))

    def _move(self, variable: Variable, source: int, target: int, node: Apply) -> None:
        """A Python object is put into another slot."""
        same = Apply(PassThrough(), [variable], [Variable(variable.type)])
        self.shared.calls.append(Call(same, (source,), (target,)))
        self.actions.append(host.Call(len(self.shared.calls) - 1, node))
