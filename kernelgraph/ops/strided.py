"""Parts of arrays at strides: sliding windows and diagonals, and their transposes.

Both are one op. Each axis of the result goes along one or more axes of the operand, so many
elements a step; `out[i, j] = x[i * step + j]` is a window for each i, `out[i] = x[i, i]` a
diagonal:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x, m = T.lvector("x"), T.lmatrix("m")
>>> f = kg.function([x, m], [windows(x, 2), diagonal(m)], target="interpret")
>>> [result.tolist() for result in f([1, 2, 3, 4], [[1, 2], [3, 4]])]
[[[1, 2], [2, 3], [3, 4]], [1, 4]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Strides
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, AxisError, ShapeError
from kernelgraph.expect import came, expect_integer
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Part, Size, as_variable
from kernelgraph.ops.arithmetic import int_div, maximum, minimum
from kernelgraph.ops.moves import Moves, PartTranspose
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.views import normalize_axes
from kernelgraph.partials import Linear
from kernelgraph.types import Array, TensorType, listed

__all__ = ["diagonal", "windows"]

Steps = tuple[tuple[tuple[int, int], ...], ...]
"""For each axis of a result: the axes of the operand that it goes along, and how far in a step."""


class Strided(Moves, Part):
    """`out[i] = x[…]` where the index along axis a of x is the sum of i[k] * step over all
    (a, step) in `steps[k]`. Operands are x and the sizes of the result, with which no index lies
    outside.
    """

    __props__ = ("steps",)
    name = "strided"
    linear = Linear(repeats=True, drops=True)

    def __init__(self, steps: Steps) -> None:
        self.steps = steps

    def make_node(self, *inputs: Any) -> Apply:
        x, *sizes = inputs
        shape = tuple(int(s.data) if isinstance(s, Constant) else None for s in sizes)
        return Apply(self, inputs, [Variable(TensorType(x.dtype, shape))])

    def layout(self, node: Apply) -> Strides:
        return Strides(self.steps)

    def places(self, sizes: Sequence[int], shape: Sequence[int]) -> Array:
        """For every element of the result, the number of the element of x in row-major order."""
        found: Array = np.zeros([1] * len(sizes), "int64")
        indices = np.indices(sizes, sparse=True)
        for axis, length in enumerate(shape):
            found = found * length
            for index, steps in zip(indices, self.steps, strict=True):
                found = found + sum(index * step for a, step in steps if a == axis)
        return np.broadcast_to(found, tuple(sizes))

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, *sizes = (np.asarray(value) for value in inputs)
        return [x.reshape(-1)[self.places([int(s) for s in sizes], x.shape)]]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [list(node.inputs[1:])]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, *sizes = node.inputs
        shape = [size(x, axis) for axis in range(x.ndim)]
        return StridedTranspose(self.steps, x.ndim)(g, *sizes, *shape)


class StridedTranspose(PartTranspose[Strided]):
    """Zeros to which `g` is added where `Strided` reads: operands are g and the sizes of both."""

    __props__ = ("steps", "ndim")
    name = "strided_transpose"
    linear = Linear(adds=True, pads=True)
    adds = True

    def __init__(self, steps: Steps, ndim: int) -> None:
        self.steps = steps
        self.ndim = ndim
        self.forward = Strided(steps)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        g, shape = np.asarray(inputs[0]), [int(s) for s in inputs[-self.ndim :]]
        out = np.zeros(shape, g.dtype)
        np.add.at(out.reshape(-1), self.forward.places(g.shape, shape).reshape(-1), g.reshape(-1))
        return [out]


def windows(x: Any, shape: Any, step: Any = 1, axis: Any = None) -> Variable:
    """All windows of a size, as NumPy's `sliding_window_view`: axes that say which window, then
    axes inside of it.

    `shape` are its sizes along the axes in `axis` (None: the last ones), positive integers or int
    scalars; `step` is how far windows are apart, one integer for all axes or one for each. An axis
    that is shorter than a window has none. Nothing is copied. Raises `ArgumentError` for sizes and
    steps that are none, `AxisError` for axes that are not there or named twice.
    """
    x = as_variable(x)
    lengths = [_length(k) for k in _items(shape)]
    axes = _axes(x, len(lengths), axis)
    given = _items(step)
    steps = given * len(axes) if len(given) == 1 else given
    if len(steps) != len(axes):
        raise ArgumentError(
            f"{len(axes)} axes for {len(lengths)} sizes and {len(steps)} steps of windows",
        )
    moves = [_positive(s, "a step of windows") for s in steps]
    kept: list[tuple[tuple[int, int], ...]] = [((axis, 1),) for axis in range(x.ndim)]
    counts = [size(x, axis) for axis in range(x.ndim)]
    for a, k, move in zip(axes, lengths, moves, strict=True):
        kept[a] = ((a, move),)
        counts[a] = _count(counts[a], k, move)
    inside = [((a, 1),) for a in axes]
    return Strided((*kept, *inside))(x, *counts, *lengths)


def _count(n: Variable, k: Variable, step: int) -> Variable:
    """How many windows of k elements n elements have."""
    if isinstance(n, Constant) and isinstance(k, Constant):
        return constant_size(max((int(n.data) - int(k.data)) // step + 1, 0))
    return maximum(int_div(n - k, constant_size(step)) + 1, constant_size(0))


def diagonal(x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Variable:
    """The elements at `x[…, i, …, i + offset, …]` along two axes: a new last axis in their place,
    as NumPy's `diagonal`. Nothing is copied.

    Raises `AxisError` for axes that are not there or the same, `ArgumentError` for an offset that
    is no integer, `ShapeError` (KG-S008) for arrays of fewer than two dimensions.
    """
    x, offset = as_variable(x), expect_integer(offset, "the offset of a diagonal")
    if x.ndim < 2:
        what = f"{describe(x)} has no diagonal: two dimensions are needed"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    first, second = _axes(x, 2, [axis1, axis2])
    moved = second if offset >= 0 else first
    rest = [axis for axis in range(x.ndim) if axis not in (first, second)]
    part = dimshuffle(x, [*rest, first, second])
    skipped = [slice(None)] * len(rest)
    cut = slice(abs(offset), None)
    part = part[(*skipped, *((slice(None), cut) if moved == second else (cut, slice(None))))]
    last = part.ndim - 1
    steps = (*(((a, 1),) for a in range(last - 1)), ((last - 1, 1), (last, 1)))
    length = minimum(size(part, last - 1), size(part, last))
    return Strided(steps)(part, *(size(part, a) for a in range(last - 1)), length)


def _items(value: Any) -> list[Any]:
    return list(listed(value)) if isinstance(value, list | tuple) else [value]


def _axes(x: Variable, count: int, axis: Any) -> list[int]:
    wanted = list(range(x.ndim - count, x.ndim)) if axis is None else _items(axis)
    axes = list(normalize_axes(wanted, x))
    if len(set(axes)) != count or len(axes) != count or count > x.ndim:
        raise AxisError(f"{count} different axes of {describe(x)} are needed, not {came(axis)}")
    return [a % x.ndim for a in wanted]


def _length(k: Any) -> Variable:
    if isinstance(k, Variable) and k.ndim == 0 and k.dtype == "int64":
        return k
    return constant_size(_positive(k, "a size of windows"))


def _positive(value: Any, what: str) -> int:
    return expect_integer(value, what, least=1)
