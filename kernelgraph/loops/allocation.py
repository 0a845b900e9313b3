"""Where the numbers of a kernel live: decided once, from the loop tree alone, before a statement is
written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernelgraph.access import Need
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.sources import MakeVector
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.schedule.values import Body, Loop, LoopId


@dataclass(eq=False)
class Place:
    """Where a node stands in the loop tree: the bodies around it, outermost first, and the loops
    between them.
    """

    bodies: tuple[Body, ...]
    loops: tuple[LoopId, ...]


@dataclass(eq=False)
class Allocation:
    """Where a node's results live.

    `scope` is the body in which they are locals; `outside` are loops of the result that are turned
    inside a reduced one, so that there are many accumulators. `depth` counts the loops around its
    buffers.
    """

    scope: int
    arrays: tuple[LoopId, ...]
    buffer_depth: int | None
    leaves: bool


class Allocations:
    """Places and allocations of all nodes of a kernel.

    `used_later` says whether other steps read a variable.
    """

    def __init__(
        self, schedule: Schedule, body: Body, used_later: Callable[[Variable], bool]
    ) -> None:
        self.schedule = schedule
        self.places: dict[Apply, Place] = {}
        self._walk(body, (body,), ())
        self._readers = self._consumers()
        self.allocations = {node: self._allocation(node, used_later) for node in self.places}

    def _walk(self, body: Body, bodies: tuple[Body, ...], loops: tuple[LoopId, ...]) -> None:
        for item in body.items:
            if isinstance(item, Loop):
                self._walk(item.body, (*bodies, item.body), (*loops, item.id))
            else:
                self.places[item] = Place(bodies, loops)

    def _consumers(self) -> dict[Apply, list[Apply]]:
        found: dict[Apply, list[Apply]] = {node: [] for node in self.places}
        for node in self.places:
            for base, _ in self.schedule.domains[node].uses:
                if base.owner in found:
                    found[base.owner].append(node)
        return found

    def _allocation(self, node: Apply, used_later: Callable[[Variable], bool]) -> Allocation:
        place, domain = self.places[node], self.schedule.domains[node]
        reductions = [depth for depth, loop in enumerate(place.loops) if loop in domain.reduced]
        scope = reductions[0] if reductions else len(place.loops)
        arrays = tuple(loop for loop in place.loops[scope:] if loop not in domain.reduced)
        leaves = any(used_later(out) for out in node.outputs)
        users = self._readers[node]
        consumers = [self.places[consumer] for consumer in users]
        apart = [
            p
            for p in consumers
            if len(p.bodies) <= scope or p.bodies[scope] is not place.bodies[scope]
        ]
        whole = any(self._wants_memory(consumer, node) for consumer in users)
        stored = isinstance(node.op, MakeVector) or node.op.access(node).scattered
        if leaves or whole or stored:
            return Allocation(scope, arrays, 0, leaves)
        if not apart and not arrays:
            return Allocation(scope, arrays, None, leaves)
        depth = scope
        for other in apart:
            shared = sum(1 for a, b in zip(place.bodies, other.bodies, strict=False) if a is b) - 1
            depth = min(depth, shared)
        return Allocation(scope, arrays, depth, leaves)

    def _wants_memory(self, consumer: Apply, producer: Apply) -> bool:
        """Whether a node reads anywhere in what another one makes, or writes to it."""
        pairs = zip(consumer.inputs, consumer.op.needs(consumer), strict=True)
        return any(v.owner is producer for v, need in pairs if need in (Need.MEMORY, Need.OWN))
