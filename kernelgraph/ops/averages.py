"""Averages with weights, covariances and correlations, and how many numbers lie in intervals.

The covariance of two variables that are observed n times is the sum of the products of their
distances from their means, divided by n - 1:

    cov([x, y])[0, 1] = ((x - x.mean()) * (y - y.mean())).sum() / (n - 1)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.expect import expect_flag, expect_integer, expect_list, expect_number
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, clip, eq, maximum, switch
from kernelgraph.ops.blocks import count_of
from kernelgraph.ops.broadcasting import ones_like
from kernelgraph.ops.complexes import conj, real
from kernelgraph.ops.cumulative import diff
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.grids import linspace
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.moments import mean
from kernelgraph.ops.reductions import count, max_, min_, sum_
from kernelgraph.ops.sorting import searchsorted, sort
from kernelgraph.ops.sources import size
from kernelgraph.ops.strided import diagonal
from kernelgraph.ops.tensor_products import dot
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import is_complex, is_inexact

__all__ = ["average", "corrcoef", "cov", "digitize", "histogram"]


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The mean along `axis`, in which each number counts as much as its weight says: the sum of the
    products with the weights, divided by their sum. As NumPy's `average`.

    `weights` have the shape of `a`, or are a vector along the one axis; without them all count
    alike. With `returned`, also the sums of the weights. Where these are 0 the average is NaN or
    infinite. Raises `AxisError` for an axis that is not there, `ShapeError` (KG-S008) for weights
    of another rank.
    """
    x, keeps = as_variable(a), expect_flag(keepdims, "keepdims")
    if weights is None:
        found = mean(x, axis, keepdims=keeps)
        number = cast(count(x, normalize_axes(axis, x)), found.dtype)
        total = ones_like(found) * number
    else:
        wide = _aligned(as_variable(weights), x, axis)
        total = sum_(wide, axis, keepdims=keeps)
        found = sum_(x * wide, axis, keepdims=keeps) / total
    return (found, cast(total, found.dtype)) if expect_flag(returned, "returned") else found


def _aligned(weights: Variable, x: Variable, axis: Any) -> Variable:
    """Weights along the axis that they are for."""
    if weights.ndim == x.ndim:
        return weights
    axes = normalize_axes(axis, x)
    if weights.ndim != 1 or axis is None or len(axes) != 1:
        what = f"the weights {describe(weights)} do not go along the axes of {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(weights), sized(x)))
    return dimshuffle(weights, [0 if k == axes[0] else "x" for k in range(x.ndim)])


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    """The covariances of variables with each other, a matrix: each row of `m` is a variable, each
    column an observation of all (`rowvar=False`: the other way round). Of a vector, its variance.
    `y` are more variables of the same form. As NumPy's `cov`, without weights.

    The sums are divided by n - 1, with `bias` by n, with `ddof` by n - ddof. Raises `ShapeError`
    (KG-S008) for more than two dimensions.
    """
    rows = _variables(m, rowvar)
    if y is not None:
        rows = concatenate([rows, _variables(y, rowvar)], 0)
    less = expect_integer(ddof, "ddof") if ddof is not None else int(not expect_flag(bias, "bias"))
    distances = rows - mean(rows, 1, keepdims=True)
    n = maximum(size(rows, 1) - less, 0)
    other = conj(distances) if is_complex(distances.dtype) else distances
    found = dot(distances, other.T) / cast(n, real(distances).dtype)
    return found[0, 0] if y is None and rows.broadcastable[0] else found


def _variables(m: Any, rowvar: bool) -> Variable:
    x = as_variable(m)
    if x.ndim > 2:
        what = f"variables are the rows of a matrix, not of {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    x = x if is_inexact(x.dtype) else cast(x, "float64")
    if x.ndim == 2:
        return x if expect_flag(rowvar, "rowvar") else x.T
    return dimshuffle(x, ["x", *range(x.ndim), *["x"] * (1 - x.ndim)])


def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Variable:
    """The correlations of variables with each other: covariances divided by both standard
    deviations, from -1 to 1. As NumPy's `corrcoef`; arguments and errors are those of `cov`.
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviations = sqrt(real(diagonal(c)))
    found = c / dimshuffle(deviations, (0, "x")) / dimshuffle(deviations, ("x", 0))
    return found if is_complex(found.dtype) else clip(found, -1, 1)


def digitize(x: Any, bins: Any, right: bool = False) -> Variable:
    """For each number the interval that it lies in: how many of the increasing numbers in `bins`
    are not above it, with `right` how many are below it. As NumPy's `digitize`; raises as
    `searchsorted` does.
    """
    return searchsorted(bins, x, side="left" if expect_flag(right, "right") else "right")


def histogram(x: Any, bins: Any = 10, range: Any = None) -> tuple[Variable, Variable]:
    """How many numbers lie in each interval, and the ends of these. As NumPy's `histogram`.

    `bins` is how many intervals of one length there are from the smallest to the largest number,
    or between the two ends in `range`; or a vector of the ends, which must increase. An interval
    has its lower end and not its upper one, the last one both. Raises `ArgumentError` for a number
    of intervals that is none.
    """
    numbers = sort(flatten(as_variable(x)))
    given = as_variable(bins)
    edges = given if given.ndim else _edges(numbers, bins, range)
    before = searchsorted(numbers, edges[:-1])
    upto = searchsorted(numbers, edges[-1:], side="right")
    return diff(concatenate([before, upto])), edges


def _edges(numbers: Variable, bins: Any, ends: Any) -> Variable:
    """Ends of intervals of one length; where all numbers are one, half a unit to both sides."""
    number = count_of(bins, "a number of intervals", 1)
    if ends is None:
        none = eq(size(numbers, 0), 0)  # the ends are then 0 and 1, as in NumPy
        unit = as_variable(np.array([0, 1], numbers.dtype))[: switch(none, 2, 0)]
        spread = concatenate([numbers, unit])
        low, high = min_(spread), max_(spread)
    else:
        given = expect_list(ends, "range", "two ends")
        if len(given) != 2:
            raise ArgumentError(f"range is two ends, not {len(given)}")
        low, high = (expect_number(end, "an end of the range") for end in given)
    low, high = (cast(as_variable(end), "float64") for end in (low, high))
    alone = switch(eq(low, high), 0.5, 0.0)
    return linspace(low - alone, high + alone, number + 1)
