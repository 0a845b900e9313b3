"""Lengths whose squares leave the floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT


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
