"""Arrays with other numbers in the place of a part: `set_subtensor(x[1:3], v)`, or with numbers
added there. `x` stays as it is; what is written over is a matter of the plan.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.lvector("x")
>>> outputs = [set_subtensor(x[1:], 0), inc_subtensor(x[[0, 0, 2]], [1, 1, 5])]
>>> [v.tolist() for v in kg.function([x], outputs, target="interpret")([1, 2, 3])]
[[1, 0, 0], [3, 2, 8]]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Need, Pair, Picked
from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.errors import (
    ArgumentError,
    IndexingError,
    Operand,
    ShapeError,
)
from kernelgraph.expect import came, expect_flag
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import expect_fitting, sized
from kernelgraph.op import Axis, Cotangents, Indexing, Piece, Size, as_variable
from kernelgraph.ops.arithmetic import cast, eq, switch
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like, full_like
from kernelgraph.ops.gathering import Gather, element_outside, named_alike
from kernelgraph.ops.indexing import Slice, Subtensor
from kernelgraph.ops.joining import reshaped_like
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.positions import Paired, arange, long_as, picked_from
from kernelgraph.ops.sources import size
from kernelgraph.partials import Linear
from kernelgraph.types import TensorType

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
        assert isinstance(self.forward, Gather)
        names = node.inputs[2 + self.forward.place.axes.index(axis)]
        return element_outside(node.inputs[0], names, index, size, axis, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        """Those of index arrays, which the numbers may have been compared with one of."""
        return named_alike(2, node.inputs[2:]) if isinstance(self.forward, Gather) else ()

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,), (_, v, *rest) = cotangents, node.inputs
        if g is None:
            return [None] * len(node.inputs)
        back = self.forward(g, *rest)
        if isinstance(self.forward, Gather):
            back = _of_the_last(back, rest, node.inputs[0], self.forward.place)
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
        """Sizes that the part is known to have, the numbers have. Raises `ShapeError` for sizes
        that are known to differ.
        """
        v, *lengths = inputs
        known = (long.tensor_type.shape[0] for long in lengths)
        pairs = zip(v.tensor_type.shape, known, strict=True)
        shape = tuple(n if n is not None else wanted for n, wanted in pairs)
        return fitting(Apply(self, inputs, [Variable(TensorType(v.dtype, shape))]))

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


def _of_the_last(
    back: Variable, indices: Sequence[Variable], x: Variable, place: Picked
) -> Variable:
    """The derivatives of elements that are put where indices say; of what another element is put
    over, 0.
    """
    sizes = [size(x, axis) for axis in place.axes]
    writers = Gather(range(len(sizes)))
    nobody = as_variable(np.zeros((1,) * len(sizes), "int64"))
    nobody = Broadcast(range(len(sizes)))(nobody, *sizes)
    named = writers(nobody, *indices)
    lengths = [size(named, k) for k in range(named.ndim)]
    number = arange(math.prod(lengths[1:], start=lengths[0]))
    number = number if named.ndim == 1 else reshaped_like(number, named)
    last = eq(writers(SetSubtensor(writers)(nobody, number, *indices), *indices), number)
    after = back.ndim - place.at - named.ndim
    order = [*["x"] * place.at, *range(named.ndim), *["x"] * after]
    zero = as_variable(np.zeros((1,) * back.ndim, back.dtype))
    return switch(dimshuffle(last, order), back, zero)


def set_subtensor(
    x: Any, y: Any, inplace: Any = False, tolerate_inplace_aliasing: Any = False
) -> Variable:
    """The array of which `x` is a part (`a[1:3]`, `a[k]`, `a[mask]`, `a[1:, [2, 0]]`), with `y` in
    its place.

    `y` has the sizes of the part, or fewer or declared ones of size 1, which are repeated. `a`
    stays as it is, whatever the two flags say: what is written over is a matter of the plan. Of
    several elements for one place the last one stays. Raises `ArgumentError` for what is no part,
    `DTypeError` (KG-D003) for numbers that the array cannot hold, and `ShapeError` (KG-S001) for
    sizes that differ.
    """
    expect_flag(inplace, "inplace")
    expect_flag(tolerate_inplace_aliasing, "tolerate_inplace_aliasing")
    return _updated(SetSubtensor, x, y)


def inc_subtensor(
    x: Any,
    y: Any,
    inplace: Any = False,
    set_instead_of_inc: Any = False,
    tolerate_inplace_aliasing: Any = False,
) -> Variable:
    """The array of which `x` is a part with `y` added to the part; as `set_subtensor`. What is
    added to one row again and again counts each time.
    """
    expect_flag(inplace, "inplace")
    expect_flag(tolerate_inplace_aliasing, "tolerate_inplace_aliasing")
    set_instead = expect_flag(set_instead_of_inc, "set_instead_of_inc")
    return _updated(SetSubtensor if set_instead else IncSubtensor, x, y)


def _updated(kind: type[SetSubtensor], part: Any, y: Any) -> Variable:
    found = _part(part) if isinstance(part, Variable) else None
    if found is None:
        raise ArgumentError(
            f"a part of an array is needed, such as x[1:3] or x[index], not {came(part)}",
        )
    steps, given = found
    v = _fitted(as_variable(y), given)
    update = kind
    for step in steps:
        if isinstance(step.op, DimShuffle):
            v = step.op.transposed(step.inputs[0].ndim)(v)
            continue
        assert isinstance(step.op, Subtensor | Gather)
        x, *rest = step.inputs
        v = update(step.op)(x, v, *rest)
        update = SetSubtensor  # what the part is a part of gets the new part
    return v


def _part(part: Variable) -> tuple[Sequence[Apply], Variable] | None:
    """The nodes that read a part, the last one first, and the part; None for what is none."""
    node = part.owner
    if node is None:
        return None
    if isinstance(node.op, Subtensor | Gather):
        return [node], part
    if isinstance(node.op, Index):
        return node.op.chain(node), part
    if isinstance(node.op, DimShuffle) and node.op.order == _sorted_order(node.op.order):
        of, inner = node.inputs[0], node.inputs[0].owner  # new axes of a part: x[1:, None]
        if inner is None or not isinstance(inner.op, Subtensor):  # or of all of x: x[None]
            inner = Subtensor([Slice(whole=True)] * of.ndim)(of).owner if of.ndim else None
        return None if inner is None else ([node, inner], part)
    pairs = picked_from(part)
    if pairs is None:
        return None
    x, *indices = pairs
    made = Gather((0, 1))(x, *indices)
    return [made.owner], made


def _sorted_order(order: Sequence[int | str]) -> tuple[int | str, ...]:
    """An order of axes that only adds new ones."""
    axes = iter(range(len(order)))
    return tuple(k if k == "x" else next(axes) for k in order)


def _fitted(v: Variable, part: Variable) -> Variable:
    """Numbers in the dtype and the sizes of a part."""
    expect_fitting(v, part)
    if v.ndim > part.ndim:
        message = f"{describe(v)} has more dimensions than the part, {describe(part)}"
        raise ShapeError(message, code="KG-S008", operands=(sized(v), sized(part)))
    v = dimshuffle(cast(v, part.dtype), ["x"] * (part.ndim - v.ndim) + list(range(v.ndim)))
    v = broadcast_like(v, part)
    return Fitted()(v, *(long_as(part, axis) for axis in range(part.ndim)))
