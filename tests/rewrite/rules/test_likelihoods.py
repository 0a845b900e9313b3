"""Likelihoods of labels and of events, near 0 and near 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from tests.rewrite.rules.far import UP
from tests.rewrite.support import slope, value

P = {
    "sigmoid": T.sigmoid,
    "exp(x) / (1 + exp(x))": lambda x: T.exp(x) / (1 + T.exp(x)),
    "1 / (1 + exp(-x))": lambda x: 1 / (1 + T.exp(-x)),
}


@pytest.mark.parametrize("p", P.values(), ids=list(P))
def test_the_likelihood_of_labels(p: Callable[[Any], Any]) -> None:
    x, labels = [-1000.0, 1000.0, -1000.0, 1000.0, 2.0], [1.0, 0.0, 0.0, 1.0, 1.0]
    logarithm = [-1000.0, -1000.0, 0.0, 0.0, -np.log1p(np.exp(-2.0))]
    expected = [1.0, -1.0, 0.0, 0.0, 1 / (1 + np.exp(2.0))]
    likelihoods: list[Callable[..., Any]] = [
        lambda x, y: T.log(p(x) ** y * (1 - p(x)) ** (1 - y)),
        lambda x, y: T.log(y * p(x) + (1 - y) * (1 - p(x))),
    ]
    for likelihood in likelihoods:
        np.testing.assert_allclose(value(likelihood, x, labels), logarithm, rtol=1e-15)
        np.testing.assert_allclose(value(slope(likelihood), x, labels), expected, rtol=1e-14)


def test_how_near_a_probability_is_to_its_label() -> None:
    x, labels = [-1000.0, 1000.0, -1000.0, 1000.0, 2.0], [1.0, 0.0, 0.0, 1.0, 0.75]
    p = 1 / (1 + np.exp(-2.0))
    soft = 1 - abs(0.75 - p)
    expected = [-1000.0, -1000.0, 0.0, 0.0, np.log(soft)]
    slopes = [1.0, -1.0, 0.0, 0.0, -p * (1 - p) / soft]

    def closeness(x: Any, y: Any) -> Any:
        return T.log(1 - abs(y - T.sigmoid(x)))

    np.testing.assert_allclose(value(closeness, x, labels), expected, rtol=1e-14)
    np.testing.assert_allclose(value(slope(closeness), x, labels), slopes, rtol=1e-13)
    found = value(lambda x, y: T.log(abs(1 - y - T.sigmoid(x))), x, labels)
    assert found[4] == pytest.approx(np.log(p - 0.25))


def test_one_of_several_rare_events() -> None:
    def either(x: Any, y: Any) -> Any:
        return T.log(1 - (1 - T.sigmoid(x)) * (1 - T.sigmoid(y)))

    found = value(either, [-1000.0, 0.0, -1000.0], [-999.0, 0.0, 1000.0])
    np.testing.assert_allclose(found, [-999 + np.log1p(np.exp(-1.0)), np.log(0.75), 0.0])
    found = value(slope(either), [-1000.0, -1000.0, 0.0, 1000.0], [-1000.0, -999.0, 0.0, -999.0])
    np.testing.assert_allclose(found, [0.5, 1 - UP, 1 / 6, 0.0], rtol=1e-12)
