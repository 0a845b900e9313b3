"""Systems of linear equations: x with A x = b."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Pair
from kernelgraph.dtypes import to_float
from kernelgraph.errors import ShapeError, SingularMatrixError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Cotangents, Opaque, Size, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.contraction import dot, heard, outer, transposed
from kernelgraph.ops.moves import fitting
from kernelgraph.routines import Gesv
from kernelgraph.types import TensorType, upcast


class Solve(Opaque):
    """The vector or matrix x with A x = b, for a square matrix A: by LAPACK's gesv, which divides A
    into triangles with rows exchanged.

    With g the derivative of x, that of b is s with Aᵀ s = g, and that of A is -s xᵀ (Giles, 2008).
    """

    __props__ = ()
    name = "solve"

    def routine(self, node: Apply) -> Gesv:
        return Gesv(self.singular)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) for other ranks, and for sizes that are known to differ."""
        a, b = map(as_variable, inputs)
        if a.ndim != 2 or b.ndim not in (1, 2):
            raise ShapeError(
                f"solve takes a matrix and a vector or matrix, got {describe(a)} and {describe(b)}",
                code="KG-S002",
                operands=(sized(a), sized(b)),
            )
        dtype = to_float(upcast(a.dtype, b.dtype))
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
            "solve takes a square matrix, and as many rows on the right: "
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
                return np.linalg.solve(a, b)

        try:
            return [heard(float(len(a)) ** 3, work)]
        except np.linalg.LinAlgError:
            raise self.singular(node) from None

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a, _), x, (g,) = node.inputs, node.out, cotangents
        if g is None:
            return [None, None]
        s = solve(transposed(a), g)
        return [-(outer(s, x) if x.ndim == 1 else dot(s, transposed(x))), s]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a, _), (da, db) = node.inputs, tangents
        moved = None if da is None else -dot(da, node.out)
        parts = [part for part in (db, moved) if part is not None]
        return [solve(a, sum(parts[1:], parts[0])) if parts else None]


solve_op = Solve()


def solve(a: Any, b: Any) -> Variable:
    """The vector or matrix x with `a` x = `b`, for a square matrix `a`.

    Raises `ShapeError` (KG-S002) for sizes that do not fit; a call of the function raises
    `SingularMatrixError` (KG-L001).

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> A, b = T.dmatrix("A"), T.dvector("b")
    >>> f = kg.function([A, b], T.slinalg.solve(A, b))
    >>> f([[2.0, 0.0], [1.0, 1.0]], [4.0, 5.0]).tolist()
    [2.0, 3.0]
    """
    return solve_op(a, b)
