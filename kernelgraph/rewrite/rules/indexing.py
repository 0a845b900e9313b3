"""Parts of arrays, `x[1:]`, and what is scattered to its places: nothing else is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kernelgraph.elementwise import Elementwise, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import abs_, add, gt, switch
from kernelgraph.ops.contraction import Dot, dot_op
from kernelgraph.ops.indexing import END, MISSING, Item, Slice, Subtensor, SubtensorTranspose
from kernelgraph.ops.sources import MakeVector, constant_size, size, stack
from kernelgraph.rewrite.guards import has_one_use
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.rules.views import same_size


@computed_rule(
    phase="simplify",
    on=(Subtensor,),
    where={"x": "matrix"},
    examples=[lambda x: (x[0:], x), lambda x: (x[:], x), lambda x: (x[0::1, 1], x[:, 1])],
)
def part_is_all(node: Apply) -> Variable | None:
    """From the first element to the last is everything."""
    op = node.op
    assert isinstance(op, Subtensor)
    spec: list[Slice | Item] = []
    operands: list[Variable] = []
    for axis, entry in enumerate(op.spec):
        ends = op.operands(node.inputs, axis)
        whole = isinstance(entry, Slice) and not entry.whole and _is_all(ends)
        spec.append(Slice(whole=True) if whole else entry)
        operands += [] if whole else ends
    x = node.inputs[0]
    if all(entry == Slice(whole=True) for entry in spec):
        return x
    return None if spec == list(op.spec) else Subtensor(spec)(x, *operands)


def _is_all(ends: Sequence[Variable]) -> bool:
    first, last, step = map(number, ends)
    return first in (0, MISSING) and last == END and step == 1


@computed_rule(
    phase="simplify",
    on=(Subtensor,),
    where={"x": "matrix"},
    examples=[lambda x: (abs_(x)[1:], abs_(x[1:])), lambda x: ((x * 2)[0], x[0] * 2)],
)
def part_of_elementwise(node: Apply, graph: FunctionGraph) -> Variable | None:
    """Only the elements that are looked at are computed, if nobody else wants the others."""
    whole = node.inputs[0]
    inner, op = whole.owner, node.op
    assert isinstance(op, Subtensor)
    if inner is None or not isinstance(inner.op, Elementwise) or not has_one_use(whole, graph):
        return None
    full = [v for v in inner.inputs if not any(v.broadcastable)]
    if len(full) != 1 or not all(all(v.broadcastable) for v in inner.inputs if v is not full[0]):
        return None  # operands whose sizes must agree are left to be compared
    kept = [k for k in range(whole.ndim) if k >= len(op.spec) or isinstance(op.spec[k], Slice)]
    repeated = ["x"] * len(kept)
    return inner.op(
        *(
            op(v, *node.inputs[1:]) if v is full[0] else dimshuffle(dimshuffle(v, ()), repeated)
            for v in inner.inputs
        )
    )


@computed_rule(
    phase="simplify",
    on=(Subtensor,),
    changes="rounding",
    where={"x": "positive matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: (dot_op(x, y)[0], dot_op(x[0], y)),
        lambda x, y: (dot_op(x, y)[:, 1:], dot_op(x, y[:, 1:])),
    ],
)
def part_of_dot(node: Apply, graph: FunctionGraph) -> Variable | None:
    """Rows of a product need only those rows of its left side; columns, those of its right."""
    whole, op = node.inputs[0], node.op
    inner = whole.owner
    assert isinstance(op, Subtensor)
    if inner is None or not isinstance(inner.op, Dot) or not has_one_use(whole, graph):
        return None
    sides = list(inner.inputs)
    rows = sides[0].ndim - 1
    for axis, entry in enumerate(op.spec):
        if entry == Slice(whole=True):
            continue
        ends = op.operands(node.inputs, axis)
        side = 0 if axis < rows else 1
        skipped = [Slice(whole=True)] * (0 if side == 0 else 1)
        sides[side] = Subtensor([*skipped, entry])(sides[side], *ends)
    return dot_op(*sides)


@computed_rule(
    phase="simplify",
    on=(add,),
    changes="rounding",
    where={"x": "matrix"},
    examples=[
        lambda x: (_scattered(x[0], 1) + _scattered(x[1], 1), _scattered(x[0] + x[1], 1)),
        lambda x: (
            _scattered(x[0], 1) + _scattered(x[1], 0) + _scattered(x[2], 1),
            _scattered(x[0] + x[2], 1) + _scattered(x[1], 0),
        ),
    ],
)
def scattered_together(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What goes to the same places of zeros is added before it goes there."""
    left, right = node.inputs
    for one, other in ((left, right), (right, left)):
        if (found := _together(one, other, graph)) is not None:
            return found
        inner = other.owner
        if inner is None or inner.op != add or not has_one_use(other, graph):
            continue
        for k, term in enumerate(inner.inputs):
            if (found := _together(one, term, graph)) is not None:
                return found + inner.inputs[1 - k]
    return None


@computed_rule(
    phase="simplify",
    on=(switch,),
    where={"x": "matrix"},
    examples=[
        lambda x: (
            switch(_scattered(gt(x[0], 0), 1), _scattered(x[1], 1), 0.0),
            _scattered(switch(gt(x[0], 0), x[1], 0.0), 1),
        ),
    ],
)
def scattered_mask(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What is cut off goes to its place as a zero, among zeros."""
    mask, x, zero = node.inputs
    if number(zero) != 0 or np.signbit(number(zero)) or not _same_places(mask, x):
        return None
    a, b = mask.owner, x.owner
    if a is None or b is None or not has_one_use(x, graph):
        return None
    zeros = dimshuffle(dimshuffle(zero, ()), ["x"] * b.inputs[0].ndim)
    return b.op(switch(a.inputs[0], b.inputs[0], zeros), *b.inputs[1:])


def _together(one: Variable, other: Variable, graph: FunctionGraph) -> Variable | None:
    """The sum of two that are scattered to the same places; None if they are not."""
    a, b = one.owner, other.owner
    if a is None or b is None or not _same_places(one, other):
        return None
    if a.inputs[0].type != b.inputs[0].type or not (
        has_one_use(one, graph) and has_one_use(other, graph)
    ):
        return None
    return a.op(a.inputs[0] + b.inputs[0], *a.inputs[1:])


def _same_places(one: Variable, other: Variable) -> bool:
    """Whether two are scattered to the same places."""
    a, b = one.owner, other.owner
    if a is None or b is None or not isinstance(a.op, SubtensorTranspose) or a.op != b.op:
        return False
    places = zip(a.inputs[1:], b.inputs[1:], strict=True)
    return all(x is y or same_size(x, y) for x, y in places)


def _scattered(x: Variable, row: int) -> Variable:
    """A vector as one row of a matrix of zeros, for examples."""
    transpose = SubtensorTranspose((Item(),), 2)
    return transpose(x, constant_size(row), constant_size(3), size(x, 0))


@computed_rule(
    phase="simplify",
    on=(Subtensor,),
    where={"x": "scalar", "y": "scalar"},
    examples=[lambda x, y: (stack(x, y)[1], y)],
)
def item_of_stack(node: Apply) -> Variable | None:
    """An item of a list of scalars is that scalar."""
    assert isinstance(node.op, Subtensor)
    source = node.inputs[0].owner
    if source is None or not isinstance(source.op, MakeVector) or node.op.spec != (Item(),):
        return None
    index = number(node.inputs[1])
    return None if index is None else source.inputs[int(index)]
