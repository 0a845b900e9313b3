"""The verifier lets every program of the suite pass (tests/conftest.py has it on).

It refuses those that a faulty pass would make: each fault below is put into real programs, at every
place where it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.config import config
from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Graph
from kernelgraph.loops import host, ir
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.python.target import PythonTarget
from kernelgraph.schedule.dims import Dim
from tests.test_golden import GRAPHS

Fault = Callable[[ir.Statement], Iterator[ir.Statement]]


def programs() -> list[Program]:
    """Programs as they are lowered, and as they are mapped."""
    stages = [compile_graph(make(), CTarget()) for make in GRAPHS]
    return [program for s in stages for program in (lower(s.schedule), s.program)]


PROGRAMS = programs()


# Faults of one statement --------------------------------------------------------------------------


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
            yield replace(item, index=(_next(index[0]), *index[1:]))
        case ir.Let(value=ir.Load() as load) if load.index:
            index = (*load.index[:-1], _next(load.index[-1]))
            yield replace(item, value=ir.Load(load.buffer, index))
        case _:
            pass


def _next(entry: ir.Expression, more: int = 1) -> ir.Expression:
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


# Faults of the host -------------------------------------------------------------------------------


MEMORY = host.Bind | host.Allocate | host.Window | host.Alias


def test_a_missing_action_is_found() -> None:
    """The host forgets memory that a kernel uses."""
    tried = 0
    for program in PROGRAMS:
        used = {buffer for kernel in program.kernels for buffer in (*kernel.reads, *kernel.writes)}
        for k, action in enumerate(program.actions):
            if isinstance(action, MEMORY) and action.buffer in used:
                tried += 1
                actions = (*program.actions[:k], *program.actions[k + 1 :])
                with pytest.raises(InvalidProgramError):
                    verify(replace(program, actions=actions), "a faulty pass")
    assert tried > 50


def test_a_size_that_was_never_compared_is_found() -> None:
    """`w_n0` is the number of columns of x and the length of w; nobody would know without a check
    for the copy of a row into a state.
    """
    x, h = T.dmatrix("x"), T.dvector("h")
    states, _ = kg.scan(lambda row, s: s + row, sequences=x, outputs_info=h)
    program = lower(compile_graph(Graph((x, h), (states,)), CTarget()).schedule)
    assert verify(program, "lower") is program

    def unchecked(actions: Sequence[host.Action]) -> tuple[host.Action, ...]:
        return tuple(
            replace(action, body=unchecked(action.body))
            if isinstance(action, host.Repeat)
            else action
            for action in actions
            if not isinstance(action, host.CheckEqual)
        )

    broken = replace(program, actions=unchecked(program.actions))
    with pytest.raises(InvalidProgramError, match="may lie outside"):
        verify(broken, "a faulty pass")


def test_a_block_that_reaches_too_far_is_found() -> None:
    """A block of a join or of a padding begins too late or before the array, or is longer."""
    tried = 0
    for program in PROGRAMS:
        for k, action in enumerate(program.actions):
            for entries in _too_far(action) if isinstance(action, host.Window) else ():
                tried += 1
                actions = (*program.actions[:k], replace(action, entries=entries))
                broken = replace(program, actions=(*actions, *program.actions[k + 1 :]))
                with pytest.raises(InvalidProgramError, match="may lie outside"):
                    verify(broken, "a faulty pass")
    assert tried >= 10


def _too_far(window: host.Window) -> Iterator[tuple[host.Entry, ...]]:
    for axis, entry in enumerate(window.entries):
        if not isinstance(entry, host.From):
            continue
        before = ir.Operation(kg.tensor.neg, {"x": ir.Number(1, "int64")}, "int64")
        longer = Dim("longer", 10**9)
        for fault in (
            replace(entry, start=_next(entry.start, 10**6)), replace(entry, start=before),
            replace(entry, start=ir.Number(-1, "int64")), replace(entry, length=longer),
        ):  # fmt: skip
            yield (*window.entries[:axis], fault, *window.entries[axis + 1 :])


def test_nothing_is_written_to_an_input() -> None:
    program = next(p for p in PROGRAMS if p.kernels[0].reads and p.kernels[0].writes)
    kernel = program.kernels[0]
    read = kernel.reads[0]
    written = replace(kernel, reads=kernel.reads[1:], writes=(*kernel.writes, read))
    with pytest.raises(InvalidProgramError, match="belongs to the caller and is written"):
        verify(with_kernel(program, kernel, written), "a faulty pass")


@pytest.mark.parametrize(
    "change",
    [
        lambda action: replace(action, slot=99) if isinstance(action, host.Bind) else None,
        lambda action: replace(action, check=99) if isinstance(action, host.CheckEqual) else None,
        lambda action: replace(action, number=99) if isinstance(action, host.Call) else None,
    ],
)
def test_what_does_not_exist_is_found(
    change: Callable[[host.Action], host.Action | None],
) -> None:
    x, w = T.dmatrix("x"), T.dmatrix("w")
    graph = Graph((x, w), (T.dot(x, w) + 1,))
    program = lower(compile_graph(graph, CTarget()).schedule)
    for k, action in enumerate(program.actions):
        broken = change(action)
        if broken is not None:
            actions = (*program.actions[:k], broken, *program.actions[k + 1 :])
            with pytest.raises(InvalidProgramError, match="there is no"):
                verify(replace(program, actions=actions), "a faulty pass")
            return
    raise AssertionError


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda product: replace(product, flips=(True, False)), "sizes of a product do not fit"),
        (lambda product: replace(product, operands=product.operands[::-1]), "do not fit"),
        (lambda product: replace(product, memory=()), "slots are not those of the call"),
    ],
)
def test_products_that_are_not_what_was_planned_are_found(
    change: Callable[[host.Product], host.Product], words: str
) -> None:
    x, w = T.dmatrix("x"), T.dmatrix("w")
    program = lower(compile_graph(Graph((x, w), (T.dot(x, w),)), CTarget()).schedule)
    (k,) = (k for k, action in enumerate(program.actions) if isinstance(action, host.Call))
    call = program.actions[k]
    assert isinstance(call, host.Call)
    assert isinstance(call.routine, host.Product)
    broken = replace(call, routine=change(call.routine))
    actions = (*program.actions[:k], broken, *program.actions[k + 1 :])
    with pytest.raises(InvalidProgramError, match=words):
        verify(replace(program, actions=actions), "a faulty pass")


# What the user sees -------------------------------------------------------------------------------


def forget_names(program: Program) -> Program:
    """A pass that forgets to define a name."""
    (kernel,) = program.kernels
    body = next(with_fault(kernel.body, another_name))
    return with_kernel(program, kernel, kernel.with_body(body))


class ForgetsNames(PythonTarget):
    """A target with that pass."""

    passes = (*PythonTarget.passes, forget_names)


def test_the_error_names_the_pass_the_statement_and_the_line() -> None:
    x = T.dvector("x")
    y = T.exp(x)  # this line
    stages = compile_graph(Graph((x,), (y,)), ForgetsNames())
    with pytest.raises(InvalidProgramError) as caught:
        stages.program  # noqa: B018
    text = str(caught.value)
    assert "[KG-K020] forget_names made a program that is not valid: nobody is not def" in text
    assert "kernel_0: v_exp = nobody" in text or "v_exp_1 = nobody" in text
    assert "this line" in text


def test_without_the_setting_nothing_is_checked() -> None:
    x = T.dvector("x")
    with config.change_flags(verify_programs="off"):
        stages = compile_graph(Graph((x,), (T.exp(x),)), ForgetsNames())
        assert "nobody" in str(stages.program)
