"""Eigenvalues of symmetric matrices and singular values of all, with their vectors.

Derivatives of vectors divide by differences of values (their squares), and so are infinite where
two values are equal; those of values alone are not. Sources: M. B. Giles, Collected matrix
derivative results (2008); J. Townsend, Differentiating the singular value decomposition (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Axis
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import DecompositionError, GradientError
from kernelgraph.expect import expect_choice, expect_flag
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import Cotangents, Size
from kernelgraph.ops.complexes import complex_, imag, real_part
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.half_matrices import folded, mirrored, off_diagonal_inverse
from kernelgraph.ops.matrices import MatrixOp, Undetermined, adjoint, no_derivative, smaller_size
from kernelgraph.ops.strided import diagonal
from kernelgraph.routines import Lapack
from kernelgraph.types import Array, complex_of, is_complex, real_part_of


def row(x: Variable) -> Variable:
    """A vector as a matrix of one row: what multiplies columns."""
    return dimshuffle(x, ("x", 0))


def column(x: Variable) -> Variable:
    """A vector as a matrix of one column: what multiplies rows."""
    return dimshuffle(x, (0, "x"))


def added(*terms: Variable | None) -> Variable | None:
    """The sum of those terms that are there."""
    there = [term for term in terms if term is not None]
    return sum(there[1:], there[0]) if there else None


class _Iterative(MatrixOp):
    """What is found by iterations, which end without a result if there are NaNs."""

    def failed(self, node: Apply) -> DecompositionError:
        return DecompositionError(
            f"the {self.name} of {describe(node.inputs[0])} did not converge",
            origins=node.origins,
            hint="a matrix with NaN or infinity in it has none",
        )


class Eigenvalues(_Iterative):
    """The eigenvalues of a symmetric matrix (of complex numbers, a Hermitian one), of which one
    triangle is read: "L" or "U".
    """

    __props__ = ("triangle",)
    name = "eigvalsh"
    latex = r"\lambda\left({x}\right)"

    def __init__(self, triangle: str) -> None:
        self.triangle = triangle

    def routine(self, node: Apply) -> Lapack:
        return Lapack("eigenvalues", int(self.triangle == "L"), self.failed, "values")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0)]]

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        return [real_part_of(dtype), dtype][:count]

    def numpy(self, a: Array) -> Any:
        return np.linalg.eigvalsh(a, self._uplo)

    @property
    def _uplo(self) -> Any:
        return self.triangle

    def _read(self, a: Variable) -> Variable:
        """The symmetric matrix that the triangle stands for."""
        return mirrored(a if self.triangle == "L" else adjoint(a))

    def _back(self, g: Variable) -> Variable:
        """The transpose of `_read`."""
        return folded(g) if self.triangle == "L" else adjoint(folded(g))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a,), (dw,) = node.inputs, cotangents
        return [None if dw is None else _by_values(a, self, dw)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a,), (da,) = node.inputs, tangents
        if da is None:
            return [None]
        _, v = Eigenvectors(self.triangle)(a)
        return [real_part(diagonal(dot(dot(adjoint(v), self._read(da)), v)))]


def _by_values(a: Variable, op: Eigenvalues, dw: Variable) -> Variable:
    _, v = Eigenvectors(op.triangle)(a)
    return op._back(dot(v * row(dw), adjoint(v)))  # pyright: ignore[reportPrivateUsage] - of this module


class Eigenvectors(Eigenvalues):
    """Eigenvalues w and, as columns of v, eigenvectors: a v = v w."""

    name = "eigh"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("eigenvectors", int(self.triangle == "L"), self.failed, "eigen")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0)], [Axis(0, 0), Axis(0, 0)]]

    def numpy(self, a: Array) -> Any:
        return tuple(np.linalg.eigh(a, self._uplo))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """v (diag(dw) + F ∘ (vᵀ dv)) vᵀ with F[i, j] = 1 / (w[j] - w[i])."""
        (w, v), (dw, dv) = node.outputs, cotangents
        parts = [] if dw is None else [v * row(dw)]
        if dv is not None:
            parts.append(dot(v, off_diagonal_inverse(w) * dot(adjoint(v), dv)))
        inner = added(*parts)
        if inner is None:
            return [None]
        g = dot(inner, adjoint(v))
        return [self._back((g + adjoint(g)) / 2)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (w, v), (da,) = node.outputs, tangents
        if da is None:
            return [None, None]
        inner = dot(dot(adjoint(v), self._read(da)), v)
        return [real_part(diagonal(inner)), dot(v, off_diagonal_inverse(w) * inner)]


def eigh(a: Any, UPLO: Any = "L") -> list[Variable]:  # noqa: N803 - as NumPy calls it
    """The eigenvalues of a symmetric (Hermitian) matrix in ascending order, and eigenvectors as
    columns.

    Only one triangle of `a` is read, the lower one for `UPLO` "L", the upper one for "U"; so a
    derivative is 0 in the other. Where two eigenvalues are equal, derivatives of vectors are not
    finite. Raises `ShapeError` (KG-S002) for what is no square matrix; a call of the function
    raises `DecompositionError` (KG-N003) if the matrix has NaNs.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> values, vectors = kg.function([a], T.nlinalg.eigh(a))([[2.0, 1.0], [1.0, 2.0]])
    >>> values.round(12).tolist()
    [1.0, 3.0]
    """
    return Eigenvectors(_triangle(UPLO))(a)


def eigvalsh(a: Any, UPLO: Any = "L") -> Variable:  # noqa: N803
    """The eigenvalues of a symmetric matrix alone, in ascending order; see `eigh`."""
    return Eigenvalues(_triangle(UPLO))(a)


def _triangle(uplo: Any) -> str:
    return expect_choice(uplo, "UPLO", ("L", "U", "l", "u")).upper()


class AllEigenvectors(_Iterative):
    """Eigenvalues w and, as columns of v, eigenvectors of any matrix, which are complex numbers."""

    name = "eig"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("all_eigenvectors", 0, self.failed, "eigen")

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        return [complex_of(dtype)] * count

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0)], [Axis(0, 0), Axis(0, 0)]]

    def numpy(self, a: Array) -> Any:
        if np.isfinite(a).all():
            return tuple(np.linalg.eig(a))
        raise np.linalg.LinAlgError  # as if it had not converged

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        raise self._no_derivative(node)

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        raise self._no_derivative(node)

    def _no_derivative(self, node: Apply) -> GradientError:
        return GradientError(
            "eig has no derivative here: eigenvalues of any matrix meet, and leave the real line",
            code="KG-G022",
            origins=node.origins,
            hint="eigh(a), if the matrix is symmetric; svd(a, full_matrices=False)",
        )


def eig(a: Any) -> list[Variable]:
    """The eigenvalues of a square matrix, in no order, and eigenvectors as columns, of length 1:
    complex numbers, whatever the matrix. They have no derivative.

    Raises `ShapeError` (KG-S002) for what is no square matrix; a call of the function raises
    `DecompositionError` (KG-N003) if the matrix has NaNs or infinities.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> values, _ = kg.function([a], T.nlinalg.eig(a))([[0.0, -1.0], [1.0, 0.0]])
    >>> values.tolist()
    [1j, -1j]
    """
    return AllEigenvectors()(a)


class SingularValues(_Iterative):
    """The singular values of a matrix, in descending order."""

    name = "singular_values"
    square = False

    def routine(self, node: Apply) -> Lapack:
        return Lapack("singular_values", 0, self.failed, "values")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[smaller_size(a)]]

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        return [real_part_of(dtype)]

    def numpy(self, a: Array) -> Any:
        return np.linalg.svd(a, compute_uv=False)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a,), (ds,) = node.inputs, cotangents
        if ds is None:
            return [None]
        u, _, vt = SVD(full=False)(a)
        return [dot(u * row(ds), vt)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a,), (da,) = node.inputs, tangents
        if da is None:
            return [None]
        u, _, vt = SVD(full=False)(a)
        return [real_part(diagonal(dot(dot(adjoint(u), da), adjoint(vt))))]


class SVD(_Iterative):
    """a = u diag(s) vt with orthogonal columns in u and rows in vt: as many as there are singular
    values, or, if `full`, so many that both are square.

    Complex columns of u and v (the conjugates of vt's rows) may be turned together, by any angle.
    The derivative of one that turns v's column by none along itself is taken, so it is that of what
    does not depend on such angles, as `u * s @ vt` does not.
    """

    __props__ = ("full",)
    name = "svd"
    square = False

    def __init__(self, full: bool) -> None:
        self.full = full

    def routine(self, node: Apply) -> Lapack:
        return Lapack("svd", int(self.full), self.failed, "svd")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        k = smaller_size(a)
        if self.full:
            return [[Axis(0, 0), Axis(0, 0)], [k], [Axis(0, 1), Axis(0, 1)]]
        return [[Axis(0, 0), k], [k], [k, Axis(0, 1)]]

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        return [dtype, real_part_of(dtype), dtype]

    def numpy(self, a: Array) -> Any:
        return tuple(np.linalg.svd(a, full_matrices=self.full))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        du, ds, dvt = cotangents
        if self.full and not (du is None and dvt is None):
            raise no_derivative(self.name, node.origins)
        u, s, vt = SVD(full=False)(node.inputs[0]) if self.full else node.outputs
        g, gaps = None if ds is None else dot(u * row(ds), vt), off_diagonal_inverse(s * s)
        if du is not None:
            turn = dot(adjoint(u), du)
            g = added(g, dot(dot(u, gaps * (turn - adjoint(turn))) * row(s), vt))
            g = added(g, dot((du - dot(u, turn)) / row(s), vt))
            if is_complex(u.dtype):
                g = added(g, dot(u * row(_angles(turn) / s), vt))
        if dvt is not None:
            turn = dot(vt, adjoint(dvt))
            g = added(g, dot(u * row(s), dot(gaps * (turn - adjoint(turn)), vt)))
            g = added(g, dot(u / row(s), dvt - dot(adjoint(turn), vt)))
        return [g]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (da,) = tangents
        if da is None:
            return [None, None, None]
        if self.full:
            (ds,) = SingularValues().jvp(node, tangents)
            u, _, vt = node.outputs
            return [Undetermined(self.name)(u), ds, Undetermined(self.name)(vt)]
        u, s, vt = node.outputs
        v, gaps = adjoint(vt), off_diagonal_inverse(s * s)
        inner = dot(dot(adjoint(u), da), v)
        turned = adjoint(inner)
        du = dot(u, gaps * (inner * row(s) + column(s) * turned))
        dv = dot(v, gaps * (column(s) * inner + turned * row(s)))
        du += (dot(da, v) - dot(u, inner)) / row(s)
        dv += (dot(adjoint(da), u) - dot(v, turned)) / row(s)
        if is_complex(u.dtype):
            du += u * row(_angles(inner) / s)
        return [du, real_part(diagonal(inner)), adjoint(dv)]


def _angles(x: Variable) -> Variable:
    """The imaginary part of a diagonal, as numbers on the imaginary axis."""
    return complex_(0, imag(diagonal(x)))


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True) -> Any:
    """The singular value decomposition u, s, vt with a = u[:, :k] diag(s) vt[:k]; s alone where
    `compute_uv` is false.

    With `full_matrices`, u and vt are square, and only s has a derivative; without, they have as
    many columns (rows) as s has elements, and derivatives where singular values are distinct and
    not 0. Raises `ShapeError` (KG-S002) for what is no matrix; a call of the function raises
    `DecompositionError` (KG-N003) if the matrix has NaNs.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> f = kg.function([a], T.nlinalg.svd(a, compute_uv=False))
    >>> f([[3.0, 0.0], [0.0, -4.0]]).tolist()
    [4.0, 3.0]
    """
    full = expect_flag(full_matrices, "full_matrices")
    if not expect_flag(compute_uv, "compute_uv"):
        return SingularValues()(a)
    return SVD(full)(a)
