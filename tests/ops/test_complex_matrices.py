"""Linear algebra of complex numbers: NumPy's results, also without Python; gradients by parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.errors import DecompositionError, GradientError, SingularMatrixError
from tests.lines import check_derivatives
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


@pytest.fixture
def asked(monkeypatch: Any) -> list[str]:
    """The names of ops that compiled functions had Python do."""
    found: list[str] = []
    evaluate = target.computed
    monkeypatch.setattr(
        target, "computed", lambda node, xs: (found.append(node.op.name), evaluate(node, xs))[1]
    )
    return found


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_results_are_numpys(dtype: str, asked: list[str]) -> None:
    a, b = T.tensor(dtype, (None, None)), T.tensor(dtype, (None, None))
    values = A.astype(dtype), B.astype(dtype)
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


HERMITIAN = A @ A.conj().T + np.eye(3)
TALL, WIDE = drawn(5, 3), drawn(2, 4)


def remade(u: Any, s: Any, vt: Any) -> list[Any]:
    """What does not depend on the angles of singular vectors."""
    k = s.shape[0]
    return [(u[:, :k] * s**2) @ vt[:k], s, u @ u.conj().T, vt.conj().T @ vt]


def decomposed(a: Any) -> list[Any]:
    return [
        *N.svd(a), *N.svd(a, full_matrices=False), N.svd(a, compute_uv=False), *N.qr(a),
        *N.qr(a, "complete"), N.qr(a, "r"), N.pinv(a), *N.lstsq(a, a)[:2], *N.lstsq(a, a)[2:],
        N.norm(a), N.norm(a, 1), N.norm(a, 2), N.norm(a, "nuc"),
    ]  # fmt: skip


def numpys_decomposed(a: Array) -> list[Any]:
    x, squares, rank, s = np.linalg.lstsq(a, a)
    return [
        *np.linalg.svd(a), *np.linalg.svd(a, full_matrices=False),
        np.linalg.svd(a, compute_uv=False), *np.linalg.qr(a), *np.linalg.qr(a, "complete"),
        np.linalg.qr(a, "r"), np.linalg.pinv(a), x, squares, rank, s,
        np.linalg.norm(a), np.linalg.norm(a, 1), np.linalg.norm(a, 2), np.linalg.norm(a, "nuc"),
    ]  # fmt: skip


def square(a: Any) -> list[Any]:
    hermitian = a @ T.conj(a.T) + np.eye(3, dtype="float32")
    return [
        *N.slogdet(a), S.cholesky(hermitian), S.cholesky(hermitian, lower=False), S.expm(a),
        N.matrix_power(a, 3), N.matrix_power(a, -2), *N.eig(a), N.tensorinv(a, 1),
        S.eigvalsh(a, hermitian), S.solve(hermitian, a, assume_a="pos"),
        S.solve(hermitian, a, assume_a="her", lower=True), S.solve(a, a.T, assume_a="sym"),
        S.solve(hermitian, a, assume_a="pos", transposed=True),
        S.cho_solve((S.cholesky(hermitian, lower=False), False), a),
    ]  # fmt: skip


def numpys_square(a: Array) -> list[Any]:
    hermitian = a @ a.conj().T + np.eye(3, dtype=a.dtype)
    symmetric = np.triu(a) + np.triu(a, 1).T
    solved = np.linalg.solve(hermitian, a)
    return [
        *np.linalg.slogdet(a), np.linalg.cholesky(hermitian),
        np.linalg.cholesky(hermitian).conj().T, scipy.linalg.expm(a),
        a @ a @ a, np.linalg.inv(a @ a), *np.linalg.eig(a), np.linalg.inv(a),
        scipy.linalg.eigvalsh(a, hermitian), solved, solved, np.linalg.solve(symmetric, a.T),
        np.linalg.solve(hermitian.T, a), solved,
    ]  # fmt: skip


WORKS = {"inverse", "det", "solve", "solve_triangular", "eigh", "svd", "singular_values", "qr", "r",
         "cholesky", "slogdet", "eig", "dot", "library_dot"}  # fmt: skip


@pytest.mark.parametrize(
    ("dtype", "make", "numpy", "values"),
    [
        ("complex64", decomposed, numpys_decomposed, [TALL, WIDE]),
        ("complex128", square, numpys_square, [A]),
    ],
)
def test_decompositions_are_numpys(
    dtype: str, make: Any, numpy: Any, values: list[Array], asked: list[str]
) -> None:
    a = T.tensor(dtype, (None, None))
    digits = 1e-4 if dtype == "complex64" else 1e-11
    for way in ("interpret", "c"):
        f = kg.function([a], make(a), target=way)
        asked.clear()
        for value in values:
            right = numpy(value.astype(dtype))
            for found, wanted in zip(f(value.astype(dtype)), right, strict=True):
                assert found.dtype == np.asarray(wanted).dtype
                np.testing.assert_allclose(found, wanted, rtol=digits, atol=digits)
        assert way != "c" or not WORKS & set(asked)


def test_derivatives_of_decompositions() -> None:
    """Forward, backward and of second order; of vectors those of what turns with none of them."""
    for a in (drawn(3, 3), TALL, WIDE, drawn(1, 1)):
        check_derivatives(lambda a: remade(*N.svd(a, full_matrices=False)), a)
        check_derivatives(lambda a: N.svd(a, compute_uv=False), a, second=False)
        check_derivatives(N.qr, a)
        check_derivatives(N.qr, a, of=[0], second=False)
        check_derivatives(lambda a: N.qr(a, "r"), a, second=False)
        check_derivatives(N.pinv, a)
    check_derivatives(N.slogdet, A)
    for k in range(2):
        check_derivatives(N.slogdet, A, of=[k], second=False)
    check_derivatives(S.cholesky, HERMITIAN)
    check_derivatives(lambda a: S.cholesky(a, lower=False), HERMITIAN, second=False)
    check_derivatives(S.expm, A / 3)
    check_derivatives(lambda a: N.matrix_power(a, -2), A, second=False)
    for order in (None, 1, -2, "nuc", np.inf):
        check_derivatives(lambda a, order=order: N.norm(a, order), A, second=False)


def test_derivatives_of_equations() -> None:
    for kind in ("sym", "her", "pos"):
        for options in ({"lower": True}, {"transposed": True}):
            check_derivatives(
                lambda a, b, k=kind, o=options: S.solve(a, b, assume_a=k, **o), HERMITIAN, B,
                second=False,
            )  # fmt: skip
    check_derivatives(N.lstsq, TALL, drawn(5, 2), of=[0, 1, 3])
    check_derivatives(S.eigvalsh, A, HERMITIAN, second=False)


def test_matrices_without_elements_and_with_nans() -> None:
    a = T.zmatrix("a")
    for way in TARGETS:
        f = kg.function([a], [*N.slogdet(a), S.cholesky(a), *N.svd(a), *N.eig(a)], target=way)
        empty = np.zeros((0, 0), complex)
        right = [*np.linalg.slogdet(empty), empty, *np.linalg.svd(empty), *np.linalg.eig(empty)]
        for found, wanted in zip(f(empty), right, strict=True):
            assert found.shape == np.shape(wanted)
        with pytest.raises(DecompositionError, match="not positive definite"):
            f(np.full((1, 1), -1 + 0j))
    for wrong in (N.svd(a)[1], N.eig(a)[0]):
        f = kg.function([a], [*N.slogdet(a), wrong], target="c")
        assert [*f(np.ones((2, 2), complex))[:2]] == [0, -np.inf]
        with pytest.raises(DecompositionError, match="did not converge"):
            f(np.full((2, 2), complex(np.nan, 1)))


def test_float16_is_worked_with_in_float32() -> None:
    """NumPy has no linear algebra of it."""
    a = T.matrix("a", "float16")
    value = np.array([[2, 1], [1, 3]], "float16")
    for way in TARGETS:
        outputs = [N.inv(a), N.det(a), N.svd(a)[1], N.eigvalsh(a), S.cholesky(a), N.norm(a, 2)]
        right = value.astype("float32")
        values = np.linalg.eigvalsh(right)
        wanted = [
            np.linalg.inv(right), np.linalg.det(right), values[::-1], values,
            np.linalg.cholesky(right), values[1],
        ]  # fmt: skip
        for found, result in zip(kg.function([a], outputs, target=way)(value), wanted, strict=True):
            assert found.dtype == "float32"
            np.testing.assert_allclose(found, result, rtol=1e-5)
