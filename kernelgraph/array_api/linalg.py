"""The extension `linalg` of the standard: `xp.linalg.inv(x)`, for matrices and stacks of them.

Each function is one of the tensor language, whose linear algebra takes stacks as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import (
    ALL,
    COMPLEX_FLOATING,
    DEFAULT_INTEGER,
    FLOATING,
    NUMERIC,
    OBJECTS,
    REAL_FLOATING,
)
from kernelgraph.array_api.elementwise import abs as magnitude
from kernelgraph.array_api.elementwise import conj
from kernelgraph.array_api.manipulation import permute_dims, reshape
from kernelgraph.array_api.products import matmul, matrix_transpose, tensordot, vecdot
from kernelgraph.array_api.promotion import array, expect_dtype, is_number, operands, with_ones
from kernelgraph.array_api.scalars import unwrapped
from kernelgraph.array_api.shapes import listed_axes
from kernelgraph.array_api.statistics import sum as total
from kernelgraph.errors import AxisError, ShapeError
from kernelgraph.expect import expect_choice, expect_flag, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.tensor import nlinalg, slinalg
from kernelgraph.types import listed

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matmul",
    "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "outer", "pinv", "qr",
    "slogdet", "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip


class EigResult(NamedTuple):
    """Eigenvalues, complex numbers, and eigenvectors as columns."""

    eigenvalues: Array
    eigenvectors: Array


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Array
    eigenvectors: Array


class QRResult(NamedTuple):
    """Orthonormal columns, and an upper triangle, whose product is the matrix."""

    Q: Array
    R: Array


class SlogdetResult(NamedTuple):
    """The sign of a determinant, and the logarithm of its magnitude."""

    sign: Array
    logabsdet: Array


class SVDResult(NamedTuple):
    """Left singular vectors, singular values, and right singular vectors as rows."""

    U: Array
    S: Array
    Vh: Array


def _matrices(name: str, x: Array, takes: Sequence[str] = FLOATING) -> Array:
    """A matrix or a stack of them. Raises `DTypeError`, and `ShapeError` for a vector."""
    expect_dtype(expect_array(x, f"the operand of {name}").dtype, takes, name)
    if x.ndim < 2:
        raise ShapeError(f"{name} takes a matrix, not {describe(x.variable)}", code="KG-S002")
    return x


def _of_each(name: str, op: Callable[..., Any], x: Array) -> list[Array]:
    found = listed(op(_matrices(name, x).variable))
    return [_as_precise(variable, x) for variable in found]


def _as_precise(variable: Variable, x: Array) -> Array:
    """A result in the precision of x: eigenvalues of a complex matrix may be real, and the other
    way round.
    """
    kinds = COMPLEX_FLOATING if variable.dtype in COMPLEX_FLOATING else REAL_FLOATING
    single = x.dtype.name in ("float32", "complex64")
    return array(variable, OBJECTS[kinds[0] if single else kinds[1]])


def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    """The lower triangle L with L Lᴴ = x, for a Hermitian positive definite matrix; Lᴴ if `upper`.
    Where x is not positive definite, what computes it raises an error.
    """
    (found,) = _of_each("cholesky", slinalg.cholesky, x)
    return conj(found.mT) if expect_flag(upper, "upper") else found


def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """The cross products of vectors of three numbers along `axis`, a negative one."""
    dtype, pair = operands("cross", expect_array(x1, "x1"), expect_array(x2, "x2"))
    expect_dtype(dtype, NUMERIC, "cross")
    rank = min(x.ndim for x in pair)
    if not -rank <= expect_integer(axis, "axis") <= -1:
        raise AxisError(f"the axis of cross goes from -{rank} to -1, not {axis}")
    for x in (x1, x2):
        if x.shape[axis] != 3:
            raise ShapeError(f"cross takes vectors of 3 numbers: {describe(x.variable)}")
    a, b = ([_part(x, axis, k) for k in range(3)] for x in pair)
    parts = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    return array(T.concatenate(parts, max(x.ndim for x in pair) + axis), dtype)


def _part(x: Variable, axis: int, k: int) -> Variable:
    """The elements at place k of an axis, which then has size 1 by its type."""
    whole = [slice(None)] * x.ndim
    whole[axis] = slice(k, k + 1)
    part = x[tuple(whole)]
    return part if part.broadcastable[axis] else T.addbroadcast(part, axis % x.ndim)


def det(x: Array, /) -> Array:
    """The determinant of each matrix."""
    return _of_each("det", nlinalg.det, x)[0]


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The diagonal of each matrix, or the one `offset` places above it."""
    _matrices("diagonal", x, ALL)
    return Array(T.diagonal(x.variable, expect_integer(offset, "offset"), -2, -1))


def eig(x: Array, /) -> EigResult:
    """Eigenvalues and eigenvectors of each matrix, complex numbers."""
    values, vectors = _of_each("eig", nlinalg.eig, x)
    return EigResult(_complex(values), _complex(vectors))


def eigvals(x: Array, /) -> Array:
    """The eigenvalues of each matrix, complex numbers."""
    return eig(x).eigenvalues


def _complex(x: Array) -> Array:
    single = x.dtype.name in ("float32", "complex64")
    return array(x.variable, OBJECTS["complex64" if single else "complex128"])


def eigh(x: Array, /) -> EighResult:
    """Eigenvalues and eigenvectors of each matrix, which must be symmetric, or Hermitian."""
    return EighResult(*_of_each("eigh", nlinalg.eigh, x))


def eigvalsh(x: Array, /) -> Array:
    """The eigenvalues of each matrix, which must be symmetric, or Hermitian, in ascending order."""
    return _of_each("eigvalsh", nlinalg.eigvalsh, x)[0]


def inv(x: Array, /) -> Array:
    """The inverse of each matrix. A singular one raises an error when it is computed."""
    return _of_each("inv", nlinalg.inv, x)[0]


def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """A norm of each matrix: "fro", "nuc", or ±1, ±2, ±inf."""
    keep = expect_flag(keepdims, "keepdims")
    norm = partial(nlinalg.norm, ord=ord, axis=(-2, -1), keepdims=keep)
    return _of_each("matrix_norm", norm, x)[0]


def matrix_power(x: Array, n: int, /) -> Array:
    """Each matrix to the power n; a negative one is that of the inverse."""
    power = expect_integer(n, "n")
    return _of_each("matrix_power", partial(nlinalg.matrix_power, n=power), x)[0]


def matrix_rank(x: Array, /, *, rtol: Any = None) -> Array:
    """How many singular values of each matrix are above the largest one times `rtol`, by default
    the larger size times the distance from 1 to the next float.
    """
    values = svdvals(x).variable
    bound = T.max(values, axis=-1, keepdims=True) * _tolerance(x, rtol)
    return array(T.count_nonzero(T.gt(values, bound), axis=-1), DEFAULT_INTEGER)


def _real(x: Array) -> str:
    return "float32" if x.dtype.name in ("float32", "complex64") else "float64"


def _tolerance(x: Array, rtol: Any) -> Any:
    """A tolerance for each matrix, with an axis for its singular values."""
    if rtol is None:
        sizes = [unwrapped(size) for size in x.shape[-2:]]
        longer = T.cast(T.maximum(*sizes), _real(x))
        return longer * np.asarray(np.finfo(x.dtype.name).eps)
    if is_number(rtol):
        return np.asarray(rtol, dtype=_real(x))
    tolerance = expect_array(rtol, "rtol").variable
    return tolerance.dimshuffle(*range(tolerance.ndim), "x")


def outer(x1: Array, x2: Array, /) -> Array:
    """The product of each element of one vector with each of another."""
    for x in (x1, x2):
        if expect_array(x, "an operand of outer").ndim != 1:
            raise ShapeError(f"outer takes vectors, not {describe(x.variable)}")
    dtype, (a, b) = operands("outer", x1, x2)
    expect_dtype(dtype, NUMERIC, "outer")
    return array(a.dimshuffle(0, "x") * b.dimshuffle("x", 0), dtype)


def pinv(x: Array, /, *, rtol: Any = None) -> Array:
    """The pseudoinverse of each matrix: singular values up to the largest one times `rtol` count as
    0; by default as in `matrix_rank`.
    """
    u, s, vh = (part.variable for part in svd(x, full_matrices=False))
    bound = T.max(s, axis=-1, keepdims=True) * _tolerance(x, rtol)
    kept = T.gt(s, bound)
    inverse = T.switch(kept, 1.0 / T.switch(kept, s, np.ones((), _real(x))), 0.0)
    rank = x.ndim
    swapped = [*range(rank - 2), rank - 1, rank - 2]
    scaled = T.conj(T.transpose(vh, swapped)) * inverse.dimshuffle(*range(rank - 2), "x", rank - 2)
    return array(T.matmul(scaled, T.conj(T.transpose(u, swapped))), x.dtype)


def qr(x: Array, /, *, mode: str = "reduced") -> QRResult:
    """Orthonormal columns and an upper triangle for each matrix; with "complete", Q is square."""
    expect_choice(mode, "mode", ("reduced", "complete"))
    return QRResult(*_of_each("qr", partial(nlinalg.qr, mode=mode), x))


def slogdet(x: Array, /) -> SlogdetResult:
    """The sign of each determinant, and the logarithm of its magnitude."""
    return SlogdetResult(*_of_each("slogdet", nlinalg.slogdet, x))


def solve(x1: Array, x2: Array, /) -> Array:
    """What each matrix of x1 times the result must be x2: a vector, or matrices of as many rows."""
    dtype, (a, b) = operands("solve", expect_array(x1, "x1"), expect_array(x2, "x2"))
    expect_dtype(dtype, FLOATING, "solve")
    _matrices("solve", x1)
    a, b = with_ones([a, b]) if b.ndim > 1 else (a, b)
    return array(slinalg.solve(a, b), dtype)


def svd(x: Array, /, *, full_matrices: bool = True) -> SVDResult:
    """The singular value decomposition of each matrix; U and Vh are square if `full_matrices`."""
    full = expect_flag(full_matrices, "full_matrices")
    return SVDResult(*_of_each("svd", partial(nlinalg.svd, full_matrices=full), x))


def svdvals(x: Array, /) -> Array:
    """The singular values of each matrix, the largest one first."""
    return _of_each("svdvals", partial(nlinalg.svd, compute_uv=False), x)[0]


def trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """The sum of the diagonal of each matrix, or of the one `offset` places above it."""
    _matrices("trace", x, NUMERIC)
    return total(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def vector_norm(x: Array, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Array:
    """A norm of the vectors along `axis`, of all elements if that is None: the p-th root of the sum
    of p-th powers, the largest or smallest magnitude for ±inf, for 0 how many are not 0.
    """
    expect_dtype(expect_array(x, "the operand of vector_norm").dtype, FLOATING, "vector_norm")
    axes = list(range(x.ndim)) if axis is None else listed_axes(axis, x.ndim)
    others = [k for k in range(x.ndim) if k not in axes]
    moved = permute_dims(x, [*others, *axes]) if x.ndim else x
    flat = reshape(moved, (*(x.shape[k] for k in others), math.prod(x.shape[k] for k in axes)))
    size = magnitude(flat)
    found = array(nlinalg.norm(size.variable, ord, axis=-1), size.dtype)
    if expect_flag(keepdims, "keepdims"):
        found = reshape(found, [1 if k in axes else x.shape[k] for k in range(x.ndim)])
    return found
