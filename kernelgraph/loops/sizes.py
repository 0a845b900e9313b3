"""Which sizes are known to be equal: those of one dimension, and those that were checked.

>>> sizes = Sizes()
>>> rows, length = Dim("rows"), Dim("length")
>>> sizes.same(rows, length), sizes.join(rows, length), sizes.same(rows, length)
(False, True, True)
"""

from __future__ import annotations

from kernelgraph.loops import ir
from kernelgraph.loops.text import expression
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
        text = _text(size)
        while text in self._above:
            text = self._above[text]
        return text


def _text(size: Size) -> str:
    if isinstance(size, Dim):
        return size.name if size.size is None else str(size.size)
    return expression(size)
