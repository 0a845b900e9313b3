"""What a rule needs near a node is found there, or the rule is not asked."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import RuleError
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.needs import Near, Needs, needs_among
from kernelgraph.rewrite.rule import PatternRule, computed_rule
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import graph_of

X: Any = T.dvector("x")
Y: Any = T.dmatrix("y")


def test_what_made_the_operands() -> None:
    assert {"exp", Constant} <= Near((T.exp(X) + 1).owner).operands
    assert Constant not in Near((T.exp(X) + X).owner).operands
    assert Near(T.exp(X).owner).operands == set()


def test_what_made_the_factors_and_the_divisors() -> None:
    found, divisors = Near((T.exp(X) * -(Y / T.sin(Y))).owner).factors
    assert {"sin", DimShuffle} <= found
    assert "sin" in divisors
    assert DimShuffle not in divisors


def test_products_in_a_sum() -> None:
    found, divisors = Near((T.exp(X) * 2 + X / T.sin(X)).owner).factors
    assert {"exp", "sin"} <= found
    assert "sin" in divisors
    assert "exp" not in divisors


@pytest.mark.parametrize(
    ("factor", "divisor", "met"),
    [((T.exp,), (), True), ((T.tanh,), (), False), ((T.tanh, T.exp), (T.sin,), True),
     ((T.exp,), (T.tanh,), False), ((), (DimShuffle,), False)],
)  # fmt: skip
def test_one_of_each_is_enough(factor: Any, divisor: Any, met: bool) -> None:
    needs = needs_among(factor, divisor)
    assert needs is not None
    assert needs.are_met(Near((T.exp(X) / T.sin(X)).owner)) is met


def test_a_rule_is_not_asked_where_it_could_have_nothing() -> None:
    asked: list[Apply] = []

    @computed_rule(on=(T.mul,), examples=[], divisor=(T.sin,))
    def watch(node: Apply) -> Variable | None:
        """Nothing is found; who is asked about is written down."""
        asked.append(node)
        return None

    graph = graph_of(T.exp(X) * X, (X / T.sin(X)) * X)
    rewrite(graph, [watch])
    assert len(asked) == 1


def test_what_is_needed_is_named_by_ops() -> None:
    def watch(node: Apply) -> None:
        """Nothing is found."""

    wrong: Any = "sin"
    with pytest.raises(RuleError, match="divisor='sin' is no"):
        computed_rule(on=(T.mul,), examples=[], divisor=wrong)(watch)


@pytest.mark.parametrize("rule", [r for r in DEFAULT if isinstance(r, PatternRule)], ids=str)
def test_a_pattern_needs_what_its_own_example_has(rule: PatternRule) -> None:
    for example in rule.examples:
        names = example.__code__.co_varnames[: example.__code__.co_argcount]
        before: Any = example(*(T.dmatrix(name) for name in names))[0]
        assert rule.needs is None or rule.needs.are_met(Near(before.owner))


def test_no_needs_are_met_by_anything() -> None:
    nothing = frozenset[Any]()
    assert Needs(nothing, nothing, nothing).are_met(Near(T.exp(X).owner))
