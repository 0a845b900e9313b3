"""The derivatives of ops that only move numbers, and of those through which none flows.

A part of an array is linear in the array: its tangent is the same part of the tangent, and its
cotangent goes back to where the part lies. The other operands, sizes and indices, have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from kernelgraph.access import Layout
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import Axis, Cotangents, Op, Part, Scatter, Size
from kernelgraph.types import TensorType


class Moves(Op):
    """An op that moves numbers of its first operand to where the other operands say."""

    def transposed(self, node: Apply, g: Variable) -> Variable:
        """The numbers of a cotangent moved back to the first operand."""
        raise NotImplementedError

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,) = cotangents
        back = None if g is None else self.transposed(node, g)
        return [back, *[None] * (len(node.inputs) - 1)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None if tangents[0] is None else self(tangents[0], *node.inputs[1:])]


Forward = TypeVar("Forward", bound=Part)


class PartTranspose(Moves, Scatter, Generic[Forward]):
    """Zeros, to which `g` is put where `forward` would read: operands are `g`, those of `forward`
    behind its first, and the `ndim` sizes.
    """

    forward: Forward
    ndim: int

    def make_node(self, *inputs: Any) -> Apply:
        sizes = inputs[-self.ndim :]
        shape = tuple(int(s.data) if isinstance(s, Constant) else None for s in sizes)
        return Apply(self, inputs, [Variable(TensorType(inputs[0].dtype, shape))])

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [list(node.inputs[-self.ndim :])]

    def layout(self, node: Apply) -> Layout:
        return self.forward.layout(node)

    def transposed(self, node: Apply, g: Variable) -> Variable:
        return self.forward(g, *node.inputs[1 : -self.ndim])


class Resizes(Moves):
    """An op whose result has the sizes of its first operand, but for those along `axes`, which are
    its last operands.
    """

    axes: tuple[int, ...]

    def make_node(self, *inputs: Any) -> Apply:
        shape = list(inputs[0].tensor_type.shape)
        for axis, size in self._along(inputs):
            shape[axis] = int(size.data) if isinstance(size, Constant) else None
        return Apply(self, inputs, [Variable(TensorType(inputs[0].dtype, tuple(shape)))])

    def _along(self, inputs: Sequence[Variable]) -> Iterator[tuple[int, Variable]]:
        return zip(self.axes, inputs[len(inputs) - len(self.axes) :], strict=True)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        sizes: list[Size] = [Axis(0, axis) for axis in range(node.out.ndim)]
        for axis, size in self._along(node.inputs):
            sizes[axis] = int(size.data) if isinstance(size, Constant) else size
        return [sizes]


class NoDerivative(Op):
    """An op through which no derivative flows: sizes, positions, chance."""

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [None] * len(node.inputs)

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [None] * len(node.outputs)


def fitting(node: Apply) -> Apply:
    """The node. Raises its `size_error` for sizes that must agree and are known to differ."""
    for pair in node.op.equal_sizes(node):
        m, n = (node.inputs[end.operand].tensor_type.shape[end.axis] for end in pair)
        if m is not None and n is not None and m != n:
            raise node.op.size_error(node, pair, (m, n))
    return node
