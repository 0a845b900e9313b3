"""Derivatives of eigenvalues and singular values, with their vectors, and of values alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GradientError, OptionError
from tests.lines import check_derivatives

N = T.nlinalg
RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 4))


@pytest.mark.parametrize("triangle", ["L", "U"])
def test_derivatives_of_eigenvalues(triangle: str) -> None:
    """Of the triangle that is read; the other one has none."""
    check_derivatives(lambda a: N.eigh(a, triangle), A)
    check_derivatives(lambda a: N.eigvalsh(a, triangle), A)
    a = T.dmatrix("a")
    g = kg.function([a], T.grad(N.eigvalsh(a, triangle)[0], a), target="interpret")(A)
    other = np.triu(g, 1) if triangle == "L" else np.tril(g, -1)
    assert not other.any()
    assert g.any()


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)], ids=str)
def test_derivatives_of_singular_values(shape: tuple[int, int]) -> None:
    a = RNG.normal(size=shape)
    check_derivatives(lambda a: N.svd(a, full_matrices=False), a)
    check_derivatives(lambda a: N.svd(a, compute_uv=False), a)
    check_derivatives(N.svd, a, of=[1], second=False)
    for k in range(3):
        check_derivatives(lambda a: N.svd(a, full_matrices=False), a, of=[k], second=False)


def test_values_that_are_equal_have_derivatives() -> None:
    """The sum of all eigenvalues is the trace, of all singular values the nuclear norm."""
    a = T.dmatrix("a")
    costs = [N.eigh(a)[0].sum(), N.eigvalsh(a).sum(), N.svd(a)[1].sum(), N.norm(a, "nuc")]
    for g in kg.function([a], [T.grad(c, a) for c in costs], target="interpret")(np.eye(3)):
        np.testing.assert_allclose(g, np.eye(3), atol=1e-14)


def test_vectors_beyond_singular_values_have_no_derivative() -> None:
    a = T.dmatrix("a")
    u, s, vt = N.svd(a)
    for out in (u, vt):
        with pytest.raises(GradientError, match=r"KG-G022.*svd has no derivative"):
            T.grad(out.sum(), a)
        f = kg.function([a], T.Rop(out, a, a), target="interpret")
        with pytest.raises(GradientError, match=r"KG-G022.*svd has no derivative"):
            f(A)
    assert kg.function([a], T.Rop(s, a, a), target="interpret")(A).shape == (4,)


@pytest.mark.parametrize("triangle", ["X", None, 3])
def test_triangles_that_are_none(triangle: Any) -> None:
    with pytest.raises((OptionError, TypeError)):
        N.eigh(T.dmatrix("a"), triangle)
