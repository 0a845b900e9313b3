"""Calls while a program is written: of Python, of routines of libraries, of C of the user's own."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.graph import Apply, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import factored
from kernelgraph.loops.context import Context
from kernelgraph.loops.expressions import size_of
from kernelgraph.loops.measures import expect
from kernelgraph.loops.program import Call
from kernelgraph.loops.storage import array_of, bind, operand_slot, output_slots
from kernelgraph.routines import Gemm, Lapack, OwnC


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
    match node.op.routine(node):
        case Gemm(flips):
            left, right = (array_of(here, v) for v in node.inputs)
            memory = _results(here, node, slots, "product")
            return host.Product((left, right), flips, memory)
        case Lapack(failed=failed) as work:
            operands = tuple(array_of(here, v) for v in node.inputs)
            memory = _results(here, node, slots, work.result)
            check = -1 if failed is None else here.shared.check(factored(node, work))
            return host.Lapack(work, operands, memory, check)
        case OwnC() as code:
            return _own_c(here, node, code, slots)
        case _:
            return None


def _own_c(here: Context, node: Apply, code: OwnC, slots: Sequence[int]) -> host.OwnC:
    operands = [array_of(here, v) if v.ndim else expect(here, v) for v in node.inputs]
    copies = [
        host.Allocate(ir.Buffer(here.shared.names.fresh("packed"), v.dtype, v.dims), None)
        for v in operands
        if isinstance(v, ir.Buffer) and not v.packed
    ]
    sizes = [size_of(here.dims.of(node.inputs[a.operand], a.axis)) for a in code.sizes.values()]
    memory = _results(here, node, slots, node.op.name or "result")
    scratch = [
        host.Allocate(
            ir.Buffer(
                here.shared.names.fresh(name),
                dtype,
                tuple(here.dims.of(node.inputs[a.operand], a.axis) for a in axes),
            ),
            None,
        )
        for name, (dtype, axes) in code.scratch.items()
    ]
    return host.OwnC(code, tuple(operands), tuple(sizes), memory, tuple(copies), tuple(scratch))


def _results(
    here: Context, node: Apply, slots: Sequence[int], name: str
) -> tuple[host.Allocate, ...]:
    """Memory for the results of a routine."""

    def request(variable: Variable, slot: int) -> host.Allocate:
        fresh = here.shared.names.fresh(variable.name or name)
        buffer = ir.Buffer(fresh, variable.dtype, here.dims.all_of(variable))
        return host.Allocate(buffer, slot, variable)

    return tuple(map(request, node.outputs, slots))
