"""Loops of the host: where the rows of each output go, and what is done at each step.

A step is a graph of its own. Its slices and states are rows of what lies outside; what it makes is
copied into the next row. Sizes that show only in a step are those of its first iteration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernelgraph.errors import CompileError
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import Check, first_value, state_size, step_inside
from kernelgraph.loops.context import Context, context
from kernelgraph.loops.expressions import ONE, Storage, size_of, total
from kernelgraph.loops.measures import expect, learn, settle
from kernelgraph.loops.program import Call
from kernelgraph.loops.storage import (
    adopt,
    allocate,
    array_of,
    copy,
    hand_over,
    operand_slot,
    settle_scalar,
)
from kernelgraph.op import Size
from kernelgraph.ops.scan import Scan
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.prepare import PassThrough
from kernelgraph.schedule.schedule import Schedule
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


def loop(
    here: Context, node: Apply, op: Scan, step: Schedule, run: Callable[[Context], None]
) -> None:
    """A loop: first values, the steps, each a `run` of its graph, and what is there after them."""
    steps, sequences, _, fixed = op.split(node.inputs)
    settle(here)
    rows = [_rows(here, v, s) for v, s in zip(node.outputs, op.sizes(node), strict=True)]
    iteration = ir.Name(here.shared.names.fresh("step"))
    _first_values(here, node, op, rows)
    inner = context(step, here.shared, {}, here.agreed)
    outer, here.actions = here.actions, inner.actions
    ends = list(inner.schedule.graph.inputs)
    n, m = op.sequences, op.states
    for variable, sequence in zip(ends[:n], sequences, strict=True):
        row = _row(here, array_of(here, sequence), iteration, step_inside(node, op))
        adopt(inner, variable, row)
    for k, variable in enumerate(ends[n : n + m]):
        if rows[k].memory is None:
            inner.slots[variable] = rows[k].slot
        else:
            check = step_inside(node, op)
            adopt(inner, variable, _at(here, rows[k], k in op.last_only, iteration, check))
    for variable, operand in zip(ends[n + m :], fixed, strict=True):
        hand_over(here, inner, variable, operand)
    run(inner)
    _keep_step(here, node, op, rows, inner, iteration)
    body, here.actions = tuple(here.actions), outer
    here.actions.append(host.Repeat(iteration, expect(here, steps), body))
    for variable, kept in zip(node.outputs, rows, strict=True):
        _after_loop(here, variable, kept)


def _rows(here: Context, variable: Variable, sizes: Sequence[Size]) -> Rows:
    slot = here.places.get(variable, -1)
    if not isinstance(variable.type, TensorType):
        return Rows(None, here.shared.slot(variable) if slot < 0 else slot)
    name = here.shared.names.fresh(variable.name or "history")
    dims = list(here.dims.all_of(variable))
    shown = tuple(k for k, dim in enumerate(dims) if sizes[k] is None and dim.size is None)
    for axis in shown:
        dims[axis] = Dim(here.shared.names.fresh(f"{name}_n{axis}"))
    for dim in dims if not shown else ():
        if dim.size is None and dim not in here.known:
            what = "the sizes of a state of scan must follow from the sizes of its operands"
            raise CompileError(what, code="KG-G033", origins=variable.where)
    buffer = ir.Buffer(name, variable.dtype, tuple(dims))
    if shown:
        slot = here.shared.slot(variable) if slot < 0 else slot
        here.actions.append(host.Reserve(buffer, slot, tuple(dims[axis] for axis in shown)))
    elif variable.ndim:
        allocate(here, variable, buffer)
    else:
        here.actions.append(host.Allocate(buffer, None, variable))
    return Rows(buffer, slot, shown)


def _first_values(here: Context, node: Apply, op: Scan, rows: Sequence[Rows]) -> None:
    _, _, states, _ = op.split(node.inputs)
    for k, (state, kept) in enumerate(zip(states, rows, strict=False)):
        if kept.memory is None:
            _move(here, state, operand_slot(here, state), kept.slot, node)
            continue
        first = ir.Number(0, "int64")
        row = _at(here, kept, k in op.last_only, first, first_value(node, op))
        _match_sizes(here, row, here.storage[state], node, op, k)
        copy(here, row, here.storage[state], node)


def _keep_step(
    here: Context, node: Apply, op: Scan, rows: Sequence[Rows], inner: Context, iteration: ir.Name
) -> None:
    """What a step has made becomes a row of each output."""
    one = total(iteration, ONE)
    results = inner.schedule.graph.outputs
    for k, (kept, result) in enumerate(zip(rows, results, strict=True)):
        if kept.memory is None:
            _move(here, result, inner.slots[result], kept.slot, node)
            continue
        source = inner.storage[result]
        if kept.shown:
            assert isinstance(source, ir.Buffer)
            pairs = [(kept.buffer.dims[a], size_of(source.dims[a - 1])) for a in kept.shown]
            here.actions.append(host.FirstRow(kept.buffer, kept.slot, tuple(pairs), iteration))
        at = one if k < op.states else iteration
        row = _at(here, kept, k in op.last_only, at, step_inside(node, op))
        _match_sizes(here, row, source, node, op, k)
        copy(here, row, source, node)


def _after_loop(here: Context, variable: Variable, kept: Rows) -> None:
    if kept.memory is None:
        here.slots[variable] = kept.slot
        return
    here.storage[variable] = kept.buffer
    if variable.ndim == 0:
        here.storage[variable] = ir.Load(kept.buffer, ())
        settle_scalar(here, variable)
    if kept.shown:
        here.slots[variable] = kept.slot
        for axis in kept.shown:
            learn(here, (variable, axis), size_of(kept.buffer.dims[axis]))
        name, dims = here.shared.names.fresh("rows"), here.dims.all_of(variable)
        rows = ir.Buffer(name, variable.dtype, dims)
        here.actions.append(here.shared.view(host.Alias(rows, kept.buffer)))
        here.storage[variable] = rows


def _at(here: Context, kept: Rows, last: bool, at: ir.Expression, check: Check) -> ir.Buffer:
    """A row of an output, or all of it where only the last value is kept."""
    return kept.buffer if last else _row(here, kept.buffer, at, check)


def _row(here: Context, rows: ir.Buffer, at: ir.Expression, check: Check) -> ir.Buffer:
    whole = [host.Whole()] * (len(rows.dims) - 1)
    entries = [host.At(at, rows.dims[0], here.shared.check(check)), *whole]
    row = ir.Buffer(here.shared.names.fresh("row"), rows.dtype, rows.dims[1:], rows.gaps)
    here.actions.append(here.shared.view(host.Window(row, rows, tuple(entries))))
    return row


def _match_sizes(
    here: Context, row: ir.Buffer, source: Storage, node: Apply, op: Scan, k: int
) -> None:
    if not isinstance(source, ir.Buffer):
        return
    for axis, (mine, its) in enumerate(zip(row.dims, source.dims, strict=True)):
        if mine is not its and (mine.size is None or mine.size != its.size):
            check = here.shared.check(state_size(node, op, k, axis))
            here.actions.append(host.CheckEqual(size_of(mine), size_of(its), check))


def _move(here: Context, variable: Variable, source: int, target: int, node: Apply) -> None:
    """A Python object is put into another slot."""
    same = Apply(PassThrough(), [variable], [Variable(variable.type)])
    here.shared.calls.append(Call(same, (source,), (target,)))
    here.actions.append(host.Call(len(here.shared.calls) - 1, node))
