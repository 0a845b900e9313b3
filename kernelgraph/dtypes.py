"""dtypes: which are supported, what two of them make together, and which one a number gets.

Names of dtypes come in and go out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from kernelgraph.config import config
from kernelgraph.errors import DTypeError
from kernelgraph.expect import came, shortened

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float32", "float64")
DTYPES = ("bool", *INTEGERS, *FLOATS)


def check_dtype(dtype: Any) -> str:
    """The canonical name of a supported dtype.

    Raises `DTypeError` (KG-D001) for all others.

    >>> check_dtype(np.float32), check_dtype("floatX")
    ('float32', 'float64')
    """
    if isinstance(dtype, str) and (dtype in DTYPES or dtype == "floatX"):
        return config.floatX if dtype == "floatX" else dtype
    name = _numpy_name(dtype)
    if name not in DTYPES:
        raise DTypeError(
            f"dtype {name} is not supported"
            if name
            else f"a dtype is a name such as 'float64', not {came(dtype)}",
            code="KG-D001",
            because=f"supported: {', '.join(DTYPES)}",
            hint="convert the values with .astype(...) first",
        )
    return name


def _numpy_name(dtype: Any) -> str:
    """What NumPy calls a dtype; nothing for what is none. NumPy asks objects for an attribute
    `dtype`, which may be anything, and takes None for float64.
    """
    if dtype is None:
        return ""
    try:
        found = np.dtype(dtype)
    except Exception:
        return shortened(dtype) if isinstance(dtype, str) else ""
    return {"U": "str", "S": "bytes", "V": "void"}.get(found.kind, found.name)


@lru_cache
def upcast(*dtypes: str) -> str:
    """NumPy's promotion of dtypes (not of values).

    >>> upcast("int32", "float32")
    'float64'
    """
    return np.result_type(*dtypes).name


def to_float(dtype: str) -> str:
    """The float dtype in which a function such as exp computes: small integers fit float32, others
    need float64.
    """
    if dtype in FLOATS:
        return dtype
    return "float32" if np.dtype(dtype).itemsize <= 2 else "float64"


def is_float(dtype: str) -> bool:
    """Whether a gradient can have this dtype."""
    return dtype in FLOATS


@lru_cache
def safe_casts(dtype: str) -> tuple[str, ...]:
    """The dtypes all of whose values `dtype` can hold.

    >>> safe_casts("int16")
    ('bool', 'int8', 'int16', 'uint8')
    """
    return tuple(one for one in DTYPES if np.can_cast(one, dtype, "safe"))


def accumulator(dtype: str) -> str:
    """The dtype in which values are summed, so that short sums do not overflow or drift."""
    match np.dtype(dtype).kind:
        case "b" | "i":
            return "int64"
        case "u":
            return "uint64"
        case _:
            return "float64"


def autocast(value: Any) -> str:
    """The dtype that a Python number gets in an expression: the smallest that holds it exactly
    (floats: at most floatX when that is float32).

    >>> autocast(2), autocast(300), autocast(0.5), autocast(True)
    ('int8', 'int16', 'float32', 'bool')
    """
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return _smallest_integer(value)
    if config.floatX == "float32" or config.cast_policy == "numpy+floatX":
        return config.floatX
    with np.errstate(over="ignore"):
        exact = float(np.float32(value)) == value or value != value
    return "float32" if exact else "float64"


def _smallest_integer(value: int) -> str:
    if config.cast_policy == "numpy+floatX":
        return "int64"
    for dtype in ("int8", "int16", "int32", "int64", "uint64"):
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return dtype
    raise DTypeError(
        f"the integer {came(value)} does not fit int64", code="KG-D005", hint="write it as a float"
    )
