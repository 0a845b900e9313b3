"""Sums, means, maxima and minima along axes.

What all terms have in common is done once, not for every term; what is reduced twice is reduced
once, and a dimension of size 1 not at all.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Reduction, as_variable
from kernelgraph.ops.arithmetic import Cast, cast, mul, true_div
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.moments import MeanAndVariance, mean, mean_and_variance
from kernelgraph.ops.reductions import Max, Min, Sum, max_, sum_
from kernelgraph.ops.sources import size
from kernelgraph.rewrite.guards import floats, has_one_use, never_negative_zero
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.rules.views import behind, same_size, without_axes
from kernelgraph.rewrite.wildcards import Operands
from kernelgraph.types import is_float


@rule(
    phase="simplify",
    changes="the sign of zero",
    when=floats,
    where={"x": "matrix", "total": Sum((1,))},
)
def negative_out_of_sum(x: Any, total: Sum) -> LhsRhs:
    """A sum of negatives is the negative of the sum."""
    return total(-x), -total(x)


def _is_of_one_number(match: Match) -> bool:
    """A guard: x is a finite constant, a float, and all of its axes are added up."""
    x, value = match["x"], number(match["x"])
    is_finite = value is not None and is_float(x.dtype) and bool(np.isfinite(value))
    return is_finite and set(match["total"].axes) == set(range(x.ndim))


@rule(
    phase="simplify",
    changes="rounding",
    when=_is_of_one_number,
    where={"y": "matrix"},
    examples=[
        lambda y: (
            Sum((0,))(Broadcast([0])(as_variable(np.array([-1.5])), size(y, 0))),
            as_variable(np.array(-1.5)) * cast(size(y, 0), "float64"),
        )
    ],
)
def sum_of_one_number(x: Any, total: Sum, repeated: Broadcast, sizes: Operands) -> LhsRhs:
    """The sum of n equal numbers is n times the number."""
    return total(repeated(x, *sizes)), lambda: reduce(
        mul, [cast(length, x.dtype) for length in sizes], dimshuffle(x, ())
    )


@computed_rule(
    phase="simplify",
    on=(true_div,),
    changes="rounding",
    where={"x": "positive matrix"},
    examples=[
        lambda x: (
            mean(x, axis=1) * mean_and_variance(x, axis=1)[1],
            mean_and_variance(x, axis=1)[0] * mean_and_variance(x, axis=1)[1],
        )
    ],
    depth=4,
)
def mean_of_the_variance(node: Apply, graph: FunctionGraph) -> Variable | None:
    """Where the variance is computed, the mean is there already."""
    total, count = (behind(operand, DimShuffle) for operand in node.inputs)
    summed = total.owner
    if summed is None or not isinstance(summed.op, Sum) or not _is_count(count, summed):
        return None
    for client in graph.clients.get(summed.inputs[0], ()):
        if isinstance(client.op, MeanAndVariance) and client.op.axes == summed.op.axes:
            view = node.inputs[0].owner
            found = client.outputs[0]
            return found if view is None or view is summed else view.op(found)
    return None


def _is_count(count: Variable, summed: Apply) -> bool:
    """Whether a number is that of the elements which a sum over one axis adds."""
    node = count.owner
    assert isinstance(summed.op, Sum)
    if node is None or not isinstance(node.op, Cast) or len(summed.op.axes) != 1:
        return False
    return same_size(node.inputs[0], size(summed.inputs[0], summed.op.axes[0]))


def _are_one(match: Match) -> bool:
    """A guard: both reduce alike, and nobody else wants what is reduced once."""
    alike = type(match["first"]) is type(match["second"])
    return alike and match.graph is not None and has_one_use(match.node.inputs[0], match.graph)


def _all_axes(first: Reduction, second: Reduction, rank: int) -> tuple[int, ...]:
    """The axes that two reductions reduce, one after the other."""
    left = [axis for axis in range(rank) if axis not in first.axes]
    return tuple(sorted((*first.axes, *(left[axis] for axis in second.axes))))


@rule(
    phase="simplify",
    changes="rounding",
    when=_are_one,
    where={"x": "positive matrix"},
    examples=[
        lambda x: (sum_(sum_(x, axis=1)), sum_(x)),
        lambda x: (max_(max_(x, axis=0)), max_(x)),
    ],
)
def reduce_twice(x: Any, first: Sum | Max | Min, second: Sum | Max | Min) -> LhsRhs:
    """Reducing one axis after the other is reducing both."""
    return second(first(x)), lambda: type(first)(_all_axes(first, second, x.ndim))(x)


def _single_axes(x: Variable, op: Reduction) -> list[int]:
    return [axis for axis in op.axes if x.broadcastable[axis]]


def _without_single_axes(x: Variable, op: Sum | Max | Min) -> Variable:
    single = _single_axes(x, op)
    kept = [axis for axis in range(x.ndim) if axis not in single]
    axes = tuple(kept.index(axis) for axis in op.axes if axis not in single)
    return type(op)(axes)(without_axes(x, single))


@rule(
    phase="simplify",
    when=lambda match: 0 < len(_single_axes(match["x"], match["op"])) < len(match["op"].axes),
    where={"x": "column", "op": (Sum((0, 1)), Max((0, 1)))},
    over_complex=True,
)
def reduce_without_single_axes(x: Any, op: Sum | Max | Min) -> LhsRhs:
    """Reducing a dimension of size 1 beside others adds nothing."""
    return op(x), lambda: _without_single_axes(x, op)


def _leaves_numbers(match: Match) -> bool:
    """A guard: all axes are of size 1, and no -0 becomes 0."""
    x, op = match["x"], match["op"]
    is_one = len(_single_axes(x, op)) == len(op.axes)
    return is_one and (not isinstance(op, Sum) or never_negative_zero(x))


@rule(
    phase="simplify", when=_leaves_numbers, where={"x": "integer row", "op": (Sum((0,)), Max((0,)))}
)
def reduce_one(x: Any, op: Sum | Max | Min) -> LhsRhs:
    """Reducing dimensions of size 1 leaves the numbers.

    A sum starts at 0, which turns -0 into 0: a float sum goes only where there is no -0.
    """
    return op(x), lambda: without_axes(x, op.axes)
