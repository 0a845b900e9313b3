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
from tests.loops.test_verify_kernel import PROGRAMS, another_name, further, with_fault, with_kernel

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
            replace(entry, start=further(entry.start, 10**6)), replace(entry, start=before),
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
