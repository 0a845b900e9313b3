"""From a schedule to a program: steps in their order, slots by number, graphs inside of graphs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.verify import verify
from kernelgraph.schedule.fusion import plan
from tests.fuzz.programs import program
from tests.loops.lowered import lines
from tests.support import cases

x, v, n = T.dmatrix("x"), T.dvector("v"), T.lscalar("n")


def test_slots_are_inputs_then_outputs_then_the_rest() -> None:
    table = T.constant([1.0, 2.0], name="table")
    made = lower(plan(Graph((v, n), (v[:2] * table, v.sum()))))
    assert (made.inputs, made.outputs) == (2, 2)
    assert made.slots[:4] == (("float64", 1), ("int64", 0), ("float64", 1), ("float64", 0))
    assert list(made.constants) == [4]


def test_what_has_no_value_for_nothing_is_checked_before_it_runs() -> None:
    found = lines([x], x.max(axis=1))
    assert found.index("check x_n1 ≠ 0, else error 0") < found.index("run kernel_0")
    assert not any("≠" in line for line in lines([x], x.sum(axis=1)))


def test_a_branch_is_a_list_of_actions_under_a_condition() -> None:
    found = lines([v, n], kg.ifelse(n > 0, T.exp(v), T.tanh(v)))
    then, otherwise = found.index("if gt"), found.index("else")
    assert then < found.index("run kernel_1") < otherwise < found.index("run kernel_2")


def test_steps_run_in_the_order_of_the_schedule() -> None:
    found = lines([x], T.exp(T.dot(T.tanh(x), x)))
    order = [line for line in found if line.startswith("run ") or "by BLAS" in line]
    assert [line.split(" ")[0] for line in order] == ["run", "product:", "run"]


def test_names_are_given_once() -> None:
    same = T.dvector("v"), T.dvector("v")
    found = lines(same, T.exp(same[0]), T.exp(same[1]))
    defined = [line.split(":")[0] for line in found if "is in slot" in line]
    assert len(set(defined)) == len(defined) == 2


@given(st.integers(0, 100_000))
@cases(15, 500)
def test_every_program_is_valid(seed: int) -> None:
    schedule = plan(program(seed))
    first, second = (verify(lower(schedule), "lower") for _ in range(2))
    assert len(first.kernels) == len(second.kernels)
    assert first.outputs == len(schedule.graph.outputs)


@given(st.permutations(range(3)), st.booleans())
def test_a_size_that_is_an_element_waits_for_the_kernel(order: list[int], stacked: bool) -> None:
    w = T.lvector("w")
    made = T.stack([w[k] * 2 for k in range(3)]) if stacked else w * 2
    outputs = [T.arange(made[k]) + made[order[0]] for k in order]
    f = kg.function([w], outputs, target="python", rules=())
    for k, found in zip(order, f([1, 2, 3]), strict=True):
        assert found.tolist() == [i + 2 * order[0] + 2 for i in range(2 * k + 2)]
