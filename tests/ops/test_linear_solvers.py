"""Equations as people write them: results and derivatives of every option, least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, OptionError, ShapeError
from tests.lines import check_derivatives, symbols

N, S = T.nlinalg, T.slinalg
RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 4)) + 3 * np.eye(4)
POSITIVE = A @ A.T
B, V = RNG.normal(size=(4, 2)), RNG.normal(size=4)


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("trans", [0, 1, "T"])
@pytest.mark.parametrize("unit", [False, True])
def test_triangles(lower: bool, trans: Any, unit: bool) -> None:
    options = {"lower": lower, "trans": trans, "unit_diagonal": unit}
    a, b = symbols([A, B])
    f = kg.function([a, b], S.solve_triangular(a, b, **options), target="interpret")
    right = scipy.linalg.solve_triangular(A, B, **options)
    np.testing.assert_allclose(f(A, B), right, rtol=1e-12, atol=1e-12)
    if trans != "T":
        check_derivatives(lambda a, b: S.solve_triangular(a, b, **options), A, V, second=not unit)


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("kind", ["gen", "sym", "her", "pos"])
def test_equations_of_every_kind(kind: str, lower: bool) -> None:
    """Of a symmetric matrix one triangle is read: the other may hold anything."""
    a, b = symbols([A, B])
    f = kg.function([a, b], S.solve(a, b, assume_a=kind, lower=lower), target="interpret")
    other = np.triu(A, 1) if lower else np.tril(A, -1)
    given = A if kind == "gen" else (np.tril if lower else np.triu)(POSITIVE) + other
    right = np.linalg.solve(A if kind == "gen" else POSITIVE, B)
    np.testing.assert_allclose(f(given, B), right, rtol=1e-10, atol=1e-12)
    if kind != "her":
        check_derivatives(lambda a, b: S.solve(a, b, assume_a=kind, lower=lower), given, V)


def test_transposes_and_cholesky() -> None:
    a, b = symbols([A, V])
    turned = S.solve(a, b, transposed=True)
    solved = [S.cho_solve((S.cholesky(a, low), low), b) for low in (True, False)]
    found, *others = kg.function([a, b], [turned, *solved], target="interpret")(POSITIVE, V)
    for result in (found, *others):
        np.testing.assert_allclose(result, np.linalg.solve(POSITIVE, V), rtol=1e-9)
    check_derivatives(lambda a, b: S.solve(a, b, transposed=True), A, V)


def test_tensors() -> None:
    a, b = RNG.normal(size=(2, 3, 6)) + 3 * np.eye(6).reshape(2, 3, 6), RNG.normal(size=(2, 3))
    x, y = symbols([a, b])
    outputs = [N.tensorsolve(x, y), N.tensorinv(x, 2), N.tensorsolve(x.transpose(2, 0, 1), y, (0,))]
    found = kg.function([x, y], outputs, target="interpret")(a, b)
    right = [np.linalg.tensorsolve(a, b), np.linalg.tensorinv(a, 2)]
    for one, other in zip(found, [*right, right[0]], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)
    check_derivatives(N.tensorsolve, a, b, second=False)
    check_derivatives(N.tensorinv, a, second=False)
    with pytest.raises(ShapeError, match="needs more axes"):
        N.tensorsolve(y, y)
    with pytest.raises((ArgumentError, OptionError), match="ind"):
        N.tensorinv(x, 0)


LEAST_SQUARES = [
    ((5, 3), (5, 2)),
    ((5, 3), (5,)),
    ((3, 5), (3, 2)),
    ((3, 3), (3,)),
    ((4, 2), (4, 0)),
]


def test_least_squares() -> None:
    for rank in (1, 2):
        a, b = T.dmatrix("a"), T.tensor("float64", (None,) * rank)
        for way in ("interpret", "c")[:rank]:
            f = kg.function([a, b], N.lstsq(a, b), target=way)
            for left, right in (pair for pair in LEAST_SQUARES if len(pair[1]) == rank):
                x, y = RNG.normal(size=left), RNG.normal(size=right)
                for value in (x, np.outer(x[:, 0], x[0])):  # of full rank, and of rank 1
                    for one, other in zip(f(value, y), np.linalg.lstsq(value, y), strict=True):
                        assert one.shape == np.shape(other)
                        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_derivatives_of_least_squares() -> None:
    check_derivatives(N.lstsq, RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2)), of=[0, 1, 3])
    check_derivatives(N.lstsq, RNG.normal(size=(2, 3)), RNG.normal(size=2), of=[0], second=False)


def test_eigenvalues_of_two_matrices() -> None:
    a, b = symbols([A, A])
    outputs = [S.eigvalsh(a, b), S.eigvalsh(a, b, lower=False), S.eigvalsh(a)]
    found = kg.function([a, b], outputs, target="interpret")(A, POSITIVE)
    right = [scipy.linalg.eigvalsh(A, POSITIVE, lower=low) for low in (True, False)]
    for one, other in zip(found, [*right, scipy.linalg.eigvalsh(A)], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    check_derivatives(S.eigvalsh, A, POSITIVE, second=False)


def test_options_that_are_none() -> None:
    a, b = T.dmatrix("a"), T.dvector("b")
    for wrong in ({"assume_a": "diagonal"}, {"lower": 3}, {"transposed": "yes"}):
        with pytest.raises(ArgumentError):
            S.solve(a, b, **wrong)
    with pytest.raises(OptionError, match="trans"):
        S.solve_triangular(a, b, trans=3)
    with pytest.raises(ArgumentError, match="cho_solve takes"):
        S.cho_solve(a, b)
    with pytest.raises(ArgumentError, match="rcond"):
        N.lstsq(a, b, rcond="small")
