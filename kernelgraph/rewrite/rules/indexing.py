"""Parts of arrays, `x[1:]`, and what is scattered to its places: nothing else is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.elementwise import Elementwise, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.ops.arithmetic import abs_, gt, switch
from kernelgraph.ops.contraction import Dot, dot_op
from kernelgraph.ops.indexing import END, MISSING, Item, Slice, Subtensor, SubtensorTranspose
from kernelgraph.ops.sources import MakeVector, constant_size, size, stack
from kernelgraph.rewrite.factors import on_the_way
from kernelgraph.rewrite.guards import has_one_use
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.wildcards import Operands, Terms


@computed_rule(
    phase="simplify",
    on=(Subtensor,),
    where={"x": "matrix"},
    examples=[lambda x: (x[0:], x), lambda x: (x[:], x), lambda x: (x[0::1, 1], x[:, 1])],
    over_complex=True,
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
    over_complex=True,
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


def _are_not_used_again(match: Match) -> bool:
    """A guard: nobody else wants what is scattered, or the sum of some of it."""
    graph, rest = match.graph, match["rest"]
    parts = [v for term in rest.above for v in on_the_way(rest.root, term.path)]
    alike = match["x"].type == match["y"].type
    return alike and graph is not None and all(has_one_use(v, graph) for v in parts)


@rule(
    phase="simplify",
    changes="rounding",
    when=_are_not_used_again,
    where={"x": "matrix"},
    examples=[
        lambda x: (_scattered(x[0], 1) + _scattered(x[1], 1), _scattered(x[0] + x[1], 1)),
        lambda x: (
            _scattered(x[0], 1) + _scattered(x[1], 0) + _scattered(x[2], 1),
            _scattered(x[0] + x[2], 1) + _scattered(x[1], 0),
        ),
    ],
)
def scattered_together(
    x: Any, y: Any, put: SubtensorTranspose, places: Operands, rest: Terms
) -> LhsRhs:
    """What goes to the same elements of zeros is added up before it goes there."""
    return put(x, *places) + put(y, *places) + rest, put(x + y, *places) + rest


@rule(
    phase="simplify",
    when=lambda match: match.graph is not None and has_one_use(match.node.inputs[1], match.graph),
    where={"x": "matrix"},
    examples=[
        lambda x: (
            switch(_scattered(gt(x[0], 0), 1), _scattered(x[1], 1), 0.0),
            _scattered(switch(gt(x[0], 0), x[1], 0.0), 1),
        )
    ],
)
def scattered_mask(mask: Any, x: Any, put: SubtensorTranspose, places: Operands) -> LhsRhs:
    """What is cut off goes to its place as a zero, among zeros."""
    return switch(put(mask, *places), put(x, *places), 0), put(switch(mask, x, 0), *places)


def _scattered(x: Variable, row: int) -> Variable:
    """A vector as one row of a matrix of zeros, for examples."""
    transpose = SubtensorTranspose((Item(),), 2)
    return transpose(x, constant_size(row), constant_size(3), size(x, 0))


@rule(
    phase="simplify",
    when=lambda match: match["part"].spec == (Item(),),
    where={"x": "scalar", "y": "scalar"},
    examples=[lambda x, y: (stack(x, y)[1], y)],
    over_complex=True,
)
def item_of_stack(items: Operands, index: Constant, vector: MakeVector, part: Subtensor) -> LhsRhs:
    """An item of a list of scalars is that scalar."""
    return part(vector(*items), index), lambda: list(items)[int(number(index))]
