"""Contractions: sums of products over shared axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import Origins, ShapeError, capture_origins
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import Axis, Contraction, Cotangents, Size, as_variable
from kernelgraph.sides import side
from kernelgraph.types import TensorType, upcast


def inner_error(x: Variable, y: Variable, inner: tuple[int, int], origins: Origins) -> ShapeError:
    """The error for a product of arrays whose inner sizes are these and differ."""
    left = f"{describe(x)} has {inner[0]} {'columns' if x.ndim == 2 else 'elements'}"
    right = f"{describe(y)} has {inner[1]} {'rows' if y.ndim == 2 else 'elements'}"
    flips: list[str] = []
    if x.name and x.ndim == 2 and x.tensor_type.shape[0] in (None, inner[1]):
        flips.append(_flipped(x.name))
    if y.name and y.ndim == 2 and y.tensor_type.shape[1] in (None, inner[0]):
        flips.append(_flipped(y.name))
    return ShapeError(
        f"cannot multiply {describe(x)} by {describe(y)}",
        code="KG-S002",
        origins=origins,
        because=f"inner sizes differ: {left}, {right} (axis {x.ndim - 1} against axis 0)",
        hint=f"did you mean {' or '.join(dict.fromkeys(flips))}?" if flips else None,
        operands=(side(x, x.ndim - 1, inner[0]), side(y, 0, inner[1])),
    )


def _flipped(name: str) -> str:
    """What the transpose of a matrix of this name is called."""
    return name.removesuffix(".T") if name.endswith(".T") else f"{name}.T"


class Dot(Contraction):
    """Product of vectors and matrices, as NumPy's dot for ranks 1 and 2: the last axis of x against
    the first of y.

    The products are summed in the operands' common dtype.
    """

    __props__ = ()
    name = "dot"

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `ShapeError` (KG-S002) when the inner sizes are known to differ."""
        x, y = map(as_variable, inputs)
        if not (x.ndim in (1, 2) and y.ndim in (1, 2)):
            raise ShapeError(
                f"dot takes vectors and matrices, got {describe(x)} and {describe(y)}",
                code="KG-S002",
                origins=capture_origins(),
                operands=(side(x), side(y)),
            )
        inner = x.tensor_type.shape[-1], y.tensor_type.shape[0]
        if None not in inner and inner[0] != inner[1]:
            raise inner_error(x, y, (inner[0] or 0, inner[1] or 0), capture_origins())
        shape = (*x.tensor_type.shape[:-1], *y.tensor_type.shape[1:])
        return Apply(self, [x, y], [Variable(TensorType(upcast(x.dtype, y.dtype), shape))])

    def equal_sizes(self, node: Apply) -> Iterable[tuple[Axis, Axis]]:
        yield Axis(0, node.inputs[0].ndim - 1), Axis(1, 0)

    def size_error(
        self, node: Apply, pair: tuple[Axis, Axis], sizes: tuple[int, int]
    ) -> ShapeError:
        return inner_error(node.inputs[0], node.inputs[1], sizes, node.origins)

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        x, y = node.inputs
        return [[*(Axis(0, k) for k in range(x.ndim - 1)), *(Axis(1, k) for k in range(1, y.ndim))]]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, y = (np.asarray(value).astype(node.out.dtype, copy=False) for value in inputs)
        with np.errstate(all="ignore"):
            return [np.asarray(np.matmul(x, y))]  # np.dot loses the NaN of [nan] times [0]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        (g,), (x, y) = cotangents, node.inputs
        if g is None:
            return [None, None]
        match x.ndim, y.ndim:
            case 1, 1:
                return [g * y, g * x]
            case 2, 1:
                return [outer(g, y), self(transposed(x), g)]
            case 1, 2:
                return [self(y, g), outer(x, g)]
            case _:
                return [self(g, transposed(y)), self(transposed(x), g)]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        (x, y), (dx, dy) = node.inputs, tangents
        parts: list[Variable] = [self(dx, y)] if dx is not None else []
        parts += [self(x, dy)] if dy is not None else []
        return [sum(parts[1:], parts[0]) if parts else None]


dot_op = Dot()


def transposed(x: Variable) -> Variable:
    """A matrix with rows and columns exchanged."""
    return dimshuffle(x, (1, 0))


def outer(x: Any, y: Any) -> Variable:
    """All products of an element of vector `x` with one of vector `y`: a matrix.

    Raises `ShapeError` (KG-S002) for anything but vectors.
    """
    x, y = as_variable(x), as_variable(y)
    if x.ndim != 1 or y.ndim != 1:
        raise ShapeError(
            f"outer takes vectors, got {describe(x)} and {describe(y)}",
            code="KG-S002",
            origins=capture_origins(),
            operands=(side(x), side(y)),
        )
    product = dimshuffle(x, (0, "x")) * dimshuffle(y, ("x", 0))
    product.tag.is_outer = True  # Theano's texts have a dot here
    return product


def dot(x: Any, y: Any) -> Variable:
    """Product of scalars, vectors and matrices: a scalar scales, else the last axis of `x` meets
    the first of `y`.

    Raises `ShapeError` (KG-S002) when these sizes differ, here if they are known, else when the
    function runs.
    """
    x, y = as_variable(x), as_variable(y)
    return x * y if x.ndim == 0 or y.ndim == 0 else dot_op(x, y)
