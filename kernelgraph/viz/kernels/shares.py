"""Where the time of a function went, in numbers: shares of kernels, and of the nodes in them.

A `Profile` comes in, shares go out. Kernels and Python calls are measured; what part of a kernel
each of several nodes took is estimated from what they compute, and marked as an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from kernelgraph.compiler import Stages
from kernelgraph.dataclasses import dataclass
from kernelgraph.graph import Apply
from kernelgraph.profile import Profile
from kernelgraph.schedule.schedule import HostStep, Schedule
from kernelgraph.target import Timing
from kernelgraph.viz.kernels.code import node_keys
from kernelgraph.viz.kernels.estimates import Estimates, by_key, sizes_of
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
