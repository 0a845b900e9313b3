"""What a plan is: the order of work, which nodes share a loop, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kernelgraph.errors import Located, Origins, resolve
from kernelgraph.graph import Apply, Graph, Variable, reference
from kernelgraph.names import first_lines, lines_cut
from kernelgraph.schedule.dims import Dim, Dims


class LoopId(NamedTuple):
    """A loop over a dimension; `copy` tells apart several loops over one dimension (rows and
    columns of a square).
    """

    dim: Dim
    copy: int

    def __repr__(self) -> str:
        return self.dim.name + "'" * self.copy


Index = tuple[LoopId | None, ...]
"""Where an operand is read: for each of its axes the loop that runs along it, or None for its only
element.
"""


class Use(NamedTuple):
    """An operand as a loop reads it, behind all views: the variable that has the numbers, and the
    index.
    """

    base: Variable
    at: Index


@dataclass(frozen=True)
class Domain:
    """The loops of a node: all of them outermost first, those that it folds, where its result and
    operands lie.
    """

    loops: tuple[LoopId, ...]
    folded: tuple[LoopId | None, ...]
    own: Index
    uses: tuple[Use, ...]


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


@dataclass(eq=False)
class KernelStep:
    """Nodes that run together."""

    body: Body


@dataclass(eq=False)
class HostStep:
    """A node that the host runs: a part of an array, a Python call, a library call, a choice, a
    loop.
    """

    node: Apply


Step = KernelStep | HostStep


@dataclass(frozen=True)
class Decision(Located):
    """One decision of the plan, in the form of a rewriting step: what, why, for which lines of the
    user's code, and about which nodes.
    """

    what: str
    why: str
    origins: Origins = field(default=(), repr=False)
    nodes: tuple[Apply, ...] = ()

    def __str__(self) -> str:
        lines = sorted({str(resolve(origin)) for origin in self.origins})
        where = f"   ({'; '.join(lines)})" if lines else ""
        return lines_cut(f"{self.what}: {self.why}{where}")


@dataclass(eq=False)
class Schedule:
    """A graph in the order in which it will run, and how it was decided."""

    graph: Graph
    dims: Dims
    steps: Sequence[Step]
    domains: Mapping[Apply, Domain]
    decisions: Sequence[Decision]

    @property
    def kernels(self) -> list[KernelStep]:
        """The kernels alone."""
        return [step for step in self.steps if isinstance(step, KernelStep)]

    def __str__(self) -> str:
        lines: list[str] = []
        for number, step in enumerate(self.steps):
            if isinstance(step, HostStep):
                lines.append(f"{number} host {step.node!r}")
            else:
                lines.append(f"{number} kernel")
                lines += _body_lines(step.body, self.domains, 1)
        return lines_cut(first_lines("\n".join(lines)))

    __repr__ = __str__


def _body_lines(body: Body, domains: Mapping[Apply, Domain], depth: int) -> list[str]:
    lines: list[str] = []
    for item in body.items:
        if isinstance(item, Loop):
            lines.append("  " * depth + f"for {item.id!r}")
            lines += _body_lines(item.body, domains, depth + 1)
        else:
            domain = domains[item]
            uses = ", ".join(_use(use) for use in domain.uses)
            folds = f" over {', '.join(map(repr, domain.folded))}" if domain.folded else ""
            lines.append("  " * depth + f"{item.op}({uses}){folds}")
    return lines


def _use(use: Use) -> str:
    name = reference(use.base)
    return (
        name
        if not use.at
        else f"{name}[{', '.join('0' if i is None else repr(i) for i in use.at)}]"
    )
