"""dtypes of the array API standard, and what two of them make together.

The standard promotes within a kind only: int8 and int32 give int32, but an integer and a float give
an error, for no dtype holds the numbers of both. A number of Python is weak: it takes the dtype of
the array that it meets, if it fits (NEP 50). So `int8_array + 1` is int8, and `int8_array + 300`
raises an OverflowError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError, NumberRangeError, OptionError
from kernelgraph.expect import came, expect_choice, text_of
from kernelgraph.types import listed

BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
REAL_FLOATING = ("float32", "float64")
COMPLEX_FLOATING = ("complex64", "complex128")
INTEGRAL = SIGNED + UNSIGNED
FLOATING = REAL_FLOATING + COMPLEX_FLOATING
REAL = INTEGRAL + REAL_FLOATING
NUMERIC = INTEGRAL + FLOATING
ALL = BOOL + NUMERIC

KINDS: dict[str, tuple[str, ...]] = {
    "bool": BOOL, "signed integer": SIGNED, "unsigned integer": UNSIGNED, "integral": INTEGRAL,
    "real floating": REAL_FLOATING, "complex floating": COMPLEX_FLOATING, "numeric": NUMERIC,
}  # fmt: skip
"""The standard's names for kinds of dtypes."""


@dataclass(frozen=True)
class DType:
    """A dtype of the standard; there is one object for each: `xp.float32`."""

    name: str

    def __repr__(self) -> str:
        return f"array_api.{self.name}"

    def __str__(self) -> str:
        return self.name

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype, as which NumPy takes this one."""
        return np.dtype(self.name)


OBJECTS = {name: DType(name) for name in ALL}
"""All dtypes by name."""

DEFAULT_FLOAT, DEFAULT_INTEGER = OBJECTS["float64"], OBJECTS["int64"]


def dtype_named(dtype: Any) -> DType:
    """The dtype that is meant by one of the standard's, of NumPy's, or a name.

    Raises `DTypeError` (KG-D001).
    """
    if isinstance(dtype, DType):
        return dtype
    try:
        name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    except TypeError:
        name = ""
    if name not in OBJECTS or dtype is None:
        raise DTypeError(
            f"a dtype is one such as xp.float32, not {came(dtype)}",
            code="KG-D001",
            because=f"there are: {', '.join(OBJECTS)}",
        )
    return OBJECTS[name]


def promoted(one: DType, other: DType) -> DType:
    """The dtype that two make together: the smallest of their kind that holds both.

    Raises `DTypeError` (KG-D003) for dtypes of different kinds.

    >>> promoted(OBJECTS["uint8"], OBJECTS["int8"])
    array_api.int16
    """
    if one == other:
        return one
    for kind in (INTEGRAL, FLOATING):
        if one.name in kind and other.name in kind:
            found = np.result_type(one.name, other.name).name
            if found in kind:
                return OBJECTS[found]
    raise DTypeError(
        f"{one} and {other} make no dtype together",
        code="KG-D003",
        because="the standard does not promote dtypes of different kinds",
        hint="xp.astype(x, dtype) converts one of them",
    )


WEAK = {bool: ALL, int: NUMERIC, float: FLOATING, complex: COMPLEX_FLOATING}
"""For each type of Python's numbers, the dtypes that it can take."""


def weak_dtype(kind: type, beside: DType) -> DType:
    """The dtype that a number of Python takes beside an array of another.

    A complex number makes a real float complex. Raises `DTypeError` (KG-D003).
    """
    if kind is bool and beside.name != "bool":
        allowed: tuple[str, ...] = BOOL
    elif kind is complex and beside.name in REAL_FLOATING:
        return OBJECTS["complex64" if beside.name == "float32" else "complex128"]
    else:
        allowed = WEAK[kind]
    if beside.name in allowed:
        return beside
    raise DTypeError(
        f"a Python {kind.__name__} and an array of dtype {beside} make no dtype together",
        code="KG-D003",
        hint="xp.astype(x, dtype) converts the array",
    )


def weak_value(number: Any, dtype: DType) -> Any:
    """A number of Python in the dtype of the array that it meets.

    Raises `NumberRangeError`, which is an OverflowError, for an integer that does not fit.
    """
    if type(number) is int and dtype.name in INTEGRAL:
        limits = np.iinfo(dtype.name)
        if not limits.min <= number <= limits.max:
            raise NumberRangeError(
                f"the integer {text_of(number)} does not fit {dtype}",
                because=f"{dtype} goes from {limits.min} to {limits.max}",
                hint="xp.astype(x, xp.int64) makes room in the array",
            )
    with np.errstate(all="ignore"):
        return np.asarray(number, dtype=dtype.name)


def isdtype(dtype: DType, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, a name such as "real floating", or a tuple of them.

    Raises `DTypeError` for what is no dtype, `OptionError` for an unknown kind.

    >>> isdtype(OBJECTS["int8"], "integral"), isdtype(OBJECTS["int8"], ("bool", "numeric"))
    (True, True)
    """
    if not isinstance(dtype, DType):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DTypeError(f"a dtype is one such as xp.float32, not {came(dtype)}", code="KG-D001")
    if isinstance(kind, tuple):
        kinds = listed(kind)
        if any(isinstance(one, tuple) for one in kinds):
            raise OptionError("a kind is a dtype, a name or a tuple of these, not a tuple in one")
        return any(isdtype(dtype, one) for one in kinds)
    if isinstance(kind, DType):
        return dtype == kind
    return dtype.name in KINDS[expect_choice(kind, "a kind of dtype", KINDS)]


@dataclass(frozen=True, eq=False)
class FloatLimits:
    """What `finfo` says: a float's bits, the distance from 1 to the next one, and its ends."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@dataclass(frozen=True, eq=False)
class IntegerLimits:
    """What `iinfo` says: an integer's bits and its ends."""

    bits: int
    max: int
    min: int
    dtype: DType


def float_limits(dtype: DType) -> FloatLimits:
    """The limits of a float dtype, of a complex one those of its parts."""
    if dtype.name not in FLOATING:
        raise DTypeError(f"finfo is about floats, not {dtype}", code="KG-D003", hint="xp.iinfo")
    info = np.finfo(dtype.name)
    eps, most, least, normal = map(float, (info.eps, info.max, info.min, info.smallest_normal))
    return FloatLimits(info.bits, eps, most, least, normal, OBJECTS[info.dtype.name])


def integer_limits(dtype: DType) -> IntegerLimits:
    """The limits of an integer dtype."""
    if dtype.name not in INTEGRAL:
        raise DTypeError(f"iinfo is about integers, not {dtype}", code="KG-D003", hint="xp.finfo")
    info = np.iinfo(dtype.name)
    return IntegerLimits(info.bits, int(info.max), int(info.min), dtype)
