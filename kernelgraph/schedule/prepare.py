"""Make a graph ready for planning: every result in memory of its own, every operand of host work in
memory at all.

Copies that this needs become nodes, so that the plan sees them and may fuse them like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kernelgraph.access import Need, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ShapeError
from kernelgraph.graph import Apply, Constant, Graph, SizeFact, Variable
from kernelgraph.op import Axis, Contraction, Opaque, Size, View
from kernelgraph.ops.arithmetic import cast, identity
from kernelgraph.ops.contraction import inner_error, matmul
from kernelgraph.routines import MULTIPLIED, Gemm
from kernelgraph.schedule.facts import Facts
from kernelgraph.schedule.writes import as_writes, owns_memory
from kernelgraph.types import TensorType


class LibraryDot(Opaque):
    """A product of two matrices of one dtype, floats or complex numbers, perhaps transposed, or of
    as many of each (batches), left to BLAS.
    """

    __props__ = ("flip_left", "flip_right")
    name = "library_dot"
    host_work = (
        "given to BLAS",
        "a product of matrices reuses every number many times; the library blocks for that",
    )

    def __init__(self, flip_left: bool, flip_right: bool) -> None:
        self.flip_left = flip_left
        self.flip_right = flip_right

    def routine(self, node: Apply) -> Gemm:
        return Gemm((self.flip_left, self.flip_right))

    def _axes(self, node: Apply) -> tuple[tuple[int, int], tuple[int, int]]:
        """For each operand, the axis that the result has, and that over which products are
        summed.
        """
        row, column = node.out.ndim - 2, node.out.ndim - 1
        left = (column, row) if self.flip_left else (row, column)
        return left, (row, column) if self.flip_right else (column, row)

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        (_, left), (_, right) = self._axes(node)
        yield Axis(0, left), Axis(1, right)
        if node.out.ndim == 3:
            yield Axis(0, 0), Axis(1, 0)

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        flips = zip(node.inputs, (self.flip_left, self.flip_right), strict=True)
        x, y = (_named_transpose(v) if flip else v for v, flip in flips)
        return inner_error(x, y, sizes, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        (rows, _), (columns, _) = self._axes(node)
        batch = [Axis(0, k) for k in range(node.out.ndim - 2)]
        return [[*batch, Axis(0, rows), Axis(1, columns)]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, y = (np.asarray(value) for value in inputs)
        left = x.mT if self.flip_left else x
        return [matmul(left, y.mT if self.flip_right else y)]


def _named_transpose(x: Variable) -> Variable:
    flipped = dimshuffle(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
    flipped.name = x.name and f"{x.name}.T"
    return flipped


class PassThrough(Opaque):
    """A Python object that is both an input and an output."""

    __props__ = ()
    name = "pass_through"

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return list(inputs)


def is_library(node: Apply) -> bool:
    """Whether the node is a product of matrices of floats (but float16) or complex numbers, or of
    batches of them, and so work for a library.
    """
    return (
        isinstance(node.op, Contraction)
        and node.out.dtype in MULTIPLIED
        and all(v.ndim == node.out.ndim > 1 for v in node.inputs)
    )


def shares_a_pass(graph: Graph, few_columns: int) -> set[Apply]:
    """The products of matrices that loops compute after all: those of few columns whose left side,
    as it is or transposed, has another such product. One pass over its rows serves both.
    """
    users: dict[Variable, list[Apply]] = {}
    for node in graph.apply_nodes():
        alone = is_library(node) and node.out.ndim == 2
        columns = node.out.tensor_type.shape[-1] if alone else None
        if columns is not None and columns <= few_columns:
            users.setdefault(untransposed(node.inputs[0]), []).append(node)
    return {node for nodes in users.values() if len(nodes) > 1 for node in nodes}


def prepare(graph: Graph, facts: Facts, nested: bool) -> Graph:
    """The same graph with copies where results or host operands have no memory of their own.

    `nested` graphs read their inputs from wherever they lie, so what goes to Python from there is
    copied too.
    """
    return _Preparation(graph, facts, nested).run()


class _Preparation:
    def __init__(self, graph: Graph, facts: Facts, nested: bool) -> None:
        self.graph = graph
        self.library = facts.library
        self.nested = nested
        self.new: dict[Variable, Variable] = {v: v for v in graph.inputs}
        self.copies: dict[Variable, Variable] = {}
        users = [v for node in graph.apply_nodes() for v in node.inputs]
        self.uses = Counter((*users, *graph.outputs))
        self.own_loops = shares_a_pass(graph, facts.few_columns)

    def run(self) -> Graph:
        for node in self.graph.apply_nodes():
            if self.library and is_library(node) and node not in self.own_loops:
                copy = self._library_dot(node)
            else:
                pairs = zip(node.inputs, node.op.needs(node), strict=True)
                copy = as_writes(node, [self._operand(v, need) for v, need in pairs])
            self.new.update(zip(node.outputs, copy.outputs, strict=True))
        outputs: list[Variable] = []
        for output in self.graph.outputs:
            variable = self.new.get(output, output)
            taken = any(variable is other for other in outputs)
            outputs.append(
                self._copy(variable, fresh=True) if taken or not owns_memory(variable) else variable
            )
        return replace(self.graph, outputs=tuple(outputs), facts=self._facts())

    def _facts(self) -> tuple[SizeFact, ...]:
        """The facts about sizes; those that some node has to show are shown by its copy."""
        facts = self.graph.facts or ()
        return tuple(fact.mapped(self.new) if fact.late else fact for fact in facts)

    def _library_dot(self, node: Apply) -> Apply:
        operands = [self.new.get(v, v) for v in node.inputs]
        bases = [untransposed(v) for v in operands]
        flips = [a is not b for a, b in zip(bases, operands, strict=True)]
        bases = [self._as(cast(v, node.out.dtype), Need.SLOT) for v in bases]
        copy = Apply(LibraryDot(*flips), bases, [Variable(node.out.type, node.out.name)])
        copy.origins = node.origins
        return copy

    def _operand(self, x: Variable, need: Need) -> Variable:
        """What an operand became, as the node that reads it needs it: itself or a copy."""
        operand = self.new.get(x, x)
        if need is Need.ANY:
            return operand
        if need is not Need.OWN:
            return self._as(operand, need)
        made = operand.owner is not None and _is_scattered(operand.owner)
        return operand if made and self.uses[x] == 1 else self._copy(operand, fresh=True)

    def _as(self, operand: Variable, need: Need) -> Variable:
        there = not isinstance(operand.type, TensorType) or self._is_there(operand, need)
        return operand if there else self._copy(operand)

    def _is_there(self, operand: Variable, need: Need) -> bool:
        """Whether an array is there as its reader needs it."""
        owner = operand.owner
        match need:
            case Need.NUMBER:
                return owner is None or not isinstance(owner.op, View)
            case Need.MEMORY:
                return owner is None or not owner.op.virtual
            case Need.PACKED:  # what needed it to be packed has left it so
                return owner is not None and (owner.op.looped or need in owner.op.needs(owner))
            case Need.SLOT if owner is None:
                return isinstance(operand, Constant) or not self.nested
            case Need.SLOT:
                return owns_memory(operand)
            case _:
                return True

    def _copy(self, variable: Variable, fresh: bool = False) -> Variable:
        if variable in self.copies and not fresh:
            return self.copies[variable]
        if isinstance(variable.type, TensorType):
            node = Apply(identity, [variable], [Variable(variable.type, variable.name)])
        else:
            node = Apply(PassThrough(), [variable], [Variable(variable.type, variable.name)])
        node.origins = variable.where
        if not fresh:  # nobody else may see one of his own
            self.copies[variable] = node.out
        return node.out


def _is_scattered(node: Apply) -> bool:
    """Whether a result is written place by place, to memory that is there for it alone."""
    return node.op.looped and node.op.access(node).scattered


def untransposed(x: Variable) -> Variable:
    """The matrix, or the batch of matrices, of which `x` is the transpose, or `x` itself."""
    node = x.owner
    if node is None or not isinstance(node.op, View) or x.ndim not in (2, 3):
        return x
    if x.ndim != node.inputs[0].ndim:
        return x
    index = "bij"[3 - x.ndim :]
    flipped = [*index[:-2], index[-1], index[-2]]
    return node.inputs[0] if list(node.op.source_index(node, index)) == flipped else x
