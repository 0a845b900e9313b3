"""A variable taken for one of another type with the same numbers: sizes that it declares are
checked, sizes that it leaves open are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Pair
from kernelgraph.errors import Operand, ReplacementError, ShapeError
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Cotangents, Size, View
from kernelgraph.types import TensorType


class Declared(View):
    """Its first operand, with the sizes of `shape`: inputs are `x` and, for each size that has to
    be checked, a vector of that length.
    """

    __props__ = ("shape", "axes", "label")
    name = "declared"

    def __init__(self, shape: tuple[int | None, ...], axes: tuple[int, ...], label: str) -> None:
        self.shape = shape
        self.axes = axes
        self.label = label

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(TensorType(inputs[0].dtype, self.shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.asarray(inputs[0])]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return index

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        return [(Axis(0, axis), Axis(1 + k, 0)) for k, axis in enumerate(self.axes)]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[Axis(0, axis) for axis in range(node.out.ndim)]]

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        x, axis = node.inputs[0], pair[0].axis
        return ShapeError(
            f"dimension {axis} of {self.label} is declared to have size {sizes[1]}, but what "
            f"replaces it, {describe(x)}, has size {sizes[0]} there",
            code="KG-S002",
            origins=node.origins,
            operands=(Operand(self.label, self.shape, (axis,)), sized(x, axis, sizes[0])),
        )

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        return [cotangents[0], *([None] * len(self.axes))]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return [tangents[0]]


def as_type(new: Variable, old: Variable) -> Variable:
    """`new`, of the dtype and rank of `old`, as good as `old` in every expression: with its
    broadcast pattern, and no size that `old` cannot have.

    Raises `ReplacementError` (KG-G030) for sizes that are known to differ.
    """
    declared, known = old.tensor_type.shape, new.tensor_type.shape
    pairs = list(enumerate(zip(declared, known, strict=True)))
    for axis, (m, n) in pairs:
        if m is not None and n is not None and m != n:
            raise ReplacementError(
                f"{describe(old)} cannot be replaced by {describe(new)}: dimension {axis} is "
                f"declared to have size {m}, not {n}",
                operands=(sized(old, axis), sized(new, axis)),
            )
    unchecked = tuple(axis for axis, (m, n) in pairs if m is not None and n is None)
    if not unchecked and all((m == 1) == (n == 1) for m, n in zip(declared, known, strict=True)):
        return new
    shape = tuple(n if m is None and n != 1 else m for m, n in zip(declared, known, strict=True))
    sizes = [declared[axis] or 0 for axis in unchecked]
    lengths = [Constant(TensorType("bool", (n,)), np.zeros(n, "bool")) for n in sizes]
    return Declared(shape, unchecked, describe(old))(new, *lengths)
