"""The parts of a plan: loops, what runs in them, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from kernelgraph.errors import Located, Origins, resolve
from kernelgraph.graph import Apply, Variable
from kernelgraph.names import lines_cut
from kernelgraph.schedule.dims import Dim


class LoopId(NamedTuple):
    """A loop over a dimension; `copy` tells apart several over one (rows, columns of a square)."""

    dim: Dim
    copy: int

    def __repr__(self) -> str:
        return self.dim.name + "'" * self.copy


Index = tuple[LoopId | None, ...]
"""Where an operand is read: for each axis the loop along it, or None for its only element."""


class Use(NamedTuple):
    """An operand as a loop reads it, behind all views: the variable with the numbers, the index."""

    base: Variable
    at: Index


class Domain(NamedTuple):
    """The loops of a node: all of them outermost first, those that it reduces, where its result and
    operands lie, and whether the result is `scattered`: written out of order. Along `carried`, its
    states go from one iteration to the next. `meeting` are loops whose iterations cannot run at the
    same time, because of this node or of all that read it.
    """

    loops: tuple[LoopId, ...]
    reduced: tuple[LoopId | None, ...]
    own: Index
    uses: tuple[Use, ...]
    scattered: bool
    carried: LoopId | None = None
    meeting: frozenset[LoopId] = frozenset()


@dataclass(eq=False)
class Loop:
    """A loop of a kernel."""

    id: LoopId
    body: Body


@dataclass(eq=False)
class Body:
    """Nodes and loops, in order."""

    items: list[Apply | Loop] = field(default_factory=list["Apply | Loop"])

    def nodes(self) -> Iterator[Apply]:
        """All nodes, those of inner loops included."""
        for item in self.items:
            if isinstance(item, Loop):
                yield from item.body.nodes()
            else:
                yield item


class Space(Enum):
    """In what a value lives, in words."""

    REGISTER = "a register"
    ROW = "scratch of a row"
    SCRATCH = "scratch of the kernel"
    RESULTS = "the memory of the result"
    NUMBER = "a register that the host reads"
    TEMPORARY = "temporary memory"
    RESULT = "memory of the caller"
    OPERAND = "the memory of an operand"


@dataclass(frozen=True)
class Placement:
    """Where a value lives, and why. It is kept for one iteration of so many outer `loops`.

    It `leaves` its kernel if other steps read it; if one of these is a call (`called`), it needs a
    slot.
    """

    where: Space
    why: str
    leaves: bool
    loops: int = 0
    called: bool = False


@dataclass(frozen=True, eq=False)
class NestPosition:
    """Where a node stands in the loops of its kernel: the bodies around it, outermost first, and
    the loops between them.

    In body number `scope` its results are complete. Where loops of the result (`arrays`) run inside
    of one that is reduced, there are as many states; so there are where loops (`apart`) run inside
    of the one along which states are handed on.
    """

    bodies: tuple[Body, ...]
    loops: tuple[LoopId, ...]
    scope: int
    arrays: tuple[LoopId, ...]
    apart: tuple[LoopId, ...] = ()

    def is_seen_from(self, other: NestPosition) -> bool:
        """Whether what is complete here is at hand at another position, in the same iteration."""
        scope = self.scope
        return len(other.bodies) > scope and other.bodies[scope] is self.bodies[scope]


@dataclass(frozen=True)
class Memory:
    """The placements of values and of the states that accumulations go through, and the positions
    of nodes in their kernels.
    """

    placements: dict[Variable, Placement] = field(default_factory=dict[Variable, Placement])
    states: dict[Apply, Placement] = field(default_factory=dict[Apply, Placement])
    positions: dict[Apply, NestPosition] = field(default_factory=dict[Apply, NestPosition])


@dataclass(frozen=True)
class Decision(Located):
    """One decision of the plan, in the form of a rewriting step: what, why, for which lines of the
    user's code, and about which nodes.
    """

    what: str
    why: str
    origins: Origins = field(default=(), repr=False)
    nodes: tuple[Apply, ...] = ()

    def within(self, node: Apply) -> Decision:
        """The same about a graph that a node holds."""
        return replace(self, what=f"inside {node.op.name}: {self.what}", nodes=(node,))

    def __str__(self) -> str:
        lines = sorted({str(resolve(origin)) for origin in self.origins})
        where = f"   ({'; '.join(lines)})" if lines else ""
        return lines_cut(f"{self.what}: {self.why}{where}")
