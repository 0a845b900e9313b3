"""A schedule: what runs, in which order, and how it prints itself.

It is a finished tree: where the host runs a choice or a loop, the step holds the schedules of the
graphs inside. Below, `exp` and the sum share a loop over the columns of `x`:

    0 kernel
        for x_n0
            for x_n1
                exp(x[x_n0, x_n1])
                sum{(1,)}(exp.0[x_n0, x_n1]) over x_n1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgraph.graph import Apply, Graph, Variable, reference
from kernelgraph.names import first_lines, lines_cut, shortened
from kernelgraph.op import Op
from kernelgraph.schedule.dims import Dims
from kernelgraph.schedule.values import (
    Body,
    Decision,
    Domain,
    Index,
    Loop,
    LoopId,
    Memory,
    Placement,
    Space,
    Use,
)
from kernelgraph.writer import Source, Writer


@dataclass(eq=False)
class KernelStep:
    """Nodes that run together, and the parts of what they make that they read or write in place."""

    body: Body
    views: list[Apply] = field(default_factory=list[Apply])


@dataclass(eq=False)
class HostStep:
    """A node that the host runs: a part of an array, a Python call, a library call, a choice, a
    loop. `inner` are the schedules of the graphs that it holds.
    """

    node: Apply
    inner: tuple[Schedule, ...] = ()


ScheduleStep = KernelStep | HostStep


@dataclass(eq=False)
class Schedule:
    """A graph in the order in which it will run, and how it was decided."""

    graph: Graph
    dims: Dims
    steps: Sequence[ScheduleStep]
    domains: Mapping[Apply, Domain]
    decisions: Sequence[Decision]
    memory: Memory = field(default_factory=Memory)

    def nested(self) -> Iterator[Schedule]:
        """This schedule, then those inside of its steps, in the order of the program."""
        yield self
        for step in self.steps:
            for inner in step.inner if isinstance(step, HostStep) else ():
                yield from inner.nested()

    @property
    def kernels(self) -> list[KernelStep]:
        """The kernels of this graph, without those of the graphs inside of it."""
        return [step for step in self.steps if isinstance(step, KernelStep)]

    def text(
        self, variable: Callable[[Variable], str] = reference, op: Callable[[Op], str] = str
    ) -> Source:
        """The steps, each line with its nodes; `variable` and `op` say what these are called."""
        text = _Text(variable, op)
        text.steps(self)
        return text.writer.source()

    def __str__(self) -> str:
        return lines_cut(first_lines(self.text().text.rstrip("\n")))

    __repr__ = __str__


class _Text:
    """Writes the steps of schedules, those inside of a step below it."""

    def __init__(self, variable: Callable[[Variable], str], op: Callable[[Op], str]) -> None:
        self.variable = variable
        self.op = op
        self.writer = Writer()

    def steps(self, schedule: Schedule) -> None:
        for number, step in enumerate(schedule.steps):
            if isinstance(step, HostStep):
                self._host(number, step)
                continue
            with self.writer.block(f"{number} kernel", ""):
                self._body(step.body, schedule.domains)
                for node in step.views:  # another description of memory that the kernel writes
                    self.writer.line(f"in place {self._call(node)}", node)
                self._memory(step.body, schedule.memory)

    def _host(self, number: int, step: HostStep) -> None:
        self.writer.line(f"{number} host {self._call(step.node)}", step.node)
        for k, inner in enumerate(step.inner):
            several = f" {k}" if len(step.inner) > 1 else ""
            reads = ", ".join(map(self.variable, inner.graph.inputs))
            with self.writer.indented(), self.writer.block(f"graph{several} of ({reads})", ""):
                self.steps(inner)

    def _memory(self, body: Body, memory: Memory) -> None:
        """Where what a kernel makes lives, if neither in registers nor in memory that is there."""
        for node in body.nodes():
            for out in node.outputs:
                self._placement(self.variable(out), memory.placements.get(out))
            self._placement(f"states of {self.op(node.op)}", memory.states.get(node))

    def _placement(self, what: str, placement: Placement | None) -> None:
        if placement is not None and placement.where not in (Space.REGISTER, Space.OPERAND):
            self.writer.line(f"{what} in {placement.where.value}: {placement.why}")

    def _call(self, node: Apply) -> str:
        return node.op.applied([*map(self.variable, node.inputs)], self.op(node.op))

    def _body(self, body: Body, domains: Mapping[Apply, Domain]) -> None:
        for item in body.items:
            if isinstance(item, Loop):
                with self.writer.block(f"for {_loop(item.id)}", ""):
                    self._body(item.body, domains)
            else:
                self.writer.line(self._node(item, domains[item]), item)

    def _node(self, node: Apply, domain: Domain) -> str:
        uses = ", ".join(map(self._use, domain.uses))
        over = f" over {_listed(domain.reduced)}" if domain.reduced else ""
        return f"{self.op(node.op)}({uses}){over}"

    def _use(self, use: Use) -> str:
        return self.variable(use.base) + (f"[{_listed(use.at)}]" if use.at else "")


def _listed(index: Index) -> str:
    return ", ".join("0" if entry is None else _loop(entry) for entry in index)


def _loop(loop: LoopId) -> str:
    return shortened(repr(loop))
