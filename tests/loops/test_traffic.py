"""Bytes that a program moves: an array counts once for each outermost loop that comes by it."""

from __future__ import annotations

from typing import Any

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.loops.program import Program
from kernelgraph.loops.traffic import sweeps, times_read


def compiled(inputs: list[Any], outputs: Any) -> Program:
    return kg.function(inputs, outputs, target="python").stages.program


def test_one_loop_reads_once_and_writes_once() -> None:
    x = T.fvector("x")
    program = compiled([x], T.sqr(x) + x)
    assert [(sweep.array, sweep.writes) for sweep in sweeps(program)] == [
        ("x", False), ("add", True),
    ]  # fmt: skip
    assert [sweep.bytes({"x_n0": 10}) for sweep in sweeps(program)] == [40, 40]


def test_a_sum_that_is_needed_first_reads_twice() -> None:
    x = T.dvector("x")
    assert times_read(compiled([x], x / x.sum()), "x") == 2
    assert times_read(compiled([x], [x.sum(), x.max()]), "x") == 1


def test_a_row_stays_in_the_cache_until_it_is_done() -> None:
    x = T.dmatrix("x")
    assert times_read(compiled([x], T.nnet.softmax(x)), "x") == 1


def test_parts_count_as_the_array() -> None:
    x = T.dvector("x")
    program = compiled([x], x[1:] - x[:-1])
    assert {sweep.array for sweep in sweeps(program) if not sweep.writes} == {"x"}


def test_declared_sizes_need_no_numbers() -> None:
    x = T.TensorType("float64", (3, 4))("x")
    (read, *_) = sweeps(compiled([x], x + 1))
    assert read.bytes({}) == 96
