"""Linear algebra by the names of NumPy's `linalg`, with what they mean there: `T.linalg.inv(a)`.

All take stacks of matrices, in the last two axes. `T.nlinalg` and `T.slinalg` have the same
functions as Theano calls them.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.errors import ShapeError
from kernelgraph.expect import expect_flag
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops import contraction, decompositions, norms, strided
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.inverses import det, inv, pinv, slogdet
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.linear_solvers import lstsq, solve, tensorinv, tensorsolve
from kernelgraph.ops.matrix_functions import matrix_power, norm
from kernelgraph.ops.matrix_measures import cond, eigvals, matrix_rank, multi_dot, svdvals
from kernelgraph.ops.patterns import addbroadcast
from kernelgraph.ops.rearranging import matrix_transpose
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.spectra import eig, eigh, eigvalsh, svd
from kernelgraph.ops.tensor_products import matmul, tensordot
from kernelgraph.ops.views import normalize_axes

qr = decompositions.qr

__all__ = [
    "cholesky", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv",
    "lstsq", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose",
    "multi_dot", "norm", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
    "tensorinv", "tensorsolve", "trace", "vecdot", "vector_norm",
]  # fmt: skip


def cholesky(a: Any, upper: Any = False) -> Variable:
    """The lower triangle l with l lᴴ = a, of each matrix; if `upper`, lᴴ. See `slinalg.cholesky`.

    As NumPy does it, the upper one is read of the upper triangle of `a`.
    """
    return decompositions.cholesky(a, lower=not expect_flag(upper, "upper"))


def cross(x1: Any, x2: Any, axis: Any = -1) -> Variable:
    """The cross products of vectors of three numbers along `axis`.

    Raises `ShapeError` (KG-S002) for another size, if it is known, `AxisError` for an axis that is
    not there.
    """
    a, b = as_variable(x1), as_variable(x2)
    for x in (a, b):
        (place,) = normalize_axes([axis], x)
        if x.tensor_type.shape[place] not in (3, None):
            what = f"cross takes vectors of 3 numbers: {describe(x)}"
            raise ShapeError(what, code="KG-S002", operands=(sized(x, place),))
    p, q = ([_part(x, axis % x.ndim, k) for k in range(3)] for x in (a, b))
    parts = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
    return concatenate(parts, axis if axis >= 0 else max(a.ndim, b.ndim) + axis)


def _part(x: Variable, axis: int, k: int) -> Variable:
    """The elements at place k of an axis, which then has size 1 by its type."""
    part = x[(*[slice(None)] * axis, slice(k, k + 1))]
    return part if part.broadcastable[axis] else addbroadcast(part, axis)


def diagonal(x: Any, offset: Any = 0) -> Variable:
    """The diagonal of each matrix, or the one `offset` places above it."""
    return strided.diagonal(x, offset, -2, -1)


def trace(x: Any, offset: Any = 0, dtype: Any = None) -> Variable:
    """The sum of the diagonal of each matrix, or of the one `offset` places above it."""
    return sum_(diagonal(x, offset), axis=-1, dtype=dtype)


def matrix_norm(x: Any, keepdims: Any = False, ord: Any = "fro") -> Variable:
    """A norm of each matrix: "fro", "nuc", or ±1, ±2, ±inf; see `norm`."""
    return norm(x, ord, (-2, -1), keepdims)


def vector_norm(x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Variable:
    """A norm of the vectors along `axis` (None: of all elements); see `T.vector_norm`."""
    return norms.vector_norm(x, ord, axis, expect_flag(keepdims, "keepdims"))


def outer(x1: Any, x2: Any) -> Variable:
    """All products of an element of one vector with one of another: a matrix."""
    return contraction.outer(x1, x2)


def vecdot(x1: Any, x2: Any, axis: Any = -1) -> Variable:
    """The dot products of vectors that lie along `axis`; x1 is conjugated."""
    a, b = as_variable(x1), as_variable(x2)
    product = conjugate(a) * b
    return cast(sum_(product, axis=[axis]), product.dtype)
