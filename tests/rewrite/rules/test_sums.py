"""Terms that change nothing, whatever is repeated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.op import as_variable
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT

X: Any = T.dmatrix("x")


@pytest.mark.parametrize("number", [-0.0, 0.0, 1.5])
def test_adding_zero_to_a_repeated_number(number: float) -> None:
    """Only -0 is changed by it."""
    repeated = broadcast_like(as_variable(np.array([[number]])), X)
    graph = rewrite(kg.Graph((X,), (repeated + 0.0,)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.ones((2, 3))])
    assert (found == number).all()
    assert not np.signbit(found).any()
