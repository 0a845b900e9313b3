"""Calls while a program is written: of Python, of routines of libraries, of C of the user's own."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import not_singular
from kernelgraph.loops.context import Context
from kernelgraph.loops.expressions import size_of
from kernelgraph.loops.measures import expect
from kernelgraph.loops.program import Call
from kernelgraph.loops.storage import array_of, bind, operand_slot, output_slots
from kernelgraph.ops.coded import CodedOp, read_signature
from kernelgraph.ops.solving import Solve
from kernelgraph.schedule.prepare import LibraryDot


def call(here: Context, node: Apply) -> None:
    """What the host has others do for a node: a routine or C where there is one, else Python."""
    inputs = tuple(operand_slot(here, v) for v in node.inputs)
    outputs = output_slots(here, node)
    number = len(here.shared.calls)
    here.shared.calls.append(Call(node, inputs, outputs))
    routine = _routine(here, node, outputs)
    here.actions.append(host.Call(number, node, routine))
    for k, (variable, slot) in enumerate(zip(node.outputs, outputs, strict=True)):
        if routine is None:
            bind(here, variable, slot)
            continue
        buffer = routine.memory[k].buffer
        here.slots[variable] = slot
        here.storage[variable] = buffer if variable.ndim else ir.Load(buffer, ())


def _routine(here: Context, node: Apply, slots: Sequence[int]) -> host.Routine | None:
    """What does the same without Python."""
    match node.op:
        case LibraryDot() as op:
            left, right = (array_of(here, v) for v in node.inputs)
            memory = _results(here, node, slots, "product")
            return host.Product((left, right), (op.flip_left, op.flip_right), memory)
        case Solve() as op:
            left, right = (array_of(here, v) for v in node.inputs)
            memory = _results(here, node, slots, "solution")
            return host.Solution((left, right), memory, here.shared.check(not_singular(node, op)))
        case CodedOp() as op:
            return _own_c(here, node, op, slots)
        case _:
            return None


def _own_c(here: Context, node: Apply, op: CodedOp, slots: Sequence[int]) -> host.OwnC:
    operands = [array_of(here, v) if v.ndim else expect(here, v) for v in node.inputs]
    copies = [
        host.Allocate(ir.Buffer(here.shared.names.fresh("packed"), v.dtype, v.dims), None)
        for v in operands
        if isinstance(v, ir.Buffer) and not v.packed
    ]
    names = read_signature(op.signature).names.values()
    sizes = [size_of(here.dims.of(node.inputs[at.operand], at.axis)) for at in names]
    memory = _results(here, node, slots, op.name or "result")
    return host.OwnC(tuple(operands), tuple(sizes), memory, tuple(copies))


def _results(
    here: Context, node: Apply, slots: Sequence[int], name: str
) -> tuple[host.Allocate, ...]:
    """Memory for the results of a routine."""

    def request(variable: Variable, slot: int) -> host.Allocate:
        fresh = here.shared.names.fresh(variable.name or name)
        buffer = ir.Buffer(fresh, variable.dtype, here.dims.all_of(variable))
        return host.Allocate(buffer, slot, variable)

    return tuple(map(request, node.outputs, slots))
