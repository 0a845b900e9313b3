"""Linear equations as people write them: of any matrix, of symmetric ones and triangles; tensors;
and least squares, where there are more equations than unknowns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, OptionError, ShapeError
from kernelgraph.expect import came, expect_choice, expect_flag, expect_integer, expect_number
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops import contraction
from kernelgraph.ops.arithmetic import cast, eq, gt, maximum, sqr, switch
from kernelgraph.ops.complexes import conjugate, imag, real
from kernelgraph.ops.decompositions import cholesky
from kernelgraph.ops.half_matrices import mirrored, symmetric
from kernelgraph.ops.inverses import Pseudoinverse, inv
from kernelgraph.ops.matrices import adjoint, as_matrix, linear_dtype
from kernelgraph.ops.reductions import count, sum_
from kernelgraph.ops.softmax import Peak
from kernelgraph.ops.solving import TriangularSolution, solve_op
from kernelgraph.ops.sources import size
from kernelgraph.ops.spectra import eigvalsh, svd
from kernelgraph.ops.stacks import of_each
from kernelgraph.ops.views import Reshape, flatten, normalize_axes, transpose
from kernelgraph.types import is_complex, listed, real_part_of


def solve(
    a: Any, b: Any, assume_a: Any = "gen", lower: Any = False, transposed: Any = False
) -> Variable:
    """The vector or matrix x with `a` x = `b`, for a square matrix `a`; aᵀ x = b if `transposed`.
    Of stacks of matrices, for each of them; there, a `b` of one axis is a vector, else matrices.

    `assume_a` says more of it: "sym" (symmetric), "her" (Hermitian, which of real numbers is the
    same), "pos" (Hermitian and positive definite, solved by Cholesky's decomposition), of which
    only the upper triangle is read, the lower one if `lower`. Raises `ShapeError` (KG-S002) for
    sizes that do not fit; a call of the function raises `SingularMatrixError` (KG-N002), or
    `DecompositionError` (KG-N003) where a matrix should be positive definite and is not.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> A, b = T.dmatrix("A"), T.dvector("b")
    >>> f = kg.function([A, b], T.slinalg.solve(A, b))
    >>> f([[2.0, 0.0], [1.0, 1.0]], [4.0, 5.0]).tolist()
    [2.0, 3.0]
    """
    kind = expect_choice(assume_a, "assume_a", ("gen", "sym", "her", "pos"))
    is_lower, turned = expect_flag(lower, "lower"), expect_flag(transposed, "transposed")
    if kind == "gen" and not turned and as_variable(a).ndim > 2:
        return solve_op(a, b)
    return _of_equations(partial(_solution, kind, is_lower, turned), a, b)


def _of_equations(solution: Callable[[Variable, Variable], Variable], a: Any, b: Any) -> Variable:
    """Solutions for each matrix of a stack, and each right side."""
    a, b = as_variable(a), as_variable(b)
    return of_each(solution, (a, 2), (b, min(b.ndim, 2)))


def _solution(kind: str, is_lower: bool, turned: bool, a: Variable, b: Variable) -> Variable:
    if kind == "gen":
        whole = as_matrix(a, "solve")
        return solve_op(contraction.transposed(whole) if turned else a, b)
    matrix = as_matrix(a, "solve")
    if kind == "sym":
        return solve_op(symmetric(matrix if is_lower else contraction.transposed(matrix)), b)
    matrix = conjugate(matrix) if turned else matrix
    read = matrix if is_lower else adjoint(matrix)
    if kind == "pos":
        return cho_solve((cholesky(read), True), b)
    return solve_op(mirrored(read), b)


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False
) -> Variable:
    """The vector or matrix x with t x = `b`, for the upper triangle t of `a`, or the lower one.

    `trans` 1, 2, "T" or "C" takes the transpose of t; with `unit_diagonal` its diagonal counts as
    ones, and is not read. Raises `ShapeError` (KG-S002); a call of the function raises
    `SingularMatrixError` (KG-N002) if there is a zero on the diagonal.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a, b = T.dmatrix("a"), T.dvector("b")
    >>> f = kg.function([a, b], solve_triangular(a, b, lower=True), target="interpret")
    >>> f([[2.0, 9.0], [1.0, 1.0]], [4.0, 5.0]).tolist()
    [2.0, 3.0]
    """
    turned = _is_turned(trans)
    is_lower, unit = expect_flag(lower, "lower"), expect_flag(unit_diagonal, "unit_diagonal")
    if not turned:
        return TriangularSolution(is_lower, unit)(a, b)

    def of_transposed(a: Variable, b: Variable) -> Variable:
        matrix = as_matrix(a, "solve_triangular")
        matrix = adjoint(matrix) if trans in (2, "C") else contraction.transposed(matrix)
        return TriangularSolution(not is_lower, unit)(matrix, b)

    return _of_equations(of_transposed, a, b)


def _is_turned(trans: Any) -> bool:
    known = isinstance(trans, int | str) and not isinstance(trans, bool)
    if not known or trans not in (0, 1, 2, "N", "T", "C"):
        raise OptionError(f"trans must be 0, 1, 2, 'N', 'T' or 'C', not {came(trans)}")
    return trans not in (0, "N")


def solve_lower_triangular(a: Any, b: Any) -> Variable:
    """The x with t x = `b`, where t is the lower triangle of `a`; see `solve_triangular`."""
    return TriangularSolution(lower=True)(a, b)


def solve_upper_triangular(a: Any, b: Any) -> Variable:
    """The x with t x = `b`, where t is the upper triangle of `a`; see `solve_triangular`."""
    return TriangularSolution(lower=False)(a, b)


def cho_solve(c_and_lower: Any, b: Any) -> Variable:
    """The x with a x = `b`, given Cholesky's decomposition of a and whether it is the lower
    triangle: `cho_solve((cholesky(a), True), b)`.
    """
    if not isinstance(c_and_lower, list | tuple) or len(pair := listed(c_and_lower)) != 2:
        raise ArgumentError(f"cho_solve takes (triangle, lower) and b, not {came(c_and_lower)}")
    return _of_equations(partial(_by_halves, expect_flag(pair[1], "lower")), pair[0], b)


def _by_halves(is_lower: bool, triangle: Variable, b: Variable) -> Variable:
    c = as_matrix(triangle, "cho_solve")
    low, high = (c, adjoint(c)) if is_lower else (adjoint(c), c)
    return TriangularSolution(lower=False)(high, TriangularSolution(lower=True)(low, b))


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Variable:
    """The x with `tensordot(a, x, x.ndim)` = `b`: equations for all elements of an array.

    `axes` of `a` are moved to its end first. Raises `ShapeError` (KG-S002) where `a` has no more
    axes than `b`, or sizes do not fit; `AxisError`.
    """
    a, b = as_variable(a), as_variable(b)
    if axes is not None:
        last = normalize_axes(axes, a)
        a = transpose(a, [k for k in range(a.ndim) if k not in last] + list(last))
    if a.ndim <= b.ndim:
        what = f"tensorsolve: {describe(a)} needs more axes than {describe(b)}"
        raise ShapeError(what, code="KG-S002", operands=(sized(a), sized(b)))
    inner = [size(a, k) for k in range(b.ndim, a.ndim)]
    n = count(a, range(b.ndim, a.ndim))
    found = solve_op(Reshape(2)(a, count(a, range(b.ndim)), n), flatten(b))
    return Reshape(len(inner))(found, *inner)


def tensorinv(a: Any, ind: Any = 2) -> Variable:
    """The inverse for `tensordot(…, ind)`: `tensordot(tensorinv(a, ind), a, ind)` is the identity.

    Raises `ShapeError` (KG-S002) where the sizes of the first `ind` axes and those of the others
    have not the same product, `ArgumentError` for an `ind` that is none.
    """
    a = as_variable(a)
    first = expect_integer(ind, "ind", 1, a.ndim)
    rows, columns = count(a, range(first)), count(a, range(first, a.ndim))
    found = inv(Reshape(2)(a, rows, columns))
    sizes = [size(a, k) for k in (*range(first, a.ndim), *range(first))]
    return Reshape(a.ndim)(found, *sizes)


def lstsq(a: Any, b: Any, rcond: Any = None) -> list[Variable]:
    """The x that makes `a` x - `b` smallest in squares, the sums of these squares, the rank of `a`
    and its singular values: NumPy's `lstsq`.

    Of singular values, those count as 0 that are at most `rcond` times the largest (None: as many
    units in the last place as `a` has rows or columns, the more). The sums are there where the rank
    is the number of columns and there are more rows; else there are none. Derivatives are those at
    a rank that does not change. Raises `ShapeError` (KG-S002) for sizes that do not fit.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> a, b = T.dmatrix("a"), T.dvector("b")
    >>> x, squares, rank, _ = kg.function([a, b], lstsq(a, b))([[1.0], [1.0]], [1.0, 3.0])
    >>> x.round(12).tolist(), squares.round(12).tolist(), int(rank)
    ([2.0], [2.0], 1)
    """
    b = as_variable(b)
    dtype = linear_dtype(as_matrix(a, "lstsq").dtype, b.dtype)
    a, b = cast(as_matrix(a, "lstsq"), dtype), cast(b, dtype)
    m, n, part = size(a, 0), size(a, 1), real_part_of(dtype)
    if rcond is None:
        limit: Any = cast(maximum(m, n), part) * np.asarray(np.finfo(part).eps, part)
    else:
        limit = np.asarray(expect_number(rcond, "rcond"), part)
    s = svd(a, compute_uv=False)
    rank = cast(sum_(cast(gt(s, limit * Peak((0,))(s)), "int64")), "int32")
    x = contraction.dot(Pseudoinverse()(a, limit), b)
    squares = sum_(_squares(b - contraction.dot(a, x)), axis=0)
    squares = squares if b.ndim == 2 else dimshuffle(squares, ("x",))
    whole = eq(rank, n) * gt(m, n)
    kept = switch(whole, size(squares, 0), np.array(0, "int64"))
    return [x, squares[:kept], rank, s]


def _squares(x: Variable) -> Variable:
    """The squares of magnitudes, real numbers."""
    return sqr(real(x)) + sqr(imag(x)) if is_complex(x.dtype) else sqr(x)


def generalized_eigenvalues(a: Any, b: Any = None, lower: Any = True) -> Variable:
    """The eigenvalues w of a symmetric matrix `a` (of complex numbers, a Hermitian one), in
    ascending order; with a positive definite `b` those for which a x = w b x has a solution.

    Only the lower triangles are read, the upper ones if `lower` is false. Raises `ShapeError`
    (KG-S002) for what are no square matrices of one size; a call of the function raises
    `DecompositionError` (KG-N003) if `b` is not positive definite.
    """
    is_lower = expect_flag(lower, "lower")
    if b is None:
        return eigvalsh(a, "L" if is_lower else "U")
    pair = [(as_variable(v), 2) for v in (a, b)]
    return of_each(partial(_of_pair, is_lower), *pair)


def _of_pair(is_lower: bool, a: Variable, b: Variable) -> Variable:
    matrices = [as_matrix(v, "eigvalsh") for v in (a, b)]
    one, other = (v if is_lower else adjoint(v) for v in matrices)
    triangle, divide = cholesky(other), TriangularSolution(lower=True)
    half = divide(triangle, mirrored(one))
    return eigvalsh(divide(triangle, adjoint(half)))
