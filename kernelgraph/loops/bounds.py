"""Which sizes are known to be equal: those of one dimension, and those that were checked. And
whether a block lies inside of an axis: arithmetic with sizes, of which sums are understood, and
that equal formulas of equal sizes are equal.

>>> sizes = Sizes()
>>> rows, length = Dim("rows"), Dim("length")
>>> sizes.same(rows, length), sizes.join(rows, length), sizes.same(rows, length)
(False, True, True)
>>> n, m, both = Dim("n"), Dim("m"), Dim("both")
>>> bounds = Bounds()
>>> bounds.define(n, ir.SlotSize(0, 0)), bounds.define(m, ir.SlotSize(1, 0))
(None, None)
>>> bounds.define(both, ir.Operation(add, {"x": ir.Name("n"), "y": ir.Name("m")}, "int64"))
>>> bounds.inside(ir.Name("n"), m, both), bounds.inside(ir.Name("m"), m, both)
(True, False)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.loops import ir
from kernelgraph.loops.printer import size as size_text
from kernelgraph.loops.text import expression
from kernelgraph.ops.arithmetic import add, sub
from kernelgraph.ops.blocks import padded_size
from kernelgraph.schedule.dims import Dim

Size = Dim | ir.Expression


class Sizes:
    """Sizes that have been found equal."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def copy(self) -> Sizes:
        """The same, to be added to inside a branch."""
        new = Sizes()
        new._above = dict(self._above)
        return new

    def same(self, a: Size, b: Size) -> bool:
        """Whether two sizes are known to be equal."""
        return self._root(a) == self._root(b)

    def join(self, a: Size, b: Size) -> bool:
        """Gather two sizes to be equal. Tells whether that is news."""
        below, above = self._root(a), self._root(b)
        if below == above:
            return False
        self._above[below] = above
        return True

    def _root(self, size: Size) -> str:
        text = size_text(size) if isinstance(size, Dim) else expression(size)
        while text in self._above:
            text = self._above[text]
        return text


_SUMS = (add, sub, padded_size)

_NUMBER = ""
"""What stands for the number in a sum, in place of a size."""


class Bounds(Sizes):
    """Sizes that have been found equal, what they are computed from, and what is at least 0."""

    def __init__(self) -> None:
        super().__init__()
        self._defined: list[tuple[Dim, ir.Expression]] = []
        """In order: each from what is defined before."""
        self._equal: list[ir.Expression] = []
        """All formulas that sizes were found equal to."""
        self._sizes: list[Size] = []
        self._found: dict[str, Counter[str]] = {}

    def copy(self) -> Bounds:
        """The same, to be added to inside a branch."""
        new = Bounds()
        new._above, new._defined = {**self._above}, [*self._defined]
        new._equal, new._sizes = [*self._equal], [*self._sizes]
        return new

    def join(self, a: Size, b: Size) -> bool:
        """Gather two sizes to be equal. Tells whether that is news."""
        known = [ir.Number(n, "int64") for v in (a, b) if (n := _number(v)) is not None]
        self._equal += [*known, *(v for v in (a, b) if isinstance(v, ir.Operation))]
        self._found.clear()
        return super().join(a, b)

    def define(self, dim: Dim, value: ir.Expression, is_size: bool = True) -> None:
        """A size has a name from now on; `is_size`: it is certainly at least 0."""
        self.join(dim, value)
        self._defined.append((dim, value))
        if is_size:
            self._sizes.append(dim)
            for whole in (v for v in self._equal if self.same(v, dim)):
                if isinstance(whole, ir.Operation) and whole.op == padded_size:  # it would be -1
                    self._sizes += whole.operands.values()

    def inside(self, start: ir.Expression, length: Dim, whole: Dim) -> bool:
        """Whether it is certain that so many elements from a place on are elements of an axis: by
        what was found equal, or by how sizes are defined alone. Where n = n + n was found, which
        makes n 0, only the definitions still tell 2n from n.
        """
        return self._is_inside(start, length, whole) or self._as_defined()._is_inside(
            start, length, whole
        )

    def _as_defined(self) -> Bounds:
        """The same sizes, before any were found equal."""
        new = Bounds()
        for dim, value in self._defined:
            new.define(dim, value, dim in self._sizes)
        return new

    def _is_inside(self, start: ir.Expression, length: Dim, whole: Dim) -> bool:
        used = Counter(self._terms(start))
        if not self._is_positive(used):
            return False
        used.update(self._terms(length))
        for total in (whole, *(v for v in self._equal if self.same(v, whole))):
            rest = self._terms(total)
            rest.subtract(used)
            if self._is_positive(rest):
                return True
        return False

    def _terms(self, value: Size) -> Counter[str]:
        """How often each size goes into a sum; a size is told by its formula, if it has one."""
        root = self._root(value)
        if isinstance(value, ir.Operation) and value.op in _SUMS:
            return self._of_formula(value)
        if root not in self._found:
            self._found[root] = self._of_size(value)
        return Counter(self._found[root])

    def _of_size(self, value: Size) -> Counter[str]:
        known = [_number(v) for v in (value, *self._equal) if self.same(v, value)]
        number = next((n for n in known if n is not None), None)
        if number is not None:
            return Counter({_NUMBER: number})
        formulas = (formula for dim, formula in self._defined if self.same(dim, value))
        formula = next(formulas, value)
        known_by_name = not isinstance(formula, ir.Operation)
        return Counter({self._root(value): 1}) if known_by_name else self._of_formula(formula)

    def _of_formula(self, formula: ir.Operation) -> Counter[str]:
        parts = [self._terms(v) for v in formula.operands.values()]
        if formula.op not in _SUMS:
            numbers = [part[_NUMBER] for part in parts if part.keys() <= {_NUMBER}]
            if len(numbers) == len(parts) and isinstance(formula.op, Elementwise):
                return Counter({_NUMBER: _computed(formula.op, numbers)})
            operands = ", ".join(str(sorted(part.items())) for part in parts)
            return Counter({f"{formula.op.name}({operands})": 1})
        found = Counter(parts[0])
        for part in parts[1:]:
            (found.subtract if formula.op == sub else found.update)(part)
        return found

    def _is_positive(self, terms: Counter[str]) -> bool:
        """Whether a sum is certainly at least 0: of sizes, perhaps one itself a difference."""
        sizes = [self._terms(size) for size in self._sizes]
        names = {_NUMBER, *(key for part in sizes for key in part if part == Counter({key: 1}))}
        for part in (Counter[str](), *sizes):
            rest = Counter(terms)
            rest.subtract(part)
            if all(n == 0 or (n > 0 and key in names) for key, n in rest.items()):
                return True
        return False


def _computed(op: Elementwise, numbers: Sequence[int]) -> int:
    """A formula of numbers, such as the length of a part of an axis of declared size."""
    with np.errstate(all="ignore"):
        return int(op.numpy(*np.array(numbers, "int64")))


def _number(size: Size) -> int | None:
    """The size, if it is declared."""
    if isinstance(size, Dim):
        return size.size
    return int(size.value) if isinstance(size, ir.Number) else None
