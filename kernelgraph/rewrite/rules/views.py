"""Views: reordered, repeated and reshaped dimensions, and sizes.

None of these touches a number; they change where it is found. Repeating (`broadcast`) is put off
for as long as possible, so that no graph repeats what an elementwise op would repeat by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kernelgraph.elementwise import DimShuffle, Elementwise, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import abs_, neg
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like
from kernelgraph.ops.passing import Passing, ZeroGrad
from kernelgraph.ops.sources import SizeOf, constant_size, size
from kernelgraph.ops.views import Reshape, flatten
from kernelgraph.rewrite.matching import Match, computes_same, constant_behind, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.wildcards import Operands


@rule(
    phase="simplify",
    where={"x": "matrix", "first": DimShuffle((1, "x", 0)), "second": DimShuffle((2, 0, 1))},
    over_complex=True,
)
def shuffle_once(x: Any, first: DimShuffle, second: DimShuffle) -> LhsRhs:
    """Reordering dimensions twice is reordering them once, or not at all."""
    return second(first(x)), lambda: dimshuffle(
        x, [first.order[k] if isinstance(k, int) else "x" for k in second.order]
    )


@rule(
    phase="simplify",
    when=lambda match: match["view"].order == tuple(range(match["x"].ndim)),
    where={"x": "matrix", "view": DimShuffle((0, 1))},
    over_complex=True,
)
def shuffle_to_itself(x: Any, view: DimShuffle) -> LhsRhs:
    """The dimensions stay in their order."""
    return view(x), x


@rule(phase="simplify", where={"x": "matrix", "view": ZeroGrad()})
def passes_as_it_is(x: Any, view: Passing) -> LhsRhs:
    """What was said of gradients has done its work when they are there."""
    return view(x), x


def _repeated(x: Variable, sizes: Mapping[int, Variable]) -> Variable:
    """x repeated along axes, to these sizes."""
    axes = sorted(sizes)
    return Broadcast(axes)(x, *(sizes[axis] for axis in axes))


@rule(
    phase="simplify",
    where={"x": "single", "y": "matrix"},
    examples=[lambda x, y: (_repeat_rows(_repeat_columns(x, y), y), broadcast_like(x, y))],
    over_complex=True,
)
def broadcast_twice(
    x: Any, first: Broadcast, few: Operands, second: Broadcast, more: Operands
) -> LhsRhs:
    """Repeating twice is repeating once."""
    return second(first(x, *few), *more), lambda: _repeated(
        x, {**_by_axis(first, few), **_by_axis(second, more)}
    )


def _by_axis(op: Broadcast, sizes: Iterable[Variable]) -> dict[int, Variable]:
    return dict(zip(op.axes, sizes, strict=True))


@rule(
    phase="simplify",
    when=lambda match: set(match["repeat"].axes) <= set(match["view"].order),
    where={"x": "row", "y": "matrix"},
    examples=[lambda x, y: (dimshuffle(_repeat_rows(x, y), (1, 0)), _repeat_columns(x.T, y.T))],
    over_complex=True,
)
def shuffle_of_broadcast(x: Any, view: DimShuffle, repeat: Broadcast, sizes: Operands) -> LhsRhs:
    """Repeating comes last, so that what uses the numbers may do without it."""
    return view(repeat(x, *sizes)), lambda: _repeated(
        dimshuffle(x, view.order),
        {view.order.index(axis): size for axis, size in _by_axis(repeat, sizes).items()},
    )


def _repeat_rows(x: Variable, like: Variable) -> Variable:
    return Broadcast([0])(x, size(like, 0))


def _repeat_columns(x: Variable, like: Variable) -> Variable:
    return Broadcast([1])(x, size(like, 1))


@computed_rule(
    phase="simplify",
    on=(Elementwise,),
    where={"x": "row", "y": "matrix"},
    examples=[
        lambda x, y: (broadcast_like(x, y) * y, x * y),
        lambda x, y: (abs_(broadcast_like(x, y)), broadcast_like(abs_(x), y)),
    ],
    over_complex=True,
)
def broadcast_late(node: Apply) -> Variable | None:
    """Elementwise ops repeat what is smaller by themselves: f(broadcast(x)) is broadcast(f(x)).

    Beside an operand of the full size nothing has to be repeated. That the other operand's size is
    what was asked for is not looked at any more.
    """
    operands = [behind(operand, Broadcast) for operand in node.inputs]
    if all(a is b for a, b in zip(operands, node.inputs, strict=True)):
        return None
    return node.op(*operands)


def behind(variable: Variable, kind: type[Op]) -> Variable:
    """The operand of a variable that an op of this kind made; any other variable itself."""
    node = variable.owner
    return node.inputs[0] if node is not None and isinstance(node.op, kind) else variable


def _puts_in(variable: Variable, axis: int) -> bool:
    """Whether a dimension was put in for broadcasting: for anything but a constant."""
    node = variable.owner
    added = node is not None and isinstance(node.op, DimShuffle) and node.op.order[axis] == "x"
    return added and constant_behind(variable) is None


def without_axes(variable: Variable, axes: Collection[int]) -> Variable:
    """The variable without some of its dimensions of size 1."""
    return dimshuffle(variable, [axis for axis in range(variable.ndim) if axis not in axes])


def put_back_axes(variable: Variable, axes: Collection[int], rank: int) -> Variable:
    """The variable with dimensions of size 1 put in."""
    kept = iter(range(variable.ndim))
    return dimshuffle(variable, ["x" if axis in axes else next(kept) for axis in range(rank)])


@computed_rule(
    phase="simplify",
    on=(Elementwise,),
    where={"x": "vector", "y": "column"},
    examples=[
        lambda x, y: (dimshuffle(x, (0, "x")) * y, dimshuffle(x * dimshuffle(y, (0,)), (0, "x"))),
        lambda x: (abs_(dimshuffle(x, ("x", 0))), dimshuffle(abs_(x), ("x", 0))),
    ],
    over_complex=True,
)
def single_axes_last(node: Apply) -> Variable | None:
    """A dimension of size 1 is put in after the numbers are worked out, not carried along."""
    if 1 not in node.out.tensor_type.shape or node.op == neg:
        return None  # a minus sign stays outside, where it may meet another
    single = [axis for axis, one in enumerate(node.out.broadcastable) if one]
    axes = [axis for axis in single if any(_puts_in(v, axis) for v in node.inputs)]
    if not axes:
        return None
    result = node.op(*(without_axes(operand, axes) for operand in node.inputs))
    return put_back_axes(result, axes, node.out.ndim)


@rule(phase="simplify", where={"x": "matrix", "view": DimShuffle((1, 0))}, over_complex=True)
def negative_of_shuffled(x: Any, view: DimShuffle) -> LhsRhs:
    """A minus sign moves outwards, where it may meet another."""
    return view(-x), -view(x)


@computed_rule(
    phase="simplify",
    on=(SizeOf,),
    where={"x": "matrix"},
    examples=[lambda x: (SizeOf(0)(abs_(dimshuffle(x, (1, 0)))), SizeOf(1)(x))],
    over_complex=True,
)
def size_of_source(node: Apply) -> Variable | None:
    """A size is taken from where it comes from, so that asking for it computes nothing else."""
    assert isinstance(node.op, SizeOf)
    found = size(node.inputs[0], node.op.axis)
    return None if computes_same(found, node.out) else found


@rule(
    phase="simplify",
    where={"x": "matrix"},
    examples=[
        lambda x: (flatten(x).reshape((size(x, 1), -1)), x.reshape((size(x, 1), -1))),
        lambda x: (flatten(x).reshape((-1,)), flatten(x)),
    ],
    over_complex=True,
)
def reshape_of_flat(x: Any, flat: Reshape, reshape: Reshape, sizes: Operands) -> LhsRhs:
    """Elements in one row and in their order anyway need not be put in one row first."""
    return reshape(flat(x, -1), *sizes), reshape(x, *sizes)


def _are_its_sizes(match: Match) -> bool:
    """A guard: the sizes are those that x has; of a vector, -1 is its size."""
    x, sizes = match["x"], match["sizes"]
    if x.ndim == len(sizes) == 1 and number(sizes[0]) == -1:
        return True
    return x.ndim == len(sizes) and all(same_size(n, size(x, k)) for k, n in enumerate(sizes))


@rule(
    phase="simplify",
    when=_are_its_sizes,
    where={"x": "vector", "y": "matrix"},
    examples=[
        lambda x: (Reshape(1)(x, constant_size(-1)), x),
        lambda y: (Reshape(2)(y, size(y, 0), size(y, 1)), y),
    ],
    over_complex=True,
)
def reshape_to_itself(x: Any, reshape: Reshape, sizes: Operands) -> LhsRhs:
    """The sizes are those that it has."""
    return reshape(x, *sizes), x


def same_size(a: Variable, b: Variable) -> bool:
    """Whether two sizes are known to be equal."""
    return computes_same(a, b) if number(a) is None else number(a) == number(b)
