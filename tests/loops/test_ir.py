"""The loop language: parts print themselves, and know their dtypes."""

from __future__ import annotations

from kernelgraph.loops import ir
from kernelgraph.op import State
from kernelgraph.schedule.dims import Dim

N = Dim("n")
X = ir.Buffer("x", "float32", (N,))
TOTAL = State("total", lambda dtype: 0, lambda dtype: dtype, "{total} + {x}")


def test_parts_print_their_fields() -> None:
    assert repr(ir.Name("a")) == "Name(name='a', dtype='int64')"
    assert repr(ir.Let("a", ir.Name("b"))) == "Let(name='a', value=Name(name='b', dtype='int64'))"
    loop = ir.For("i", N, (ir.Barrier(), ir.Barrier()))
    assert "body=(2 items)" in repr(loop)


def test_equal_parts_are_two() -> None:
    assert ir.Name("a") != ir.Name("a"), "a pass must be able to tell places apart"


def test_a_load_has_the_dtype_of_its_buffer() -> None:
    assert ir.Load(X, (ir.Name("i"),)).dtype == "float32"


def test_the_next_value_of_a_state() -> None:
    reduction = ir.Reduce("total_1", TOTAL, ir.Name("e", "float32"), ir.Number(0.0, "float32"))
    state = ir.Name("total_1", "float32")
    found = reduction.combined(state, reduction.element)
    assert dict(found.operands) == {"total": state, "x": reduction.element}
    assert found.dtype == "float32"


def test_a_kernel_with_other_statements_is_the_same_else() -> None:
    kernel = ir.Kernel("k", "note", (), (X,), (), (), (), (N,), ())
    other = kernel.with_body([ir.Barrier()])
    assert len(other.body) == 1
    assert (other.name, other.reads, other.dims) == ("k", (X,), (N,))
    assert kernel.body == ()
