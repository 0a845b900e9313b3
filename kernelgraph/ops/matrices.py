"""What ops share that LAPACK computes of one matrix: a determinant, an inverse, decompositions.

An op says what NumPy's function does the same (`numpy`), which work of LAPACK (`routine`), and the
sizes of its results; in compiled functions LAPACK is called without Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Axis, Pair
from kernelgraph.errors import (
    GradientError,
    KernelgraphError,
    Origins,
    ShapeError,
    SingularMatrixError,
)
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Opaque, Size, as_variable
from kernelgraph.ops.arithmetic import cast, minimum
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.contraction import heard, transposed
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.stacks import OverMatrices
from kernelgraph.types import (
    Array,
    TensorType,
    computing,
    is_inexact,
    upcast,
)

LIBRARY = "given to LAPACK", "the library has all that is known of stability and speed"
"""What the plan says of such work."""


def as_matrix(value: Any, name: str) -> Variable:
    """A matrix of floats or complex numbers; integers become float64, as in NumPy's linear algebra,
    float16 float32. Raises `ShapeError` (KG-S002) for any other rank.
    """
    a: Variable = as_variable(value)
    if a.ndim != 2:
        raise ShapeError(
            f"{name} takes a matrix, not {describe(a)}", code="KG-S002", operands=(sized(a),)
        )
    return cast(a, linear_dtype(a.dtype))


def linear_dtype(*dtypes: str) -> str:
    """The dtype in which NumPy's linear algebra works with these; of float16, which it has not,
    float32.
    """
    common = computing(upcast(*dtypes))
    return common if is_inexact(common) else "float64"


def adjoint(x: Variable) -> Variable:
    """The transpose; of complex numbers, their conjugates transposed."""
    return transposed(conjugate(x))


def smaller_size(a: Variable) -> Variable:
    """The smaller of the sizes of a matrix, a scalar."""
    m, n = size(a, 0), size(a, 1)
    if isinstance(m, Constant) and isinstance(n, Constant):
        return constant_size(min(int(m.data), int(n.data)))
    return minimum(m, n)


def no_derivative(what: str, origins: Origins = ()) -> GradientError:
    """The error for vectors of which only the space that they span is determined."""
    return GradientError(
        f"{what} has no derivative of matrices that it makes square",
        code="KG-G022",
        origins=origins,
        because="columns beyond those of the smaller side may be any orthogonal vectors",
        hint='svd(a, full_matrices=False), qr(a, mode="reduced")',
    )


class Undetermined(Opaque):
    """The tangent of a result that has none: an error, if anybody wants to know it."""

    __props__ = ("what",)
    name = "no_derivative"

    def __init__(self, what: str) -> None:
        self.what = what

    def make_node(self, *inputs: Any) -> Apply:
        (x,) = inputs
        return Apply(self, [x], [Variable(x.type)])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        raise no_derivative(self.what, node.origins)


class MatrixOp(OverMatrices):
    """Work with one matrix."""

    __props__: tuple[str, ...] | None = ()
    host_work = LIBRARY

    square = True
    """Whether the matrix must be."""

    def item_ranks(self, operands: Sequence[Variable]) -> Sequence[int]:
        return [2]

    def numpy(self, a: Array) -> Any:
        """The results for a matrix or a stack of them, by a function of NumPy's."""
        raise NotImplementedError

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        """For each result and axis, where its size comes from."""
        raise NotImplementedError

    def result_dtypes(self, dtype: str, count: int) -> Sequence[str]:
        """The dtypes of so many results, for a matrix of this one."""
        return [dtype] * count

    def failed(self, node: Apply) -> KernelgraphError:
        """The error for a matrix that it cannot work with."""
        return SingularMatrixError(f"{describe(node.inputs[0])} is singular", origins=node.origins)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) for no matrix, or one that is known not to be square."""
        a = as_matrix(inputs[0], self.name)

        def known(source: Size) -> int | None:
            if isinstance(source, Axis):
                return a.tensor_type.shape[source.axis]
            return int(source.data) if isinstance(source, Constant) else None

        sizes = self.result_sizes(a)
        pairs = zip(self.result_dtypes(a.dtype, len(sizes)), sizes, strict=True)
        types = (TensorType(dtype, tuple(map(known, s))) for dtype, s in pairs)
        return fitting(Apply(self, [a], [Variable(kind) for kind in types]))

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return self.result_sizes(node.inputs[0])

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        if self.square:
            yield Axis(0, 0), Axis(0, 1)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        """The matrix is not square."""
        a = node.inputs[0]
        return ShapeError(
            f"{self.name} takes a square matrix: "
            f"{describe(a)} has {sizes[0]} rows and {sizes[1]} columns",
            code="KG-S002",
            origins=node.origins,
            operands=(sized(a, 1, sizes[1]),),
        )

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """Raises what `failed` makes."""
        a: Array = np.asarray(inputs[0])

        def work() -> Any:
            with np.errstate(all="ignore"):
                return self.numpy(a)

        try:
            found = heard(float(a.shape[-2]) * a.size, work)
        except np.linalg.LinAlgError:
            raise self.failed(node) from None
        pairs = zip(found if len(node.outputs) > 1 else [found], node.outputs, strict=True)
        return [np.asarray(result, out.dtype) for result, out in pairs]
