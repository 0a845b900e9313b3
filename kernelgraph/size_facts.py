"""What a graph, as it is written, says about sizes: `v + u` says that v and u are equally long.

Such an equality is a fact of the whole function. It is read from the nodes before anything is
rewritten, kept beside the graph (`Graph.facts`), and checked once per call, even where rewriting
then drops the operand that it is about (`ones_like(y) * x` becomes a broadcast of `x`). Nodes
behind variables from which others are derived (the cost behind a gradient, the sum behind its
shape) count as written too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import (
    COUNTED,
    Apply,
    Constant,
    Graph,
    Measure,
    SharedVariable,
    SizeFact,
    Variable,
    leaves,
    substitute,
    walk,
)
from kernelgraph.hooks import unwatched
from kernelgraph.op import Axis, Size
from kernelgraph.ops.arithmetic import cast, eq, ge, maximum, neq
from kernelgraph.ops.control import IfElse
from kernelgraph.ops.enclosing import Enclosed
from kernelgraph.ops.indexing import item_of_stack
from kernelgraph.ops.kinks import is_never_negative
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.sources import SizeOf, constant_size
from kernelgraph.types import TensorType
from kernelgraph.walks import producers_first, walk_as_written

_known: WeakKeyDictionary[Graph, tuple[SizeFact, ...]] = WeakKeyDictionary()


def with_facts(graph: Graph) -> Graph:
    """The same graph with its facts."""
    return graph if graph.facts is not None else replace(graph, facts=size_facts(graph))


def size_facts(graph: Graph) -> tuple[SizeFact, ...]:
    """The equalities between sizes that the nodes of a graph imply, none that follows from those
    before it or from the types; in the order in which `interpret` would look at them.

    What no input of the graph tells is left out: `grad((a + c).sum(), a)` needs no c, so where c is
    not given, its size cannot be wrong.
    """
    if graph.facts is not None:
        return graph.facts
    if graph not in _known:
        with unwatched():
            _known[graph] = tuple(_Collector(graph).facts())
    return _known[graph]


class _Collector:
    """Reads the facts of one graph. Sizes known to be equal are in one class."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.inputs = set(graph.inputs)
        self.sizes: dict[Apply, Sequence[Sequence[Size]]] = {}
        self.measures: dict[tuple[Variable, int], Measure | None] = {}
        self.late: set[Variable] = set()
        self.numbers: dict[Hashable, int] = {}
        self.formulas: dict[Variable, int] = {}
        self.above: dict[int, int] = {}
        self.of_inner: set[tuple[int, ...]] = set()

    def facts(self) -> Iterable[SizeFact]:
        for node in walk_as_written(self.graph.outputs, self.graph.inputs):
            for a, b in node.op.equal_sizes(node):
                left, right = (self.measure(node.inputs[end.operand], end.axis) for end in (a, b))
                if left is not None and right is not None and self._join(left, right):
                    yield self._fact(node, (a, b), (left,), (right,))
            kept = node.op.kept_elements(node)
            if kept is not None:
                yield from self._kept(node, *kept)
            yield from self._counted(node)
            if isinstance(node.op, Scan):
                yield from self._of_step(node, node.op)
            if isinstance(node.op, IfElse):
                yield from self._of_branches(node, node.op)
            if isinstance(node.op, Enclosed):
                outer = dict(zip(node.op.graphs[0].inputs, node.inputs, strict=True))
                yield from self._of_inner(node.op.graphs[0], outer, set(), constant_size(1))

    def _of_step(self, node: Apply, loop: Scan) -> Iterable[SizeFact]:
        """What the step of a loop says about slices, first states and what stays the same, if there
        is a step.
        """
        graph = loop.graphs[0]
        if any(v.tensor_type.shape[0] == 0 for v in loop.split(node.inputs)[1]):
            return
        outer = dict(zip(graph.inputs, loop.first_step(node), strict=True))
        changing = set(graph.inputs[: loop.sequences + loop.states])
        yield from self._of_inner(graph, outer, changing, ge(node.inputs[0], 1))

    def _of_branches(self, node: Apply, choice: IfElse) -> Iterable[SizeFact]:
        """What each branch of a choice says, if it is taken."""
        condition, *operands = node.inputs
        for graph, taken in zip(choice.graphs, (neq(condition, 0), eq(condition, 0)), strict=True):
            outer = dict(zip(graph.inputs, operands, strict=True))
            yield from self._of_inner(graph, outer, set(), taken)

    def _of_inner(
        self,
        graph: Graph,
        outer: Mapping[Variable, Variable],
        changing: set[Variable],
        taken: Variable,
    ) -> Iterable[SizeFact]:
        """The facts of a graph inside this one; `outer` says what its inputs are here. They hold
        if it runs: both sides are multiplied by 1 then, and otherwise by 0. What shows only once a
        node of it has run is left to the graph itself.
        """
        facts = [fact for fact in size_facts(graph) if not fact.late]
        runs = self._of_scalar(cast(taken, "int64")) if facts else None
        for fact in facts:
            measures = (*fact.left, *fact.right)
            if runs is None or fact.pair is None or not _are_sizes(measures, changing):
                continue
            found = [self._outside(measure, outer) for measure in measures]
            sides = [m for m in found if m is not None]
            if len(sides) < len(measures):
                continue
            left, right = (*sides[: len(fact.left)], runs), (*sides[len(fact.left) :], runs)
            key = tuple(map(self._class_of, (*left, *right)))
            if self._class_of(left[0]) != self._class_of(right[0]) and key not in self.of_inner:
                self.of_inner.add(key)
                yield self._fact(fact.node, fact.pair, left, right)

    def _outside(self, measure: Measure, outer: Mapping[Variable, Variable]) -> Measure | None:
        """What a size inside of a step is outside of the loop."""
        if isinstance(measure, int):
            return measure
        if isinstance(measure, Variable):
            return self._of_scalar(substitute([measure], outer)[0])
        return self.measure(outer.get(measure[0], measure[0]), measure[1])

    def _fact(
        self, node: Apply, pair: object, left: tuple[Measure, ...], right: tuple[Measure, ...]
    ) -> SizeFact:
        late = any(m in self.late for m in (*left, *right) if isinstance(m, Variable))
        return SizeFact(node, pair, left, right, late)

    def _kept(self, node: Apply, old: Sequence[Size], new: Sequence[Size]) -> Iterable[SizeFact]:
        """The fact that two products of sizes are equal, unless their factors are."""
        left, right = ([self._of(node, size) for size in sizes] for sizes in (old, new))
        left, right = ([m for m in side if m is not None] for side in (left, right))
        if len(left) < len(old) or len(right) < len(new):
            return
        factors = [sorted(map(self._class_of, side)) for side in (left, right)]
        if factors[0] != factors[1] and not _same_numbers(left, right):
            yield self._fact(node, None, tuple(left), tuple(right))

    def _counted(self, node: Apply) -> Iterable[SizeFact]:
        """A size that is given as a number is none below 0, though nothing of that size be made."""
        for size in node.op.counts(node):
            measure = self._of(node, size)
            if isinstance(measure, Variable) and not is_never_negative(measure):
                larger = maximum(measure, constant_size(0))
                if self._join(measure, larger):
                    yield self._fact(node, COUNTED, (measure,), (larger,))

    def _of(self, node: Apply, size: Size) -> Measure | None:
        if isinstance(size, Axis):
            return self.measure(node.inputs[size.operand], size.axis)
        return self._of_scalar(size) if isinstance(size, Variable) else size

    # ----------------------------------------------------------------------------------------------

    def measure(self, variable: Variable, axis: int) -> Measure | None:
        """The size of an axis, told by what the graph gets from outside; None if nothing does."""
        path: list[tuple[Variable, int]] = []
        while (variable, axis) not in self.measures:
            path.append((variable, axis))
            source = self._source(variable, axis)
            if not isinstance(source, Axis):
                self.measures[path[-1]] = source
            else:
                assert variable.owner is not None
                variable, axis = variable.owner.inputs[source.operand], source.axis
        found = self.measures[variable, axis]
        self.measures.update(dict.fromkeys(path, found))
        return found

    def _source(self, variable: Variable, axis: int) -> Axis | Measure | None:
        declared = variable.tensor_type.shape[axis]
        node = variable.owner
        if node is None or variable in self.inputs:
            if declared is not None:
                return declared
            given = variable in self.inputs or isinstance(variable, SharedVariable)
            return (variable, axis) if given else None
        if node not in self.sizes:
            self.sizes[node] = node.op.sizes(node)
        size = self.sizes[node][variable.index][axis]
        if isinstance(size, Axis | int):
            return size
        if size is not None:
            return self._of_scalar(size)
        return declared if declared is not None else self._shown(variable, axis)

    def _shown(self, variable: Variable, axis: int) -> Variable | None:
        """A size that shows once its node has run."""
        if not self._is_given(variable):
            return None
        shown = SizeOf(axis)(variable)
        self.late.add(shown)
        return shown

    def _is_given(self, variable: Variable) -> bool:
        return all(
            v in self.inputs or isinstance(v, Constant | SharedVariable)
            for v in leaves([variable], self.inputs)
        )

    def _of_scalar(self, scalar: Variable) -> Measure | None:
        """The value of a scalar; sizes that it is made of are followed to where they come from."""
        nodes = list(producers_first([scalar], self._enter))
        operands = [v for node in nodes for v in node.inputs]
        borders = [v for v in (*operands, scalar) if self._enter(v) is None]
        new: dict[Variable, Variable] = {}
        for border in dict.fromkeys(borders):
            if border not in self.inputs and _is_transparent(border):
                found = self._behind(border)
                if found is None:
                    return None
                if border is scalar:
                    return found
                new[border] = _as_scalar(found)
            elif not self._is_given(border):
                return None
        if isinstance(scalar, Constant):
            return int(scalar.data)
        (made,) = substitute([scalar], new)
        on_host = all(isinstance(node.op, Elementwise) and node.out.ndim == 0 for node in nodes)
        if not on_host or any(v in self.late for v in new.values()):
            self.late.add(made)
        return made

    def _enter(self, variable: Variable) -> Apply | None:
        return None if variable in self.inputs or _is_transparent(variable) else variable.owner

    def _behind(self, variable: Variable) -> Measure | None:
        """What a size, or an entry of a shape, is."""
        item = item_of_stack(variable)
        if item is not None:
            return self._of_scalar(item)
        node = variable.owner
        assert node is not None
        assert isinstance(node.op, SizeOf)
        return self.measure(node.inputs[0], node.op.axis)

    # ----------------------------------------------------------------------------------------------

    def _join(self, left: Measure, right: Measure) -> bool:
        """Put two sizes into one class. Tells whether that is news."""
        a, b = self._class_of(left), self._class_of(right)
        if a == b:
            return False
        self.above[a] = b
        return True

    def _class_of(self, measure: Measure) -> int:
        scalar = isinstance(measure, Variable)
        found = self._formula(measure) if scalar else self._number(measure)
        while found in self.above:
            found = self.above[found]
        return found

    def _formula(self, scalar: Variable) -> int:
        """The same for two scalars that are the same formula of the same sizes and numbers."""
        known = self.formulas

        def enter(variable: Variable) -> Apply | None:
            return None if variable in known or _is_size(variable) else variable.owner

        for node in producers_first([scalar], enter):
            operands = [known[v] if v in known else self._number(_leaf(v)) for v in node.inputs]
            for variable in node.outputs:
                alike = isinstance(node.op, Elementwise)
                known[variable] = self._number((node.op, *operands) if alike else variable)
        return known[scalar] if scalar in known else self._number(_leaf(scalar))

    def _number(self, item: Hashable) -> int:
        return self.numbers.setdefault(item, len(self.numbers))


def _are_sizes(measures: Iterable[Measure], changing: set[Variable]) -> bool:
    """Whether measures read nothing but the size of what is another value at each step."""
    scalars = [m for m in measures if isinstance(m, Variable)]
    read = [v for n in walk(scalars) if not isinstance(n.op, SizeOf) for v in n.inputs]
    return changing.isdisjoint((*scalars, *read))


def _is_size(variable: Variable) -> bool:
    return variable.owner is not None and isinstance(variable.owner.op, SizeOf)


def _is_transparent(variable: Variable) -> bool:
    return _is_size(variable) or item_of_stack(variable) is not None


def _as_scalar(measure: Measure) -> Variable:
    if isinstance(measure, Variable):
        return measure
    return constant_size(measure) if isinstance(measure, int) else SizeOf(measure[1])(measure[0])


def _leaf(variable: Variable) -> Hashable:
    if isinstance(variable, Constant) and isinstance(variable.type, TensorType):
        return ("number", variable.dtype, np.asarray(variable.data).tobytes())
    if _is_size(variable):
        assert variable.owner is not None
        return ("size", variable.owner.op, variable.owner.inputs[0])
    return variable


def _same_numbers(left: Sequence[Measure], right: Sequence[Measure]) -> bool:
    numbers = [[m for m in side if isinstance(m, int)] for side in (left, right)]
    whole = len(numbers[0]) == len(left) and len(numbers[1]) == len(right)
    return whole and int(np.prod(numbers[0])) == int(np.prod(numbers[1]))
