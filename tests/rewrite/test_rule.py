"""What may be a rule, what a rule says of itself, and which mistakes are found where."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from kernelgraph.op import Op, Reduction
from kernelgraph.rewrite.engine import RewriteWarning, rewrite
from kernelgraph.rewrite.rule import Rule, computed_rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.powers import power_two
from tests.rewrite.support import graph_of, names_of

LhsRhs = tuple[Any, Any]


@rule
def log_of_exp(x: Any) -> LhsRhs:
    """The logarithm undoes
    exp.

    This is not said in public.
    """
    return T.log(T.exp(x)), x


# ------------------------------------------------------------------------------- what a rule says


def test_the_name_is_the_name_of_the_function() -> None:
    assert log_of_exp.name == "log_of_exp"


def test_the_reason_is_the_first_paragraph_on_one_line() -> None:
    assert log_of_exp.why == "The logarithm undoes exp."


def test_a_rule_as_text() -> None:
    assert str(log_of_exp) == "log_of_exp: log(exp(x)) -> x   # The logarithm undoes exp."


def test_a_rule_knows_where_it_is_written() -> None:
    place = log_of_exp.place
    _, line = inspect.getsourcelines(log_of_exp.examples[0])
    assert (place.filename, place.function, place.line) == (__file__, "log_of_exp", line)


def test_a_rule_is_exact_unless_it_says_what_changes() -> None:
    assert log_of_exp.changes is None
    assert power_two.changes == "rounding"


def test_a_rule_looks_at_its_outermost_op() -> None:
    assert log_of_exp.roots == (T.log,)


def test_a_rule_sees_as_many_levels_as_it_has_ops() -> None:
    assert log_of_exp.depth == 2


def test_a_rule_is_its_own_example() -> None:
    (example,) = log_of_exp.examples
    x = T.dvector("x")
    before, after = example(x)  # pyright: ignore[reportCallIssue]
    assert (before.owner.op, after) == (T.log, x)


def test_a_rule_declares_its_phase() -> None:
    def log_of_exp(x: Any) -> LhsRhs:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    declared = rule(phase="stabilize")(log_of_exp)
    assert (declared.phase, declared.by_user) == ("stabilize", True)
    assert (rule(log_of_exp).phase, rule(log_of_exp).by_user) == ("user", True)


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in DEFAULT]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_every_rule_is_written_in_a_file_of_the_package(tested: Rule) -> None:
    assert "rewrite" in tested.place.filename
    assert tested.place.text.strip()


# -------------------------------------------------------------------- what a computed rule may give


def switched_off(function: Callable[..., Any]) -> str:
    """The warning for a computed rule about exp that gives what it must not."""
    x = T.dvector("x")
    graph = graph_of(T.log(T.exp(x)) + 1)
    with pytest.warns(RewriteWarning, match="KG-O001") as caught:
        rewriting = rewrite(graph, [computed_rule(on=[T.exp], examples=[])(function)])
    assert repr(rewriting.graph) == repr(graph), "the graph as it was stays right"
    return str(caught[0].message)


def too_few(node: Any) -> Any:
    """No variable for one output."""
    return []


def too_many(node: Any) -> Any:
    """Two variables for one output."""
    return [node.inputs[0], None]


def a_number(node: Any) -> Any:
    """A number is no variable."""
    return 3.0


def another_dtype(node: Any) -> Any:
    """It changes the dtype."""
    return [T.cast(node.inputs[0], "float32")]


def another_rank(node: Any) -> Any:
    """It changes the rank."""
    return node.inputs[0].dimshuffle("x", 0)


def of_itself(node: Any) -> Any:
    """It would need itself."""
    return T.sqrt(T.sqr(node.out))


def of_its_user(node: Any, graph: Any) -> Any:
    """What is made of the node cannot be what it is made of."""
    (user,) = graph.clients[node.out]
    return user.out


def of_its_users_user(node: Any, graph: Any) -> Any:
    """Nor can what is made of that."""
    return -graph.outputs[0]


def of_a_stranger(node: Any) -> Any:
    """Nobody will give this variable a value."""
    return node.inputs[0] * T.dvector("stranger")


GIVEN: list[tuple[Callable[..., Any], str]] = [
    (too_few, "each of its 1 outputs, not nothing"),
    (too_many, "each of its 1 outputs"),
    (a_number, "each of its 1 outputs, not 3.0"),
    (another_dtype, "exp(x) is float64[?], its replacement float32(x) is float32[?]"),
    (another_rank, "exp(x) has 1 dimensions, x has 2"),
    (of_itself, "sqrt(sqr(exp(x))) still needs what it would replace"),
    (of_its_user, "log(exp(x)) still needs what it would replace"),
    (of_its_users_user, "still needs what it would replace"),
    (of_a_stranger, "stranger (float64[?]) is no variable of the graph"),
]


@pytest.mark.parametrize(
    ("function", "words"), GIVEN, ids=[function.__name__ for function, _ in GIVEN]
)
def test_what_a_rule_must_not_give(function: Callable[..., Any], words: str) -> None:
    assert words in switched_off(function)


def test_a_replacement_that_is_declared_to_have_size_1_is_none() -> None:
    """It would be repeated where the old variable must match; which sizes are known may depend on
    what was rewritten before, so that the rule is not to blame.
    """

    @computed_rule(on=[T.exp], examples=[])
    def narrower(node: Any) -> Any:
        """It declares a size of 1 that was not declared."""
        return [T.constant([1.0])]

    assert not rewrite(graph_of(T.exp(T.dvector("x"))), [narrower]).log


def test_a_computed_rule_may_give_nothing() -> None:
    @computed_rule(on=[T.exp], examples=[])
    def idle(node: Any) -> None:
        """It has nothing."""

    assert not rewrite(graph_of(T.exp(T.dvector("x"))), [idle]).log


def test_a_computed_rule_may_keep_one_of_two_outputs() -> None:
    @computed_rule(on=[Op], examples=[])
    def half(node: Any) -> list[Variable | None] | None:
        """Only the largest element is found in another way."""
        (x,) = node.inputs
        two = len(node.outputs) == 2
        return [T.max(x, axis=node.op.axes), None] if two else None

    best, where = T.max_and_argmax(T.dmatrix("x"), axis=1)
    rewriting = rewrite(graph_of(best, where), [half])
    assert sorted(names_of(rewriting.graph)) == ["max", "max_and_argmax"]


def test_a_computed_rule_looks_at_ops_and_classes_of_ops() -> None:
    asked: list[str] = []

    @computed_rule(on=[T.exp, Reduction], examples=[])
    def curious(node: Any) -> None:
        """It only looks."""
        asked.append(node.op.name)

    rewrite(graph_of(T.log(T.exp(T.dvector("x"))).sum()), [curious])
    assert asked == ["exp", "sum"]
