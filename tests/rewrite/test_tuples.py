"""Rules written as tuples, and rules from functions."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.rewrite.check import refute
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.matching import constant_behind
from kernelgraph.rewrite.tuples import node_rewriter, op_remove, op_sub, pattern_sub


def test_a_pattern_as_a_tuple() -> None:
    x, y = T.dvectors("x", "y")
    simplify = pattern_sub((T.true_div, (T.mul, "x", "y"), "y"), "x", name="simplify")
    graph = rewrite(kg.Graph((x, y), (T.exp(x) * y / y,)), [simplify]).graph
    assert [node.op for node in graph.apply_nodes()] == [T.exp]
    assert "simplify: for " in (refute(simplify) or ""), "y may be 0"


def test_both_sides_have_ops() -> None:
    x = T.dvector("x")
    twice = pattern_sub((T.add, "x", "x"), (T.mul, 2, "x"))
    *_, node = rewrite(kg.Graph((x,), (x + x,)), [twice]).graph.apply_nodes()
    assert node.op is T.mul
    assert refute(twice) is None
    assert twice.name == "pattern_sub_add"
    assert twice.why == "x + x is written as 2 * x."


def test_a_part_with_a_constraint() -> None:
    x, m = T.dvector("x"), T.dmatrix("m")
    only_vectors = {"pattern": "x", "constraint": lambda v: v.ndim == 1}
    own = pattern_sub((T.neg, (T.neg, only_vectors)), "x")
    for variable, left in ((x, 0), (m, 2)):
        graph = rewrite(kg.Graph((variable,), (T.neg(T.neg(variable)),)), [own]).graph
        assert len(graph.apply_nodes()) == left


@pytest.mark.parametrize("wrong", [(T.exp, [1]), ((T.exp,),), None])
def test_what_is_no_pattern(wrong: Any) -> None:
    with pytest.raises(RuleError, match=r"no pattern|no op"):
        pattern_sub(wrong, "x")


def test_one_op_for_another_and_none() -> None:
    x = T.dvector("x")
    graph = rewrite(kg.Graph((x,), (T.exp(T.tanh(x)),)), [op_sub(T.exp, T.expm1)]).graph
    assert [node.op for node in graph.apply_nodes()] == [T.tanh, T.expm1]
    graph = rewrite(kg.Graph((x,), (T.exp(T.tanh(x)),)), [op_remove(T.tanh)]).graph
    assert [node.op for node in graph.apply_nodes()] == [T.exp]


def test_a_function_of_a_node() -> None:
    @node_rewriter([T.mul])
    def double(node: Any) -> Any:
        """Written as a sum."""
        x, y = node.inputs
        return [x + x] if constant_behind(y) is not None else False

    x = T.dvector("x")
    (node,) = rewrite(kg.Graph((x,), (x * 2,)), [double]).graph.apply_nodes()
    assert node.op is T.add
    assert double.why == "Written as a sum."
    (same,) = rewrite(kg.Graph((x,), (x * x,)), [double]).graph.apply_nodes()
    assert same.op is T.mul
