"""Halves of matrices, and matrices that are made of a diagonal: what decompositions and their
derivatives are written with.

    lower([[1, 2], [3, 4]]) = [[1, 0], [3, 4]]

They are linear and cut nothing off, as `tril` does: a derivative of a derivative multiplies them
with other matrices, which then stays a product of a library.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import OverComplex, dimshuffle, elementwise
from kernelgraph.errors import DTypeError, ShapeError
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, ge
from kernelgraph.ops.complex_text import JOIN
from kernelgraph.ops.complexes import conjugate, real_part
from kernelgraph.ops.contraction import transposed
from kernelgraph.ops.positions import count
from kernelgraph.ops.sources import derived_size, size
from kernelgraph.ops.strided import StridedTranspose, diagonal
from kernelgraph.types import is_complex


def _as_first(dtypes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Of the dtype of the first operand; the others are places. Raises `DTypeError` if not."""
    if any(dtype != "int64" for dtype in dtypes[1:]):
        raise DTypeError("places are int64", code="KG-D003")
    return [dtypes[0], "int64", "int64"], dtypes[0]


kept_up_to = elementwise(
    "kept_up_to", "The first number where the second is not less than the third, else 0.",
    numpy=lambda x, y, z: np.where(y >= z, x, np.zeros((), np.asarray(x).dtype)),
    c="({y} >= {z} ? {x} : 0)", python="({x} if {y} >= {z} else 0)",
    latex=r"{x} \left[{y} \geq {z}\right]", arity=3, signature=_as_first, public=False,
    partials=lambda x, y, z, out: (cast(ge(y, z), x.dtype), None, None),
    over_complex=OverComplex("({y} >= {z} ? {x} : complex_joined(0, 0))", (JOIN,)),
)  # fmt: skip


def _places(x: Variable) -> tuple[Variable, Variable]:
    """A column of the numbers of rows, a row of the numbers of columns."""
    rows, columns = (count(size(x, axis)) for axis in (0, 1))
    return dimshuffle(rows, (0, "x")), dimshuffle(columns, ("x", 0))


def lower(x: Variable, k: int = 0) -> Variable:
    """A matrix with zeros above its diagonal number `k`, which lies above the main one if k > 0."""
    rows, columns = _places(x)
    return kept_up_to(x, rows if k == 0 else rows + k, columns)


def upper(x: Variable, k: int = 0) -> Variable:
    """A matrix with zeros below its diagonal number `k`."""
    rows, columns = _places(x)
    return kept_up_to(x, columns, rows if k == 0 else rows + k)


def mirrored(x: Variable) -> Variable:
    """The symmetric matrix whose lower triangle is that of `x`; of complex numbers the Hermitian
    one, of whose diagonal the real parts count.
    """
    if not is_complex(x.dtype):
        return symmetric(x)
    below = lower(x, -1)
    return below + transposed(conjugate(below)) + real_diagonal(x)


def symmetric(x: Variable) -> Variable:
    """The symmetric matrix whose lower triangle is that of `x`, without conjugates."""
    return lower(x) + transposed(lower(x, -1))


def folded(x: Variable) -> Variable:
    """The transpose of `mirrored`: what lies above the diagonal is added to what lies below."""
    if not is_complex(x.dtype):
        return lower(x) + transposed(upper(x, 1))
    return lower(x + transposed(conjugate(x)), -1) + real_diagonal(x)


def real_diagonal(x: Variable) -> Variable:
    """The real parts of a diagonal, on the diagonal of a matrix."""
    return alloc_diag(cast(real_part(diagonal(x)), x.dtype))


def identity_like(x: Variable) -> Variable:
    """The identity matrix of the size and the dtype of a square matrix, or of a stack of such, from
    which it is derived: if that is not square, it is an error here, too.
    """
    places = count(derived_size(x, x.ndim - 2))
    return cast(eq(dimshuffle(places, (0, "x")), dimshuffle(places, ("x", 0))), x.dtype)


def alloc_diag(x: Any) -> Variable:
    """A matrix with the elements of a vector on its diagonal, and zeros elsewhere.

    Raises `ShapeError` (KG-S002) for anything but a vector.
    """
    vector: Variable = as_variable(x)
    if vector.ndim != 1:
        what = f"alloc_diag takes a vector, not {describe(vector)}"
        raise ShapeError(what, code="KG-S002", operands=(sized(vector),))
    n = size(vector, 0)
    return StridedTranspose((((0, 1), (1, 1)),), 2)(vector, n, n, n)


def extract_diag(x: Any) -> Variable:
    """The diagonal of a matrix, a vector. Raises `ShapeError` (KG-S002) for anything else."""
    matrix: Variable = as_variable(x)
    if matrix.ndim != 2:
        what = f"extract_diag takes a matrix, not {describe(matrix)}"
        raise ShapeError(what, code="KG-S002", operands=(sized(matrix),))
    return diagonal(matrix)


def off_diagonal_inverse(x: Variable) -> Variable:
    """1 / (x[j] - x[i]) for i ≠ j, and 0 on the diagonal, of a vector."""
    rows, columns = count(size(x, 0)), count(size(x, 0))
    same = eq(dimshuffle(rows, (0, "x")), dimshuffle(columns, ("x", 0)))
    gaps = dimshuffle(x, ("x", 0)) - dimshuffle(x, (0, "x"))
    return (1 - cast(same, x.dtype)) / (gaps + cast(same, x.dtype))
