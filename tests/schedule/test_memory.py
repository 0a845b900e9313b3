"""Where values live: decided by who reads them and in which loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Graph, Variable
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.schedule import KernelStep, Schedule
from kernelgraph.schedule.values import Placement, Space
from kernelgraph.schedule.verify import verify_schedule
from tests.fuzz.programs import program
from tests.support import cases


@kg.as_op(T.dvector, T.dvector)
def there_and_back(value: Any) -> Any:
    return value


def placements(schedule: Schedule) -> dict[str, Placement]:
    """The placements of values by the names of their ops."""
    return {
        variable.owner.op.name: placement
        for variable, placement in schedule.memory.placements.items()
        if variable.owner is not None
    }


def softmax() -> Schedule:
    x = T.dmatrix("x")
    e = T.exp(x)
    return plan(Graph((x,), (e / e.sum(axis=1, keepdims=True),)))


def test_the_rows_of_a_softmax() -> None:
    found = placements(softmax())
    assert (found["exp"].where, found["exp"].loops) == (Space.ROW, 1)
    assert found["sum"].where is Space.REGISTER
    assert found["true_div"].where is Space.RESULT


v, i, n = T.dvector("v"), T.lvector("i"), T.lscalar("n")
CASES: list[tuple[str, Callable[[], Any], str, Space]] = [
    ("a number goes to the host", lambda: T.exp(v).sum(), "sum", Space.NUMBER),
    ("an element stays in its loop", lambda: T.exp(v).sum(), "exp", Space.REGISTER),
    ("what a call reads", lambda: there_and_back(T.exp(v)), "exp", Space.TEMPORARY),
    ("what is read at any place", lambda: T.exp(v)[i], "exp", Space.SCRATCH),
    ("of what a part is read", lambda: T.exp(v)[1:] * 2, "exp", Space.TEMPORARY),
    ("the part itself", lambda: T.exp(v)[1:] * 2, "subtensor", Space.OPERAND),
    ("a write", lambda: T.concatenate([v, v]), "join", Space.OPERAND),
    ("the memory of a join", lambda: T.concatenate([v, v]), "memory", Space.RESULT),
]


@pytest.mark.parametrize(("why", "make", "op", "where"), CASES, ids=[c[0] for c in CASES])
def test_where_values_live(why: str, make: Callable[[], Variable], op: str, where: Space) -> None:
    found = placements(plan(Graph((v, i, n), (make(),))))
    assert found[op].where is where, why
    assert found[op].why


def test_a_call_takes_its_operands_from_slots() -> None:
    found = placements(plan(Graph((v,), (there_and_back(T.exp(v)), T.tanh(v)))))
    assert (found["exp"].called, found["tanh"].called) == (True, False)


def test_the_plan_prints_what_is_not_in_registers() -> None:
    lines = [line.strip() for line in str(softmax()).splitlines()]
    assert "exp.0 in scratch of a row: another loop reads it at the same x_n0" in lines
    assert "true_div.0 in memory of the caller: it is a result" in lines
    assert not any(line.startswith("sum") and " in " in line for line in lines)


def test_the_plan_says_where_states_live() -> None:
    x = T.dmatrix("x")
    lines = str(plan(Graph((x,), (x.sum(axis=0), x.argmax(axis=0), x.max(axis=1))))).splitlines()
    why = "loops of the result run inside of those that are reduced"
    assert [line.strip() for line in lines if "states" in line] == [
        f"states of sum{{(0,)}} in the memory of the result: {why}",
        f"states of max_and_argmax{{(0,)}} in scratch of the kernel: {why}",
    ]


# ------------------------------------------------------------------------------- in every schedule


@given(st.integers(0, 100_000))
@cases(10, 300)
def test_every_value_has_a_home_and_a_reason(seed: int) -> None:
    for schedule in verify_schedule(plan(program(seed))).nested():
        for step in schedule.steps:
            nodes = list(step.body.nodes()) if isinstance(step, KernelStep) else [step.node]
            for out in (out for node in nodes for out in node.outputs):
                placement = schedule.memory.placements[out]
                assert placement.why
                assert (
                    placement.leaves == (placement.where not in LOCAL)
                    or placement.where is Space.OPERAND
                )
        for output in schedule.graph.outputs:
            assert schedule.memory.placements[output].leaves


LOCAL = (Space.REGISTER, Space.ROW, Space.SCRATCH)


def with_home(schedule: Schedule, op: str, **changes: Any) -> Schedule:
    """The schedule with one placement changed."""
    memory = schedule.memory
    changed = {
        variable: replace(placement, **changes)
        if variable.owner is not None and variable.owner.op.name == op
        else placement
        for variable, placement in memory.placements.items()
    }
    return replace(schedule, memory=replace(memory, placements=changed))


def test_the_verifier_refuses_a_home_that_is_too_small() -> None:
    faulty = with_home(softmax(), "exp", where=Space.REGISTER)
    with pytest.raises(InvalidProgramError, match="where it lives no more, in a register"):
        verify_schedule(faulty)
    faulty = with_home(softmax(), "exp", loops=2)
    with pytest.raises(InvalidProgramError, match="where it lives no more, in scratch of a row"):
        verify_schedule(faulty)


def test_the_verifier_refuses_what_stays_in_its_kernel() -> None:
    schedule = plan(Graph((v,), (T.exp(there_and_back(T.tanh(v))) + T.tanh(v),)))
    assert verify_schedule(schedule) is schedule
    with pytest.raises(InvalidProgramError, match="does not leave its kernel"):
        verify_schedule(with_home(schedule, "tanh", leaves=False))
