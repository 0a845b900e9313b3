"""Linear algebra of complex numbers: NumPy's results, also without Python; gradients by parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.errors import DecompositionError, DTypeError, GradientError, SingularMatrixError
from tests.support import TARGETS, Array

N, S = T.nlinalg, T.slinalg
RNG = np.random.default_rng(0)


def drawn(*shape: int) -> Array:
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


A, B = drawn(3, 3) + 2 * np.eye(3), drawn(3, 2)


def projected(w: Any, v: Any) -> Any:
    """What does not depend on the phases of eigenvectors."""
    return (v * w**2) @ v.T.conj()


def outputs(a: Any, b: Any) -> list[Any]:
    return [
        N.inv(a), N.det(a), S.solve(a, b), S.solve(a, b[:, 0], transposed=True),
        S.solve_lower_triangular(a, b), S.solve_triangular(a, b, trans="C"),
        T.vdot(a, a), T.einsum("ij,jk,kl->il", a, a, b), N.eigvalsh(a), projected(*N.eigh(a, "U")),
    ]  # fmt: skip


def numpys(a: Array, b: Array) -> list[Any]:
    return [
        np.linalg.inv(a), np.linalg.det(a), np.linalg.solve(a, b), np.linalg.solve(a.T, b[:, 0]),
        np.linalg.solve(np.tril(a), b), np.linalg.solve(np.triu(a).conj().T, b),
        np.vdot(a, a), a @ a @ b, np.linalg.eigvalsh(a), projected(*np.linalg.eigh(a, "U")),
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_results_are_numpys(dtype: str, monkeypatch: Any) -> None:
    a, b = T.tensor(dtype, (None, None)), T.tensor(dtype, (None, None))
    values = A.astype(dtype), B.astype(dtype)
    asked: list[str] = []
    evaluate = target.evaluate
    monkeypatch.setattr(
        target, "evaluate", lambda node, xs: (asked.append(node.op.name), evaluate(node, xs))[1]
    )
    for way in ("interpret", "c"):
        f = kg.function([a, b], outputs(a, b), target=way)
        asked.clear()
        for found, right in zip(f(*values), numpys(*values), strict=True):
            assert found.dtype == right.dtype
            np.testing.assert_allclose(found, right, rtol=1e-4 if dtype == "complex64" else 1e-11)
        assert not {"inverse", "det", "solve", "solve_triangular", "eigh"} & set(asked)


def test_gradients_by_both_parts() -> None:
    """The gradient of a real cost is its derivatives by real and imaginary parts."""
    a, b = T.zmatrix("a"), T.zmatrix("b")
    weights = [drawn(*np.shape(v)) for v in numpys(A, B)]
    cost: Any = sum(
        (T.real(out) * w.real + T.imag(out) * w.imag).sum()
        for out, w in zip(outputs(a, b), weights, strict=True)
    )
    f = kg.function([a, b], [cost, *T.grad(cost, [a, b])], target="interpret")
    _, *gradients = f(A, B)
    for k, g in enumerate(gradients):
        for place in [(0, 0), (2, 1), (1, 0)]:
            for unit, part in ((1, g[place].real), (1j, g[place].imag)):
                ends: list[Any] = []
                for step in (1e-6, -1e-6):
                    moved = [A.copy(), B.copy()]
                    moved[k][place] += step * unit
                    ends.append(f(*moved)[0])
                np.testing.assert_allclose((ends[0] - ends[1]) / 2e-6, part, rtol=1e-6, atol=1e-7)


def test_singular_ones() -> None:
    a = T.zmatrix("a")
    for way in TARGETS:
        f = kg.function([a], N.inv(a), target=way)
        with pytest.raises(SingularMatrixError):
            f(np.ones((2, 2), complex))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_eigenvalues_of_any_matrix(dtype: str) -> None:
    a = T.matrix("a", dtype)
    for way in TARGETS:
        f = kg.function([a], N.eig(a), target=way)
        for value in (RNG.normal(size=(5, 5)), np.eye(2), np.zeros((0, 0)), np.ones((1, 1))):
            given = value.astype(dtype)
            w, v = f(given)
            assert w.dtype == v.dtype == ("complex64" if dtype == "float32" else "complex128")
            digits = 1e-4 if dtype == "float32" else 1e-12
            np.testing.assert_allclose(given @ v, v * w, atol=digits)
            right = np.linalg.eigvals(given)
            np.testing.assert_allclose(np.sort_complex(w), np.sort_complex(right), atol=digits)
        with pytest.raises(DecompositionError, match="did not converge"):
            f(np.full((2, 2), np.nan, dtype))


def test_what_has_no_derivative() -> None:
    a = T.dmatrix("a")
    w, _ = N.eig(a)
    with pytest.raises(GradientError, match="KG-G022"):
        T.grad(T.real(w).sum(), a)
    with pytest.raises(GradientError, match="KG-G022"):
        T.Rop(w, a, a)


def test_what_is_of_real_numbers_only() -> None:
    a = T.zmatrix("a")
    for make in (N.svd, N.qr, N.slogdet, S.cholesky, S.expm, N.pinv, N.eig):
        with pytest.raises(DTypeError, match="real numbers"):
            make(a)
