"""Ops that hold graphs: a choice between two computations, and a loop. Only what is needed runs.

Both are handed what they need to work with graphs: `run(graph, values)` to give them a meaning, and
`vjp(graph, wanted)` to differentiate them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import GraphError, capture_origins
from kernelgraph.graph import Apply, Constant, Graph, Variable, describe, substitute, walk
from kernelgraph.op import Control, Cotangents, as_variable
from kernelgraph.ops.sources import zeros_like
from kernelgraph.sides import mismatched, side
from kernelgraph.types import TensorType, is_float, listed

Run = Callable[[Graph, Sequence[Any]], Sequence[Any]]
Differentiate = Callable[[Sequence[Variable], Sequence[Variable], Cotangents], Cotangents]
"""From outputs, inputs and the outputs' cotangents to the inputs' cotangents."""


class ControlOp(Control):
    """What all ops that hold graphs answer."""

    graphs: tuple[Graph, ...]

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        """The meaning, given a way to run a graph."""
        raise NotImplementedError

    def vjp_with(
        self, node: Apply, cotangents: Cotangents, differentiate: Differentiate
    ) -> Cotangents:
        """The cotangents of the inputs, given a way to differentiate a graph."""
        raise NotImplementedError


def capture(
    outputs: Sequence[Variable], inside: set[Apply], own: Sequence[Variable]
) -> tuple[list[Variable], Graph]:
    """Cut the computation `inside` out of the graph that it was written in.

    `own` are variables that the new graph brings itself (a loop's slices). Returns the variables
    that it reads from outside, and the graph whose inputs are copies of `own` and of those. The
    numbers of a formula go along, with the dimensions that were added to them, so that rules see
    them.
    """
    inside = inside | _numbers(outputs)
    border = [v for v in _border(outputs, inside) if v not in own and not isinstance(v, Constant)]
    ends = [*own, *border]
    inputs = [Variable(v.type, v.name) for v in ends]
    new = substitute(list(outputs), dict(zip(ends, inputs, strict=True)))
    return border, Graph(tuple(inputs), tuple(new))


def _numbers(outputs: Sequence[Variable]) -> set[Apply]:
    """The nodes that add dimensions to constants."""
    return {
        node
        for node in walk(outputs)
        if isinstance(node.op, DimShuffle) and isinstance(node.inputs[0], Constant)
    }


def _border(outputs: Sequence[Variable], inside: set[Apply]) -> list[Variable]:
    edges = [v for v in outputs if v.owner not in inside]
    edges += [
        v for node in walk(outputs) if node in inside for v in node.inputs if v.owner not in inside
    ]
    return list(dict.fromkeys(edges))


class IfElse(ControlOp):
    """A scalar condition chooses which of two graphs runs.

    Operands: the condition, then what the graphs read.
    """

    name = "ifelse"

    def __init__(self, then: Graph, otherwise: Graph) -> None:
        self.graphs = (then, otherwise)

    def make_node(self, *inputs: Any) -> Apply:
        outputs = [
            Variable(a.type if a.type == b.type else _common(a, b))
            for a, b in zip(self.graphs[0].outputs, self.graphs[1].outputs, strict=True)
        ]
        return Apply(self, inputs, outputs)

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        condition, *values = inputs
        return run(self.graphs[0] if np.asarray(condition)[()] else self.graphs[1], values)

    def vjp_with(
        self, node: Apply, cotangents: Cotangents, differentiate: Differentiate
    ) -> Cotangents:
        """Another choice under the same condition, so that the branch that did not run has no
        derivative to run.
        """
        condition, *values = node.inputs
        given = [g for g in cotangents if g is not None]
        wanted = [
            k for k, v in enumerate(values) if isinstance(v.type, TensorType) and is_float(v.dtype)
        ]
        branches: list[Graph] = []
        for graph in self.graphs:
            slots = [Variable(g.type, g.name) for g in given]
            feed = iter(slots)
            seeds = [None if g is None else next(feed) for g in cotangents]
            found = differentiate(graph.outputs, [graph.inputs[k] for k in wanted], seeds)
            results = [
                zeros_like(graph.inputs[k]) if g is None else g
                for k, g in zip(wanted, found, strict=True)
            ]
            branches.append(Graph((*graph.inputs, *slots), tuple(results)))
        if not wanted:
            return [None] * len(node.inputs)
        made = IfElse(*branches)(condition, *values, *given)
        grads = dict(zip(wanted, [made] if len(wanted) == 1 else made, strict=True))
        return [None, *(grads.get(k) for k in range(len(values)))]


def _common(a: Variable, b: Variable) -> TensorType:
    if a.dtype != b.dtype or a.ndim != b.ndim:
        raise GraphError(
            f"both branches of ifelse must have one type, not {describe(a)} and {describe(b)}",
            code="KG-G031",
            origins=capture_origins(),
            hint="T.cast one of them, or add a dimension",
            operands=mismatched(a, b),
        )
    pairs = zip(a.tensor_type.shape, b.tensor_type.shape, strict=True)
    return TensorType(a.dtype, tuple(m if m == n else None for m, n in pairs))


def ifelse(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` if the scalar `condition` holds, else `otherwise`; only the chosen one is computed,
    and so are gradients.

    `then` and `otherwise` are variables, or lists of as many. What both of them or the condition
    need is computed outside, once. Raises `GraphError` (KG-G031) when their types differ, or how
    many they are.
    """
    several = isinstance(then, list | tuple)
    pairs: tuple[list[Variable], ...] = tuple(
        [as_variable(v) for v in listed(side)] for side in (then, otherwise)
    )
    if len(pairs[0]) != len(pairs[1]):
        raise GraphError(
            "both branches of ifelse must have as many results, "
            f"not {len(pairs[0])} and {len(pairs[1])}",
            code="KG-G031",
            origins=capture_origins(),
        )
    test = as_variable(condition)
    if test.ndim:
        raise GraphError(
            f"the condition of ifelse must be a scalar, not {describe(test)}",
            code="KG-G031",
            origins=capture_origins(),
            hint="T.switch chooses element by element",
            operands=(side(test),),
        )
    yes, no = (set(walk(side)) for side in pairs)
    outside = (yes & no) | set(walk([test]))
    then_reads, _ = capture(pairs[0], yes - outside, ())
    else_reads, _ = capture(pairs[1], no - outside, ())
    reads = list(dict.fromkeys([*then_reads, *else_reads]))
    graphs = [_over(side, reads) for side in pairs]
    made = IfElse(*graphs)(test, *reads)
    return listed(made) if several else made


def _over(outputs: Sequence[Variable], reads: Sequence[Variable]) -> Graph:
    inputs = [Variable(v.type, v.name) for v in reads]
    return Graph(
        tuple(inputs), tuple(substitute(list(outputs), dict(zip(reads, inputs, strict=True))))
    )
