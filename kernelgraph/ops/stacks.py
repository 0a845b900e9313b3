"""Stacks of matrices: an op over matrices, applied to each matrix in the last two axes of an array.

    inv(x)[i, j] = inv(x[i, j])        for x of the shape (5, 2, 3, 3)

The axes before them, of several operands, are aligned and repeated as broadcasting does. One op,
`Stacked`, stands for any op over matrices: what it computes of a stack, and its derivatives, it
has from that op, which need not know of stacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.access import Axis, Pair
from kernelgraph.elementwise import DimShuffle, pad_left
from kernelgraph.errors import KernelgraphError, ShapeError
from kernelgraph.graph import Apply, Variable, describe, substitute, walk
from kernelgraph.hooks import node_made, unwatched, vectorized
from kernelgraph.names import shortened
from kernelgraph.op import Composite, Cotangents, Op, Opaque, Size, as_variable
from kernelgraph.ops.arithmetic import cast, identity
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.reductions import insert_axes, sum_
from kernelgraph.ops.sources import SizeOf, size
from kernelgraph.routines import Lapack, Routine
from kernelgraph.symbols import Pattern
from kernelgraph.types import TensorType, listed


class OverMatrices(Opaque):
    """Work with matrices. Called with stacks of them, it makes a `Stacked` node; what computes it,
    `evaluate` and a routine, works with stacks as well.
    """

    def item_ranks(self, operands: Sequence[Variable]) -> Sequence[int]:
        """How many of its last axes an operand has for each item of a stack: 2 for a matrix."""
        raise NotImplementedError

    def __call__(self, *inputs: Any) -> Any:
        if any(isinstance(value, Pattern) for value in inputs):
            return super().__call__(*inputs)
        operands = [as_variable(value) for value in inputs]
        ranks = self.item_ranks(operands)
        if any(v.ndim > rank for v, rank in zip(operands, ranks, strict=True)):
            return stacked(self, ranks)(*operands)
        return super().__call__(*operands)


class Stacked(Opaque):
    """An op over items of these ranks, applied to stacks of such items: arrays with more axes in
    front, as many for each operand, of which those declared to have size 1 are repeated.
    """

    __props__ = ("op", "ranks")

    def __init__(self, op: Opaque, ranks: Sequence[int]) -> None:
        self.op = op
        self.ranks = tuple(ranks)
        self.name = op.name
        self.host_work = op.host_work
        if hasattr(op, "latex"):
            self.latex: Any = getattr(op, "latex")  # noqa: B009 - not every op has it

    def __str__(self) -> str:
        return str(self.op)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises what the op raises for one item, and `ShapeError` (KG-S001) for axes in front
        whose sizes are known to differ.
        """
        given = [as_variable(value) for value in inputs]
        axes = max(v.ndim - rank for v, rank in zip(given, self.ranks, strict=True))
        given = [pad_left(v, axes + rank) for v, rank in zip(given, self.ranks, strict=True)]
        one = self.item_node(given)
        operands = [cast(v, item.dtype) for v, item in zip(given, one.inputs, strict=True)]
        front = [
            operands[source.operand].tensor_type.shape[source.axis]
            for source in self._front(operands)
        ]
        types = (TensorType(v.dtype, (*front, *v.tensor_type.shape)) for v in one.outputs)
        return fitting(Apply(self, operands, [Variable(kind) for kind in types]))

    def axes(self, operands: Sequence[Variable]) -> int:
        """How many axes operands have in front of those of an item."""
        return operands[0].ndim - self.ranks[0]

    def item_node(
        self, operands: Sequence[Variable], at: Apply | None = None, place: Sequence[int] = ()
    ) -> Apply:
        """The node that the op makes of one item of each stack, at the same place in the user's
        code as a node `at` it; perhaps of that at a place in the stack.
        """
        axes = self.axes(operands)
        items = [_item(v, v.ndim - axes, place) for v in operands]
        node = self.op.make_node(*items)
        node.origins = () if at is None else at.origins
        return node

    def _long(self, operands: Sequence[Variable], axis: int) -> list[Axis]:
        """Where an axis in front is as long as that of the result; all of these must agree."""
        return [Axis(k, axis) for k, v in enumerate(operands) if not v.broadcastable[axis]]

    def _front(self, operands: Sequence[Variable]) -> Iterator[Axis]:
        """Where the sizes of the result's axes in front come from: if there is one, an operand of
        known size.
        """
        for axis in range(self.axes(operands)):
            long = self._long(operands, axis) or [Axis(0, axis)]
            known = (a for a in long if operands[a.operand].tensor_type.shape[axis] is not None)
            yield next(known, long[0])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        one, axes = self.item_node(node.inputs), self.axes(node.inputs)
        stacks = dict(zip(one.inputs, node.inputs, strict=True))

        def moved(source: Size) -> Size:
            if isinstance(source, Axis):
                return Axis(source.operand, axes + source.axis)
            return _of_stacks(source, stacks) if isinstance(source, Variable) else source

        front = [*self._front(node.inputs)]
        return [[*front, *map(moved, sizes)] for sizes in self.op.sizes(one)]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        axes = self.axes(node.inputs)
        for a, b in self.op.equal_sizes(self.item_node(node.inputs)):
            yield Axis(a.operand, axes + a.axis), Axis(b.operand, axes + b.axis)
        for axis in range(axes):
            first, *others = self._long(node.inputs, axis) or [Axis(0, axis)]
            yield from ((first, other) for other in others)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        """What the op says of sizes in an item; of axes in front, that they must agree."""
        (a, b), axes = pair, self.axes(node.inputs)
        if a.axis < axes:
            return super().size_error(node, pair, sizes)
        inside = Axis(a.operand, a.axis - axes), Axis(b.operand, b.axis - axes)
        return self.op.size_error(self.item_node(node.inputs, node), inside, sizes)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        try:
            return self.op.evaluate(self.item_node(node.inputs, node), inputs)
        except KernelgraphError:
            self._evaluate_each(node, inputs)
            raise

    def _evaluate_each(self, node: Apply, inputs: Sequence[Any]) -> None:
        """Raises the error of the first item with which the op cannot work, by its place."""
        axes = self.axes(node.inputs)
        front = np.broadcast_shapes(*(np.shape(value)[:axes] for value in inputs))
        stacks = [np.broadcast_to(v, (*front, *np.shape(v)[axes:])) for v in inputs]
        for place in np.ndindex(*front):
            one = self.item_node(node.inputs, node, place)
            self.op.evaluate(one, [stack[place] for stack in stacks])

    def routine(self, node: Apply) -> Routine | None:
        work = self.op.routine(self.item_node(node.inputs, node))
        if not isinstance(work, Lapack) or work.failed is None:
            return work

        def failed_in_stack(found: Sequence[int]) -> KernelgraphError:
            sizes = tuple(found[1:][: self.axes(node.inputs)])
            whole = len(sizes) == self.axes(node.inputs)
            place = [int(k) for k in np.unravel_index(found[0], sizes)] if whole else []
            one = self.item_node(node.inputs, node, place)
            failed = self.op.routine(one)
            assert isinstance(failed, Lapack)
            assert failed.failed is not None
            return failed.failed(one)

        return replace(work, failed_in_stack=failed_in_stack)

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """Those of the op, for all items; summed where an operand is repeated."""
        one = self.item_node(node.inputs, node)
        stacks = self._all_of(node, one)
        found = self.op.vjp(one, [self._one_of(g, stacks) for g in cotangents])
        back = _for_all(found, stacks)
        axes, pairs = self.axes(node.inputs), zip(back, node.inputs, strict=True)
        return [None if g is None else _summed(g, v, axes) for g, v in pairs]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        one = self.item_node(node.inputs, node)
        stacks = self._all_of(node, one)
        found = self.op.jvp(one, [self._one_of(t, stacks) for t in tangents])
        return _for_all(found, stacks)

    def _all_of(self, node: Apply, one: Apply) -> dict[Variable, Variable]:
        """The stack for each operand and each result of an item's node."""
        operands = zip(one.inputs, node.inputs, strict=True)
        return dict(operands) | dict(zip(one.outputs, node.outputs, strict=True))

    def _one_of(self, g: Variable | None, stacks: dict[Variable, Variable]) -> Variable | None:
        """An item of a stack of derivatives, noted among the stacks."""
        if g is None:
            return None
        first, one = next(iter(stacks.values())), next(iter(stacks))
        item = _item(g, g.ndim - (first.ndim - one.ndim))
        stacks[item] = g
        return item


class StackedComposite(Stacked, Composite):
    """The same for an op that is made of simpler ones: of these applied to stacks."""

    def expand(self, *operands: Variable) -> Variable:
        one, op = self.item_node(operands), self.op
        assert isinstance(op, Composite)
        stacks = dict(zip(one.inputs, operands, strict=True))
        return vectorized([op.expand(*one.inputs)], stacks)[0]


def stacked(op: Opaque, ranks: Sequence[int]) -> Stacked:
    """An op over items of these ranks as one over stacks of them."""
    return (StackedComposite if isinstance(op, Composite) else Stacked)(op, ranks)


def of_each(function: Callable[..., Any], *stacks: tuple[Variable, int]) -> Any:
    """What a function makes of items of these ranks, one of each stack: a variable, or a list, with
    the axes of the stacks in front. Without a stack it is called as it is.
    """
    if all(v.ndim <= rank for v, rank in stacks):
        return function(*(v for v, _ in stacks))
    with unwatched():
        items = [v if v.ndim <= rank else _item(v, rank) for v, rank in stacks]
        found = function(*items)
        pairs = {i: v for i, (v, _) in zip(items, stacks, strict=True) if i is not v}
        outputs = vectorized(listed(found), pairs)
    for node in walk(outputs, set(pairs.values())):
        node_made(node)
    return outputs if isinstance(found, list) else outputs[0]


def _item(stack: Variable, rank: int, place: Sequence[int] = ()) -> Variable:
    """What stands for one item of a stack, by a name that says so in errors; perhaps of that at a
    place in the stack.
    """
    what = {0: "number", 1: "vector", 2: "matrix"}.get(rank, "array")
    whole, index = _written(stack, place)
    name = shortened(whole.name) if whole.name else describe(whole).rpartition(" (")[0]
    if rank == whole.ndim:
        name = whole.name
    elif place:
        index = index[: whole.ndim - rank]
        name = f"{name}{index}" if whole.name else f"{what} {index} of {name}"
    else:
        name = f"a {what} of {name}"
    return Variable(TensorType(stack.dtype, stack.tensor_type.shape[stack.ndim - rank :]), name)


def _written(stack: Variable, place: Sequence[int]) -> tuple[Variable, list[int]]:
    """A stack as the user wrote it, before axes of size 1 came or went and it was copied; and the
    place of an item in it.
    """
    index = [*place, *[0] * (stack.ndim - len(place))]
    index = [0 if one else k for one, k in zip(stack.broadcastable, index, strict=True)]
    while isinstance(node := stack.owner, Apply):
        if isinstance(node.op, DimShuffle):
            kept = [k for k in node.op.order if isinstance(k, int)]
            if kept != sorted(kept):
                break
            places = dict(zip(node.op.order, index, strict=True))
            index = [places.get(axis, 0) for axis in range(node.inputs[0].ndim)]
        elif node.op is not identity:
            break
        stack = node.inputs[0]
    return stack, index


def _summed(g: Variable, operand: Variable, axes: int) -> Variable:
    """A derivative for each item, for an operand that may be repeated along axes in front."""
    repeated = [k for k in range(axes) if operand.broadcastable[k] and not g.broadcastable[k]]
    return insert_axes(sum_(g, repeated), repeated, g.ndim) if repeated else g


def _for_all(found: Cotangents, stacks: Mapping[Variable, Variable]) -> Cotangents:
    """What is computed of each item, where there is something."""
    rows = iter(vectorized([v for v in found if v is not None], stacks))
    return [None if v is None else next(rows) for v in found]


def _of_stacks(measure: Variable, stacks: Mapping[Variable, Variable]) -> Variable:
    """A size that is computed from those of items, from those of stacks."""
    known: dict[Variable, Variable] = {}
    for node in walk([measure], set(stacks)):
        op: Op = node.op
        if isinstance(op, SizeOf) and node.inputs[0] in stacks:
            item, stack = node.inputs[0], stacks[node.inputs[0]]
            known[node.out] = size(stack, stack.ndim - item.ndim + op.axis)
    return substitute([measure], known)[0]
