"""One probability of each row, and parts of a softmax, are read as what they are."""

from __future__ import annotations

from typing import Any

import kernelgraph.tensor as T
from kernelgraph.ops.arithmetic import eq, switch
from kernelgraph.ops.positions import picked
from kernelgraph.ops.reductions import PickedSum
from kernelgraph.rewrite.picked import log_of_some, operands_of, picked_of, picks_one

X: Any = T.dmatrix("x")
CLASSES: Any = T.lvector("classes")
P = T.softmax(X)
ONE = picked(P, CLASSES)
MASK = operands_of(operands_of(ONE, PickedSum((1,)))[0], switch)[0]


def test_operands_of_what_an_op_made() -> None:
    assert operands_of(T.exp(X), T.exp) == [X]
    assert operands_of(T.exp(X), T.log) == operands_of(X, T.exp) == []


def test_a_mask_that_is_true_once_in_each_row() -> None:
    assert picks_one(MASK)
    assert not picks_one(eq(X, X))
    assert not picks_one(X > 0)


def test_what_is_picked_and_from_what() -> None:
    assert picked_of(ONE) == (MASK, P)
    assert picked_of(picked(T.exp(X), CLASSES)) is None  # no softmax
    assert picked_of(P.sum(axis=1)) is None  # all of it


def test_the_logarithm_of_some_probabilities() -> None:
    part, one = log_of_some(P[:, 0]), log_of_some(ONE)
    assert part is not None
    assert one is not None
    assert part.type == P[:, 0].type
    assert one.type == ONE.type
    assert log_of_some(X[:, 0]) is None
    assert log_of_some(X) is None
