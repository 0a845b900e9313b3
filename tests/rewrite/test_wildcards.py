"""What a wildcard stands for, by its annotation: a variable, an op, operands, other factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.errors import RuleError
from kernelgraph.graph import Constant, Graph
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.reductions import Max, Sum
from kernelgraph.ops.softmax import LogSoftmax, Softmax
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.proof.check import refute
from kernelgraph.rewrite.rule import PatternRule, rule
from kernelgraph.rewrite.wildcards import (
    AnyOp,
    Factors,
    Many,
    Operands,
    Terms,
    as_many,
    levels,
    wildcards,
    wildcards_of,
)
from kernelgraph.symbols import Pattern
from tests.rewrite.support import graph_of, names_of
from tests.support import cases

LhsRhs = tuple[Any, Any]

A, B, C, X = T.dvectors("a", "b", "c", "x")


@rule(changes="rounding")
def tangent(x: Any, rest: Factors) -> LhsRhs:
    """A sine over its cosine has a name; here it is written by others."""
    return rest * T.sin(x) / T.cos(x), rest * T.tanh(x)


@rule(where={"x": "matrix", "p": Softmax(1)})
def logarithm(x: Any, p: Softmax) -> LhsRhs:
    """The axis is that of the softmax."""
    return T.log(p(x)), lambda: LogSoftmax(p.axis)(x)


def applied(made: PatternRule, *outputs: Any) -> Graph:
    return rewrite(graph_of(*outputs), [made]).graph


# ---------------------------------------------------------------------------------- annotations


def test_what_a_parameter_may_be() -> None:
    def of_all(x: Any, f: Sum | Max, rest: Factors, ends: Operands, y) -> None:
        """Every kind."""

    found = wildcards_of(of_all, ["x", "f", "rest", "ends", "y"])
    kinds = [type(hole) for hole in found.values()]
    assert kinds == [Pattern, AnyOp, Factors, Operands, Pattern]
    f = found["f"]
    assert isinstance(f, AnyOp)
    assert f.kinds == (Sum, Max)


def test_an_annotation_that_only_type_checkers_know() -> None:
    def of_unknown(x: Unknown) -> None:  # noqa: F821  # type: ignore[name-defined]
        """It is a variable then."""

    assert type(wildcards_of(of_unknown, ["x"])["x"]) is Pattern


# ------------------------------------------------------------------------------------- products

TREES = st.recursive(
    st.sampled_from(["a", "b", "c"]),
    lambda inner: st.tuples(st.sampled_from(["*", "/", "-"]), inner, inner),
    max_leaves=8,
)


def product(tree: Any, leaves: dict[str, Any]) -> Any:
    """The expression that a tree spells; the second operand of a minus sign is left out."""
    if isinstance(tree, str):
        return leaves[tree]
    op, left, right = tree
    if op == "-":
        return -product(left, leaves)
    x, y = product(left, leaves), product(right, leaves)
    return x * y if op == "*" else x / y


def above(tree: Any, name: str, inverted: bool = False) -> list[bool]:
    """For each time that a leaf stands in a product, whether it multiplies."""
    if isinstance(tree, str):
        return [not inverted] if tree == name else []
    op, left, right = tree
    found = above(left, name, inverted)
    return found if op == "-" else found + above(right, name, inverted != (op == "/"))


@pytest.mark.hypothesis
@cases(tested=60, hunted=2000)
@given(TREES)
def test_factors_are_found_wherever_they_stand(tree: Any) -> None:
    """a stands for sin(x), b for cos(x) and c for another factor."""
    written = product(tree, {"a": T.sin(X), "b": T.cos(X), "c": C})
    graph = Graph((X, C), (written,))
    rewriting = rewrite(graph, [tangent])
    fits = (True in above(tree, "a")) and (False in above(tree, "b"))
    turned = (False in above(tree, "a")) and (True in above(tree, "b"))
    assert bool(rewriting.log) or not fits
    assert fits or turned or not rewriting.log
    steps = len(rewriting.log)
    numbers = [np.array([0.3, -1.2, 2.0]), np.array([1.5, 0.5, -3.0])]
    before, after = (kg.interpret(g, numbers)[0] for g in (graph, rewriting.graph))
    x = numbers[0]  # each step has put a tanh in place of a sine over a cosine
    scale = (np.tanh(x) / np.tan(x)) ** np.arange(-steps, steps + 1)[:, None]
    assert any(np.allclose(before * one, after, rtol=1e-9) for one in scale)


def test_what_is_left_keeps_its_order() -> None:
    graph = applied(tangent, A / (T.cos(X) * B) * -(T.sin(X) / C))
    assert names_of(graph) == ["true_div", "tanh", "true_div", "mul", "neg"]


def test_a_factor_that_does_not_divide_is_another() -> None:
    assert not rewrite(graph_of(A * T.sin(X) * T.cos(X)), [tangent]).log
    assert not rewrite(graph_of(A * T.sin(X) / T.cos(B)), [tangent]).log
    assert not rewrite(graph_of((A + T.sin(X)) / T.cos(X)), [tangent]).log


def test_what_is_cut_off_stays_cut_off() -> None:
    graph = applied(tangent, T.switch(A > 0, T.sin(X), 0.0) / T.cos(X))
    numbers = [np.array([1.0, -1.0]), np.array([0.5, 0.5])]
    (found,) = kg.interpret(graph, numbers)
    np.testing.assert_allclose(found, [np.tanh(0.5), 0.0])


def test_no_factor_left_is_one() -> None:
    @rule(changes="rounding")
    def one(x: Any, rest: Factors) -> LhsRhs:
        """For positive numbers."""
        return rest * T.exp(x) / T.exp(x), rest

    (found,) = kg.interpret(applied(one, T.exp(X) / T.exp(X)), [np.array([1.0, 2.0])])
    np.testing.assert_array_equal(found, [1.0, 1.0])


def test_the_negative_of_a_wildcard_is_seen_from_both_sides() -> None:
    @rule(changes="rounding")
    def both(x: Any, rest: Factors) -> LhsRhs:
        """The one grows as the other falls."""
        return rest * T.exp(x) * T.exp(-x), rest

    for written in (T.exp(X) * T.exp(-X), T.exp(-X) * A * T.exp(X)):
        assert rewrite(graph_of(written), [both]).log
    assert not rewrite(graph_of(T.exp(X) * T.exp(-A)), [both]).log


@rule(changes="rounding")
def together(x: Any, rest: Terms) -> LhsRhs:
    """Two sines that are taken away are one, twice as large."""
    return rest - T.sin(x) - T.sin(x), rest - 2 * T.sin(x)


@pytest.mark.hypothesis
@cases(tested=60, hunted=2000)
@given(TREES)
def test_terms_are_found_wherever_they_stand(tree: Any) -> None:
    """a stands for sin(x), b and c for other terms; what divides in a product is taken away."""
    written = total(tree, {"a": T.sin(X), "b": B, "c": C})
    graph = Graph((X, B, C), (written,))
    rewriting = rewrite(graph, [together])
    assert bool(rewriting.log) or above(tree, "a").count(False) < 2
    numbers = [np.array([0.3, -1.2, 2.0]), np.array([1.5, 0.5, -3.0]), np.array([0.0, 4.0, 7.0])]
    before, after = (kg.interpret(g, numbers)[0] for g in (graph, rewriting.graph))
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)


def total(tree: Any, leaves: dict[str, Any]) -> Any:
    """The sum that a tree of a product spells: what divides is taken away."""
    if isinstance(tree, str):
        return leaves[tree]
    op, left, right = tree
    x, y = total(left, leaves), total(right, leaves)
    return -x if op == "-" else x + y if op == "*" else x - y


def test_no_term_left_is_zero() -> None:
    @rule
    def nothing(x: Any, rest: Terms) -> LhsRhs:
        """For finite numbers."""
        return rest + T.exp(x) - T.exp(x), rest

    (found,) = kg.interpret(applied(nothing, T.exp(X) - T.exp(X)), [np.array([1.0, 2.0])])
    np.testing.assert_array_equal(found, [0.0, 0.0])
    assert names_of(applied(nothing, A - (T.exp(X) + (B - T.exp(X))))) == ["sub"]


def test_products_deep_in_a_pattern() -> None:
    @rule(changes="rounding", where={"total": Sum((0,)), "view": DimShuffle(("x",))})
    def share(x: Any, rest: Factors, inner: Factors, total: Sum, view: DimShuffle) -> LhsRhs:
        """What is over its sum has another name here."""
        return rest * x * view(inner / total(x)), lambda: rest * T.softmax(x) * view(inner)

    weight = T.dscalar("weight")
    graph = applied(share, A * X * (weight / X.sum()).dimshuffle("x"))
    assert "softmax" in names_of(graph)
    assert "sum" not in names_of(graph)


def test_which_products_are_patterns() -> None:
    x, rest = Pattern(None, (), "x"), Factors(None, (), "rest")
    once: Any = rest * (2 * T.exp(x)) / T.log(x)
    flat, grouped = as_many(once, flat=True), as_many(once)
    assert isinstance(flat, Many)
    assert [len(flat.above), len(flat.below)] == [2, 1]
    assert len(grouped.above) == 1
    assert set(wildcards(once)) == {"rest", "x"}
    assert levels(flat) > levels(T.exp(x))


@pytest.mark.parametrize(
    "sides",
    [
        lambda x, rest, more: (rest * more * T.exp(x), x),
        lambda x, rest, more: (T.exp(x) / rest, x),
    ],
)
def test_one_wildcard_for_other_factors_which_multiplies(sides: Callable[..., Any]) -> None:
    def wrong(x: Any, rest: Factors, more: Factors) -> LhsRhs:
        """Nobody could say which is which."""
        return sides(x, rest, more)

    with pytest.raises(RuleError, match="one wildcard for its other factors"):
        rule(wrong)


# ----------------------------------------------------------------------------- ops and operands


@pytest.mark.parametrize("axis", [0, 1])
def test_an_op_of_a_class_keeps_its_axis(axis: int) -> None:
    x = T.dmatrix("x")
    graph = applied(logarithm, T.log(T.softmax(x, axis=axis)))
    (node,) = graph.apply_nodes()
    assert node.op == LogSoftmax(axis)
    assert not rewrite(graph_of(T.log(T.exp(x))), [logarithm]).log


def test_one_wildcard_is_one_op() -> None:
    @rule(where={"f": (T.exp, T.sin)})
    def difference(x: Any, f: Elementwise) -> LhsRhs:
        """Nearly: infinities and NaN are not looked at."""
        return f(x) - f(x), x * 0

    assert rewrite(graph_of(T.sin(X) - T.sin(X)), [difference]).log
    assert not rewrite(graph_of(T.sin(X) - T.cos(X)), [difference]).log
    assert [len(difference.examples), difference.where] == [2, {}]
    assert "difference: for x = " in (refute(difference) or "")


def test_a_wildcard_for_constants() -> None:
    @rule(changes="rounding", where={"n": 3.0})
    def turned(x: Any, n: Constant) -> LhsRhs:
        """The number comes last."""
        return n - x, -(x - n)

    assert rewrite(graph_of(2 - X), [turned]).log
    assert not rewrite(graph_of(A - X), [turned]).log
    assert refute(turned) is None


def test_all_operands_that_are_left() -> None:
    @rule(where={"x": "matrix"}, examples=[lambda x: (T.exp(x)[1:], T.exp(x[1:]))])
    def part_first(x: Any, part: Subtensor, ends: Operands) -> LhsRhs:
        """Only what is looked at is computed."""
        return part(T.exp(x), *ends), T.exp(part(x, *ends))

    x = T.dmatrix("x")
    for written in (T.exp(x)[0], T.exp(x)[1:, 0], T.exp(x)[::2, 1:]):
        graph = applied(part_first, written)
        assert graph.apply_nodes()[-1].op is T.exp
        numbers = [np.arange(12.0).reshape(3, 4)]
        expected, found = (kg.interpret(g, numbers)[0] for g in (graph_of(written), graph))
        np.testing.assert_array_equal(found, expected)
    assert refute(part_first) is None


def test_a_rule_as_text() -> None:
    assert str(tangent).startswith("tangent: rest * sin(x) / cos(x) -> rest * tanh(x)   # A sine")
    assert str(logarithm).startswith("logarithm: log(p(x)) -> …   # The axis")


def test_examples_have_other_factors_and_none() -> None:
    some, none = tangent.examples
    assert names_of(graph_of(some(X, A)[0])) == ["sin", "mul", "cos", "true_div"]  # pyright: ignore[reportCallIssue]
    assert names_of(graph_of(none(X)[0])) == ["sin", "cos", "true_div"]  # pyright: ignore[reportCallIssue]


def test_a_wrong_rule_about_products_is_refuted() -> None:
    assert "tangent: for x = " in (refute(tangent) or "")
    assert refute(logarithm) is not None  # it says that it is exact, and rounds
