"""Decide which nodes run in one loop, and in which order everything runs.

The algorithm is greedy and linear: nodes are taken producers first, and each goes into the earliest
loop over its outermost dimension that starts no earlier than all it needs. A node may join a loop
beside its producer if it reads, at every iteration, just what the producer made at that iteration;
the sum over a dimension is complete only after that loop.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

from kernelgraph.errors import merge_origins
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.op import Control, Scatter, View
from kernelgraph.ops.arithmetic import identity
from kernelgraph.ops.sources import measured
from kernelgraph.schedule.dims import Dim, Dims, settle_sizes
from kernelgraph.schedule.facts import CPU, Facts
from kernelgraph.schedule.memory import lay_out
from kernelgraph.schedule.parts import early_parts, is_part, left_to_the_host, places, with_parts
from kernelgraph.schedule.prepare import is_library, prepare
from kernelgraph.schedule.schedule import HostStep, KernelStep, Schedule, ScheduleStep
from kernelgraph.schedule.values import (
    Body,
    Decision,
    Domain,
    Index,
    Loop,
    LoopId,
    Use,
)
from kernelgraph.schedule.writes import copied, in_place
from kernelgraph.size_facts import with_facts


def plan(graph: Graph, facts: Facts = CPU, *, nested: bool = False, fuse: bool = True) -> Schedule:
    """A schedule for `graph` on a machine: its kernels, its host work, and the reasons; and the
    schedules of the graphs that its nodes hold.

    `nested` graphs are such inner ones. Without `fuse`, every node outside of these is a kernel of
    its own.
    """
    graph = prepare(with_facts(graph), facts, nested)
    dims = Dims(graph)
    settle_sizes(dims, graph)
    nodes = graph.apply_nodes()
    domains = Domains(dims, facts.parallel).of(nodes, graph.outputs)
    most = facts.most_nodes if fuse else 1
    parts = early_parts(nodes, dims)
    placing = _Placing(graph, dims, domains, most)
    left = left_to_the_host(graph, domains, dims)
    placed = placing.place([n for n in nodes if not (n.op.virtual or n in left)], parts)
    steps = with_parts(_group(placed, most, facts), [n for n in nodes if n in parts])
    decisions = [*_decisions(steps), *placing.refused.values(), *_memory_decisions(graph)]
    memory = lay_out(graph, dims, steps, domains)
    return Schedule(graph, dims, steps, domains, decisions, memory)


# -------------------------------------------------------------------------------------------------


class Domains:
    """Works out the loops of every node; `parallel`: with those outside that share nothing."""

    def __init__(self, dims: Dims, parallel: bool = False) -> None:
        self.dims = dims
        self.parallel = parallel

    def of(self, nodes: Sequence[Apply], outputs: Iterable[Variable] = ()) -> dict[Apply, Domain]:
        """The domain of every node that loops compute, with loops in one common order."""
        found = {node: self._domain(node) for node in nodes if node.op.looped}
        rank = _rank(found.values())
        for node, domain in found.items():
            found[node] = domain._replace(loops=tuple(sorted(domain.loops, key=rank.__getitem__)))
        return _in_parallel(found, outputs) if self.parallel else found

    def own_index(self, variable: Variable) -> Index:
        """The loops along the axes of a result."""
        copies: dict[object, int] = {}
        return tuple(self._loop(variable, axis, copies) for axis in range(variable.ndim))

    def _loop(self, variable: Variable, axis: int, copies: dict[object, int]) -> LoopId | None:
        dim = self.dims.of(variable, axis)
        if dim.size == 1:
            return None
        copies[dim] = copies.get(dim, -1) + 1
        return LoopId(dim, copies[dim])

    def _domain(self, node: Apply) -> Domain:
        own = self.own_index(node.outputs[0])
        copies: dict[object, int] = {}
        for loop in own:
            if loop is not None:
                copies[loop.dim] = max(copies.get(loop.dim, -1), loop.copy)
        access = node.op.access(node)
        if access.scattered:
            copies.clear()
            own = (None,) * node.out.ndim
        ends = ((node.inputs[end.operand], end.axis) for end in access.reduced)
        reduced = tuple(self._loop(*end, copies) for end in ends)

        def at(entry: int | None) -> LoopId | None:
            if entry is None:
                return None
            return own[entry] if entry >= 0 else reduced[~entry]

        uses = [(node.inputs[k], tuple(map(at, entries))) for k, entries in access.reads]
        resolved = tuple(behind_views(Use(v, index)) for v, index in uses)
        loops = dict.fromkeys(loop for loop in (*own, *reduced) if loop is not None)
        carried = None if access.carried is None else own[access.carried]
        return Domain(tuple(loops), reduced, own, resolved, access.scattered, carried)


def _in_parallel(
    domains: Mapping[Apply, Domain], outputs: Iterable[Variable]
) -> dict[Apply, Domain]:
    """Domains with the loops inside whose iterations meet. What only one kind of reduction reads,
    at the same iterations, has its loops in the same order, so that both are one loop.
    """
    readers: dict[Apply, list[tuple[Domain, Index]] | None] = {
        v.owner: None for v in outputs if v.owner is not None
    }
    found: dict[Apply, Domain] = {}
    for node in reversed([*domains]):
        domain = domains[node]
        meeting = {loop for loop in domain.loops if _meets(domain, loop)}
        reading = readers.get(node)
        alike = [one for one, at in reading or () if at == domain.own]
        if not meeting and reading and len(alike) == len(reading):
            first = alike[0]
            same = all((o.loops, o.meeting) == (first.loops, first.meeting) for o in alike)
            if same and set(first.loops) == set(domain.loops):
                meeting, domain = set(first.meeting), domain._replace(loops=first.loops)
        loops = tuple(sorted(domain.loops, key=meeting.__contains__))
        domain = found[node] = domain._replace(loops=loops, meeting=frozenset(meeting))
        for base, index in domain.uses:
            if base.owner is not None and readers.setdefault(base.owner, []) is not None:
                known = readers[base.owner]
                assert known is not None
                known.append((domain, index))
    return {node: found[node] for node in domains}


def _meets(domain: Domain, loop: LoopId) -> bool:
    return domain.scattered or loop in domain.reduced or loop == domain.carried


def behind_views(use: Use) -> Use:
    """The use of what a view looks at."""
    base, index = use
    while base.owner is not None and isinstance(base.owner.op, View):
        source = base.owner.op.source_index(base.owner, index)
        index = tuple(None if entry == 0 else entry for entry in source)
        base = base.owner.inputs[0]
    return Use(base, index)


def _rank(domains: Iterable[Domain]) -> dict[LoopId, int]:
    """One order of all loops: what runs along later axes of the arrays read goes inside."""
    first_seen: dict[LoopId, None] = {}
    votes: dict[tuple[LoopId, LoopId], int] = {}
    for domain in domains:
        first_seen.update(dict.fromkeys(domain.loops))
        for _, index in domain.uses:
            along = [loop for loop in index if loop is not None]
            for pair in pairwise(along):
                votes[pair] = votes.get(pair, 0) + 1
    outside: dict[LoopId, list[LoopId]] = {}
    for (outer, inner), count in votes.items():
        if count > votes.get((inner, outer), 0):
            outside.setdefault(inner, []).append(outer)
    rank: dict[LoopId, int] = {}
    for loop in first_seen:
        stack = [loop]
        visiting: set[LoopId] = set()
        while stack:
            top = stack[-1]
            visiting.add(top)
            waiting = [o for o in outside.get(top, ()) if o not in rank and o not in visiting]
            if waiting:
                stack.append(waiting[0])
            else:
                stack.pop()
                rank.setdefault(top, len(rank))
    return rank


# -------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Item:
    """A loop, a run of nodes without loops (`loop` is None), or one node of the host."""

    loop: LoopId | None
    nodes: list[Apply] = field(default_factory=list[Apply])
    body: Body = field(default_factory=Body)
    host: Apply | None = None
    waits: bool = False
    """Whether the host must have run all before it: it needs sizes that are computed there."""


_Kind = tuple[LoopId | None, bool]
"""A loop, and whether its iterations meet."""

_NO_LOOP: _Kind = (None, False)


class _Placing:
    def __init__(
        self, graph: Graph, dims: Dims, domains: Mapping[Apply, Domain], most: int
    ) -> None:
        self.graph = graph
        self.most = most
        self.domains = domains
        self.dims = dims
        self.refused: dict[Apply, Decision] = {}
        """For nodes that a loop over their own dimension could not take in: why not."""

    def place(self, nodes: Sequence[Apply], parts: AbstractSet[Apply]) -> list[_Item]:
        """All work of a graph, in order; `parts` are no work, but complete what they are of."""
        items = self._level(nodes, frozenset(), parts)
        for item in items:
            if item.host is None:
                item.body = self._body(item, frozenset())
        return items

    def _body(self, item: _Item, fixed: frozenset[LoopId]) -> Body:
        if item.loop is None:
            return Body(list(item.nodes))
        inside = fixed | {item.loop}
        body = Body()
        for part in self._level(item.nodes, inside):
            body.items += self._body(part, inside).items
        return Body([Loop(item.loop, body)])

    def _level(
        self,
        nodes: Sequence[Apply],
        fixed: frozenset[LoopId],
        parts: AbstractSet[Apply] = frozenset(),
    ) -> list[_Item]:
        items: list[_Item] = []
        position: dict[Apply, int] = {}
        open_items: dict[_Kind, list[int]] = {}
        for node in nodes:
            if node in parts:
                owner = node.inputs[0].owner
                position[node] = position.get(owner, -1) if owner is not None else -1
                continue
            if node not in self.domains:
                position[node] = len(items)
                items.append(_Item(None, host=node))
                continue
            loops = [loop for loop in self.domains[node].loops if loop not in fixed]
            first = loops[0] if loops else None
            lowest, waits = self._earliest(node, first, items, position)
            kind = first, not fixed and first in self.domains[node].meeting
            here = self._find(open_items.get(kind, []), lowest, items, waits)
            if here is None:
                here = self._open(kind, waits, items, open_items)
            items[here].nodes.append(node)
            position[node] = here
        return items

    def _open(
        self,
        kind: _Kind,
        waits: bool,
        items: list[_Item],
        open_items: dict[_Kind, list[int]],
    ) -> int:
        """A new item at the end.

        Before a loop there is always room for single numbers that the loop may need.
        """
        for each in [_NO_LOOP, kind] if kind != _NO_LOOP else [_NO_LOOP]:
            items.append(_Item(each[0], waits=waits))
            open_items.setdefault(each, []).append(len(items) - 1)
        return len(items) - 1

    def _find(
        self, candidates: Sequence[int], lowest: int, items: Sequence[_Item], waits: bool
    ) -> int | None:
        for k in range(bisect_left(candidates, lowest), len(candidates)):
            item = items[candidates[k]]
            if len(item.nodes) < self.most and (item.waits or not waits):
                return candidates[k]
        return None

    def _earliest(
        self,
        node: Apply,
        first: LoopId | None,
        items: Sequence[_Item],
        position: Mapping[Apply, int],
    ) -> tuple[int, bool]:
        """The first item that `node` may join, and whether it needs a size computed here."""
        lowest, waits = 0, False
        domain = self.domains[node]
        for base, index in domain.uses:
            producer = base.owner
            if producer is None or producer not in position:
                continue
            at = position[producer]
            whole = producer not in self.domains  # a part of an array that must be there
            joins = not whole and self._joins(items[at], producer, index, first)
            if not (joins or whole) and first is not None and first == items[at].loop:
                self.refused.setdefault(node, self._refusal(node, producer, first))
            lowest = max(lowest, at if joins else at + 1)
        for producer in self._before_the_kernel(node):
            if producer in position:
                lowest, waits = max(lowest, position[producer] + 1), True
        return lowest, waits

    def _before_the_kernel(self, node: Apply) -> Iterable[Apply]:
        """What must have run before a node's kernel: what makes its sizes and places to write."""
        for dim in self._sizes_read(self.domains[node]):
            yield from self.dims.makers(dim)
        if self.domains[node].scattered:
            for dim in self.dims.all_of(node.out):
                yield from self.dims.makers(dim)
            computed = (v for v in places(node) if not self.dims.on_the_host(v))
            yield from (v.owner for v in computed if v.owner is not None)

    def _sizes_read(self, domain: Domain) -> Iterable[Dim]:
        """The dimensions whose sizes a node needs: of its loops, and those that are operands."""
        yield from (loop.dim for loop in domain.loops)
        for base, _ in domain.uses:
            size = measured(base)
            if size is not None:
                yield self.dims.of(*size)

    def _refusal(self, node: Apply, producer: Apply, loop: LoopId) -> Decision:
        what = f"kept apart: {node!r} needs a loop over {loop!r} of its own"
        if loop in self.domains[producer].reduced:
            why = f"{producer!r} is complete only after all of its loop"
        else:
            why = f"it reads what {producer!r} makes at other iterations"
        return Decision(what, why, node.origins, (node, producer))

    def _joins(self, item: _Item, producer: Apply, index: Index, first: LoopId | None) -> bool:
        if item.host is not None:
            return False
        if item.loop is None:
            return True
        domain = self.domains[producer]
        return (
            first == item.loop
            and item.loop not in domain.reduced
            and all(
                loop != item.loop or index[axis] == loop for axis, loop in enumerate(domain.own)
            )
        )


def _group(items: Sequence[_Item], most: int, facts: Facts) -> list[ScheduleStep]:
    """Neighbouring loops make one kernel, as long as the host has nothing to do in between; where
    they run in parallel, or are many, each makes one.
    """
    loops = [item for item in items if item.loop is not None]
    apart = facts.parallel or len(loops) > facts.most_loops
    steps: list[ScheduleStep] = []
    run: list[_Item] = []

    def close() -> None:
        parts = [part for item in run for part in item.body.items]
        if parts:
            steps.append(KernelStep(Body(parts)))
        run.clear()

    for item in items:
        if item.host is not None:
            close()
            graphs = item.host.op.graphs if isinstance(item.host.op, Control) else ()
            inner = tuple(plan(graph, facts, nested=True) for graph in graphs)
            steps.append(HostStep(item.host, inner))
            continue
        if item.waits or sum(len(other.nodes) for other in run) + len(item.nodes) > most:
            close()
        run.append(item)
        if apart and item.loop is not None:
            close()
    close()
    return steps


_KEPT = (
    "it has few columns, and one pass over the rows of its left side serves another product as well"
)
_COPIED = (
    "it is a view of other numbers, and a result, a call or a loop of the host takes numbers that "
    "lie in memory of their own"
)


def _about(node: Apply, what: str, why: str) -> Decision:
    return Decision(what, why, node.origins, (node,))


def _decisions(steps: Sequence[ScheduleStep]) -> list[Decision]:
    decisions: list[Decision] = []
    for step in steps:
        if isinstance(step, HostStep):
            decisions.append(_by_the_host(step.node))
            decisions += [d.within(step.node) for inner in step.inner for d in inner.decisions]
            continue
        nodes = list(step.body.nodes())
        decisions += [_in_place(node) for node in step.views]
        writes = (node for node in nodes if isinstance(node.op, Scatter))
        decisions += [_written(node) for node in writes if in_place(node)]
        kept = filter(is_library, nodes)
        decisions += [_about(node, f"kept from BLAS: {node!r}", _KEPT) for node in kept]
        copies = (node for node in nodes if node.op == identity)
        decisions += [_about(node, f"copied: {node.inputs[0]!r}", _COPIED) for node in copies]
        loops = [item for item in step.body.items if isinstance(item, Loop)]
        over = ", then ".join(repr(loop.id) for loop in loops) or "no dimension"
        names = ", ".join(dict.fromkeys(node.op.name for node in nodes[:12]))
        decisions.append(
            Decision(
                f"fused {len(nodes)} nodes in one kernel over {over}",
                f"each reads at every iteration what the others made at that iteration: {names}",
                merge_origins(node.origins for node in nodes),
                tuple(nodes),
            )
        )
    return decisions


def _memory_decisions(graph: Graph) -> list[Decision]:
    """What is done about the memory of updates."""
    return [
        Decision(
            f"two memories take turns for {graph.inputs[at]}",
            "its next value is written where nobody reads any more, so that a call that fails "
            "leaves the present one alone",
            output.where,
            (output.owner,) if output.owner is not None else (),
        )
        for output, at in ((graph.outputs[k], at) for k, at in graph.donations.items())
    ]


def _by_the_host(node: Apply) -> Decision:
    if is_part(node):
        return _in_place(node)
    what, why = node.op.host_work
    return _about(node, f"{what}: {node!r}", why)


def _in_place(node: Apply) -> Decision:
    why = "where it lies follows from sizes alone, so it is another description of the memory of "
    return _about(node, f"read in place: {node!r}", f"{why}{node.inputs[0]!r} and ends no kernel")


def _written(node: Apply) -> Decision:
    why = "its elements go straight to their part of one memory, fused with what makes them"
    of = copied(node.inputs[-1])
    if of is not node.inputs[-1]:
        why += f"; the memory is that of a copy, since {of!r} stays as it is"
    return _about(node, f"written where it belongs: {node!r}", why)
