"""Functions about dtypes that also take arrays: `result_type`, `can_cast`, `finfo`, `iinfo`."""

from __future__ import annotations

from typing import Any

from kernelgraph.array_api.array import Array
from kernelgraph.array_api.dtypes import (
    DType,
    FloatLimits,
    IntegerLimits,
    dtype_named,
    float_limits,
    integer_limits,
    promoted,
)
from kernelgraph.array_api.promotion import common_dtype
from kernelgraph.errors import DTypeError, OptionError
from kernelgraph.expect import came


def _dtype(value: Any) -> DType:
    if isinstance(value, Array):
        return value.dtype
    if not isinstance(value, DType):
        raise DTypeError(f"this takes an array or a dtype, not {came(value)}", code="KG-D001")
    return value


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype that arrays, dtypes and numbers of Python make together.

    Raises `OptionError`, a ValueError, without an array or dtype, `DTypeError` for other values.
    """
    if not any(isinstance(one, Array | DType) for one in arrays_and_dtypes):
        raise OptionError("result_type needs an array or a dtype")
    return common_dtype(arrays_and_dtypes, "result_type")


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether a dtype holds all numbers of another of its kind.

    >>> from kernelgraph import array_api as xp
    >>> can_cast(xp.int8, xp.int16), can_cast(xp.int8, xp.float32)
    (True, False)
    """
    source, target = _dtype(from_), dtype_named(to)
    try:
        return promoted(source, target) == target
    except DTypeError:
        return False


def finfo(type: Any, /) -> FloatLimits:
    """The limits of a float dtype, or of that of an array."""
    return float_limits(_dtype(type))


def iinfo(type: Any, /) -> IntegerLimits:
    """The limits of an integer dtype, or of that of an array."""
    return integer_limits(_dtype(type))
