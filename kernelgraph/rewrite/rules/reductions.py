"""Sums, means, maxima and minima along axes.

What all terms have in common is done once, not for every term; what is reduced twice is reduced
once, and a dimension of size 1 not at all.
"""

from __future__ import annotations

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import Cast, cast, neg, true_div
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.reductions import (
    Max,
    MeanAndVariance,
    Min,
    Sum,
    max_,
    mean,
    mean_and_variance,
    sum_,
)
from kernelgraph.ops.sources import size
from kernelgraph.rewrite.guards import has_one_use, never_negative_zero
from kernelgraph.rewrite.matching import constant_behind, number
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.rules.views import without_axes
from kernelgraph.types import is_float


@computed_rule(
    phase="simplify",
    on=(Sum,),
    changes="the sign of zero",
    where={"x": "matrix"},
    examples=[lambda x: (sum_(-x, axis=1), -sum_(x, axis=1))],
)
def negative_out_of_sum(node: Apply) -> Variable | None:
    """A sum of negatives is the negative of the sum."""
    inner = node.inputs[0].owner
    if inner is None or inner.op != neg or not is_float(node.out.dtype):
        return None
    return neg(node.op(inner.inputs[0]))


@computed_rule(
    phase="simplify",
    on=(Sum,),
    changes="rounding",
    where={"y": "matrix"},
    examples=[
        lambda y: (
            Sum((0,))(Broadcast([0])(as_variable(np.array([-1.5])), size(y, 0))),
            as_variable(np.array(-1.5)) * cast(size(y, 0), "float64"),
        )
    ],
    depth=3,
)
def sum_of_one_number(node: Apply) -> Variable | None:
    """The sum of n equal numbers is n times the number."""
    assert isinstance(node.op, Sum)
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Broadcast):
        return None
    x, dtype = inner.inputs[0], node.out.dtype
    value = x.scalar if isinstance(x, Constant) else None
    if value is None or not is_float(dtype) or not np.isfinite(value):
        return None
    if set(node.op.axes) != set(range(x.ndim)):
        return None
    total = as_variable(np.array(value, dtype))
    for length in inner.inputs[1:]:
        total = total * cast(length, dtype)
    return total


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
    total, count = (_unpadded(operand) for operand in node.inputs)
    summed = total.owner
    if summed is None or not isinstance(summed.op, Sum) or not _is_count(count, summed):
        return None
    for client in graph.clients.get(summed.inputs[0], ()):
        if isinstance(client.op, MeanAndVariance) and client.op.axes == summed.op.axes:
            found = client.outputs[0]
            padding = node.inputs[0].owner
            if padding is summed:
                return found
            assert padding is not None
            return padding.op(found)
    return None


def _unpadded(variable: Variable) -> Variable:
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, DimShuffle) else variable


def _is_count(count: Variable, summed: Apply) -> bool:
    """Whether a number is that of the elements which a sum over one axis adds."""
    node = count.owner
    assert isinstance(summed.op, Sum)
    if node is None or not isinstance(node.op, Cast) or len(summed.op.axes) != 1:
        return False
    expected = size(summed.inputs[0], summed.op.axes[0])
    found, wanted = node.inputs[0].owner, expected.owner
    if found is None or wanted is None:
        return constant_behind(count) is not None and number(count) == number(expected)
    return found.op == wanted.op and found.inputs == wanted.inputs


@computed_rule(
    phase="simplify",
    on=(Sum, Max, Min),
    changes="rounding",
    where={"x": "positive matrix"},
    examples=[
        lambda x: (sum_(sum_(x, axis=1)), sum_(x)),
        lambda x: (max_(max_(x, axis=0)), max_(x)),
    ],
)
def reduce_twice(node: Apply, graph: FunctionGraph) -> Variable | None:
    """Reducing one axis after the other is reducing both."""
    once, op = node.inputs[0], node.op
    inner = once.owner
    assert isinstance(op, Sum | Max | Min)
    if inner is None or type(inner.op) is not type(op) or not has_one_use(once, graph):
        return None
    assert isinstance(inner.op, Sum | Max | Min)
    (x,) = inner.inputs
    left = [axis for axis in range(x.ndim) if axis not in inner.op.axes]
    axes = sorted((*inner.op.axes, *(left[axis] for axis in op.axes)))
    return type(op)(tuple(axes))(x)


@computed_rule(
    phase="simplify",
    on=(Sum, Max, Min),
    where={"x": "column"},
    examples=[lambda x: (Sum((0, 1))(x), Sum((0,))(dimshuffle(x, (0,))))],
)
def reduce_without_single_axes(node: Apply) -> Variable | None:
    """Reducing a dimension of size 1 beside others adds nothing."""
    (x,), op = node.inputs, node.op
    assert isinstance(op, Sum | Max | Min)
    single = [axis for axis in op.axes if x.broadcastable[axis]]
    if not single or len(single) == len(op.axes):
        return None
    kept = [axis for axis in range(x.ndim) if axis not in single]
    axes = tuple(kept.index(axis) for axis in op.axes if axis not in single)
    return type(op)(axes)(without_axes(x, single))


@computed_rule(
    phase="simplify",
    on=(Sum, Max, Min),
    where={"x": "integer row"},
    examples=[
        lambda x: (Sum((0,))(x), cast(dimshuffle(x, (1,)), "int64")),
        lambda x: (Max((0,))(x), dimshuffle(x, (1,))),
    ],
)
def reduce_one(node: Apply) -> Variable | None:
    """Reducing dimensions of size 1 leaves the numbers.

    A sum starts at 0, which turns -0 into 0: a float sum goes only where there is no -0.
    """
    (x,) = node.inputs
    axes: tuple[int, ...] = getattr(node.op, "axes", ())
    if not all(x.broadcastable[axis] for axis in axes):
        return None
    if isinstance(node.op, Sum) and not never_negative_zero(x):
        return None
    return dimshuffle(x, [axis for axis in range(x.ndim) if axis not in axes])
