"""Shapes as people write them, and arrays repeated to a shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.array_api.promotion import known_one
from kernelgraph.array_api.scalars import Scalar, unwrapped
from kernelgraph.array_api.values import size_of
from kernelgraph.errors import AxisError, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.sources import constant_size
from kernelgraph.types import listed


def listed_shape(shape: Any, least: int = 0) -> list[Any]:
    """A shape, an int or several, as a list; sizes of a traced function stay what they are.

    Raises `ArgumentError` for what is no size.
    """
    return [
        size if isinstance(size, Scalar) else expect_integer(_whole(size), "a size", least)
        for size in listed(shape)
    ]


def _whole(size: Any) -> Any:
    """What has an `__index__` is a number: an array of no dimensions, a number of NumPy."""
    return size.__index__() if hasattr(size, "__index__") and not isinstance(size, bool) else size


def broadcast(x: Variable, shape: Sequence[Any]) -> Variable:
    """An array with new axes in front and its axes of size 1 repeated, so that it has a shape.

    Raises `ShapeError` (KG-S001) where a size is neither 1 nor that of the shape.
    """
    if x.ndim > len(shape):
        raise ShapeError(
            f"{describe(x)} has more dimensions than the shape {came(tuple(shape))}", code="KG-S001"
        )
    new = len(shape) - x.ndim
    repeated: list[int] = list(range(new))
    for axis in range(x.ndim):
        wanted, found = shape[new + axis], size_of(x, axis)
        if found == 1 and not (isinstance(wanted, int) and wanted == 1):
            x = x if x.broadcastable[axis] else known_one(x, axis)
            repeated.append(new + axis)
        elif isinstance(wanted, int) and isinstance(found, int) and wanted != found:
            raise ShapeError(
                f"{describe(x)} cannot be repeated to the shape {came(tuple(shape))}: "
                f"along axis {axis} it has {found} elements, not 1 or {wanted}",
                code="KG-S001",
            )
    if new:
        x = x.dimshuffle(*["x"] * new, *range(x.ndim))
    if not repeated:
        return x
    sizes = [shape[axis] for axis in repeated]
    known = (unwrapped(s) if isinstance(s, Scalar) else constant_size(s) for s in sizes)
    return Broadcast(repeated)(x, *known)


def listed_axes(axis: Any, rank: int, what: str = "axis") -> list[int]:
    """An axis or several, counted from the front. Raises `AxisError` (KG-S003)."""
    axes: list[int] = []
    for item in listed(axis):
        place = expect_integer(_whole(item), what)
        if not -rank <= place < rank:
            raise AxisError(f"axis {place} does not exist in {rank} dimensions")
        axes.append(place % rank)
    if len(set(axes)) != len(axes):
        raise AxisError(f"{what} {came(axis)} names a dimension twice")
    return axes
