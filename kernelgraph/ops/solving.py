"""Linear equations as ops: the x with A x = b, by LAPACK, for a square matrix A or a triangle.

With g the derivative of x, that of b is s with Aᵀ s = g, and that of A is -s xᵀ (M. B. Giles,
Collected matrix derivative results, 2008), of which a triangle has its own part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Pair
from kernelgraph.errors import ShapeError, SingularMatrixError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.contraction import dot, heard, outer, transposed
from kernelgraph.ops.half_matrices import lower, upper
from kernelgraph.ops.matrices import LIBRARY, adjoint, linear_dtype
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.stacks import OverMatrices
from kernelgraph.routines import Lapack
from kernelgraph.types import Array, TensorType


class Equations(OverMatrices):
    """The vector or matrix x with A x = b, for a square matrix A."""

    host_work = LIBRARY

    def item_ranks(self, operands: Sequence[Variable]) -> Sequence[int]:
        """Of stacks, only a single axis on the right is one of vectors, as NumPy has it."""
        return [2, min(operands[1].ndim, 2)]

    def transpose(self) -> Equations:
        """The op that solves the equations of the transpose."""
        raise NotImplementedError

    def part(self, a: Variable) -> Variable:
        """What A is of a matrix."""
        raise NotImplementedError

    def numpy(self, a: Array, b: Array) -> Array:
        """The result, with NumPy, also for stacks, which have as many axes in front of those of an
        item. Raises NumPy's `LinAlgError` for a singular matrix.
        """
        raise NotImplementedError

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) for other ranks, and for sizes that are known to differ."""
        a, b = map(as_variable, inputs)
        if a.ndim != 2 or b.ndim not in (1, 2):
            raise ShapeError(
                f"{self.name} takes a matrix and a vector or matrix, "
                f"got {describe(a)} and {describe(b)}",
                code="KG-S002",
                operands=(sized(a), sized(b)),
            )
        dtype = linear_dtype(a.dtype, b.dtype)
        operands = [cast(a, dtype), cast(b, dtype)]
        return fitting(Apply(self, operands, [Variable(TensorType(dtype, b.tensor_type.shape))]))

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        yield Axis(0, 0), Axis(0, 1)
        yield Axis(0, 0), Axis(1, 0)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(1, axis) for axis in range(node.out.ndim)]]

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        """The matrix is not square, or has other rows than the right side."""
        a, b = node.inputs
        if pair[1].operand == 0:
            what, sides = f"and {sizes[1]} columns", (sized(a, 1, sizes[1]), sized(b))
        else:
            what = f"and {describe(b)} has {sizes[1]}"
            sides = (sized(a, 0, sizes[0]), sized(b, 0, sizes[1]))
        return ShapeError(
            f"{self.name} takes a square matrix, and as many rows on the right: "
            f"{describe(a)} has {sizes[0]} rows {what}",
            code="KG-S002",
            origins=node.origins,
            operands=sides,
        )

    def singular(self, node: Apply) -> SingularMatrixError:
        """The error for a matrix of which a row is made up of the others."""
        return SingularMatrixError(
            f"{describe(node.inputs[0])} is singular: no x, or more than one, solves the equations",
            origins=node.origins,
            hint="a matrix A.T @ A + 0.001 * identity never is (ridge regression)",
        )

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """Raises `SingularMatrixError`."""
        a, b = (np.asarray(value) for value in inputs)

        def work() -> Any:
            with np.errstate(all="ignore"):
                return self.numpy(a, b)

        try:
            return [heard(float(a.shape[-2]) * a.size, work)]
        except np.linalg.LinAlgError:
            raise self.singular(node) from None

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a, _), x, (g,) = node.inputs, node.out, cotangents
        if g is None:
            return [None, None]
        s, x = self.transpose()(adjoint(a), g), conjugate(x)
        return [self.part(-(outer(s, x) if x.ndim == 1 else dot(s, transposed(x)))), s]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a, _), (da, db) = node.inputs, tangents
        moved = None if da is None else -dot(self.part(da), node.out)
        parts = [part for part in (db, moved) if part is not None]
        return [self(a, sum(parts[1:], parts[0])) if parts else None]


class Solve(Equations):
    """By LAPACK's gesv, which divides A into triangles with rows exchanged."""

    latex = r"{x}^{-1}\,{y}"

    __props__ = ()
    name = "solve"

    def transpose(self) -> Solve:
        return self

    def part(self, a: Variable) -> Variable:
        return a

    def routine(self, node: Apply) -> Lapack:
        return Lapack("solution", 0, self.singular, "solution")

    def numpy(self, a: Array, b: Array) -> Array:
        is_vector = b.ndim < a.ndim
        return np.linalg.solve(a, b[..., None])[..., 0] if is_vector else np.linalg.solve(a, b)


class TriangularSolution(Equations):
    """With the lower triangle of a matrix or the upper one; `unit`: as if its diagonal were 1."""

    __props__ = ("lower", "unit")
    name = "solve_triangular"

    def __init__(self, lower: bool, unit: bool = False) -> None:
        self.lower = lower
        self.unit = unit

    def transpose(self) -> TriangularSolution:
        return TriangularSolution(not self.lower, self.unit)

    def part(self, a: Variable) -> Variable:
        return lower(a, -int(self.unit)) if self.lower else upper(a, int(self.unit))

    def routine(self, node: Apply) -> Lapack:
        option = int(self.lower) + 2 * int(self.unit)
        return Lapack("triangular_solution", option, self.singular, "solution")

    def numpy(self, a: Array, b: Array) -> Array:
        if a.ndim == 2:
            return self._substituted(a, b)
        form = "(n,n),(n)->(n)" if b.ndim < a.ndim else "(n,n),(n,m)->(n,m)"
        return np.vectorize(self._substituted, otypes=[b.dtype], signature=form)(a, b)

    def _substituted(self, a: Array, b: Array) -> Array:
        """Row after row: each equation has one unknown more than the one before."""
        if not self.unit and not np.diagonal(a).all():
            raise np.linalg.LinAlgError
        wide = a.astype(np.promote_types(a.dtype, "float64"))
        x = b.astype(wide.dtype)
        for i in range(len(a)) if self.lower else reversed(range(len(a))):
            known = slice(0, i) if self.lower else slice(i + 1, None)
            x[i] -= wide[i, known] @ x[known]
            x[i] /= 1 if self.unit else wide[i, i]
        return x.astype(b.dtype)

    def singular(self, node: Apply) -> SingularMatrixError:
        """The error for a triangle with a zero on its diagonal."""
        return SingularMatrixError(
            f"{describe(node.inputs[0])} is singular: its diagonal has a zero",
            origins=node.origins,
        )


solve_op = Solve()
