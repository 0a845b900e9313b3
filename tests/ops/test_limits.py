"""Functions of logarithms at their limits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.support import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_values(target: str) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    outputs = [T.xlogx(x), T.xlogy0(x, y), T.logit(x), T.betaln(x + 1, y), T.log1mexp(-y)]
    f = kg.function([x, y], outputs, target=target)
    xs, ys = np.array([0.0, 0.25, 1 - 2.0**-40, 0.5]), np.array([3.0, 1e-12, 0.5, 40.0])
    with np.errstate(divide="ignore"):
        found = f(xs, ys)
    wanted = [
        [v * math.log(v) if v else 0.0 for v in xs],
        [v * math.log(w) if v else 0.0 for v, w in zip(xs, ys, strict=True)],
        [-math.inf, *(math.log(v / (1 - v)) for v in xs[1:])],
        [float(mpmath.log(mpmath.beta(v + 1, w))) for v, w in zip(xs, ys, strict=True)],
        [float(mpmath.log(-mpmath.expm1(-mpmath.mpf(w)))) for w in ys],
    ]
    for array, numbers in zip(found, wanted, strict=True):
        np.testing.assert_allclose(array, numbers, rtol=1e-14, atol=1e-15)


def test_derivatives() -> None:
    points = [np.array([0.3, 0.6]), np.array([1.5, 0.2])]
    with kg.config.change_flags(target="interpret"):
        for function in (
            lambda x, y: T.xlogy0(x, y) + T.betaln(x, y),
            lambda x, y: T.xlogx(y) + T.logit(x) + T.log1mexp(-y),
        ):
            T.verify_grad(function, points, rng=np.random.RandomState(0))
        x = T.dvector("x")
        slope = T.grad(T.xlogx(x).sum(), x)
        np.testing.assert_allclose(slope.eval({x: [0.0, 1.0]}), [0, 1])


def test_dtypes() -> None:
    assert [T.logit(T.fvector("v")).dtype, T.xlogx(T.lvector("v")).dtype] == ["float32", "float64"]
    assert T.log1mexp(T.fvector("v")).dtype == "float32"
