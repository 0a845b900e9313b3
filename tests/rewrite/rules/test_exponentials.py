"""Exponentials beside what makes them vanish, and reciprocals of them."""

from __future__ import annotations

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.walks import walk
from tests.rewrite.support import Formula, errors, left, value


def test_elu_beyond_the_largest_exponential() -> None:
    formulas: list[Formula] = [
        lambda x: T.switch(x > 0, x, T.exp(x) - 1),
        lambda x: T.switch(x <= 0, T.exp(x) - 1, x),
        lambda x: T.switch(x < 0, T.exp(x) - 1, x),
    ]
    for elu in formulas:
        found = value(lambda x, f=elu: T.grad((2 * f(x)).sum(), x), [-800.0, -1.0, 1.0, 800.0])
        np.testing.assert_array_equal(found, [0, 2 * np.exp(-1), 2, 2])
    nan = value(lambda x: T.grad(formulas[0](x).sum(), x), [np.nan])
    assert np.isnan(nan).all()


def test_where_the_large_numbers_count_exp_overflows_as_it_must() -> None:
    for formula in (
        lambda x: T.switch(x > 0, T.exp(x), x),
        lambda x: T.switch(x > 0, T.exp(-x), x),
        lambda x: T.switch(x < 0, 0.0, T.exp(x)),
    ):
        x = np.array([-2.0, 3.0])
        found = value(lambda x, f=formula: T.grad(f(x).sum(), x), x)
        assert "minimum" not in left(lambda x, f=formula: T.grad(f(x).sum(), x))
        step = (value(formula, x + 1e-6) - value(formula, x - 1e-6)) / 2e-6
        np.testing.assert_allclose(found, step, rtol=1e-6)


def test_one_exponential_and_a_division_where_one_is_needed_anyway() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    for outputs, count in [((y * T.exp(x), y * (1 / T.exp(x))), 1), ((y * (1 / T.exp(x)),), 1)]:
        nodes = walk(rewrite(Graph((x, y), outputs), DEFAULT).graph.outputs)
        assert sum(node.op == T.exp(x).owner.op for node in nodes) == count


def test_quotients_of_exponentials() -> None:
    x, y = np.array([1000.0, -1000.0, 1.0, 400.0]), np.array([999.0, -999.0, 0.5, -300.0])
    assert max(errors(lambda x, y: T.exp(x) / T.exp(y), x, y)) < 4
    far = np.array([1000, 800, 3, -5], "int32")
    assert max(errors(lambda x: T.expm1(x) / T.exp(x), far)) < 4
