"""Statements of kernels as C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.kernels import KernelPrinter
from kernelgraph.c.prelude import FAIL
from kernelgraph.loops import ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.expressions import operation, total
from kernelgraph.op import State
from kernelgraph.ops.arithmetic import sqr
from kernelgraph.ops.reductions import Sum
from kernelgraph.schedule.dims import Dim
from kernelgraph.writer import Writer
from tests.support import cases

N = Dim("n")
AT = ir.Name("i")
X, Y = (ir.Buffer(name, "float64", (N,)) for name in "xy")
READ = ir.Load(X, (AT,))
ROWS = T.dmatrix("x")
EXTREMES = kg.function(
    [ROWS],
    [ROWS.max(axis=1), ROWS.min(axis=1), ROWS.argmax(axis=1), ROWS.sum(axis=1).max()],
    target="c",
)

LARGEST = State("best", lambda d: 0, lambda d: d, "{best} > {x} ? {best} : {x}")


def printed(*statements: ir.Statement) -> list[str]:
    """The lines of a kernel, without its head and its end."""
    writer = Writer()
    KernelPrinter(finish_kernel("k", statements, (), ()), writer).write()
    return inside(writer)


def inside(writer: Writer) -> list[str]:
    """The lines of a function, without its head and its end."""
    start = next(k for k, line in enumerate(writer.text) if line.endswith(") {")) + 1
    return [line.strip() for line in writer.text[start:-2]]


def test_numbers_have_names_and_may_change() -> None:
    assert printed(
        ir.Let("a", ir.Number(2.0, "float64")),
        ir.Local("b", ir.Number(0, "int64")),
        ir.Assign("b", total(ir.Name("b"), ir.Number(1, "int64"))),
        ir.Barrier(),
    ) == ["const float64 a = 2.0;", "int64 b = 0;", "b = b + 1;"]


def test_a_plain_loop() -> None:
    store = ir.Store(Y, (AT,), operation(sqr, "float64", READ))
    assert printed(ir.For("i", N, (store,))) == [
        "for (int64 i = 0; i < n; i++) {", "y[i] = x[i] * x[i];", "}",
    ]  # fmt: skip
    assert printed(ir.For("i", N, (store,), rolled=True))[0] == "#pragma GCC unroll 1"
    assert printed(ir.For("i", N, (store,), runs="threads"))[0] == "#pragma omp parallel for"


def test_strips_look_whether_the_user_wants_to_stop() -> None:
    lines = printed(ir.For("i", N, (ir.Store(Y, (AT,), READ),), strip=1024))
    assert lines[0] == "for (int64 i_start = 0; i_start < n; i_start += 1024) {"
    assert lines[1] == "if (host->poll(host)) return KG_PYTHON_ERROR;"
    assert lines[2] == "const int64 i_stop = n - i_start < 1024 ? n : i_start + 1024;"
    assert lines[3] == "for (int64 i = i_start; i < i_stop; i++) {"


def test_several_indices_an_iteration_and_those_left_over() -> None:
    twin = ir.Store(Y, (total(AT, ir.Number(1, "int64")),), READ)
    lines = printed(ir.For("i", N, (twin,), step=2, rest=(ir.Store(Y, (AT,), READ),)))
    assert lines[2] == "for (; i + 2 <= n; i += 2) {"
    assert lines[5] == "for (; i < n; i++) {"
    assert lines[6] == "y[i] = x[i];"


@pytest.mark.parametrize("wraps", [True, False])
def test_an_index_is_checked_before_it_is_used(wraps: bool) -> None:
    writer = Writer()
    bounded = ir.Bounded("k_1", ir.Name("k"), ir.Name("n"), 3, wraps=wraps)
    KernelPrinter(finish_kernel("k", (bounded,), (), ()), writer).write()
    lines = inside(writer)
    lowest = "-n" if wraps else "0"
    assert lines[1] == f"if (k_1 < {lowest} || k_1 >= n) return fail(host, 3, k_1, n, 0);"
    assert lines[2:] == (["if (k_1 < 0) k_1 += n;"] if wraps else [])
    assert writer.helpers == {FAIL}


def test_what_is_kept_or_replaced_in_an_array_is_read_first() -> None:
    reduction = ir.Reduce("m", LARGEST, ir.Name("e", "float64"), ir.Number(0.0, "float64"))
    assert printed(reduction) == ["m = m > e ? m : e;"]
    lanes = printed(ir.For("i", N, (reduction,), lanes=16))
    at = lanes.index("const float64 m_now = m_lanes[lane];")
    assert lanes[at + 1] == "m_lanes[lane] = m_now > e ? m_now : e;"
    values = [line.partition(" = ")[2] for line in lanes]
    assert not any("m_lanes" in value for value in values if "?" in value)


def few(op: State, start: ir.Number) -> list[str]:
    """The lines with bounds below which a reduction of n numbers has no lanes."""
    value = ir.Name("e", start.dtype)
    lines = printed(ir.For("i", N, (ir.Reduce("m", op, value, start),), lanes=16))
    return [line for line in lines if line.startswith("if (n < ")]


def test_few_iterations_need_no_lanes() -> None:
    assert few(LARGEST, ir.Number(0.0, "float64")) == ["if (n < 1024) {"]
    assert few(Sum.states[0], ir.Number(0, "int64")) == ["if (n < 16) {"]


@pytest.mark.parametrize(("length", "lanes"), [(99, False), (1024, True)])
def test_a_declared_length_has_one_text(length: int, lanes: bool) -> None:
    reduction = ir.Reduce("m", LARGEST, ir.Name("e", "float64"), ir.Number(0.0, "float64"))
    lines = printed(ir.For("i", Dim("k", length), (reduction,), lanes=16))
    assert not any(line.startswith(("if (", "else")) for line in lines)
    assert any("m_lanes" in line for line in lines) == lanes


@pytest.mark.parametrize("length", [1, 2, 15, 16, 17, 1023, 1024, 1025, 1055])
def test_the_largest_wherever_it_is(length: int) -> None:
    x = np.random.default_rng(length).normal(size=(8, length))
    for place in {0, length // 2, length - 1}:
        for most in (9.0, np.inf, np.nan):
            x[3, place] = most
            right = x.max(1), x.min(1), x.argmax(1), x.sum(1).max()
            for one, other in zip(EXTREMES(x), right, strict=True):
                assert np.allclose(one, other, rtol=1e-12, atol=1e-12, equal_nan=True)
            x[3, place] = 0


FOLDS: tuple[Callable[[Any], Any], ...] = (
    lambda x: x.sum(), lambda x: T.gt(x, 0).sum(), lambda x: T.cast(x, "float32").sum(),
    lambda x: x.max(), T.argmax, lambda x: T.any(T.gt(x, 2)), lambda x: (2 * x).sum(axis=0),
    lambda x: T.gt(x, 1).sum(axis=1), lambda x: x.min(axis=0), lambda x: x.var(),
    T.logsumexp, lambda x: T.cast(x, "int8").prod(), lambda x: T.dot(x.T, x[:, 0]),
)  # fmt: skip


@cases(4, 200)
@given(
    st.sampled_from((1, 2, 3, 8, 15, 16, 17)),
    st.sets(st.sampled_from(range(len(FOLDS))), min_size=2),
)
def test_reductions_of_one_matrix_share_its_loops(columns: int, folds: set[int]) -> None:
    """Of each dtype and over every axis, where the number of columns is declared."""
    x = T.TensorType("float64", (None, columns))("x")
    f = kg.function([x], [FOLDS[k](x) for k in sorted(folds)], target="c")
    for rows in (0, 1, 7, 70):
        value = np.random.default_rng(rows).normal(size=(rows, columns))
        try:
            with np.errstate(all="ignore"):
                wanted, found = kg.interpret(f.graph, [value]), f(value)
        except kg.KernelgraphError:  # the largest of none
            continue
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
