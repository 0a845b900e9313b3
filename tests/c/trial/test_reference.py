"""What a program should give when it is tried, and how far from it a right one may be."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.trial.reference import Reference, TooLongError, is_rounded, trial_call
from kernelgraph.graph import Apply, Graph, Variable

X = T.dvector("x")
NUMBERS = np.linspace(0.1, 3.0, 50)


def reference(output: Variable, numbers: Any = NUMBERS) -> Reference:
    return Reference(Graph((X,), (output,)), [numbers], time.thread_time() + 10)


def test_an_exact_graph_has_one_right_answer() -> None:
    exact = reference(X * 3 - 1)
    right = NUMBERS * 3 - 1
    assert exact.exact
    assert exact.difference([right]) is None
    wrong = right.copy()
    wrong[7] = np.nextafter(wrong[7], 9)
    assert "result 0" in (exact.difference([wrong]) or "")


def test_last_digits_of_what_is_rounded_may_differ() -> None:
    rounded = reference(T.exp(X).sum())
    right = np.asarray(np.exp(NUMBERS).sum())
    assert not rounded.exact
    assert rounded.difference([np.asarray(right * (1 + 1e-14))]) is None
    assert rounded.difference([np.asarray(right * (1 + 1e-9))]) is not None


def test_what_cancels_may_differ_by_more() -> None:
    difference = reference(T.exp(X) - T.exp(X + 1e-12))
    right = np.exp(NUMBERS) - np.exp(NUMBERS + 1e-12)
    assert difference.difference([right * (1 + 1e-6)]) is None
    assert difference.difference([right + 1.0]) is not None


def test_another_shape_is_wrong() -> None:
    assert "shape" in (reference(X + 1).difference([NUMBERS[:-1] + 1]) or "")


def test_nan_and_infinity_count() -> None:
    x = np.array([np.nan, np.inf, 1.0])
    assert reference(X + 1, x).difference([x + 1]) is None
    assert reference(X + 1, x).difference([np.array([0.0, np.inf, 2.0])]) is not None


def made_by(variable: Variable) -> Apply:
    assert variable.owner is not None
    return variable.owner


def test_which_ops_are_rounded() -> None:
    for exact in (X + 1, T.maximum(X, 1), X.max(), T.sqrt(X), T.cast(X, "int64"), X[1:]):
        assert not is_rounded(made_by(exact)), exact
    for rounded in (T.exp(X), X.sum(), T.dot(X, X), X**3.5):
        assert is_rounded(made_by(rounded)), rounded


def test_functions_of_users_do_not_run() -> None:
    ran: list[int] = []

    @kg.as_op([T.dvector], T.dvector)
    def seen(x: Any) -> Any:
        ran.append(1)
        return x

    (result,) = trial_call(made_by(seen(X)))(NUMBERS)
    assert result.shape == NUMBERS.shape
    assert not ran


def test_what_takes_too_long_is_not_tried() -> None:
    with pytest.raises(TooLongError):
        Reference(Graph((X,), (X + 1,)), [NUMBERS], time.thread_time() - 1)
    rows = T.dmatrix("rows")
    many = np.broadcast_to(NUMBERS, (10**6, 50))
    with pytest.raises(TooLongError):
        Reference(Graph((rows,), (rows + 1,)), [many], time.thread_time() + 10)
