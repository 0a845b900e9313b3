"""Averages with exponentials for weights, and squares that divide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import kernelgraph.tensor as T
from tests.rewrite.rules.far import FAR, MANY, UP, WEIGHTS
from tests.rewrite.support import value


def test_averages() -> None:
    x, w, many = np.array(FAR), np.array(WEIGHTS), np.array(MANY)
    up = np.array([UP, 1 - UP])

    def of_two(a: Any, b: Any) -> Any:
        return (a * T.exp(a) + b * T.exp(b)) / (T.exp(a) + T.exp(b))

    np.testing.assert_allclose(value(of_two, x[:, 0], x[:, 1]), x @ up, rtol=1e-15)
    rows: list[Callable[..., Any]] = [
        lambda a, b: (b * T.exp(a)).sum(axis=1) / T.exp(a).sum(axis=1),
        lambda a, b: T.dot(T.exp(a), b) / T.exp(a).sum(axis=1),
    ]
    for row in rows:
        np.testing.assert_allclose(value(row, x, w), [w @ up] * 2, rtol=1e-14)
    found = value(lambda a, b: T.exp(a) @ b / T.exp(a).sum(axis=1, keepdims=True), x, many)
    np.testing.assert_allclose(found, [up @ many] * 2, rtol=1e-14)
