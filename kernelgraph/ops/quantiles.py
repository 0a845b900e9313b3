"""Medians, quantiles and percentiles along axes.

The quantile of q among n sorted numbers stands at place q (n - 1), which may be between two of
them; the median is the quantile of one half.

Source: R. Hyndman, Y. Fan, Sample Quantiles in Statistical Packages, The American Statistician 50
(1996), definition 7, which NumPy has as method "linear".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import DTypeError
from kernelgraph.expect import expect_choice, expect_flag
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import REAL_PARTS, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, int_div, maximum, mod, switch, true_div
from kernelgraph.ops.axes import moveaxis
from kernelgraph.ops.creation import alloc
from kernelgraph.ops.indexing import as_index
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.reductions import insert_axes
from kernelgraph.ops.rounding import ceil, floor
from kernelgraph.ops.selection import take
from kernelgraph.ops.sorting import sort
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.special_values import isnan
from kernelgraph.ops.views import flatten, normalize_axes
from kernelgraph.types import is_complex, is_inexact, real_part_of

__all__ = ["median", "percentile", "quantile"]

METHODS = "linear", "lower", "higher", "midpoint"
"""What is taken where a quantile stands between two numbers."""


def median(a: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """The number in the middle of the sorted ones along `axis` (None: of all), or the mean of the
    two in the middle; NaN if one is. As NumPy's `median`: of no numbers it is NaN, and a call
    warns.

    Integers give floats, and complex numbers are in NumPy's order: see `T.sort`. Raises `AxisError`
    for an axis that is not there.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dmatrix("x")
    >>> f = kg.function([x], [median(x), median(x, axis=1)])
    >>> [found.tolist() for found in f([[1.0, 9.0, 2.0], [5.0, 3.0, 4.0]])]
    [3.5, [2.0, 4.0]]
    """
    x, axes = as_variable(a), normalize_axes(axis, as_variable(a))
    rows = _some_number(_rows(x, axes))
    rows, n = sort(rows, -1), size(rows, rows.ndim - 1)
    low, high = (
        _row(rows, int_div(n - 1, constant_size(2))),
        _row(rows, int_div(n, constant_size(2))),
    )
    middle = switch(eq(mod(n, constant_size(2)), 1), high, (low + high) / 2)
    found = _or_nan(cast(middle, rows.dtype), rows)
    return insert_axes(found, axes, x.ndim) if expect_flag(keepdims, "keepdims") else found


def quantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Variable:
    """The number at place q (n - 1) of the n sorted ones along `axis` (None: of all), for each q in
    an array of any rank; its axes stand in front of the others. NaN if one of the numbers is.

    Between two numbers, `method` says what is taken: "linear" what lies in between in proportion,
    "lower", "higher", or "midpoint". As NumPy's `quantile`. Raises `OptionError` for another
    method, `AxisError` for an axis that is not there, `DTypeError` (KG-D003) for complex numbers,
    and `IndexingError` for a q outside of 0 … 1, or when there are no numbers.
    """
    expect_choice(method, "method", METHODS)
    x, q = as_variable(a), as_variable(q)
    if is_complex(x.dtype):
        what = f"nothing lies between complex numbers: {describe(x)}"
        raise DTypeError(what, code="KG-D003", hint=REAL_PARTS, operands=(typed(x),))
    axes = normalize_axes(axis, x)
    rows = _rows(x, axes)
    rows, n = sort(rows, -1), size(rows, rows.ndim - 1)
    dtype = rows.dtype
    place = cast(q, "float64") * cast(n - 1, "float64")
    down, up = floor(place), ceil(place)
    low, high = (_rows_in_front(_row(rows, as_place(end)), q.ndim) for end in (down, up))
    share = cast(place - down, dtype)
    share = dimshuffle(share, [*range(q.ndim), *["x"] * (low.ndim - q.ndim)])
    found = {
        "linear": lambda: _between(low, high, share),
        "lower": lambda: low,
        "higher": lambda: high,
        "midpoint": lambda: switch(eq(share, 0), low, _between(low, high, 0.5)),
    }[method]()
    found = _or_nan(cast(found, dtype), rows)
    if not expect_flag(keepdims, "keepdims"):
        return found
    return insert_axes(found, [axis + q.ndim for axis in axes], x.ndim + q.ndim)


def percentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Variable:
    """`quantile` of q / 100."""
    share = true_div(as_variable(q), np.float64(100))
    return quantile(a, share, axis, method=method, keepdims=keepdims)


def as_place(number: Variable) -> Variable:
    """A whole number that is held as a float, as an index."""
    return as_index(cast(number, "int64"))


def _rows(x: Variable, axes: Any) -> Variable:
    """Numbers along a last axis that `axes` are put together to, as floats."""
    x = x if is_inexact(x.dtype) else cast(x, "float64")
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    rows = flatten(dimshuffle(x, [*kept, *axes]), len(kept) + 1)
    if x.ndim == len(kept):
        rows = dimshuffle(x, [*kept, "x"])
    return rows


def _some_number(rows: Variable) -> Variable:
    """Rows of nothing made rows of a NaN: what 0 / 0 is, and what it tells of."""
    if rows.tensor_type.shape[-1] not in (None, 0):
        return rows
    *others, n = (size(rows, axis) for axis in range(rows.ndim))
    nothing = true_div(np.zeros((), rows.dtype), cast(n, real_part_of(rows.dtype)))
    return concatenate([rows, alloc(nothing, *others, maximum(1 - n, constant_size(0)))], -1)


def _row(rows: Variable, place: Variable) -> Variable:
    return take(rows, place, axis=rows.ndim - 1)


def _rows_in_front(found: Variable, rank: int) -> Variable:
    """The last axes, so many, in front of the others."""
    return moveaxis(found, list(range(-rank, 0)), list(range(rank)))


def _between(low: Variable, high: Variable, share: Any) -> Variable:
    """low + (high - low) share, counted from the nearer end, as NumPy does it: exact at both."""
    step = high - low
    share = as_variable(share)
    near = share < 0.5
    return switch(eq(low, high), low, switch(near, low + step * share, high - step * (1 - share)))


def _or_nan(found: Variable, rows: Variable) -> Variable:
    """NaN where a row has one: sorted, they come last."""
    last = _row(rows, maximum(size(rows, rows.ndim - 1), constant_size(1)) - 1)
    wide = dimshuffle(last, [*["x"] * (found.ndim - last.ndim), *range(last.ndim)])
    return switch(isnan(wide), np.full((), np.nan, found.dtype), found)
