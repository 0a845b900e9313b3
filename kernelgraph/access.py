"""Which elements of its operands an op reads to make one of its result: an index language.

`exp(x)` reads `x[i, j]` at `[i, j]`; a sum over rows reads `x[k, j]` for all `k`; a row of a table
is read where an index says, that is loaded. The op's block says it; the plan makes loops of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """A size that is the size of axis `axis` of operand `operand`."""

    operand: int
    axis: int


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

    What is `scattered` has its loops along the elements, and no loop along its own axes.
    """

    reads: Sequence[tuple[int, Entries]]
    reduced: Sequence[Axis] = ()
    scattered: bool = False
