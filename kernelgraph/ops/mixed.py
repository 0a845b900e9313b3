"""Slices and index arrays in one index, `x[1:, k]`: an op of its own, since it can be set as one.

It stands for a slice, of which index arrays then name elements, and perhaps new axes:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m, k = T.lmatrix("m"), T.lvector("k")
>>> outputs = [m[1:, k], T.inc_subtensor(m[1:, k], 10)]
>>> f = kg.function([m, k], outputs, target="interpret")
>>> [result.tolist() for result in f([[1, 2], [3, 4]], [1, 1])]
[[[4, 4]], [[1, 2], [3, 24]]]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.access import Pair
from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.hooks import unwatched
from kernelgraph.op import Axis, Composite, Size
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import Slice, Subtensor, slice_length, slice_text
from kernelgraph.ops.moves import Moves
from kernelgraph.ops.sources import own_size
from kernelgraph.partials import Linear
from kernelgraph.types import TensorType


@dataclass(frozen=True)
class Names:
    """One axis, elements of which an index array names."""


@dataclass(frozen=True)
class NewAxis:
    """An axis of size 1 that the array does not have."""


Entry = Slice | Names | NewAxis


class Index(Moves, Composite):
    """Slices, index arrays and new axes: operands are x, and behind it three numbers for a slice
    and an array for `Names`. The axes of the arrays stand behind `at` others.
    """

    __props__ = ("spec", "at")
    name = "index"
    linear = Linear(repeats=True, drops=True)

    def __init__(self, spec: Sequence[Entry], at: int) -> None:
        self.spec = tuple(spec)
        self.at = at

    def make_node(self, *inputs: Any) -> Apply:
        """Raises the errors of `Subtensor` and `Gather`."""
        with unwatched():
            kind = self.expand(*inputs).type
        return Apply(self, inputs, [Variable(kind)])

    def operands(self, inputs: Sequence[Any]) -> list[tuple[Entry, Sequence[Any]]]:
        """Each entry with its operands."""
        found: list[tuple[Entry, Sequence[Any]]] = []
        first = 1
        for entry in self.spec:
            count = 1 if isinstance(entry, Names) else 3 if entry == Slice() else 0
            found.append((entry, inputs[first : first + count]))
            first += count
        return found

    def expand(self, *operands: Variable) -> Variable:
        """A slice, elements of it, and new axes."""
        entries = self.operands(operands)
        x, kept = operands[0], [entry for entry, _ in entries if not isinstance(entry, NewAxis)]
        cut = [entry if isinstance(entry, Slice) else Slice(whole=True) for entry in kept]
        if any(entry == Slice() for entry in cut):
            ends = [v for entry, given in entries if isinstance(entry, Slice) for v in given]
            x = Subtensor(cut)(x, *ends)
        axes = [axis for axis, entry in enumerate(kept) if isinstance(entry, Names)]
        names = [v for entry, given in entries if isinstance(entry, Names) for v in given]
        rank = max(v.ndim for v in names)
        new = [isinstance(entry, NewAxis) for entry in self.spec if not isinstance(entry, Names)]
        found = Gather(axes, self.at - sum(new[: self.at]))(x, *names)
        return dimshuffle(found, _with_new(new, self.at, rank, found.ndim))

    def chain(self, node: Apply) -> list[Apply]:
        """The nodes that it stands for, the last one first."""
        made = self.expand(*node.inputs)
        found: list[Apply] = []
        while made is not node.inputs[0]:
            assert made.owner is not None
            made.owner.origins = node.origins
            found.append(made.owner)
            made = made.owner.inputs[0]
        return found

    def transposed(self, node: Apply, g: Variable) -> Variable:
        for step in self.chain(node):
            if isinstance(step.op, DimShuffle):
                g = step.op.transposed(step.inputs[0].ndim)(g)
            else:
                assert isinstance(step.op, Moves)
                g = step.op.transposed(step, g)
        return g

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        others: list[Size] = []
        x, axis = node.inputs[0], 0
        for entry, ends in self.operands(node.inputs):
            if isinstance(entry, NewAxis):
                others.append(1)
                continue
            if isinstance(entry, Slice):
                cut = None if entry.whole else slice_length(own_size(x, axis), *ends)
                others.append(Axis(0, axis) if cut is None else cut)
            axis += 1
        others += [Axis(0, k) for k in range(axis, x.ndim)]
        sizes = [*others[: self.at], *self._named(node), *others[self.at :]]
        known: TensorType = node.out.tensor_type
        return [[n if n is not None else size for n, size in zip(known.shape, sizes, strict=True)]]

    def _named(self, node: Apply) -> list[Size]:
        found: list[Size] = [None] * self._rank(node)
        for axis in range(len(found)):
            found[axis] = next((Axis(k, own) for k, own in self._along(node, axis)), 1)
        return found

    def _rank(self, node: Apply) -> int:
        return max(node.inputs[k].ndim for k in self._numbers())

    def _numbers(self) -> list[int]:
        """The operands that are index arrays."""
        entries = self.operands(range(1 + 3 * len(self.spec)))
        return [given[0] for entry, given in entries if isinstance(entry, Names)]

    def _along(self, node: Apply, axis: int) -> list[tuple[int, int]]:
        """The index arrays that go along an axis of all of them, and which of their axes it is."""
        rank, found = self._rank(node), list[tuple[int, int]]()
        for k in self._numbers():
            own = axis - (rank - node.inputs[k].ndim)
            if own >= 0 and not node.inputs[k].broadcastable[own]:
                found.append((k, own))
        return found

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        for axis in range(self._rank(node)):
            ends = [Axis(*end) for end in self._along(node, axis)]
            yield from ((ends[0], other) for other in ends[1:])

    def text(self, operands: Sequence[str] | None) -> str:
        """The index between the brackets; without operands, only its form.

        >>> Index((Slice(), NewAxis(), Names()), 1).text(None)
        '::, None, []'
        """
        if operands is None:
            forms = (("", "", "") if entry == Slice() else ("[]",) for entry in self.spec)
            return ", ".join(map(_text, self.spec, forms))
        return ", ".join(_text(entry, given) for entry, given in self.operands(operands))

    def applied(self, operands: Sequence[str], name: str | None = None) -> str:
        return f"{operands[0]}[{self.text(operands)}]"

    def __str__(self) -> str:
        return f"{self.name}{{{self.text(None)}}}"


def _text(entry: Entry, operands: Sequence[Any]) -> str:
    """An entry as Python writes it."""
    match entry:
        case NewAxis():
            return "None"
        case Slice(whole=True):
            return ":"
        case Slice():
            return slice_text(*operands)
        case Names():
            return str(operands[0])


def _with_new(new: Sequence[bool], at: int, rank: int, ndim: int) -> list[int | str]:
    """The order of axes, new ones among them, those of index arrays behind `at` others."""
    axes = iter(range(ndim))
    before: list[int | str] = ["x" if one else next(axes) for one in new[:at]]
    named = [next(axes) for _ in range(rank)]
    after: list[int | str] = ["x" if one else next(axes) for one in new[at:]]
    return [*before, *named, *after, *axes]
