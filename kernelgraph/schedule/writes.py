"""What is joined or rolled, as writes to blocks of one memory.

`concatenate([f(x), y])` is memory of the size of both, to one block of which f(x) is written and to
the other y: whatever makes the elements of a block is fused with writing them.

    join     each operand behind the one before
    roll     the last elements at 0, those before them behind
    set      the elements into a copy of the array, or into the array itself if nobody else reads it

No write needs another one, so two of one length may be in one loop. Who reads the result waits for
all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.access import Access, At, Layout, Need, Picked, Whole, Window
from kernelgraph.errors import IndexingError, ShapeError
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.mismatches import too_many_elements
from kernelgraph.op import Axis, Creation, Indexing, Scatter, Selection, Size
from kernelgraph.ops.arithmetic import identity
from kernelgraph.ops.gathering import element_indices, element_outside
from kernelgraph.ops.indexing import item_outside
from kernelgraph.ops.sources import constant_size, own_size
from kernelgraph.ops.updates import put
from kernelgraph.types import TensorType


class NewMemory(Creation):
    """Memory of the sizes that its operands say, in which nothing is written yet."""

    looped = True

    name = "memory"

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def make_node(self, *inputs: Any) -> Apply:
        shape = tuple(int(n.data) if isinstance(n, Constant) else None for n in inputs)
        return Apply(self, inputs, [Variable(TensorType(self.dtype, shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.zeros([int(n) for n in inputs], self.dtype)]

    def access(self, node: Apply) -> Access:
        return Access((), scattered=True)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [list(node.inputs)]

    def negative_size(self, node: Apply, size: int) -> ShapeError:
        """Sizes of arrays that are there make no sum below 0 but one that cannot be counted."""
        return too_many_elements("joined", node.origins)


class Write(Scatter):
    """Memory with elements written to a part of it. Operands are the elements, the operands of
    `forward`, which would read the part, and last what has the memory.
    """

    lies_in = -1
    fill = None

    def __init__(self, name: str, forward: Selection, adds: bool = False) -> None:
        self.name = name
        self.forward = forward
        self.adds = adds

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[-1].type, inputs[-1].name)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The array of the last operand, which nobody else has, written to."""
        elements, *rest, into = inputs
        return [put(into, elements, self.forward.numpy_index(node, into, rest), self.adds)]

    def access(self, node: Apply) -> Access:
        """Each element, the row to which it is written if that is loaded, and the memory."""
        elements, place = super().access(node), self.picked(node)
        rows = [] if place is None else element_indices(place, node, 1)
        memory = len(node.inputs) - 1, (None,) * node.out.ndim
        return replace(elements, reads=[*elements.reads, *rows, memory])

    def layout(self, node: Apply) -> Layout | None:
        return self.forward.layout(node)

    def picked(self, node: Apply) -> Picked | None:
        return self.forward.picked(node)

    def needs(self, node: Apply) -> Sequence[Need]:
        return [*super().needs(node)[:-1], Need.OWN]

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """In the words of what was written: the array is not the user's, but may be a copy."""
        place = self.picked(node)
        if place is not None:
            names = node.inputs[1 + place.axes.index(axis)]
            return element_outside(copied(node.inputs[-1]), names, index, size, axis, node.origins)
        return item_outside(copied(node.inputs[-1]), index, size, axis, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        last = len(node.inputs) - 1
        return [[Axis(last, axis) for axis in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        for mine, axis in self._untouched(node):
            yield Axis(0, mine), Axis(len(node.inputs) - 1, axis)

    def _untouched(self, node: Apply) -> Iterable[tuple[int, int]]:
        """The axes that are written as they are: those of the elements and of the memory."""
        rank, layout, place = node.out.ndim, self.layout(node), self.picked(node)
        if place is not None:
            along = range(place.at, place.at + node.inputs[1].ndim)
            elements = [k for k in range(node.inputs[0].ndim) if k not in along]
            return zip(elements, (k for k in range(rank) if k not in place.axes), strict=True)
        assert isinstance(layout, Window)
        entries = [*layout.entries, *[Whole()] * (rank - len(layout.entries))]
        kept = [axis for axis, entry in enumerate(entries) if not isinstance(entry, At)]
        return [(k, axis) for k, axis in enumerate(kept) if isinstance(entries[axis], Whole)]


class Written(Creation):
    """Memory to all parts of which something was written: operands are all of the writes."""

    looped = True
    lies_in = -1

    name = "written"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(inputs[-1].type, inputs[-1].name)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [inputs[-1]]

    def access(self, node: Apply) -> Access:
        whole = (None,) * node.out.ndim
        return Access([(k, whole) for k in range(len(node.inputs))], scattered=True)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]


def in_place(node: Apply) -> bool:
    """Whether a result is written to the memory of an operand, the last one."""
    return node.op.looped and node.op.lies_in is not None


def owns_memory(variable: Variable) -> bool:
    """Whether a node has made a value in memory of its own, or in what was written for it."""
    if variable.owner is None:
        return False
    op = variable.owner.op
    return not op.virtual and (op.looped or op.lies_in is None)


def copied(x: Variable) -> Variable:
    """What `x` is a copy of, or `x` itself."""
    return x.owner.inputs[0] if x.owner is not None and x.owner.op == identity else x


def memory_of(variable: Variable) -> Variable:
    """The variable that a result has its memory from: itself, unless it was written in place."""
    while variable.owner is not None and in_place(variable.owner):
        variable = variable.owner.inputs[-1]
    return variable


def as_writes(node: Apply, operands: Sequence[Variable]) -> Apply:
    """A copy of a node on these operands: its writes, if it is such."""
    op, needs = node.op, list(node.op.needs(node))
    pieces = op.pieces(*operands) if isinstance(op, Indexing) else ()
    if not pieces:
        return node.clone_with(operands)
    if own := Need.OWN in needs:
        memory = operands[needs.index(Need.OWN)]
    else:
        made = _at(node, NewMemory(node.out.dtype).make_node(*_sizes(node, operands)))
        memory, made.out.name = made.out, node.out.name or op.name
    writes = [
        _at(node, Write(op.name, forward, adds).make_node(elements, *where, memory))
        for elements, forward, where, adds in pieces
    ]
    return writes[0] if own else _at(node, Written().make_node(*(write.out for write in writes)))


def _at(node: Apply, made: Apply) -> Apply:
    """A node that is there for another one of the user's code."""
    made.origins = node.origins
    return made


def _sizes(node: Apply, operands: Sequence[Variable]) -> list[Variable]:
    """The sizes of the result as scalars."""
    copy = node.clone_with(operands)
    return [_scalar(copy, size) for size in copy.op.sizes(copy)[0]]


def _scalar(node: Apply, size: Size) -> Variable:
    if isinstance(size, Axis):
        return own_size(node.inputs[size.operand], size.axis)
    assert size is not None
    return constant_size(size) if isinstance(size, int) else size
