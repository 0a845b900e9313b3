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
from kernelgraph.loops.storage import array_of, bind, operand_slot
from kernelgraph.ops.coded import CodedOp, read_signature
from kernelgraph.ops.solving import Solve
from kernelgraph.schedule.prepare import LibraryDot


def call(here: Context, node: Apply) -> None:
    """What the host has others do for a node: a routine or C where there is one, else Python."""
    inputs = tuple(operand_slot(here, v) for v in node.inputs)
    outputs = tuple(here.places.get(v, -1) for v in node.outputs)
    outputs = tuple(
        here.shared.slot(v) if k < 0 else k for k, v in zip(outputs, node.outputs, strict=True)
    )
    here.shared.calls.append(Call(node, inputs, outputs))
    number = len(here.shared.calls) - 1
    match node.op:
        case LibraryDot():
            _product(here, node, node.op, number, outputs[0])
        case Solve():
            _solution(here, node, node.op, number, outputs[0])
        case CodedOp():
            _own_c(here, node, node.op, number, outputs)
        case _:
            here.actions.append(host.Call(number, node))
            for variable, slot in zip(node.outputs, outputs, strict=True):
                bind(here, variable, slot)


def _product(here: Context, node: Apply, op: LibraryDot, number: int, slot: int) -> None:
    left, right = (array_of(here, v) for v in node.inputs)
    memory = _result(here, node.out, slot, "product")
    product = host.Product((left, right), (op.flip_left, op.flip_right), (memory,))
    here.actions.append(host.Call(number, node, product))
    here.slots[node.out], here.storage[node.out] = slot, memory.buffer


def _solution(here: Context, node: Apply, op: Solve, number: int, slot: int) -> None:
    left, right = (array_of(here, v) for v in node.inputs)
    memory = _result(here, node.out, slot, "solution")
    check = here.shared.check(not_singular(node, op))
    here.actions.append(host.Call(number, node, host.Solution((left, right), (memory,), check)))
    here.slots[node.out], here.storage[node.out] = slot, memory.buffer


def _own_c(here: Context, node: Apply, op: CodedOp, number: int, slots: Sequence[int]) -> None:
    operands = [array_of(here, v) if v.ndim else expect(here, v) for v in node.inputs]
    copies = [
        host.Allocate(ir.Buffer(here.shared.names.fresh("packed"), v.dtype, v.dims), None)
        for v in operands
        if isinstance(v, ir.Buffer) and not v.packed
    ]
    names = read_signature(op.signature).names.values()
    sizes = [size_of(here.dims.of(node.inputs[at.operand], at.axis)) for at in names]
    pairs = list(zip(node.outputs, slots, strict=True))
    memory = [_result(here, v, slot, op.name or "result") for v, slot in pairs]
    own = host.OwnC(tuple(operands), tuple(sizes), tuple(memory), tuple(copies))
    here.actions.append(host.Call(number, node, own))
    for (variable, slot), request in zip(pairs, memory, strict=True):
        here.slots[variable], here.storage[variable] = slot, request.buffer
        if not variable.ndim:
            here.storage[variable] = ir.Load(request.buffer, ())


def _result(here: Context, variable: Variable, slot: int, name: str) -> host.Allocate:
    """Memory for a result of a routine."""
    fresh = here.shared.names.fresh(variable.name or name)
    buffer = ir.Buffer(fresh, variable.dtype, here.dims.all_of(variable))
    return host.Allocate(buffer, slot, variable)
