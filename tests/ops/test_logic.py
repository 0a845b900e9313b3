"""Operators of truth values are masks, which cut derivatives off."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T


def test_truth_values_are_masks() -> None:
    x: Any = T.dvector("x")
    inside = (x > 0) & ~(x > 2)
    assert inside.owner.op == T.mul
    slope = T.grad((inside * T.sqrt(x)).sum(), x)
    found = kg.function([x], slope)([0.0, 1.0, 4.0, -1.0])
    np.testing.assert_array_equal(found, [0, 0.5, 0, 0])
