"""Where every value lives, decided once from the steps of a schedule and their loops.

In a softmax,

    for x_n0
        for x_n1
            exp(x[x_n0, x_n1])
            sum{(1,)}(exp.0[x_n0, x_n1]) over x_n1
        for x_n1
            true_div(exp.0[x_n0, x_n1], sum{(1,)}.0[x_n0])

the sum is in a register, the exponentials are in scratch of the row (x_n1 numbers), the quotients
in memory of the caller. A sum of columns has loops of its result inside of those that it reduces
(`NestPosition.arrays`), so it has as many states: they are in the memory of the result, which each
becomes. Those of an argmax, which has two a column, are in scratch. Lowering reads all this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from kernelgraph.access import Need
from kernelgraph.formats import complex_total
from kernelgraph.graph import Apply, Graph, Variable, leaves, walk
from kernelgraph.names import shortened
from kernelgraph.op import Accumulation, Control
from kernelgraph.schedule.dims import Dims
from kernelgraph.schedule.parts import places
from kernelgraph.schedule.schedule import HostStep, ScheduleStep
from kernelgraph.schedule.values import (
    Body,
    Domain,
    Loop,
    LoopId,
    Memory,
    NestPosition,
    Placement,
    Space,
)
from kernelgraph.schedule.writes import memory_of
from kernelgraph.templates import State, Template
from kernelgraph.types import is_complex

HOST = -1
"""The number of the host among the steps that read a value."""


def lay_out(
    graph: Graph, dims: Dims, steps: Sequence[ScheduleStep], domains: Mapping[Apply, Domain]
) -> Memory:
    """The placement of all values that the steps make; the position of all nodes in kernels."""
    readers = _readers(graph, dims, steps, domains)
    results = {memory_of(v) for v in graph.outputs}
    calls = {k for k, s in enumerate(steps) if isinstance(s, HostStep) and _is_call(s.node)}
    memory = Memory()
    for number, step in enumerate(steps):
        is_host = isinstance(step, HostStep)
        inside = {} if is_host else dict(_spots(step.body, domains, (step.body,), ()))
        users, whole = _users(inside, domains), _in_any_order(inside, domains)
        memory.positions.update(inside)
        memory.states.update(_states(inside))
        for node in [step.node] if is_host else [*inside, *step.views]:
            others = [readers.get(v, set[int]()) - {number} for v in node.outputs]
            position = inside.get(node)
            leaves = position is None or any(others)
            if position is None or leaves or node in whole:
                loops = 0
            else:
                loops = _loops(position, [inside[user] for user in users[node]])
            for out, found in zip(node.outputs, others, strict=True):
                where, why = _where(out, position, loops, found if leaves else None, results)
                called = not calls.isdisjoint(found)
                memory.placements[out] = Placement(where, why, leaves, loops or 0, called)
    return memory


def _is_call(node: Apply) -> bool:
    """Whether a node of the host takes its operands from slots."""
    return node.op.lies_in is None and not isinstance(node.op, Control)


def _readers(
    graph: Graph, dims: Dims, steps: Sequence[ScheduleStep], domains: Mapping[Apply, Domain]
) -> dict[Variable, set[int]]:
    """The numbers of the steps that read each variable."""
    found: dict[Variable, set[int]] = {}

    def read(variables: Sequence[Variable], number: int) -> None:
        for variable in variables:
            found.setdefault(variable, set()).add(number)

    for k, step in enumerate(steps):
        if isinstance(step, HostStep):
            read(step.node.inputs, k)
            continue
        nodes = list(step.body.nodes())
        for node in nodes:
            read([use.base for use in domains[node].uses], k)
        read([part.inputs[0] for part in step.views], HOST)
        for node in (*step.views, *nodes):
            read(places(node), HOST)
    sizes = list(dims.scalars.values())
    sizes += [scalar for fact in graph.facts or () for scalar in fact.scalars]
    read([*graph.outputs, *leaves(sizes), *sizes], HOST)
    for node in walk(sizes):
        read(node.outputs, HOST)
    for variable in list(found):  # whoever reads what was written in place reads its memory
        found.setdefault(memory_of(variable), set()).update(found[variable])
    return found


# -------------------------------------------------------------------------------------------------


def _spots(
    body: Body, domains: Mapping[Apply, Domain], bodies: tuple[Body, ...], loops: tuple[LoopId, ...]
) -> Iterator[tuple[Apply, NestPosition]]:
    """Where the nodes of a kernel stand."""
    for item in body.items:
        if isinstance(item, Loop):
            inside = (*bodies, item.body), (*loops, item.id)
            yield from _spots(item.body, domains, *inside)
            continue
        reduced = domains[item].reduced
        scope = next((k for k, loop in enumerate(loops) if loop in reduced), len(loops))
        arrays = tuple(loop for loop in loops[scope:] if loop not in reduced)
        carried = domains[item].carried
        apart = arrays if carried is None else loops[loops.index(carried) + 1 :]
        yield item, NestPosition(bodies, loops, scope, arrays, apart)


def _users(nodes: Iterable[Apply], domains: Mapping[Apply, Domain]) -> dict[Apply, list[Apply]]:
    """The nodes of a kernel that read what each one makes."""
    found: dict[Apply, list[Apply]] = {node: [] for node in nodes}
    for node in nodes:
        for base, _ in domains[node].uses:
            if base.owner in found:
                found[base.owner].append(node)
    return found


def _loops(position: NestPosition, users: Sequence[NestPosition]) -> int | None:
    """For how many of the outermost loops around a node its results are kept, an iteration at a
    time; None: for all, in registers.
    """
    apart = [user for user in users if not position.is_seen_from(user)]
    if not apart and not position.arrays:
        return None
    shared = (
        sum(a is b for a, b in zip(position.bodies, other.bodies, strict=False)) - 1
        for other in apart
    )
    return min(shared, default=position.scope)


def _states(positions: Mapping[Apply, NestPosition]) -> Iterator[tuple[Apply, Placement]]:
    """Where the states of accumulations live."""
    for node, position in positions.items():
        if not isinstance(node.op, Accumulation):
            continue
        why = "loops of the result run inside of those that are reduced"
        if not position.apart:
            yield node, Placement(Space.REGISTER, "an element after the other goes into it", False)
        elif not position.arrays:
            why = "loops run inside of the one along which states are handed on"
            yield node, Placement(Space.SCRATCH, why, False)
        elif _becomes_result(node, node.op):
            yield node, Placement(Space.RESULTS, why, False)
        else:
            yield node, Placement(Space.SCRATCH, why, False)


def steps(node: Apply, op: Accumulation) -> tuple[tuple[State, ...], tuple[Template, ...]]:
    """The states of an accumulation, and what makes the outputs of them; complex numbers add up
    part by part.
    """
    dtype = op.element_dtype(node)
    if not is_complex(dtype):
        return op.states, op.finish
    if op.states[0].adds and op.gives == "at the end":
        return complex_total(op.states[0], dtype)
    return tuple(state.complex_form for state in op.states), op.finish


def _becomes_result(node: Apply, op: Accumulation) -> bool:
    """Whether there is one state, which is the result in the end."""
    states, finish = steps(node, op)
    one = len(states) == 1 and finish[0].operand == states[0].name
    return one and states[0].dtype(op.element_dtype(node)) == node.outputs[0].dtype


def _in_any_order(nodes: Iterable[Apply], domains: Mapping[Apply, Domain]) -> set[Apply | None]:
    """The nodes of a kernel whose results are read, or written, out of order."""
    found: set[Apply | None] = set()
    for node in nodes:
        if domains[node].scattered:
            found.add(node)
        for operand, need in zip(node.inputs, node.op.needs(node), strict=True):
            if need in (Need.MEMORY, Need.OWN):
                found.add(operand.owner)
    return found


def _where(
    out: Variable,
    position: NestPosition | None,
    loops: int | None,
    readers: AbstractSet[int] | None,
    results: AbstractSet[Variable],
) -> tuple[Space, str]:
    """Where a value lives, and why; `readers` are the other steps that read it, if it leaves."""
    if out.owner is not None and out.owner.op.lies_in is not None:
        return Space.OPERAND, "it is a part of an operand, or written to it"
    single = position is not None and out.ndim == 0 and not position.arrays
    if readers is not None:
        why = "another step reads it"
        if out in results:
            why = "it is a result"
        elif not readers:
            why = "another result of its node leaves the kernel"
        elif readers == {HOST}:
            why = "the host reads it, or a part of it is read"
        if single:
            return Space.NUMBER, why
        return Space.RESULT if out in results else Space.TEMPORARY, why
    if position is None or loops is None or (single and loops == 0):
        return Space.REGISTER, "only the loops that make it read it"
    if loops:
        row = shortened(repr(position.loops[loops - 1]))
        return Space.ROW, f"another loop reads it at the same {row}"
    return Space.SCRATCH, "loops of the kernel read it, or write it out of order"
