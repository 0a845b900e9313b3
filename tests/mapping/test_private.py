"""Scratch of its own for each row, where rows then share nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.loops import host, ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import sharing
from kernelgraph.loops.verify import verify
from kernelgraph.mapping.private import scratch_of_its_own
from tests.mapping.conftest import Run, lowered

X = T.dmatrix("x")


def softmax() -> Program:
    """A row fills scratch in one loop, and reads it in the next."""
    return lowered(Graph((X,), (T.nnet.softmax(X),)))


def outermost(program: Program) -> ir.For:
    (kernel,) = program.kernels
    (loop,) = (item for item in kernel.body if isinstance(item, ir.For))
    return loop


def scratch(program: Program) -> list[ir.Buffer]:
    return [a.buffer for a in program.actions if isinstance(a, host.Allocate) and a.slot is None]


def test_each_row_has_scratch_of_its_own() -> None:
    before, after = softmax(), scratch_of_its_own(softmax())
    assert sharing(outermost(before)).scratch
    assert sharing(outermost(after)).nothing
    (row,), (rows,) = scratch(before), scratch(after)
    assert len(rows.dims) == len(row.dims) + 1
    assert rows.dims[0] is outermost(after).dim
    verify(after, "scratch_of_its_own")


def test_the_same_numbers(in_python: Run) -> None:
    x: Any = np.random.default_rng(0).normal(size=(3, 4))
    (found,), (right,) = (in_python(p, [x]) for p in (scratch_of_its_own(softmax()), softmax()))
    assert np.array_equal(found, right)


def test_rows_that_share_more_are_left_alone() -> None:
    program = lowered(Graph((X,), (T.nnet.softmax(X).sum(),)))
    assert str(scratch_of_its_own(program)) == str(program)
