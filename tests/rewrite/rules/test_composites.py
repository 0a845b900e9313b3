"""Composite ops are taken apart last, into what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.op import Composite
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.composites import definition
from kernelgraph.rewrite.rules.order import DEFAULT


@pytest.mark.parametrize("op", [T.softmax, T.log_softmax, T.logsumexp])
@pytest.mark.parametrize("axis", [0, 1])
def test_none_is_left(op: Callable[..., Any], axis: int) -> None:
    x = T.dmatrix("x")
    written = kg.Graph((x,), (op(x, axis=axis),))
    apart = rewrite(written, [definition]).graph
    assert not any(isinstance(node.op, Composite) for node in apart.apply_nodes())
    numbers = [np.array([[1.0, 800.0], [-800.0, 2.0]])]
    found, expected = kg.interpret(apart, numbers)[0], kg.interpret(written, numbers)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_rules_that_know_the_whole_op_come_first() -> None:
    x = T.dmatrix("x")
    steps = [step.rule for step in rewrite(kg.Graph((x,), (T.log(T.softmax(x)),)), DEFAULT).steps]
    assert steps.index("log_of_softmax") < steps.index("definition")


def test_other_ops_are_left_alone() -> None:
    x = T.dmatrix("x")
    assert not rewrite(kg.Graph((x,), (T.exp(x).sum(axis=1),)), [definition]).log
