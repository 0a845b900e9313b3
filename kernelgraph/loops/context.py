"""What is known while the actions of one graph are written: one explicit value, handed to every
function that writes some of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from kernelgraph.dataclasses import dataclass
from kernelgraph.graph import Apply, Constant, SizeFact, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.expressions import Storage
from kernelgraph.loops.shared import Shared
from kernelgraph.loops.sizes import Sizes
from kernelgraph.schedule.dims import Dim, Dims, Key, Pair
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.types import TensorType

Joined = tuple[Apply, Pair, bool]
"""A node, the pair of its axes that must agree, and whether the known size is that of the first."""


class Stored(dict[Variable, Storage]):
    """Where values are; constants are found when they are asked for."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared

    def __missing__(self, variable: Variable) -> Storage:
        assert isinstance(variable, Constant), f"no storage for {variable}"
        if variable.scalar is not None:
            return ir.Number(variable.scalar, variable.dtype)
        return self.shared.constant_buffer(variable)


@dataclass
class Context:
    """The actions of one graph so far, and where its values and their sizes are.

    Of sizes, `known` has the axis by which each dimension became known, `own` the size that each
    array brought along, `named` the names of formulas. To be checked are the `facts`, and the
    dimensions in `repeated`, whose size came once more, unless it is among those that have
    `agreed`. `pending` sizes wait for a scalar, `aliases` of outer arrays for the checks.
    """

    schedule: Schedule
    shared: Shared
    places: Mapping[Variable, int]
    """The slots that outputs go to."""
    agreed: Sizes
    storage: Stored
    facts: list[SizeFact]
    pending: dict[Key, Variable]
    actions: list[host.Action] = field(default_factory=list[host.Action])
    slots: dict[Variable, int] = field(default_factory=dict[Variable, int])
    known: dict[Dim, Key] = field(default_factory=dict[Dim, Key])
    own: dict[Key, ir.Expression] = field(default_factory=dict[Key, ir.Expression])
    named: dict[str, ir.Expression] = field(default_factory=dict[str, ir.Expression])
    repeated: list[tuple[Dim, ir.Expression, Joined]] = field(
        default_factory=list[tuple[Dim, ir.Expression, Joined]]
    )
    aliases: list[host.Alias] = field(default_factory=list[host.Alias])

    @property
    def dims(self) -> Dims:
        """The dimensions of the graph."""
        return self.schedule.dims


def context(
    schedule: Schedule, shared: Shared, places: Mapping[Variable, int], agreed: Sizes
) -> Context:
    """What is known of a graph before its first action; its dimensions get their names."""
    _name_dims(schedule, shared)
    facts, pending = list(schedule.graph.facts or ()), dict(schedule.dims.scalars)
    return Context(schedule, shared, places, agreed.copy(), Stored(shared), facts, pending)


def _name_dims(schedule: Schedule, shared: Shared) -> None:
    named: dict[Dim, None] = {}
    nodes = schedule.graph.apply_nodes()
    inside = [v for node in nodes for v in (*node.inputs, *node.outputs)]
    for variable in (*inside, *schedule.graph.inputs):
        if isinstance(variable.type, TensorType):
            named.update(dict.fromkeys(schedule.dims.all_of(variable)))
    for dim in named:
        dim.name = shared.names.fresh(dim.name)
