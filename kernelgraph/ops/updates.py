"""Arrays with other numbers in the place of a part: `set_subtensor(x[1:3], v)`, or with numbers
added there. `x` stays as it is; what is written over is a matter of the plan.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.lvector("x")
>>> outputs = [set_subtensor(x[1:], 0), inc_subtensor(x[[0, 0, 2]], [1, 1, 5])]
>>> [v.tolist() for v in kg.function([x], outputs, target="interpret")([1, 2, 3])]
[[1, 0, 0], [3, 2, 8]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Need, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import (
    ArgumentError,
    DTypeError,
    IndexingError,
    Operand,
    ShapeError,
)
from kernelgraph.expect import came
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import Axis, Cotangents, Indexing, Piece, Size, as_variable
from kernelgraph.ops.arithmetic import cast, eq, switch
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like, full_like
from kernelgraph.ops.indexing import Gather, Subtensor, index_outside
from kernelgraph.ops.joining import reshaped_like
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.positions import Paired, arange, long_as
from kernelgraph.ops.sources import size
from kernelgraph.ops.views import flatten
from kernelgraph.partials import Linear
from kernelgraph.types import TensorType, upcast

__all__ = ["inc_subtensor", "set_subtensor"]


class SetSubtensor(Indexing):
    """`x` with `v` in the place of a part: operands are x, v and what `forward`, which reads the
    part, has behind x. Of several elements for one place the last one stays.
    """

    __props__ = ("forward",)
    name = "set_subtensor"
    linear = Linear(drops=True)
    adds = False

    def __init__(self, forward: Subtensor | Gather) -> None:
        self.forward = forward

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[0].type)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, v, *rest = inputs
        return [put(np.array(x), v, self.forward.numpy_index(node, x, rest), self.adds)]

    def pieces(self, *operands: Variable) -> Sequence[Piece]:
        return [Piece(operands[1], self.forward, operands[2:], self.adds)]

    def needs(self, node: Apply) -> Sequence[Need]:
        where = Need.ANY if self.forward.looped else Need.NUMBER
        return [Need.OWN, Need.ANY, *[where] * (len(node.inputs) - 2)]

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return index_outside(node.inputs[2], index, size, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,), (_, v, *rest) = cotangents, node.inputs
        if g is None:
            return [None] * len(node.inputs)
        back = self.forward(g, *rest)
        if isinstance(self.forward, Gather):
            back = _of_the_last(back, rest[0], node.inputs[0])
        return [self(g, full_like(v, 0, g.dtype), *rest), back, *[None] * len(rest)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        given = [t for t in tangents[:2] if t is not None]
        if not given:
            return [None]
        kind = given[0].dtype
        pairs = zip(tangents[:2], node.inputs, strict=False)
        both = [full_like(v, 0, kind) if t is None else t for t, v in pairs]
        return [self(*both, *node.inputs[2:])]


def put(into: Any, elements: Any, index: Any, adds: bool) -> Any:
    """An array, in a part of which there are other elements now, or to which they were added."""
    if adds:
        np.add.at(into, index, elements)
    else:
        into[index] = elements
    return into


class IncSubtensor(SetSubtensor):
    """`x` with `v` added to a part, element by element in order: operands as in `SetSubtensor`."""

    name = "inc_subtensor"
    linear = Linear(adds=True)
    adds = True

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,), rest = cotangents, node.inputs[2:]
        back = None if g is None else self.forward(g, *rest)
        return [g, back, *[None] * len(rest)]


class Fitted(Paired):
    """Numbers for a part, whose sizes must be those of the part, the other operands."""

    name = "fitted"

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` for sizes that are known to differ."""
        return fitting(super().make_node(*inputs))

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        v, axis = node.inputs[0], pair[0].axis
        shape = [long.tensor_type.shape[0] for long in node.inputs[1:]]
        shape[axis] = sizes[1]
        return ShapeError(
            f"{describe(v)} with size {sizes[0]} along axis {axis} for a part with {sizes[1]}",
            code="KG-S001",
            origins=node.origins,
            because="what is put in the place of a part is as large as the part",
            operands=(sized(v, axis, sizes[0]), Operand("the part", tuple(shape), (axis,))),
        )


def _of_the_last(back: Variable, index: Variable, x: Variable) -> Variable:
    """The derivatives of what is put in rows; of what another one is put over, 0."""
    rows = flatten(index)
    count = arange(size(rows, 0))
    none = Broadcast([0])(as_variable(np.zeros(1, "int64")), size(x, 0))
    last = eq(SetSubtensor(Gather())(none, count, rows)[rows], count)
    last = last if index.ndim == 1 else reshaped_like(last, index)
    order = [*range(index.ndim), *["x"] * (back.ndim - index.ndim)]
    zero = as_variable(np.zeros((1,) * back.ndim, back.dtype))
    return switch(dimshuffle(last, order), back, zero)


def set_subtensor(x: Any, y: Any) -> Variable:
    """The array of which `x` is a part (`a[1:3]`, `a[k]`, `a[[2, 0]]`), with `y` in its place.

    `y` has the sizes of the part, or fewer or declared ones of size 1, which are repeated. `a`
    stays as it is. Raises `ArgumentError` for what is no part, `DTypeError` (KG-D003) for numbers
    that the array cannot hold, and `ShapeError` (KG-S001) for sizes that differ.
    """
    return _updated(SetSubtensor, x, y)


def inc_subtensor(x: Any, y: Any) -> Variable:
    """The array of which `x` is a part with `y` added to the part; as `set_subtensor`. What is
    added to one row again and again counts each time.
    """
    return _updated(IncSubtensor, x, y)


def _updated(kind: type[SetSubtensor], part: Any, y: Any) -> Variable:
    node = part.owner if isinstance(part, Variable) else None
    if node is None or not isinstance(node.op, Subtensor | Gather):
        raise ArgumentError(
            f"a part of an array is needed, such as x[1:3] or x[index], not {came(part)}",
        )
    x, *rest = node.inputs
    return kind(node.op)(x, _fitted(as_variable(y), part), *rest)


def _fitted(v: Variable, part: Variable) -> Variable:
    """Numbers in the dtype and the sizes of a part."""
    if not isinstance(v.type, TensorType) or upcast(v.dtype, part.dtype) != part.dtype:
        what = f"{describe(v)} does not fit into an array of {part.dtype}"
        raise DTypeError(what, code="KG-D003", operands=(typed(v, [part.dtype]), typed(part)))
    if v.ndim > part.ndim:
        message = f"{describe(v)} has more dimensions than the part, {describe(part)}"
        raise ShapeError(message, code="KG-S008", operands=(sized(v), sized(part)))
    v = dimshuffle(cast(v, part.dtype), ["x"] * (part.ndim - v.ndim) + list(range(v.ndim)))
    v = broadcast_like(v, part)
    return Fitted()(v, *(long_as(part, axis) for axis in range(part.ndim)))
