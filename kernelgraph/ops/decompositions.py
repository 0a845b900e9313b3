"""Matrices as products of triangles: Cholesky's decomposition, and Q R.

Sources of the derivatives: I. Murray, Differentiation of the Cholesky decomposition (2016);
M. Seeger et al., Auto-differentiating linear algebra (2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Axis
from kernelgraph.errors import DecompositionError
from kernelgraph.expect import expect_choice, expect_flag
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import Cotangents, Size, as_variable
from kernelgraph.ops.contraction import dot, transposed
from kernelgraph.ops.half_matrices import folded, lower, mirrored, real_diagonal, upper
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.matrices import (
    MatrixOp,
    Undetermined,
    adjoint,
    as_matrix,
    no_derivative,
    smaller_size,
)
from kernelgraph.ops.solving import TriangularSolution
from kernelgraph.ops.spectra import added
from kernelgraph.ops.stacks import of_each
from kernelgraph.routines import Lapack
from kernelgraph.types import Array, is_complex


class Cholesky(MatrixOp):
    """The lower triangle l with l lᴴ = a; of a, only the lower triangle is read."""

    name = "cholesky"
    latex = r"\operatorname{chol}\left({x}\right)"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("cholesky", 0, self.failed, "triangle")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0), Axis(0, 1)]]

    def numpy(self, a: Array) -> Any:
        return np.linalg.cholesky(a)

    def failed(self, node: Apply) -> DecompositionError:
        return DecompositionError(
            f"{describe(node.inputs[0])} is not positive definite, so it is no square l lᵀ",
            origins=node.origins,
            hint="a matrix A.T @ A + 0.001 * identity is",
        )

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """l⁻ᴴ Φ(lᴴ dl) l⁻¹, made symmetric."""
        l, (g,) = node.out, cotangents  # noqa: E741 - its name in the formulas
        if g is None:
            return [None]
        turned, up = adjoint(l), TriangularSolution(lower=False)
        half = up(turned, adjoint(up(turned, _half(dot(turned, lower(g))))))
        return [folded((half + adjoint(half)) / 2)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """l Φ(l⁻¹ da l⁻ᴴ)."""
        l, (da,) = node.out, tangents  # noqa: E741
        if da is None:
            return [None]
        down = TriangularSolution(lower=True)
        return [dot(l, _half(down(l, adjoint(down(l, mirrored(da))))))]


def _half(x: Variable) -> Variable:
    """Φ: the lower triangle, with half of the diagonal."""
    return (lower(x) + lower(x, -1)) / 2


def cholesky(a: Any, lower: Any = True) -> Variable:
    """The lower triangle l of a positive definite matrix with l lᵀ = a; or the upper one, u with
    uᵀ u = a. Of a Hermitian matrix they are l lᴴ and uᴴ u, with conjugates.

    Only that triangle of `a` is read, so a derivative is 0 in the other. Raises `ShapeError`
    (KG-S002) for what is no square matrix; a call of the function raises `DecompositionError`
    (KG-N003) where the matrix is not positive definite.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> f = kg.function([a], T.slinalg.cholesky(a))
    >>> f([[4.0, 2.0], [2.0, 5.0]]).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    if expect_flag(lower, "lower"):
        return Cholesky()(a)

    def upper_triangle(a: Variable) -> Variable:
        return adjoint(Cholesky()(adjoint(as_matrix(a, "cholesky"))))

    return of_each(upper_triangle, (as_variable(a), 2))


class QR(MatrixOp):
    """a = q r with orthogonal columns in q and an upper triangle r. q has as many columns as there
    are in both, or is square if `full`.
    """

    __props__ = ("full",)
    name = "qr"
    square = False

    def __init__(self, full: bool) -> None:
        self.full = full

    def routine(self, node: Apply) -> Lapack:
        return Lapack("qr", int(self.full), None, "qr")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        k = Axis(0, 0) if self.full else smaller_size(a)
        return [[Axis(0, 0), k], [k, Axis(0, 1)]]

    def numpy(self, a: Array) -> Any:
        return tuple(np.linalg.qr(a, "complete" if self.full else "reduced"))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """By the first columns of a, on which q depends; those that are left are q times r's."""
        if self.full:
            raise no_derivative(self.name, node.origins)
        (q, r), (dq, dr) = node.outputs, cotangents
        a, k = node.inputs[0], smaller_size(node.inputs[0])
        first = r[:, :k]
        rest = None
        if dr is not None:
            rest = dot(q, dr[:, k:])
            dq = added(dq, dot(a[:, k:], adjoint(dr[:, k:])))
        assert dq is not None
        turn = None if dr is None else dot(first, adjoint(upper(dr[:, :k])))
        m = added(turn, -dot(adjoint(dq), q))
        assert m is not None
        inside = dq + dot(q, mirrored(m))
        left = adjoint(TriangularSolution(lower=False)(first, adjoint(inside)))
        return [concatenate([left, dot(q, 0 * r[:, k:]) if rest is None else rest], axis=1)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (q, r), (da,) = node.outputs, tangents
        if da is None:
            return [None, None]
        if self.full:
            return [Undetermined(self.name)(q), Undetermined(self.name)(r)]
        k = smaller_size(node.inputs[0])
        first, divide = r[:, :k], TriangularSolution(lower=True)
        moved = transposed(divide(transposed(first), transposed(da[:, :k])))  # da r⁻¹
        inside = dot(adjoint(q), moved)
        below = lower(inside, -1)
        turn = below - adjoint(below)
        if is_complex(q.dtype):  # the diagonal of r stays real
            turn += lower(upper(inside)) - real_diagonal(inside)
        dq = moved - dot(q, inside) + dot(q, turn)
        dr = dot(inside - turn, first)
        rest = dot(adjoint(q), da[:, k:]) + dot(adjoint(dq), node.inputs[0][:, k:])
        return [dq, concatenate([dr, rest], axis=1)]


class R(QR):
    """r alone."""

    __props__ = ()
    name = "r"

    def __init__(self) -> None:
        super().__init__(full=False)

    def routine(self, node: Apply) -> Lapack:
        return Lapack("r", 0, None, "r")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[smaller_size(a), Axis(0, 1)]]

    def numpy(self, a: Array) -> Any:
        return np.linalg.qr(a, "r")

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        with_q = QR(full=False).make_node(node.inputs[0])
        return QR(full=False).vjp(with_q, [None, cotangents[0]])

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        with_q = QR(full=False).make_node(node.inputs[0])
        return QR(full=False).jvp(with_q, tangents)[1:]


def qr(a: Any, mode: Any = "reduced") -> Any:
    """q with orthogonal columns and the upper triangle r with a = q r, as NumPy's `qr`.

    `mode` is "reduced" (as many columns of q as a has rows or columns, the fewer), "complete" (q is
    square; it has no derivative) or "r" (r alone). Derivatives are those of matrices whose first
    columns are independent. Raises `ShapeError` (KG-S002) for what is no matrix, `OptionError` for
    other modes.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> f = kg.function([a], T.nlinalg.qr(a, "r") ** 2)
    >>> f([[3.0], [4.0]]).round(12).tolist()
    [[25.0]]
    """
    mode = expect_choice(mode, "the mode of qr", ("reduced", "complete", "r"))
    if mode == "r":
        return R()(a)
    return QR(mode == "complete")(a)
