"""Rules at work: phase by phase, each to its end; what a rule does wrong costs that rule alone."""

from __future__ import annotations

import gc
import os
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply
from kernelgraph.rewrite import engine
from kernelgraph.rewrite.engine import RewriteWarning, rewrite
from kernelgraph.rewrite.rule import computed_rule, rule
from kernelgraph.rewrite.rules.inner_graphs import inside
from kernelgraph.rewrite.rules.logarithms import log_one_plus, log_one_plus_exp
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.products import times_one
from kernelgraph.rewrite.rules.signs import negative_twice
from kernelgraph.rewrite.words import PHASES
from tests.rewrite.support import graph_of, names_of

LhsRhs = tuple[Any, Any]


@rule
def sine(x: Any) -> LhsRhs:
    """A step of no use."""
    return T.exp(x), T.sin(x)


@rule
def back(x: Any) -> LhsRhs:
    """The same step back."""
    return T.sin(x), T.exp(x)


@rule
def growth(x: Any) -> LhsRhs:
    """Always one more."""
    return T.exp(x), T.exp(x + 1)


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    """The limit for one rule in graphs of one node."""
    monkeypatch.setattr(engine, "MOST_STEPS", 10)
    return 11


# ------------------------------------------------------------------------------- a graph comes out


def test_the_graph_of_the_user_is_left_alone() -> None:
    graph = graph_of(T.exp(T.dvector("x") * 1))
    before = repr(graph)
    assert repr(rewrite(graph, [times_one]).graph) != before
    assert repr(graph) == before


def test_nothing_to_do_is_nothing_done() -> None:
    rewriting = rewrite(graph_of(T.exp(T.dvector("x"))), DEFAULT)
    assert (rewriting.log, rewriting.steps, str(rewriting)) == ((), (), "")


def test_no_rules_change_nothing() -> None:
    graph = graph_of(T.exp(T.dvector("x") * 1))
    assert repr(rewrite(graph, []).graph) == repr(graph)


def test_a_rule_is_applied_wherever_it_fits() -> None:
    x = T.dvector("x")
    assert names_of(rewrite(graph_of(T.exp(x * 1) - T.log(1 * x)), [times_one]).graph) == [
        "exp",
        "log",
        "sub",
    ]


def test_what_was_put_in_is_looked_at_again() -> None:
    x = T.dvector("x")
    assert rewrite(graph_of(((x * 1) * 1) * 1), [times_one]).graph.apply_nodes() == []


def test_users_of_what_was_put_in_are_looked_at_again() -> None:
    """-(-x * 1) shows its two signs only after a step below."""
    x = T.dvector("x")
    graph = graph_of(T.neg(T.neg(x) * 1))
    assert rewrite(graph, [negative_twice, times_one]).graph.apply_nodes() == []


def test_a_rule_sees_changes_as_deep_as_it_looks() -> None:
    """Two levels below log a later phase changes something, and then the rule fits."""
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + T.sin(x))), [log_one_plus_exp, back])
    assert names_of(rewriting.graph) == ["softplus"]


def test_an_output_may_become_an_input() -> None:
    x = T.dvector("x")
    graph = rewrite(graph_of(x * 1), [times_one]).graph
    assert graph.outputs == graph.inputs


def test_all_results_are_rewritten() -> None:
    x = T.dvector("x")
    graph = rewrite(graph_of(x * 1, T.exp(x * 1)), [times_one]).graph
    assert names_of(graph) == ["exp"]
    assert graph.outputs[0] is graph.inputs[0]


def test_rewriting_is_repeatable() -> None:
    x = T.dvector("x")
    graph = graph_of(T.grad(T.log(1 + T.exp(-x * 1)).sum(), x))
    first, second = rewrite(graph, DEFAULT), rewrite(graph, DEFAULT)
    assert str(first) == str(second)
    assert repr(first.graph) == repr(second.graph)


def test_many_nodes_take_steps_in_proportion() -> None:
    x = T.dvector("x")
    y = x
    for _ in range(2000):
        y = T.sin(y * 1)
    rewriting = rewrite(graph_of(y), [times_one])
    assert len(rewriting.log) == 2000


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        rewrite(graph_of(T.exp(T.dvector("x") * 1)), DEFAULT)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


# ------------------------------------------------------------------------------------------ phases


def test_phases_come_in_their_order() -> None:
    """Whatever the order of the rules: first what simplifies, then what stabilizes, then the
    user's.
    """
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + T.exp(x) * 1)), [sine, log_one_plus, times_one])
    assert [step.phase for step in rewriting.steps] == ["simplify", "stabilize", "user"]


def test_within_a_phase_the_first_rule_is_asked_first() -> None:
    @rule
    def cosine(x: Any) -> LhsRhs:
        """Another step."""
        return T.exp(x), T.cos(x)

    graph = graph_of(T.exp(T.dvector("x")))
    assert names_of(rewrite(graph, [sine, cosine]).graph) == ["sin"]
    assert names_of(rewrite(graph, [cosine, sine]).graph) == ["cos"]


def test_earlier_phases_see_what_later_ones_made() -> None:
    @rule
    def one_more_factor(x: Any) -> LhsRhs:
        """A rule of a user makes work for the first phases."""
        return T.exp(x), T.sin(x) * 1

    rewriting = rewrite(graph_of(T.exp(T.dvector("x"))), [times_one, one_more_factor])
    assert [step.phase for step in rewriting.steps] == ["user", "simplify"]
    assert names_of(rewriting.graph) == ["sin"]


def test_the_default_rules_are_those_of_all_phases_but_the_users() -> None:
    assert list(dict.fromkeys(rule.phase for rule in DEFAULT)) == [
        phase for phase in PHASES if phase != "user"
    ]


def test_rules_of_a_user_join_the_default_ones() -> None:
    x = T.dvector("x")
    graph = rewrite(graph_of(T.exp(x * 1) + T.exp(x)), [*DEFAULT, sine]).graph
    assert names_of(graph) == ["sin", "add"]


# ---------------------------------------------------------------------------------------- the end


def test_a_rule_that_does_not_end_is_switched_off(few_steps: int) -> None:
    graph = graph_of(T.exp(T.dvector("x")))
    with pytest.warns(RewriteWarning, match=r"growth is switched off .* made 11 steps"):
        rewriting = rewrite(graph, [growth])
    assert len(rewriting.log) == few_steps


def test_what_was_done_until_then_is_kept(few_steps: int) -> None:
    @rule
    def doubled(x: Any) -> LhsRhs:
        """The same number, in more and more ops."""
        return T.exp(x), T.exp((x + x) / 2)

    graph = graph_of(T.exp(T.dvector("x")))
    with pytest.warns(RewriteWarning, match="doubled is switched off"):
        rewriting = rewrite(graph, [doubled])
    assert len(rewriting.graph.apply_nodes()) > few_steps
    values = [np.array([0.5, -1.0])]
    np.testing.assert_array_equal(
        kg.interpret(rewriting.graph, values)[0], kg.interpret(graph, values)[0]
    )


def test_of_two_rules_that_undo_each_other_one_is_switched_off(few_steps: int) -> None:
    graph = graph_of(T.exp(T.dvector("x")))
    with pytest.warns(RewriteWarning) as caught:
        rewriting = rewrite(graph, [sine, back])
    assert [str(w.message).split()[3] for w in caught] == ["sine"]
    assert names_of(rewriting.graph) == ["exp"]
    assert rewriting.counts() == {"sine": few_steps, "back": few_steps}


def test_the_limit_grows_with_the_graph(few_steps: int) -> None:
    """A rule that has something for every node is not endless."""
    x = T.dvector("x")
    y = x
    for _ in range(2 * few_steps):
        y = T.sin(y * 1)
    assert len(rewrite(graph_of(y), [times_one]).log) == 2 * few_steps


def test_a_rule_of_the_user_is_to_blame_for_what_it_fed(few_steps: int) -> None:
    """The rules that tidy up after it make more steps than it does."""

    @rule
    def dressed(x: Any) -> LhsRhs:
        """The same number, and twice times one."""
        return T.exp(x), T.exp(x * 1.0) * 1.0

    graph = graph_of(T.exp(T.dvector("x")))
    with pytest.warns(RewriteWarning) as caught:
        rewriting = rewrite(graph, [*DEFAULT, dressed])
    assert [str(w.message).split()[3] for w in caught] == ["dressed"]
    assert names_of(rewriting.graph) == ["exp"]
    with pytest.warns(RewriteWarning) as caught:
        rewrite(graph_of(T.exp(T.dvector("x") * 1)), [times_one, back, dressed], most_steps=3)
    assert [str(w.message).split()[3] for w in caught] == ["dressed"]


def test_a_limit_of_its_own() -> None:
    with pytest.warns(RewriteWarning, match=r"growth is switched off .* made 4 steps"):
        rewriting = rewrite(graph_of(T.exp(T.dvector("x"))), [growth], most_steps=3)
    assert len(rewriting.log) == 4


def test_other_rules_go_on(few_steps: int) -> None:
    graph = graph_of(T.exp(T.dvector("x")) * 1)
    with pytest.warns(RewriteWarning, match="growth"):
        rewriting = rewrite(graph, [growth, times_one])
    assert "mul" not in names_of(rewriting.graph)


# ---------------------------------------------------------------------------------- what goes wrong


def raising(match: Any) -> bool:
    """A guard that fails."""
    raise KeyError("no such wildcard")


def test_a_rule_that_raises_is_named_with_its_error() -> None:
    @rule(when=raising)
    def broken(x: Any) -> LhsRhs:
        """Its guard raises."""
        return T.exp(x), x

    x = T.dvector("x")
    graph = kg.Graph((x,), (T.exp(x),), {}, "model")
    with pytest.warns(RewriteWarning) as caught:
        rewrite(graph, [broken])
    (warning,) = caught
    line = raising.__code__.co_firstlineno + 2
    assert str(warning.message) == (
        "[KG-O001] rewrite rule broken is switched off for model: KeyError: 'no such wildcard' "
        f"({os.path.relpath(__file__)}, line {line}, in raising)"
    )


def test_a_rule_that_raises_is_not_asked_again() -> None:
    asked: list[Apply] = []

    @computed_rule(on=[T.exp], examples=[])
    def broken(node: Apply) -> None:
        """It fails at once."""
        asked.append(node)
        raise ZeroDivisionError

    x = T.dvector("x")
    with pytest.warns(RewriteWarning):
        rewrite(graph_of(T.exp(T.exp(T.exp(x)))), [broken])
    assert len(asked) == 1


def test_a_rule_that_raises_does_not_stop_the_next() -> None:
    @rule(when=raising)
    def broken(x: Any) -> LhsRhs:
        """Its guard raises."""
        return T.exp(x), x

    with pytest.warns(RewriteWarning, match="broken"):
        rewriting = rewrite(graph_of(T.exp(T.dvector("x"))), [broken, sine])
    assert names_of(rewriting.graph) == ["sin"]


def test_a_rule_is_switched_off_for_one_graph_only() -> None:
    failing = iter([True, False])

    @computed_rule(on=[T.exp], examples=[])
    def moody(node: Apply) -> Any:
        """It fails the first time."""
        if next(failing):
            raise ZeroDivisionError
        return T.sin(node.inputs[0])

    graph = graph_of(T.exp(T.dvector("x")))
    with pytest.warns(RewriteWarning):
        assert names_of(rewrite(graph, [moody]).graph) == ["exp"]
    assert names_of(rewrite(graph, [moody]).graph) == ["sin"]


def test_ctrl_c_is_no_mistake_of_a_rule() -> None:
    @computed_rule(on=[T.exp], examples=[])
    def slow(node: Apply) -> None:
        """Somebody has no time to wait for it."""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrite(graph_of(T.exp(T.dvector("x"))), [slow])


# ----------------------------------------------------------------------------- graphs inside of ops


def test_branches_are_rewritten_by_the_same_rules() -> None:
    x = T.dscalar("x")
    choice = T.ifelse(x > 0, T.exp(x * 1), T.log(x / 1) * 1)
    rewriting = rewrite(graph_of(choice), [times_one, inside])
    (node,) = [n for n in rewriting.graph.apply_nodes() if n.op.name == "ifelse"]
    graphs: Any = node.op
    assert [names_of(graph) for graph in graphs.graphs] == [["exp"], ["true_div", "log"]]


def test_each_inner_graph_has_steps_of_its_own() -> None:
    x = T.dscalar("x")
    choice = T.ifelse(x > 0, T.exp(x * 1), x)
    rewriting = rewrite(graph_of(choice), [times_one, inside])
    (inner,) = rewriting.inside
    assert [step.rule for step in inner.steps] == ["times_one"]
    assert rewriting.counts() == {"inside": 1}


def test_inner_steps_are_told_after_the_outer_ones() -> None:
    x = T.dvector("x")
    sums, _ = T.scan(lambda item: T.exp(item * 1), x * 1)
    lines = str(rewrite(graph_of(sums), [times_one, inside])).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "1 times_one",
        "2 inside",
        "inside f (1 of 1)",
        "  1 times_one",
    ]


def test_loops_inside_of_loops_are_reached() -> None:
    m = T.dmatrix("m")
    rows, _ = T.scan(lambda row: T.scan(lambda item: item * 1, row)[0], m)
    rewriting = rewrite(graph_of(rows), [times_one, inside])
    (outer,) = rewriting.inside
    (inner,) = outer.inside
    assert inner.graph.apply_nodes() == []


def test_inner_graphs_with_nothing_to_do_are_left_alone() -> None:
    x = T.dscalar("x")
    rewriting = rewrite(graph_of(T.ifelse(x > 0, x, 2 * x)), [times_one, inside])
    assert (rewriting.log, rewriting.inside) == ((), ())


def test_work_grows_with_the_graph_and_no_faster() -> None:
    """Twice the nodes, twice the questions: rules are asked about nodes near a change alone."""

    def asked(links: int) -> int:
        x = T.dvector("x")
        y: Any = x
        for _ in range(links):
            y = T.tanh(y * 1 + 0.5) - (-x)
        rewriting = rewrite(kg.Graph((x,), (y,)), DEFAULT)
        return sum(use.tried for use in rewriting.uses.values())

    small, large = asked(100), asked(800)
    assert large < 8.5 * small
