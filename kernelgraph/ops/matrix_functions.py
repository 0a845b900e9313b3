"""Functions of square matrices, powers and the exponential, and norms of vectors and matrices.

Source of the exponential: N. J. Higham, The scaling and squaring method for the matrix exponential
revisited, SIAM J. Matrix Anal. Appl. 26 (2005); of its derivative, part of the exponential of
[[a, da], [0, a]]: I. Najfeld and T. F. Havel, Adv. Appl. Math. 16 (1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from kernelgraph.access import Axis
from kernelgraph.elementwise import dimshuffle, pad_left
from kernelgraph.errors import ArgumentError, OptionError
from kernelgraph.expect import came, expect_flag, expect_integer
from kernelgraph.graph import Apply, Graph, Variable, describe
from kernelgraph.op import Composite, Cotangents, Size, as_variable
from kernelgraph.ops.arithmetic import abs_, cast, ge, minimum, switch
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.einsum import Square
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.half_matrices import identity_like
from kernelgraph.ops.inverses import inv
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.matrices import MatrixOp, adjoint, as_matrix, linear_dtype
from kernelgraph.ops.norms import vector_norm
from kernelgraph.ops.reductions import insert_axes, max_, min_, sum_
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.softmax import Peak
from kernelgraph.ops.solving import solve_op
from kernelgraph.ops.sources import size
from kernelgraph.ops.spectra import svd
from kernelgraph.ops.stacks import of_each
from kernelgraph.ops.views import normalize_axes
from kernelgraph.types import upcast

_NUMERATOR = (
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
    10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
)  # fmt: skip
"""Padé's approximation of degree 13: what multiplies 1, x, x² …; odd signs change below."""

_RADIUS = 5.371920351148152
"""How large a matrix (its norm) may be for that approximation to have all digits of doubles."""

_MOST_SQUARINGS = 1100
"""More would not make a larger number of the largest double."""


class MatrixExponential(MatrixOp, Composite):
    """The sum of all powers aᵏ / k!: of a divided by a power of 2, and squared as often."""

    name = "expm"
    latex = r"e^{{x}}"

    def result_sizes(self, a: Variable) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0), Axis(0, 1)]]

    def expand(self, *operands: Variable) -> Variable:
        (x,) = operands
        a = cast(x, upcast(x.dtype, "float64"))
        times = log(Peak((0,))(sum_(abs_(a), axis=0)) / _RADIUS) / np.log(2.0) + 1
        few = switch(ge(times, 1), minimum(times, float(_MOST_SQUARINGS)), 1.0)  # of NaN, too
        count = cast(few, "int64")
        root = _rational(a * exp(cast(count, "float64") * -np.log(2.0)))
        before = Variable(root.type)
        squaring = Graph((before,), (dot(before, before),))
        last = Scan(squaring, sequences=0, states=1, last_only=[0])  # others are of no use
        return cast(last(count, root), x.dtype)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (a,), (g,) = node.inputs, cotangents
        return [None if g is None else _along(adjoint(a), g)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (a,), (da,) = node.inputs, tangents
        return [None if da is None else _along(a, da)]


def _rational(a: Variable) -> Variable:
    """Padé's approximation, with as few products as there can be."""
    b = [float(n) for n in _NUMERATOR]
    one, a2 = identity_like(a), dot(a, a)
    a4 = dot(a2, a2)
    a6 = dot(a4, a2)
    odd = dot(a6, b[13] * a6 + b[11] * a4 + b[9] * a2)
    odd = dot(a, odd + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    even = dot(a6, b[12] * a6 + b[10] * a4 + b[8] * a2)
    even = even + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    return solve_op(even - odd, even + odd)


def _along(a: Variable, da: Variable) -> Variable:
    """The derivative of the exponential of a, along da."""
    n = size(a, 0)
    above = concatenate([a, cast(da, a.dtype)], axis=1)
    below = concatenate([a * 0, a], axis=1)
    return expm(concatenate([above, below], axis=0))[:n, n:]


def expm(a: Any) -> Variable:
    """The exponential of a square matrix: the sum of all powers aᵏ / k!.

    Raises `ShapeError` (KG-S002) for what is no square matrix.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> f = kg.function([a], T.slinalg.expm(a), target="interpret")
    >>> f([[0.0, 1.0], [0.0, 0.0]]).round(12).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    return MatrixExponential()(a)


def matrix_power(a: Any, n: Any) -> Variable:
    """The product of `n` matrices `a`; of its inverses, for a negative n; the identity for 0.

    Raises `ShapeError` (KG-S002) for what is no square matrix, `ArgumentError` for an `n` that is
    no integer; a call of the function may raise `SingularMatrixError` (KG-N002) if n < 0.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> f = kg.function([a], T.nlinalg.matrix_power(a, 5), target="interpret")
    >>> f([[1.0, 1.0], [0.0, 1.0]]).tolist()
    [[1.0, 5.0], [0.0, 1.0]]
    """
    times = expect_integer(n, "the exponent of a matrix")
    matrix = as_variable(a)
    if times == 0 and matrix.ndim > 2:
        front = range(matrix.ndim - 2)
        square = Square(matrix.ndim - 2, matrix.ndim - 1)(matrix)
        one = pad_left(identity_like(square), matrix.ndim)
        return Broadcast(front)(one, *(size(matrix, axis) for axis in front))
    return of_each(partial(_power, times), (matrix, 2))


def _power(times: int, matrix: Variable) -> Variable:
    as_matrix(matrix, "matrix_power")
    matrix = inv(matrix) if times < 0 else matrix if times > 1 else Square(0, 1)(matrix)
    if times == 0:
        return identity_like(matrix)
    found, power, left = None, matrix, abs(times)
    while left:
        if left % 2:
            found = power if found is None else dot(found, power)
        left //= 2
        power = dot(power, power) if left else power
    assert found is not None
    return found


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Variable:
    """A norm of vectors or matrices, as NumPy's `linalg.norm`.

    Without `axis`, `x` is a vector or a matrix; or of any rank if `ord` is None too, which means
    the root of the sum of all squares. Along one axis there are vectors, of which `ord` is a
    number: 2 (also None), 1, inf and -inf (the largest and smallest magnitude), 0 (how many are not
    0), or p, for the p-th root of the sum of p-th powers. Along two there are matrices, of which it
    is "fro" (None: the root of the sum of squares), 1 and -1 (largest and smallest sum of a
    column's magnitudes), inf and -inf (of a row's), 2 and -2 (largest and smallest singular value)
    or "nuc" (their sum). Where a norm is 0, its derivative is 0.

    Raises `ArgumentError` or `OptionError` for an `ord` that is none, `AxisError` for such axes.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [norm(x), norm(x, 1), norm(x, np.inf)], target="interpret")
    >>> [float(n) for n in f([3.0, -4.0])]
    [5.0, 7.0, 4.0]
    """
    x = as_variable(x)
    x, kept = cast(x, linear_dtype(x.dtype)), expect_flag(keepdims, "keepdims")
    axes = list(normalize_axes(axis, x))
    if axis is None and ord is None:
        return vector_norm(x, 2, axes, kept)
    if len(axes) not in (1, 2):
        raise ArgumentError(
            f"a norm is one of vectors or matrices, along one or two axes: {describe(x)}, "
            f"axis {came(axis)}",
            hint="norm(x, 2, axis=0)",
        )
    if len(axes) == 1:
        return vector_norm(x, 2 if ord is None else ord, axes, kept)
    found = _matrix_norm(x, ord, axes)
    return insert_axes(found, axes, x.ndim) if kept else found


def _matrix_norm(x: Variable, order: Any, axes: Sequence[int]) -> Variable:
    row, column = axes
    if not isinstance(order, str | int | float | None):
        raise _no_order(order)
    if order is None or order == "fro":
        return vector_norm(x, 2, axes)
    if order in (1, -1, np.inf, -np.inf):
        first, second = (row, column) if abs(order) == 1 else (column, row)
        sums = sum_(abs_(x), axis=first)
        return (max_ if order > 0 else min_)(sums, axis=second - (second > first))
    if order not in ("nuc", 2, -2):
        raise _no_order(order)
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    values = svd(dimshuffle(x, [*rest, row, column]), compute_uv=False)
    if order == "nuc":
        return sum_(values, axis=-1)
    return max_(values, axis=-1) if order > 0 else min_(values, axis=-1)


def _no_order(order: Any) -> OptionError:
    return OptionError(
        f"ord of a matrix is 'fro', 'nuc', 1, 2, inf or minus one of these, not {came(order)}"
    )
