"""Where the time of a function went, in numbers: shares of kernels, and of the nodes in them.

A `Profile` comes in, shares go out. Kernels and Python calls are measured; what part of a kernel
each of several nodes took is estimated, for a clock sees whole kernels, and marked as an estimate.
A node is charged for its formula and for each array that it brings from memory or leaves there,
once for every turn of its loops; views are free. Unknown sizes are taken to be all alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from kernelgraph.compiler import Stages
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, SharedVariable, Variable
from kernelgraph.lazy import cached_property
from kernelgraph.op import View
from kernelgraph.profile import Profile
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.schedule import HostStep, Schedule
from kernelgraph.target import Timing
from kernelgraph.types import TensorType
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.listing import in_order
from kernelgraph.viz.text.words import op_name, some

MOST_OPS = 8


@dataclass(frozen=True)
class Share:
    """What one kernel or Python call took: its name, the keys of its nodes in the picture, what it
    computes, how often it ran, its seconds, and its part of the whole (from 0 to 1).

    `within` estimates for each key what part of this kernel its nodes take; together they are 1.
    """

    name: str
    keys: tuple[str, ...]
    what: str
    runs: int
    seconds: float
    part: float
    within: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class NodeShare:
    """What a node of the picture took: its key, its part of the whole (from 0 to 1), its seconds,
    and the kernels that compute it. It is estimated where one of these computes other nodes too.
    """

    key: str
    part: float
    seconds: float
    kernels: tuple[str, ...]
    is_estimate: bool


def node_shares(found: Sequence[Share]) -> list[NodeShare]:
    """The shares of the nodes, the largest first; those of a kernel add up to the kernel's."""
    of_node: dict[str, list[Share]] = {}
    for share in found:
        for key in share.keys:
            of_node.setdefault(key, []).append(share)
    nodes = [
        NodeShare(
            key,
            sum(share.part * share.within[key] for share in kernels),
            sum(share.seconds * share.within[key] for share in kernels),
            tuple(sorted({share.name for share in kernels})),
            any(len(share.keys) > 1 for share in kernels),
        )
        for key, kernels in of_node.items()
    ]
    order = in_order(of_node)
    return sorted(nodes, key=lambda node: (-node.part, order.index(node.key)))


def estimated_shares(stages: Stages) -> list[NodeShare]:
    """What the nodes of all kernels would take by their work alone, nothing being measured; what
    the host runs is not among them.
    """
    estimates = Estimates(stages.schedule, sizes_of(stages, ()))
    keys = node_keys(stages.schedule.graph.apply_nodes())
    work: dict[str, float] = {}
    for step in stages.schedule.kernels:
        for node, one in estimates.work(list(step.body.nodes())).items():
            if node in keys:
                work[keys[node]] = one
    total = sum(work.values()) or 1.0
    return [NodeShare(key, one / total, 0.0, (), True) for key, one in work.items()]


def shares(profile: Profile) -> list[Share]:
    """The shares of all kernels that ran, the largest first. They add up to 1."""
    stages = profile.compilation
    total = sum(timing.seconds for timing in profile.kernels)
    if stages is None or not total:
        return []
    keys = _boxes(stages.schedule)
    estimates = Estimates(stages.schedule, sizes_of(stages, profile.shapes))
    found: list[Share] = []
    for timing in _merged(profile.kernels):
        within = _within(timing.nodes, estimates, keys)
        names = list(dict.fromkeys(op_name(node.op) for node in timing.nodes))
        what, order = some(names, MOST_OPS), in_order(within)
        took = timing.seconds, timing.seconds / total
        found.append(Share(timing.name, order, what, timing.runs, *took, within))
    return sorted(found, key=lambda share: -share.seconds)


def _within(
    nodes: Sequence[Apply], estimates: Estimates, keys: Mapping[Apply, str]
) -> dict[str, float]:
    """For each box in which nodes of a kernel stand, the part of the kernel that these take."""
    boxes = [(node, keys[node]) for node in nodes if node in keys]
    found = by_key(estimates.parts([node for node, _ in boxes]), boxes)
    return dict.fromkeys(found, 1.0) if len(found) == 1 else found


def _merged(timings: Sequence[Timing]) -> list[Timing]:
    """One timing for each kernel: a kernel may stand at several places of the program."""
    found: dict[tuple[str, tuple[Apply, ...]], Timing] = {}
    for timing in timings:
        key = timing.name, tuple(timing.nodes)
        old = found.get(key, Timing(timing.name, timing.nodes, 0, 0.0))
        found[key] = replace(old, runs=old.runs + timing.runs, seconds=old.seconds + timing.seconds)
    return list(found.values())


def _boxes(schedule: Schedule) -> dict[Apply, str]:
    """The box in which each node stands; for one of a graph inside, that of the node around it."""
    boxes = node_keys(schedule.graph.apply_nodes())
    for step in (step for step in schedule.steps if isinstance(step, HostStep)):
        for inner in step.inner:
            held = (node for one in inner.nested() for node in one.graph.apply_nodes())
            boxes.update(dict.fromkeys(held, boxes[step.node]))
    return boxes


def percents(parts: Sequence[float]) -> list[str]:
    """Parts of a whole in per cent to one digit, rounded so that they still add up to 100.

    >>> percents([1 / 3, 1 / 3, 1 / 3])
    ['33.4 %', '33.3 %', '33.3 %']
    """
    tenths = [int(part * 1000) for part in parts]
    left = (1000 if sum(parts) > 0.999 else round(sum(parts) * 1000)) - sum(tenths)
    order = sorted(range(len(parts)), key=lambda k: tenths[k] - parts[k] * 1000)
    for k in order[:left]:
        tenths[k] += 1
    return [f"{tenth // 10}.{tenth % 10} %" for tenth in tenths]


def percent(part: float) -> str:
    """A part of a whole in per cent.

    >>> percent(0.123)
    '12.3 %'
    """
    return f"{part * 100:.1f} %"


# Estimates ---------------------------------------------------------------------------------------

Shapes = Sequence[tuple[int, ...] | None]
"""The shapes of a graph's first inputs; None: not known."""

_UNKNOWN = 100
"""Elements of a dimension, where no size is known."""


def sizes_of(stages: Stages, shapes: Shapes) -> dict[Dim, int]:
    """The sizes of dimensions, as far as inputs of these shapes and shared variables tell them."""
    schedule = stages.schedule
    found: dict[Dim, int] = {}
    for k, variable in enumerate(schedule.graph.inputs):
        shape = shapes[k] if k < len(shapes) else None
        if shape is None and isinstance(variable, SharedVariable):
            shape = getattr(variable.container[0], "shape", None)
        if shape is not None and len(shape) == len(schedule.dims.all_of(variable)):
            found.update(zip(schedule.dims.all_of(variable), map(int, shape), strict=True))
    return found


@dataclass(frozen=True, eq=False)
class Estimates:
    """What the nodes of one plan do, for these sizes of its dimensions."""

    schedule: Schedule
    sizes: Mapping[Dim, int]

    def parts(self, nodes: Sequence[Apply]) -> dict[Apply, float]:
        """The part of each node of one kernel, from 0 to 1; together they are 1."""
        work = self.work(nodes)
        total = sum(work.values())
        if not total:
            return dict.fromkeys(nodes, 1 / max(len(nodes), 1))
        return {node: one / total for node, one in work.items()}

    def work(self, nodes: Sequence[Apply]) -> dict[Apply, float]:
        """What each node of one kernel does, counted in additions."""
        ours = set(nodes)
        made = {output for node in nodes for output in node.outputs}
        at_hand: set[Variable] = set()  # what another node of the loop has read
        work: dict[Apply, float] = {}
        for node in nodes:
            arrays = {v for v in node.inputs if v not in made and _is_array(v)} - at_hand
            at_hand |= arrays
            left = [v for v in node.outputs if self._leaves(v, ours)]
            cost = 0 if isinstance(node.op, View) else formula_cost(node) + len(arrays) + len(left)
            work[node] = float(cost * self._turns(node))
        return work

    @cached_property
    def _readers(self) -> dict[Variable, set[Apply]]:
        found: dict[Variable, set[Apply]] = {}
        for node in self.schedule.graph.apply_nodes():
            for operand in node.inputs:
                found.setdefault(operand, set()).add(node)
        return found

    @cached_property
    def _outputs(self) -> set[Variable]:
        return set(self.schedule.graph.outputs)

    def _leaves(self, variable: Variable, kernel: set[Apply]) -> bool:
        """Whether a result is an output, or read by another kernel."""
        return variable in self._outputs or bool(self._readers.get(variable, kernel) - kernel)

    def _turns(self, node: Apply) -> int:
        """How often the loops around a node run through it."""
        domain = self.schedule.domains.get(node)
        if domain is None:  # in a graph inside the graph, whose loops are taken to be one
            return 1
        return prod(self._size(loop.dim) for loop in domain.loops)

    def _size(self, dim: Dim) -> int:
        if dim.size is not None:
            return dim.size
        return self.sizes.get(dim, max(self.sizes.values(), default=_UNKNOWN))


def formula_cost(node: Apply) -> int:
    """What one element costs, counted in additions."""
    return node.op.cost if isinstance(node.op, Elementwise) else 1


def _is_array(variable: Variable) -> bool:
    """Whether a turn of a loop reads or writes an element of its own; one number does not count."""
    return isinstance(variable.type, TensorType) and not all(variable.broadcastable)


def by_key(estimated: Mapping[Apply, float], keys: Iterable[tuple[Apply, str]]) -> dict[str, float]:
    """The parts of the boxes in which nodes stand."""
    found: dict[str, float] = {}
    for node, key in keys:
        found[key] = found.get(key, 0.0) + estimated[node]
    return found
