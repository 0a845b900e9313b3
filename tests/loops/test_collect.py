"""What a finished kernel is given follows from its statements: buffers, sizes, outer numbers."""

from __future__ import annotations

from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.collect import finish_kernel, refinished
from kernelgraph.loops.expressions import operation
from kernelgraph.ops.arithmetic import mul
from kernelgraph.schedule.dims import Dim

N, M, FIVE = Dim("n"), Dim("m"), Dim("five", 5)
X, Y, S = (ir.Buffer(name, "float64", dims) for name, dims in (("x", (N,)), ("y", (N,)), ("s", ())))
AT = ir.Name("i")
SCALED = operation(mul, "float64", ir.Load(X, (AT,)), ir.Name("factor", "float64"))
BODY: tuple[ir.Statement, ...] = (
    ir.For("i", N, (ir.Let("a", SCALED), ir.Store(Y, (AT,), ir.Name("a", "float64")))),
)


def test_what_is_read_written_and_given() -> None:
    kernel = finish_kernel("k", BODY, (), ())
    assert kernel.reads == (X,)
    assert kernel.writes == (Y,)
    assert [scalar.name for scalar in kernel.scalars] == ["factor"], "not i, a, or n"
    assert kernel.dims == (N,)


def test_what_is_written_is_no_operand_too() -> None:
    add = ir.Store(Y, (AT,), ir.Load(Y, (AT,)))
    kernel = finish_kernel("k", (ir.For("i", N, (add,)),), (), ())
    assert kernel.reads == ()
    assert kernel.writes == (Y,)


def test_declared_sizes_are_not_given() -> None:
    kernel = finish_kernel("k", (ir.For("i", FIVE, (ir.Store(S, (), AT),)),), (), ())
    assert kernel.dims == ()


def test_sizes_of_buffers_and_of_polls_are_given() -> None:
    wide = ir.Buffer("w", "float64", (N, M))
    kernel = finish_kernel("k", (ir.Store(wide, (AT, AT), AT), ir.Poll(ir.Name("steps"))), (), ())
    assert kernel.dims == (N, M)
    assert {scalar.name for scalar in kernel.scalars} == {"i", "steps"}


def test_a_changed_kernel_keeps_what_it_is_and_needs_what_it_now_reads() -> None:
    old = replace(finish_kernel("k", BODY, (), (), True, "y = x"), overlapping=(X, Y))
    new = refinished(old, (ir.Store(S, (), ir.Load(Y, (AT,))),), "part")
    assert (new.name, new.note, new.can_fail, new.overlapping) == ("part", "y = x", True, (X, Y))
    assert (new.reads, new.writes) == ((Y,), (S,))
