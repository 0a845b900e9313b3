"""Ops that hold graphs: a choice between two computations, and a loop. Only what is needed runs.

Both are handed what they need to work with graphs: `run(graph, values)` to give them a meaning, and
`vjp(graph, wanted)` to differentiate them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.errors import GraphError
from kernelgraph.graph import (
    Apply,
    Constant,
    Graph,
    SharedVariable,
    Variable,
    describe,
    leaves,
    substitute,
)
from kernelgraph.mismatches import mismatched
from kernelgraph.op import Control, Cotangents, Op
from kernelgraph.ops.arithmetic import eq, neq
from kernelgraph.ops.broadcasting import broadcast_like, full_like, zeros_like
from kernelgraph.ops.derivatives import Derivative, Derivatives, as_mask, by_numbers, plain, settled
from kernelgraph.ops.kinks import holds_steep
from kernelgraph.types import TensorType, is_inexact, listed
from kernelgraph.walks import leaves_as_written, producers_first

Run = Callable[[Graph, Sequence[Any]], Sequence[Any]]
Differentiate = Callable[[Sequence[Variable], Sequence[Variable], Cotangents], Cotangents]
"""From outputs, inputs and the outputs' cotangents to the inputs' cotangents."""

Pullback = Callable[[Sequence[Variable], Sequence[Variable], Derivatives], Derivatives]
"""The same, with the masks of what is cut off."""


class ControlOp(Control):
    """What all ops that hold graphs answer."""

    def read_dtypes(self, inputs: Sequence[Variable]) -> Sequence[str | None]:
        """For each input of the graphs, the dtype of what it reads; None for no tensor."""
        raise NotImplementedError

    def rebuild(self, node: Apply, inputs: Sequence[Variable]) -> Apply:
        """As any op; operands of other dtypes go into the graphs as well."""
        if [dtype_of(v) for v in inputs] == [dtype_of(v) for v in node.inputs]:
            return super().rebuild(node, inputs)
        op = copy.copy(self)
        op.graphs = tuple(_with_dtypes(graph, self.read_dtypes(inputs)) for graph in self.graphs)
        return Op.rebuild(op, node, inputs)

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        """The meaning, given a way to run a graph."""
        raise NotImplementedError

    def vjp_with(
        self, node: Apply, cotangents: Cotangents, differentiate: Differentiate
    ) -> Cotangents:
        """The inputs' cotangents, by differentiating graphs. An op has this or `pullback_with`."""
        raise NotImplementedError

    def pullback_with(
        self, node: Apply, cotangents: Derivatives, pullback: Pullback
    ) -> Derivatives:
        """The same with the masks of what is cut off.

        Here, where an op hands over numbers alone, a 0 counts as cut off, at the borders of what
        may make an infinity, by what is infinite or NaN.
        """
        found = self.vjp_with(node, settled(cotangents), _by_numbers(node, pullback))
        return _masked(found, node.inputs)

    def jvp_with(self, node: Apply, tangents: Cotangents, push: Differentiate) -> Cotangents:
        """The outputs' tangents, given those of the inputs and a way to push tangents through
        graphs: from outputs, inputs and the inputs' tangents to the outputs' tangents.
        """
        raise NotImplementedError

    def pushforward_with(
        self, node: Apply, tangents: Derivatives, pushforward: Pullback
    ) -> Derivatives:
        """The same with masks: as in `pullback_with`, a 0 counts as cut off at the borders of what
        may make an infinity.
        """
        found = self.jvp_with(node, settled(tangents), _by_numbers(node, pushforward))
        return _masked(found, node.outputs)


def _by_numbers(node: Apply, differentiate: Pullback) -> Differentiate:
    """A way to differentiate graphs inside of a node, in either mode, by numbers without masks."""

    def inside(
        outputs: Sequence[Variable], inputs: Sequence[Variable], given: Cotangents
    ) -> Cotangents:
        steep = any(map(holds_steep, [*outputs, *node.inputs]))
        derivatives = [by_numbers(g) for g in given] if steep else plain(given)
        return settled(differentiate(outputs, inputs, derivatives))

    return inside


def _masked(found: Cotangents, variables: Sequence[Variable]) -> Derivatives:
    """The derivatives by variables, or of them: a 0 counts as cut off where one may be infinite."""
    pairs = zip(found, variables, strict=True)
    return [by_numbers(g) if holds_steep(v) else plain([g])[0] for g, v in pairs]


def dtype_of(variable: Variable) -> str | None:
    """The dtype of a tensor; None for anything else."""
    return variable.type.dtype if isinstance(variable.type, TensorType) else None


def _with_dtypes(graph: Graph, dtypes: Sequence[str | None]) -> Graph:
    """The graph over inputs of these dtypes."""
    new = {
        v: Variable(v.tensor_type.with_dtype(dtype), v.name)
        for v, dtype in zip(graph.inputs, dtypes, strict=True)
        if dtype is not None and dtype != dtype_of(v)
    }
    inputs = tuple(new.get(v, v) for v in graph.inputs)
    return Graph(inputs, tuple(substitute(graph.outputs, new)))


def capture(
    outputs: Sequence[Variable], inside: set[Apply], own: Sequence[Variable]
) -> tuple[list[Variable], Graph]:
    """Cut the computation `inside` out of the graph that it was written in.

    `own` are variables that the new graph brings itself (a loop's slices). Returns the variables
    that it reads from outside, and the graph whose inputs are copies of `own` and of those. The
    numbers of a formula go along, with the dimensions that were added to them, so that rules see
    them.
    """
    inside = inside | _numbers([*outputs, *(v for node in inside for v in node.inputs)])
    border = [v for v in _border(outputs, inside) if v not in own and not isinstance(v, Constant)]
    ends = [*own, *border]
    inputs = [Variable(v.type, v.name) for v in ends]
    new = substitute(list(outputs), dict(zip(ends, inputs, strict=True)))
    return border, Graph(tuple(inputs), tuple(new))


def _numbers(variables: Sequence[Variable]) -> set[Apply]:
    """The nodes behind some variables that add dimensions to constants."""
    nodes = {v.owner for v in variables if v.owner is not None}
    return {
        node
        for node in nodes
        if isinstance(node.op, DimShuffle) and isinstance(node.inputs[0], Constant)
    }


def _border(outputs: Sequence[Variable], inside: set[Apply]) -> list[Variable]:
    """What `inside` reads from outside, then what only the sizes that it is derived from read."""
    nodes = producers_first(outputs, lambda v: v.owner if v.owner in inside else None)
    read = [*outputs, *(v for node in nodes for v in node.inputs)]
    border = dict.fromkeys(v for v in read if v.owner not in inside)
    behind = [
        v for v in leaves_as_written(outputs, border.keys())
        if isinstance(v.type, TensorType) and not isinstance(v, SharedVariable)
    ]  # fmt: skip
    return list(border | dict.fromkeys(behind))


class IfElse(ControlOp):
    """A scalar condition chooses which of two graphs runs.

    Operands: the condition, then what the graphs read. The first `streams` of these are states of
    random streams, and as many of the last outputs are their next states: a branch that does not
    run draws nothing.
    """

    name = "ifelse"

    def __init__(self, then: Graph, otherwise: Graph, streams: int = 0) -> None:
        self.graphs = (then, otherwise)
        self.streams = streams

    def read_dtypes(self, inputs: Sequence[Variable]) -> Sequence[str | None]:
        return [dtype_of(v) for v in inputs[1:]]

    def next_states(self, node: Apply) -> Mapping[int, int]:
        first = len(node.outputs) - self.streams
        return {1 + k: first + k for k in range(self.streams)}

    def make_node(self, *inputs: Any) -> Apply:
        outputs = [
            Variable(a.type if a.type == b.type else _common(a, b))
            for a, b in zip(self.graphs[0].outputs, self.graphs[1].outputs, strict=True)
        ]
        return Apply(self, inputs, outputs)

    def evaluate_with(self, node: Apply, inputs: Sequence[Any], run: Run) -> Sequence[Any]:
        condition, *values = inputs
        return run(self.graphs[0] if np.asarray(condition)[()] else self.graphs[1], values)

    def pullback_with(
        self, node: Apply, cotangents: Derivatives, pullback: Pullback
    ) -> Derivatives:
        """Another choice under the same condition, so that the branch that did not run has no
        derivative to run. What only one branch reads is cut off where the other is taken.
        """
        condition, *values = node.inputs
        given = [g for g in cotangents if g is not None]
        arriving = [g.settled() for g in given] + [g.where for g in given if g.where is not None]
        operands = [*values, *arriving]
        branches = [Branch(graph, cotangents, pullback) for graph in self.graphs]
        found: list[Derivative | None] = [None] * len(values)
        reached = [k for k in range(len(values)) if any(b.found[k] is not None for b in branches)]
        numbers = [[b.number(k) for k in reached] for b in branches]
        made = _choose(condition, operands, branches, numbers)
        for k, g in zip(reached, made, strict=True):
            mask = _mask_of_choice(condition, operands, branches, k)
            found[k] = arrived(g, mask, [b.found[k] for b in branches])
        return [None, *found]

    def jvp_with(self, node: Apply, tangents: Cotangents, push: Differentiate) -> Cotangents:
        """Another choice under the same condition, between the tangents of the branches."""
        condition, *reads = node.inputs
        arriving = {k: t for k, t in enumerate(tangents[1:]) if t is not None}
        ends = [[Variable(t.type) for t in arriving.values()] for _ in self.graphs]
        found = [
            push(graph.outputs, [graph.inputs[k] for k in arriving], own)
            for graph, own in zip(self.graphs, ends, strict=True)
        ]
        moved = [k for k, pair in enumerate(zip(*found, strict=True)) if pair != (None, None)]
        if not moved:
            return [None] * len(node.outputs)
        graphs: list[Graph] = []
        for graph, own, out in zip(self.graphs, ends, found, strict=True):
            results = [zeros_like(graph.outputs[k]) if out[k] is None else out[k] for k in moved]
            graphs.append(Graph((*graph.inputs, *own), tuple(v for v in results if v is not None)))
        made = listed(IfElse(graphs[0], graphs[1])(condition, *reads, *arriving.values()))
        by_output = dict(zip(moved, made, strict=True))
        return [by_output.get(k) for k in range(len(node.outputs))]


class Branch:
    """One branch of a choice on the way back: `found` are the derivatives of what it reads. Its
    `ends` are those reads, and what arrives from outside: numbers first, then masks.
    """

    def __init__(self, graph: Graph, cotangents: Derivatives, pullback: Pullback) -> None:
        seeds = [
            None if g is None else arrived(
                Variable(g.value.type), None if g.where is None else Variable(g.where.type), [g]
            )
            for g in cotangents
        ]  # fmt: skip
        there = [seed for seed in seeds if seed is not None]
        masks = [seed.where for seed in there if seed.where is not None]
        self.ends = [*graph.inputs, *(seed.value for seed in there), *masks]
        wanted = [v for v in graph.inputs if isinstance(v.type, TensorType) and is_inexact(v.dtype)]
        derivatives = dict(zip(wanted, pullback(graph.outputs, wanted, seeds), strict=True))
        self.found = [derivatives.get(v) for v in graph.inputs]

    def number(self, k: int) -> Variable:
        """The cotangent of read `k`; zeros if the branch does not need it."""
        derivative = self.found[k]
        return zeros_like(self.ends[k]) if derivative is None else derivative.settled()

    def mask(self, k: int) -> Variable | bool:
        """Where that counts: everywhere or nowhere, or where a mask says."""
        derivative = self.found[k]
        if derivative is None or derivative.where is None:
            return derivative is not None
        return broadcast_like(derivative.where, self.ends[k])


def arrived(number: Variable, mask: Variable | None, of: Derivatives) -> Derivative:
    """What crossed the border of a graph, where numbers and masks go, of these derivatives."""
    is_guarded = any(one is not None and one.guard is not None for one in of)
    return Derivative(number, mask, guard=as_mask(number) if is_guarded else None)


def _choose(
    condition: Variable,
    operands: Sequence[Variable],
    branches: Sequence[Branch],
    results: Sequence[Sequence[Variable]],
) -> list[Variable]:
    """A choice between results of branches, which reads only what they need."""
    if not results[0]:
        return []
    needed = [set(leaves(outputs)) for outputs in results]
    used = [
        k for k in range(len(operands))
        if any(b.ends[k] in ends for b, ends in zip(branches, needed, strict=True))
    ]  # fmt: skip
    graphs = [
        Graph(tuple(b.ends[k] for k in used), tuple(outputs))
        for b, outputs in zip(branches, results, strict=True)
    ]
    return listed(IfElse(graphs[0], graphs[1])(condition, *(operands[k] for k in used)))


def _mask_of_choice(
    condition: Variable, operands: Sequence[Variable], branches: Sequence[Branch], k: int
) -> Variable | None:
    """Where the cotangent of read `k` counts; None: everywhere in both branches."""
    masks = [branch.mask(k) for branch in branches]
    if all(isinstance(mask, bool) for mask in masks):
        taken = neq(condition, 0) if masks[0] else eq(condition, 0)
        return None if all(masks) else dimshuffle(taken, ["x"] * operands[k].ndim)
    results = [
        [full_like(b.ends[k], mask, "bool") if isinstance(mask, bool) else mask]
        for b, mask in zip(branches, masks, strict=True)
    ]
    return _choose(condition, operands, branches, results)[0]


def _common(a: Variable, b: Variable) -> TensorType:
    if a.dtype != b.dtype or a.ndim != b.ndim:
        raise GraphError(
            f"both branches of ifelse must have one type, not {describe(a)} and {describe(b)}",
            code="KG-G031",
            hint="T.cast one of them, or add a dimension",
            operands=mismatched(a, b),
        )
    pairs = zip(a.tensor_type.shape, b.tensor_type.shape, strict=True)
    return TensorType(a.dtype, tuple(m if m == n else None for m, n in pairs))
