"""How often numbers occur: the different ones of an array, and counts of small integers.

How many different numbers there are shows only when the function runs. Everything here is put
together from simpler ops: what is sorted has equal numbers side by side, the first of each is
marked, and a running sum of the marks numbers the groups.

    sorted  1 1 3 3 3 7      first  1 0 1 0 0 1      running sum - 1  0 0 1 1 1 2
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.errors import CountError, DTypeError, IndexingError
from kernelgraph.expect import expect_flag, expect_integer
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import Operand, as_variable
from kernelgraph.ops.arithmetic import cast, eq, maximum, neq
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.cumulative import cumsum, diff
from kernelgraph.ops.joining import concatenate
from kernelgraph.ops.logic import both, either
from kernelgraph.ops.masks import flatnonzero
from kernelgraph.ops.positions import Position, arange
from kernelgraph.ops.reductions import Max, count
from kernelgraph.ops.sorting import argsort
from kernelgraph.ops.sources import constant_size
from kernelgraph.ops.updates import inc_subtensor, set_subtensor
from kernelgraph.ops.views import flatten
from kernelgraph.types import INTEGERS, is_float, is_inexact

__all__ = ["bincount", "unique"]


def unique(
    x: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    *,
    equal_nan: bool = True,
) -> Any:
    """The different elements of an array in order, a vector; NaN counts as one and comes last,
    with `equal_nan=False` each as one of its own.

    With `return_index` also the place of the first of each in the flat array, with
    `return_inverse` the number of its group for each element of that, and with `return_counts` how
    many there are of each: a list of vectors, int64.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.lvector("x")
    >>> f = kg.function([x], T.unique(x, return_index=True, return_counts=True))
    >>> [found.tolist() for found in f([7, 1, 3, 3, 1, 3])]
    [[1, 3, 7], [1, 2, 0], [2, 3, 1]]
    """
    wanted = [
        expect_flag(flag, f"return_{name}")
        for name, flag in (
            ("index", return_index), ("inverse", return_inverse), ("counts", return_counts),
        )
    ]  # fmt: skip
    flat = flatten(as_variable(x))
    order, n = argsort(flat), count(flat, [0])
    in_order, places = flat[order], arange(n)
    differ = _differ if expect_flag(equal_nan, "equal_nan") else neq
    first = either(eq(places, 0), differ(in_order, in_order[maximum(places - 1, 0)]))
    starts = flatnonzero(first)
    groups = cumsum(cast(first, "int64")) - 1
    room = Broadcast([0])(as_variable(np.zeros(1, "int64")), n)
    found = [
        order[starts],
        set_subtensor(room[order], groups),
        diff(concatenate([starts, dimshuffle(n, ["x"])])),
    ]
    outputs = [in_order[starts], *(v for v, flag in zip(found, wanted, strict=True) if flag)]
    return outputs if any(wanted) else outputs[0]


def _differ(x: Variable, y: Variable) -> Variable:
    """Whether numbers differ; NaN does not from NaN."""
    return both(neq(x, y), either(eq(x, x), eq(y, y))) if is_inexact(x.dtype) else neq(x, y)


# ---------------------------------------------------------------------------------- small integers


class Highest(Max):
    """The largest element; of nothing, the lowest number there is."""

    nonempty = False

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        (x,) = inputs
        lowest = self.states[0].start(node.out.dtype)
        return [np.asarray(np.max(x, axis=self.axes, initial=lowest))]


class Counted(Position):
    """Numbers that are counted (the first operand), of which there are as many kinds as the second
    says: from 0 on.
    """

    name = "counted"
    wraps = False

    def out_of_bounds(self, node: Apply, index: int, size: int, axis: int = 0) -> IndexingError:
        """The error for a negative number."""
        return CountError(
            f"bincount counts integers from 0 on, and {describe(node.inputs[0])} has {index}",
            origins=node.origins,
            hint="T.unique(x, return_counts=True) counts numbers of any kind",
            operands=(Operand("the counts", (size,), (0,), index=index),),
        )


def bincount(
    x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False
) -> Variable:
    """How often 0, 1, 2 and so on occur in a vector of integers, up to the largest: int64; at least
    `minlength` counts, which is a number or a scalar of integers.

    With `weights`, a vector as long, what those of each kind weigh together: added in float64, in
    their order, which float32 weights are rounded from. Negative numbers always are errors, also
    without `assert_nonneg`: a call of the function raises `CountError` (KG-I009). Raises
    `DTypeError` (KG-D002) for what is no vector of integers.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.lvector("x")
    >>> kg.function([x], T.bincount(x, minlength=5))([1, 3, 1]).tolist()
    [0, 2, 0, 1, 0]
    """
    x = as_variable(x)
    expect_flag(assert_nonneg, "assert_nonneg")
    if x.ndim != 1 or x.dtype not in ("bool", *INTEGERS):
        sides = (sized(x),) if x.ndim != 1 else (typed(x, ["bool", *INTEGERS]),)
        what = f"bincount takes a vector of integers, not {describe(x)}"
        raise DTypeError(what, code="KG-D002", operands=sides)
    least = _length("minlength", 0 if minlength is None else minlength)
    x = cast(x, "int64")
    length = maximum(Highest((0,))(x), constant_size(-1)) + 1
    length = maximum(length, least)
    if weights is None:
        return _added(x, length, as_variable(np.int64(1)))
    w = as_variable(weights)
    if w.ndim != 1:
        what = f"the weights of bincount are a vector, not {describe(w)}"
        raise DTypeError(what, code="KG-D002", operands=(sized(w),))
    total = _added(x, length, cast(w, "float64"))
    return cast(total, w.dtype) if is_float(w.dtype) else total


def _length(what: str, value: Any) -> Variable:
    if not isinstance(value, Variable):
        return constant_size(expect_integer(value, what, least=0))
    if value.ndim or value.dtype not in INTEGERS:
        raise DTypeError(f"{what} is a scalar of integers, not {describe(value)}", code="KG-D002")
    return cast(value, "int64")


def _added(x: Variable, length: Variable, numbers: Variable) -> Variable:
    """The numbers added up by what is counted."""
    room = Broadcast([0])(as_variable(np.zeros(1, numbers.dtype)), length)
    return inc_subtensor(room[Counted()(x, length)], numbers)
