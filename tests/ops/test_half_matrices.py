"""Triangles and diagonals, which decompositions and their derivatives are written with."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ShapeError
from kernelgraph.ops import half_matrices as t
from tests.lines import check_derivatives
from tests.support import TARGETS

A = np.random.default_rng(0).normal(size=(3, 4))


def test_they_are_numpys() -> None:
    a, v, s = T.dmatrix("a"), T.dvector("v"), T.dmatrix("s")
    outputs = [
        t.lower(a), t.lower(a, -1), t.upper(a, 1), t.mirrored(s), t.folded(s), t.identity_like(s),
        t.alloc_diag(v), t.extract_diag(a), t.off_diagonal_inverse(v),
    ]  # fmt: skip
    square, vector = A[:, :3], A[0]
    gaps = vector - vector[:, None] + np.eye(4)
    low = np.tril(square)
    right = [
        np.tril(A), np.tril(A, -1), np.triu(A, 1), low + np.tril(square, -1).T,
        low + np.triu(square, 1).T, np.eye(3), np.diag(vector), np.diag(A), 1 / gaps - np.eye(4),
    ]  # fmt: skip
    for way in TARGETS:
        found = kg.function([a, v, s], outputs, target=way)(A, vector, square)
        for one, other in zip(found, right, strict=True):
            np.testing.assert_array_equal(one, other)


def test_derivatives() -> None:
    square = A[:, :3]
    check_derivatives(lambda a: [t.lower(a) ** 2, t.upper(a, 1) ** 2], square)
    check_derivatives(lambda a: [t.mirrored(a) ** 2, t.folded(a) ** 2], square)
    check_derivatives(lambda a: t.alloc_diag(t.extract_diag(a) ** 2), square)
    check_derivatives(t.off_diagonal_inverse, A[0])


def test_other_ranks_are_refused() -> None:
    with pytest.raises(ShapeError, match="takes a vector"):
        t.alloc_diag(T.dmatrix("a"))
    with pytest.raises(ShapeError, match="takes a matrix"):
        t.extract_diag(T.dvector("v"))
