"""Linear algebra, of matrices and of stacks of them, beside the strict reference."""

from __future__ import annotations

from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.errors import AxisError, DTypeError, ShapeError

RANDOM = np.random.default_rng(5)
SQUARE = RANDOM.normal(size=(3, 3))
STACK = RANDOM.normal(size=(2, 1, 3, 3))
TALL = RANDOM.normal(size=(2, 4, 3))
VECTOR = RANDOM.normal(size=3)
MANY = RANDOM.normal(size=(2, 1, 3, 2, 4))
POSITIVE = STACK @ np.swapaxes(STACK, -1, -2) + np.eye(3)

CALLS: dict[str, Any] = {
    "cholesky": (lambda s, x: s.linalg.cholesky(x), POSITIVE),
    "cholesky above": (lambda s, x: s.linalg.cholesky(x, upper=True), POSITIVE[0, 0]),
    "cross": (lambda s, x: s.linalg.cross(x, s.asarray(VECTOR)), STACK),
    "cross along an axis": (lambda s, x: s.linalg.cross(x, x * x, axis=-2), STACK),
    "det": (lambda s, x: s.linalg.det(x), STACK),
    "det of a matrix": (lambda s, x: s.linalg.det(x), SQUARE),
    "diagonal": (lambda s, x: s.linalg.diagonal(x, offset=-1), TALL),
    "eigenvalues": (lambda s, x: s.linalg.eigh(x).eigenvalues, POSITIVE),
    "eigvalsh": (lambda s, x: s.linalg.eigvalsh(x), POSITIVE),
    "inv": (lambda s, x: s.linalg.inv(x), STACK),
    "matrix_norm": (lambda s, x: s.linalg.matrix_norm(x), TALL),
    "matrix_norm of columns": (lambda s, x: s.linalg.matrix_norm(x, ord=1), TALL),
    "matrix_norm of values": (lambda s, x: s.linalg.matrix_norm(x, ord="nuc", keepdims=True), TALL),
    "matrix_power": (lambda s, x: s.linalg.matrix_power(x, -2), STACK),
    "matrix_rank": (lambda s, x: s.linalg.matrix_rank(x), TALL),
    "matrix_rank with a bound": (lambda s, x: s.linalg.matrix_rank(x, rtol=0.9), SQUARE),
    "matmul": (lambda s, x: s.linalg.matmul(x, x.mT), TALL),
    "outer": (lambda s, x: s.linalg.outer(x, x[1:]), VECTOR),
    "pinv": (lambda s, x: s.linalg.pinv(x), TALL),
    "pinv with a bound": (lambda s, x: s.linalg.pinv(x, rtol=s.asarray([0.5, 0.9])), TALL),
    "the triangle of qr": (lambda s, x: s.linalg.qr(x).R, TALL),
    "sign of slogdet": (lambda s, x: s.linalg.slogdet(x).sign, STACK),
    "slogdet": (lambda s, x: s.linalg.slogdet(x).logabsdet, SQUARE),
    "solve": (lambda s, x: s.linalg.solve(x, s.asarray(SQUARE)), STACK),
    "solve for a vector": (lambda s, x: s.linalg.solve(x, s.asarray(VECTOR)), STACK),
    "singular values of svd": (lambda s, x: s.linalg.svd(x, full_matrices=False).S, TALL),
    "svdvals": (lambda s, x: s.linalg.svdvals(x), TALL),
    "trace": (lambda s, x: s.linalg.trace(x, offset=1), TALL),
    "trace of float32": (lambda s, x: s.linalg.trace(s.astype(x, s.float32)), SQUARE),
    "vector_norm": (lambda s, x: s.linalg.vector_norm(x), TALL),
    "vector_norm along": (lambda s, x: s.linalg.vector_norm(x, axis=(0, 2), ord=1), TALL),
    "vector_norm kept": (lambda s, x: s.linalg.vector_norm(x, axis=-1, keepdims=True), TALL),
    "vector_norm of complex": (lambda s, x: s.linalg.vector_norm(x * 1j), TALL),
    "trace of complex": (lambda s, x: s.linalg.trace(x * 1j), TALL),
    "cross of complex": (lambda s, x: s.linalg.cross(x * 1j, x + 1), STACK),
    "matrix_norm of complex": (lambda s, x: s.linalg.matrix_norm(x * 1j), TALL),
    "det of complex": (lambda s, x: s.linalg.det(x + 1j), STACK),
    "inv of complex": (lambda s, x: s.linalg.inv(x + 1j), STACK),
    "solve of complex": (lambda s, x: s.linalg.solve(x + 1j, s.asarray(VECTOR) * 1j), STACK),
    "cholesky of Hermitian": (lambda s, x: s.linalg.cholesky(x + 0j, upper=True), POSITIVE),
    "matrix_power of complex": (lambda s, x: s.linalg.matrix_power(x + 1j, -2), SQUARE),
    "matrix_rank of complex": (lambda s, x: s.linalg.matrix_rank(x + 1j), TALL),
    "matrix_norm of complex values": (lambda s, x: s.linalg.matrix_norm(x + 1j, ord=2), TALL),
    "pinv of complex": (lambda s, x: s.linalg.pinv(x + 1j), TALL),
    "the triangle of complex qr": (lambda s, x: s.linalg.qr(x + 1j).R, TALL),
    "sign of complex slogdet": (lambda s, x: s.linalg.slogdet(x + 1j).sign, STACK),
    "complex slogdet": (lambda s, x: s.linalg.slogdet(x + 1j).logabsdet, SQUARE),
    "svdvals of complex": (lambda s, x: s.linalg.svdvals(x + 1j), TALL),
    "eigenvalues of Hermitian": (lambda s, x: s.linalg.eigvalsh(x * (1 + 0j)), POSITIVE),
    "det of no matrices": (lambda s, x: s.linalg.det(x), np.zeros((0, 3, 3))),
    "inv of 0 × 0": (lambda s, x: s.linalg.inv(x), np.zeros((2, 0, 0))),
    "solve of no matrices": (lambda s, x: s.linalg.solve(x, x), np.zeros((2, 0, 3, 3))),
    "svdvals of nothing": (lambda s, x: s.linalg.svdvals(x), np.zeros((2, 0, 3))),
    "solve of many": (lambda s, x: s.linalg.solve(x, s.asarray(TALL)[:, :3, :]), STACK),
    "svdvals of many": (lambda s, x: s.linalg.svdvals(x), MANY),
    "the largest magnitude": (lambda s, x: s.linalg.vector_norm(x, ord=s.inf), TALL),
}


@pytest.mark.parametrize(("call", "value"), CALLS.values(), ids=list(CALLS))
def test_a_call_gives_what_the_reference_gives(call: Any, value: Any) -> None:
    wanted = call(strict, strict.asarray(value))
    found = call(xp, xp.asarray(value))
    assert f"array_api_strict.{found.dtype.name}" == repr(wanted.dtype)
    assert found.shape == wanted.shape
    rtol = 1e-9 if found.dtype == xp.float64 else 1e-5
    np.testing.assert_allclose(abs(found.value), abs(np.asarray(wanted)), rtol=rtol, atol=1e-12)


def test_factors_make_the_matrix_again() -> None:
    x = xp.asarray(TALL)
    q, r = xp.linalg.qr(x)
    np.testing.assert_allclose((q @ r).value, TALL, atol=1e-12)
    assert xp.linalg.qr(x, mode="complete").Q.shape == (2, 4, 4)
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    np.testing.assert_allclose((u * s[:, None, :] @ vh).value, TALL, atol=1e-12)
    assert xp.linalg.svd(x).U.shape == (2, 4, 4)
    w, v = xp.linalg.eig(xp.asarray(STACK))
    assert w.dtype == v.dtype == xp.complex128
    np.testing.assert_allclose((v * w[..., None, :]).value, STACK @ v.value, atol=1e-12)
    w, v = xp.linalg.eig(xp.asarray(STACK + 1j))
    np.testing.assert_allclose((v * w[..., None, :]).value, (STACK + 1j) @ v.value, atol=1e-12)
    u, s, vh = xp.linalg.svd(x + 1j, full_matrices=False)
    np.testing.assert_allclose((u * s[:, None, :] @ vh).value, TALL + 1j, atol=1e-12)
    values, vectors = xp.linalg.eigh(xp.asarray(POSITIVE))
    made = vectors * values[..., None, :] @ vectors.mT
    np.testing.assert_allclose(made.value, POSITIVE, atol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    x = xp.asarray(SQUARE)
    with pytest.raises(ShapeError, match="takes a matrix"):
        xp.linalg.det(x[0, :])
    with pytest.raises(DTypeError, match="KG-D003"):
        xp.linalg.inv(xp.asarray([[1, 2], [3, 4]]))
    with pytest.raises(ShapeError, match="3 numbers"):
        xp.linalg.cross(x[:, :2], x[:, :2])
    with pytest.raises(AxisError, match="from -2 to -1"):
        xp.linalg.cross(x, x, axis=0)
    with pytest.raises(ShapeError, match="takes vectors"):
        xp.linalg.outer(x, x)
    with pytest.raises(np.linalg.LinAlgError):
        float(xp.linalg.inv(xp.zeros((2, 2)))[0, 0])


def test_least_squares_traced() -> None:
    """A program of linear algebra, compiled: the normal equations of a line through points."""

    @xp.function
    def fit(x: Any, y: Any) -> Any:
        return xp.linalg.solve(x.mT @ x, x.mT @ y)

    x, y = RANDOM.normal(size=(10, 3)), RANDOM.normal(size=10)
    found = fit(xp.asarray(x), xp.asarray(y))
    np.testing.assert_allclose(found.value, np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-9)
