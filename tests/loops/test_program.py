"""Programs: kernels are changed wherever they run, with what the host does for them."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.loops import host, ir
from kernelgraph.loops.program import Program
from kernelgraph.schedule.dims import Dim

N = Dim("n")
ROW, ROWS = (ir.Buffer(name, "float64", (N,)) for name in ("row", "rows"))
ONE, TWO = (ir.Kernel(name, "", (), (), (), (), (), (), ()) for name in ("one", "two"))


def program() -> Program:
    """Kernel one runs in a choice, two in a loop."""
    actions: tuple[host.Action, ...] = (
        host.Allocate(ROW, None),
        host.If(ir.Name("yes", "bool"), (host.Run(ONE),), ()),
        host.Repeat(ir.Name("step"), ir.Name("n"), (host.Run(TWO),)),
    )
    return Program("f", actions, (), 0, 0, {}, kernels=[ONE, TWO])


def test_kernels_are_changed_where_they_run() -> None:
    new = program().with_kernels(lambda kernel: replace(kernel, note="new"))
    _, choice, loop = new.actions
    assert isinstance(choice, host.If)
    assert isinstance(loop, host.Repeat)
    runs = [choice.then[0], loop.body[0]]
    assert [run.kernel for run in runs if isinstance(run, host.Run)] == new.kernels
    assert [kernel.note for kernel in new.kernels] == ["new", "new"]
    assert program().kernels[0].note == ""


def test_a_kernel_becomes_several_and_the_host_prepares_them() -> None:
    half = replace(TWO, name="half")
    size = host.Define(N, ir.Number(3, "int64"), -1)
    new = program().with_kernels(
        lambda kernel: [kernel, half] if kernel is TWO else kernel,
        lambda kernel: [size] if kernel is TWO else [],
        {ROW: ROWS},
    )
    allocate, choice, loop = new.actions
    assert isinstance(allocate, host.Allocate)
    assert isinstance(choice, host.If)
    assert isinstance(loop, host.Repeat)
    assert allocate.buffer is ROWS
    assert len(choice.then) == 1
    assert loop.body[0] is size
    assert [run.kernel.name for run in loop.body if isinstance(run, host.Run)] == ["two", "half"]
    assert [kernel.name for kernel in new.kernels] == ["one", "two", "half"]


def test_a_program_prints_itself() -> None:
    assert "host of f" in str(program())
    assert repr(program()) in str(program())
