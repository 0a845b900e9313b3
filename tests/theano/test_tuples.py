"""Rules written as tuples, and rules from functions."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import RuleError
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.matching import constant_behind
from kernelgraph.rewrite.proof.check import examine, refute
from kernelgraph.theano.tuples import node_rewriter, op_remove, op_sub, pattern_sub


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


NO_RULES: list[tuple[Any, Any, str]] = [
    ((T.exp, "x"), "y", "y is on the right side only"),
    ("x", (T.exp, "x"), "left side is no op of its wildcards: x"),
    ((T.exp, "a b"), "a b", "'a b' is no wildcard"),
    ((T.exp, {"pattern": (T.log, "x"), "constraint": bool}), "x", "asked about a wildcard"),
    ((T.exp, {"pattern": "x", "constraint": 5}), "x", "a constraint is a function"),
]


@pytest.mark.parametrize(("before", "after", "words"), NO_RULES)
def test_what_is_no_rule(before: Any, after: Any, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        pattern_sub(before, after)
    assert "in test_what_is_no_rule" in str(caught.value)


def test_they_are_defined_where_they_are_asked_for() -> None:
    made = [pattern_sub((T.exp, "x"), "x"), op_sub(T.exp, T.sin), op_remove(T.exp)]
    assert {rule.place.filename for rule in made} == {__file__}
    assert {rule.place.function for rule in made} == {
        "test_they_are_defined_where_they_are_asked_for"
    }

    @node_rewriter([T.exp])
    def idle(node: Any) -> None:
        """It finds nothing."""

    assert (idle.place.filename, idle.place.function) == (__file__, "idle")


def test_a_program_calls_a_rule_and_its_wildcards_by_names_of_python(
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = pattern_sub((T.mul, (T.true_div, "graph", "kg"), "kg"), "graph", name="my rule")
    code = examine(odd).code
    assert code is not None
    assert code.startswith("# my_rule is the rule 'my rule'\n")
    exec(code, {"my_rule": odd})
    old, new = capsys.readouterr().out.splitlines()
    assert old != new
    keyword = examine(pattern_sub((T.mul, "x", 0), 0, name="if")).code or ""
    assert keyword.startswith("# rule_if is the rule 'if'\n")


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
