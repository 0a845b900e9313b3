"""Parts of arrays, by slices with symbolic ends or by index arrays, and the transposes of both."""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.access import At, Range, Whole, Window
from kernelgraph.elementwise import elementwise
from kernelgraph.errors import IndexingError, Operand, Origins
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import indexed, places
from kernelgraph.op import Axis, Part, Selection, Size
from kernelgraph.ops.arithmetic import cast, minimum
from kernelgraph.ops.moves import Moves, PartTranspose
from kernelgraph.ops.sources import MakeVector, own_size, size
from kernelgraph.partials import Linear
from kernelgraph.templates import function
from kernelgraph.types import Array, TensorType

MISSING = -(2**63)
"""The end of a slice that was not given, where it means the first element: no index is less."""

END = 2**63 - 2
"""The end of a slice that was not given, where it means the last element: no array reaches it."""

FAR = 2**63 - 1
"""No array reaches as far: larger numbers mean the same."""


def _bounds(n: int, start: int, stop: int, step: int) -> tuple[int, int, int]:
    return slice(start, stop, step or 1).indices(n)


def _length(n: Array, start: Array, stop: Array, step: Array) -> Array:
    lengths = [len(range(*_bounds(*map(int, item)))) for item in np.broadcast(n, start, stop, step)]
    return np.array(lengths, dtype="int64").reshape(np.broadcast(n, start, stop, step).shape)


_BETWEEN = function("range_length", """\
/* How many numbers lie from first to before last, so many apart; -1 if no array has so many. */
static inline int64 range_length(int64 first, int64 last, int64 step) {
    if (step == 0 || (step > 0 ? first >= last : first <= last)) return 0;
    const uint64 apart = step > 0 ? (uint64)last - (uint64)first : (uint64)first - (uint64)last;
    const uint64 steps = (apart - 1) / (step > 0 ? (uint64)step : -(uint64)step);
    return (steps + 1) >> 60 ? -1 : (int64)steps + 1;
}
""")  # fmt: skip

SLICE_START = function("slice_start", """\
/* An end of start:stop:step among n elements: from 0 (-1 for a step back) to n (n - 1). */
static inline int64 slice_start(int64 n, int64 end, int64 step) {
    if (end < 0) end += n;
    if (end < 0) return step < 0 ? -1 : 0;
    return end >= n ? (step < 0 ? n - 1 : n) : end;
}
""")  # fmt: skip

_LENGTH = function("slice_length", """\
static inline int64 slice_length(int64 n, int64 start, int64 stop, int64 step) {
    return range_length(slice_start(n, start, step), slice_start(n, stop, step), step);
}
""", needs=(SLICE_START, _BETWEEN))  # fmt: skip

slice_length = elementwise(
    "slice_length", "How many elements start:stop:step takes of n.",
    numpy=_length, c="slice_length({x}, {y}, {z}, {u})", helpers=(_LENGTH,), arity=4, public=False,
    partials=lambda n, start, stop, step, out: (None,) * 4,
)  # fmt: skip

_MOST = 2**60 - 1
"""No array has more elements, of 8 bytes each."""


def _between(first: Any, last: Any, step: Any) -> Any:
    lengths = [
        max(0, (last - first + step - (1 if step > 0 else -1)) // step) if step else 0
        for first, last, step in (map(int, ends) for ends in np.broadcast(first, last, step))
    ]
    lengths = [-1 if length > _MOST else length for length in lengths]
    return np.array(lengths, dtype="int64").reshape(np.broadcast(first, last, step).shape)


range_length = elementwise(
    "range_length", "How many integers lie from one to before another, -1 if too many.",
    numpy=_between, c="range_length({x}, {y}, {z})", helpers=(_BETWEEN,), arity=3, public=False,
    partials=lambda first, last, step, out: (None,) * 3,
)  # fmt: skip


LEFT_OUT = "left out"
"""The text of the number that stands for an end that was not given, as in `x[:3]`."""


@dataclass(frozen=True)
class Slice:
    """One axis taken as start:stop:step; whole axes are known as such."""

    whole: bool = False


@dataclass(frozen=True)
class Item:
    """One axis taken at a single index."""


def slice_text(start: str, stop: str, step: str) -> str:
    """A slice as Python writes it.

    >>> slice_text("1", LEFT_OUT, "2")
    '1::2'
    """
    absent = (LEFT_OUT, str(MISSING), str(END))
    start, stop = ("" if text in absent else text for text in (start, stop))
    return f"{start}:{stop}" + ("" if step == "1" else f":{step}")


class Subtensor(Moves, Selection, Part):
    """Basic indexing: for each leading axis a `Slice` (three int64 operands) or an `Item` (one)."""

    __props__ = ("spec",)
    name = "subtensor"
    linear = Linear(drops=True)

    def __init__(self, spec: Sequence[Slice | Item]) -> None:
        self.spec = tuple(spec)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `IndexingError` (KG-I001) for an index known to be outside."""
        x: Variable = inputs[0]
        shape: list[int | None] = []
        for axis, entry in enumerate(self.spec):
            known = x.tensor_type.shape[axis]
            ends = self.operands(inputs, axis)
            numbers = [int(v.data) if isinstance(v, Constant) else None for v in ends]
            if isinstance(entry, Item):
                index = numbers[0]
                if index is not None and known is not None and not -known <= index < known:
                    raise item_outside(x, index, known, axis)
            elif entry.whole:
                shape.append(known)
            else:
                start, stop, step = numbers
                if known is None or start is None or stop is None or step is None:
                    shape.append(None)
                else:
                    shape.append(len(range(*_bounds(known, start, stop, step))))
        shape += x.tensor_type.shape[len(self.spec) :]
        return Apply(self, inputs, [Variable(TensorType(x.dtype, tuple(shape)))])

    def __str__(self) -> str:
        return f"{self.name}{{{self.text(None)}}}"

    def applied(self, operands: Sequence[str], name: str | None = None) -> str:
        return f"{operands[0]}[{self.text(operands)}]"

    def text(self, operands: Sequence[str] | None) -> str:
        """The index between the brackets, as Python writes it; without operands, only its form.

        >>> Subtensor([Slice(), Item()]).text(["x", "1", str(END), "1", "k"])
        '1:, k'
        """
        entries: list[str] = []
        for axis, entry in enumerate(self.spec):
            if entry == Slice(whole=True):
                entries.append(":")
            elif operands is None:
                entries.append("::" if isinstance(entry, Slice) else "i")
            else:
                texts = self.operands(operands, axis)
                entries.append(slice_text(*texts) if isinstance(entry, Slice) else str(texts[0]))
        return ", ".join(entries)

    def layout(self, node: Apply) -> Window:
        """Its index operands stand where those of a write to the part do."""
        entries: list[Whole | At | Range] = []
        for axis, entry in enumerate(self.spec):
            kind = At if isinstance(entry, Item) else Range
            entries.append(Whole() if entry == Slice(whole=True) else kind(self._first(axis)))
        return Window(entries)

    def _first(self, axis: int) -> int:
        """The number of the first index operand of an axis."""
        return 1 + sum(_arity(entry) for entry in self.spec[:axis])

    def operands(self, inputs: Sequence[Any], axis: int) -> Sequence[Any]:
        """The index operands (or their values) of one axis."""
        first = self._first(axis)
        return inputs[first : first + _arity(self.spec[axis])]

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return item_outside(node.inputs[0], index, size, axis, node.origins)

    def index(self, node: Apply, inputs: Sequence[Any]) -> tuple[Any, ...]:
        """The Python index that the operands' values spell."""
        index: list[Any] = []
        for axis, entry in enumerate(self.spec):
            values = [int(v) for v in self.operands(inputs, axis)]
            length = np.shape(inputs[0])[axis]
            if isinstance(entry, Slice):
                index.append(slice(None) if entry.whole else self._slice(node, length, *values))
                continue
            if not -length <= values[0] < length:
                raise item_outside(node.inputs[0], values[0], length, axis, node.origins)
            index.append(values[0])
        return tuple(index)

    def _slice(self, node: Apply, length: int, start: int, stop: int, step: int) -> slice:
        if step == 0:
            raise IndexingError("slice step cannot be zero", code="KG-I002", origins=node.origins)
        first, last, step = _bounds(length, start, stop, step)
        if not range(first, last, step):
            return slice(0, 0)
        return slice(first, None if last < 0 else last, step)

    def numpy_index(self, node: Apply, x: Any, where: Sequence[Any]) -> Any:
        return self.index(node, [x, *where])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(np.asarray(inputs[0])[self.index(node, inputs)])]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        x = node.inputs[0]
        out: list[Size] = []
        for axis, entry in enumerate(self.spec):
            if entry == Slice(whole=True):
                out.append(Axis(0, axis))
            elif isinstance(entry, Slice):
                known = node.out.tensor_type.shape[len(out)]
                length = (
                    slice_length(own_size(x, axis), *self.operands(node.inputs, axis))
                    if known is None
                    else known
                )
                out.append(length)
        return [[*out, *(Axis(0, axis) for axis in range(len(self.spec), x.ndim))]]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        x, *ends = node.inputs
        sizes = [size(x, axis) for axis in range(x.ndim)]
        return SubtensorTranspose(self.spec, x.ndim)(g, *ends, *sizes)


def _arity(entry: Slice | Item) -> int:
    return 1 if isinstance(entry, Item) else 0 if entry.whole else 3


class SubtensorTranspose(PartTranspose[Subtensor]):
    """Zeros with `g` put where `Subtensor` reads: operands are `g`, indices and sizes."""

    __props__ = ("spec", "ndim")
    name = "subtensor_transpose"
    linear = Linear(pads=True)

    def __init__(self, spec: Sequence[Slice | Item], ndim: int) -> None:
        self.spec = tuple(spec)
        self.ndim = ndim
        self.forward = Subtensor(spec)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        g, *ends = inputs
        out = np.zeros([int(s) for s in inputs[-self.ndim :]], dtype=node.out.dtype)
        out[self.forward.index(node, [out, *ends])] = g
        return [out]

    def __str__(self) -> str:
        return f"{self.name}{{{self.forward.text(None)}}}"

    def applied(self, operands: Sequence[str], name: str | None = None) -> str:
        return f"{self.name}[{self.forward.text(operands)}]({operands[0]})"

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        return self.forward.out_of_bounds(node, index, size, axis)


def item_outside(x: Variable, index: int, size: int, axis: int, at: Origins = ()) -> IndexingError:
    """The error for a number that lies outside an axis of `x`."""
    return IndexingError(
        f"index {index} is out of bounds for dimension {axis} of {describe(x)}, "
        f"whose size is {size}",
        origins=at,
        hint=places(size),
        operands=indexed(x, axis, size, index),
    )


def index_outside(array: Variable, index: int, size: int, origins: Origins) -> IndexingError:
    """The error for an element of an index array that lies outside a dimension without a name."""
    return IndexingError(
        f"index {index} is out of bounds for a dimension of size {size}",
        origins=origins,
        because=f"the index is an element of {describe(array)}",
        hint=places(size),
        operands=(Operand("the dimension", (size,), (0,), index=index),),
    )


def as_index(number: Variable) -> Variable:
    """An integer as int64; what int64 does not have becomes its largest number."""
    if number.dtype == "uint64":
        number = minimum(number, np.full((1,) * number.ndim, FAR, "uint64"))
    return cast(number, "int64")


def item_of_stack(variable: Variable) -> Variable | None:
    """The scalar that an entry of a listed vector is, as in `x.shape[0]`; None for all else."""
    node = variable.owner
    if node is None or not isinstance(node.op, Subtensor) or node.op.spec != (Item(),):
        return None
    listed, index = node.inputs
    if listed.owner is None or not isinstance(listed.owner.op, MakeVector):
        return None
    items = listed.owner.inputs
    if not isinstance(index, Constant) or not -len(items) <= int(index.data) < len(items):
        return None
    return items[int(index.data)]
