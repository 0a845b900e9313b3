"""Derivatives of Cholesky's decomposition and of Q R."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GradientError, OptionError
from tests.lines import check_derivatives

N, S = T.nlinalg, T.slinalg
RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 4))
POSITIVE = A @ A.T + np.eye(4)


def test_derivatives_of_cholesky() -> None:
    check_derivatives(S.cholesky, POSITIVE)
    check_derivatives(lambda a: S.cholesky(a, lower=False), POSITIVE)
    check_derivatives(lambda a: S.cholesky(T.dot(a, a.T)), A, second=False)


def test_the_other_triangle_is_not_read() -> None:
    a = T.dmatrix("a")
    f = kg.function([a], [S.cholesky(a), S.cholesky(a, lower=False)], target="interpret")
    low, _ = f(np.tril(POSITIVE) + np.triu(A, 1))
    _, up = f(np.triu(POSITIVE) + np.tril(A, -1))
    np.testing.assert_allclose(low @ low.T, POSITIVE)
    np.testing.assert_allclose(up.T @ up, POSITIVE)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (1, 1)], ids=str)
def test_derivatives_of_qr(shape: tuple[int, int]) -> None:
    a = RNG.normal(size=shape)
    check_derivatives(N.qr, a)
    check_derivatives(N.qr, a, of=[0], second=False)
    check_derivatives(N.qr, a, of=[1], second=False)
    check_derivatives(lambda a: N.qr(a, "r"), a, second=False)


def test_a_square_q_has_no_derivative() -> None:
    a = T.dmatrix("a")
    q, r = N.qr(a, "complete")
    with pytest.raises(GradientError, match=r"KG-G022.*qr has no derivative"):
        T.grad(q.sum(), a)
    f = kg.function([a], T.Rop(r, a, a), target="interpret")
    with pytest.raises(GradientError, match=r"KG-G022.*qr has no derivative"):
        f(A)
    with pytest.raises(OptionError, match="the mode of qr"):
        N.qr(a, "full")
