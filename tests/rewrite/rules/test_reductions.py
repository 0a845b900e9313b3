"""Sums that are there already, in whatever shape they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.reductions import mean_of_the_variance


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_mean_of_a_variance_fits_without_help_of_other_rules(axis: int, keepdims: bool) -> None:
    x = T.dmatrix("x")
    product = T.mean(x, axis, keepdims=keepdims) * T.var(x, axis, keepdims=keepdims)
    rewriting = rewrite(kg.Graph((x,), (product,)), [mean_of_the_variance])
    assert rewriting.counts() == {"mean_of_the_variance": 1}
    values = np.arange(6.0).reshape(2, 3) ** 2
    (found,) = kg.interpret(rewriting.graph, [values])
    expected = values.mean(axis, keepdims=keepdims) * values.var(axis, keepdims=keepdims)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
