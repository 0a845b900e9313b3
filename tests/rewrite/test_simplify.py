"""What simplification knows of numbers before there are any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.op import as_variable
from kernelgraph.ops.views import broadcast_like
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.simplify import RULES, never_negative_zero

X: Any = T.dmatrix("x")
NUMBERS: Any = T.dvector("numbers")

KNOWN: list[tuple[str, Any, bool]] = [
    ("a constant without it", as_variable(np.array([0.0, -1.0])), True),
    ("a constant that has one", as_variable(np.array([0.0, -0.0])), False),
    ("a constant that is repeated", broadcast_like(as_variable(np.array([[2.0]])), X), True),
    ("one that is -0, repeated", broadcast_like(as_variable(np.array([[-0.0]])), X), False),
    ("an integer", T.lvector("k"), True),
    ("an integer made a float", T.cast(T.lvector("k"), "float64"), True),
    ("a float made another float", T.cast(T.fvector("f"), "float64"), False),
    ("any float", NUMBERS, False),
    ("a magnitude", abs(NUMBERS), True),
    ("a sum", NUMBERS.sum(), True),
    ("a column of magnitudes", abs(NUMBERS).dimshuffle(0, "x"), True),
    ("a product", NUMBERS * 2, False),
]


@pytest.mark.parametrize(
    ("variable", "known"), [case[1:] for case in KNOWN], ids=[c[0] for c in KNOWN]
)
def test_where_no_zero_is_negative(variable: Any, known: bool) -> None:
    assert never_negative_zero(variable) is known


@pytest.mark.parametrize("number", [-0.0, 0.0, 1.5])
def test_adding_zero_to_a_repeated_number(number: float) -> None:
    """Only -0 is changed by it."""
    repeated = broadcast_like(as_variable(np.array([[number]])), X)
    graph = rewrite(kg.Graph((X,), (repeated + 0.0,))).graph
    (found,) = kg.interpret(graph, [np.ones((2, 3))])
    assert (found == number).all()
    assert not np.signbit(found).any()


def test_a_minus_sign_beside_a_whole_number() -> None:
    """The 1 of a formula is an integer; what has the sign is not."""
    x = T.dvector("x")
    for formula, op in ((1 + T.neg(T.exp(x)), T.sub), (1 - T.neg(T.exp(x)), T.add)):
        graph = rewrite(kg.Graph((x,), (formula,)), RULES).graph
        assert [node.op for node in graph.apply_nodes()][-1] is op
        assert T.neg not in [node.op for node in graph.apply_nodes()]


def test_an_integer_whose_negative_overflows_keeps_its_sign() -> None:
    k, x = T.bvector("k"), T.dvector("x")
    graph = rewrite(kg.Graph((k, x), (x + T.neg(k),))).graph
    (found,) = kg.interpret(graph, [np.array([-128], "int8"), np.array([1.0])])
    np.testing.assert_array_equal(found, [-127.0])
