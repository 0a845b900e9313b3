"""Matrices by where their elements stand: identities, triangles and diagonals.

All are choices by a comparison of row and column numbers, so that they are fused with what uses
them:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m, v = T.lmatrix("m"), T.lvector("v")
>>> f = kg.function([m, v], [tril(m), diag(v, 1)], target="interpret")
>>> [result.tolist() for result in f([[1, 2], [3, 4]], [5, 6])]
[[[1, 0], [3, 4]], [[0, 5, 0], [0, 0, 6], [0, 0, 0]]]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.config import config
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ShapeError
from kernelgraph.expect import expect_integer
from kernelgraph.graph import Constant, Variable, describe
from kernelgraph.mismatches import expect_fitting, expect_rank, sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, ge, maximum, minimum, switch
from kernelgraph.ops.blocks import count_of, pad
from kernelgraph.ops.masks import nonzero
from kernelgraph.ops.patterns import declared
from kernelgraph.ops.positions import count
from kernelgraph.ops.sources import own_size, size
from kernelgraph.ops.strided import diagonal
from kernelgraph.ops.views import flatten

__all__ = [
    "alloc_diag", "diag", "diag_indices", "diag_indices_from", "diagflat", "extract_diag", "eye",
    "fill_diagonal", "fill_diagonal_offset", "identity", "identity_like", "tri", "tril",
    "tril_indices", "tril_indices_from", "triu", "triu_indices", "triu_indices_from",
]  # fmt: skip


def _numbers(rows: Variable, columns: Variable, k: Any) -> tuple[Variable, Variable]:
    """The number of each row plus k, as a column, and that of each column, as a row.

    Every k beyond the corners is as good as one at a corner, and no sum with it leaves int64.
    """
    shift = count_of(k, "the number of a diagonal")
    if not isinstance(shift, Constant) or abs(int(shift.data)) >= 2**62:
        shift = minimum(maximum(shift, -rows), columns)
    down = dimshuffle(count(rows), (0, "x")) + dimshuffle(shift, ("x", "x"))
    return down, dimshuffle(count(columns), ("x", 0))


def _sides(n: Any, m: Any) -> tuple[Variable, Variable]:
    rows = count_of(n, "a number of rows", 0)
    return rows, rows if m is None else count_of(m, "a number of columns", 0)


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Variable:
    """Ones on the k-th diagonal (above the main one for k > 0) of an n × m matrix (m: n), zeros
    elsewhere; of dtype floatX unless given. Sizes and k are integers or int scalars.

    Raises `ArgumentError` for others, `ShapeError` (KG-S009) for a size that turns out negative.
    """
    return cast(eq(*_numbers(*_sides(n, m), k)), config.floatX if dtype is None else dtype)


def identity(n: Any, dtype: Any = None) -> Variable:
    """`eye(n)`, a square matrix."""
    return eye(n, dtype=dtype)


def identity_like(x: Any) -> Variable:
    """`eye` of the shape and dtype of a matrix. Raises `ShapeError` (KG-S008) for no matrix."""
    x = expect_rank(as_variable(x), 2, "identity_like")
    return eye(size(x, 0), size(x, 1), dtype=x.dtype)


def tri(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Variable:
    """Ones on and below the k-th diagonal of an n × m matrix, zeros above; else as `eye`."""
    return cast(ge(*_numbers(*_sides(n, m), k)), config.floatX if dtype is None else dtype)


def tril(m: Any, k: Any = 0) -> Variable:
    """The elements on and below the k-th diagonal of the last two axes, zeros above.

    Raises `ShapeError` (KG-S008) for fewer than two axes.
    """
    return _triangle(m, k, below=True)


def triu(m: Any, k: Any = 0) -> Variable:
    """The elements on and above the k-th diagonal of the last two axes, zeros below.

    Raises `ShapeError` (KG-S008) for fewer than two axes.
    """
    return _triangle(m, k, below=False)


def _triangle(m: Any, k: Any, below: bool) -> Variable:
    x = as_variable(m)
    if x.ndim < 2:
        what = f"{describe(x)} has no triangle: two dimensions are needed"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    rows, columns = _numbers(size(x, x.ndim - 2), size(x, x.ndim - 1), k)
    inside = ge(rows, columns) if below else ge(columns, rows)
    return switch(inside, x, np.zeros((), x.dtype))


def diag(v: Any, k: Any = 0) -> Variable:
    """A matrix with a vector on its k-th diagonal and zeros elsewhere; of a matrix, that diagonal
    (nothing is copied). As NumPy's `diag`.

    Raises `ShapeError` (KG-S008) for other ranks, `ArgumentError` for a k that is no integer.
    """
    x, shift = as_variable(v), expect_integer(k, "the number of a diagonal")
    if x.ndim == 2:
        return diagonal(x, shift)
    if x.ndim != 1:
        what = f"diag takes a vector or a matrix, not {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return _on_diagonal(x, shift)


def _on_diagonal(x: Variable, shift: int) -> Variable:
    down = pad(x, (max(-shift, 0), max(shift, 0)))
    length = size(down, 0)
    nothing = np.zeros((), x.dtype)
    return switch(eq(*_numbers(length, length, shift)), dimshuffle(down, (0, "x")), nothing)


def extract_diag(x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Variable:
    """`diagonal`, as Theano calls it."""
    return diagonal(x, offset, axis1, axis2)


def alloc_diag(diag: Any, offset: Any = 0) -> Variable:
    """A matrix with a vector on a diagonal and zeros elsewhere.

    Raises `ShapeError` (KG-S008) for another rank.
    """
    x = as_variable(diag)
    if x.ndim != 1:
        what = f"a vector goes on a diagonal, not {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return _on_diagonal(x, expect_integer(offset, "the number of a diagonal"))


def fill_diagonal(a: Any, val: Any) -> Variable:
    """A matrix with a number (or scalar) on its main diagonal; `a` stays as it is.

    Raises `ShapeError` (KG-S008) for no matrix and no scalar, `DTypeError` (KG-D003) for a number
    that the matrix cannot hold.
    """
    return fill_diagonal_offset(a, val, 0)


def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Variable:
    """`fill_diagonal` for the diagonal `offset` (an integer or an int scalar), above the main one
    where that is positive.
    """
    x, number = expect_rank(as_variable(a), 2, "fill_diagonal"), as_variable(val)
    if number.ndim:
        what = f"a diagonal is filled with one number, not with {describe(number)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(number),))
    expect_fitting(number, x)
    return switch(eq(*_numbers(size(x, 0), size(x, 1), offset)), cast(number, x.dtype), x)


def tril_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Variable, ...]:
    """Rows and columns of the elements on and below the k-th diagonal of an n × m matrix (m: n), in
    row-major order: `x[T.tril_indices(n)]` are these elements. As NumPy's `tril_indices`; raises as
    `eye` does.
    """
    return nonzero(tri(n, m, k, dtype="bool"))


def triu_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Variable, ...]:
    """`tril_indices` for the elements on and above the k-th diagonal."""
    rows, columns = _numbers(*_sides(n, m), k)
    return nonzero(ge(columns, rows))


def tril_indices_from(arr: Any, k: Any = 0) -> tuple[Variable, ...]:
    """`tril_indices` for the shape of a matrix. Raises `ShapeError` (KG-S008) for no matrix."""
    x = expect_rank(as_variable(arr), 2, "tril_indices_from")
    return tril_indices(size(x, 0), k, size(x, 1))


def triu_indices_from(arr: Any, k: Any = 0) -> tuple[Variable, ...]:
    """`triu_indices` for the shape of a matrix. Raises `ShapeError` (KG-S008) for no matrix."""
    x = expect_rank(as_variable(arr), 2, "triu_indices_from")
    return triu_indices(size(x, 0), k, size(x, 1))


def diag_indices(n: Any, ndim: Any = 2) -> tuple[Variable, ...]:
    """Index arrays for the main diagonal of an array of `ndim` axes of size n: 0, 1, … n - 1 for
    each axis. Raises `ArgumentError` for a size that is none.
    """
    axes = expect_integer(ndim, "ndim", least=0)
    return (count(count_of(n, "a size", 0)),) * axes


def diag_indices_from(arr: Any) -> tuple[Variable, ...]:
    """`diag_indices` for the shape of an array, whose sizes must all be alike.

    Raises `ShapeError`: KG-S008 for fewer than two axes, KG-S014 for sizes that turn out to differ.
    """
    x = as_variable(arr)
    if x.ndim < 2:
        what = f"{describe(x)} has no diagonal: two dimensions are needed"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    first = size(x, 0)
    alike = declared(x, dict.fromkeys(range(1, x.ndim), first))
    return diag_indices(own_size(alike, x.ndim - 1), x.ndim)


def diagflat(v: Any, k: Any = 0) -> Variable:
    """A matrix with all elements of an array, in row-major order, on its k-th diagonal."""
    return _on_diagonal(flatten(as_variable(v)), expect_integer(k, "the number of a diagonal"))
