"""Matching: where a pattern fits a graph, and what the other side of a rule is there.

A pattern is an expression with holes. Numbers in it match constants through casts and added
dimensions, a hole used twice stands for one variable, and operands of commutative ops match in any
order; so do the factors of a product, wherever they stand in it. What is built from a match has the
dtype and the sizes of what it replaces; in a product, only the factors that matched are replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import RuleError
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.names import normal
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import Cast, add, cast, mul, neg, sub, true_div
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like
from kernelgraph.ops.views import dimshuffle
from kernelgraph.rewrite.factors import Factor, Path
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.wildcards import AnyOp, Literal, Many, Operands, Rest, wildcards
from kernelgraph.symbols import Pattern
from kernelgraph.types import TensorType, is_array, is_float, upcast

Bound = Mapping[str, Any]
"""What each wildcard stands for: a variable, an op, operands, or other factors."""


@dataclass(frozen=True)
class Match:
    """A place where a pattern fits: its root, what the wildcards stand for, and the graph."""

    node: Apply
    bound: Bound
    graph: FunctionGraph | None = None

    def __getitem__(self, wildcard: str) -> Any:
        return self.bound[normal(wildcard)]

    @property
    def variables(self) -> list[Variable]:
        """The variables that wildcards stand for."""
        return [found for found in self.bound.values() if isinstance(found, Variable)]


def matches(pattern: Pattern, node: Apply, graph: FunctionGraph | None = None) -> Iterator[Match]:
    """The ways in which `pattern`, whose root is an op of the node's kind, fits `node`."""
    is_product = isinstance(pattern, Many)
    for bound in (_match if is_product else _match_root)(pattern, node.outputs[0], {}):
        yield Match(node, bound, graph)


def replacement(after: Any, match: Match) -> Variable | None:
    """What `after` spells for a match, fitted to what it replaces."""
    out = match.node.out
    return fit(build(after, _widened(match.bound, out), out.dtype), out)


def _match(pattern: Any, variable: Variable, bound: Bound) -> Iterator[Bound]:
    """The ways in which `variable` fits `pattern`, given what is bound already."""
    if not isinstance(pattern, Pattern):
        if _is_number(variable, pattern):
            yield bound
    elif isinstance(pattern, Many):
        yield from _match_many(pattern, variable, bound)
    elif pattern.op is None:
        known = bound.get(pattern.name)
        if isinstance(pattern, Literal) and constant_behind(variable) is None:
            return
        if known is None:
            yield {**bound, pattern.name: variable}
        elif known is variable or equal_constants(known, variable):
            yield bound
    else:
        yield from _match_root(pattern, variable, bound)
        if pattern.op is neg and _is_negative(variable, pattern.inputs[0], bound):
            yield bound


def _is_negative(variable: Variable, pattern: Any, bound: Bound) -> bool:
    """Whether a wildcard stands for the negative of a variable: then that is its negative."""
    known = bound.get(pattern.name) if isinstance(pattern, Pattern) else None
    made = known.owner if isinstance(known, Variable) else None
    return made is not None and made.op is neg and made.inputs[0] is variable


def _match_root(pattern: Pattern, variable: Variable, bound: Bound) -> Iterator[Bound]:
    """The ways in which the node of `variable` fits a pattern of an op with its operands."""
    node, wanted = variable.owner, pattern.op
    if node is None:
        return
    found = node.op
    if isinstance(wanted, AnyOp):
        known = bound.get(wanted.name)
        if isinstance(found, wanted.kinds) if known is None else found == known:
            yield from _match_operands(pattern, node, {**bound, wanted.name: found})
    elif found is wanted or (wanted and found.name == wanted.name and found == wanted):
        yield from _match_operands(pattern, node, bound)


def _match_operands(pattern: Pattern, node: Apply, bound: Bound) -> Iterator[Bound]:
    operands, found = pattern.inputs, node.inputs
    if operands and isinstance(operands[-1], Operands):
        yield from _match_all(operands, found, bound)
    elif len(operands) == len(found):
        yield from _match_each(operands, found, bound)
        if node.op.commutative:
            yield from _match_each(operands[::-1], found, bound)


def _match_all(patterns: Sequence[Any], found: Sequence[Variable], bound: Bound) -> Iterator[Bound]:
    """The last pattern fits all operands that are left."""
    *first, last = patterns
    left = tuple(found[len(first) :])
    known = bound.get(last.name, left)
    alike = len(known) == len(left) and all(
        a is b or equal_constants(a, b) for a, b in zip(known, left, strict=True)
    )
    if len(found) >= len(first) and alike:
        yield from _match_each(first, found[: len(first)], {**bound, last.name: known})


def _match_each(parts: Sequence[Any], found: Sequence[Variable], bound: Bound) -> Iterator[Bound]:
    if not parts:
        yield bound
        return
    for first in _match(parts[0], found[0], bound):
        yield from _match_each(parts[1:], found[1:], first)


def _match_many(pattern: Many, root: Variable, bound: Bound) -> Iterator[Bound]:
    """The ways in which parts of a pattern are different factors of the product at `root`."""
    count = len(pattern.above)
    for taken, more in _placed(pattern.parts, pattern.leaves(root), (), bound):
        yield {**more, pattern.rest: Rest(root, taken[:count], taken[count:], pattern.is_sum)}


def _placed(
    parts: Sequence[tuple[Any, bool, str | None]],
    found: Sequence[Factor],
    taken: tuple[Factor, ...],
    bound: Bound,
) -> Iterator[tuple[tuple[Factor, ...], Bound]]:
    """Which factor each part may be, and what the wildcards stand for then."""
    if not parts:
        yield taken, bound
        return
    part, inverted, name = parts[0]
    for factor in found:
        made = factor.variable.owner
        is_right = name is None or (made is not None and made.op.name == name)
        if is_right and factor.inverted == inverted and factor not in taken:
            for more in _match(part, factor.variable, bound):
                yield from _placed(parts[1:], found, (*taken, factor), more)


def constant_behind(variable: Variable) -> Constant | None:
    """The constant that `variable` repeats: found through casts, dimshuffles and broadcasts."""
    while (node := variable.owner) is not None:
        if not isinstance(node.op, DimShuffle | Broadcast | Cast):
            return None
        variable = node.inputs[0]
    return variable if isinstance(variable, Constant) else None


def number(variable: Variable) -> Any:
    """The one number that all elements of `variable` are known to be, in its dtype, else None.

    >>> float(number(cast(as_variable(2), "float64")))
    2.0
    """
    constant = constant_behind(variable)
    value = None if constant is None else constant.scalar
    if value is None:
        return None
    casts: list[Cast] = []
    while (node := variable.owner) is not None:
        if isinstance(node.op, Cast):
            casts.append(node.op)
        variable = node.inputs[0]
    for op in reversed(casts):
        value = op.numpy(np.asarray(value))[()]
    return value


def _is_number(variable: Variable, wanted: Any) -> bool:
    value = number(variable)
    if value is None or value != wanted:
        return False
    return bool(value != 0 or np.signbit(value) == np.signbit(wanted))


def equal_constants(a: Variable, b: Variable) -> bool:
    """Whether both are constants of one type and the same bits."""
    return (
        isinstance(a, Constant)
        and isinstance(b, Constant)
        and a.type == b.type
        and is_array(a.data)
        and a.data.tobytes() == b.data.tobytes()
    )


# -------------------------------------------------------------------------------------- building


def _widened(bound: Bound, out: Variable) -> Bound:
    """Operands in the result's dtype if it has more digits; what is edited in place stays."""
    if any(isinstance(found, Rest) for found in bound.values()):
        return bound
    return {
        name: cast(found, out.dtype) if _is_narrower(found, out) else found
        for name, found in bound.items()
    }


def _is_narrower(variable: Any, out: Variable) -> bool:
    if not isinstance(variable, Variable):
        return False
    dtype, wanted = variable.dtype, out.dtype
    return (
        dtype not in (wanted, "bool")
        and is_float(dtype) == is_float(wanted)
        and upcast(dtype, wanted) == wanted
    )


def build(pattern: Any, bound: Bound, dtype: str) -> Variable:
    """What a pattern spells for its wildcards; its numbers do not make it wider than `dtype`."""
    if isinstance(pattern, Variable):
        return pattern
    if not isinstance(pattern, Pattern):
        value = as_variable(pattern)
        is_wider = is_float(value.dtype) and is_float(dtype) and upcast(value.dtype, dtype) != dtype
        return as_variable(np.asarray(pattern, dtype)) if is_wider else value
    if isinstance(pattern, Many):
        return _edited(pattern, bound, dtype)
    if pattern.op is None:
        return bound[pattern.name]
    op, operands = pattern.op, pattern.inputs
    if op.commutative and all(isinstance(operand, Pattern) for operand in operands):
        # In the order in which they were found, so that the student's own order shows through.
        found = list(bound)
        operands = sorted(operands, key=lambda p: min(map(found.index, wildcards(p)), default=0))
    op = bound[op.name] if isinstance(op, AnyOp) else op
    made: list[Any] = []
    for operand in operands:
        is_many = isinstance(operand, Operands)
        made += bound[operand.name] if is_many else [build(operand, bound, dtype)]
    return op(*made)


def _edited(pattern: Many, bound: Bound, dtype: str) -> Variable:
    """The product with its matched factors replaced by those of a pattern, each in its place;
    those that the pattern has no more are taken out.
    """
    rest: Rest = bound[pattern.rest]
    above, below = ([build(p, bound, dtype) for p in s] for s in (pattern.above, pattern.below))
    edits: dict[Path, Variable | None] = {}
    for old, new in (*zip_longest(rest.above, above), *zip_longest(rest.below, below)):
        if old is not None and not computes_same(old.variable, new):
            is_one = new is not None and not rest.is_sum and number(new) == 1
            edits[old.path] = None if is_one else new
    found = rest.edited(edits)
    for factor in above[len(rest.above) :]:
        found = (add if rest.is_sum else mul)(found, factor)
    for factor in below[len(rest.below) :]:
        found = (sub if rest.is_sum else true_div)(found, factor)
    return found


def computes_same(a: Variable, b: Variable | None) -> bool:
    """Whether two variables are one, or made by one op of the same operands."""
    if a is b or b is None or a.owner is None or b.owner is None:
        return a is b
    return (a.owner.op, a.owner.inputs) == (b.owner.op, b.owner.inputs) and a.index == b.index


def constant(value: float | Fraction, like: Variable) -> Variable:
    """A number of the dtype and rank of a variable."""
    return as_variable(np.full((1,) * like.ndim, float(value), like.dtype))


def fit(new: Variable, old: Variable) -> Variable | None:
    """`new` with the dtype of `old`, and repeated to its sizes.

    None where a size that `old` knows would be forgotten, because a check of sizes would go with
    it. Raises `RuleError` where the ranks differ.
    """
    if new.type == old.type:
        return new
    if not isinstance(new.type, TensorType) or not isinstance(old.type, TensorType):
        raise RuleError(f"{formula(old)} is {old.type}, {formula(new)} is {new.type}")
    if new.ndim not in (0, old.ndim):
        raise RuleError(f"{formula(old)} has {old.ndim} dimensions, {formula(new)} has {new.ndim}")
    new = cast(new, old.dtype)
    new = new if new.ndim == old.ndim else dimshuffle(new, ["x"] * old.ndim)
    new = broadcast_like(new, old)
    return new if old.type.accepts(new.type) else None
