"""`T.linalg`: NumPy's names and meanings, by themselves and through NumPy's functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, ShapeError

RNG = np.random.default_rng(8)
STACK = RNG.normal(size=(2, 4, 4))
POSITIVE = STACK @ STACK.swapaxes(-1, -2) + np.eye(4)
ROWS = RNG.normal(size=(5, 3))

CALLS: dict[str, Any] = {
    "cholesky": lambda m, a, v: m.cholesky(a), "upper": lambda m, a, v: m.cholesky(a, upper=True),
    "cond": lambda m, a, v: m.cond(a, 1), "cross": lambda m, a, v: m.cross(v, v[::-1]),
    "det": lambda m, a, v: m.det(a), "diagonal": lambda m, a, v: m.diagonal(a, offset=-1),
    "eigvalsh": lambda m, a, v: m.eigvalsh(a), "eigh": lambda m, a, v: m.eigh(a)[0],
    "inv": lambda m, a, v: m.inv(a), "matmul": lambda m, a, v: m.matmul(a, a),
    "matrix_norm": lambda m, a, v: m.matrix_norm(a, ord=1, keepdims=True),
    "matrix_power": lambda m, a, v: m.matrix_power(a, 3),
    "matrix_rank": lambda m, a, v: m.matrix_rank(a),
    "matrix_transpose": lambda m, a, v: m.matrix_transpose(a),
    "multi_dot": lambda m, a, v: m.multi_dot([v, v.T, v]),
    "norm": lambda m, a, v: m.norm(a, "nuc", (0, 2)), "pinv": lambda m, a, v: m.pinv(a),
    "outer": lambda m, a, v: m.outer(v[0], v[1]), "qr": lambda m, a, v: m.qr(a)[1],
    "slogdet": lambda m, a, v: m.slogdet(a)[1], "solve": lambda m, a, v: m.solve(a, a[0]),
    "svd": lambda m, a, v: m.svd(a)[1], "svdvals": lambda m, a, v: m.svdvals(v),
    "tensordot": lambda m, a, v: m.tensordot(v, v.T, axes=1),
    "tensorsolve": lambda m, a, v: m.tensorsolve(a[0], a[0, 0]),
    "trace": lambda m, a, v: m.trace(a, offset=1),
    "vecdot": lambda m, a, v: m.vecdot(a, a, axis=1),
    "vector_norm": lambda m, a, v: m.vector_norm(a, axis=(0, 2), ord=3),
}  # fmt: skip


def test_numpys_numbers_by_both_ways() -> None:
    a, v = T.dtensor3("a"), T.dmatrix("v")
    for space in (T.linalg, np.linalg):
        f = kg.function([a, v], [call(space, a, v) for call in CALLS.values()], target="interpret")
        for name, found in zip(CALLS, f(POSITIVE, ROWS), strict=True):
            right = CALLS[name](np.linalg, POSITIVE, ROWS)
            assert found.dtype == right.dtype, name
            np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12, err_msg=name)


def test_every_name_of_numpy_is_there() -> None:
    theirs = {n for n in np.linalg.__all__ if not n.startswith("LinAlg")}
    assert set(T.linalg.__all__) == theirs | {"vecdot"}


def test_a_cross_product_along_any_axis() -> None:
    v, w = T.dmatrix("v"), T.tensor("float64", (5, None))
    found = kg.function([v, w], [T.linalg.cross(v.T, w.T, axis=0), T.linalg.cross(v, w)])
    for k, result in enumerate(found(ROWS, ROWS[::-1])):
        right = np.cross(ROWS, ROWS[::-1])
        np.testing.assert_allclose(result, right.T if k == 0 else right)


def test_what_does_not_fit() -> None:
    a = T.dmatrix("a")
    with pytest.raises(ShapeError, match="3 numbers"):
        T.linalg.cross(T.tensor("float64", (4, 2)), a)
    with pytest.raises(AxisError):
        T.linalg.cross(a, a, axis=2)
    with pytest.raises(ShapeError, match="takes matrices"):
        T.linalg.matrix_transpose(T.dvector("v"))
    with pytest.raises(ShapeError, match="takes vectors"):
        T.linalg.outer(a, a)
