"""Functions that make arrays: `asarray`, `zeros`, `arange`, `eye`, `linspace` and others.

A shape may hold sizes of a traced function. What repeats one number is a view of it, which costs
no memory until it is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array, expect_device
from kernelgraph.array_api.dtypes import (
    COMPLEX_FLOATING,
    DEFAULT_FLOAT,
    DEFAULT_INTEGER,
    FLOATING,
    NUMERIC,
    OBJECTS,
    DType,
    dtype_named,
    weak_value,
)
from kernelgraph.array_api.promotion import array, expect_dtype, is_number, kind_of, with_ones
from kernelgraph.array_api.scalars import Scalar, unwrapped
from kernelgraph.array_api.shapes import broadcast, listed_shape
from kernelgraph.array_api.values import constant_of
from kernelgraph.errors import DTypeError, NumberRangeError, OptionError, ShapeError
from kernelgraph.expect import came, expect_choice, expect_flag, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.protocols import foreign_array, offers_array
from kernelgraph.types import listed

_DEFAULTS: dict[Any, DType] = {
    bool: OBJECTS["bool"],
    int: DEFAULT_INTEGER,
    float: DEFAULT_FLOAT,
    complex: OBJECTS["complex128"],
}


def _dtype(asked: Any, otherwise: DType) -> DType:
    return otherwise if asked is None else dtype_named(asked)


def asarray(
    obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None
) -> Array:
    """An array from a number, a nested list of numbers, an array of another library, or an array.

    Python's ints become int64, floats float64. Numbers are copied. Raises `DTypeError` for what is
    no array, `NumberRangeError` for an int that does not fit, and `OptionError`, a ValueError,
    where `copy=False` cannot be kept.

    >>> asarray([[1, 2], [3, 4]]).dtype, asarray([1.5], dtype=OBJECTS["float32"]).shape
    (array_api.int64, (1,))
    """
    expect_device(device)
    if isinstance(obj, Array):
        wanted = _dtype(dtype, obj.dtype)
        if copy is False and wanted != obj.dtype:
            raise OptionError(f"asarray to {wanted} makes a copy, and copy is False")
        return array(obj.variable, wanted)
    if copy is False:
        raise OptionError(f"asarray copies {came(obj)}, and copy is False")
    if isinstance(obj, Scalar):
        return array(obj.variable, _dtype(dtype, _DEFAULTS[obj.kind]))
    return Array(constant_of(_numbers(obj, dtype)))


def _numbers(obj: Any, dtype: Any) -> Any:
    if is_number(obj):
        return weak_value(obj, _dtype(dtype, _DEFAULTS[kind_of(obj)]))
    found = foreign_array(obj, "asarray") if offers_array(obj) else _from_lists(obj)
    if found.dtype.name not in OBJECTS:
        raise DTypeError(f"there is no dtype {found.dtype} here", code="KG-D001")
    with np.errstate(all="ignore"):
        return found if dtype is None else found.astype(dtype_named(dtype).name)


def _from_lists(obj: Any) -> Any:
    if not isinstance(obj, list | tuple):
        raise DTypeError(f"cannot make an array of {came(obj)}", code="KG-D002")
    found = foreign_array(_plain(obj), "asarray")
    if found.dtype.kind == "O":
        raise NumberRangeError("an integer of the list does not fit int64")
    return found


def _plain(item: Any) -> Any:
    """Nested lists in which arrays of no dimensions are numbers."""
    if isinstance(item, list | tuple):
        return [_plain(one) for one in listed(item)]
    return item.value.item() if isinstance(item, Array) and not item.ndim else item


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    """An array with the numbers of another library's, which come by DLPack and are copied.

    Raises `DTypeError` for what cannot be read, `OptionError` for `copy=False`.
    """
    expect_device(device)
    if copy is False:
        raise OptionError("from_dlpack copies, and copy is False")
    if not hasattr(x, "__dlpack__"):
        raise DTypeError(f"{came(x)} does not offer DLPack", code="KG-D007")
    return asarray(x if isinstance(x, Array) else np.from_dlpack(x))


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array of one number; its dtype follows from the number's type, unless it is given."""
    expect_device(device)
    if not is_number(fill_value):
        raise DTypeError(
            f"the number must be one of Python, not {came(fill_value)}", code="KG-D002"
        )
    wanted = _dtype(dtype, _DEFAULTS[kind_of(fill_value)])
    if isinstance(fill_value, Scalar):
        number = T.cast(fill_value.variable, wanted.name)
    else:
        number: Variable = constant_of(weak_value(fill_value, wanted))
    return Array(broadcast(number, listed_shape(shape)))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array of zeros, float64 unless another dtype is asked for."""
    return _filled(shape, 0, dtype, device)


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array of ones, float64 unless another dtype is asked for."""
    return _filled(shape, 1, dtype, device)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array whose numbers do not matter: zeros."""
    return _filled(shape, 0, dtype, device)


def _filled(shape: Any, number: int, dtype: Any, device: Any) -> Array:
    expect_device(device)
    wanted = _dtype(dtype, DEFAULT_FLOAT)
    return Array(broadcast(constant_of(np.asarray(number, wanted.name)), listed_shape(shape)))


def full_like(x: Array, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array of one number with the shape of x, and its dtype unless another is asked for."""
    expect_array(x, "the operand of full_like")
    return full(x.shape, fill_value, dtype=_dtype(dtype, x.dtype), device=device)


def zeros_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    """Zeros with the shape of x, and its dtype unless another is asked for."""
    return _filled(expect_array(x, "the operand").shape, 0, _dtype(dtype, x.dtype), device)


def ones_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    """Ones with the shape of x, and its dtype unless another is asked for."""
    return _filled(expect_array(x, "the operand").shape, 1, _dtype(dtype, x.dtype), device)


def empty_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    """An array with the shape of x whose numbers do not matter: zeros."""
    return zeros_like(x, dtype=dtype, device=device)


def arange(
    start: Any,
    /,
    stop: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
) -> Array:
    """start, start + step and so on, as far as it is before `stop`; `arange(n)` counts from 0.

    int64 for ints, float64 if a float is among them, unless another dtype is asked for.
    """
    expect_device(device)
    ends = (0, start, step) if stop is None else (start, stop, step)
    for end in ends:
        if not is_number(end) or kind_of(end) not in (int, float):
            raise DTypeError(f"arange counts with ints and floats, not {came(end)}", code="KG-D002")
    is_whole = all(kind_of(end) is int for end in ends)
    wanted = _dtype(dtype, DEFAULT_INTEGER if is_whole else DEFAULT_FLOAT)
    expect_dtype(wanted, NUMERIC, "arange")
    wide = "int64" if is_whole else "float64"
    if all(not isinstance(end, Scalar) for end in ends) and is_whole:
        return array(T.arange(ends[0], ends[1], ends[2]), wanted)
    first, last, by = (T.cast(unwrapped(end), wide) for end in ends)
    return array(T.arange(first, last, by), wanted)


def linspace(
    start: Any,
    stop: Any,
    /,
    num: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
) -> Array:
    """`num` numbers from `start` to `stop`, at equal distances; without `stop` itself if `endpoint`
    is False.
    """
    expect_device(device)
    expect_integer(num, "num", 0)
    is_complex = any(kind_of(end) is complex for end in (start, stop))
    wide = "complex128" if is_complex else "float64"
    wanted = _dtype(dtype, OBJECTS[wide])
    expect_dtype(wanted, COMPLEX_FLOATING if is_complex else FLOATING, "linspace")
    steps = num - 1 if expect_flag(endpoint, "endpoint") else num
    low, high = (T.cast(_end(end, wide), wide) for end in (start, stop))
    places = T.cast(T.arange(num), "float64")
    if steps < 1:
        return array(low + places * 0.0, wanted)
    numbers = low + places * ((high - low) / float(steps))
    if endpoint:
        numbers = T.switch(T.eq(places, steps), high, numbers)
    return array(numbers, wanted)


def _end(number: Any, dtype: str) -> Any:
    if not is_number(number):
        raise DTypeError(f"linspace goes from number to number, not {came(number)}", code="KG-D002")
    return number.variable if isinstance(number, Scalar) else np.asarray(number, dtype)


def eye(
    n_rows: Any,
    n_cols: Any = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: Any = None,
) -> Array:
    """A matrix with ones on the diagonal, or `k` places above it, and zeros elsewhere."""
    expect_device(device)
    rows, columns = (T.arange(unwrapped(n)) for n in (n_rows, n_rows if n_cols is None else n_cols))
    shift = expect_integer(k, "k")
    hit = T.eq(rows.dimshuffle(0, "x") + _place(shift), columns.dimshuffle("x", 0))
    return array(hit, _dtype(dtype, DEFAULT_FLOAT))


def _place(number: int) -> Variable:
    return constant_of(np.int64(number))


def _triangle(name: str, x: Array, k: int, lower: bool) -> Array:
    if expect_array(x, f"the operand of {name}").ndim < 2:
        raise ShapeError(f"{name} takes matrices, not {describe(x.variable)}")
    rows, columns = (T.arange(unwrapped(size)) for size in x.shape[-2:])
    distance = columns.dimshuffle("x", 0) - rows.dimshuffle(0, "x")
    kept = T.le(distance, _place(k)) if lower else T.ge(distance, _place(k))
    parts = with_ones([kept, x.variable])
    return Array(T.switch(parts[0], parts[1], constant_of(np.zeros((), x.dtype.name))))


def tril(x: Array, /, *, k: int = 0) -> Array:
    """The lower triangles of a stack of matrices, up to the diagonal `k`; zeros above."""
    return _triangle("tril", x, expect_integer(k, "k"), lower=True)


def triu(x: Array, /, *, k: int = 0) -> Array:
    """The upper triangles of a stack of matrices, from the diagonal `k` on; zeros below."""
    return _triangle("triu", x, expect_integer(k, "k"), lower=False)


def meshgrid(*arrays: Array, indexing: str = "xy") -> list[Array]:
    """Coordinates of a grid: each vector along an axis of its own, repeated along the others.

    With "xy" the first two axes are exchanged. Raises `ShapeError` for what is no vector.
    """
    expect_choice(indexing, "indexing", ("xy", "ij"))
    for x in arrays:
        if expect_array(x, "an operand of meshgrid").ndim != 1:
            raise ShapeError(f"meshgrid takes vectors, not {describe(x.variable)}")
    axes = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        axes[:2] = 1, 0
    sizes: Sequence[Any] = [arrays[axes[k]].shape[0] for k in range(len(arrays))]
    found: list[Array] = []
    for x, axis in zip(arrays, axes, strict=True):
        order: list[Any] = ["x"] * len(arrays)
        order[axis] = 0
        found.append(Array(broadcast(x.variable.dimshuffle(*order), sizes)))
    return found
