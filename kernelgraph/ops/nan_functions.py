"""Reductions that leave out what is no number, and numbers in the place of NaN and infinities.

    nanmean(x) = (the sum of all that is not NaN) / (how many these are)

The derivative by a NaN is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError
from kernelgraph.expect import expect_flag, expect_number
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import REAL_PARTS, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, eq, maximum, switch
from kernelgraph.ops.complexes import complex_, imag, real
from kernelgraph.ops.cumulative import cumprod, cumsum
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.logic import opposite
from kernelgraph.ops.products import prod
from kernelgraph.ops.reductions import all_, argmax, argmin, max_, min_, sum_
from kernelgraph.ops.special_values import isinf, isnan
from kernelgraph.types import is_complex, is_float, is_inexact

__all__ = [
    "isneginf", "isposinf", "nan_to_num", "nanargmax", "nanargmin", "nancumprod", "nancumsum",
    "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar",
]  # fmt: skip


def isposinf(x: Any) -> Variable:
    """Whether x is the infinity above all numbers, element by element. Raises `DTypeError`
    (KG-D003) for complex numbers.
    """
    x = _real(x)
    return eq(x, np.full((), np.inf, x.dtype)) if is_float(x.dtype) else isinf(x)


def isneginf(x: Any) -> Variable:
    """Whether x is the infinity below all numbers, element by element. Raises `DTypeError`
    (KG-D003) for complex numbers.
    """
    x = _real(x)
    return eq(x, np.full((), -np.inf, x.dtype)) if is_float(x.dtype) else isinf(x)


def _real(x: Any) -> Variable:
    x = as_variable(x)
    if is_complex(x.dtype):
        what = f"infinities of complex numbers are neither above nor below all: {describe(x)}"
        raise DTypeError(what, code="KG-D003", hint=REAL_PARTS, operands=(typed(x),))
    return x


def _with(x: Any, number: float) -> Variable:
    """An array with a number in the place of each NaN. Integers have none."""
    x = as_variable(x)
    return switch(isnan(x), np.full((), number, x.dtype), x) if is_inexact(x.dtype) else x


def nansum(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Variable:
    """`T.sum` of all that is not NaN."""
    return sum_(_with(x, 0), axis, dtype, keepdims)


def nanprod(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Variable:
    """`T.prod` of all that is not NaN."""
    return prod(_with(x, 1), axis, dtype, keepdims)


def nancumsum(x: Any, axis: Any = None) -> Variable:
    """`T.cumsum` with a NaN counted as 0."""
    return cumsum(_with(x, 0), axis)


def nancumprod(x: Any, axis: Any = None) -> Variable:
    """`T.cumprod` with a NaN counted as 1."""
    return cumprod(_with(x, 1), axis)


def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """The largest number over `axis`, NaN where there is none but NaN. Raises as `T.max` does."""
    return _or_nan(max_(_with(x, -np.inf), axis, keepdims), x, axis, keepdims)


def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """The smallest number over `axis`, NaN where there is none but NaN. Raises as `T.min` does."""
    return _or_nan(min_(_with(x, np.inf), axis, keepdims), x, axis, keepdims)


def _or_nan(found: Variable, x: Any, axis: Any, keepdims: bool) -> Variable:
    if not is_float(found.dtype):
        return found
    nothing = all_(isnan(as_variable(x)), axis, keepdims)
    return switch(nothing, np.full((), np.nan, found.dtype), found)


def nanargmax(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """The index of the largest number over `axis`; 0 where there is none but NaN, which NumPy
    refuses. Raises as `T.argmax` does.
    """
    return argmax(_with(x, -np.inf), axis, keepdims)


def nanargmin(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """The index of the smallest number over `axis`; else as `nanargmax`."""
    return argmin(_with(x, np.inf), axis, keepdims)


def _number_of(x: Variable, axis: Any, dtype: str) -> Variable:
    """How many elements are no NaN, with axes of size 1 where these are counted."""
    return cast(sum_(opposite(isnan(x)), axis, keepdims=True), dtype)


def _mean(x: Variable, axis: Any) -> Variable:
    total = sum_(_with(x, 0), axis, keepdims=True)
    return total / _number_of(x, axis, total.dtype)


def _as_floats(x: Any) -> Variable:
    x = as_variable(x)
    return x if is_inexact(x.dtype) else cast(x, "float64")


def _without_axes(found: Variable, axis: Any, keepdims: bool) -> Variable:
    """Axes of size 1 taken away again: a sum over one element is that element."""
    return found if expect_flag(keepdims, "keepdims") else sum_(found, axis)


def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Variable:
    """`T.mean` of all that is not NaN; NaN where there is nothing else."""
    return _without_axes(_mean(_as_floats(x), axis), axis, keepdims)


def nanvar(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Variable:
    """`T.var` of all that is not NaN: squared distances from their mean, divided by n - `ddof`, of
    which n counts only what is a number. NaN where n is not above `ddof`.

    Raises `OptionError` for a `ddof` that is no number.
    """
    x, less = _as_floats(x), expect_number(ddof, "ddof")
    distances = switch(isnan(x), np.zeros((), x.dtype), x - _mean(x, axis))
    total = sum_(abs(distances) ** 2, axis, keepdims=True)
    n = _number_of(x, axis, total.dtype)
    found = switch(n > less, total / maximum(n - cast(less, n.dtype), 1), np.nan)
    return _without_axes(cast(found, total.dtype), axis, keepdims)


def nanstd(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Variable:
    """The root of `nanvar`."""
    return sqrt(nanvar(x, axis, ddof, keepdims))


def nan_to_num(
    x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """An array with numbers in the place of NaN and of infinities: `nan`, and where they are not
    given the largest and the smallest number of its dtype; of complex numbers, in the place of each
    part for itself. `copy` changes nothing.
    """
    x = as_variable(x)
    if is_complex(x.dtype):
        return complex_(*(nan_to_num(part(x), copy, nan, posinf, neginf) for part in (real, imag)))
    if not is_float(x.dtype):
        return x
    limits = np.finfo(x.dtype)
    high, low = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    finite = switch(isposinf(x), cast(high, x.dtype), switch(isneginf(x), cast(low, x.dtype), x))
    return switch(isnan(x), cast(nan, x.dtype), finite)
