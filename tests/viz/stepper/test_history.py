"""The history of a graph as data: what the stepper shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret
from kernelgraph.rewrite.difference import difference
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.products import times_one
from kernelgraph.viz.stepper.history import MOST_STEPS, History, history
from kernelgraph.viz.stepper.trial import sample
from tests.viz.stepped import chain, example, stopped, training


def history_of(f: Any) -> History:
    return history(f.stages.rewriting, lambda: f.stages.schedule)


@pytest.fixture(scope="module")
def three() -> History:
    return history_of(example())


@pytest.fixture(scope="module")
def trained() -> History:
    return history_of(training())


def test_the_steps_of_the_example(three: History) -> None:
    assert [(e.rule, e.nodes_before, e.nodes_after, e.formulas) for e in three.steps] == [
        ("integer_times_zero", 6, 5, ["log1p(0 + x.T.T)"]),
        ("shuffle_once", 5, 3, ["log1p(0 + x)"]),
        ("plus_computed_zero", 3, 1, ["log1p(x)"]),
    ]
    assert three.entries[0].formulas == ["log1p(i * 0 + x.T.T)"]


def test_a_step_has_its_reason_its_rule_and_the_line_of_the_user(three: History) -> None:
    step = three.steps[1]
    assert step.why == "Reordering dimensions twice is reordering them once, or not at all."
    assert (step.before_text, step.after_text) == ("x.T.T", "x")
    assert step.place is not None
    assert step.place.filename.endswith("views.py")
    assert step.origins
    assert step.marked.before == {"n2": "removed", "n3": "removed", "n4": "changed"}


def test_every_frame_computes_the_same(three: History, trained: History) -> None:
    assert all(str(e.comparison) == "✓ same values, max diff 0" for e in three.entries)
    assert all(e.comparison.same for e in trained.entries)


def test_what_changes_nothing_is_counted_apart(three: History, trained: History) -> None:
    idle = len(three.unused)
    assert idle > 10
    assert three.hidden == (
        f"hid {idle + 1} passes: 1 step without a visible change, {idle} rules that found nothing"
    )
    assert "shuffle_once" not in three.unused
    idle = [entry for entry in trained.entries if entry.idle]
    assert idle
    assert all(entry.marked.is_empty or entry.before_text == entry.after_text for entry in idle)


def test_decisions_of_the_plan_come_last(trained: History) -> None:
    planned = [step for step in trained.steps if step.phase == "plan"]
    assert list(trained.steps[-len(planned) :]) == planned
    (fused,) = (step for step in planned if step.after_text.startswith("fused "))
    assert "take turns for w" in planned[-1].after_text
    assert fused.rule == fused.phase == "plan"
    assert fused.after_text.startswith("fused 24 nodes in one kernel over ")
    assert len(fused.marked.after) == 24
    assert set(fused.marked.after.values()) == {"changed"}
    assert not fused.marked.before
    assert fused.nodes_before == fused.nodes_after == 27
    assert fused.origins


def test_a_kernel_of_one_node_is_no_decision_worth_a_look(three: History) -> None:
    last = three.entries[-1]
    assert last.rule == "plan"
    assert last.idle


def test_a_library_call_is_a_step_of_the_plan() -> None:
    x, w = T.dmatrix("x"), T.dmatrix("w")
    f = kg.function([x, w], T.exp(T.dot(x, w)))
    planned = [entry for entry in history_of(f).steps if entry.rule == "plan"]
    assert planned[0].marked.after == {"n2": "added", "n1": "changed"}
    assert planned[1].after_text.startswith("given to BLAS")
    assert planned[1].marked.after == {"n2": "changed"}


def test_a_plan_that_cannot_be_made_is_told() -> None:
    def no_plan() -> Any:
        raise RuntimeError("no room")

    found = history(rewrite(chain(1), [times_one]), no_plan)
    assert found.trouble == "no room"
    assert len(found.steps) == 1


def test_a_rule_of_a_student_shows_with_its_name_and_why() -> None:
    @kg.rule
    def my_rule(a: Any) -> Any:
        """Because I say so."""
        return T.sin(a), T.cos(a)

    x = T.dvector("x")
    step = history(rewrite(Graph((x,), (T.sin(x),)), [my_rule])).steps[0]
    assert (step.rule, step.why, step.phase) == ("my_rule", "Because I say so.", "user")
    assert step.place is not None
    assert step.place.filename == __file__
    assert step.comparison.same is False, "sin is not cos, and the trial tells"


def test_more_steps_than_fit_are_counted_by_rule() -> None:
    rewriting = rewrite(chain(300), [times_one])
    found = history(rewriting)
    assert len(found.steps) == MOST_STEPS == 200
    rest = found.steps[-1]
    assert (rest.rule, rest.why) == ("101 more steps", "times_one × 101")
    assert rest.stands_for == 101
    assert difference(rest.graph, rewriting.graph).added == ()


def test_a_very_large_graph_is_not_copied_for_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelgraph.viz.stepper.history._NODES_STEPPED", 300)
    found = history(rewrite(chain(20), [times_one]))
    assert 5 < len(found.steps) < 20
    assert sum(step.stands_for for step in found.steps) == 20


def test_of_many_large_graphs_only_the_last_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelgraph.viz.stepper.history._NODES_RUN", 10)
    found = history(rewrite(chain(9), [times_one]))
    assert [entry.comparison.same for entry in found.entries] == [None] * 9 + [True]


def test_exactly_as_many_steps_as_fit_are_all_shown() -> None:
    found = history(rewrite(chain(MOST_STEPS), [times_one]))
    assert [step.rule for step in found.steps] == ["times_one"] * MOST_STEPS


def test_rules_that_undo_each_other_are_shown_as_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rewriting = stopped(monkeypatch)
    found = history(rewriting)
    ((rule, reason),) = found.stopped
    assert rule == "there"
    assert "would not end" in reason
    assert len(found.steps) == MOST_STEPS
    assert "there × " in found.steps[-1].why
    assert "back × " in found.steps[-1].why
    assert found.entries[-1].comparison.same


def test_a_step_inside_a_choice_is_none_to_hide() -> None:
    x = T.dvector("x")
    chosen = kg.ifelse(T.lt(T.sum(x), 0), x * 1, T.exp(x))
    found = history(rewrite(Graph((x,), (chosen,)), DEFAULT))
    assert [step.phase for step in found.steps] == ["inner"]
    assert [step.rule for step in found.inside[0].steps] == ["fold", "times_one"]


def test_many_outputs_are_cut_short() -> None:
    x = T.dvector("x")
    graph = Graph((x,), tuple(T.exp(x) * k for k in range(2, 9)))
    lines = history(rewrite(graph, [])).entries[0].formulas
    assert lines[0] == "output 0 = exp(x) * 2"
    assert lines[-1] == "… 3 more"
    assert len(lines) == 5


def test_a_graph_that_nothing_improves_has_no_steps() -> None:
    x = T.dvector("x")
    found = history(rewrite(Graph((x,), (T.exp(x),)), []))
    assert found.steps == ()
    assert found.hidden == "hid 0 passes"


@st.composite
def expressions(draw: st.DrawFn) -> Graph:
    """A random expression with much to simplify."""
    x, y = T.dvector("x"), T.dvector("y")
    known: list[Any] = [x, y]
    for _ in range(draw(st.integers(1, 12))):
        a, b = (known[draw(st.integers(0, len(known) - 1))] for _ in range(2))
        choices = [a * 1, a + 0, -(a * -1), a * b, T.exp(a), a - b, T.log(1 + T.exp(a)), a**2]
        known.append(choices[draw(st.integers(0, len(choices) - 1))])
    return Graph((x, y), (known[-1], known[-1] + known[0]))


@given(expressions())
def test_replaying_all_steps_gives_the_compiled_graph_and_the_same_numbers(graph: Graph) -> None:
    f = kg.function(
        list(graph.inputs), list(graph.outputs), on_unused_input="ignore", target="interpret"
    )
    rewriting = f.stages.rewriting
    found = history(rewriting)
    last = found.entries[-1].graph
    both = difference(last, rewriting.graph)
    assert (both.added, both.removed) == ((), ())
    values = sample(graph)
    with np.errstate(all="ignore"):
        expected = interpret(graph, values)
        for entry in found.entries:
            assert entry.comparison.same
            for one, other in zip(interpret(entry.graph, values), expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9)
