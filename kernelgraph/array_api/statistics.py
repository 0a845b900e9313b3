"""Functions that fold axes into numbers: sums, means, extremes, truth; and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import (
    ALL,
    FLOATING,
    NUMERIC,
    OBJECTS,
    REAL,
    REAL_FLOATING,
    SIGNED,
    UNSIGNED,
    DType,
    dtype_named,
)
from kernelgraph.array_api.manipulation import concat
from kernelgraph.array_api.promotion import array, expect_dtype
from kernelgraph.array_api.shapes import broadcast, listed_axes
from kernelgraph.array_api.values import constant_of
from kernelgraph.errors import AxisError
from kernelgraph.expect import expect_flag, expect_integer, expect_number
from kernelgraph.graph import Variable, describe


def _axis(x: Array, axis: Any) -> Any:
    return None if axis is None else listed_axes(axis, x.ndim)


def _read(name: str, x: Array, takes: Any) -> Array:
    expect_dtype(expect_array(x, f"the operand of {name}").dtype, takes, name)
    return x


def _fold(name: str, op: Any, x: Array, takes: Any, axis: Any, keepdims: bool) -> Variable:
    _read(name, x, takes)
    return op(x.variable, axis=_axis(x, axis), keepdims=expect_flag(keepdims, "keepdims"))


def _total(x: Array, dtype: Any) -> DType:
    """The dtype of a sum or product: 64 bits for integers, unless another is asked for."""
    if dtype is not None:
        return dtype_named(dtype)
    name = x.dtype.name
    return OBJECTS["int64" if name in SIGNED else "uint64" if name in UNSIGNED else name]


def sum(x: Array, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The sum along `axis` (an int, several, or None for all). Integers are added in 64 bits."""
    wanted = _total(_read("sum", x, NUMERIC), dtype)
    return array(_fold("sum", T.sum, array(x.variable, wanted), ALL, axis, keepdims), wanted)


def prod(x: Array, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The product along `axis`. Integers are multiplied in 64 bits."""
    wanted = _total(_read("prod", x, NUMERIC), dtype)
    return array(_fold("prod", T.prod, array(x.variable, wanted), ALL, axis, keepdims), wanted)


def mean(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """The mean along `axis`; of nothing, NaN."""
    return array(_fold("mean", T.mean, x, FLOATING, axis, keepdims), x.dtype)


def var(x: Array, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The variance along `axis`, the sum of squares divided by n - `correction`."""
    _read("var", x, REAL_FLOATING)
    ddof, keep = expect_number(correction, "correction"), expect_flag(keepdims, "keepdims")
    return array(T.var(x.variable, axis=_axis(x, axis), ddof=ddof, keepdims=keep), x.dtype)


def std(x: Array, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The standard deviation along `axis`, the root of `var`."""
    _read("std", x, REAL_FLOATING)
    return Array(T.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims).variable))


def max(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """The largest element along `axis`; NaN if there is one."""
    return Array(_fold("max", T.max, x, REAL, axis, keepdims))


def min(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """The smallest element along `axis`; NaN if there is one."""
    return Array(_fold("min", T.min, x, REAL, axis, keepdims))


def all(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether no element along `axis` is 0."""
    return Array(_fold("all", T.all, x, ALL, axis, keepdims))


def any(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether an element along `axis` is not 0."""
    return Array(_fold("any", T.any, x, ALL, axis, keepdims))


def count_nonzero(x: Array, /, *, axis: Any = None, keepdims: bool = False) -> Array:
    """How many elements along `axis` are not 0."""
    return Array(_fold("count_nonzero", T.count_nonzero, x, ALL, axis, keepdims))


def argmax(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first largest element along `axis`, or of all in row-major order."""
    return Array(_fold("argmax", T.argmax, x, REAL, axis, keepdims))


def argmin(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first smallest element along `axis`, or of all in row-major order."""
    return Array(_fold("argmin", T.argmin, x, REAL, axis, keepdims))


def _running(
    name: str, op: Any, start: int, x: Array, axis: Any, dtype: Any, include_initial: bool
) -> Array:
    wanted = _total(_read(name, x, NUMERIC), dtype)
    if x.ndim == 0:
        raise AxisError(f"{name} goes along an axis, and {describe(x.variable)} has none")
    if axis is None and x.ndim > 1:
        raise AxisError(f"{name} along which axis? {describe(x.variable)} has several")
    (place,) = listed_axes(0 if axis is None else axis, x.ndim)
    found = array(op(T.cast(x.variable, wanted.name), axis=place), wanted)
    if not expect_flag(include_initial, "include_initial"):
        return found
    sizes = [*x.shape]
    sizes[place] = 1
    first = broadcast(constant_of(np.asarray(start, wanted.name)), sizes)
    return concat([Array(first), found], axis=place)


def cumulative_sum(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """Running sums along `axis`, which a vector need not name; with 0 in front on request."""
    return _running("cumulative_sum", T.cumsum, 0, x, axis, dtype, include_initial)


def cumulative_prod(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """Running products along `axis`, which a vector need not name; with 1 in front on request."""
    return _running("cumulative_prod", T.cumprod, 1, x, axis, dtype, include_initial)


def diff(
    x: Array,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: Array | None = None,
    append: Array | None = None,
) -> Array:
    """Differences of neighbours along `axis`, `n` times; arrays may be put in front or behind."""
    _read("diff", x, NUMERIC)
    (place,) = listed_axes(axis, x.ndim)
    parts = [part for part in (prepend, x, append) if part is not None]
    whole = concat(parts, axis=place) if len(parts) > 1 else x
    return array(T.diff(whole.variable, expect_integer(n, "n", 0), place), whole.dtype)
