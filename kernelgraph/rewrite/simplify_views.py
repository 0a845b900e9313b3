"""Simplify views: casts, reordered and repeated dimensions, sums and sizes of nothing.

None of these touches a number; they change where it is found. Repeating (`broadcast`) is put off
for as long as possible, so that no graph repeats what an elementwise op would repeat by itself.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import Cast, abs_, cast, neg
from kernelgraph.ops.contraction import Dot, dot_op
from kernelgraph.ops.indexing import Item, Subtensor
from kernelgraph.ops.reductions import Max, Min, Sum
from kernelgraph.ops.sources import SizeOf, Stack, size, stack
from kernelgraph.ops.views import Broadcast, broadcast_like
from kernelgraph.rewrite.matching import constant_behind, number
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.simplify import never_negative_zero
from kernelgraph.types import is_float

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
    wraps = is_float(middle) and not is_float(x.dtype) and not is_float(last)
    if not _loses_nothing(x.dtype, middle) or (wraps and not _loses_nothing(x.dtype, last)):
        return None
    return cast(x, last)


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
    """A number is not repeated before it is used, but with the result, if then.

    Where another operand has the full size, the op repeats the number by itself. That the other
    operand's size is what was asked for is not looked at any more.
    """
    operands = [_unrepeated(operand) for operand in node.inputs]
    if all(a is b for a, b in zip(operands, node.inputs, strict=True)):
        return None
    return node.op(*operands)


def _unrepeated(variable: Variable) -> Variable:
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, Broadcast) else variable


# ---------------------------------------------------------------------------- dimensions of size 1


def _puts_in(variable: Variable, axis: int) -> bool:
    """Whether a dimension was put in for broadcasting: for anything but a constant."""
    node = variable.owner
    added = node is not None and isinstance(node.op, DimShuffle) and node.op.order[axis] == "x"
    return added and constant_behind(variable) is None


def _without(variable: Variable, axes: Collection[int]) -> Variable:
    return dimshuffle(variable, [axis for axis in range(variable.ndim) if axis not in axes])


def _put_back(variable: Variable, axes: Collection[int], rank: int) -> Variable:
    kept = iter(range(variable.ndim))
    return dimshuffle(variable, ["x" if axis in axes else next(kept) for axis in range(rank)])


@computed_rule(
    on=(Elementwise,),
    where={"x": "vector", "y": "column"},
    examples=[
        lambda x, y: (
            dimshuffle(x, (0, "x")) * y,
            dimshuffle(x * dimshuffle(y, (0,)), (0, "x")),
        ),
        lambda x: (abs_(dimshuffle(x, ("x", 0))), dimshuffle(abs_(x), ("x", 0))),
    ],
)
def single_axes_last(node: Apply) -> Variable | None:
    """A dimension of size 1 is put in after the numbers are worked out, not carried along."""
    if node.op == neg:
        return None  # a minus sign stays outside, where it may meet another
    single = [axis for axis, one in enumerate(node.out.broadcastable) if one]
    axes = [axis for axis in single if any(_puts_in(v, axis) for v in node.inputs)]
    if not axes:
        return None
    result = node.op(*(_without(operand, axes) for operand in node.inputs))
    return _put_back(result, axes, node.out.ndim)


@computed_rule(
    on=(DimShuffle,),
    where={"x": "matrix"},
    examples=[lambda x: (dimshuffle(-x, (1, 0)), -dimshuffle(x, (1, 0)))],
)
def negative_of_shuffled(node: Apply) -> Variable | None:
    """A minus sign moves outwards, where it may meet another."""
    inner = node.inputs[0].owner
    if inner is None or inner.op != neg:
        return None
    return neg(dimshuffle(inner.inputs[0], _order(node)))


@computed_rule(
    on=(Dot,),
    changes="rounding",
    where={"x": "positive matrix", "y": "positive column"},
    examples=[
        lambda x, y: (dot_op(x, y), dimshuffle(dot_op(x, dimshuffle(y, (0,))), (0, "x"))),
        lambda x, y: (dot_op(y.T, x.T), dimshuffle(dot_op(dimshuffle(y, (0,)), x.T), ("x", 0))),
    ],
)
def column_as_vector(node: Apply) -> Variable | None:
    """A matrix of one column is a vector: sums over rows fuse with what uses them."""
    x, y = node.inputs
    if y.broadcastable == (False, True):
        return _put_back(dot_op(x, _without(y, {1})), {x.ndim - 1}, node.out.ndim)
    if x.broadcastable == (True, False):
        return _put_back(dot_op(_without(x, {0}), y), {0}, node.out.ndim)
    return None


@computed_rule(
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
    return type(op)(axes)(_without(x, single))


# --------------------------------------------------------------------------------- sums and sizes


@computed_rule(
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


@computed_rule(
    on=(SizeOf,),
    where={"x": "matrix"},
    examples=[lambda x: (SizeOf(0)(abs_(dimshuffle(x, (1, 0)))), SizeOf(1)(x))],
)
def size_of_source(node: Apply) -> Variable | None:
    """A size is taken from where it comes from, so that asking for it computes nothing else."""
    assert isinstance(node.op, SizeOf)
    found = size(node.inputs[0], node.op.axis)
    source = found.owner
    is_known = source is not None and source.op == node.op and source.inputs == node.inputs
    return None if is_known else found


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
    cast_twice, shuffle_once, transpose_of_dot, broadcast_twice, shuffle_of_broadcast,
    broadcast_late, single_axes_last, negative_of_shuffled, column_as_vector,
    reduce_without_single_axes, reduce_one, size_of_source, item_of_stack,
)  # fmt: skip
