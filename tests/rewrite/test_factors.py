"""Products and sums as trees: the leaves make up the whole, and edits change the leaves alone."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.factors import (
    MOST_LEAVES,
    curve_of,
    edit_product,
    edit_sum,
    factors,
    holds_curve,
    is_cut_off,
    pairs,
    terms,
)
from tests.support import cases

LEAVES: list[Any] = list(T.dscalars("a", "b", "c", "d"))
VALUES = [np.array(value) for value in (2.0, 0.5, 4.0, 0.25)]  # products of these are exact
LEAF = st.sampled_from(range(len(LEAVES))).map(lambda k: LEAVES[k])


def trees(*kinds: str) -> st.SearchStrategy[Any]:
    """Expressions of these ops."""

    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        ops = {
            "mul": st.builds(lambda x, y: x * y, inner, inner),
            "div": st.builds(lambda x, y: x / y, inner, inner),
            "add": st.builds(lambda x, y: x + y, inner, inner),
            "sub": st.builds(lambda x, y: x - y, inner, inner),
            "neg": st.builds(lambda x: -x, inner),
            "cut": st.builds(lambda x: T.switch(LEAVES[0] > 0, x, 0.0), inner),
        }
        return st.one_of([ops[kind] for kind in kinds])

    return st.recursive(LEAF, grow, max_leaves=10)


def value(variable: Variable | None) -> float:
    if variable is None:
        return 1.0
    return float(kg.interpret(Graph(tuple(LEAVES), (variable,)), VALUES)[0])


@cases(tested=60, hunted=3000)
@given(trees("mul", "div", "neg", "cut"))
def test_the_factors_make_up_the_product(product: Variable) -> None:
    found, sign = factors(product)
    total = float(sign)
    for factor in found:
        total = (
            total / value(factor.variable) if factor.inverted else total * value(factor.variable)
        )
    assert total == value(product)
    assert len(found) <= MOST_LEAVES


@cases(tested=60, hunted=3000)
@given(trees("mul", "div", "neg", "cut"), st.data())
def test_a_factor_is_replaced_or_taken_out(product: Variable, data: Any) -> None:
    factor = data.draw(st.sampled_from(factors(product)[0]))
    doubled = edit_product(product, {factor.path: 2 * factor.variable})
    assert value(doubled) == value(product) * (0.5 if factor.inverted else 2)
    without = edit_product(product, {factor.path: None})
    removed = value(factor.variable)
    expected = value(product) * removed if factor.inverted else value(product) / removed
    assert abs(value(without)) == abs(expected)
    if without is not None:
        assert value(without) == expected


@cases(tested=60, hunted=3000)
@given(trees("add", "sub", "neg"), st.data())
def test_the_terms_are_replaced(total: Variable, data: Any) -> None:
    found = terms(total)
    same = {term.path: term.variable for term in found}
    assert value(edit_sum(total, same)) == value(total)
    term = data.draw(st.sampled_from(found))
    moved = value(edit_sum(total, {**same, term.path: term.variable + 8}))
    assert abs(moved - value(total)) == 8


def test_quick_looks() -> None:
    a, b, *_ = LEAVES
    assert holds_curve(a * -(T.exp(b) / a))
    assert not holds_curve(a * (T.exp(b) + 1))
    assert is_cut_off(T.switch(a > 0, b, 0.0))
    assert not is_cut_off(T.switch(a > 0, b, 1.0))


def test_what_a_curve_is_of() -> None:
    a = LEAVES[0]
    curve = curve_of(T.sigmoid(T.neg(T.neg(T.neg(a)))))
    assert curve is not None
    assert (curve.kind, curve.base, curve.negative) == ("sigmoid", a, True)
    assert curve_of(T.exp(T.lscalar("k"))) is None  # among integers, -k may overflow
    assert curve_of(a) is None


def test_every_pair_in_both_orders() -> None:
    a, b, c, _ = LEAVES
    found = factors(a * b / c)[0]
    assert len(list(pairs(found))) == 6
