"""A schedule: a graph in the order in which it will run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernelgraph.graph import Apply, Graph
from kernelgraph.names import first_lines, lines_cut
from kernelgraph.schedule.dims import Dims
from kernelgraph.schedule.text import steps_text
from kernelgraph.schedule.values import Decision, Domain, KernelStep, Step
from kernelgraph.writer import Source


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

    def text(self) -> Source:
        """The steps, each line with its nodes."""
        return steps_text(self.steps, self.domains)

    def __str__(self) -> str:
        return lines_cut(first_lines(self.text().text.rstrip("\n")))

    __repr__ = __str__
