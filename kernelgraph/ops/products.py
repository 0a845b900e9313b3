"""Products of elements along axes, and what is left of one without each of its elements.

The derivative of `a b c` by b is `a c`: the product of what is before an element times that of what
is behind it. No element is divided by, so elements may be 0, and so it is with second derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.expect import expect_flag
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Reduction
from kernelgraph.ops.broadcasting import ones_like
from kernelgraph.ops.cumulative import TIMES_STATE, ProductBefore, backwards
from kernelgraph.ops.reductions import count, insert_axes, totalled
from kernelgraph.ops.sources import derived_size
from kernelgraph.ops.views import reshape
from kernelgraph.templates import State, Template
from kernelgraph.types import accumulator, is_inexact

__all__ = ["prod"]


def _one(dtype: str) -> Any:
    return 1


class Prod(Reduction):
    """Product over axes, accumulated in 64 bits, in the order of the elements; of nothing, 1.

    Integers give 64-bit integers, floats keep their dtype.
    """

    name = "prod"
    states = (State("product", _one, accumulator, "{product} * {x}", over_complex=TIMES_STATE),)
    finish = (Template("prod", "{product}"),)

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype if is_inexact(dtype) else accumulator(dtype)]

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        dtype = accumulator(node.inputs[0].dtype)
        with np.errstate(all="ignore"):
            found = np.prod(inputs[0], axis=self.axes, dtype=dtype)
            return [np.asarray(found).astype(node.out.dtype)]

    def partials(self, node: Apply) -> Sequence[Any]:
        return [product_of_others(node.inputs[0], self.axes)]


class ProdOfNonzero(Prod):
    """A product of elements of which none is 0: it is divided by each for its derivative."""

    def partials(self, node: Apply) -> Sequence[Any]:
        (x,) = node.inputs
        return [insert_axes(node.out, self.axes, x.ndim) / x]


def product_of_others(x: Variable, axes: Sequence[int]) -> Variable:
    """For each element, the product of all others that are reduced with it."""
    if not axes:
        return ones_like(x)
    if len(axes) == 1:
        return _others_along(x, axes[0])
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    order = [*kept, *sorted(axes)]
    moved = dimshuffle(x, order)
    rows = reshape(moved, [*(derived_size(x, axis) for axis in kept), count(x, axes)])
    found = reshape(_others_along(rows, len(kept)), [derived_size(x, axis) for axis in order])
    return dimshuffle(found, [order.index(axis) for axis in range(x.ndim)])


def _others_along(x: Variable, axis: int) -> Variable:
    before = ProductBefore(axis)
    return before(x) * backwards(before(backwards(x, axis)), axis)


def prod(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> Variable:
    """Product over `axis` (None: all; an int or several); of nothing, 1.

    The dtypes are those of `T.sum`. Derivatives of any order are right where elements are 0; with
    `no_zeros_in_input`, which promises that none is, the first is the product divided by the
    element. Raises `AxisError` (KG-S003) and `DTypeError` (KG-D009), as `T.sum` does.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [T.prod(x), T.grad(T.prod(x), x)])
    >>> [found.tolist() for found in f([2.0, 0.0, 3.0])]
    [0.0, [0.0, 6.0, 0.0]]
    """
    kind = ProdOfNonzero if expect_flag(no_zeros_in_input, "no_zeros_in_input") else Prod
    return totalled(kind, x, axis, dtype, keepdims, acc_dtype)
