"""Which elements are not 0, and what a mask picks: how many shows only when a function runs.

They are counted first, so that there is room for as many:

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> m = T.lmatrix("m")
>>> f = kg.function([m], [m[m > 1], T.nonzero(m, return_matrix=True)], target="interpret")
>>> [result.tolist() for result in f([[1, 2], [0, 4]])]
[[2, 4], [[0, 0, 1], [0, 1, 1]]]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from kernelgraph.access import Axis, Pair
from kernelgraph.errors import MaskError, ShapeError
from kernelgraph.expect import expect_flag
from kernelgraph.graph import Apply, Constant, Variable, describe
from kernelgraph.mismatches import sized
from kernelgraph.op import Opaque, Size, as_variable
from kernelgraph.ops.arithmetic import int_div, mod, neq
from kernelgraph.ops.joining import stack
from kernelgraph.ops.moves import NoDerivative, fitting
from kernelgraph.ops.positions import Paired, long_as
from kernelgraph.ops.sources import constant_size, size
from kernelgraph.ops.views import flatten
from kernelgraph.routines import OwnC
from kernelgraph.types import TensorType

__all__ = ["flatnonzero", "nonzero", "nonzero_values"]


class Nonzero(NoDerivative, Opaque):
    """Where a vector of truth values holds: operands are the vector, and how often it does."""

    __props__ = ()
    name = "nonzero"
    host_work = "done by a routine", "where the next one goes depends on all before it"

    def make_node(self, *inputs: Any) -> Apply:
        known = int(inputs[1].data) if isinstance(inputs[1], Constant) else None
        return Apply(self, inputs, [Variable(TensorType("int64", (known,)))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.flatnonzero(inputs[0])]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[node.inputs[1]]]

    def routine(self, node: Apply) -> OwnC:
        text = """
        int64 found = 0;
        for (int64 k = 0; k < n && found < count; k++)
            if (holds[k]) places[found++] = k;
        """
        return OwnC(text, {"n": Axis(0, 0)}, ("holds", "count"), ("places",))


class Holding(NoDerivative, Opaque):
    """How often a vector of truth values holds, as a size: no sum of a kernel, which would have to
    make 64 bits of every truth value in its lanes.
    """

    __props__ = ()
    name = "holding"
    host_work = "done by a routine", "it says how much memory is needed, before any is written to"

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [Variable(TensorType("int64", ()))])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        return [np.array(np.count_nonzero(inputs[0]), "int64")]

    def sizes(self, node: Apply) -> Sequence[Sequence[Size]]:
        return [[]]

    def routine(self, node: Apply) -> OwnC:
        text = """
        int64 found = 0;
        for (int64 k = 0; k < n; k++) found += holds[k];
        *count = found;
        """
        return OwnC(text, {"n": Axis(0, 0)}, ("holds",), ("count",))


class Mask(Paired):
    """A mask, whose sizes must be those of the axes that it is for, the other operands."""

    name = "mask"

    def make_node(self, *inputs: Any) -> Apply:
        """Raises `MaskError` for sizes that are known to differ."""
        return fitting(super().make_node(*inputs))

    def size_error(self, node: Apply, pair: Pair, sizes: tuple[int, int]) -> ShapeError:
        mask, axis = node.inputs[0], pair[0].axis
        return MaskError(
            f"the mask {describe(mask)} has size {sizes[0]} along axis {axis}, "
            f"what it is to choose from has {sizes[1]}",
            origins=node.origins,
            because="a mask says of each element whether it is picked",
            hint="a mask is made of what it picks from, as in x[x > 0]",
            operands=(sized(mask, axis, sizes[0]),),
        )


def _places(mask: Variable) -> Variable:
    """Where a vector of truth values holds."""
    return Nonzero()(mask, Holding()(mask))


def masked(x: Variable, mask: Variable, first: int) -> list[Variable]:
    """The index arrays that a mask over axes of `x`, from `first` on, stands for."""
    lengths = [long_as(x, first + axis) for axis in range(mask.ndim)]
    return _where(Mask()(mask, *lengths))


def _where(mask: Variable) -> list[Variable]:
    """For each axis of a mask the indices of what it holds for, in row-major order."""
    if mask.ndim == 1:
        return [_places(mask)]
    places = _places(flatten(mask))
    lengths = [size(mask, axis) for axis in range(mask.ndim)]
    steps = list(accumulate(reversed(lengths[1:]), lambda n, m: n * m, initial=constant_size(1)))
    found: list[Variable] = []
    for axis, step in enumerate(reversed(steps)):
        row = places if step is steps[0] else int_div(places, step)
        found.append(row if axis == 0 else mod(row, lengths[axis]))
    return found


def _holds(x: Any, what: str) -> Variable:
    """Which elements are not 0. Raises `ShapeError` (KG-S008) for a scalar."""
    x = as_variable(x)
    if x.ndim == 0:
        message = f"{what} needs an array, not the scalar {describe(x)}"
        raise ShapeError(message, code="KG-S008", operands=(sized(x),))
    return x if x.dtype == "bool" else neq(x, np.zeros((1,) * x.ndim, x.dtype))


def nonzero(x: Any, return_matrix: bool = False) -> Any:
    """Where an array is not 0: for each axis a vector of indices (int64), in row-major order, as
    NumPy's `nonzero`, or (`return_matrix`) all of them as rows of a matrix.

    `y[x.nonzero()]` are the elements of y for which x is not 0. Raises `ShapeError` (KG-S008) for
    a scalar.
    """
    found = _where(_holds(x, "nonzero"))
    return stack(found) if expect_flag(return_matrix, "return_matrix") else tuple(found)


def flatnonzero(x: Any) -> Variable:
    """Indices of the elements that are not 0 among all of them in row-major order; int64.

    Raises `ShapeError` (KG-S008) for a scalar.
    """
    return _places(flatten(_holds(x, "flatnonzero")))


def nonzero_values(x: Any) -> Variable:
    """The elements that are not 0, in row-major order, as a vector.

    Raises `ShapeError` (KG-S008) for a scalar.
    """
    x = as_variable(x)
    return flatten(x)[flatnonzero(x)]
