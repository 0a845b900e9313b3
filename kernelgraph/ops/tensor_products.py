"""Products of arrays of any rank: `dot`, `matmul` (`x @ y`), `tensordot` and their kin.

Each is an `einsum` whose labels follow from the ranks: `dot` of a matrix and three dimensions is
`ak,bkc->abc`. Of vectors and matrices, `dot` and `matmul` are the op `dot`.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import reduce
from typing import Any

from kernelgraph.elementwise import dimshuffle, pad_left
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops import contraction
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.einsum import contracted
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sources import size
from kernelgraph.ops.strided import diagonal
from kernelgraph.ops.views import Reshape, flatten, normalize_axes
from kernelgraph.types import is_array, listed, upcast

__all__ = [
    "batched_dot", "batched_tensordot", "dot", "inner", "kron", "matmul", "matrix_dot", "outer",
    "tensordot", "trace", "vdot",
]  # fmt: skip


def dot(x: Any, y: Any) -> Variable:
    """The product of two arrays as NumPy's `dot`: the last axis of `x` meets the last but one of
    `y`, the only one of a vector; a scalar scales.

    The result has the other axes of `x`, then those of `y`. Raises `ShapeError` (KG-S002) when the
    sizes that meet differ, here if they are known, else when the function runs.

    >>> import kernelgraph.tensor as T
    >>> dot(T.tensor("float64", (2, 3, 4)), T.tensor("float64", (4, 5))).tensor_type.shape
    (2, 3, 5)
    """
    x, y = as_variable(x), as_variable(y)
    if x.ndim < 3 and y.ndim < 3:
        return contraction.dot(x, y)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return _contracted(x, y, [x.ndim - 1], [max(y.ndim - 2, 0)])


def matmul(x: Any, y: Any) -> Variable:
    """`x @ y`: products of the matrices in the last two axes, for all places of the axes before
    them, which are aligned as broadcasting does. A vector is a row on the left, a column on the
    right, and that axis is left out of the result.

    Raises `ShapeError` (KG-S002) for scalars, and for sizes that do not fit.

    >>> import kernelgraph.tensor as T
    >>> matmul(T.tensor("float64", (7, 2, 3)), T.tensor("float64", (3, 4))).tensor_type.shape
    (7, 2, 4)
    """
    x, y = as_variable(x), as_variable(y)
    if x.ndim == 0 or y.ndim == 0:
        what = f"matmul takes no scalars: {describe(x)}, {describe(y)}"
        raise ShapeError(
            what, code="KG-S002", operands=(sized(x), sized(y)), hint="x * y scales an array"
        )
    if x.ndim < 3 and y.ndim < 3:
        return contraction.dot_op(x, y)
    rows, inner, columns, *free = string.ascii_letters
    batch = "".join(free[: max(x.ndim, y.ndim) - 2])
    left = batch[len(batch) - max(x.ndim - 2, 0) :] + (rows + inner)[-x.ndim :]
    right = batch[len(batch) - max(y.ndim - 2, 0) :] + (inner + columns)[: y.ndim]
    result = batch + (rows if x.ndim > 1 else "") + (columns if y.ndim > 1 else "")
    return contracted([(x, left), (y, right)], result, batch)


def tensordot(x: Any, y: Any, axes: Any = 2) -> Variable:
    """The sum of products over some axes of `x` and as many of `y`, in pairs: NumPy's `tensordot`.

    `axes` is a number n, for the last n of `x` and the first n of `y`, or a pair: axes of `x`, axes
    of `y`, each an int or a list. The result has the other axes of `x`, then those of `y`. Raises
    `ArgumentError` or `ShapeError` (KG-S002) for axes that do not fit, and `ShapeError` for sizes.

    >>> import kernelgraph.tensor as T
    >>> x, y = T.tensor("float64", (2, 3, 4)), T.tensor("float64", (4, 3, 5))
    >>> tensordot(x, y, [[2, 1], [0, 1]]).tensor_type.shape
    (2, 5)
    """
    x, y = as_variable(x), as_variable(y)
    return _contracted(x, y, *_paired_axes(x, y, axes, 0))


def batched_dot(x: Any, y: Any) -> Variable:
    """The `dot` of `x[k]` and `y[k]` for every k.

    Raises `ShapeError` (KG-S002) for scalars, and for sizes that do not fit.

    >>> import kernelgraph.tensor as T
    >>> x, y = T.tensor("float64", (7, 2, 3)), T.tensor("float64", (7, 3, 4))
    >>> batched_dot(x, y).tensor_type.shape
    (7, 2, 4)
    """
    x, y = _batches("batched_dot", x, y)
    if x.ndim == 1 or y.ndim == 1:  # a number for every k
        return _contracted(x, y, [], [], batches=1)
    return _contracted(x, y, [x.ndim - 1], [max(y.ndim - 2, 1)], batches=1)


def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Variable:
    """The `tensordot` of `x[k]` and `y[k]` for every k. Axes are counted with the first, which is
    none of them: a number n stands for the last n of `x` and the first n of `y` behind it.

    Raises `ArgumentError` or `ShapeError` (KG-S002) as `tensordot` does.

    >>> import kernelgraph.tensor as T
    >>> x, y = T.tensor("float64", (7, 2, 3)), T.tensor("float64", (7, 3, 4))
    >>> batched_tensordot(x, y, [[2], [1]]).tensor_type.shape
    (7, 2, 4)
    """
    x, y = _batches("batched_tensordot", x, y)
    return _contracted(x, y, *_paired_axes(x, y, axes, 1), batches=1)


def inner(x: Any, y: Any) -> Variable:
    """The sum of products over the last axes of both; a scalar scales."""
    x, y = as_variable(x), as_variable(y)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return _contracted(x, y, [x.ndim - 1], [y.ndim - 1])


def vdot(x: Any, y: Any) -> Variable:
    """The sum of all products of elements, in row-major order; of complex `x`, the conjugates."""
    return contraction.dot_op(flatten(conjugate(as_variable(x))), flatten(y))


def outer(x: Any, y: Any) -> Variable:
    """All products of an element of `x` with one of `y`, in row-major order: a matrix."""
    return contraction.outer(flatten(x), flatten(y))


def kron(x: Any, y: Any) -> Variable:
    """The Kronecker product: every element of `x` times all of `y`, in blocks.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x, y = T.dmatrix("x"), T.dmatrix("y")
    >>> f = kg.function([x, y], kron(x, y), target="interpret")
    >>> f([[1, 2]], [[1, 1], [0, 1]]).tolist()
    [[1.0, 1.0, 2.0, 2.0], [0.0, 1.0, 0.0, 2.0]]
    """
    x, y = as_variable(x), as_variable(y)
    rank = max(x.ndim, y.ndim)
    x, y = pad_left(x, rank), pad_left(y, rank)
    blocks = dimshuffle(x, [k for axis in range(rank) for k in (axis, "x")])
    inside = dimshuffle(y, [k for axis in range(rank) for k in ("x", axis)])
    sizes = [size(x, axis) * size(y, axis) for axis in range(rank)]
    return Reshape(rank)(blocks * inside, *(cast(n, "int64") for n in sizes))


def trace(x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Variable:
    """The sum of the elements at `x[…, i, …, i + offset, …]`, in the dtype of `sum`.

    Raises what `diagonal` raises.
    """
    return sum_(diagonal(x, offset, axis1, axis2), axis=-1)


def matrix_dot(*matrices: Any) -> Variable:
    """The product of several matrices, from the left. Raises `ArgumentError` for none."""
    if not matrices:
        raise ArgumentError("matrix_dot of nothing", hint="matrix_dot(A, B, C) is A @ B @ C")
    return reduce(dot, matrices[1:], as_variable(matrices[0]))


def _contracted(
    x: Variable, y: Variable, left: Sequence[int], right: Sequence[int], batches: int = 0
) -> Variable:
    """The sum of products over axes in pairs."""
    (one, other), result = _labels(x, y, left, right, batches)
    dtype = upcast(x.dtype, y.dtype)
    return contracted([(cast(x, dtype), one), (cast(y, dtype), other)], result)


def _labels(
    x: Variable, y: Variable, left: Sequence[int], right: Sequence[int], batches: int
) -> tuple[tuple[str, str], str]:
    """Labels of the operands, of which the first are in both, and of the result."""
    letters = string.ascii_letters
    one, rest = letters[: x.ndim], letters[x.ndim :]
    other = [one[k] if k < batches else rest[k] for k in range(y.ndim)]
    for a, b in zip(left, right, strict=True):
        other[b] = one[a]
    kept = [label for k, label in enumerate(one) if k not in left]
    kept += [label for k, label in enumerate(other) if k not in right and k >= batches]
    return (one, "".join(other)), "".join(kept)


def _batches(name: str, x: Any, y: Any) -> tuple[Variable, Variable]:
    x, y = as_variable(x), as_variable(y)
    if x.ndim == 0 or y.ndim == 0:
        what = f"{name} takes batches, and a scalar is none: {describe(x)}, {describe(y)}"
        raise ShapeError(what, code="KG-S002", operands=(sized(x), sized(y)))
    return x, y


def _paired_axes(x: Variable, y: Variable, axes: Any, batches: int) -> tuple[list[int], list[int]]:
    """The axes that meet, from what a user says of them."""
    if not isinstance(axes, list | tuple):
        most = min(x.ndim, y.ndim) - batches
        count = expect_integer(axes, "the number of axes that meet", 0, most)
        return [*range(x.ndim - count, x.ndim)], [*range(batches, batches + count)]
    if len(sides := listed(axes)) != 2:
        what = "the axes of a product are a number, or axes of x and axes of y"
        raise ArgumentError(f"{what}, not {came(axes)}", hint="tensordot(x, y, [[1, 2], [0, 1]])")
    left, right = _axes(x, sides[0], batches), _axes(y, sides[1], batches)
    if len(left) != len(right):
        raise ArgumentError(f"{len(left)} axes of x cannot meet {len(right)} axes of y")
    return left, right


def _axes(x: Variable, wanted: Any, batches: int) -> list[int]:
    """Axes of a list, or one, not negative, in the order in which they are given."""
    axes = [*normalize_axes(wanted.tolist() if is_array(wanted) else wanted, x)]
    if any(axis < batches for axis in axes):
        raise ArgumentError(f"the first axis of {describe(x)} counts batches, and is not summed")
    return axes
