"""Parts of arrays that cost nothing: slices and reshapes as other descriptions of the same memory.

Where a part lies follows from sizes and from numbers that the host has before any kernel runs. Then
it is no work of its own, and ends no kernel: `y[1:]` is read in the kernel that makes `y`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from kernelgraph.access import Need
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.op import View
from kernelgraph.schedule.dims import Dims
from kernelgraph.schedule.schedule import HostStep, KernelStep, ScheduleStep
from kernelgraph.schedule.values import Domain


def is_part(node: Apply) -> bool:
    """Whether a node is another description of the memory of its first operand."""
    part = not node.op.looped and node.op.lies_in is not None
    return part and node.inputs[0].ndim > 0


def places(node: Apply) -> Sequence[Variable]:
    """The numbers that say where a part lies: ends and indices, or sizes."""
    if not (node.op.looped or is_part(node)):
        return ()
    needs = node.op.needs(node)
    if Need.NUMBER not in needs:
        return ()
    return [v for v, need in zip(node.inputs, needs, strict=True) if need is Need.NUMBER]


def early_parts(nodes: Sequence[Apply], dims: Dims) -> set[Apply]:
    """The parts whose place is known before any kernel runs."""
    return {node for node in nodes if is_part(node) and _is_early(node, dims)}


def _is_early(node: Apply, dims: Dims) -> bool:
    sizes = (*dims.all_of(node.inputs[0]), *dims.all_of(node.out))
    return all(map(dims.on_the_host, places(node))) and not any(map(dims.makers, sizes))


def is_formula(node: Apply, dims: Dims) -> bool:
    """Whether a node is a number that the host can work out by itself, whoever needs it there."""
    scalar = isinstance(node.op, Elementwise) and node.out.ndim == 0
    return scalar and dims.on_the_host(node.out)


def left_to_the_host(
    graph: Graph, domains: Mapping[Apply, Domain], dims: Dims
) -> AbstractSet[Apply]:
    """The formulas that say where parts lie and how large memory is, of which no node reads the
    result: the host works them out, no kernel has to.
    """
    read = set(graph.outputs)
    left: set[Apply] = set()
    for node in reversed(graph.apply_nodes()):
        if is_formula(node, dims) and node.out not in read:
            left.add(node)
        elif node in domains:
            read.update(use.base for use in domains[node].uses)
            read.update(v for v in places(node) if not dims.on_the_host(v))
        elif not isinstance(node.op, View):
            read.update(node.inputs[:1] if is_part(node) else node.inputs)
            read.update(v for v in places(node) if not dims.on_the_host(v))
    return left


def with_parts(steps: Sequence[ScheduleStep], parts: Sequence[Apply]) -> list[ScheduleStep]:
    """The steps, and every early part at the one that makes its memory: a part of what a kernel
    makes in that kernel, others as steps of the host.
    """
    made: dict[Apply | None, ScheduleStep] = {
        node: step
        for step in steps
        for node in ([step.node] if isinstance(step, HostStep) else step.body.nodes())
    }
    first: list[ScheduleStep] = []
    after: dict[ScheduleStep, list[ScheduleStep]] = {}
    for part in parts:
        allocation = made.get(part.inputs[0].owner)
        if allocation is None:
            first.append(HostStep(part))
            continue
        made[part] = allocation
        if isinstance(allocation, KernelStep):
            allocation.views.append(part)
        else:
            after.setdefault(allocation, []).append(HostStep(part))
    return [*first, *(s for step in steps for s in (step, *after.get(step, ())))]
