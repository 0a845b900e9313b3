"""Products of two arrays whose axes have labels, as `einsum` writes them: `ij,jk->ik`.

An axis runs along with that of the same label in the other operand; labels that the result does not
have are summed over. Such products become products of matrices, which libraries compute: labels of
both operands and the result count batches, those of one operand are rows or columns, and those that
are summed are what rows and columns share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kernelgraph.access import Access, Pair
from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import ShapeError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Composite, Contraction, Size
from kernelgraph.ops.arithmetic import as_factor, cast, mul
from kernelgraph.ops.complexes import conjugate
from kernelgraph.ops.contraction import Products, dot_op, matmul
from kernelgraph.ops.derivatives import Derivative, Derivatives, total
from kernelgraph.ops.kinks import holds_steep
from kernelgraph.ops.moves import fitting
from kernelgraph.ops.reductions import count, sum_
from kernelgraph.ops.sources import size
from kernelgraph.ops.views import Reshape
from kernelgraph.partials import Only
from kernelgraph.types import TensorType, upcast

Labelled = tuple[Variable, str]
"""An array and the labels of its axes, a letter each."""


class LabelledProduct(Products):
    """A product of two operands whose axes have labels, each once at most; so has the result."""

    labels: tuple[str, str, str]
    """Those of both operands, and of the result, which has no others."""

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) for sizes of one label that are known to differ."""
        dtype = upcast(*(v.dtype for v in inputs))
        operands: list[Variable] = [cast(v, dtype) for v in inputs]
        known: dict[str, int | None] = {}
        for label, place in self._places():
            if known.get(label) is None:
                known[label] = operands[place.operand].tensor_type.shape[place.axis]
        shape = tuple(known[label] for label in self.labels[2])
        return fitting(Apply(self, operands, [Variable(TensorType(dtype, shape))]))

    def _places(self) -> Iterator[tuple[str, Axis]]:
        for operand, labels in enumerate(self.labels[:2]):
            for axis, label in enumerate(labels):
                yield label, Axis(operand, axis)

    def equal_sizes(self, node: Apply) -> Iterable[Pair]:
        """Those of one label."""
        left, right, _ = self.labels
        for axis, label in enumerate(left):
            if label in right:
                yield Axis(0, axis), Axis(1, right.index(label))

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        places = dict(reversed([*self._places()]))
        return [[places[label] for label in self.labels[2]]]

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        """Two sizes of one label."""
        (a, b), (x, y) = pair, node.inputs
        return ShapeError(
            f"cannot multiply {describe(x)} by {describe(y)}",
            code="KG-S002",
            origins=node.origins,
            because=f"sizes that meet differ: {sizes[0]} along axis {a.axis}, "
            f"{sizes[1]} along axis {b.axis}",
            hint="x.dimshuffle(…) puts its axes in another order",
            operands=(sized(x, a.axis, sizes[0]), sized(y, b.axis, sizes[1])),
        )

    def pullback(self, node: Apply, g: Derivative | None) -> Derivatives:
        """That of x is the product of the cotangent with y, under the same labels."""
        if g is None:
            return [None, None]
        (x, y), (left, right, result) = map(conjugate, node.inputs), self.labels
        return [
            _derivative_times(g, result, (y, right), left),
            _derivative_times(g, result, (x, left), right),
        ]

    def pushforward(self, node: Apply, tangents: Derivatives) -> Derivative | None:
        (x, y), (dx, dy), (left, right, result) = node.inputs, tangents, self.labels
        parts = [] if dx is None else [_derivative_times(dx, left, (y, right), result)]
        parts += [] if dy is None else [_derivative_times(dy, right, (x, left), result)]
        return total(parts)


def _derivative_times(g: Derivative, labels: str, other: Labelled, wanted: str) -> Derivative:
    """The product of a derivative with an array. Where the one is cut off and the other may hold
    infinities, only a sum term by term can leave terms out.
    """
    factor, factor_labels = other
    is_mask = isinstance(as_factor(factor), Only)
    whole = g.where is None and g.guard is None
    if not is_mask and (whole or not holds_steep(factor)):
        return Derivative(Einsum(f"{labels},{factor_labels}->{wanted}")(g.settled(), factor))
    summed = [label for label in dict.fromkeys(labels + factor_labels) if label not in wanted]
    every = wanted + "".join(summed)
    terms = g.moved(lambda v: aligned((v, labels), every))
    terms = terms.times(as_factor(aligned(other, every)))
    axes = [*range(len(wanted), len(every))]
    return terms.added(lambda v: sum_(v, axis=axes) if axes else v)


class BatchedDot(LabelledProduct, Contraction):
    """As many products of matrices as both operands have along their first axis."""

    __props__ = ()
    name = "batched_dot"
    labels = ("bij", "bjk", "bik")
    product = mul

    def access(self, node: Apply) -> Access:
        """A row of one matrix, a column of the other."""
        return Access([(0, (0, 1, ~0)), (1, (0, ~0, 2))], [Axis(0, 2)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, y = (np.asarray(value) for value in inputs)
        return [matmul(x, y)]


class Einsum(LabelledProduct, Composite):
    """A product under any labels: `subscripts` has those of both operands and of the result."""

    __props__ = ("subscripts",)
    name = "einsum"

    def __init__(self, subscripts: str) -> None:
        self.subscripts = subscripts
        operands, _, result = subscripts.partition("->")
        left, _, right = operands.partition(",")
        self.labels = left, right, result

    def expand(self, *operands: Variable) -> Variable:
        """A product of matrices; a sum term by term, where one would have no rows or columns."""
        (x, y), (left, right, result) = operands, self.labels
        both = [label for label in left if label in right]
        batch = [label for label in both if label in result]
        inner = [label for label in both if label not in result]
        rows = [label for label in left if label not in right]
        columns = [label for label in right if label not in left]
        if not inner or (batch and not (rows and columns)):
            kept = "".join([*batch, *rows, *columns])
            found = _sum_of_products((x, left), (y, right), kept, "".join(inner))
            return aligned((found, kept), result)
        groups = [group for group in (batch, rows, columns) if group]
        one = _grouped((x, left), [group for group in (batch, rows) if group] + [inner])
        other = [group for group in (batch,) if group] + [inner]
        two = _grouped((y, right), other + [group for group in (columns,) if group])
        found = (BatchedDot() if batch else dot_op)(one, two)
        if len(groups) < len(kept := [label for group in groups for label in group]):
            sizes = {label: size(operands[a.operand], a.axis) for label, a in self._places()}
            found = Reshape(len(kept))(found, *(sizes[label] for label in kept))
        return aligned((found, "".join(kept)), result)


def _sum_of_products(x: Labelled, y: Labelled, kept: str, summed: str) -> Variable:
    product = aligned(x, kept + summed) * aligned(y, kept + summed)
    if not summed:
        return product
    return cast(sum_(product, axis=[*range(len(kept), product.ndim)]), product.dtype)


def _grouped(array: Labelled, groups: Sequence[Sequence[str]]) -> Variable:
    """The axes in the order of these labels, those of one group as one axis."""
    order = "".join(label for group in groups for label in group)
    x, start, sizes = aligned(array, order), 0, list[Variable]()
    if len(order) == len(groups):
        return x
    for group in groups:
        sizes.append(count(x, range(start, start + len(group))))
        start += len(group)
    return Reshape(len(groups))(x, *sizes)


def aligned(array: Labelled, labels: str) -> Variable:
    """The axes in the order of these labels, with axes of size 1 for those that it has not."""
    x, own = array
    return dimshuffle(x, [own.index(label) if label in own else "x" for label in labels])
