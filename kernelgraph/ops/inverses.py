"""Inverses of matrices and determinants, and pseudoinverses, which all matrices have.

Sources of the derivatives: M. B. Giles, Collected matrix derivative results (2008); of the
pseudoinverse, G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Axis
from kernelgraph.expect import expect_number
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Composite, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import cast, gt, switch
from kernelgraph.ops.complexes import complex_, conjugate, imag, real_part
from kernelgraph.ops.contraction import dot, transposed
from kernelgraph.ops.matrices import MatrixOp, adjoint, as_matrix
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.softmax import Peak
from kernelgraph.ops.spectra import SVD, column
from kernelgraph.ops.stacks import OverMatrices
from kernelgraph.routines import Lapack
from kernelgraph.types import Array, TensorType, is_complex, real_part_of


class Inverse(MatrixOp):
    """The matrix x with a x = 1."""

    name = "inverse"
    latex = r"{x}^{-1}"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("inverse", 0, self.failed, "inverse")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0), Axis(0, 1)]]

    def numpy(self, a: Array) -> Any:
        return np.linalg.inv(a)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """-xᵀ g xᵀ."""
        x, (g,) = adjoint(node.out), cotangents
        return [None if g is None else -dot(dot(x, g), x)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        x, (da,) = node.out, tangents
        return [None if da is None else -dot(dot(x, da), x)]


def inv(a: Any) -> Variable:
    """The inverse of a square matrix.

    Raises `ShapeError` (KG-S002) for what is no square matrix; a call of the function raises
    `SingularMatrixError` (KG-N002). To solve equations, `slinalg.solve` is faster and more precise.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> kg.function([a], T.nlinalg.inv(a))([[2.0, 0.0], [0.0, 4.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    return Inverse()(a)


class SignAndLog(MatrixOp):
    """The sign of a determinant, and the logarithm of its magnitude; of complex numbers the sign is
    one of magnitude 1, which turns as they change.
    """

    name = "slogdet"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("sign_and_log", 0, None, "logarithm")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[], []]

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        return [dtype, real_part_of(dtype)]

    def numpy(self, a: Array) -> Any:
        return tuple(np.linalg.slogdet(a))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The inverse of aᴴ, times the cotangent of the logarithm and i times that of the angle.
        The sign of real numbers does not change.
        """
        (a,), (turn, g) = node.inputs, cotangents
        if is_complex(a.dtype) and turn is not None:
            angle = imag(turn * conjugate(node.outputs[0]))
            g = complex_(0 if g is None else g, angle)
        return [None if g is None else g * adjoint(inv(a))]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """Of the logarithm of the determinant, real part and angle: the trace of a⁻¹ da."""
        (a,), (da,), sign = node.inputs, tangents, node.outputs[0]
        if da is None:
            return [None, None]
        trace = sum_(transposed(inv(a)) * da)
        turn = sign * complex_(0, imag(trace)) if is_complex(a.dtype) else None
        return [turn, real_part(trace)]


def slogdet(a: Any) -> list[Variable]:
    """The sign of the determinant of a square matrix, and the logarithm of its magnitude, which
    does not overflow: 0 and -inf for a singular matrix. The determinant is sign * exp(logarithm);
    of complex numbers the sign is the number of magnitude 1 with the determinant's angle.

    Raises `ShapeError` (KG-S002) for what is no square matrix. The derivative is the inverse, and
    raises `SingularMatrixError` (KG-N002) where there is none.
    """
    return SignAndLog()(a)


class Determinant(MatrixOp):
    """The determinant, by the diagonal of LAPACK's triangles."""

    name = "det"
    latex = r"\det\left({x}\right)"

    def routine(self, node: Apply) -> Lapack:
        return Lapack("determinant", 0, None, "determinant")

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[]]

    def numpy(self, a: Array) -> Any:
        return np.linalg.det(a)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """Jacobi's formula: det(a) times the inverse of aᵀ."""
        (a,), (g,) = node.inputs, cotangents
        return [None if g is None else g * conjugate(node.out) * adjoint(inv(a))]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a,), (da,) = node.inputs, tangents
        return [None if da is None else node.out * sum_(transposed(inv(a)) * da)]


def det(a: Any) -> Variable:
    """The determinant of a square matrix.

    Raises `ShapeError` (KG-S002) for what is no square matrix. The derivative is written with the
    inverse, and raises `SingularMatrixError` (KG-N002) where there is none.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> float(kg.function([a], T.nlinalg.det(a))([[1.0, 2.0], [3.0, 4.0]]).round(12))
    -2.0
    """
    return Determinant()(a)


class Pseudoinverse(OverMatrices, Composite):
    """By singular values, of which those count as 0 that are at most so many times the largest as
    the second operand says.
    """

    __props__ = ()
    name = "pinv"
    latex = r"{x}^{+}"

    def item_ranks(self, operands: Sequence[Variable]) -> Sequence[int]:
        return [2, 0]

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) for what is no matrix."""
        a = as_matrix(inputs[0], self.name)
        shape = a.tensor_type.shape[::-1]
        limit = cast(as_variable(inputs[1]), real_part_of(a.dtype))
        return Apply(self, [a, limit], [Variable(TensorType(a.dtype, shape))])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 1), Axis(0, 0)]]

    def expand(self, *operands: Variable) -> Variable:
        a, limit = operands
        u, s, vt = SVD(full=False)(a)
        large = gt(s, limit * Peak((0,))(s))
        one, zero = (np.full(1, n, s.dtype) for n in (1, 0))
        inverted = switch(large, one / switch(large, s, one), zero)
        return dot(adjoint(vt), column(inverted) * adjoint(u))

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The transpose of what `jvp` says."""
        (a, _), p, (g,) = node.inputs, node.out, cotangents
        if g is None:
            return [None, None]
        turned, back = adjoint(p), adjoint(g)
        left = dot(dot(back, p), turned)
        right = dot(turned, dot(p, back))
        found = (left - dot(a, dot(p, left))) + (right - dot(dot(right, p), a))
        return [found - dot(dot(turned, g), turned), None]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        """-p da p + p pᴴ daᴴ (1 - a p) + (1 - p a) daᴴ pᴴ p."""
        (a, _), p, da = node.inputs, node.out, tangents[0]
        if da is None:
            return [None]
        turned, back = adjoint(p), adjoint(da)
        left, right = dot(dot(p, turned), back), dot(back, dot(turned, p))
        found = (left - dot(dot(left, a), p)) + (right - dot(p, dot(a, right)))
        return [found - dot(dot(p, da), p)]


def pinv(a: Any, rcond: Any = 1e-15) -> Variable:
    """The pseudoinverse of Moore and Penrose of any matrix: of all x for which a x - b is smallest,
    `pinv(a) @ b` is the shortest.

    Singular values that are at most `rcond` times the largest count as 0. The derivative is that at
    a rank that does not change. Raises `ShapeError` (KG-S002) for what is no matrix; a call of the
    function raises `DecompositionError` (KG-N003) if there are NaNs.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> kg.function([a], T.nlinalg.pinv(a))([[2.0, 0.0], [0.0, 0.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    limit = rcond if isinstance(rcond, Variable) else expect_number(rcond, "rcond")
    return Pseudoinverse()(a, limit if isinstance(limit, Variable) else np.asarray(limit))
