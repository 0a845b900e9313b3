"""Functions that move elements: reshape, permute, concat, stack, repeat, flip, roll and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph import tensor as T
from kernelgraph.array_api.array import Array, expect_array, expect_device
from kernelgraph.array_api.dtypes import COMPLEX_FLOATING, dtype_named
from kernelgraph.array_api.promotion import array, common_dtype, known_one
from kernelgraph.array_api.scalars import Scalar, unwrapped
from kernelgraph.array_api.shapes import broadcast, listed_axes, listed_shape
from kernelgraph.array_api.values import size_of
from kernelgraph.errors import AxisError, DTypeError, OptionError, ShapeError
from kernelgraph.expect import came, expect_integer, expect_list
from kernelgraph.graph import describe
from kernelgraph.types import listed


def astype(x: Array, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Array:
    """The elements converted to a dtype. Raises `DTypeError` for complex numbers to others."""
    del copy  # arrays are values: what is not changed need not be copied
    expect_device(device)
    wanted = dtype_named(dtype)
    is_complex = expect_array(x, "the operand of astype").dtype.name in COMPLEX_FLOATING
    if is_complex and wanted.name not in COMPLEX_FLOATING:
        raise DTypeError(
            f"{x.dtype} is not converted to {wanted}: a part would be lost",
            code="KG-D003",
            hint="xp.real(x), xp.imag(x), xp.abs(x)",
        )
    return array(x.variable, wanted)


def reshape(x: Array, /, shape: Any, *, copy: bool | None = None) -> Array:
    """The elements in row-major order under other sizes, of which one may be -1.

    Raises `ShapeError` where the number of elements differs.
    """
    if copy is False:
        raise OptionError("reshape may copy, and copy is False")
    sizes = listed_shape(shape, least=-1)
    expect_array(x, "the operand of reshape")
    found = Array(T.reshape(x.variable, [unwrapped(size) for size in sizes]))
    _expect_same_size(x, sizes)
    return found


def _expect_same_size(x: Array, sizes: Sequence[Any]) -> None:
    before, after = x.shape, list(sizes)
    if any(isinstance(s, Scalar) for s in (*before, *after)):
        return
    count = int(np.prod(before, dtype=object))
    rest = int(np.prod([s for s in after if s != -1], dtype=object))
    fits = count == rest if -1 not in after else rest != 0 and count % rest == 0
    if not fits or after.count(-1) > 1:
        raise ShapeError(
            f"{count} elements of {describe(x.variable)} do not make {came(tuple(after))}",
            code="KG-S004",
        )


def permute_dims(x: Array, /, axes: Sequence[int]) -> Array:
    """The axes in another order: axis k of the result is axis `axes[k]` of x."""
    order = listed_axes(list(axes), expect_array(x, "the operand of permute_dims").ndim, "axes")
    if len(order) != x.ndim:
        raise AxisError(f"axes {came(axes)} must name each dimension of {describe(x.variable)}")
    return Array(T.transpose(x.variable, order)) if x.ndim else x


def moveaxis(x: Array, source: Any, destination: Any, /) -> Array:
    """Some axes moved to other places; the others keep their order."""
    expect_array(x, "the operand of moveaxis")
    start, end = (listed_axes(a, x.ndim) for a in (source, destination))
    if len(start) != len(end):
        raise AxisError(f"{len(start)} axes cannot be moved to {len(end)} places")
    order: list[Any] = [None] * x.ndim
    for axis, place in zip(start, end, strict=True):
        order[place] = axis
    rest = iter(axis for axis in range(x.ndim) if axis not in start)
    return permute_dims(x, [next(rest) if axis is None else axis for axis in order])


def expand_dims(x: Array, /, axis: int = 0) -> Array:
    """A new axis of size 1, which then is axis `axis`."""
    rank = expect_array(x, "the operand of expand_dims").ndim
    (place,) = listed_axes(axis, rank + 1)
    return Array(x.variable.dimshuffle(*range(place), "x", *range(place, rank)))


def squeeze(x: Array, /, axis: Any) -> Array:
    """Axes of size 1 left out. Raises `ShapeError`, a ValueError, for an axis of another size."""
    dropped = listed_axes(axis, expect_array(x, "the operand of squeeze").ndim)
    variable = x.variable
    for place in dropped:
        size = size_of(variable, place)
        if isinstance(size, int) and size != 1:
            raise ShapeError(f"axis {place} of {describe(x.variable)} has size {size}, not 1")
        variable = variable if variable.broadcastable[place] else known_one(variable, place)
    return Array(variable.dimshuffle(*(k for k in range(x.ndim) if k not in dropped)))


def flip(x: Array, /, *, axis: Any = None) -> Array:
    """The elements in reverse order along an axis, several, or all."""
    rank = expect_array(x, "the operand of flip").ndim
    turned = list(range(rank)) if axis is None else listed_axes(axis, rank)
    index = [slice(None, None, -1 if k in turned else None) for k in range(rank)]
    return Array(x.variable[tuple(index)]) if turned else x


def roll(x: Array, /, shift: Any, *, axis: Any = None) -> Array:
    """Elements moved by `shift` places, the last ones to the front: along an axis, along several
    by a shift each, or in row-major order.
    """
    expect_array(x, "the operand of roll")
    if axis is None:
        return Array(T.roll(x.variable, _one_shift(shift))) if x.ndim else x
    axes = listed(axis)
    shifts = listed(shift) if isinstance(shift, list | tuple) else [shift] * len(axes)
    variable = x.variable
    for by, along in zip(shifts, axes, strict=True):
        (place,) = listed_axes(along, x.ndim)
        variable = T.roll(variable, expect_integer(by, "a shift"), place)
    return Array(variable)


def _one_shift(shift: Any) -> int:
    if isinstance(shift, list | tuple):
        raise OptionError("several shifts need as many axes")
    return expect_integer(shift, "a shift")


def concat(arrays: Any, /, *, axis: int | None = 0) -> Array:
    """Arrays one after the other along an axis; with None, all elements as a vector.

    Their dtypes are promoted. Raises `ShapeError` for other sizes and `DTypeError` for kinds.
    """
    items = expect_list(arrays, "what is put together", "arrays")
    dtype = common_dtype([expect_array(x, "an operand of concat") for x in items], "concat")
    if axis is None:
        items, axis = [reshape(x, (-1,)) for x in items], 0
    return array(T.concatenate([T.cast(x.variable, dtype.name) for x in items], axis), dtype)


def stack(arrays: Any, /, *, axis: int = 0) -> Array:
    """Arrays of one shape side by side along a new axis. Their dtypes are promoted."""
    items = expect_list(arrays, "what is put together", "arrays")
    dtype = common_dtype([expect_array(x, "an operand of stack") for x in items], "stack")
    shapes = [x.shape for x in items]
    for shape in shapes:
        is_known = not any(isinstance(s, Scalar) for s in (*shape, *shapes[0]))
        if is_known and shape != shapes[0]:
            raise ShapeError(f"cannot stack arrays of shapes {shapes[0]} and {shape}")
    return array(T.stack([T.cast(x.variable, dtype.name) for x in items], axis=axis), dtype)


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The parts of x along an axis, as many as it has elements."""
    if expect_array(x, "the operand of unstack").ndim == 0:
        raise AxisError("a scalar has no axis along which it could be taken apart")
    (place,) = listed_axes(axis, x.ndim)
    before = (slice(None),) * place
    return tuple(Array(x.variable[(*before, k)]) for k in range(x.shape[place]))


def repeat(x: Array, repeats: Any, /, *, axis: int | None = None) -> Array:
    """Each element `repeats` times along an axis; without one, in row-major order.

    `repeats` is an int, or an array of ints with one number for each element along the axis.
    """
    if expect_array(x, "the operand of repeat").ndim != 1 and axis is None:
        x = reshape(x, (-1,))
    (place,) = listed_axes(0 if axis is None else axis, x.ndim)
    if isinstance(repeats, Array) and repeats.ndim:
        places: Any = np.repeat(np.arange(x.shape[place], dtype="int64"), repeats.value)
        return Array(x.variable[(*(slice(None),) * place, places)])
    count: Any = repeats.__index__() if isinstance(repeats, Array) else unwrapped(repeats)
    return Array(T.repeat(x.variable, count, place))


def tile(x: Array, repetitions: Any, /) -> Array:
    """An array so many times along each axis; more numbers than axes put new axes in front."""
    counts = [unwrapped(n) for n in expect_list(repetitions, "repetitions", "ints")]
    expect_array(x, "the operand of tile")
    return Array(T.tile(x.variable, counts)) if counts else x


def broadcast_to(x: Array, /, shape: Any) -> Array:
    """An array with new axes in front and its axes of size 1 repeated, so that it has a shape.

    Raises `ShapeError` where a size is neither 1 nor that of the shape.
    """
    expect_array(x, "the operand of broadcast_to")
    return Array(broadcast(x.variable, listed_shape(shape)))


def broadcast_arrays(*arrays: Array) -> list[Array]:
    """The arrays, each repeated to the shape that all have together."""
    shape = broadcast_shapes(*(expect_array(x, "an operand").shape for x in arrays))
    return [broadcast_to(x, shape) for x in arrays]


def broadcast_shapes(*shapes: Any) -> tuple[Any, ...]:
    """The shape that arrays of some shapes have together.

    Raises `ShapeError` (KG-S001) where two sizes along an axis differ and neither is 1.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    rank = max(map(len, shapes), default=0)
    found: list[Any] = []
    for axis in range(-rank, 0):
        sizes = [shape[axis] for shape in shapes if len(shape) >= -axis]
        wide = [s for s in sizes if isinstance(s, Scalar) or s != 1]
        numbers = {s for s in wide if isinstance(s, int)}
        if len(numbers) > 1:
            raise ShapeError(
                f"the shapes {came(shapes)} do not fit along axis {axis}", code="KG-S001"
            )
        found.append(numbers.pop() if numbers else wide[0] if wide else 1)
    return tuple(found)
