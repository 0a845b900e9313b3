"""Logarithms of 1 + tanh and 1 - tanh, squares of 1 + exp, and slopes of cross-entropy by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

FAR = np.array([1000.0, -1000.0, 30.0, -30.0, 0.0, 1e-9, 0.3, -0.7])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32"])
def test_one_plus_and_minus_tanh(dtype: str) -> None:
    x = T.TensorType(dtype, (None,))("x")
    t = T.tanh(x)
    outputs = [T.log(1 - t), T.log(1 + t), T.log1p(-t), T.log((1 - t) * (1 + t))]
    outputs += [T.exp(x) / (1 + T.exp(x)) ** 2, T.exp(-x) / T.sqr(1 + T.exp(-x))]
    at = FAR.astype(dtype)
    near = at.astype(float)
    left, right = (np.log(2) - np.logaddexp(0, sign * 2 * near) for sign in (1, -1))
    small = np.tanh(np.clip(near, -0.1, 0.1))
    left, right = (
        np.where(abs(near) < 0.1, np.log1p(sign * small), far)
        for sign, far in ((-1, left), (1, right))
    )
    density = np.exp(-abs(near)) / (1 + np.exp(-abs(near))) ** 2
    wanted = [left, right, left, left + right, density, density]
    digits = 1e-14 if dtype == "float64" else 1e-6
    found = kg.function([x], outputs, target="python")(at)
    for value, right_one in zip(found, wanted, strict=True):
        np.testing.assert_allclose(value, right_one, rtol=digits, atol=digits)


def test_slopes_of_logarithms_with_tanh() -> None:
    x = T.dvector("x")
    t = T.tanh(x)
    costs = [T.log(1 - t), T.log(1 + t)]
    f = kg.function([x], [T.grad(cost.sum(), x) for cost in costs], target="python")
    left = 2 / (1 + np.exp(np.clip(-2 * FAR, None, 700)))
    wanted = [-left, 2 - left]
    for value, right_one in zip(f(FAR), wanted, strict=True):
        np.testing.assert_allclose(value, right_one, rtol=1e-12, atol=1e-12)


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
