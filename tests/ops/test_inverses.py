"""Derivatives of inverses, determinants and pseudoinverses; what they are of special matrices."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from tests.lines import check_derivatives
from tests.support import TARGETS

N = T.nlinalg
RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 4)) + 3 * np.eye(4)


def test_derivatives() -> None:
    check_derivatives(N.inv, A)
    check_derivatives(N.det, A)
    check_derivatives(N.slogdet, A, of=[1])
    check_derivatives(lambda a: N.slogdet(a)[0] * a, A)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)], ids=str)
def test_derivatives_of_pseudoinverses(shape: tuple[int, int]) -> None:
    check_derivatives(N.pinv, RNG.normal(size=shape))


def test_singular_matrices_have_determinants() -> None:
    a = T.dmatrix("a")
    for way in TARGETS:
        f = kg.function([a], [N.det(a), *N.slogdet(a)], target=way)
        assert [float(v) for v in f(np.ones((3, 3)))] == [0, 0, -np.inf]
        assert [float(v) for v in f([[0, 1], [1, 0]])] == [-1, -1, 0]


def test_pseudoinverses_of_lower_rank() -> None:
    a = T.dmatrix("a")
    value = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])
    for way in TARGETS:
        f = kg.function([a], [N.pinv(a), N.pinv(a, rcond=2.0)], target=way)
        found, nothing = f(value)
        np.testing.assert_allclose(found, np.linalg.pinv(value), atol=1e-15)
        np.testing.assert_array_equal(nothing, np.zeros((2, 3)))
        assert f(np.ones((0, 3)))[0].shape == (3, 0)
        np.testing.assert_array_equal(f(np.zeros((2, 3)))[0], np.zeros((3, 2)))
    with pytest.raises(ArgumentError):
        N.pinv(a, rcond="small")
