"""What the iterations of a loop share: whether they may run at the same time.

In `for i: s = 0; for j: s += x[i, j]; y[i] = s` every iteration writes an element of its own, and
`s` begins in it: they share nothing. In `for i: t += y[i]` they share `t`, which is reduced:
partial states may be combined. In `for i: for j: c[j] += x[i, j]` all of them add to `c`. In `for
i: for j: e[j] = exp(x[i, j])` then `for j: y[i, j] = e[j]` each fills `e` before it reads it: `e`
is scratch, and each could have one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kernelgraph.loops import ir
from kernelgraph.loops.walks import loads, nested, values

Index = Sequence[ir.Expression]


@dataclass(frozen=True)
class Sharing:
    """What the iterations of one loop share, beyond reading.

    `reduced` are states that they combine with values of their own, in any grouping; `carried` are
    numbers that one iteration hands to the next; `added` are buffers to whose elements all of them
    add; `scratch` are buffers that each fills before it reads them; `mixed` are buffers of which
    one iteration may read or write what another writes.
    """

    reduced: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    added: frozenset[ir.Buffer] = frozenset()
    scratch: frozenset[ir.Buffer] = frozenset()
    mixed: frozenset[ir.Buffer] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether iterations may run in any order, and at the same time."""
        return not (self.reduced or self.carried or self.added or self.scratch or self.mixed)

    def __str__(self) -> str:
        names = [*sorted(self.reduced | self.carried)]
        names += sorted(b.name for b in self.added | self.scratch | self.mixed)
        return ", ".join(names) or "nothing"


def sharing(loop: ir.For, overlapping: Iterable[ir.Buffer] = ()) -> Sharing:
    """What the iterations of a loop share; `overlapping` are buffers that are parts of others."""
    inside = list(nested(loop.body))
    own = {item.name for item in inside if isinstance(item, ir.Local)}
    reduced = {item.name for item in inside if isinstance(item, ir.Reduce)} - own
    carried = {item.name for item in inside if isinstance(item, ir.Assign)} - own
    carried |= {item.counter for item in inside if isinstance(item, ir.Carry)}
    stores = [item for item in inside if isinstance(item, ir.Store)]
    kinds: dict[str, set[ir.Buffer]] = {"added": set(), "scratch": set(), "mixed": set()}
    aliases = set(overlapping)
    for buffer in dict.fromkeys(item.buffer for item in stores):
        uses = _uses(inside, buffer)
        if buffer in aliases or buffer.overlaps:
            kinds["mixed"].add(buffer)
        elif not (_is_private(buffer) or _by_iteration(uses, loop.index)):
            kinds[_kind(inside, buffer)].add(buffer)
    return Sharing(
        frozenset(reduced - carried),
        frozenset(carried),
        *(frozenset(kinds[kind]) for kind in ("added", "scratch", "mixed")),
    )


def reductions(loop: ir.For) -> list[ir.Reduce]:
    """What the iterations of a loop bring together: reductions of states that begin outside."""
    inside = list(nested(loop.body))
    own = {item.name for item in inside if isinstance(item, ir.Local)}
    return [item for item in inside if isinstance(item, ir.Reduce) and item.name not in own]


def touched(item: ir.Statement) -> tuple[set[ir.Buffer], set[ir.Buffer]]:
    """The buffers that a statement, with all inside of it, reads and those that it writes."""
    inside = list(nested([item]))
    reads = {x.buffer for part in inside for value in values(part) for x in loads(value)}
    return reads, {part.buffer for part in inside if isinstance(part, ir.Store)}


def _is_private(buffer: ir.Buffer) -> bool:
    """Whether a buffer belongs to one iteration by its scope."""
    return buffer.scope == "local"


def _uses(inside: Sequence[ir.Statement], buffer: ir.Buffer) -> list[Index]:
    """Where a buffer is read and written."""
    uses: list[Index] = []
    for item in inside:
        uses += [x.index for value in values(item) for x in loads(value) if x.buffer is buffer]
        if isinstance(item, ir.Store) and item.buffer is buffer:
            uses.append(item.index)
    return uses


def _by_iteration(uses: Sequence[Index], index: str) -> bool:
    """Whether one axis is along the loop wherever the buffer is used."""

    def along(use: Index, axis: int) -> bool:
        entry = use[axis]
        return isinstance(entry, ir.Name) and entry.name == index

    return any(all(along(use, axis) for use in uses) for axis in range(len(uses[0])))


def _kind(inside: Sequence[ir.Statement], buffer: ir.Buffer) -> str:
    """How iterations share a buffer that is not theirs by an axis."""
    if all(_only_adds(item, buffer) for item in inside):
        return "added"
    return "scratch" if _is_filled_first(inside, buffer) else "mixed"


def _only_adds(item: ir.Statement, buffer: ir.Buffer) -> bool:
    """Whether a statement touches a buffer only to add to an element of it."""
    read = [load for value in values(item) for load in loads(value) if load.buffer is buffer]
    if not isinstance(item, ir.Store) or item.buffer is not buffer:
        return not read
    return len(read) == 1 and _same(read[0].index, item.index)


def _same(left: Index, right: Index) -> bool:
    return all(
        isinstance(a, ir.Name) and isinstance(b, ir.Name) and a.name == b.name
        for a, b in zip(left, right, strict=True)
    )


def _is_filled_first(inside: Sequence[ir.Statement], buffer: ir.Buffer) -> bool:
    """Whether all elements are written before the first is read."""
    along = {item.index: item.dim for item in inside if isinstance(item, ir.For)}
    numbers: set[int] = set()
    for item in inside:
        if any(load.buffer is buffer for value in values(item) for load in loads(value)):
            return False
        if not isinstance(item, ir.Store) or item.buffer is not buffer:
            continue
        if all(
            isinstance(entry, ir.Name) and along.get(entry.name) is dim
            for entry, dim in zip(item.index, buffer.dims, strict=True)
        ):
            return True
        (entry, *others) = item.index
        if not others and isinstance(entry, ir.Number):
            numbers.add(int(entry.value))
            if len(numbers) == buffer.dims[0].size:
                return True
    return False
