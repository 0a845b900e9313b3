"""Dimensions by name: which axes of which variables have one size, and how that size becomes known.

Axes that must agree are joined in one `Dim`; a loop over a `Dim` serves all of them. Every join
remembers the node that asked for it, so that a disagreement found when the function runs can be
joined on the user's own line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kernelgraph.access import Pair
from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.lazy import cached_property
from kernelgraph.op import Axis
from kernelgraph.ops.sources import measured
from kernelgraph.types import TensorType

Key = tuple[Variable, int]
"""An axis of a variable."""


@dataclass(eq=False)
class Dim:
    """A dimension of the program: a name for people, and its size where it is known beforehand."""

    name: str
    size: int | None = None

    def __repr__(self) -> str:
        return self.name if self.size is None else f"{self.name}={self.size}"


@dataclass(frozen=True)
class Join:
    """Why two axes are one dimension: `pair` of `node` must agree.

    `first` is the side that holds `pair[0]`.
    """

    node: Apply
    pair: Pair
    below_is_first: bool


class Dims:
    """The dimensions of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._above: dict[Key, tuple[Key, Join | None]] = {}
        self._weight: dict[Key, int] = {}
        self._dims: dict[Key, Dim] = {}
        self._sizes: dict[Key, int] = {}
        self.scalars: dict[Key, Variable] = {}
        """Axes whose size is the value of a scalar."""
        self._shown: dict[Key, Apply] = {}
        self._makers: dict[Dim, list[Apply]] = {}
        self._holders: dict[Dim, Key] = {}
        self._on_the_host: dict[Variable, bool] = {}
        self._inputs = [v for v in graph.inputs if isinstance(v.type, TensorType)]
        for variable in graph.inputs:
            self._enter(variable)
        for node in graph.apply_nodes():
            self._visit(node)

    def __repr__(self) -> str:
        return f"<dimensions: {', '.join(dict.fromkeys(map(repr, self._dims.values())))}>"

    def _enter(self, variable: Variable) -> None:
        if isinstance(variable.type, TensorType):
            for axis, size in enumerate(variable.type.shape):
                if size is not None:
                    self._sizes.setdefault((variable, axis), size)

    def _visit(self, node: Apply) -> None:
        for variable in (*node.inputs, *node.outputs):
            self._enter(variable)
        for out, sizes in zip(node.outputs, node.op.sizes(node), strict=True):
            for axis, source in enumerate(sizes):
                if isinstance(source, Axis):
                    self._join((out, axis), (node.inputs[source.operand], source.axis), None)
                elif isinstance(source, int):
                    self._sizes[out, axis] = source
                elif source is not None:
                    self._follow((out, axis), source)
                else:
                    self._shown[out, axis] = node
        for pair in node.op.equal_sizes(node):
            a, b = ((node.inputs[end.operand], end.axis) for end in pair)
            self._join(a, b, Join(node, pair, below_is_first=True))

    def _follow(self, key: Key, scalar: Variable) -> None:
        size = measured(scalar)
        if size is not None:
            self._join(key, size, None)
        else:
            self.scalars[key] = scalar

    def root(self, key: Key) -> Key:
        """The axis that stands for all that are joined with this one."""
        while key in self._above:
            key = self._above[key][0]
        return key

    def _join(self, a: Key, b: Key, why: Join | None) -> None:
        top_a, top_b = self.root(a), self.root(b)
        if top_a == top_b:
            return
        below, above, first = top_a, top_b, True
        if self._weight.get(top_a, 1) > self._weight.get(top_b, 1):
            below, above, first = top_b, top_a, False
        label = None if why is None else Join(why.node, why.pair, first)
        self._above[below] = (above, label)
        self._weight[above] = self._weight.get(above, 1) + self._weight.get(below, 1)

    def of(self, variable: Variable, axis: int) -> Dim:
        """The dimension of an axis."""
        root = self.root((variable, axis))
        if root not in self._dims:
            self._dims[root] = Dim(f"{wish(root[0])}_n{root[1]}", None)
        dim = self._dims[root]
        for key in ((variable, axis), root):
            if dim.size is None and key in self._sizes:
                dim.size = self._sizes[key]
                self._holders[dim] = key
        return dim

    def holder(self, dim: Dim, otherwise: Key) -> Key:
        """The axis that is declared to have the size of a dimension."""
        return self._holders.get(dim, otherwise)

    def contradictions(self) -> Iterable[tuple[Dim, Key, Key, int]]:
        """Axes that must agree but are declared not to: the dimension, the axis that it has its
        size from, the other axis and the size of that.
        """
        for key, size in self._sizes.items():
            dim = self.of(*key)
            if dim.size != size:
                yield dim, self._holders[dim], key, size

    def all_of(self, variable: Variable) -> tuple[Dim, ...]:
        """The dimensions of a tensor variable."""
        return tuple(self.of(variable, axis) for axis in range(variable.ndim))

    @cached_property
    def _sources(self) -> dict[Dim, list[Apply | Variable]]:
        """Where sizes come from: nodes that show them once they have run, and scalars."""
        found: dict[Dim, list[Apply | Variable]] = {}
        for key, source in (*self._shown.items(), *self.scalars.items()):
            found.setdefault(self.of(*key), []).append(source)
        for dim in [dim for dim in found if dim.size is not None or dim in self._of_inputs]:
            del found[dim]  # known from the start, whoever shows it again
        return found

    @cached_property
    def _of_inputs(self) -> set[Dim]:
        return {dim for v in self._inputs for dim in self.all_of(v)}

    def on_the_host(self, scalar: Variable) -> bool:
        """Whether inputs and sizes give a number by formulas, before any kernel runs."""
        if scalar not in self._on_the_host:
            self._on_the_host[scalar] = not self._find_makers([scalar])
        return self._on_the_host[scalar]

    def makers(self, dim: Dim) -> Sequence[Apply]:
        """The nodes of the graph that must have run before the size of `dim` is known."""
        if dim not in self._makers:
            self._makers[dim] = self._find_makers(self._sources.get(dim, ()))
        return self._makers[dim]

    def _find_makers(self, sources: Iterable[Apply | Variable]) -> list[Apply]:
        """Those of nodes that show sizes, and of numbers; formulas are for the host to compute."""
        makers: list[Apply] = []
        pending = list(sources)
        seen = set(pending)
        while pending:
            source = pending.pop()
            if isinstance(source, Apply):
                makers.append(source)
                continue
            new = [item for item in self._behind(source) if item not in seen]
            seen.update(new)
            pending += new
        return makers

    def _behind(self, scalar: Variable) -> Sequence[Apply | Variable]:
        node, size = scalar.owner, measured(scalar)
        if size is not None:
            return self._sources.get(self.of(*size), ())
        if node is None:
            return ()
        is_formula = scalar.ndim == 0 and isinstance(node.op, Elementwise)
        return node.inputs if is_formula else [node]

    def joined_by(self, known: Key, other: Key) -> tuple[Apply, Pair, bool] | None:
        """The node and pair that made two axes one; whether `known` is the side of `pair[0]`."""
        for start, known_below in ((other, False), (known, True)):
            key = start
            while key in self._above:
                key, why = self._above[key]
                if why is not None:
                    return why.node, why.pair, why.below_is_first == known_below
        return None


def wish(variable: Variable) -> str:
    """What a variable's number should be called."""
    if variable.name:
        return variable.name
    return variable.owner.op.name if variable.owner is not None else "input"


def settle_sizes(dims: Dims, graph: Graph) -> None:
    """Let every dimension learn the sizes that any of its axes is declared to have."""
    for variable in _variables(graph):
        if isinstance(variable.type, TensorType):
            dims.all_of(variable)


def _variables(graph: Graph) -> Iterable[Variable]:
    yield from graph.inputs
    for node in graph.apply_nodes():
        yield from node.inputs
        yield from node.outputs
