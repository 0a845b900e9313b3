"""What may be a rule, what a rule says of itself, and which mistakes are found where."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.graph import Variable
from kernelgraph.op import Op, Reduction
from kernelgraph.rewrite.engine import RewriteWarning, rewrite
from kernelgraph.rewrite.rule import Rule, computed_rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.powers import power_two
from kernelgraph.rewrite.words import PHASES
from tests.rewrite.support import graph_of, names_of

Sides = tuple[Any, Any]


@rule
def log_of_exp(x: Any) -> Sides:
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
    def log_of_exp(x: Any) -> Sides:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    declared = rule(phase="stabilize")(log_of_exp)
    assert (declared.phase, declared.by_user) == ("stabilize", True)
    assert (rule(log_of_exp).phase, rule(log_of_exp).by_user) == ("user", True)


def test_a_phase_that_does_not_exist() -> None:
    def log_of_exp(x: Any) -> Sides:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    with pytest.raises(RuleError, match="no phase is called 'stabilise'") as raised:
        rule(phase="stabilise")(log_of_exp)
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("there are merge, fold, simplify, stabilize")


def test_rules_of_users_run_last() -> None:
    assert log_of_exp.phase == "user" == PHASES[-2]  # composite ops are taken apart after them


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in DEFAULT]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("tested", DEFAULT, ids=lambda tested: tested.name)
def test_every_rule_is_written_in_a_file_of_the_package(tested: Rule) -> None:
    assert "rewrite" in tested.place.filename
    assert tested.place.text.strip()


# --------------------------------------------------------------------------------- what is no rule


def no_reason(x: Any) -> Sides:
    return T.exp(x), x


def hole_on_the_left(x: Any) -> Sides:
    """Its left side fits everything."""
    return x, T.exp(x)


def number_on_the_left(x: Any) -> Sides:
    """Its left side is no op."""
    return 1, x


def hole_on_the_right_only(x: Any, y: Any, z: Any) -> Sides:
    """Nobody says where y and z come from."""
    return T.exp(x), x + y * z


def one_side(x: Any) -> Any:
    """There is nothing to put in."""
    return T.exp(x)


def three_sides(x: Any) -> Any:
    """There is too much to put in."""
    return T.exp(x), x, x


def nothing(x: Any) -> Any:
    """It forgets to return."""
    T.exp(x)


def sum_of_a_hole(x: Any) -> Sides:
    """A hole has no dimensions."""
    return T.exp(T.sum(x)), x


def dtype_of_a_hole(x: Any) -> Sides:
    """A hole has no dtype."""
    return T.exp(x), T.cast(x, x.dtype)


def variable_on_the_left(x: Any) -> Sides:
    """It names a variable of some graph."""
    return x + T.dvector("other"), x


def variable_on_the_right(x: Any) -> Sides:
    """It brings a variable of some graph."""
    return T.exp(x), x + T.dvector("other")


def array_on_the_left(x: Any) -> Sides:
    """It compares with an array."""
    return T.add(x, [1.0, 2.0]), x


def asks_a_hole(x: Any) -> Sides:
    """A wildcard is neither positive nor negative."""
    if x > 0:
        return T.exp(x), x
    return T.exp(x), x


def with_a_default(x: Any, n: int = 2) -> Sides:
    """A default is no wildcard."""
    return x**n, x


def with_any_number(*x: Any) -> Sides:
    """Nobody knows how many."""
    return T.exp(x[0]), x[0]


def by_name_only(*, x: Any) -> Sides:
    """Wildcards are given by place."""
    return T.exp(x), x


MISTAKES = [
    (no_reason, "rule no_reason does not say why"),
    (hole_on_the_left, "its left side is no op of its wildcards: x"),
    (number_on_the_left, "its left side is no op of its wildcards: 1"),
    (hole_on_the_right_only, "y, z is on its right side only"),
    (one_side, r"must return \(before, after\), not exp\(x\)"),
    (three_sides, r"must return \(before, after\)"),
    (nothing, r"must return \(before, after\), not None"),
    (sum_of_a_hole, "rule sum_of_a_hole is no pattern"),
    (dtype_of_a_hole, "rule dtype_of_a_hole is no pattern"),
    (variable_on_the_left, "other is neither a wildcard nor a number"),
    (variable_on_the_right, "other is neither a wildcard nor a number"),
    (array_on_the_left, "is neither a wildcard nor a number"),
    (asks_a_hole, r"asks_a_hole is no pattern: gt\(x, 0\) is neither true nor false"),
    (with_a_default, "its parameter n is no wildcard"),
    (with_any_number, "its parameter x is no wildcard"),
    (by_name_only, "its parameter x is no wildcard"),
]


@pytest.mark.parametrize(
    ("function", "words"), MISTAKES, ids=[function.__name__ for function, _ in MISTAKES]
)
def test_what_is_no_rule(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(RuleError, match=f"KG-O001.*{words}") as caught:
        rule(function)
    assert f"rule {function.__name__}" in str(caught.value)
    assert f"line {function.__code__.co_firstlineno}, in {function.__name__}" in str(caught.value)


def good(x: Any) -> Sides:
    """Nothing is wrong with it."""
    return T.exp(T.log(x)), x


OPTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"changes": True}, "changes=True is no text", "changes="),
    ({"when": "floats"}, "when='floats' is no function", "a function of the match"),
    ({"where": "positive"}, "where='positive' is no dict", "where="),
    ({"where": {"y": "positive"}}, "where names 'y', which is no wildcard", "its wildcards are x"),
    ({"where": {"x": "postive"}}, "no domain is called 'postive'", "did you mean positive?"),
    ({"where": {"x": "hot"}}, "no domain is called 'hot'", "bounded, column, finite"),
]


@pytest.mark.parametrize(("options", "words", "hint"), OPTIONS)
def test_options_that_are_none(options: dict[str, Any], words: str, hint: str) -> None:
    with pytest.raises(RuleError, match=r"\[KG-O001\] rule good: ") as caught:
        rule(**options)(good)
    assert words in str(caught.value)
    assert hint in (caught.value.hint or "")


def test_what_it_changes_is_given_by_name() -> None:
    with pytest.raises(RuleError, match="made of a function, not of 'rounding'") as caught:
        rule("rounding")  # pyright: ignore[reportArgumentType]
    assert 'changes="rounding"' in (caught.value.hint or "")


def test_a_name_that_does_not_exist_is_no_fault_of_a_wildcard() -> None:
    def mistyped(x: Any) -> Sides:
        """There is no such function."""
        return getattr(T, "exq")(x), x  # noqa: B009 - it is not there

    with pytest.raises(AttributeError, match="exq"):
        rule(mistyped)


def of_a_node(node: Any) -> None:
    """Nothing is wrong with it."""


def of_three(node: Any, graph: Any, more: Any) -> None:
    """It asks for too much."""


COMPUTED: list[tuple[Any, dict[str, Any], str]] = [
    (of_a_node, {"on": T.exp}, "on=exp is no list"),
    (of_a_node, {"on": "exp"}, "on='exp' is no list"),
    (of_a_node, {"on": ["exp"]}, "on='exp' is no op"),
    (of_a_node, {"on": [T.sum]}, "is no op"),
    (of_a_node, {"examples": lambda x: (x, x)}, "is no list"),
    (of_a_node, {"examples": [(1, 2)]}, r"its example \(1, 2\) is no function"),
    (of_a_node, {"where": {"x": "positive"}}, "where names 'x'"),
    (of_three, {}, "takes 3 arguments"),
]


@pytest.mark.parametrize(("function", "options", "words"), COMPUTED)
def test_what_is_no_computed_rule(function: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=rf"\[KG-O001\] rule {function.__name__}\b.*{words}"):
        computed_rule(**{"on": [T.exp], "examples": [], **options})(function)


def test_a_computed_rule_says_why() -> None:
    with pytest.raises(RuleError, match=r"KG-O001.*rule no_reason does not say why"):
        computed_rule(on=[T.exp], examples=[])(no_reason)


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
