"""The verifier of schedules: what is planned passes, and every planted fault is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Apply, Graph
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.schedule import HostStep, KernelStep, Schedule, ScheduleStep
from kernelgraph.schedule.values import Body, Loop
from kernelgraph.schedule.verify import verify_schedule
from tests.fuzz.programs import program
from tests.support import cases


def softmax() -> Graph:
    x = T.dmatrix("x")
    y = T.softmax(T.tanh(x))
    return Graph((x,), (y, T.grad((y * y).sum(), x)))


def differences() -> Graph:
    x = T.dvector("x")
    y = T.exp(x) * x
    return Graph((x,), (y[1:] - y[:-1], y[T.cast(y[:3], "int64")]))


def looped() -> Graph:
    x, w = T.dvector("x"), T.dmatrix("w")
    states, _ = kg.scan(
        lambda h, w: T.tanh(T.dot(w, h)), outputs_info=x, non_sequences=w, n_steps=3
    )
    return Graph((x, w), (T.dot(states, states.T).sum(), states[-1] * 2))


GRAPHS = (softmax, differences, looped)


@pytest.mark.parametrize("make", GRAPHS)
def test_what_is_planned_is_valid(make: Callable[[], Graph]) -> None:
    schedule = plan(make())
    assert verify_schedule(schedule) is schedule


# ---------------------------------------------------------------------------------- planted faults

Fault = Callable[[ScheduleStep], Iterator[ScheduleStep]]
"""A step in, the same step with one fault out, once for each place where there may be one."""


def bodies(body: Body) -> Iterator[Body]:
    yield body
    for item in body.items:
        if isinstance(item, Loop):
            yield from bodies(item.body)


def changed(
    step: ScheduleStep, change: Callable[[list[Apply | Loop], int], None]
) -> Iterator[ScheduleStep]:
    """The step with a change made at one item of one of its bodies, for all of these."""
    if not isinstance(step, KernelStep):
        return
    for which, body in enumerate(list(bodies(step.body))):
        for k in range(len(body.items)):
            new = copied(step)
            change(list(bodies(new.body))[which].items, k)
            yield new


def copied(step: KernelStep) -> KernelStep:
    def body(old: Body) -> Body:
        items = [Loop(i.id, body(i.body)) if isinstance(i, Loop) else i for i in old.items]
        return Body(items)

    return KernelStep(body(step.body), list(step.views))


def left_out(step: ScheduleStep) -> Iterator[ScheduleStep]:
    yield from changed(step, lambda items, k: items.pop(k) and None)


def said_twice(step: ScheduleStep) -> Iterator[ScheduleStep]:
    yield from changed(step, lambda items, k: items.insert(k, items[k]))


def out_of_its_loop(step: ScheduleStep) -> Iterator[ScheduleStep]:
    def lift(items: list[Apply | Loop], k: int) -> None:
        item = items[k]
        if isinstance(item, Loop):
            items[k : k + 1] = item.body.items

    for new in changed(step, lift):
        assert isinstance(new, KernelStep)
        assert isinstance(step, KernelStep)
        if len(list(bodies(new.body))) < len(list(bodies(step.body))):
            yield new


def too_late(step: ScheduleStep) -> Iterator[ScheduleStep]:
    """A node or a loop comes after all others of its body, one of which needs it."""
    yield from changed(
        step, lambda items, k: items.append(items.pop(k)) if needed(items, k) else None
    )


def needed(items: list[Apply | Loop], k: int) -> bool:
    def nodes(item: Apply | Loop) -> set[Apply]:
        return set(item.body.nodes()) if isinstance(item, Loop) else {item}

    made = {v for node in nodes(items[k]) for v in node.outputs}
    return any(not made.isdisjoint(n.inputs) for item in items[k + 1 :] for n in nodes(item))


def no_schedule(step: ScheduleStep) -> Iterator[ScheduleStep]:
    if isinstance(step, HostStep) and step.inner:
        yield HostStep(step.node)


def with_fault(schedule: Schedule, fault: Fault) -> Iterator[Schedule]:
    for k, step in enumerate(schedule.steps):
        for new in fault(step):
            twin = copy.copy(schedule)
            twin.steps = [*schedule.steps[:k], new, *schedule.steps[k + 1 :]]
            yield twin


FAULTS: list[Fault] = [left_out, said_twice, out_of_its_loop, too_late, no_schedule]


def text_of(schedule: Schedule) -> str:
    return "".join(str(one) for one in schedule.nested())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_refused(fault: Fault) -> None:
    planted = 0
    for make in GRAPHS:
        schedule = plan(make())
        for twin in with_fault(schedule, fault):
            if text_of(twin) == text_of(schedule):
                continue  # no node was needed after it
            planted += 1
            with pytest.raises(InvalidProgramError, match=r"\[KG-K020\] plan made a schedule"):
                verify_schedule(twin)
    assert planted > (0 if fault is no_schedule else 5)


def test_steps_in_another_order_are_refused() -> None:
    x = T.dmatrix("x")
    schedule = plan(Graph((x,), (T.dot(T.exp(x), T.tanh(x)).sum(),)))
    schedule.steps = list(reversed(schedule.steps))
    with pytest.raises(InvalidProgramError, match="which has not run, in step 0") as caught:
        verify_schedule(schedule)
    assert "test_verify.py" in str(caught.value)


def test_a_sum_is_not_read_before_its_loop_is_over() -> None:
    x = T.dvector("x")
    schedule = plan(Graph((x,), (x / T.sum(x),)))
    (step,) = schedule.kernels
    first, second = (item for item in step.body.items if isinstance(item, Loop))
    step.body.items = [Loop(first.id, Body([*first.body.items, *second.body.items]))]
    with pytest.raises(InvalidProgramError, match="before its loop is over"):
        verify_schedule(schedule)


@cases(tested=60, hunted=2_000)
@given(st.integers(0, 2**32 - 1))
def test_random_programs_are_planned_well(seed: int) -> None:
    verify_schedule(plan(program(seed)))
