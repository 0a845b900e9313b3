"""Times that a program takes of itself: rows in the order of the text, read and forgotten."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.clocks import read_clock, reset_clock, timed_actions
from kernelgraph.loops import host
from kernelgraph.loops.program import Program


@pytest.fixture(scope="module")
def program() -> Program:
    """A product by BLAS, then a choice with a kernel on each side, then a kernel."""
    x, y = T.dmatrix("x"), T.dmatrix("y")
    product = T.dot(x, y)
    lazy = kg.ifelse(T.gt(x.sum(), 0), T.exp(product), T.log(product))
    return kg.function([x, y], lazy, target="python").stages.program


def test_rows_are_in_the_order_of_the_text(program: Program) -> None:
    found = timed_actions(program)
    runs = [action.kernel for action in found if isinstance(action, host.Run)]
    assert [kernel for kernel in program.kernels if kernel in runs] == runs
    assert sum(isinstance(action, host.Call) for action in found) == 1
    assert len(found) == len(program.kernels) + 1


def test_a_table_is_read_with_names_and_forgotten(program: Program) -> None:
    rows = len(timed_actions(program))
    table = np.frombuffer(struct.pack("qd" * rows, *range(2 * rows)), "uint8").copy()
    timings = read_clock(program, table.ctypes.data)
    assert [timing.runs for timing in timings] == [2 * k for k in range(rows)]
    assert [timing.seconds for timing in timings] == [2.0 * k + 1 for k in range(rows)]
    assert "(BLAS)" in [timing.name for timing in timings]
    assert {kernel.name for kernel in program.kernels} <= {timing.name for timing in timings}
    reset_clock(program, table.ctypes.data)
    assert not table.any()


def test_a_program_without_a_table_has_nothing_to_forget(program: Program) -> None:
    reset_clock(program, 0)
