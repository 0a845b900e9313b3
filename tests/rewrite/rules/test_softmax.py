"""Softmax: logarithms, cross-entropy and its derivatives where probabilities round to 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.rewrite.rules.far import OPPOSITE, ROWS
from tests.rewrite.support import Formula, errors, slope, value


def test_slopes_of_softmax() -> None:
    found = value(slope(lambda a: T.log(1 - T.softmax(a))), [[1000.0, 0.0, -1000.0]])
    np.testing.assert_allclose(found, [[-1.0, 1.0, 0.0]])
    labels = np.eye(2)[::-1]
    found = value(slope(lambda a, b: T.log((b * T.softmax(a)).sum(axis=1))), OPPOSITE, labels)
    np.testing.assert_allclose(found, [[-1.0, 1.0], [1.0, -1.0]])
    found = value(slope(lambda a: T.log((labels * T.softmax(a)).sum(axis=1))), OPPOSITE)
    np.testing.assert_allclose(found, [[-1.0, 1.0], [1.0, -1.0]])


SCORES = np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -1002.0], [3.0, -2.0, 750.0]])

SHARES = np.exp(SCORES - SCORES.max(1, keepdims=True))

SHARES /= SHARES.sum(1, keepdims=True)


def by_hand(m: Any) -> Any:
    """A softmax of rows as people write it."""
    return T.exp(m) / T.exp(m).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("softmax", [T.softmax, by_hand])
@pytest.mark.parametrize(("total", "scale"), [(T.sum, 1.0), (T.mean, 1 / 9)])
def test_cross_entropy_of_equal_weights(softmax: Any, total: Any, scale: float) -> None:
    m = T.dmatrix("m")
    slope = T.grad(-total(T.log(softmax(m))), m)
    found = kg.function([m], slope, target="python")(SCORES)
    np.testing.assert_allclose(found, scale * (3 * SHARES - 1), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("softmax", [T.softmax, by_hand])
def test_cross_entropy_of_classes_that_are_picked_first(softmax: Any) -> None:
    m, y = T.dmatrix("m"), T.lvector("y")
    picked = softmax(m)[T.arange(y.shape[0]), y]
    slopes = [T.grad(cost, m) for cost in (-T.log(picked).sum(), T.log(1 / picked).sum())]
    classes = np.array([1, 2, 0])
    wanted = SHARES - np.eye(3)[classes]
    for found in kg.function([m, y], slopes, target="python")(SCORES, classes):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def test_scores_less_one_of_them_are_no_shifted_scores() -> None:
    m = T.dmatrix("m")
    cost = T.log(T.exp(m - m[:, 0].dimshuffle(0, "x")).sum(axis=1))
    found = kg.function([m], [cost, T.grad(cost.sum(), m)], target="python")(SCORES[:, ::-1])
    turned = SCORES[:, ::-1]
    wanted = np.logaddexp.reduce(turned - turned[:, :1], axis=1)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-14)
    slope = SHARES[:, ::-1] - np.eye(3)[[0, 0, 0]]
    np.testing.assert_allclose(found[1], slope, rtol=1e-12, atol=1e-14)


def test_the_other_classes() -> None:
    assert max(errors(lambda x: T.log(1 - T.softmax(x)), ROWS)) <= 2.5
    assert max(errors(lambda x: T.log(1 - T.softmax(x, axis=0)), ROWS)) <= 2.5


def test_softmax_of_all() -> None:
    for axes in (None, (0, 1)):
        formulas: list[Formula] = [
            lambda x, a=axes: T.exp(x) / T.exp(x).sum(axis=a, keepdims=True),
            lambda x, a=axes: T.grad(T.log(T.exp(x).sum(axis=a)), x),
            lambda x, a=axes: T.log(T.exp(x) / T.exp(x).sum(axis=a)),
        ]
        for formula in formulas:
            assert max(errors(formula, ROWS)) <= 2.5
    assert max(errors(lambda x: T.exp(x) / T.exp(x).sum(), ROWS / 1.5)) <= 2.5
