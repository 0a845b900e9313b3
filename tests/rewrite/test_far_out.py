"""What people write about probabilities has its value far out, where exponentials leave the floats.

The right values are what the formulas are on paper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.programs import program
from tests.rewrite.rules.test_logarithms import value

FAR = [[1000.0, 999.0], [-1000.0, -1001.0]]
OPPOSITE = [[1000.0, -1000.0], [-1000.0, 1000.0]]
WEIGHTS = [0.3, 0.7]
MANY = [[0.3, 0.5], [0.7, 0.5]]
UP = 1 / (1 + np.exp(-1.0))
"""What the larger of two scores that differ by 1 has of both."""

PART = 0.3 / (0.3 + 0.7 * np.exp(-1.0))
"""The same with weights."""


def log_sum(weights: Any, x: Any) -> Any:
    """log(sum(weights * exp(x))) of rows."""
    top = np.max(x, axis=-1)
    return top + np.log((weights * np.exp(x - top[..., None])).sum(axis=-1))


def slope(cost: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of a sum of costs with respect to their first operand."""
    return lambda *given: T.grad(cost(*given).sum(), given[0])


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


def test_parts_of_a_softmax() -> None:
    x = np.array(OPPOSITE)
    ratio = value(lambda a: T.log(T.softmax(a)[:, 0] / T.softmax(a)[:, 1]), x)
    np.testing.assert_array_equal(ratio, [2000.0, -2000.0])
    picked = value(lambda a: T.log(1 / T.softmax(a)[T.arange(2), np.array([1, 0])]), x)
    np.testing.assert_array_equal(picked, [2000.0, 2000.0])
    wide = np.array([[1000.0, -1000.0, -999.0], [-1000.0, 1000.0, 1000.0]])
    expected = [-1999.0 + np.log1p(np.exp(-1.0)), 0.0]
    sums: list[Callable[[Any], Any]] = [
        lambda a: T.log(T.softmax(a)[:, 1] + T.softmax(a)[:, 2]),
        lambda a: T.log(T.softmax(a)[:, 1:].sum(axis=1)),
    ]
    for total in sums:
        np.testing.assert_allclose(value(total, wide), expected, rtol=1e-15, atol=1e-300)


@pytest.mark.parametrize(
    ("formula", "x", "expected"),
    [
        (lambda x: T.log(T.softplus(x)), [-1000.0, 1000.0], [-1000.0, np.log(1000.0)]),
        (lambda x: T.log(T.log(1 + T.exp(x))), [-1000.0], [-1000.0]),
        (slope(lambda x: T.log(T.softplus(x))), [-1000.0, 1000.0], [1.0, 0.001]),
        (lambda x: T.log(0.5 + 0.5 * T.tanh(x)), [-1000.0, 1000.0], [-2000.0, 0.0]),
        (lambda x: T.log(0.5 * (1 + T.tanh(x / 2))), [-1000.0], [-1000.0]),
        (lambda x: T.log(0.5 - 0.5 * T.tanh(x)), [1000.0], [-2000.0]),
        (slope(lambda x: T.log(0.5 + 0.5 * T.tanh(x))), [-1000.0, 1000.0], [2.0, 0.0]),
        (slope(lambda x: T.exp(x) / (1 + T.exp(x)) ** 2), [1000.0, -1000.0], [0.0, 0.0]),
        (lambda x: 4 / (T.exp(x) + T.exp(-x)) ** 2, [300.0], [np.cosh(300.0) ** -1 / np.cosh(300)]),
        (slope(lambda x: 4 / (T.exp(x) + T.exp(-x)) ** 2), [1000.0, -1000.0], [0.0, 0.0]),
        (slope(lambda x: 1 - T.exp(-T.exp(x))), [1000.0, -1000.0], [0.0, 0.0]),
    ],
)
def test_curves(formula: Callable[[Any], Any], x: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(value(formula, x), expected, rtol=1e-14)


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


def test_slopes_of_softmax() -> None:
    found = value(slope(lambda a: T.log(1 - T.softmax(a))), [[1000.0, 0.0, -1000.0]])
    np.testing.assert_allclose(found, [[-1.0, 1.0, 0.0]])
    labels = np.eye(2)[::-1]
    found = value(slope(lambda a, b: T.log((b * T.softmax(a)).sum(axis=1))), OPPOSITE, labels)
    np.testing.assert_allclose(found, [[-1.0, 1.0], [1.0, -1.0]])
    found = value(slope(lambda a: T.log((labels * T.softmax(a)).sum(axis=1))), OPPOSITE)
    np.testing.assert_allclose(found, [[-1.0, 1.0], [1.0, -1.0]])


def test_the_slope_of_a_responsibility() -> None:
    def responsibility(x: Any, y: Any) -> Any:
        return 0.3 * T.exp(x) / (0.3 * T.exp(x) + 0.7 * T.exp(y))

    found = value(slope(responsibility), [1000.0, -1000.0], [999.0, -1001.0])
    np.testing.assert_allclose(found, [PART * (1 - PART)] * 2, rtol=1e-14)

    def of_normals(x: Any) -> Any:
        first, second = T.exp(-(x**2) / 2), T.exp(-((x - 1) ** 2) / 2)
        return 0.3 * first / (0.3 * first + 0.7 * second)

    np.testing.assert_array_equal(value(slope(of_normals), [1000.0, -1000.0]), [0.0, 0.0])


def test_the_slope_of_responsibilities_in_a_row() -> None:
    def first(x: Any, w: Any) -> Any:
        return (w * T.exp(x) / (w * T.exp(x)).sum())[0]

    found = value(slope(first), FAR[0], WEIGHTS)
    np.testing.assert_allclose(found, [PART * (1 - PART), -PART * (1 - PART)], rtol=1e-14)


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


@pytest.mark.parametrize("seed", [650, 1506])
def test_programs_that_rules_once_did_not_end_at_or_broke_on(seed: int) -> None:
    """A shift of one number, which is its own maximum; weights beside a sum of integers."""
    rewrite(program(seed), DEFAULT)  # a rule that is switched off warns, and warnings are errors
