"""Tails of the normal distribution."""

from __future__ import annotations

import mpmath
import numpy as np

import kernelgraph.tensor as T
from tests.rewrite.support import Formula, left, value


def test_the_normal_distribution_from_either_side() -> None:
    x = np.array([-30.0, -5.0, 0.3, 5.0, 30.0])
    normal: list[Formula] = [
        lambda x: 0.5 * (1 + T.erf(x)),
        lambda x: 0.5 + 0.5 * T.erf(x),
        lambda x: (1 + T.erf(x)) / 2,
        lambda x: 1 - T.erfc(x) / 2,
    ]
    for formula in normal:
        assert left(formula).count("erfc") == 1
        assert "erf" not in left(formula)
        logs = value(lambda x, formula=formula: T.log(formula(x)), x)
        np.testing.assert_allclose(logs[0], float(mpmath.log(mpmath.erfc(30) / 2)), rtol=1e-15)
        slopes = value(lambda x, f=formula: T.grad(T.log(f(x)).sum(), x), x)
        slope = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-900) / mpmath.erfc(30)
        np.testing.assert_allclose(slopes[0], float(slope), rtol=1e-14)
