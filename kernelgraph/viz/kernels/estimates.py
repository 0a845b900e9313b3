"""What part of a kernel's work each of its nodes does: an estimate, for a clock sees whole kernels.

Nodes and the sizes of dimensions come in, parts that add up to 1 go out. A node is charged for its
formula and for each array that it brings from memory or leaves there, once for every turn of its
loops; views are free. Sizes that are not known are taken to be all alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from kernelgraph.compiler import Stages
from kernelgraph.dataclasses import dataclass
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, SharedVariable, Variable
from kernelgraph.lazy import cached_property
from kernelgraph.op import View
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.schedule import Schedule
from kernelgraph.types import TensorType

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
