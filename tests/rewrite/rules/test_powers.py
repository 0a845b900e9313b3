"""Powers with small exponents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import names_of

SPECIAL = np.array([0.0, -0.0, 1.5, -2.0, np.inf, np.nan])


@pytest.mark.parametrize(
    ("exponent", "left"), [(1, []), (2, ["sqr"]), (-1, ["dimshuffle", "true_div"]), (3, ["pow"])]
)
def test_what_is_left_of_a_power(exponent: int, left: list[str]) -> None:
    x = T.dvector("x")
    written = Graph((x,), (x**exponent,))
    graph = rewrite(written, DEFAULT).graph
    assert [name for name in names_of(graph) if name != "dimshuffle"] == [
        name for name in left if name != "dimshuffle"
    ]
    with np.errstate(all="ignore"):
        expected, found = (kg.interpret(g, [SPECIAL])[0] for g in (written, graph))
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_any_number_to_the_power_of_zero_is_one() -> None:
    x = T.dvector("x")
    (found,) = kg.interpret(rewrite(Graph((x,), (x**0,)), DEFAULT).graph, [SPECIAL])
    np.testing.assert_array_equal(found, np.ones(6))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "bool"])
def test_a_square_that_would_change_its_dtype_stays(dtype: str) -> None:
    x: Any = T.TensorType(dtype, (None,))("x")
    written = Graph((x,), (x ** np.int16(2),))
    graph = rewrite(written, DEFAULT).graph
    assert "sqr" not in names_of(graph)
    numbers = [np.array([0, 1, 100]).astype(dtype)]
    expected, found = (kg.interpret(g, numbers)[0] for g in (written, graph))
    np.testing.assert_array_equal(found, expected)


def test_a_product_with_itself_is_a_square() -> None:
    x, y = T.dvectors("x", "y")
    assert names_of(rewrite(Graph((x,), (x * x,)), DEFAULT).graph) == ["sqr"]
    assert names_of(rewrite(Graph((x, y), (x * y,)), DEFAULT).graph) == ["mul"]
