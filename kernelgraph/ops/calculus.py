"""Calculus of numbers that are known at places: derivatives, integrals and values in between.

The area below straight lines from point to point is that of trapezoids:

    trapezoid(y, x) = sum((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, clip, eq, maximum, minimum, switch
from kernelgraph.ops.cumulative import diff
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sorting import searchsorted
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import is_inexact

__all__ = ["ediff1d", "gradient", "interp", "trapezoid"]


def _parts(x: Variable, axis: int, *ends: slice) -> list[Variable]:
    return [x[(*[slice(None)] * axis, end)] for end in ends]


def _along(vector: Variable, axis: int, rank: int) -> Variable:
    return dimshuffle(vector, [0 if k == axis else "x" for k in range(rank)])


def _as_floats(x: Any) -> Variable:
    x = as_variable(x)
    return x if is_inexact(x.dtype) else cast(x, "float64")


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Variable:
    """The integral along an axis of what is y at the places x (or at places `dx` apart) and goes in
    straight lines between them. As NumPy's `trapezoid`.

    `x` has the shape of y, or is a vector along the axis. Raises `AxisError` for an axis that is
    not there, `ShapeError` where sizes do not fit.
    """
    y = _as_floats(y)
    (along,) = normalize_axes([axis], y)
    steps = as_variable(dx)
    if x is not None:
        x = as_variable(x)
        steps = _along(diff(x), along, y.ndim) if x.ndim == 1 else diff(x, axis=along)
    left, right = _parts(y, along, slice(None, -1), slice(1, None))
    return sum_(steps * (left + right) / 2, along)


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Variable:
    """The differences of elements that follow each other in row-major order, behind `to_begin` and
    before `to_end`, if these are given. As NumPy's `ediff1d`.
    """
    x = flatten(as_variable(ary))
    ends = [None if end is None else flatten(as_variable(end)) for end in (to_begin, to_end)]
    parts = [end for end in (ends[0], diff(x), ends[1]) if end is not None]
    return parts[0] if len(parts) == 1 else concatenate(parts)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Variable:
    """What goes in straight lines through the points (xp, fp), of which `xp` must increase, at
    places x of any shape; below the first of them it is `left` (that point, if not given), above
    the last one `right`. As NumPy's `interp`.

    Raises `ShapeError` (KG-S008) for points that are no vectors, `IndexingError` when there are
    none.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], interp(x, [0, 1, 3], [10.0, 20.0, 0.0]))([0.5, 2.0, 9.0]).tolist()
    [15.0, 10.0, 0.0]
    """
    x, xp, fp = (_as_floats(value) for value in (x, xp, fp))
    for points in (xp, fp):
        if points.ndim != 1:
            what = f"points are given as vectors, not as {describe(points)}"
            raise ShapeError(what, code="KG-S008", operands=(sized(points),))
    last = size(xp, 0) - 1
    below = clip(searchsorted(xp, x, side="right") - 1, constant_size(0), maximum(last - 1, 0))
    above = minimum(below + 1, last)
    slope = (fp[above] - fp[below]) / (xp[above] - xp[below])
    line = slope * (x - xp[below]) + fp[below]
    line = switch(eq(x, xp[below]), fp[below], switch(eq(x, xp[above]), fp[above], line))
    before, behind = (fp[k] if end is None else end for k, end in ((0, left), (-1, right)))
    return switch(x < xp[0], before, switch(x > xp[-1], behind, line))


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """The derivative along each axis of what is known at the places of a grid: from both
    neighbours, (f[k + 1] - f[k - 1]) / 2h, and at the ends from one. As NumPy's `gradient`: a list
    of arrays, or one array for one axis.

    `varargs` say how far places are apart, a number for all axes or one for each (1 if there is
    none), or are the places, a vector for each. Raises `ArgumentError` for another number of them,
    `AxisError` for axes that are not there. (The derivative of an expression is `T.grad`.)

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], gradient(x, 2.0))([1.0, 3.0, 9.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    f = _as_floats(f)
    axes = normalize_axes(axis, f)
    order = expect_integer(edge_order, "edge_order", 1, 2)
    given = [as_variable(spacing) for spacing in varargs] or [as_variable(1.0)]
    spacings = given * len(axes) if len(given) == 1 and given[0].ndim == 0 else given
    if len(spacings) != len(axes):
        raise ArgumentError(f"{len(varargs)} distances for the derivatives along {len(axes)} axes")
    pairs = zip(axes, spacings, strict=True)
    found = [_slopes(f, along, spacing, order) for along, spacing in pairs]
    return found[0] if len(found) == 1 else found


def _slopes(f: Variable, axis: int, spacing: Variable, order: int) -> Variable:
    """Derivatives along an axis, by second differences between steps of any lengths."""
    before, here, behind = _parts(f, axis, slice(None, -2), slice(1, -1), slice(2, None))
    if spacing.ndim:
        steps = _along(diff(_as_floats(spacing)), axis, f.ndim)
        left, right = _parts(steps, axis, slice(None, -1), slice(1, None))
        weights = (
            -right / (left * (left + right)),
            (right - left) / (left * right),
            left / (right * (left + right)),
        )
        middle = weights[0] * before + weights[1] * here + weights[2] * behind
        first, last = _parts(steps, axis, slice(None, 1), slice(-1, None))
        nexts = _parts(steps, axis, slice(1, 2), slice(-2, -1))
    else:
        middle = (behind - before) / (2.0 * spacing)
        first = last = spacing
        nexts = [spacing, spacing]
    start = _end(f, axis, (0, 1, 2), (first, nexts[0]), order)
    end = _end(f, axis, (-1, -2, -3), (-last, -nexts[1]), order)
    return concatenate([start, middle, end], axis)


def _end(
    f: Variable, axis: int, places: Sequence[int], steps: Sequence[Variable], order: int
) -> Variable:
    """The derivative at an end: from the next place, or (of second order) from the next two."""
    whole = [slice(k, k + 1 if k != -1 else None) for k in places]
    if order == 1:
        end, near = _parts(f, axis, *whole[:2])
        return (near - end) / steps[0]
    end, near, far = _parts(f, axis, *whole)
    h, k = steps
    weights = (-(2.0 * h + k) / (h * (h + k)), (h + k) / (h * k), -h / (k * (h + k)))
    return weights[0] * end + weights[1] * near + weights[2] * far
