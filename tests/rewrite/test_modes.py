"""Modes: which rules are in them, and how others are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError
from kernelgraph.rewrite.modes import FAST_COMPILE, FAST_RUN, NONE, STABILIZE, get_mode
from kernelgraph.rewrite.proof.verdicts import RefutedRuleWarning
from kernelgraph.rewrite.rule import rule
from kernelgraph.rewrite.rules.order import DEFAULT


def names(mode: kg.Mode) -> set[str]:
    return {rule.name for rule in mode.rules}


def used(mode: kg.Mode | str) -> set[str]:
    x = T.dvector("x")
    f = kg.function([x], T.log(1 + x * 1), mode=mode)
    assert f([0.5]) == pytest.approx(np.log(1.5))
    return {step.rule for step in f.stages.rewriting.steps}


def test_the_named_ones() -> None:
    assert FAST_RUN.rules == DEFAULT
    assert NONE.rules == FAST_COMPILE.rules == ()
    assert FAST_COMPILE.target == "interpret"
    assert {rule.phase for rule in STABILIZE.rules} == {"merge", "fold", "stabilize", "expand"}
    assert get_mode(None) is get_mode("FAST_RUN") is FAST_RUN


def test_what_they_do() -> None:
    assert {"times_one", "log_one_plus"} <= used("FAST_RUN")
    assert "times_one" not in used("STABILIZE")
    assert "log_one_plus" in used("STABILIZE")
    assert used("None") == used("FAST_COMPILE") == set()


def test_excluding_by_phase_and_by_name() -> None:
    assert used(FAST_RUN.excluding("stabilize", "merge", "fold")) == {"times_one"}
    assert "times_one" not in used(FAST_RUN.excluding("times_one"))


def test_including_keeps_the_order_of_rules() -> None:
    mode = NONE.including("log_one_plus", "times_one")
    assert used(mode) == {"times_one", "log_one_plus"}
    assert [r.name for r in mode.rules] == [r.name for r in DEFAULT if r.name in names(mode)]


def test_requiring() -> None:
    assert {rule.phase for rule in FAST_RUN.requiring("simplify").rules} == {"simplify"}


def test_planning_has_no_rules() -> None:
    assert FAST_RUN.excluding("fusion").rules == FAST_RUN.rules


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(GraphError, match="times_oen") as caught:
        FAST_RUN.excluding("times_oen")
    assert "times_one" in str(caught.value)
    for make in (FAST_RUN.including, FAST_RUN.requiring, NONE.including, NONE.excluding):
        with pytest.raises(GraphError, match="no rule or phase is called 'times_oen'"):
            make("times_oen")
    with pytest.raises(GraphError, match="no rule or phase is called None"):
        FAST_RUN.including(None)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("wrong", [[DEFAULT[0]], "times_one", None])
def test_what_is_no_rule(wrong: Any) -> None:
    with pytest.raises(GraphError, match="is no rule") as caught:
        FAST_RUN.with_rules(wrong)
    assert "with_rules(my_rule" in (caught.value.hint or "")


def test_what_is_no_mode() -> None:
    with pytest.raises(GraphError, match="no mode named 'fast_run'") as caught:
        get_mode("fast_run")
    assert caught.value.hint == "did you mean FAST_RUN?"
    for wrong in ([DEFAULT[0]], DEFAULT[0]):
        with pytest.raises(GraphError, match=r"no mode named .?<rule merge>") as caught:
            get_mode(wrong)  # pyright: ignore[reportArgumentType]
        assert "with_rules(my_rule)" in (caught.value.hint or "")


def test_a_rule_of_ones_own() -> None:
    @rule(changes="rounding")
    def double_angle(x: Any) -> tuple[Any, Any]:
        """Two functions are one."""
        return 2 * T.sin(x) * T.cos(x), T.sin(2 * x)

    x = T.dvector("x")
    mode = FAST_RUN.with_rules(double_angle)
    with pytest.warns(RefutedRuleWarning, match="double_angle"):  # 2 * x overflows
        f = kg.function([x], 2 * T.sin(x) * T.cos(x), mode=mode)
    assert "double_angle" in f.stages.rewriting.counts()
    assert f([0.3]) == pytest.approx(np.sin(0.6))


@pytest.mark.parametrize("target", ["c", "python"])
def test_without_fusion_every_node_has_loops_of_its_own(target: str) -> None:
    x = T.dmatrix("x")
    y = T.softmax(T.tanh(x) * 2 + 1)
    apart = kg.function([x], y, mode=FAST_RUN.excluding("fusion"), target=target)
    fused = kg.function(
        [x], y, mode=FAST_RUN.excluding("fusion").including("fusion"), target=target
    )
    kernels = apart.stages.schedule.kernels
    assert all(len(list(kernel.body.nodes())) == 1 for kernel in kernels)
    assert len(kernels) > 8
    assert len(fused.stages.schedule.kernels) == 1
    values = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(apart(values), fused(values))
