"""Shared variables: symbols with a value of their own. A value comes in, the variable goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.errors import DTypeError
from kernelgraph.expect import expect_downcast, expect_flag, expect_list, expect_name
from kernelgraph.graph import SharedVariable, Variable, describe
from kernelgraph.protocols import offers_array
from kernelgraph.types import (
    ObjectType,
    SparseType,
    TensorType,
    Type,
    as_array,
    check_dtype,
    copied,
)


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    shape: Sequence[int | None] | None = None,
) -> SharedVariable:
    """A variable with a value of its own, that functions read and update.

    The value is copied unless `borrow`. Python ints become int64, floats float64, arrays keep their
    dtype; lists must be arrays. No size is fixed, so `set_value` may change lengths, except where
    `shape` has a number, or `broadcastable` says that a dimension is 1. Raises `DTypeError` for a
    symbol or what is not numbers, `ShapeError` for a value of another shape.

    >>> str(shared([[1.0, 2.0], [3.0, 4.0]], "w", shape=(None, 2)).type)
    'float64[?, 2]'
    """
    expect_flag(strict, "strict")  # a new variable has the type of its value: nothing is converted
    expect_downcast(allow_downcast, "allow_downcast")
    if isinstance(value, Variable):
        raise DTypeError(
            f"a shared variable needs numbers, not the symbol {describe(value)}",
            code="KG-D002",
            origins=value.where,
        )
    kind, start = _shared_type(value)
    if broadcastable is not None and isinstance(kind, TensorType):
        flags = expect_list(broadcastable, "broadcastable", "True and False")
        ones = [expect_flag(one, "broadcastable") for one in flags]
        kind = TensorType(kind.dtype, tuple(1 if one else None for one in ones))
    if shape is not None and isinstance(kind, TensorType):
        kind = TensorType(kind.dtype, tuple(expect_list(shape, "shape", "sizes")))
    name = expect_name(name, "the name of a shared variable")
    fitting = kind.filter(start, name or "the value")
    own = fitting if expect_flag(borrow, "borrow") else copied(fitting)
    return SharedVariable(kind, [own], name)


def _shared_type(value: Any) -> tuple[Type, Any]:
    if getattr(value, "format", None) in ("csr", "csc"):
        return SparseType(value.format, str(value.dtype)), value
    numbers = (int, float, complex, list, tuple, str)
    if not offers_array(value) and not isinstance(value, numbers):
        return ObjectType(), value
    array = as_array(value, "the value of a shared variable")
    return TensorType(check_dtype(array.dtype), (None,) * array.ndim), array
