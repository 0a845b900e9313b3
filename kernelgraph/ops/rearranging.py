"""Arrays turned, cut into parts that need not be alike, and repeated beside each other.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m = T.lmatrix("m")
>>> f = kg.function([m], [rot90(m), *array_split(m, 2, axis=1)], target="interpret")
>>> [result.tolist() for result in f([[1, 2, 3]])]
[[[3], [2], [1]], [[1, 2]], [[3]]]
"""

from __future__ import annotations

from typing import Any

from kernelgraph.elementwise import pad_left
from kernelgraph.errors import ArgumentError, AxisError, ShapeError
from kernelgraph.expect import came, expect_integer, expect_list
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import int_div, minimum, mod
from kernelgraph.ops.axes import flip, swapaxes
from kernelgraph.ops.patterns import repeated_to
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.splitting import sections
from kernelgraph.ops.views import normalize_axes
from kernelgraph.types import is_integer

__all__ = [
    "array_split", "broadcast_arrays", "dsplit", "hsplit", "matrix_transpose", "rot90", "unstack",
    "vsplit",
]  # fmt: skip


def rot90(m: Any, k: Any = 1, axes: Any = (0, 1)) -> Variable:
    """An array turned by k right angles in the plane of two axes, from the first towards the
    second. As NumPy's `rot90`.

    Raises `AxisError` for axes that are not two different ones, `ArgumentError` for a k that is no
    integer.
    """
    x, turns = as_variable(m), expect_integer(k, "the number of turns") % 4
    given = expect_list(axes, "axes", "two axes")
    plane = list(normalize_axes(given, x))
    if len(plane) != 2 or plane[0] == plane[1]:
        raise AxisError(f"an array turns in the plane of two axes, not of {came(axes)}")
    first, second = (axis % x.ndim for axis in given)
    if turns == 2:
        return flip(x, (first, second))
    if turns == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second) if turns else x


def matrix_transpose(x: Any) -> Variable:
    """The last two axes exchanged. Raises `ShapeError` (KG-S008) for fewer than two."""
    x = as_variable(x)
    if x.ndim < 2:
        what = f"matrix_transpose takes matrices, not {describe(x)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return swapaxes(x, -1, -2)


def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Variable]:
    """An array cut along an axis into so many parts, of which the first ones have one element more
    where they cannot all be alike, or into parts that begin at the given places. As NumPy's
    `array_split`; raises as `T.split` does for an axis or a place.
    """
    x = as_variable(ary)
    (along,) = normalize_axes([axis], x)
    if not is_integer(indices_or_sections):
        return sections(x, indices_or_sections, along)
    parts = constant_size(expect_integer(indices_or_sections, "the number of parts", least=1))
    each, more = int_div(size(x, along), parts), mod(size(x, along), parts)
    places = [k * each + minimum(constant_size(k), more) for k in range(1, int(parts.data))]
    return sections(x, places, along)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """NumPy's `split` along the second axis, of a vector along its only one: equal parts, or parts
    that begin at the given places.
    """
    x = as_variable(ary)
    return sections(x, indices_or_sections, 0 if x.ndim == 1 else 1)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """NumPy's `split` along the first axis of at least two. Raises `ShapeError` (KG-S008)."""
    return _split_along(ary, indices_or_sections, 0, 2)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """NumPy's `split` along the third axis. Raises `ShapeError` (KG-S008) where there is none."""
    return _split_along(ary, indices_or_sections, 2, 3)


def _split_along(ary: Any, places: Any, axis: int, rank: int) -> list[Variable]:
    x = as_variable(ary)
    if x.ndim < rank:
        what = f"{describe(x)} has less than {rank} dimensions"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return sections(x, places, axis)


def unstack(x: Any, axis: Any = 0) -> tuple[Variable, ...]:
    """The parts of an array along an axis whose size is known, each without that axis: what
    `T.stack` undoes.

    Raises `AxisError` for an axis that is not there, `ArgumentError` where the size is not known
    before the function runs.
    """
    x = as_variable(x)
    (along,) = normalize_axes([axis], x)
    number = x.tensor_type.shape[along]
    if number is None:
        raise ArgumentError(
            f"how many parts {describe(x)} has along axis {along} is not known yet",
            hint="T.specify_shape says what a size is",
        )
    skipped = [slice(None)] * along
    return tuple(x[(*skipped, k)] for k in range(number))


def broadcast_arrays(*args: Any) -> list[Variable]:
    """Arrays repeated to the shape that they have as operands of one addition: along new axes in
    front, and along axes that are declared to have size 1. Nothing is copied.

    Raises `ShapeError` (KG-S014) when sizes turn out to differ.
    """
    given = [as_variable(x) for x in args]
    rank = max((x.ndim for x in given), default=0)
    wide = [pad_left(x, rank) for x in given]
    sizes = [
        next((size(x, axis) for x in wide if not x.broadcastable[axis]), constant_size(1))
        for axis in range(rank)
    ]
    return [repeated_to(x, sizes) for x in wide]
