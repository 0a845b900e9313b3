"""Faults of one statement: each is put into the kernels of real programs, wherever it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

import kernelgraph as kg
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import InvalidProgramError
from kernelgraph.loops import host, ir
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.schedule.dims import Dim
from tests.test_golden import GRAPHS

Fault = Callable[[ir.Statement], Iterator[ir.Statement]]


def programs() -> list[Program]:
    """Programs as they are lowered, and as they are mapped."""
    stages = [compile_graph(make(), CTarget()) for make in GRAPHS]
    return [program for s in stages for program in (lower(s.schedule), s.program)]


PROGRAMS = programs()


def with_kernel(program: Program, old: ir.Kernel, new: ir.Kernel) -> Program:
    """The program with another kernel in place of one."""

    def changed(actions: Sequence[host.Action]) -> tuple[host.Action, ...]:
        return tuple(map(one, actions))

    def one(action: host.Action) -> host.Action:
        match action:
            case host.Run() if action.kernel is old:
                return host.Run(new)
            case host.If():
                return replace(
                    action, then=changed(action.then), otherwise=changed(action.otherwise)
                )
            case host.Repeat():
                return replace(action, body=changed(action.body))
            case _:
                return action

    kernels = [new if kernel is old else kernel for kernel in program.kernels]
    return replace(program, actions=changed(program.actions), kernels=kernels)


def another_name(item: ir.Statement) -> Iterator[ir.Statement]:
    """An operand that nobody defined."""
    nobody = ir.Name("nobody", "float64")
    if isinstance(item, ir.Let | ir.Assign | ir.Store):
        yield replace(item, value=nobody)
    if isinstance(item, ir.Reduce):
        yield replace(item, element=nobody)


def another_dtype(item: ir.Statement) -> Iterator[ir.Statement]:
    """A number of another dtype is stored, or added to a state."""
    other = ir.Number(1, "int16")
    if isinstance(item, ir.Assign | ir.Store):
        yield replace(item, value=other)
    if isinstance(item, ir.Reduce):
        yield replace(item, element=other)


def an_operand_of_another_dtype(item: ir.Statement) -> Iterator[ir.Statement]:
    """An op gets a number that it does not take."""
    if isinstance(item, ir.Let | ir.Store) and isinstance(item.value, ir.Operation):
        for name in item.value.operands:
            if item.value.op.name not in ("cast", "sum") and hasattr(item.value.op, "signature"):
                operands = {**item.value.operands, name: ir.Number(1, "int16")}
                yield replace(item, value=replace(item.value, operands=operands))


def outside(item: ir.Statement) -> Iterator[ir.Statement]:
    """One element too far."""
    match item:
        case ir.Store(index=index) if index:
            yield replace(item, index=(further(index[0]), *index[1:]))
        case ir.Let(value=ir.Load() as load) if load.index:
            index = (*load.index[:-1], further(load.index[-1]))
            yield replace(item, value=ir.Load(load.buffer, index))
        case _:
            pass


def further(entry: ir.Expression, more: int = 1) -> ir.Expression:
    return ir.Operation(kg.tensor.add, {"x": entry, "y": ir.Number(more, "int64")}, "int64")


def fewer_indices(item: ir.Statement) -> Iterator[ir.Statement]:
    """An index is missing."""
    if isinstance(item, ir.Store) and item.index:
        yield replace(item, index=item.index[1:])


def longer_loop(item: ir.Statement) -> Iterator[ir.Statement]:
    """A loop goes over another dimension, of which nobody knows that it is as long."""
    indexed = isinstance(item, ir.For) and any(_reads(part, item.index) for part in item.body)
    if isinstance(item, ir.For) and indexed:
        yield replace(item, dim=Dim("other", 10**6))


def _reads(item: ir.Statement, index: str) -> bool:
    if isinstance(item, ir.Store):
        return any(isinstance(entry, ir.Name) and entry.name == index for entry in item.index)
    value = item.value if isinstance(item, ir.Let) else None
    entries = value.index if isinstance(value, ir.Load) else ()
    return any(isinstance(entry, ir.Name) and entry.name == index for entry in entries)


def no_rest(item: ir.Statement) -> Iterator[ir.Statement]:
    """A loop in blocks forgets what is left over."""
    if isinstance(item, ir.For) and item.rest:
        yield replace(item, rest=())


def no_memory_of_its_own(item: ir.Statement) -> Iterator[ir.Statement]:
    """A block of rows without its arrays."""
    if isinstance(item, ir.For) and item.arrays:
        yield replace(item, arrays=())


def nothing_to_change(item: ir.Statement) -> Iterator[ir.Statement]:
    """A state that changes was never started."""
    if isinstance(item, ir.Reduce | ir.Assign):
        yield replace(item, name="never_started")


FAULTS: tuple[Fault, ...] = (
    another_name, another_dtype, an_operand_of_another_dtype, outside, fewer_indices, longer_loop,
    no_rest, no_memory_of_its_own, nothing_to_change,
)  # fmt: skip


def with_fault(
    statements: Sequence[ir.Statement], fault: Fault
) -> Iterator[tuple[ir.Statement, ...]]:
    """The statements with one fault, at each place where it can be."""
    for k, item in enumerate(statements):
        before, after = tuple(statements[:k]), tuple(statements[k + 1 :])
        for broken in fault(item):
            yield (*before, broken, *after)
        if isinstance(item, ir.For):
            for body in with_fault(item.body, fault):
                yield (*before, replace(item, body=body), *after)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_of_a_statement_is_found(fault: Fault) -> None:
    tried = 0
    for program in PROGRAMS:
        for kernel in program.kernels:
            for body in with_fault(kernel.body, fault):
                tried += 1
                broken = with_kernel(program, kernel, kernel.with_body(body))
                with pytest.raises(InvalidProgramError):
                    verify(broken, "a faulty pass")
    assert tried >= 2


def test_what_is_defined_too_late_is_found() -> None:
    """Two statements in the wrong order, where the second uses what the first defines."""
    found = 0
    for program in PROGRAMS:
        for kernel in program.kernels:
            for body in _swapped(kernel.body):
                found += 1
                with pytest.raises(InvalidProgramError):
                    verify(with_kernel(program, kernel, kernel.with_body(body)), "a faulty pass")
    assert found > 30


def _swapped(statements: Sequence[ir.Statement]) -> Iterator[tuple[ir.Statement, ...]]:
    for k, item in enumerate(statements[:-1]):
        following = statements[k + 1]
        stored = following.value if isinstance(following, ir.Store) else None
        if isinstance(item, ir.Let) and isinstance(stored, ir.Name) and stored.name == item.name:
            yield (*statements[:k], following, item, *statements[k + 2 :])
    for k, item in enumerate(statements):
        if isinstance(item, ir.For):
            for body in _swapped(item.body):
                yield (*statements[:k], replace(item, body=body), *statements[k + 1 :])
