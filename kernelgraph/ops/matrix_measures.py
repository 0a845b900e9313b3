"""Numbers that say something of matrices, and products of many: NumPy's `matrix_rank`, `cond`,
`eigvals`, `svdvals`, `multi_dot`. All but the last take stacks of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import came
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, gt, maximum
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.inverses import inv
from kernelgraph.ops.matrices import linear_dtype
from kernelgraph.ops.matrix_functions import norm
from kernelgraph.ops.reductions import any_, count_nonzero, max_
from kernelgraph.ops.sources import size
from kernelgraph.ops.spectra import eig, svd
from kernelgraph.types import listed, real_part_of


def svdvals(a: Any) -> Variable:
    """The singular values of each matrix, the largest one first; see `svd`."""
    return svd(a, compute_uv=False)


def eigvals(a: Any) -> Variable:
    """The eigenvalues of each matrix, complex numbers in no order; see `eig`."""
    return eig(a)[0]


def matrix_rank(a: Any, tol: Any = None, hermitian: Any = False, rtol: Any = None) -> Variable:
    """How many singular values of each matrix are greater than `tol`, or than `rtol` times the
    largest, an int64; by default `rtol` is the larger size times the distance from 1 to the next
    float. Of a vector, whether any element is not 0.

    `tol` and `rtol` are one number, or one for each matrix; `hermitian` changes nothing. Raises
    `ArgumentError` if both are given.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dtensor3("a")
    >>> kg.function([a], T.nlinalg.matrix_rank(a))(np.stack([np.eye(2), np.ones((2, 2))])).tolist()
    [2, 1]
    """
    del hermitian  # an eigenvalue of such a matrix is a singular value up to its sign
    x = as_variable(a)
    if tol is not None and rtol is not None:
        raise ArgumentError("matrix_rank takes tol or rtol, not both")
    if x.ndim < 2:
        return cast(any_(x), "int64")
    values = svdvals(x)
    if tol is not None:
        return count_nonzero(gt(values, _for_values(tol)), axis=-1)
    if rtol is None:
        real = real_part_of(linear_dtype(x.dtype))
        longer = cast(maximum(size(x, x.ndim - 2), size(x, x.ndim - 1)), real)
        bound = longer * np.asarray(np.finfo(real).eps, real)
    else:
        bound = _for_values(rtol)
    return count_nonzero(gt(values, bound * max_(values, axis=-1, keepdims=True)), axis=-1)


def _for_values(bound: Any) -> Variable:
    """A number for each matrix, beside its singular values."""
    number: Variable = as_variable(bound)
    return dimshuffle(number, [*range(number.ndim), "x"]) if number.ndim else number


def cond(x: Any, p: Any = None) -> Variable:
    """By how much each matrix can magnify relative errors: its norm times that of its inverse. `p`
    is the norm, as in `norm`; None is 2, the largest singular value by the smallest.

    Raises what `norm` raises; a call of the function may raise `SingularMatrixError` (KG-N002) for
    other norms than 2 and -2.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a = T.dmatrix("a")
    >>> float(kg.function([a], T.nlinalg.cond(a))([[2.0, 0.0], [0.0, -4.0]]))
    2.0
    """
    a: Variable = as_variable(x)
    if p is None or p in (2, -2):
        values = svdvals(a)
        first, last = values[..., 0], values[..., -1]
        return last / first if p == -2 else first / last
    return norm(a, p, axis=(-2, -1)) * norm(inv(a), p, axis=(-2, -1))


def multi_dot(arrays: Any) -> Variable:
    """The product of several matrices; the first may be a row, the last a column: vectors.

    Where all sizes are known, in the order that needs the fewest products of numbers. Raises
    `ArgumentError` for fewer than two, `ShapeError` (KG-S002) for other ranks and sizes that do not
    fit. Source: T. Cormen et al., Introduction to Algorithms, section 15.2.
    """
    if not isinstance(arrays, list | tuple) or len(listed(arrays)) < 2:
        raise ArgumentError(f"multi_dot takes a list of two matrices or more, not {came(arrays)}")
    factors: list[Variable] = [as_variable(v) for v in listed(arrays)]
    for k, factor in enumerate(factors):
        if factor.ndim != 2 and not (factor.ndim == 1 and k in (0, len(factors) - 1)):
            what = f"multi_dot takes matrices, a vector first or last: not {describe(factor)}"
            raise ShapeError(what, code="KG-S002", operands=(sized(factor),))
    return _product(factors, _order(_chain(factors)), 0, len(factors) - 1)


def _chain(factors: Sequence[Variable]) -> list[int] | None:
    """The numbers of rows, and the last of columns, if they are known."""
    shapes = [v.tensor_type.shape for v in factors]
    shapes[0] = (1, *shapes[0])[-2:]
    shapes[-1] = (*shapes[-1], 1)[:2]
    sizes = [*(shape[0] for shape in shapes), shapes[-1][1]]
    known = [n for n in sizes if n is not None]
    return known if len(known) == len(sizes) else None


def _order(sizes: Sequence[int] | None) -> dict[tuple[int, int], int]:
    """For each first and last factor, the one behind which a product is best divided."""
    if sizes is None:
        return {}
    count = len(sizes) - 1
    cost = {(k, k): 0 for k in range(count)}
    best: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            costs = {
                k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j)
            }
            best[i, j] = min(costs, key=lambda k: costs[k])
            cost[i, j] = costs[best[i, j]]
    return best


def _product(
    factors: Sequence[Variable], best: dict[tuple[int, int], int], first: int, last: int
) -> Variable:
    """The product from one factor to another; from the left where no order is known."""
    if first == last:
        return factors[first]
    k = best.get((first, last), last - 1)
    return dot(_product(factors, best, first, k), _product(factors, best, k + 1, last))
