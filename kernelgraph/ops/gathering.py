"""Elements that index arrays name, `x[rows, columns]`, and the transpose, which adds them up.

Index arrays stand on some axes of an array, one on each, and are aligned like the operands of an
addition. Their own axes stand at one place of the result, among the axes that no index is for:

    x[i, j]        Picked((0, 1))         out[a]       = x[i[a], j[a]]
    x[:, k]        Picked((1,), 1)        out[m, a]    = x[m, k[a]]
    x[i, :, j]     Picked((0, 2))         out[a, m]    = x[i[a], m, j[a]]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.access import Access, Need, Pair, Picked
from kernelgraph.elementwise import broadcast_shape, pad_left
from kernelgraph.errors import IndexingError, IndexTypeError, Origins
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import indexed, places, sized, typed
from kernelgraph.op import Axis, Scatter, Selection, Size, as_variable
from kernelgraph.ops.indexing import Item, Subtensor, as_index, index_outside
from kernelgraph.ops.moves import Moves
from kernelgraph.ops.sources import size
from kernelgraph.partials import Linear
from kernelgraph.types import INTEGERS, Array, TensorType


class Gather(Moves, Selection):
    """Elements that integer arrays name: operands are x and an index for each of `axes`, all of
    one rank. Negative indices count from the end. An index is looked at for each element that it
    names, so for none where another axis is empty.
    """

    looped = True

    __props__ = ("place",)
    name = "take"
    linear = Linear(repeats=True, drops=True)

    def __init__(self, axes: Sequence[int] = (0,), at: int = 0) -> None:
        self.place = Picked(tuple(axes), at)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `IndexTypeError` (KG-I003) for operands that are no indices, `ShapeError`
        (KG-S001) for indices that do not fit each other.
        """
        x, *given = map(as_variable, inputs)
        for index in given:
            if x.ndim == 0 or index.dtype not in INTEGERS:
                raise _no_index(x, index)
        rank = max(index.ndim for index in given)
        indices = [as_index(pad_left(index, rank)) for index in given]
        named = broadcast_shape(self, given, indices)
        kept = [n for k, n in enumerate(x.tensor_type.shape) if k not in self.place.axes]
        at = self.place.at
        shape = (*kept[:at], *named, *kept[at:])
        return Apply(self, [x, *indices], [Variable(TensorType(x.dtype, shape))])

    def access(self, node: Apply) -> Access:
        """The element that the indices name."""
        x, *indices = node.inputs
        along = range(self.place.at, self.place.at + indices[0].ndim)
        kept = iter(k for k in range(node.out.ndim) if k not in along)
        entries = [None if k in self.place.axes else next(kept) for k in range(x.ndim)]
        return Access([(0, entries), *_index_reads(1, indices, list(along))])

    def needs(self, node: Apply) -> Sequence[Need]:
        return [Need.MEMORY, *[Need.ANY] * (len(node.inputs) - 1)]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, *indices = map(np.asarray, inputs)
        numbers = _checked(node, self.place, indices, x.shape)
        if _is_empty(self.place, x.shape):
            return [x[full_index(self.place, numbers, x.shape)]]
        return [np.asarray(moved_last(x, self.place, indices[0].ndim, numbers))]

    def numpy_index(self, node: Apply, x: Any, where: Sequence[Any]) -> Any:
        """An index by which all elements are written: one array for each axis of x."""
        return full_index(self.place, _checked(node, self.place, where, np.shape(x)), np.shape(x))

    def picked(self, node: Apply) -> Picked:
        return self.place

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        x, names = node.inputs[0], node.inputs[1 + self.place.axes.index(axis)]
        return element_outside(x, names, index, size, axis, node.origins)

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        return named_alike(1, node.inputs[1:])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        x, *indices = node.inputs
        kept: list[Size] = [Axis(0, k) for k in range(x.ndim) if k not in self.place.axes]
        at = self.place.at
        return [[*kept[:at], *_named_sizes(1, indices), *kept[at:]]]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, *indices = node.inputs
        sizes = [size(x, axis) for axis in self.place.axes]
        return GatherTranspose(self.place.axes, self.place.at)(g, *indices, *sizes)

    @property
    def of_rows(self) -> bool:
        """Whether it takes rows, and is written as that: `take(x, k)`."""
        return self.place == Picked((0,))

    def text(self, operands: Sequence[str] | None) -> str:
        """The index between the brackets; without operands, only its form.

        >>> Gather((0, 2)).text(["x", "i", "j"]), Gather((1,), 1).text(None)
        ('i, :, j', ':, []')
        """
        names = ["[]"] * len(self.place.axes) if operands is None else operands[1:]
        named = dict(zip(self.place.axes, names, strict=True))
        return ", ".join(named.get(axis, ":") for axis in range(1 + max(self.place.axes)))

    def applied(self, operands: Sequence[str], name: str | None = None) -> str:
        if self.of_rows or name is not None:
            return super().applied(operands, name)
        return f"{operands[0]}[{self.text(operands)}]"

    def __str__(self) -> str:
        return self.name if self.of_rows else f"{self.name}{{{self.text(None)}}}"


class GatherTranspose(Moves, Scatter):
    """Zeros to which elements are added where indices say, perhaps again and again: operands are
    the elements, the indices and the sizes of the axes that these are for.
    """

    __props__ = ("place",)
    name = "take_transpose"
    adds = True
    linear = Linear(adds=True, pads=True)

    def __init__(self, axes: Sequence[int] = (0,), at: int = 0) -> None:
        self.place = Picked(tuple(axes), at)

    def _parts(self, operands: Sequence[Any]) -> tuple[Any, Sequence[Any], Sequence[Any]]:
        count = len(self.place.axes)
        return operands[0], operands[1 : 1 + count], operands[1 + count :]

    def make_node(self, *inputs: Any) -> Apply:
        g, indices, lengths = self._parts(inputs)
        known = [int(n.data) if isinstance(n, Constant) else None for n in lengths]
        rank, at = indices[0].ndim, self.place.at
        shape = g.tensor_type.shape
        kept = iter((*shape[:at], *shape[at + rank :]))
        named = dict(zip(self.place.axes, known, strict=True))
        whole = len(named) + g.ndim - rank
        sizes = tuple(named[k] if k in named else next(kept) for k in range(whole))
        return Apply(self, inputs, [Variable(TensorType(g.dtype, sizes))])

    def access(self, node: Apply) -> Access:
        """Each element, and the indices of the place to which it is added."""
        elements = super().access(node)
        return replace(elements, reads=[*elements.reads, *element_indices(self.place, node, 1)])

    def picked(self, node: Apply) -> Picked:
        return self.place

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        g, indices, lengths = self._parts([np.asarray(value) for value in inputs])
        rank, at = indices[0].ndim, self.place.at
        kept = iter((*g.shape[:at], *g.shape[at + rank :]))
        named = dict(zip(self.place.axes, map(int, lengths), strict=True))
        shape = [named[k] if k in named else next(kept) for k in range(node.out.ndim)]
        out = np.zeros(shape, dtype=g.dtype)
        numbers = _checked(node, self.place, indices, shape)
        np.add.at(out, full_index(self.place, numbers, shape), g)
        return [out]

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        names = node.inputs[1 + self.place.axes.index(axis)]
        return index_outside(names, index, size, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        g, indices, lengths = self._parts(node.inputs)
        along = range(self.place.at, self.place.at + indices[0].ndim)
        kept = iter(Axis(0, k) for k in range(g.ndim) if k not in along)
        named = dict(zip(self.place.axes, lengths, strict=True))
        return [[named[k] if k in named else next(kept) for k in range(node.out.ndim)]]

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        _, indices, _ = self._parts(node.inputs)
        for axis in range(indices[0].ndim):
            full = (k for k, index in enumerate(indices) if not index.broadcastable[axis])
            for k in full:
                yield Axis(0, self.place.at + axis), Axis(1 + k, axis)

    def transposed(self, node: Apply, g: Variable) -> Variable:
        return Gather(self.place.axes, self.place.at)(g, *self._parts(node.inputs)[1])

    def __str__(self) -> str:
        return f"{self.name}{self.place}"


def element_outside(
    x: Variable, names: Variable, index: int, size: int, axis: int, at: Origins = ()
) -> IndexingError:
    """The error for an element of an index array that lies outside an axis of x, or of the array
    that x is cut from by the same index, `x[1:, k]`.
    """
    cut = x.owner
    op = cut.op if cut is not None and cut.origins == at else None
    if cut is not None and isinstance(op, Subtensor) and Item() not in op.spec:
        x = cut.inputs[0]
    return IndexingError(
        f"index {index} is out of bounds for dimension {axis} of {describe(x)}, "
        f"whose size is {size}",
        origins=at,
        because=f"the index is an element of {describe(names)}",
        hint=places(size),
        operands=indexed(x, axis, size, index),
    )


def element_indices(place: Picked, node: Apply, first: int) -> list[tuple[int, list[int | None]]]:
    """Where loops over the elements, the first operand, are on the index arrays, of which the
    operand `first` is the first.
    """
    indices = node.inputs[first : first + len(place.axes)]
    along = [~k for k in range(place.at, place.at + indices[0].ndim)]
    return _index_reads(first, indices, along)


def _index_reads(
    first: int, indices: Sequence[Variable], along: Sequence[int]
) -> list[tuple[int, list[int | None]]]:
    found: list[tuple[int, list[int | None]]] = []
    for k, index in enumerate(indices):
        pairs = zip(index.broadcastable, along, strict=True)
        found.append((first + k, [None if only else loop for only, loop in pairs]))
    return found


def named_alike(first: int, indices: Sequence[Variable]) -> Iterable[Pair]:
    """Index arrays are as long as each other, but for sizes of 1; `first` is the first operand."""
    for axis in range(indices[0].ndim):
        full = [first + k for k, v in enumerate(indices) if not v.broadcastable[axis]]
        for other in full[1:]:
            yield Axis(full[0], axis), Axis(other, axis)


def _named_sizes(first: int, indices: Sequence[Variable]) -> list[Size]:
    found: list[Size] = []
    for axis in range(indices[0].ndim):
        full = (first + k for k, v in enumerate(indices) if not v.broadcastable[axis])
        number = next(full, None)
        found.append(1 if number is None else Axis(number, axis))
    return found


def _checked(
    node: Apply, place: Picked, indices: Sequence[Any], shape: Sequence[int]
) -> list[Array]:
    """Index arrays, aligned. Raises the `IndexingError` of the node for an index outside; where
    another axis is empty, or an array that it is aligned with, there is no element to be read, and
    no index is looked at.
    """
    found = [np.asarray(index) for index in indices]
    aligned = list(np.broadcast_arrays(*found))
    if aligned[0].size == 0 or _is_empty(place, shape):
        return [np.zeros_like(index) for index in aligned]
    for axis, index in zip(place.axes, found, strict=True):
        outside = (index < -shape[axis]) | (index >= shape[axis])
        if outside.any():
            raise node.op.out_of_bounds(node, int(index[outside][0]), shape[axis], axis)
    return aligned


def _is_empty(place: Picked, shape: Sequence[int]) -> bool:
    """Whether an axis that no array is for has no elements."""
    return any(n == 0 for axis, n in enumerate(shape) if axis not in place.axes)


def full_index(place: Picked, numbers: Sequence[Array], shape: Sequence[int]) -> tuple[Array, ...]:
    """Index arrays for the axes of an array of this shape, aligned with the elements that `Gather`
    would make of it.
    """
    rank, named = numbers[0].ndim, dict(zip(place.axes, numbers, strict=True))
    kept = [k for k in range(len(shape)) if k not in named]
    if _is_empty(place, shape):
        sizes = [shape[k] for k in kept]
        whole = [*sizes[: place.at], *numbers[0].shape, *sizes[place.at :]]
        return (np.zeros(whole, "int64"),) * len(shape)
    if place == Picked(tuple(range(len(numbers)))):
        return tuple(numbers)
    total = rank + len(kept)
    found: list[Array] = []
    for axis, length in enumerate(shape):
        extent = [1] * total
        if axis in named:
            extent[place.at : place.at + rank] = named[axis].shape
            found.append(named[axis].reshape(extent))
            continue
        position = kept.index(axis)
        extent[position if position < place.at else position + rank] = length
        found.append(np.arange(length).reshape(extent))
    return tuple(found)


def moved_last(x: Array, place: Picked, rank: int, numbers: Sequence[Array]) -> Array:
    """Elements of x under the names in `numbers`, with the axes of these at their place."""
    front = np.moveaxis(x, place.axes, range(len(place.axes)))[tuple(numbers)]
    return np.moveaxis(front, range(rank), range(place.at, place.at + rank))


def _no_index(x: Variable, index: Variable) -> IndexTypeError:
    return IndexTypeError(
        f"cannot index {describe(x)} with {describe(index)}: integers are needed",
        operands=(typed(x), typed(index, INTEGERS)) if x.ndim else (sized(x),),
    )
