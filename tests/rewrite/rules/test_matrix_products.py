"""Logarithms of products of matrices that hold exponentials, and vectors that are matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.rules.far import FAR, MANY, PART, UP, WEIGHTS, log_sum
from tests.rewrite.support import slope, value


def test_products_of_matrices() -> None:
    x, w, many = np.array(FAR), np.array(WEIGHTS), np.array(MANY)
    expected = log_sum(w, x)
    columns = np.stack([log_sum(column, x) for column in many.T], axis=1)
    close: dict[str, Any] = {"rtol": 1e-15}
    for k in (0, 1):
        np.testing.assert_allclose(
            value(lambda a, b: T.log(T.dot(T.exp(a), b)), x[k], w), expected[k], **close
        )
    np.testing.assert_allclose(value(lambda a, b: T.log(T.exp(a) @ b), x, w), expected, **close)
    np.testing.assert_allclose(value(lambda a, b: T.log(b @ T.exp(a)), x.T, w), expected, **close)
    np.testing.assert_allclose(value(lambda a, b: T.log(T.exp(a) @ b), x, many), columns, **close)
    turned = value(lambda a, b: T.log(b.T @ T.exp(a).T), x, many)
    np.testing.assert_allclose(turned, columns.T, **close)
    of_vector = value(lambda a, b: T.log(T.exp(a) @ b), x[0], many)
    np.testing.assert_allclose(of_vector, columns[0], **close)


def test_a_column_without_the_largest_score_keeps_its_digits() -> None:
    found = value(lambda a, b: T.log(T.exp(a) @ b), [[650.0, -80.0]], [[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(found, [[-80.0, 650.0]], rtol=1e-15)


def test_slopes_of_products_of_matrices() -> None:
    x, w, many = np.array(FAR), np.array(WEIGHTS), np.array(MANY)
    found = value(slope(lambda a, b: T.log(T.exp(a) @ b)), x, w)
    np.testing.assert_allclose(found, [[PART, 1 - PART]] * 2, rtol=1e-14)
    found = value(slope(lambda a, b: T.log(T.exp(a) @ b)), x, many)
    np.testing.assert_allclose(found, [[PART + UP, 2 - PART - UP]] * 2, rtol=1e-14)
    found = value(slope(lambda a, b: T.log(b @ T.exp(a))), x.T, many.T)
    np.testing.assert_allclose(found, np.transpose([[PART + UP, 2 - PART - UP]] * 2), rtol=1e-14)


def test_means_and_weights_of_more_digits() -> None:
    x, w = np.array(FAR), np.array(WEIGHTS)
    found = value(lambda a, b: T.log((b * T.exp(a)).mean(axis=1)), x, w)
    np.testing.assert_allclose(found, log_sum(w / 2, x), rtol=1e-15)
    narrow, many = T.fmatrix("x"), np.stack([w, w], axis=1)
    sums = [(w * T.exp(narrow)).sum(axis=1), T.exp(narrow) @ w, (T.exp(narrow) @ many)[:, 0]]
    for total in sums:
        graph = rewrite(Graph((narrow,), (T.log(total),)), DEFAULT).graph
        found = kg.interpret(graph, [x.astype("float32")])[0]
        np.testing.assert_allclose(found, log_sum(w, x), rtol=1e-15)
