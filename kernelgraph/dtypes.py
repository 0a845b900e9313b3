"""dtypes: which are supported, what two of them make together, and which one a number gets.

Names of dtypes come in and go out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from kernelgraph.config import config
from kernelgraph.errors import DTypeError, NumberRangeError
from kernelgraph.expect import came, shortened

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
DTYPES = ("bool", *INTEGERS, *FLOATS, *COMPLEX)


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
            hint="convert the values first: values.astype('float64')",
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
    if is_inexact(dtype):
        return dtype
    return "float32" if np.dtype(dtype).itemsize <= 2 else "float64"


def is_float(dtype: str) -> bool:
    """Whether numbers of this dtype are real and rounded."""
    return dtype in FLOATS


def is_complex(dtype: str) -> bool:
    """Whether numbers of this dtype have an imaginary part."""
    return dtype in COMPLEX


def is_inexact(dtype: str) -> bool:
    """Whether numbers of this dtype are rounded, real or complex: a gradient can have it."""
    return dtype in FLOATS or dtype in COMPLEX


def computing(dtype: str) -> str:
    """The dtype in which one op computes with numbers of `dtype`: float16 is for memory only. An op
    computes with such numbers in float32 and rounds its result once, as NumPy does.

    >>> computing("float16"), computing("float64")
    ('float32', 'float64')
    """
    return "float32" if dtype == "float16" else dtype


def real_part_of(dtype: str) -> str:
    """The dtype of the real part, and of the magnitude, of numbers of a dtype.

    >>> real_part_of("complex64"), real_part_of("int8")
    ('float32', 'int8')
    """
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def complex_of(*dtypes: str) -> str:
    """The complex dtype whose parts hold numbers of these dtypes.

    >>> complex_of("float16"), complex_of("float32", "int32")
    ('complex64', 'complex128')
    """
    return upcast("complex64", *dtypes)


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
        case "c":
            return "complex128"
        case _:
            return "float64"


def autocast(value: Any) -> str:
    """The dtype that a Python number gets in an expression: the smallest that holds it exactly
    (floats: at most floatX when that is float32; float16 only when floatX is).

    >>> autocast(2), autocast(300), autocast(0.5), autocast(True), autocast(1j)
    ('int8', 'int16', 'float32', 'bool', 'complex64')
    """
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return _smallest_integer(value)
    if isinstance(value, complex):
        return _smallest_complex(value)
    if config.floatX == "float32" or config.cast_policy == "numpy+floatX":
        return config.floatX
    if config.floatX == "float16" and _is_exact(value, "float16"):
        return "float16"
    return "float32" if _is_exact(value, "float32") else "float64"


def _is_exact(value: float, dtype: str) -> bool:
    with np.errstate(over="ignore"):
        return value != value or float(np.dtype(dtype).type(value)) == value


def _smallest_complex(value: complex) -> str:
    if config.cast_policy == "numpy+floatX":
        return complex_of(config.floatX)
    parts = value.real, value.imag
    exact = all(_is_exact(part, "float32") for part in parts)
    return "complex64" if exact or config.floatX == "float32" else "complex128"


def _smallest_integer(value: int) -> str:
    if config.cast_policy == "numpy+floatX":
        return "int64"
    for dtype in ("int8", "int16", "int32", "int64", "uint64"):
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return dtype
    what = f"the integer {came(value)} does not fit int64"
    raise NumberRangeError(what, hint="write it as a float")
