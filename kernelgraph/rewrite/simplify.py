"""Simplify: less to compute, the same bits.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x * 0` is left alone unless x is
an integer, and `x + 0` unless x cannot be -0. Where a rule is not exact to the bit it says what changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import DimShuffle, Elementwise, dimshuffle
from kernelgraph.ops.arithmetic import (
    Cast,
    abs_,
    add,
    cast,
    maximum,
    minimum,
    mul,
    sqr,
    sub,
    switch,
)
from kernelgraph.ops.contraction import dot_op
from kernelgraph.ops.indexing import Item, Subtensor
from kernelgraph.ops.reductions import Max, Min, Sum
from kernelgraph.ops.sources import SizeOf, Stack, size, stack
from kernelgraph.ops.views import Broadcast, broadcast_like
from kernelgraph.rewrite.rule import (
    Match,
    Sides,
    computed_rule,
    constant_behind,
    floats,
    number,
    result_is_integer,
    rule,
)
from kernelgraph.types import TensorType, is_float

# ---------------------------------------------------------------------------- numbers that do nothing


@rule
def times_one(x: Any) -> Sides:
    """Multiplying by 1 changes no number."""
    return x * 1, x


@rule
def divided_by_one(x: Any) -> Sides:
    """Dividing by 1 changes no number."""
    return x / 1, x


@rule
def minus_zero(x: Any) -> Sides:
    """Subtracting 0 changes no number, not even -0."""
    return x - 0, x


@rule
def plus_negative_zero(x: Any) -> Sides:
    """Adding -0 changes no number: 0 + -0 is 0, and -0 + -0 is -0."""
    return x + -0.0, x


def _keeps_zero(match: Match) -> bool:
    return result_is_integer(match) or never_negative_zero(match["x"])


@rule(when=_keeps_zero)
def plus_zero(x: Any) -> Sides:
    """Adding 0 changes no number except -0, and here there is no -0."""
    return x + 0, x


@computed_rule(
    on=(add,),
    changes="the sign of zero",
    where={"i": "integer"},
    examples=[lambda i, x: (i * 0 + x, x)],
)
def plus_computed_zero(node: Apply) -> Variable | None:
    """An integer expression that came out as 0 adds nothing. (A 0 written by hand may be meant to turn -0 into 0.)"""
    for zero, other in (node.inputs, node.inputs[::-1]):
        constant = constant_behind(zero)
        if constant is not None and getattr(constant.tag, "computed", False):
            return other
    return None


@rule
def power_one(x: Any) -> Sides:
    """A number to the power of 1 is the number."""
    return x**1, x


@rule
def power_zero(x: Any) -> Sides:
    """Any number to the power of 0 is 1, even NaN and 0."""
    return x**0, 1


def never_negative_zero(variable: Variable) -> bool:
    """Whether it is known that no element of `variable` is -0."""
    while (node := variable.owner) is not None and isinstance(node.op, DimShuffle | Broadcast):
        variable = node.inputs[0]
    if not is_float(variable.dtype):
        return True
    if node is None:
        return isinstance(variable, Constant) and not bool(
            np.any((variable.data == 0) & np.signbit(variable.data))
        )
    if isinstance(node.op, Cast):
        return not is_float(node.inputs[0].dtype)
    return node.op.name in ("exp", "sqr", "abs", "sigmoid", "softplus", "sum")


# ---------------------------------------------------------------------------------------- integers


def _computed_zero(dtype: str) -> Constant:
    zero = Constant(TensorType(dtype, ()), np.zeros((), dtype))
    zero.tag.computed = True
    return zero


@computed_rule(on=(mul,), where={"x": "integer"}, examples=[lambda x: (x * 0, 0)])
def integer_times_zero(node: Apply) -> Variable | None:
    """An integer times 0 is 0. (A float may be NaN or infinite, and then it is not.)"""
    if is_float(node.out.dtype) or not any(number(operand) == 0 for operand in node.inputs):
        return None
    return _computed_zero(node.out.dtype)


@computed_rule(on=(sub,), where={"x": "integer"}, examples=[lambda x: (x - x, 0)])
def integer_minus_itself(node: Apply) -> Variable | None:
    """An integer minus itself is 0. (A float may be NaN or infinite, and then it is not.)"""
    x, y = node.inputs
    return _computed_zero(node.out.dtype) if x is y and not is_float(node.out.dtype) else None


@rule(when=result_is_integer, where={"x": "integer"})
def zero_minus_integer(x: Any) -> Sides:
    """0 minus an integer is the negative integer. (Among floats 0 - 0 is 0, and -0 is not.)"""
    return 0 - x, -x


# ------------------------------------------------------------------------------------------- signs


def signs_are_free(match: Match) -> bool:
    """A guard: changing signs loses nothing. Floats have a bit for the sign; integers that overflow do so alike as long
    as all of them have the dtype of the result."""
    dtype = match.node.out.dtype
    return floats(match) or all(variable.dtype == dtype for variable in match.bound.values())


@rule
def negative_twice(x: Any) -> Sides:
    """Two minus signs cancel."""
    return -(-x), x


@rule
def times_minus_one(x: Any) -> Sides:
    """Multiplying by -1 changes the sign alone."""
    return x * -1, -x


@rule(when=signs_are_free)
def plus_negative(x: Any, y: Any) -> Sides:
    """Adding a negative is subtracting."""
    return x + -y, x - y


@rule(when=signs_are_free)
def minus_negative(x: Any, y: Any) -> Sides:
    """Subtracting a negative is adding."""
    return x - -y, x + y


@rule(when=signs_are_free)
def negative_times(x: Any, y: Any) -> Sides:
    """A product's minus sign moves outwards, where it may meet another."""
    return -x * y, -(x * y)


@rule(when=floats)
def negative_divided(x: Any, y: Any) -> Sides:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return -x / y, -(x / y)


@rule(when=floats)
def divided_by_negative(x: Any, y: Any) -> Sides:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return x / -y, -(x / y)


@rule
def square_of_negative(x: Any) -> Sides:
    """A square forgets the sign."""
    return sqr(-x), sqr(x)


@rule(when=lambda match: not match["x"].dtype.startswith("uint"))
def magnitude_of_negative(x: Any) -> Sides:
    """The magnitude forgets the sign."""
    return abs_(-x), abs_(x)


@rule
def magnitude_twice(x: Any) -> Sides:
    """A magnitude is its own magnitude."""
    return abs_(abs_(x)), abs_(x)


# ------------------------------------------------------------------------------- powers and choices


def _keeps_dtype(match: Match) -> bool:
    return match["x"].dtype == match.node.out.dtype


@rule(changes="rounding", when=_keeps_dtype)
def power_two(x: Any) -> Sides:
    """A product costs less than a power, and rounds once."""
    return x**2, sqr(x)


@rule(changes="rounding", when=lambda match: floats(match) and _same_pattern(match))
def times_reciprocal(x: Any, y: Any) -> Sides:
    """One division rounds once, where a reciprocal and a product round twice."""
    return x * (1 / y), x / y


def _same_pattern(match: Match) -> bool:
    """Whether y has all elements of the result: a reciprocal of few numbers is better multiplied with many."""
    return match["y"].broadcastable == match.node.out.broadcastable


@rule
def larger_of_one(x: Any) -> Sides:
    """The larger of a number and itself is the number."""
    return maximum(x, x), x


@rule
def smaller_of_one(x: Any) -> Sides:
    """The smaller of a number and itself is the number."""
    return minimum(x, x), x


@rule
def choice_of_one(condition: Any, x: Any) -> Sides:
    """A choice between a number and itself is no choice."""
    return switch(condition, x, x), x


@rule
def choice_made(x: Any, y: Any) -> Sides:
    """The condition holds everywhere."""
    return switch(True, x, y), x


@rule
def choice_refused(x: Any, y: Any) -> Sides:
    """The condition holds nowhere."""
    return switch(False, x, y), y


# ------------------------------------------------------------------------------------------- casts


def _loses_nothing(dtype: str, to: str) -> bool:
    """Whether every number of `dtype` is a number of `to`."""
    if dtype == to or dtype == "bool":
        return True
    if to == "bool":
        return False
    if is_float(dtype):
        return to == "float64"
    limits = np.iinfo(dtype)
    if is_float(to):
        return limits.bits < np.finfo(to).nmant
    return np.iinfo(to).min <= limits.min and limits.max <= np.iinfo(to).max


@computed_rule(
    on=(Cast,),
    examples=[
        lambda x: (cast(cast(x, "float64"), "float32"), cast(x, "float32")),
        lambda x: (cast(cast(x, "int64"), "int8"), cast(x, "int8")),
    ],
)
def cast_twice(node: Apply) -> Variable | None:
    """A cast that loses nothing need not be made before another one."""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Cast):
        return None
    (x,), middle, last = inner.inputs, inner.op.dtype, node.out.dtype
    # A float that is too large for an integer dtype ends at its limit, an integer wraps around.
    wraps = (
        is_float(middle)
        and not is_float(x.dtype)
        and not is_float(last)
        and not _loses_nothing(x.dtype, last)
    )
    return cast(x, last) if _loses_nothing(x.dtype, middle) and not wraps else None


# ------------------------------------------------------------------------------------------- views


@computed_rule(
    on=(DimShuffle,),
    where={"x": "matrix"},
    examples=[
        lambda x: (dimshuffle(dimshuffle(x, (1, 0)), (1, 0)), x),
        lambda x: (dimshuffle(dimshuffle(x, (1, "x", 0)), (2, 0, 1)), dimshuffle(x, (0, 1, "x"))),
    ],
)
def shuffle_once(node: Apply) -> Variable | None:
    """Reordering dimensions twice is reordering them once, or not at all."""
    x, order = node.inputs[0], _order(node)
    inner = x.owner
    if inner is not None and isinstance(inner.op, DimShuffle):
        first = inner.op.order
        return dimshuffle(inner.inputs[0], [first[k] if isinstance(k, int) else "x" for k in order])
    return x if order == tuple(range(x.ndim)) else None


def _order(node: Apply) -> tuple[int | str, ...]:
    assert isinstance(node.op, DimShuffle)
    return node.op.order


@computed_rule(
    on=(DimShuffle,),
    where={"x": "positive matrix", "y": "positive matrix"},
    changes="rounding",
    examples=[lambda x, y: (dimshuffle(dot_op(x.T, y.T), (1, 0)), dot_op(y, x))],
    depth=3,
)
def transpose_of_dot(node: Apply) -> Variable | None:
    """The transpose of a product of transposes is the product in the other order."""
    dot = node.inputs[0].owner
    if _order(node) != (1, 0) or dot is None or dot.op != dot_op:
        return None
    x, y = dot.inputs
    if x.ndim == y.ndim == 2 and _is_transpose(x) and _is_transpose(y):
        return dot_op(dimshuffle(y, (1, 0)), dimshuffle(x, (1, 0)))
    return None


def _is_transpose(variable: Variable) -> bool:
    node = variable.owner
    return node is not None and isinstance(node.op, DimShuffle) and node.op.order == (1, 0)


@computed_rule(
    on=(Broadcast,),
    where={"x": "single", "y": "matrix"},
    examples=[lambda x, y: (_repeat_rows(_repeat_columns(x, y), y), broadcast_like(x, y))],
)
def broadcast_twice(node: Apply) -> Variable | None:
    """Repeating twice is repeating once."""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Broadcast):
        return None
    sizes = {**_sizes_of(inner), **_sizes_of(node)}
    axes = sorted(sizes)
    return Broadcast(axes)(inner.inputs[0], *(sizes[axis] for axis in axes))


def _sizes_of(node: Apply) -> dict[int, Variable]:
    assert isinstance(node.op, Broadcast)
    return dict(zip(node.op.axes, node.inputs[1:], strict=True))


@computed_rule(
    on=(DimShuffle,),
    where={"x": "row", "y": "matrix"},
    examples=[lambda x, y: (dimshuffle(_repeat_rows(x, y), (1, 0)), _repeat_columns(x.T, y.T))],
)
def shuffle_of_broadcast(node: Apply) -> Variable | None:
    """Repeating comes last, so that what uses the numbers may do without it."""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Broadcast):
        return None
    order, sizes = _order(node), _sizes_of(inner)
    if any(axis not in order for axis in sizes):
        return None
    axes = [axis for axis, source in enumerate(order) if source in sizes]
    moved = dimshuffle(inner.inputs[0], order)
    return Broadcast(axes)(moved, *(sizes[k] for k in order if isinstance(k, int) and k in sizes))


def _repeat_rows(x: Variable, like: Variable) -> Variable:
    return Broadcast([0])(x, size(like, 0))


def _repeat_columns(x: Variable, like: Variable) -> Variable:
    return Broadcast([1])(x, size(like, 1))


@computed_rule(
    on=(Elementwise,),
    where={"x": "row", "y": "matrix"},
    examples=[
        lambda x, y: (broadcast_like(x, y) * y, x * y),
        lambda x, y: (abs_(broadcast_like(x, y)), broadcast_like(abs_(x), y)),
    ],
)
def broadcast_late(node: Apply) -> Variable | None:
    """A number is not repeated before it is used: the other operands say how often, or the result is repeated."""
    operands = [_unrepeated(operand) for operand in node.inputs]
    if all(a is b for a, b in zip(operands, node.inputs, strict=True)):
        return None
    return node.op(*operands)


def _unrepeated(variable: Variable) -> Variable:
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, Broadcast) else variable


# ---------------------------------------------------------------------------- sums and sizes of nothing


@computed_rule(
    on=(Sum, Max, Min),
    where={"x": "integer row"},
    examples=[
        lambda x: (Sum((0,))(x), cast(dimshuffle(x, (1,)), "int64")),
        lambda x: (Max((0,))(x), dimshuffle(x, (1,))),
    ],
)
def reduce_one(node: Apply) -> Variable | None:
    """Reducing dimensions of size 1 leaves the numbers. (A sum starts at 0, which turns -0 into 0.)"""
    (x,) = node.inputs
    axes: tuple[int, ...] = getattr(node.op, "axes", ())
    if not all(x.broadcastable[axis] for axis in axes):
        return None
    if isinstance(node.op, Sum) and not never_negative_zero(x):
        return None
    return dimshuffle(x, [axis for axis in range(x.ndim) if axis not in axes])


@computed_rule(
    on=(SizeOf,),
    where={"x": "matrix"},
    examples=[lambda x: (SizeOf(0)(abs_(dimshuffle(x, (1, 0)))), SizeOf(1)(x))],
)
def size_of_source(node: Apply) -> Variable | None:
    """A size is taken from where it comes from, so that asking for it computes nothing else."""
    assert isinstance(node.op, SizeOf)
    found = size(node.inputs[0], node.op.axis)
    same = (
        found.owner is not None
        and found.owner.op == node.op
        and found.owner.inputs[0] is node.inputs[0]
    )
    return None if same else found


@computed_rule(
    on=(Subtensor,),
    where={"x": "scalar", "y": "scalar"},
    examples=[lambda x, y: (stack(x, y)[1], y)],
)
def item_of_stack(node: Apply) -> Variable | None:
    """An item of a list of scalars is that scalar."""
    assert isinstance(node.op, Subtensor)
    source = node.inputs[0].owner
    if source is None or not isinstance(source.op, Stack) or node.op.spec != (Item(),):
        return None
    index = number(node.inputs[1])
    return None if index is None else source.inputs[int(index)]


RULES = (
    times_one, divided_by_one, minus_zero, plus_negative_zero, plus_zero, plus_computed_zero, power_one, power_zero,
    integer_times_zero, integer_minus_itself, zero_minus_integer,
    negative_twice, times_minus_one, plus_negative, minus_negative, negative_times, negative_divided,
    divided_by_negative, square_of_negative, magnitude_of_negative, magnitude_twice,
    power_two, times_reciprocal, larger_of_one, smaller_of_one, choice_of_one, choice_made, choice_refused,
    cast_twice, shuffle_once, transpose_of_dot, broadcast_twice, shuffle_of_broadcast, broadcast_late,
    reduce_one, size_of_source, item_of_stack,
)  # fmt: skip
