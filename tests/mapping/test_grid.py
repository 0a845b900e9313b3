"""Loops on the threads of a GPU: marks, launches and barriers, and who checks them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Graph, Variable
from kernelgraph.interpret import interpret
from kernelgraph.loops import ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.grid import on_the_grid
from kernelgraph.op import Reduction
from kernelgraph.schedule.dims import Dim
from kernelgraph.target import mapped
from tests.mapping.conftest import Run, lowered
from tests.mapping.test_threads import FORMULAS, graph_of, values
from tests.support import cases

(SUM,) = next(
    n.op for n in Graph((), (T.sum(T.dvector()),)).apply_nodes() if isinstance(n.op, Reduction)
).states


def on_grid(graph: Graph) -> Program:
    return mapped(lowered(graph, CudaTarget()), CudaTarget(), verify)


WHO = {
    "elementwise": ["grid y > grid"],
    "softmax": ["blocks > block"],
    "standard scores": ["grid"],  # a spread is no reduction of one number: each row on a thread
    "maxima": ["grid"],  # nor is where a maximum lies
    "sums of columns": ["grid"],
    "a sum of all": ["block"],
    "places that are checked": ["grid y > grid"],
}
"""Who runs the loops of each launch, the outer ones first."""


@pytest.mark.parametrize("name", FORMULAS)
def test_who_runs_the_loops(name: str) -> None:
    program = on_grid(graph_of(name))
    marks = [
        " > ".join(dict.fromkeys(
            item.runs for item in nested(kernel.body)
            if isinstance(item, ir.For) and item.runs != "in order"
        ))
        for kernel in program.kernels
    ]  # fmt: skip
    assert marks == WHO[name], str(program)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_same_values(name: str, in_python: Run) -> None:
    """Printed as Python, where one iteration comes after the other."""
    graph = graph_of(name)
    for rows, columns in ((1, 1), (3, 17)):
        given = values(rows, columns)
        found = in_python(on_grid(graph), given)
        for got, want in zip(found, interpret(graph, given), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)


def test_a_launch_for_each_outermost_loop() -> None:
    x = T.dmatrix("x")
    program = on_grid(Graph((x,), (T.exp(x), x.sum(axis=1), x.sum(axis=0))))
    assert [kernel.name for kernel in program.kernels] == ["kernel_0", "kernel_1"]
    wide = on_grid(Graph((x,), (T.dot(x, x.T), T.exp(x), x.max(axis=1))))
    assert [kernel.name for kernel in wide.kernels] == ["kernel_0_0", "kernel_0_1"]
    assert str(wide).count("run kernel_0_") == 2


def without_barriers(item: ir.Statement) -> list[ir.Statement]:
    if isinstance(item, ir.For):
        return [replace(item, body=tuple(b for part in item.body for b in without_barriers(part)))]
    return [] if isinstance(item, ir.Barrier) else [item]


def test_a_row_read_by_other_threads_needs_a_barrier() -> None:
    program = on_grid(graph_of("softmax"))
    (kernel,) = program.kernels
    assert sum(isinstance(item, ir.Barrier) for item in nested(kernel.body)) == 1
    broken = program.with_kernels(
        lambda one: one.with_body([b for item in one.body for b in without_barriers(item)])
    )
    with pytest.raises(InvalidProgramError, match="v_exp may not have been written by all threads"):
        verify(broken, "on_the_grid")


@pytest.mark.parametrize("first", ["read", "write"])
def test_what_is_touched_twice_needs_a_barrier(first: str) -> None:
    rows, columns = Dim("rows"), Dim("columns")
    x = ir.Buffer("x", "float64", (rows, columns))
    y = ir.Buffer("y", "float64", (rows, columns))
    at = ir.Name("i"), ir.Name("j")
    reads = ir.Store(y, at, ir.Load(x, at))
    writes = ir.Store(x, at, ir.Number(1.0, "float64"))
    adds = ir.Reduce("total", SUM, ir.Number(1.0, "float64"), ir.Number(0.0, "float64"))
    both = [reads, writes] if first == "read" else [writes, reads]
    loops = [ir.For("j", columns, (item, adds) if k else (item,)) for k, item in enumerate(both)]
    row = ir.For("i", rows, (ir.Local("total", ir.Number(0.0, "float64")), *loops))
    kernel = finish_kernel("kernel", (row,), (), ())
    found = on_the_grid(Program("f", (), (), 0, 0, {}, kernels=[kernel])).kernels[0].body[0]
    assert isinstance(found, ir.For)
    assert [type(item).__name__ for item in found.body] == ["Local", "For", "Barrier", "For"]


def test_states_of_a_block_are_brought_together() -> None:
    program = on_grid(graph_of("softmax"))

    def apart(item: ir.Statement) -> ir.Statement:
        if not isinstance(item, ir.For):
            return item
        return replace(item, arrays=(), body=tuple(map(apart, item.body)))

    broken = program.with_kernels(lambda one: one.with_body(list(map(apart, one.body))))
    with pytest.raises(InvalidProgramError, match="at the same time share peak_best"):
        verify(broken, "on_the_grid")


FORMS: tuple[Callable[[Variable, Variable], Variable], ...] = (
    lambda a, b: a + b,
    lambda a, b: T.exp(a),
    lambda a, b: a - a.max(axis=1, keepdims=True),
    lambda a, b: T.softmax(b),
    lambda a, b: a * b.sum(axis=1, keepdims=True),
    lambda a, b: a / (1 + b.sum(axis=0)),
    lambda a, b: a[:, ::-1] + b,
    lambda a, b: T.dot(T.dot(a, b.T), a),
)


@given(st.integers(0, 2**32 - 1))
@cases(tested=15, hunted=1_000)
def test_random_formulas(seed: int) -> None:
    """Every mapped program is valid, that is, free of races."""
    draw = random.Random(seed)
    x, w = T.dmatrix("x"), T.dvector("w")
    known = [x, x * w]
    for _ in range(draw.randint(2, 7)):
        known.append(draw.choice(FORMS)(draw.choice(known), draw.choice(known)))
    on_grid(Graph((x, w), (known[-1], T.grad(known[-1].sum(), x))))
