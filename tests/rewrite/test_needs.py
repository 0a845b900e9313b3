"""What a rule needs near a node is found there, or the rule is not asked."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import RuleError
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.needs import Near, Needs, needs_among
from kernelgraph.rewrite.rule import Rule, computed_rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.viz.rules import example_sides
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


@pytest.mark.parametrize("rule", DEFAULT, ids=lambda rule: rule.name)
def test_where_a_rule_has_something_its_needs_are_met(rule: Rule) -> None:
    sides = example_sides(rule)
    assert sides is not None
    edited = FunctionGraph(graph_of(sides[0]))
    ask = rule.start(edited, lambda inner: inner)
    for node in edited.nodes:
        kinds = (node.op, *type(node.op).__mro__)
        if any(root in kinds for root in rule.roots) and ask(node) is not None:
            assert rule.needs is None or rule.needs.are_met(Near(node))


def test_no_needs_are_met_by_anything() -> None:
    nothing = frozenset[Any]()
    assert Needs(nothing, nothing, nothing).are_met(Near(T.exp(X).owner))
