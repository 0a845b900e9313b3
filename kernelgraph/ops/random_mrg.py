"""Ops that draw from streams of L'Ecuyer's MRG31k3p, and that make samples of the numbers drawn.

The state is an int32 matrix: six numbers for each stream. As with every draw, the state that goes
in is not changed; the next one comes out beside the sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from kernelgraph.errors import DTypeError, ShapeError
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Axis, Opaque, Size, as_variable
from kernelgraph.ops.moves import NoDerivative
from kernelgraph.ops.mrg import mrg31k3p
from kernelgraph.ops.random import RandomVariable, sample_shape
from kernelgraph.ops.sources import listed_sizes
from kernelgraph.types import Array, Shape, TensorType, check_dtype, is_float


class UniformMRG(NoDerivative, Opaque):
    """Numbers between 0 and 1."""

    __props__ = ("dtype", "shape")
    name = "uniform_mrg"

    def __init__(self, dtype: str, shape: Shape) -> None:
        self.dtype = check_dtype(dtype)
        self.shape = shape
        if not is_float(self.dtype):
            raise DTypeError(f"uniform numbers are floats, not {dtype}")

    def make_node(self, *inputs: Any) -> Apply:
        """Operands: the state and the sizes."""
        state, size = (as_variable(value) for value in inputs)
        sample = RandomVariable(TensorType(self.dtype, self.shape))
        return Apply(self, [state, size], [Variable(state.type), sample])

    def next_states(self, node: Apply) -> Mapping[int, int]:
        return {0: 0}

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        state = [Axis(0, axis) for axis in range(node.outputs[0].ndim)]
        return [state, listed_sizes(node.inputs[1]) or [None] * node.outputs[1].ndim]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The state after the draw, and the sample."""
        shape = sample_shape(node, inputs[1], node.outputs[1].ndim)
        count = int(np.prod(shape, dtype=np.int64))
        state, sample = mrg31k3p(np.array(inputs[0]), count, self.dtype)
        return [state, sample.reshape(shape)]


class TruncatedNormalMRG(NoDerivative, Opaque):
    """Numbers of the normal distribution that are less than two deviations from the middle.

    Pairs are made by G. Box and M. Muller's method (1958). A number too far out gets another
    radius, drawn from a second stream so that it lies within, and keeps its angle. The sample holds
    the first halves of all pairs, mended ones last, and then the second halves.
    """

    __props__ = ("dtype", "shape")
    name = "truncated_normal_mrg"

    def __init__(self, dtype: str, shape: Shape) -> None:
        self.dtype = check_dtype(dtype)
        self.shape = shape

    def make_node(self, *inputs: Any) -> Apply:
        """Operands: the state of the pairs, the state of the second radii, and the sizes."""
        *states, size = (as_variable(value) for value in inputs)
        sample = RandomVariable(TensorType(self.dtype, self.shape))
        return Apply(self, [*states, size], [*(Variable(state.type) for state in states), sample])

    def next_states(self, node: Apply) -> Mapping[int, int]:
        return {0: 0, 1: 1}

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        states = [[Axis(k, 0), Axis(k, 1)] for k in range(2)]
        return [*states, listed_sizes(node.inputs[2]) or [None] * node.outputs[2].ndim]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """The two states after the draw, and the sample."""
        shape = sample_shape(node, inputs[2], node.outputs[2].ndim)
        count = int(np.prod(shape, dtype=np.int64))
        half = (count + 1) // 2
        state, drawn = mrg31k3p(np.array(inputs[0]), 2 * half, self.dtype)
        radius = np.sqrt(-2 * np.log(drawn[:half]))
        angle = np.asarray(2 * np.pi, self.dtype) * drawn[half:]
        waves = np.cos(angle), np.sin(angle)
        outside = [np.flatnonzero(np.abs(radius * wave) > 2) for wave in waves]
        other, again = mrg31k3p(np.array(inputs[1]), sum(map(len, outside)), self.dtype)
        least = np.asarray(np.exp(-2.0), self.dtype)  # a radius of 2
        radii = np.sqrt(-2 * np.log(again * (1 - least) + least))
        parts: list[Array] = []
        inside = np.split(radii, [len(outside[0])])
        for wave, far, within in zip(waves, outside, inside, strict=True):
            parts += [np.delete(radius * wave, far), within * wave[far]]
        sample = np.concatenate(parts)[:count].reshape(shape)
        return [state, other, sample.astype(self.dtype)]


class PickByUniform(NoDerivative, Opaque):
    """Cases picked by numbers between 0 and 1, for each row of probabilities.

    "count": how often each case comes up in n trials. "order": n different cases, in the order in
    which they came up, -1 where the row's probabilities were used up.
    """

    __props__ = ("kind", "dtype")
    name = "pick_by_uniform"

    def __init__(self, kind: Literal["count", "order"], dtype: str) -> None:
        self.kind = kind
        self.dtype = check_dtype(dtype)

    def make_node(self, *inputs: Any) -> Apply:
        """Operands: a matrix of probabilities, n numbers for each of its rows as a vector, and n.

        Raises `ShapeError` (KG-S012) for probabilities that are no matrix.
        """
        p, drawn, n = (as_variable(value) for value in inputs)
        if p.ndim != 2:
            raise ShapeError(
                f"probabilities are a matrix, a row for each sample; {describe(p)} has "
                f"{p.ndim} dimensions",
                code="KG-S012",
                operands=(sized(p),),
            )
        rows, cases = p.tensor_type.shape
        shape = (rows, cases if self.kind == "count" else None)
        return Apply(self, [p, drawn, n], [Variable(TensorType(self.dtype, shape))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """Raises ValueError where more different cases are wanted than there are."""
        p, drawn, n = np.array(inputs[0], dtype="float64"), inputs[1], int(inputs[2])
        rows, cases = p.shape
        if self.kind == "order" and n > cases:
            raise ValueError(f"{n} different cases out of {cases} cannot be picked")
        every = np.arange(rows, dtype=np.int64)
        counts = np.zeros((rows, cases + 1), dtype=np.int64)
        order = np.full((rows, n), -1, dtype=np.int64)
        for k, numbers in enumerate(drawn.reshape(n, rows)):
            picked = (np.cumsum(p, axis=1) <= numbers[:, None]).sum(axis=1)
            counts[every, picked] += 1  # the last column holds those that went past the end
            if self.kind == "order":
                there = picked < cases
                order[there, k] = picked[there]
                p[every[there], picked[there]] = 0
                with np.errstate(all="ignore"):
                    p /= p.sum(axis=1, keepdims=True)
        found = counts[:, :-1] if self.kind == "count" else order
        return [found.astype(self.dtype)]
