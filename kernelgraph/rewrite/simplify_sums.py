"""Simplify sums: what all terms have in common is done once, not for every term."""

from __future__ import annotations

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import Cast, cast, mul, neg, true_div
from kernelgraph.ops.reductions import MeanAndVariance, Sum, mean, mean_and_variance, sum_
from kernelgraph.ops.sources import size
from kernelgraph.ops.views import Broadcast
from kernelgraph.rewrite.matching import constant_behind, number
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.types import is_float


@computed_rule(
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
    on=(mul,),
    changes="rounding",
    where={"x": "bounded"},
    examples=[lambda x: (-0.5 * (2.0 * x), -1.0 * x), lambda x: (x * 3.0 * 4.0, x * 12.0)],
    depth=3,
)
def constants_together(node: Apply) -> Variable | None:
    """Two constant factors are one: their product is worked out while compiling."""
    if not is_float(node.out.dtype):
        return None
    for outer, rest in (node.inputs, node.inputs[::-1]):
        inner = rest.owner
        if number(outer) is None or inner is None or inner.op != mul:
            continue
        for factor, x in (inner.inputs, inner.inputs[::-1]):
            if number(factor) is not None and number(x) is None:
                found = _product(outer, factor, x)
                if found is not None and found.type == node.out.type:
                    return found
    return None


def _product(a: Variable, b: Variable, x: Variable) -> Variable | None:
    """x times a product of two constants; None where that is no plain number."""
    with np.errstate(all="ignore"):
        both = np.asarray(number(a), "float64") * np.asarray(number(b), "float64")
        value = both.astype(x.dtype) if is_float(x.dtype) else both
    if not np.isfinite(value) or value == 0 or (is_float(x.dtype) and value != both):
        return None
    return mul(as_variable(value), x)


@computed_rule(
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


RULES = (
    negative_out_of_sum, sum_of_one_number, constants_together, mean_of_the_variance,
)  # fmt: skip
