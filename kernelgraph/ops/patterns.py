"""What is declared of sizes, changed: that one is 1, that one is open, what all of them are.

A dimension is repeated beside a longer one only where it is declared to have size 1. `addbroadcast`
declares that, and is checked when the function runs; `unbroadcast` takes it back.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m, row = T.lmatrix("m"), T.lmatrix("one_row")
>>> f = kg.function([m, row], m + addbroadcast(row, 0), target="interpret")
>>> f([[1, 2], [3, 4]], [[10, 20]]).tolist()
[[11, 22], [13, 24]]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Axis, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ArgumentError, ShapeError, SpecifiedShapeError
from kernelgraph.expect import came, expect_flag
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Cotangents, Size, View, as_variable
from kernelgraph.ops.blocks import count_of
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.sources import constant_size
from kernelgraph.ops.views import normalize_axes
from kernelgraph.types import Shape, TensorType, listed

__all__ = ["addbroadcast", "broadcast_to", "patternbroadcast", "specify_shape", "unbroadcast"]


class Declared(View):
    """Its first operand under other declared sizes. Of the axes in `checked` it must have those of
    the other operands, vectors of which only the sizes count.
    """

    __props__ = ("shape", "checked")
    name = "declared"

    def __init__(self, shape: Shape, checked: Sequence[int] = ()) -> None:
        self.shape = tuple(shape)
        self.checked = tuple(checked)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` for sizes that are known to differ."""
        node = Apply(self, inputs, [Variable(TensorType(inputs[0].dtype, self.shape))])
        return fitting(node)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(inputs[0])]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return index

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        for k, axis in enumerate(self.checked):
            yield Axis(0, axis), Axis(1 + k, 0)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        x, axis = node.inputs[0], pair[0].axis
        return SpecifiedShapeError(
            f"dimension {axis} of {describe(x)} was specified to have size {sizes[1]}, "
            f"but has {sizes[0]}",
            origins=node.origins,
            hint="only a dimension that is declared to have size 1 is repeated: T.row, T.col",
            operands=(sized(x, axis, sizes[0]),),
        )

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,) = cotangents
        back = None if g is None else Declared(node.inputs[0].tensor_type.shape)(g)
        return [back, *[None] * (len(node.inputs) - 1)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (t, *_) = tangents
        return [None if t is None else self(t, *node.inputs[1:])]


def _long(length: Variable) -> Variable:
    """A vector as long as a size says; nothing looks at its numbers."""
    return Broadcast([0])(as_variable(np.zeros(1, "bool")), length)


def declared(x: Variable, sizes: dict[int, Variable]) -> Variable:
    """`x`, whose sizes along some axes must be these when the function runs."""
    shape = list(x.tensor_type.shape)
    open_axes: dict[int, Variable] = {}
    for axis, length in sizes.items():
        number = int(length.data) if isinstance(length, Constant) else None
        if number is not None and shape[axis] == number:
            continue
        shape[axis] = number if shape[axis] is None else shape[axis]
        open_axes[axis] = _long(length)
    if not open_axes:
        return x
    return Declared(tuple(shape), list(open_axes))(x, *open_axes.values())


def specify_shape(x: Any, shape: Any) -> Variable:
    """`x`, whose sizes must be those in `shape` (numbers, int scalars, or None for any) when the
    function runs; numbers are known from then on. A vector of sizes has a known length.

    Raises `SpecifiedShapeError` (KG-S014, a `ShapeError` and an `AssertionError`) where they are
    not, and `ShapeError` (KG-S008) for another number of them.
    """
    x, sizes = as_variable(x), sizes_of(shape)
    if len(sizes) != x.ndim:
        what = f"{len(sizes)} sizes for {describe(x)}, which has {x.ndim} dimensions"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return declared(x, {axis: n for axis, n in enumerate(sizes) if n is not None})


def sizes_of(shape: Any) -> list[Any]:
    """The sizes that a shape has: a number, a scalar, a list of such (None stays None), or a vector
    of known length. Raises `ShapeError` (KG-S008) for one of unknown length.
    """
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    if isinstance(shape, Variable) and shape.ndim == 1:
        length = shape.tensor_type.shape[0]
        if length is None:
            raise ShapeError(
                f"the number of dimensions must be known: {describe(shape)} has any length",
                code="KG-S008",
                hint="list the sizes, (shape[0], shape[1]), or take those of an array, x.shape",
            )
        shape = [shape[k] for k in range(length)]
    return [None if n is None else count_of(n, "a size") for n in listed(shape)]


def addbroadcast(x: Any, *axes: Any) -> Variable:
    """`x` with these axes declared to have size 1, so that they are repeated beside longer ones.

    Raises `AxisError` for an axis that is not there, and `SpecifiedShapeError` (KG-S014) where its
    size is another one.
    """
    x = as_variable(x)
    return declared(x, {axis: constant_size(1) for axis in normalize_axes(axes, x)})


def unbroadcast(x: Any, *axes: Any) -> Variable:
    """`x` with axes of size 1 that are repeated no longer: their sizes must be those of others.

    Raises `AxisError` for an axis that is not there.
    """
    x = as_variable(x)
    wanted = [axis for axis in normalize_axes(axes, x) if x.broadcastable[axis]]
    shape = tuple(None if k in wanted else n for k, n in enumerate(x.tensor_type.shape))
    return Declared(shape)(x) if wanted else x


def patternbroadcast(x: Any, broadcastable: Any) -> Variable:
    """`x` with exactly those axes repeated for which `broadcastable` is true.

    Raises `ArgumentError` for another number of flags, and `SpecifiedShapeError` (KG-S014) where a
    repeated axis has a size other than 1.
    """
    x = as_variable(x)
    flags = [expect_flag(flag, "a flag of the pattern") for flag in listed(broadcastable)]
    if len(flags) != x.ndim:
        raise ArgumentError(f"{x.ndim} flags are needed for {describe(x)}, not {came(flags)}")
    axes = range(x.ndim)
    x = addbroadcast(x, *(axis for axis in axes if flags[axis]))
    return unbroadcast(x, *(axis for axis in axes if not flags[axis]))


def broadcast_to(x: Any, shape: Any) -> Variable:
    """`x` repeated along new axes in front, and along axes that are declared to have size 1, to the
    sizes in `shape`; nothing is copied. As NumPy's `broadcast_to`, but for the pattern.

    Raises `ShapeError`: KG-S008 for fewer sizes than `x` has, KG-S014 where another axis has
    another size, KG-S009 for a negative size.
    """
    x, sizes = as_variable(x), sizes_of(shape)
    if len(sizes) < x.ndim or None in sizes:
        what = f"{describe(x)} cannot be repeated to the {len(sizes)} sizes {came(shape)}"
        raise ShapeError(what, code="KG-S008", operands=(sized(x),))
    return repeated_to(x, sizes)


def repeated_to(x: Variable, sizes: Sequence[Variable]) -> Variable:
    """`x` repeated to as many sizes as it has axes, or more."""
    x = dimshuffle(x, ["x"] * (len(sizes) - x.ndim) + list(range(x.ndim)))
    x = declared(x, {k: n for k, n in enumerate(sizes) if not x.broadcastable[k]})
    axes = [axis for axis, n in enumerate(sizes) if x.broadcastable[axis] and not _is_one(n)]
    return Broadcast(axes)(x, *(sizes[axis] for axis in axes)) if axes else x


def _is_one(length: Variable) -> bool:
    return isinstance(length, Constant) and int(length.data) == 1
