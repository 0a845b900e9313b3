"""Broadcasting: dimensions of size 1 repeated, arrays of one number, and the transpose, a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import pad_left
from kernelgraph.errors import KernelgraphError
from kernelgraph.expect import unfit
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.mismatches import expect_same_integers
from kernelgraph.op import Size, View, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.moves import Resizes
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.sources import derived_size, size
from kernelgraph.partials import Linear
from kernelgraph.types import TensorType, check_dtype

__all__ = ["ones_like", "zeros_like"]


class Broadcast(Resizes, View):
    """Dimensions of size 1 repeated: inputs are `x` and an int64 size for each of `axes`."""

    __props__ = ("axes",)
    name = "broadcast"
    linear = Linear(repeats=True)

    def __init__(self, axes: Sequence[int]) -> None:
        self.axes = tuple(axes)

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x, *sizes = inputs
        shape = list(np.shape(x))
        for axis, new in zip(self.axes, sizes, strict=True):
            shape[axis] = int(new)
            if shape[axis] < 0:
                raise self.negative_size(node, shape[axis])
        return [np.broadcast_to(x, shape)]

    def counts(self, node: Apply) -> Sequence[Size]:
        return node.inputs[1:]

    def source_index(self, node: Apply, index: Sequence[Any]) -> Sequence[Any]:
        return [0 if axis in self.axes else index[axis] for axis in range(node.out.ndim)]

    def transposed(self, node: Apply, g: Variable) -> Variable:
        return sum_(g, axis=self.axes, keepdims=True)


def _repeated(x: Variable, like: Variable) -> list[int]:
    """The axes along which `x` alone has size 1."""
    return [k for k, one in enumerate(x.broadcastable) if one and not like.broadcastable[k]]


def broadcast_like(x: Variable, like: Variable, derived: bool = False) -> Variable:
    """`x` (of the same rank) with its dimensions of size 1 repeated to the sizes of `like`, from
    which it is then `derived`, if a user asked for it.
    """
    ask = derived_size if derived else size
    axes = _repeated(x, like)
    return Broadcast(axes)(x, *(ask(like, axis) for axis in axes)) if axes else x


def unbroadcast(g: Variable, like: Variable) -> Variable:
    """The transpose of repeating: `g` summed along the axes where `like` alone has size 1."""
    axes = _repeated(like, g)
    return sum_(g, axis=axes, keepdims=True) if axes else g


def full_like(x: Any, number: Any, dtype: str | None = None) -> Variable:
    """An array of the shape of `x`, filled with one number, which may be a symbol.

    Raises `ArgumentError` for what is no number, `NumberRangeError` (KG-D005) for an integer that
    the dtype has not.
    """
    x = as_variable(x)
    kind = x.dtype if dtype is None else check_dtype(dtype)
    if isinstance(number, Variable):
        return broadcast_like(pad_left(cast(number, kind), x.ndim), x, derived=True)
    if isinstance(number, int) and not isinstance(number, bool):
        expect_same_integers(as_variable(number).data, kind)
    try:
        filled = np.full((1,) * x.ndim, number, kind)
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, KernelgraphError):
            raise
        raise unfit("what an array is filled with", "a number", number) from None
    item = Constant(TensorType(kind, (1,) * x.ndim), filled)
    made = broadcast_like(item, x, derived=True)
    if made is item and x.owner is not None:
        item.derived_from = (x,)
    return made


def zeros_like(x: Any, dtype: str | None = None) -> Variable:
    """Zeros of the shape of `x`."""
    return full_like(x, 0, dtype)


def ones_like(x: Any, dtype: str | None = None) -> Variable:
    """Ones of the shape of `x`."""
    return full_like(x, 1, dtype)
