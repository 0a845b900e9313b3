"""True values: what an expression is on paper, with more digits than floats have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.proof.truth import UnknownTruthError, error_in_digits, true_values

X: Any = T.dvector("x")
MP: Any = mpmath


def truth(expression: Any, *numbers: float) -> list[Any]:
    return list(true_values(Graph((X,), (expression,)), [np.array(numbers)]))


@pytest.mark.parametrize(
    ("expression", "x", "expected"),
    [
        (T.log(1 + T.exp(X)), -800.0, MP.exp),
        (T.exp(X) - 1, 1e-300, lambda x: x),
        (T.softplus(X), 1e5, lambda x: x),
        (T.log(T.erfc(X)), 100.0, lambda x: MP.log(MP.erfc(x))),
        (T.sqrt(X * X), 1e300, lambda x: x),
    ],
)
def test_no_digit_is_lost(expression: Any, x: float, expected: Callable[[Any], Any]) -> None:
    (found,) = truth(expression, x)
    with MP.workdps(450):
        assert abs(found / expected(MP.mpf(x)) - 1) < MP.mpf("1e-130")


def test_sums_softmax_and_views() -> None:
    (total,) = truth(T.exp(X).sum().dimshuffle("x"), 800.0, -800.0)
    assert float(MP.log(total)) == 800.0
    shares = truth(T.softmax(X), 800.0, 0.0)
    assert float(MP.log(shares[1])) == -800.0


def test_where_no_real_number_is_meant() -> None:
    assert all(map(MP.isnan, truth(T.log(X), -1.0, -2.0)))
    assert MP.isnan(truth(1 / X, 0.0)[0])


def test_an_op_without_a_meaning_on_record() -> None:
    with pytest.raises(UnknownTruthError, match="exact meaning"):
        truth(X // 2.0, 1.0)


def test_errors_in_units_of_the_last_digit() -> None:
    one = np.float64(1)
    assert error_in_digits(one, MP.mpf(1), "float64") == 0
    assert error_in_digits(np.nextafter(one, 2), MP.mpf(1), "float64") == 1
    assert error_in_digits(np.nextafter(one, 2), MP.mpf(1), "float32") < 1e-8
    assert error_in_digits(np.float64(np.inf), MP.mpf("1e400"), "float64") == 0
    assert error_in_digits(np.float64(np.nan), MP.mpf(1), "float64") == np.inf
