"""Which loops get lanes and strips; the order of additions is tested in test_sums.py."""

from __future__ import annotations

from typing import Any

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.loops import ir
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.lanes import LANES, STRIP, on_lanes
from kernelgraph.mapping.sums import one_loop_each
from tests.mapping.conftest import lowered

V = T.dvector("v")
X = T.dmatrix("x")


def loops(inputs: list[Any], output: Any) -> list[ir.For]:
    program = on_lanes(one_loop_each(lowered(Graph(tuple(inputs), (output,)))))
    items = (item for kernel in program.kernels for item in nested(kernel.body))
    return [item for item in items if isinstance(item, ir.For)]


def test_what_a_loop_combines_goes_to_lanes() -> None:
    for output in (V.sum(), V.max(), T.dot(V, V)):
        (loop,) = loops([V], output)
        assert (loop.lanes, loop.strip) == (LANES, STRIP)


def test_a_loop_without_states_has_none() -> None:
    (loop,) = loops([V], T.sqr(V))
    assert (loop.lanes, loop.strip) == (1, STRIP)


def test_slow_functions_are_looked_at_more_often() -> None:
    (loop,) = loops([V], T.sin(V))
    assert loop.strip == STRIP
    (several,) = loops([V], T.sin(V) + T.cos(V) + T.sin(V + 1))
    assert several.strip < STRIP


def test_a_slow_maximum_runs_one_by_one_and_a_slow_sum_in_the_same_order() -> None:
    (slow,) = loops([V], T.sin(V).max())
    assert slow.lanes == 1
    (added,) = loops([V], T.sin(V).sum())
    assert added.lanes == LANES


def test_a_declared_length_below_lanes_is_left_to_the_compiler() -> None:
    short = T.TensorType("float64", (5,))("s")
    (loop,) = loops([short], short.sum())
    assert (loop.lanes, loop.strip) == (1, 0)


def test_rows_look_after_their_elements() -> None:
    outer, inner = loops([X], X.sum(axis=1))
    assert inner.lanes == LANES
    assert inner.strip == 0
    (poll,) = (item for item in outer.body if isinstance(item, ir.Poll))
    assert isinstance(poll.work, ir.Name)


def test_sums_over_rows_are_dealt_by_the_number_of_the_row() -> None:
    outer = loops([X], T.exp(X).sum(axis=1).sum())[0]
    (total,) = outer.sums
    assert isinstance(total.iteration, ir.Name)
    assert total.iteration.name == outer.index
