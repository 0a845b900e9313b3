"""What is known of numbers before there are any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.op import as_variable
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.rewrite.guards import never_negative_zero

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
