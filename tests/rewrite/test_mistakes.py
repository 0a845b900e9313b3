"""Mistakes in the definition of a rule, each told with the rule and its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.rewrite.rule import computed_rule, rule

LhsRhs = tuple[Any, Any]


def no_reason(x: Any) -> LhsRhs:
    return T.exp(x), x


def hole_on_the_left(x: Any) -> LhsRhs:
    """Its left side fits everything."""
    return x, T.exp(x)


def number_on_the_left(x: Any) -> LhsRhs:
    """Its left side is no op."""
    return 1, x


def hole_on_the_right_only(x: Any, y: Any, z: Any) -> LhsRhs:
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


def sum_of_a_hole(x: Any) -> LhsRhs:
    """A hole has no dimensions."""
    return T.exp(T.sum(x)), x


def dtype_of_a_hole(x: Any) -> LhsRhs:
    """A hole has no dtype."""
    return T.exp(x), T.cast(x, x.dtype)


def variable_on_the_left(x: Any) -> LhsRhs:
    """It names a variable of some graph."""
    return x + T.dvector("other"), x


def variable_on_the_right(x: Any) -> LhsRhs:
    """It brings a variable of some graph."""
    return T.exp(x), x + T.dvector("other")


def array_on_the_left(x: Any) -> LhsRhs:
    """It compares with an array."""
    return T.add(x, [1.0, 2.0]), x


def asks_a_hole(x: Any) -> LhsRhs:
    """A wildcard is neither positive nor negative."""
    if x > 0:
        return T.exp(x), x
    return T.exp(x), x


def with_a_default(x: Any, n: int = 2) -> LhsRhs:
    """A default is no wildcard."""
    return x**n, x


def with_any_number(*x: Any) -> LhsRhs:
    """Nobody knows how many."""
    return T.exp(x[0]), x[0]


def by_name_only(*, x: Any) -> LhsRhs:
    """Wildcards are given by place."""
    return T.exp(x), x


MISTAKES = [
    (no_reason, "rule no_reason does not say why"),
    (hole_on_the_left, "its left side is no op of its wildcards: x"),
    (number_on_the_left, "its left side is no op of its wildcards: 1"),
    (hole_on_the_right_only, "y, z is on its right side only"),
    (one_side, r"must return \(lhs, rhs\), not exp\(x\)"),
    (three_sides, r"must return \(lhs, rhs\)"),
    (nothing, r"must return \(lhs, rhs\), not None"),
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


def good(x: Any) -> LhsRhs:
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
    def mistyped(x: Any) -> LhsRhs:
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


@pytest.mark.parametrize("options", [{"examples": 3}, {"examples": [3]}, {"phase": [1]}])
def test_options_of_another_kind(options: dict[str, Any]) -> None:
    def log_of_exp(x: Any) -> LhsRhs:
        """The logarithm undoes exp."""
        return T.log(T.exp(x)), x

    with pytest.raises(RuleError, match=r"is no list|is no function|no phase is called"):
        rule(**options)(log_of_exp)
