"""Functions that find: `where`, `nonzero`, `isin`, `clip`."""

from __future__ import annotations

from typing import Any

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array
from kernelgraph.array_api.dtypes import ALL, BOOL, DEFAULT_INTEGER, OBJECTS, REAL
from kernelgraph.array_api.promotion import (
    array,
    as_operand,
    common_dtype,
    expect_dtype,
    operands,
    with_ones,
)
from kernelgraph.errors import DTypeError, ShapeError
from kernelgraph.expect import expect_flag


def where(condition: Array, x1: Any, x2: Any, /) -> Array:
    """x1 where the condition holds, else x2, element by element. One of them may be a number."""
    expect_dtype(expect_array(condition, "the condition").dtype, BOOL, "a condition")
    dtype, pair = operands("where", x1, x2)
    parts = with_ones([condition.variable, *pair])
    return array(T.switch(*parts), dtype)


def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    """x, or the end beyond which it lies; an end may be left out. NaN stays NaN."""
    expect_dtype(expect_array(x, "the operand of clip").dtype, REAL, "clip")
    ends = [end for end in (min, max) if end is not None]
    dtype = common_dtype([x, *ends], "clip")
    if dtype != x.dtype:
        raise DTypeError(f"the ends of clip must fit {x.dtype}", code="KG-D003")
    found = x.variable
    for end, op in ((min, T.maximum), (max, T.minimum)):
        if end is not None:
            found = op(*with_ones([found, as_operand(end, dtype)]))
    return array(found, dtype)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    """The places of the elements that are not 0: their indices along each axis."""
    if expect_array(x, "the operand of nonzero").ndim == 0:
        raise ShapeError("a scalar has no places")
    found: Any = T.nonzero(x.variable)
    return tuple(array(index, DEFAULT_INTEGER) for index in found)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Array:
    """Whether an element of x1 is one of those of x2; with `invert`, whether it is not."""
    dtype, (a, b) = operands("isin", x1, x2)
    expect_dtype(dtype, ALL, "isin")
    hit = T.any(T.eq(a.dimshuffle(*range(a.ndim), "x"), T.flatten(b)), axis=-1)
    return array(T.invert(hit) if expect_flag(invert, "invert") else hit, OBJECTS["bool"])
