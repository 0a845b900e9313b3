"""The parts of a plan, each by itself."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Apply
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.values import Body, Decision, Loop, LoopId, NestPosition


def nodes() -> tuple[Apply, Apply, Apply]:
    x = T.dvector("x")
    made = T.exp(x), T.tanh(x), T.sqrt(x)
    a, b, c = (v.owner for v in made)
    assert a is not None
    assert b is not None
    assert c is not None
    return a, b, c


def test_a_second_loop_over_a_dimension_has_a_prime() -> None:
    rows = Dim("rows")
    assert (repr(LoopId(rows, 0)), repr(LoopId(rows, 2))) == ("rows", "rows''")
    assert LoopId(rows, 0) != LoopId(rows, 1)
    assert LoopId(rows, 0) != LoopId(Dim("rows"), 0)


def test_a_body_has_its_nodes_in_order() -> None:
    a, b, c = nodes()
    loop = Loop(LoopId(Dim("n"), 0), Body([b]))
    assert list(Body([a, loop, c]).nodes()) == [a, b, c]


def test_a_decision_says_what_and_why_and_where() -> None:
    a, b, _ = nodes()
    decision = Decision("fused", "both read x", a.origins, (a,))
    assert str(decision).startswith("fused: both read x   (")
    assert "test_values.py" in str(decision)
    inner = decision.within(b)
    assert (inner.what, inner.nodes) == ("inside tanh: fused", (b,))


def test_what_is_complete_in_a_body_is_seen_inside_of_it() -> None:
    loop, other = LoopId(Dim("n"), 0), LoopId(Dim("m"), 0)
    outer, first, second, inner = Body(), Body(), Body(), Body()
    local = NestPosition((outer, first), (loop,), 1, ())
    total = NestPosition((outer, first), (loop,), 0, ())  # reduced over the loop
    later = NestPosition((outer, second), (loop,), 1, ())
    deeper = NestPosition((outer, first, inner), (loop, other), 2, ())
    assert local.is_seen_from(local)
    assert local.is_seen_from(deeper)
    assert not deeper.is_seen_from(local)
    assert not local.is_seen_from(later)
    assert total.is_seen_from(later)
