"""The record of rewriting: what each step says, and the graph between any two of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError, resolve
from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.reductions import MaxAndArgmax
from kernelgraph.rewrite.difference import difference
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rule import computed_rule, rule
from kernelgraph.rewrite.rules.logarithms import log_one_plus
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.powers import power_two
from kernelgraph.rewrite.rules.products import times_one
from kernelgraph.rewrite.steps import Rewriting, Step
from tests.rewrite.support import graph_of, names_of

LhsRhs = tuple[Any, Any]


def only_step(rewriting: Rewriting) -> Step:
    """The step, where there is one."""
    (step,) = rewriting.steps
    return step


def written_at(step: Step) -> list[str]:
    """The user's expressions that a step replaced."""
    places = [resolve(origin) for origin in step.origins]
    return [place.text[place.column : place.end_column] for place in places]


# ------------------------------------------------------------------------------- what a step says


def test_a_step_names_its_rule_and_says_why() -> None:
    step = only_step(rewrite(graph_of(T.dvector("x") * 1), [times_one]))
    assert (step.number, step.rule, step.phase) == (1, "times_one", "simplify")
    assert step.why == "Multiplying by 1 changes no number."


@pytest.mark.parametrize(
    ("make", "applied", "changes"),
    [(lambda x: x * 1, times_one, None), (lambda x: x**2, power_two, "rounding")],
)
def test_a_step_says_what_it_changes(make: Any, applied: Any, changes: str | None) -> None:
    assert only_step(rewrite(graph_of(make(T.dvector("x"))), [applied])).changes == changes


def test_a_step_shows_what_was_there_and_what_is() -> None:
    x = T.dvector("x")
    step = only_step(rewrite(graph_of(T.log(1 + T.exp(x)) * 2), [log_one_plus]))
    assert (step.before_text, step.after_text) == ("log(1 + exp(x))", "log1p(exp(x))")
    assert step.shows


def test_a_step_counts_the_nodes() -> None:
    """The 1 was put into line by a node of its own."""
    x = T.dvector("x")
    step = only_step(rewrite(graph_of(T.log(1 + x)), [log_one_plus]))
    assert (step.nodes_before, step.nodes_after) == (3, 1)


def test_a_step_points_at_the_lines_that_it_replaced() -> None:
    x = T.dvector("x")
    step = only_step(rewrite(graph_of(T.log(1 + T.exp(x))), [log_one_plus]))
    assert written_at(step) == ["T.log(1 + T.exp(x))", "1 + T.exp(x)"]


def test_what_is_still_used_is_not_replaced() -> None:
    x = T.dvector("x")
    total = 1 + x
    step = only_step(rewrite(graph_of(T.log(total), total), [log_one_plus]))
    assert written_at(step) == ["T.log(total)"]


def test_a_step_knows_where_its_rule_is_written() -> None:
    step = only_step(rewrite(graph_of(T.dvector("x") * 1), [times_one]))
    assert step.place == times_one.place


def test_a_step_on_one_line() -> None:
    step = only_step(rewrite(graph_of(T.dvector("x") * 1), [times_one]))
    assert str(step) == "1 times_one: x * 1 -> x   # Multiplying by 1 changes no number."


def test_the_record_is_its_steps_line_by_line() -> None:
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + x * 1)), [times_one, log_one_plus])
    assert repr(rewriting).splitlines() == [
        "1 times_one: x * 1 -> x   # Multiplying by 1 changes no number.",
        "2 log_one_plus: log(1 + x) -> log1p(x)   # " + log_one_plus.why,
    ]


def test_formulas_are_of_their_time() -> None:
    """A step shows the graph as it was then, though a part that stayed was changed later."""

    @rule
    def turned(x: Any) -> LhsRhs:
        """A later phase."""
        return T.sin(x), T.cos(x)

    x = T.dvector("x")
    first, second = rewrite(graph_of(T.log(1 + T.exp(T.sin(x)))), [turned, log_one_plus]).steps
    assert (first.before_text, first.after_text) == ("log(1 + exp(sin(x)))", "log1p(exp(sin(x)))")
    assert (second.before_text, second.after_text) == ("sin(x)", "cos(x)")


def test_a_rule_of_a_user_is_told_like_any_other() -> None:
    @rule
    def mine(x: Any) -> LhsRhs:
        """Because I say so."""
        return T.sin(x), T.cos(x)

    step = only_step(rewrite(graph_of(T.sin(T.dvector("x"))), [mine]))
    assert str(step) == "1 mine: sin(x) -> cos(x)   # Because I say so."
    assert step.place.filename == __file__


def test_how_often_each_rule_was_used() -> None:
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + x * 1 * 1)), [times_one, log_one_plus])
    assert rewriting.counts() == {"times_one": 2, "log_one_plus": 1}
    assert list(rewriting.counts()) == ["times_one", "log_one_plus"]


# ---------------------------------------------------------------------------- names and places stay


def test_the_name_of_a_result_stays() -> None:
    y = T.log(1 + T.dvector("x"))
    y.name = "y"
    (out,) = rewrite(graph_of(y), [log_one_plus]).graph.outputs
    assert out.name == "y"


def test_the_name_of_an_input_stays() -> None:
    x = T.dvector("x")
    y = x * 1
    y.name = "y"
    (out,) = rewrite(graph_of(y), [times_one]).graph.outputs
    assert out.name == "x"


def test_new_nodes_belong_to_the_lines_of_the_old() -> None:
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + x)), [log_one_plus])
    (node,) = rewriting.graph.apply_nodes()
    assert node.origins == only_step(rewriting).origins


# ------------------------------------------------------------------------------ between two steps


def chain() -> Rewriting:
    """Three steps."""
    x = T.dvector("x")
    return rewrite(graph_of(T.log(1 + x * 1 * 1)), [times_one, log_one_plus])


def test_before_the_first_step_is_the_graph_of_the_user() -> None:
    rewriting = chain()
    assert repr(rewriting.graph_at(0)) == repr(rewriting.original)


def test_after_the_last_step_is_the_result() -> None:
    rewriting = chain()
    assert repr(rewriting.graph_at(3)) == repr(rewriting.graph)


def test_after_each_step_there_is_a_graph() -> None:
    rewriting = chain()
    assert [names_of(rewriting.graph_at(count)).count("mul") for count in range(4)] == [2, 1, 0, 0]


@pytest.mark.parametrize("count", [-1, 4])
def test_there_is_no_graph_after_steps_that_were_not_made(count: int) -> None:
    with pytest.raises(IndexError, match=f"there are 3 steps, so no graph after {count}"):
        chain().graph_at(count)


def test_a_step_knows_how_many_nodes_there_were() -> None:
    rewriting = chain()
    for step in rewriting.steps:
        assert len(rewriting.graph_at(step.number - 1).apply_nodes()) == step.nodes_before
        assert len(rewriting.graph_at(step.number).apply_nodes()) == step.nodes_after


def test_a_graph_between_two_steps_is_a_copy() -> None:
    rewriting = chain()
    first = rewriting.graph_at(1)
    rewriting.graph_at(3)
    assert names_of(first).count("mul") == 1


def test_a_node_has_one_number_in_all_frames() -> None:
    """A student's eye can follow what stays from picture to picture."""
    rewriting = chain()
    seen: dict[int, str] = {}
    for count in range(4):
        frame = rewriting.frame_at(count)
        numbers = [frame.numbers[node] for node in frame.graph.apply_nodes()]
        assert len(set(numbers)) == len(numbers)
        for node, number in zip(frame.graph.apply_nodes(), numbers, strict=True):
            assert seen.setdefault(number, node.op.name) == node.op.name
    assert len(seen) == 8, "seven nodes, and the one that came in"


def test_steps_with_several_results_are_replayed() -> None:
    @computed_rule(on=[MaxAndArgmax], examples=[])
    def shifted(node: Any) -> list[Variable] | None:
        """The index of the largest element does not depend on a factor."""
        source = node.inputs[0].owner
        if source is None or source.op is not T.exp:
            return None
        best, where = node.op(source.inputs[0])
        return [T.exp(best), where]

    m = T.dmatrix("m")
    graph = graph_of(*T.max_and_argmax(T.exp(m), axis=1))
    rewriting = rewrite(graph, [shifted])
    assert len(rewriting.log) == 1
    values = [np.array([[0.0, 1.0], [3.0, 2.0]])]
    expected = kg.interpret(graph, values)
    for a, b in zip(kg.interpret(rewriting.graph_at(1), values), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def models() -> list[Graph]:
    """Graphs of some size, with everything in them."""
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector("w")
    p = 1 / (1 + T.exp(-T.dot(x, w)))
    loss = -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean() + 0.01 * (w**2).sum()
    sums, _ = T.scan(lambda row, total: total + row.sum() * 1, x, y[0] * 0)
    choice = T.ifelse(y[0] > 0, T.exp(w * 1).sum(), (w - 0).sum())
    return [
        Graph((x, y, w), (loss, T.grad(loss, w))),
        graph_of(T.softmax(x), T.log(T.softmax(x))),
        graph_of(sums, choice),
    ]


@pytest.mark.parametrize("number", range(3))
def test_every_step_keeps_the_meaning(number: int) -> None:
    graph = models()[number]
    rng = np.random.default_rng(number)
    sizes = {2: (4, 3), 1: (4,)}
    values = [rng.normal(size=(3,) if v.name == "w" else sizes[v.ndim]) for v in graph.inputs]
    expected = kg.interpret(graph, values)
    rewriting = rewrite(graph, DEFAULT)
    assert rewriting.steps
    for count in range(len(rewriting.log) + 1):
        for a, b in zip(kg.interpret(rewriting.graph_at(count), values), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


# --------------------------------------------------------------------- what rules did, and how long


def regression() -> Rewriting:
    x, y = T.dmatrix("x"), T.dvector("y")
    p = 1 / (1 + T.exp(-T.dot(x, y)))
    return rewrite(graph_of(T.grad((p**2).sum(), y)), DEFAULT)


def test_steps_are_filtered_by_rule_and_by_phase() -> None:
    rewriting = regression()
    assert {step.rule for step in rewriting.filtered("sigmoid_of")} == {"sigmoid_of"}
    assert {step.phase for step in rewriting.filtered("stabilize")} == {"stabilize"}
    with pytest.raises(KeyError, match="no step is of 'cast_twice'"):
        rewriting.filtered("cast_twice")


def test_a_step_and_its_difference() -> None:
    rewriting = regression()
    for step in rewriting.steps:
        changed = rewriting.difference(step.number)
        after = len(rewriting.graph_at(step.number).apply_nodes())
        assert len(changed.kept) + len(changed.added) == after
        assert step.rule == "merge" or changed.added or changed.removed
    (step,) = rewriting.filtered("sigmoid_of")
    assert "+ sigmoid(" in str(rewriting.difference(step.number))


def test_rules_are_counted_and_timed() -> None:
    rewriting = regression()
    applied = {rule.name: use.applied for rule, use in rewriting.uses.items() if use.applied}
    assert applied == dict(rewriting.counts())
    assert all(use.tried >= use.applied and use.seconds > 0 for use in rewriting.uses.values())
    assert all(step.seconds > 0 for step in rewriting.steps)
    head, *rows = rewriting.profile().splitlines()
    assert head.split() == ["rule", "tried", "applied", "µs"]
    assert len(rows) == len(rewriting.uses)


def test_frames_are_those_between_the_steps() -> None:
    x = T.dvector("x")
    rewriting = rewrite(graph_of(T.log(1 + x * 1 * 1)), [times_one, log_one_plus])
    frames = list(rewriting.frames())
    assert len(frames) == len(rewriting.log) + 1
    for count, frame in enumerate(frames):
        other = rewriting.frame_at(count)
        both = difference(frame.graph, other.graph)
        assert (both.added, both.removed) == ((), ())
        numbers = [frame.numbers[node] for node in frame.graph.apply_nodes()]
        assert numbers == [other.numbers[node] for node in other.graph.apply_nodes()]


@pytest.mark.parametrize("number", [None, "1", 1.0, [], np.ones(2), 2**70, -1, 99])
def test_numbers_that_no_step_has(number: Any) -> None:
    found = rewrite(Graph((), (T.dscalar("x") * 1 + 0,)), DEFAULT)
    for ask in (found.graph_at, found.frame_at, found.difference, found.filtered):
        with pytest.raises(KernelgraphError) as error:
            ask(number)
        assert isinstance(error.value, TypeError)
