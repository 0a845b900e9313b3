"""Lengths whose squares leave the floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import Formula, errors


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
@pytest.mark.parametrize("by_axis", [True, False])
def test_a_length_at_any_scale(scale: float, by_axis: bool) -> None:
    x = T.dvector("x")
    length: Any = T.sqrt((x**2).sum()) if by_axis else T.sqrt(x[0] ** 2 + x[1] ** 2)
    graph = rewrite(kg.Graph((x,), (length,)), DEFAULT).graph
    (found,) = kg.interpret(graph, [np.array([3.0, -4.0]) * scale])
    np.testing.assert_allclose(found, 5 * scale, rtol=1e-15)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.0, -0.0], 0.0), ([np.inf, 1.0], np.inf), ([np.nan, 1.0], np.nan)],
)
def test_what_is_no_ordinary_number(values: list[float], expected: float) -> None:
    x = T.dvector("x")
    graph = rewrite(kg.Graph((x,), (T.sqrt((x**2).sum()),)), DEFAULT).graph
    with np.errstate(all="ignore"):
        (found,) = kg.interpret(graph, [np.array(values)])
    np.testing.assert_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lengths_far_out(dtype: str) -> None:
    scale = np.array([[1e300], [1e-300], [1e200], [1.0]] if dtype == "float64" else
                     [[1e37], [1e-37], [1e25], [1.0]])  # fmt: skip
    x = (np.array([[3.0, 4.0, 0.5]]) * scale).astype(dtype)
    formulas: list[Formula] = [
        lambda x: T.sqrt((x**2).sum(axis=1)),
        lambda x: T.sqrt(T.sqr(x).sum()),
        lambda x: x / T.sqrt((x * x).sum(axis=1, keepdims=True)),
        lambda x: T.sqrt(x[:, 0] ** 2 + x[:, 1] ** 2),
        lambda x: T.grad(T.sqrt((x**2).sum(axis=1)).sum(), x),
        lambda x: T.sqrt((x**2).sum(axis=0)),
        lambda x: T.sqrt(T.sqr(x).sum(axis=(0, 1), keepdims=True)),
        lambda x: T.sqrt(((-2 * x) ** 2).sum(axis=1)),
        lambda x: T.sqrt(((x - 3) ** 2).sum(axis=1)) + T.sqrt((x**2).sum(axis=1)),
    ]
    for formula in formulas:
        assert max(errors(formula, x)) <= 2.5


def test_lengths_of_nothing_and_of_infinity() -> None:
    x = T.dmatrix("x")
    graph = rewrite(Graph((x,), (T.sqrt((x**2).sum(axis=1)),)), DEFAULT).graph
    rows = np.array([[0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0], [-np.inf, np.inf]])
    np.testing.assert_array_equal(kg.interpret(graph, [rows])[0], [0, np.inf, np.nan, np.inf])


@pytest.mark.parametrize("target", ["c", "python"])
def test_lengths_are_computed_anew_only_where_they_must(target: str) -> None:
    """In range the bits are those of the plain sum; also in a loop, and of no numbers."""
    x, rows = T.dvector("x"), T.dmatrix("rows")
    steps, _ = kg.scan(lambda row: T.sqrt((row**2).sum()), sequences=rows)
    outputs = [T.sqrt((x**2).sum()), T.sqrt((rows**2).sum(axis=1)), steps]
    f = kg.function([x, rows], outputs, target=target)
    near = np.array([[3.0, 4.0], [5.0, 12.0]])
    for value, matrix, lengths in (
        ([1.0, 2.0, 2.0], near, [5, 13]),
        ([], near * 2.0**800, [5 * 2.0**800, 13 * 2.0**800]),
        ([2.0**-800], near * [[2.0**-900], [1.0]], [5 * 2.0**-900, 13]),
        ([0.0], np.zeros((0, 2)), []),
    ):
        one, all_at_once, in_turn = f(value, matrix)
        assert one == np.sqrt(np.sum(np.square(value))) or one == value[0]
        np.testing.assert_array_equal(all_at_once, lengths)
        np.testing.assert_array_equal(in_turn, lengths)


def test_a_power_of_one_half_is_a_root() -> None:
    assert max(errors(lambda x: (x**2).sum() ** 0.5, [3e200, 4e200])) < 4
