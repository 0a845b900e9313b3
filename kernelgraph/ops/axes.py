"""Axes moved, added and dropped: all of them are views, so that nothing is copied.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m = T.tensor("float64", (2, 3), "m")
>>> [v.type.shape for v in (swapaxes(m, 0, 1), expand_dims(m, 1), shape_padright(m, 2))]
[(3, 2), (2, 1, 3), (2, 3, 1, 1)]
"""

# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import AxisError
from kernelgraph.expect import expect_integer
from kernelgraph.graph import Variable, describe
from kernelgraph.op import as_variable
from kernelgraph.ops.patterns import addbroadcast
from kernelgraph.ops.views import counted_axes, normalize_axes
from kernelgraph.types import MOST_DIMENSIONS, listed

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "expand_dims", "flip", "fliplr", "flipud", "moveaxis",
    "rollaxis", "shape_padaxis", "shape_padleft", "shape_padright", "squeeze", "swapaxes",
]  # fmt: skip


def swapaxes(x: Any, axis1: Any, axis2: Any) -> Variable:
    """Two axes in each other's place. Raises `AxisError` for an axis that is not there."""
    x = as_variable(x)
    first, second = (normalize_axes([axis], x)[0] for axis in (axis1, axis2))
    order = list(range(x.ndim))
    order[first], order[second] = second, first
    return dimshuffle(x, order)


def moveaxis(x: Any, source: Any, destination: Any) -> Variable:
    """Axes moved to other places, the others in their order, as NumPy's `moveaxis`.

    Raises `AxisError` for axes that are not there, or named twice, and for other numbers of them.
    """
    x = as_variable(x)
    taken, places = normalize_axes(source, x), normalize_axes(destination, x)
    if len(taken) != len(places):
        what = f"{len(taken)} axes of {describe(x)} for {len(places)} places"
        raise AxisError(what)
    order = [axis for axis in range(x.ndim) if axis not in taken]
    for place, axis in sorted(zip(places, taken, strict=True)):
        order.insert(place, axis)
    return dimshuffle(x, order)


def rollaxis(x: Any, axis: Any, start: Any = 0) -> Variable:
    """An axis moved before that which is `start` now, as NumPy's `rollaxis`.

    Raises `AxisError` for an axis that is not there.
    """
    x = as_variable(x)
    (taken,) = normalize_axes([axis], x)
    place = expect_integer(start, "start", -x.ndim, x.ndim)
    place = place + x.ndim if place < 0 else place
    return moveaxis(x, taken, place - 1 if taken < place else place)


def squeeze(x: Any, axis: Any = None) -> Variable:
    """Without the axes that are declared to have size 1, or those in `axis`, whose sizes must be 1.

    Raises `AxisError` for an axis that is not there, and `SpecifiedShapeError` (KG-S014) where one
    has another size.
    """
    x = as_variable(x)
    if axis is None:
        return dimshuffle(x, [k for k, one in enumerate(x.broadcastable) if not one])
    dropped = normalize_axes(axis, x)
    kept = [k for k in range(x.ndim) if k not in dropped]
    return dimshuffle(addbroadcast(x, *dropped), kept)


def expand_dims(x: Any, axis: Any) -> Variable:
    """With new axes of size 1, which are at `axis` (an integer or several) in the result.

    Raises `AxisError` for an axis that the result does not have.
    """
    x, axes = as_variable(x), listed(axis)
    rank = x.ndim + len(axes)
    places = counted_axes(axes, x, rank, f"{describe(x)} with new axes")
    own = iter(range(x.ndim))
    return dimshuffle(x, ["x" if k in places else next(own) for k in range(rank)])


def shape_padleft(x: Any, n_ones: Any = 1) -> Variable:
    """With so many new axes of size 1 in front."""
    x, count = as_variable(x), expect_integer(n_ones, "n_ones", least=0, most=MOST_DIMENSIONS)
    return dimshuffle(x, ["x"] * count + list(range(x.ndim)))


def shape_padright(x: Any, n_ones: Any = 1) -> Variable:
    """With so many new axes of size 1 at the end."""
    x, count = as_variable(x), expect_integer(n_ones, "n_ones", least=0, most=MOST_DIMENSIONS)
    return dimshuffle(x, list(range(x.ndim)) + ["x"] * count)


def shape_padaxis(x: Any, axis: Any) -> Variable:
    """With a new axis of size 1, which is `axis` in the result.

    Raises `AxisError` for an axis that the result does not have.
    """
    return expand_dims(x, [axis])


def _at_least(arrays: tuple[Any, ...], orders: Sequence[Sequence[int | str]]) -> Any:
    """Each array with the order of axes for its rank; several as a list."""
    found = [as_variable(x) for x in arrays]
    made = [dimshuffle(x, orders[x.ndim]) if x.ndim < len(orders) else x for x in found]
    return made[0] if len(made) == 1 else made


def atleast_1d(*arrays: Any) -> Any:
    """A scalar as a vector of one element, other arrays as they are; several give a list."""
    return _at_least(arrays, [["x"]])


def atleast_2d(*arrays: Any) -> Any:
    """Arrays with new axes in front, so that there are two; several give a list."""
    return _at_least(arrays, [["x", "x"], ["x", 0]])


def atleast_3d(*arrays: Any) -> Any:
    """Arrays with new axes on both sides, as NumPy has them, so that there are three; several give
    a list.
    """
    return _at_least(arrays, [["x", "x", "x"], ["x", 0, "x"], [0, 1, "x"]])


def flip(x: Any, axis: Any = None) -> Variable:
    """Turned round along an axis, several, or (None) all. Raises `AxisError` for others."""
    x = as_variable(x)
    axes = normalize_axes(axis, x)
    backwards = tuple(slice(None, None, -1 if k in axes else None) for k in range(x.ndim))
    return x[backwards] if axes else x


def flipud(x: Any) -> Variable:
    """The first axis turned round."""
    return flip(x, 0)


def fliplr(x: Any) -> Variable:
    """The second axis turned round."""
    return flip(x, 1)
