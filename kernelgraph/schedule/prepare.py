"""Make a graph ready for planning: every result in memory of its own, every operand of host work in
memory at all.

Copies that this needs become nodes, so that the plan sees them and may fuse them like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.errors import ShapeError
from kernelgraph.graph import Apply, Constant, Graph, SizeFact, Variable
from kernelgraph.op import (
    Axis,
    Contraction,
    Cotangents,
    Opaque,
    Part,
    Scatter,
    Size,
    View,
)
from kernelgraph.ops.arithmetic import cast, identity
from kernelgraph.ops.contraction import inner_error, matmul
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.indexing import Gather
from kernelgraph.ops.joining import Roll
from kernelgraph.ops.updates import SetSubtensor
from kernelgraph.ops.views import Reshape
from kernelgraph.schedule.facts import Facts
from kernelgraph.schedule.writes import Written, as_writes, rows_written
from kernelgraph.types import TensorType, is_float


class LibraryDot(Opaque):
    """A product of two float matrices of one dtype left to BLAS; operands may be transposed on the
    way.
    """

    __props__ = ("flip_left", "flip_right")
    name = "library_dot"

    def __init__(self, flip_left: bool, flip_right: bool) -> None:
        self.flip_left = flip_left
        self.flip_right = flip_right

    @property
    def _inner(self) -> tuple[int, int]:
        """The axes of the operands over which the products are summed."""
        return 0 if self.flip_left else 1, 1 if self.flip_right else 0

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        left, right = self._inner
        yield Axis(0, left), Axis(1, right)

    def size_error(
        self, node: Apply, pair: tuple[Axis, Axis], sizes: tuple[int, int]
    ) -> ShapeError:
        flips = zip(node.inputs, (self.flip_left, self.flip_right), strict=True)
        x, y = (_named_transpose(v) if flip else v for v, flip in flips)
        return inner_error(x, y, sizes, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        left, right = self._inner
        return [[Axis(0, 1 - left), Axis(1, 1 - right)]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, y = inputs
        return [matmul(x.T if self.flip_left else x, y.T if self.flip_right else y)]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        raise NotImplementedError("made after differentiation")


def _named_transpose(x: Variable) -> Variable:
    flipped = dimshuffle(x, (1, 0))
    flipped.name = x.name and f"{x.name}.T"
    return flipped


class PassThrough(Opaque):
    """A Python object that is both an input and an output."""

    __props__ = ()
    name = "pass_through"

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return list(inputs)


def is_virtual(node: Apply) -> bool:
    """Whether the node is only another way to index its operand, or a size: no memory, no work."""
    return node.op.virtual


def is_looped(node: Apply) -> bool:
    """Whether loops of ours compute a node of a prepared graph."""
    return node.op.looped


def is_library(node: Apply) -> bool:
    """Whether the node is a product of float matrices, and so work for a library."""
    return (
        isinstance(node.op, Contraction)
        and is_float(node.out.dtype)
        and all(v.ndim == 2 for v in node.inputs)
    )


def shares_a_pass(graph: Graph, few_columns: int) -> set[Apply]:
    """The products of matrices that loops compute after all: those of few columns whose left side,
    as it is or transposed, has another such product. One pass over its rows serves both.
    """
    users: dict[Variable, list[Apply]] = {}
    for node in graph.apply_nodes():
        columns = node.out.tensor_type.shape[-1] if is_library(node) else None
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
            operands = [self.new.get(v, v) for v in node.inputs]
            library = self.library and is_library(node) and node not in self.own_loops
            if isinstance(node.op, Roll):
                operands = [self._stored(operands[0]), self._number(operands[1])]
            if isinstance(node.op, SetSubtensor):
                operands[0] = self._to_write(node.inputs[0], operands[0])
            copy = self._library_dot(node, operands) if library else as_writes(node, operands)
            if not (is_virtual(copy) or is_looped(copy)):
                copy.inputs = [self._in_memory(copy, k, v) for k, v in enumerate(copy.inputs)]
            if isinstance(copy.op, Gather):
                copy.inputs = [self._stored(copy.inputs[0]), copy.inputs[1]]
            if isinstance(copy.op, Scatter) and rows_written(copy) is None:
                copy.inputs = [copy.inputs[0], *map(self._number, copy.inputs[1:])]
            self.new.update(zip(node.outputs, copy.outputs, strict=True))
        outputs: list[Variable] = []
        for output in self.graph.outputs:
            variable = self.new.get(output, output)
            taken = any(variable is other for other in outputs)
            outputs.append(
                self._copy(variable, fresh=True)
                if taken or not self._owns_memory(variable)
                else variable
            )
        return replace(self.graph, outputs=tuple(outputs), facts=self._facts())

    def _facts(self) -> tuple[SizeFact, ...]:
        """The facts about sizes; those that some node has to show are shown by its copy."""
        facts = self.graph.facts or ()
        return tuple(fact.mapped(self.new) if fact.late else fact for fact in facts)

    def _library_dot(self, node: Apply, operands: Sequence[Variable]) -> Apply:
        bases = [untransposed(v) for v in operands]
        flips = [a is not b for a, b in zip(bases, operands, strict=True)]
        bases = [cast(v, node.out.dtype) for v in bases]
        copy = Apply(LibraryDot(*flips), bases, [Variable(node.out.type, node.out.name)])
        copy.origins = node.origins
        return copy

    def _in_memory(self, node: Apply, position: int, operand: Variable) -> Variable:
        """The operand of a node that the host runs."""
        if not isinstance(operand.type, TensorType):
            return operand
        if isinstance(node.op, Part) and not isinstance(node.op, Reshape):
            return self._stored(operand) if position == 0 else self._number(operand)
        if isinstance(node.op, Reshape):
            packed = operand.owner is not None and (
                is_looped(operand.owner) or isinstance(operand.owner.op, Reshape)
            )
            if position > 0:
                return self._number(operand)
            return operand if packed else self._copy(operand)
        if isinstance(node.op, ControlOp):
            return self._stored(operand)
        return operand if self._has_slot(operand) else self._copy(operand)

    def _to_write(self, x: Variable, operand: Variable) -> Variable:
        """The array in whose place a part is written: itself if it was written for this node alone,
        else a copy.
        """
        made = isinstance(operand.owner and operand.owner.op, Scatter | Written)
        return operand if made and self.uses[x] == 1 else self._copy(operand, fresh=True)

    def _has_slot(self, operand: Variable) -> bool:
        owner = operand.owner
        if owner is None:
            return isinstance(operand, Constant) or not self.nested
        return not is_virtual(owner) and not isinstance(owner.op, Part)

    def _stored(self, operand: Variable) -> Variable:
        """The operand itself, or a copy if it is a view or size of something else."""
        return (
            self._copy(operand)
            if operand.owner is not None and is_virtual(operand.owner)
            else operand
        )

    def _number(self, operand: Variable) -> Variable:
        """An index or a size, which the host reads: not a view."""
        viewed = operand.owner is not None and isinstance(operand.owner.op, View)
        return self._copy(operand) if viewed else operand

    def _owns_memory(self, variable: Variable) -> bool:
        owner = variable.owner
        return owner is not None and not is_virtual(owner) and not isinstance(owner.op, Part)

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


def untransposed(x: Variable) -> Variable:
    """The matrix of which `x` is the transpose, or `x` itself."""
    node = x.owner
    if node is None or not isinstance(node.op, DimShuffle):
        return x
    (base,) = node.inputs
    return base if base.ndim == 2 and node.op.order == (1, 0) else x
