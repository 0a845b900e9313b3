"""Which elements of its operands an op reads to make one of its result, an index language, and
how the operands must be there for that.

`exp(x)` reads `x[i, j]` at `[i, j]`; a sum over rows reads `x[k, j]` for all `k`; a row of a table
is read where an index says, that is loaded. The op's block says it; the plan makes loops of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True)
class Axis:
    """A size that is the size of axis `axis` of operand `operand`."""

    operand: int
    axis: int


Pair = tuple[Axis, Axis]
"""Axes of operands whose sizes must agree."""

Entries = Sequence[int | None]
"""Where a loop is on the axes of an array: `k` is the loop along axis `k` of the result, `~k` that
over the `k`-th axis that is reduced; None is the only element, or one that is found otherwise.
"""


@dataclass(frozen=True)
class Access:
    """Which elements loops read to make one element of the result.

    `reads` has operands by number, and entries for their axes; what is not there is no array that
    loops read. A product of matrices reads `x[i, k]` and `y[k, j]` for all k:

        Access(((0, (0, ~0)), (1, (~0, 1))), reduced=(Axis(0, 1),))

    What is `scattered` has its loops along the elements, and no loop along its own axes. Along axis
    `carried` of the result, an element hands on what the next one needs: the loop runs in order.
    """

    reads: Sequence[tuple[int, Entries]]
    reduced: Sequence[Axis] = ()
    scattered: bool = False
    carried: int | None = None


@dataclass(frozen=True)
class Whole:
    """An axis as it is."""


@dataclass(frozen=True)
class At:
    """One index along an axis: an operand, by its number."""

    operand: int


@dataclass(frozen=True)
class Range:
    """start:stop:step along an axis: three operands, the first by its number."""

    operand: int


@dataclass(frozen=True)
class From:
    """So many elements along an axis as there are, from one on: an operand, by its number."""

    operand: int


@dataclass(frozen=True)
class Window:
    """What is taken of the first axes; the others are as they are. `x[2, 1:n]` is
    `Window((At(1), Range(2)))`.
    """

    entries: Sequence[Whole | At | Range | From]


@dataclass(frozen=True)
class Strides:
    """For each axis of a part, the axes of the array that it goes along, and how far in a step."""

    steps: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class Reordered:
    """The same numbers in row-major order, under other sizes."""


Layout = Window | Strides | Reordered
"""Where a part of an array lies."""


@dataclass(frozen=True)
class Picked:
    """Elements that index arrays name, one array for each of `axes`. The axes of the arrays, which
    are aligned, stand among the other axes of the array, behind `at` of them.

    >>> str(Picked((0,))), str(Picked((0, 2), 1))
    ('', '{(0, 2), 1}')
    """

    axes: tuple[int, ...]
    at: int = 0

    def __str__(self) -> str:
        """In braces behind the name of an op; nothing for rows."""
        if self.axes == (0,):
            return ""
        return f"{{{self.axes}, {self.at}}}" if self.at else f"{{{self.axes}}}"


class Need(Enum):
    """How an operand must be there for an op that reads it."""

    ANY = auto()
    """Loops read it, and follow views to the numbers."""
    NUMBER = auto()
    """The host reads it: a number, and no view of one."""
    MEMORY = auto()
    """It is read at places that no loop runs along: an array in memory."""
    PACKED = auto()
    """An array in memory without gaps, in row-major order."""
    SLOT = auto()
    """An array in memory that Python may have, or a Python object."""
    OWN = auto()
    """An array in memory that nobody else reads: it is written to."""
