"""Whether a block lies inside of an axis: arithmetic with sizes, of which only sums are understood.

>>> n, m, both = Dim("n"), Dim("m"), Dim("both")
>>> bounds = Bounds()
>>> bounds.add(n), bounds.add(m)
(None, None)
>>> bounds.join(both, ir.Operation(add, {"x": ir.Name("n"), "y": ir.Name("m")}, "int64"))
True
>>> bounds.inside(ir.Name("n"), m, both), bounds.inside(ir.Name("m"), m, both)
(True, False)
"""

from __future__ import annotations

from collections import Counter

from kernelgraph.loops import ir
from kernelgraph.loops.sizes import Size, Sizes
from kernelgraph.ops.arithmetic import add, sub
from kernelgraph.ops.blocks import padded_size
from kernelgraph.schedule.dims import Dim

_SUMS = (add, sub, padded_size)


class Bounds(Sizes):
    """Sizes that have been found equal, which of them are sums, and what is at least 0."""

    def __init__(self) -> None:
        super().__init__()
        self._sums: list[ir.Operation] = []
        self._sizes: list[Size] = []
        self._numbers: set[int] = set()

    def copy(self) -> Bounds:
        """The same, to be added to inside a branch."""
        new = Bounds()
        new._above, new._sums, new._sizes = dict(self._above), [*self._sums], [*self._sizes]
        new._numbers = set(self._numbers)
        return new

    def join(self, a: Size, b: Size) -> bool:
        """Take two sizes to be equal. Tells whether that is news."""
        self._sums += [v for v in (a, b) if isinstance(v, ir.Operation) and v.op in _SUMS]
        self._numbers |= {number for v in (a, b) if (number := _number(v)) is not None}
        return super().join(a, b)

    def add(self, size: Size) -> None:
        """Something is a size: at least 0."""
        self._sizes.append(size)
        for whole in self._sums_of(size):
            if whole.op == padded_size:  # it would be -1
                self._sizes += whole.operands.values()

    def inside(self, start: ir.Expression, length: Dim, whole: Dim) -> bool:
        """Whether it is certain that so many elements from a place on are elements of an axis."""
        if not self._is_positive(self._terms(start)):
            return False
        used = Counter(self._terms(start))
        used.update(self._terms(length))
        for total in (whole, *self._sums_of(whole)):
            rest = Counter(self._terms(total))
            rest.subtract(used)
            if self._is_positive(rest):
                return True
        return False

    def _terms(self, value: Size, seen: frozenset[str] = frozenset()) -> Counter[str]:
        """How often each size goes into a sum; the number in it belongs to no name. A size that is
        a sum of itself and others (0 of them) has been `seen`.
        """
        root, number = self._root(value), self._number(value)
        whole = next(iter(self._sums_of(value)), None)
        if isinstance(value, ir.Operation) and value.op in _SUMS:
            whole = value
        elif number is not None:
            return Counter({"": number})
        if root in seen or whole is None:
            return Counter({root: 1})
        first, *others = (self._terms(v, seen | {root}) for v in whole.operands.values())
        found = Counter(first)
        for other in others:
            (found.subtract if whole.op == sub else found.update)(other)
        return found

    def _number(self, size: Size) -> int | None:
        """The number that a size is known to be."""
        root = self._root(size)
        equal = (n for n in self._numbers if self._root(ir.Number(n, "int64")) == root)
        return next(equal, _number(size))

    def _sums_of(self, size: Size) -> list[ir.Operation]:
        return [whole for whole in self._sums if self.same(whole, size)]

    def _is_positive(self, terms: Counter[str]) -> bool:
        """Whether a sum is certainly at least 0: one of sizes, perhaps with one that is itself a
        difference.
        """
        names = {self._root(size) for size in self._sizes}
        for size in (ir.Number(0, "int64"), *self._sizes):
            rest = Counter(terms)
            rest.subtract(self._terms(size))
            if all(n == 0 or (n > 0 and (not key or key in names)) for key, n in rest.items()):
                return True
        return False


def _number(size: Size) -> int | None:
    """The size, if it is known."""
    if isinstance(size, Dim):
        return size.size
    return int(size.value) if isinstance(size, ir.Number) else None
