"""What must hold in every schedule: each node runs once, in its loops, after all that it needs, and
reads only what still lives.

Inside one kernel a node may read what another makes in the same iteration of a loop that both are
in: `exp(x[i])` and then `exp.0[i] + 1`. What is summed over a loop, or is read at other iterations
of it or in part (`exp.0[1:]`), is complete only after that loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Control
from kernelgraph.schedule.parts import is_formula, is_part, places
from kernelgraph.schedule.schedule import HostStep, Schedule
from kernelgraph.schedule.values import Body, Loop, Space, Use


def verify_schedule(schedule: Schedule) -> Schedule:
    """The schedule itself, if it and those inside of it are valid.

    Raises `InvalidProgramError` (KG-K020), which names the step, the node and the user's line.
    """
    for one in schedule.nested():
        _Check(one).run()
    return schedule


class _Check:
    """Goes through the steps of one schedule in order."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.done: dict[Apply, tuple[Loop, ...]] = {}
        """The nodes that have run, and the loops around each in the kernel that it is in."""
        self.inside: dict[Apply, tuple[Loop, ...]] = {}
        """Those of the present kernel."""
        self.parts: set[Apply] = set()
        """Those of what the present kernel makes."""
        self.number = 0

    def run(self) -> None:
        for number, step in enumerate(self.schedule.steps):
            self.number = number
            if isinstance(step, HostStep):
                self._host(step)
                continue
            self.inside = {}
            self.parts = set(step.views)
            for node, around in _nodes(step.body, ()):
                self._once(node)
                self._in_its_loops(node, around)
                for use in self.schedule.domains[node].uses:
                    self._is_made(node, around, use)
                self.done[node] = self.inside[node] = around
            for node in step.views:
                self._part(node)
            self.done.update(dict.fromkeys(self.inside, ()))  # complete, whatever loops it was in
        for node in self.schedule.graph.apply_nodes():
            if not (node.op.virtual or node in self.done or self._is_left(node)):
                self._refuse(node, "is in no step")

    def _is_left(self, node: Apply) -> bool:
        """Whether the host may work out a number where it needs it."""
        is_result = node.outputs[0] in self.schedule.graph.outputs
        return is_formula(node, self.schedule.dims) and not is_result

    def _host(self, step: HostStep) -> None:
        node = step.node
        if is_part(node):
            self._part(node)
            return
        self._once(node)
        for operand in node.inputs:
            self._has_run(node, operand)
        graphs = len(node.op.graphs) if isinstance(node.op, Control) else 0
        if len(step.inner) != graphs:
            self._refuse(node, f"has {len(step.inner)} schedules for {graphs} graphs")
        self.done[node] = ()

    def _part(self, node: Apply) -> None:
        """A part of memory that is there, at a place that the host knows."""
        self._once(node)
        computed = (v for v in places(node) if not self.schedule.dims.on_the_host(v))
        for operand in (node.inputs[0], *computed):
            self._has_run(node, operand)
        self.done[node] = ()

    def _once(self, node: Apply) -> None:
        if node in self.done:
            self._refuse(node, "runs twice")

    def _has_run(self, node: Apply, operand: Variable) -> None:
        producer = operand.owner
        if producer is not None and producer not in self.done and not producer.op.virtual:
            self._refuse(node, f"needs {producer!r}, which has not run")

    def _in_its_loops(self, node: Apply, around: Sequence[Loop]) -> None:
        loops = self.schedule.domains[node].loops
        if [loop.id for loop in around] != list(loops):
            self._refuse(node, f"is not in its loops, which are {loops}")

    def _is_made(self, node: Apply, around: Sequence[Loop], use: Use) -> None:
        """Whether what a node reads is there: behind all views, at this index."""
        base, producer = use.base, use.base.owner
        while producer in self.parts:
            base = producer.inputs[0]
            producer = base.owner
        self._has_run(node, base)
        if producer is None or producer.op.virtual:
            return
        self._still_lives(node, around, base)
        for shared in (loop for loop in around if loop in self.done[producer]):
            domain = self.schedule.domains[producer]
            if base is not use.base:
                self._refuse(node, f"reads a part of {producer!r} before its loop is over")
            if shared.id in domain.reduced:
                self._refuse(node, f"reads {producer!r} before its loop is over")
            for mine, read in zip(domain.own, use.at, strict=True):
                if mine == shared.id and read != mine:
                    self._refuse(node, f"reads {producer!r} at other iterations than this one")

    def _still_lives(self, node: Apply, around: Sequence[Loop], base: Variable) -> None:
        """Whether a value lives as long as until a node reads it."""
        producer, memory = base.owner, self.schedule.memory
        assert producer is not None
        if producer not in self.inside:
            if not memory.placements[base].leaves:
                self._refuse(node, f"reads {producer!r}, which does not leave its kernel")
            return
        placement, position = memory.placements[base], memory.positions[producer]
        single = placement.where in (Space.REGISTER, Space.NUMBER)
        kept = position.scope if single else placement.loops
        if list(around[:kept]) != list(self.inside[producer][:kept]):
            where = placement.where.value
            self._refuse(node, f"reads {producer!r} where it lives no more, in {where}")

    def _refuse(self, node: Apply, what: str) -> None:
        raise InvalidProgramError(
            f"plan made a schedule that is not valid: {node!r} {what}, in step {self.number}",
            origins=node.origins,
            hint="this is a fault of kernelgraph and not of your code; please report it",
        )


def _nodes(body: Body, around: tuple[Loop, ...]) -> Iterator[tuple[Apply, tuple[Loop, ...]]]:
    """The nodes of a body in the order in which they run, and the loops around each."""
    for item in body.items:
        if isinstance(item, Loop):
            yield from _nodes(item.body, (*around, item))
        else:
            yield item, around
