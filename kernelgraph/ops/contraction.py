"""Contractions: sums of products over shared axes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from kernelgraph.access import Access, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import Origins, ShapeError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Contraction, Op, Opaque, Size, as_variable
from kernelgraph.ops.arithmetic import as_factor, cast, mul, switch
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.derivatives import (
    Derivative,
    Derivatives,
    all_finite,
    any_along,
    as_mask,
    both,
    total,
)
from kernelgraph.ops.kinks import holds_steep
from kernelgraph.ops.reductions import sum_
from kernelgraph.partials import Only
from kernelgraph.types import Array, TensorType, upcast


class Products(Op):
    """Sums of products: linear in each operand; derivatives know where they are cut off."""

    def pullback(self, node: Apply, g: Derivative | None) -> Derivatives:
        """The cotangents of the operands."""
        raise NotImplementedError

    def pushforward(self, node: Apply, tangents: Derivatives) -> Derivative | None:
        """The tangent of the result."""
        raise NotImplementedError


def inner_error(x: Variable, y: Variable, inner: tuple[int, int], at: Origins = ()) -> ShapeError:
    """The error for a product of arrays whose inner sizes are these and differ."""
    left = f"{describe(x)} has {inner[0]} {'columns' if x.ndim == 2 else 'elements'}"
    right = f"{describe(y)} has {inner[1]} {'rows' if y.ndim == 2 else 'elements'}"
    flips: list[str] = []
    if x.name and x.ndim == 2 and x.tensor_type.shape[0] in (None, inner[1]):
        flips.append(_flipped(x.name))
    if y.name and y.ndim == 2 and y.tensor_type.shape[1] in (None, inner[0]):
        flips.append(_flipped(y.name))
    return ShapeError(
        f"cannot multiply {describe(x)} by {describe(y)}",
        code="KG-S002",
        origins=at,
        because=f"inner sizes differ: {left}, {right} (axis {x.ndim - 1} against axis 0)",
        hint=f"did you mean {' or '.join(dict.fromkeys(flips))}?" if flips else None,
        operands=(sized(x, x.ndim - 1, inner[0]), sized(y, 0, inner[1])),
    )


def _flipped(name: str) -> str:
    """What the transpose of a matrix of this name is called."""
    return name.removesuffix(".T") if name.endswith(".T") else f"{name}.T"


class Dot(Products, Contraction):
    """Product of vectors and matrices, as NumPy's dot for ranks 1 and 2: the last axis of x against
    the first of y.

    The products are summed in the operands' common dtype.
    """

    __props__ = ()
    name = "dot"
    product = mul

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) when the inner sizes are known to differ."""
        x, y = map(as_variable, inputs)
        if not (x.ndim in (1, 2) and y.ndim in (1, 2)):
            what = f"dot takes vectors and matrices, got {describe(x)} and {describe(y)}"
            raise ShapeError(what, code="KG-S002", operands=(sized(x), sized(y)))
        inner = x.tensor_type.shape[-1], y.tensor_type.shape[0]
        if None not in inner and inner[0] != inner[1]:
            raise inner_error(x, y, (inner[0] or 0, inner[1] or 0))
        shape = (*x.tensor_type.shape[:-1], *y.tensor_type.shape[1:])
        return Apply(self, [x, y], [Variable(TensorType(upcast(x.dtype, y.dtype), shape))])

    def access(self, node: Apply) -> Access:
        """A row of the left operand, a column of the right one."""
        rows = node.inputs[0].ndim - 1
        left, right = [*range(rows), ~0], [~0, *range(rows, node.out.ndim)]
        return Access([(0, left), (1, right)], [Axis(0, rows)])

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        yield Axis(0, node.inputs[0].ndim - 1), Axis(1, 0)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        return inner_error(node.inputs[0], node.inputs[1], sizes, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        x, y = node.inputs
        return [[*(Axis(0, k) for k in range(x.ndim - 1)), *(Axis(1, k) for k in range(1, y.ndim))]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, y = (np.asarray(value).astype(node.out.dtype, copy=False) for value in inputs)
        return [matmul(x, y)]

    def pullback(self, node: Apply, g: Derivative | None) -> Derivatives:
        x, y = map(conjugate, node.inputs)
        if g is None:
            return [None, None]
        match x.ndim, y.ndim:
            case 1, 1:
                row = g.moved(lambda v: dimshuffle(v, ("x",)))
                return [row.times(as_factor(y)), row.times(as_factor(x))]
            case 2, 1:
                return [_outer_derivative(g, y), _product(g, 0, (x, 0), self._after_turned)]
            case 1, 2:
                return [_product(g, 0, (y, 1), self._after), _outer_derivative(g, x, left=False)]
            case _:
                return [
                    _product(g, 1, (y, 1), lambda v, w: self(v, transposed(w)), holds_steep(x)),
                    _product(g, 0, (x, 0), self._after_turned, holds_steep(y)),
                ]

    def pushforward(self, node: Apply, tangents: Derivatives) -> Derivative | None:
        (x, y), (dx, dy) = node.inputs, tangents
        parts = [] if dx is None else [_product(dx, x.ndim - 1, (y, 0), self)]
        parts += [] if dy is None else [_product(dy, 0, (x, x.ndim - 1), self._after)]
        return total(parts)

    def _after(self, v: Variable, w: Variable) -> Variable:
        return self(w, v)

    def _after_turned(self, v: Variable, w: Variable) -> Variable:
        return self(transposed(w), v)


def _outer_derivative(g: Derivative, other: Variable, left: bool = True) -> Derivative:
    """All products of a vector of derivatives, which stands left or right, with another vector."""
    order = (0, "x") if left else ("x", 0)
    if g.guard is not None:
        return g.moved(lambda v: dimshuffle(v, order)).times(dimshuffle(other, order[::-1]))
    value = outer(g.value, other) if left else outer(other, g.value)
    where = None if g.where is None else dimshuffle(g.where, order)
    factor = as_factor(other)
    if isinstance(factor, Only):
        where = both(where, dimshuffle(factor.condition, order[::-1]))
    return Derivative(value, where, where)


def _product(
    s: Derivative,
    along: int,
    other: tuple[Variable, int],
    multiply: Callable[[Variable, Variable], Variable],
    masked: bool = True,
) -> Derivative:
    """A product with derivatives, summed along an axis of them and one of `other`; `multiply` takes
    both.

    A sum leaves out what is cut off. With a mask that has rows and columns, that takes an op of its
    own, if `other` may hold infinities: a library multiplies matrices, and takes 0 times infinity
    for NaN. Whether the result has a mask then (`masked`), is for the caller to say.
    """
    factor, axis = other
    if s.guard is not None:
        s = _guarded(s, along, other)
    where = s.where
    cuts = factor.ndim == 1 and isinstance(as_factor(factor), Only)
    if where is None and not cuts:
        return Derivative(multiply(s.value, factor))
    if cuts or s.value.ndim > factor.ndim:  # element by element: a loop of ours
        return _summed_products(s, along, factor)
    assert where is not None
    rest = [k for k in range(where.ndim) if k != along]
    same_along = where.broadcastable[along]
    same_across = all(where.broadcastable[k] for k in rest)
    if not same_along and same_across:
        place = dimshuffle(where, _order(where, along, factor, axis))
        factor = switch(place, factor, np.zeros((1,) * factor.ndim, factor.dtype))
    if same_along or same_across or not holds_steep(factor):
        value = multiply(s.settled(), factor)
    else:
        value = _counted_product(s.value, where, along, (factor, axis))
    if not (same_along or same_across or masked):
        return Derivative(value)
    counted = any_along(where, [along])
    kept = [k for k in range(where.ndim) if k != along or value.ndim == where.ndim]
    mask = dimshuffle(counted, kept)
    return Derivative(value, mask, mask if same_along else None)


def _guarded(s: Derivative, along: int, other: tuple[Variable, int]) -> Derivative:
    """Derivatives that were 0 cut off where something is not finite that they meet in `other`."""
    factor, axis = other
    meets = all_finite(factor, [k for k in range(factor.ndim) if k != axis])
    order = [axis if k == along else "x" for k in range(s.value.ndim)]
    return replace(s.guarded(dimshuffle(meets, order)), guard=None)


def _order(where: Variable, along: int, factor: Variable, axis: int) -> list[int | str]:
    """The dimensions that put a mask along `along` beside axis `axis` of a factor."""
    assert all(where.broadcastable[k] for k in range(where.ndim) if k != along)
    return [along if k == axis else "x" for k in range(factor.ndim)]


def _counted_product(
    value: Variable, where: Variable, along: int, other: tuple[Variable, int]
) -> Variable:
    """The product of two matrices as in `_product`; terms count where a mask holds."""
    (factor, axis) = other
    below = transposed(factor) if axis else factor
    if along:
        return CountedDot()(value, where, below)
    return transposed(CountedDot()(transposed(value), transposed(where), below))


def _summed_products(s: Derivative, along: int, factor: Variable) -> Derivative:
    """The sum of a derivative times a vector, along an axis of it."""
    order = [0 if k == along else "x" for k in range(s.value.ndim)]
    return s.times(as_factor(dimshuffle(factor, order))).added(lambda v: sum_(v, axis=along))


dot_op = Dot()


class CountedDot(Products, Opaque):
    """Product of matrices x and y, of whose terms x[i, j] y[j, k] those count for which where[i, j]
    holds: what is cut off meets no infinity.
    """

    __props__ = ()
    name = "counted_dot"

    def make_node(self, *inputs: Any) -> Apply:
        x, where, y = inputs
        shape = (x.tensor_type.shape[0], y.tensor_type.shape[1])
        return Apply(self, [x, where, y], [Variable(TensorType(upcast(x.dtype, y.dtype), shape))])

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        yield Axis(0, 0), Axis(1, 0)
        yield Axis(0, 1), Axis(1, 1)
        yield Axis(0, 1), Axis(2, 0)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, 0), Axis(2, 1)]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """A library multiplies what is finite; rows of y that are not are added one by one."""
        x, where, y = (np.asarray(value) for value in inputs)
        x, y = (value.astype(node.out.dtype, copy=False) for value in (x, y))
        odd = ~np.isfinite(y).all(axis=1)
        found = matmul(np.where(where, x, 0)[:, ~odd], y[~odd])
        with np.errstate(all="ignore"):
            for j in np.flatnonzero(odd):
                found = found + np.where(where[:, j : j + 1], x[:, j : j + 1] * y[j], 0)
        return [found.astype(node.out.dtype, copy=False)]

    def pullback(self, node: Apply, g: Derivative | None) -> Derivatives:
        x, where, y = node.inputs
        if g is None:
            return [None, None, None]
        left, _ = dot_op.pullback(dot_op.make_node(x, y), g)
        turned, x = transposed(where), conjugate(x)
        g = _guarded(g, 0, (x, 0)) if g.guard is not None else g
        counts = any_along(turned, [1])
        if g.where is not None:
            full = g.with_full_masks().counted()
            counts = as_mask(dot_op(cast(turned, "float64"), cast(full, "float64")))
        right = Derivative(self(transposed(x), turned, g.settled()), counts)
        return [None if left is None else left.only(where), None, right]

    def pushforward(self, node: Apply, tangents: Derivatives) -> Derivative | None:
        x, where, y = node.inputs
        dx, _, dy = tangents
        parts = [] if dx is None else [Derivative(self(dx.settled(), where, y))]
        parts += [] if dy is None else [Derivative(self(x, where, dy.settled()))]
        return total(parts)


Result = TypeVar("Result")

LONG = 2e8
"""How many products make a Ctrl-C wait too long: some 10 ms on a fast processor, 200 on a slow one.
"""


def matmul(x: Array, y: Array) -> Array:
    """NumPy's product of vectors, matrices and batches, which a Ctrl-C need not wait for."""
    count = x.size * (y.shape[-1] if y.ndim > 1 else 1)
    return heard(count, lambda: _multiplied(x, y))


def heard(count: float, work: Callable[[], Result]) -> Result:
    """The result of some work of BLAS, of so many products, which a Ctrl-C need not wait for.

    BLAS does not listen. Long work is done by another thread, for which the main thread,
    the only one that hears Ctrl-C, waits. What was left is computed to its end, unseen; a
    process that ends waits for it, because a BLAS at work would keep it from ending at all.
    """
    if count < LONG or threading.current_thread() is not threading.main_thread():
        return work()
    done, results, errors = threading.Event(), list[Result](), list[Exception]()

    def away() -> None:
        try:
            results.append(work())
        except Exception as error:
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=away).start()
    while not done.wait(0.1):  # some systems hear Ctrl-C in between only
        pass
    if errors:
        raise errors[0]
    return results[0]


def _multiplied(x: Array, y: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(np.matmul(x, y))  # np.dot loses the NaN of [nan] times [0]


def transposed(x: Variable) -> Variable:
    """A matrix with rows and columns exchanged."""
    return dimshuffle(x, (1, 0))


def outer(x: Any, y: Any) -> Variable:
    """All products of an element of vector `x` with one of vector `y`: a matrix.

    Raises `ShapeError` (KG-S002) for anything but vectors.
    """
    x, y = as_variable(x), as_variable(y)
    if x.ndim != 1 or y.ndim != 1:
        what = f"outer takes vectors, got {describe(x)} and {describe(y)}"
        raise ShapeError(what, code="KG-S002", operands=(sized(x), sized(y)))
    return dimshuffle(x, (0, "x")) * dimshuffle(y, ("x", 0))


def dot(x: Any, y: Any) -> Variable:
    """Product of scalars, vectors and matrices: a scalar scales, else the last axis of `x` meets
    the first of `y`.

    Raises `ShapeError` (KG-S002) when these sizes differ, here if they are known, else when the
    function runs.
    """
    x, y = as_variable(x), as_variable(y)
    return x * y if x.ndim == 0 or y.ndim == 0 else dot_op(x, y)
