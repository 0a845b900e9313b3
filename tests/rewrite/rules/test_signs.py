"""Minus signs beside sums."""

from __future__ import annotations

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.rewrite.rules.signs import minus_negative, plus_negative


def test_a_minus_sign_beside_a_whole_number() -> None:
    """The 1 of a formula is an integer; what has the sign is not."""
    x = T.dvector("x")
    for formula, op in ((1 + T.neg(T.exp(x)), T.sub), (1 - T.neg(T.exp(x)), T.add)):
        graph = rewrite(kg.Graph((x,), (formula,)), [plus_negative, minus_negative]).graph
        assert [node.op for node in graph.apply_nodes()][-1] is op
        assert T.neg not in [node.op for node in graph.apply_nodes()]


def test_an_integer_whose_negative_overflows_keeps_its_sign() -> None:
    k, x = T.bvector("k"), T.dvector("x")
    graph = rewrite(kg.Graph((k, x), (x + T.neg(k),)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([-128], "int8"), np.array([1.0])])
    np.testing.assert_array_equal(found, [-127.0])


def test_zero_minus_a_truth_value_is_no_negative() -> None:
    """There is none: the rule has nothing to say, and must not fail."""
    b = T.tensor("bool", (None,), "b")
    rewriting = rewrite(kg.Graph((b,), (0 - b, T.constant(np.int64(0)) - b)), DEFAULT)
    found = kg.interpret(rewriting.graph, [np.array([False, True])])
    assert [value.tolist() for value in found] == [[0, -1], [0, -1]]
