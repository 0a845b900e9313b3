"""Matching: where a pattern fits a graph, and what the other side of a rule is there.

A pattern is an expression with holes. Numbers in it match constants through casts and added
dimensions, a hole used twice stands for one variable, and operands of commutative ops match in any
order. What is built from a match has the dtype and the sizes of what it replaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.errors import RuleError
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.names import normal
from kernelgraph.op import Pattern, as_variable
from kernelgraph.ops.arithmetic import Cast, cast
from kernelgraph.ops.broadcasting import Broadcast, broadcast_like
from kernelgraph.ops.views import dimshuffle
from kernelgraph.rewrite.notation import formula
from kernelgraph.types import TensorType, is_array, is_float, upcast

Bound = Mapping[str, Variable]
"""What each wildcard stands for."""


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a pattern fits: the node at its root, and what the wildcards stand for."""

    node: Apply
    bound: Bound

    def __getitem__(self, wildcard: str) -> Variable:
        return self.bound[normal(wildcard)]


def matches(pattern: Pattern, node: Apply) -> Iterator[Match]:
    """The ways in which `pattern`, whose root is an op of the node's kind, fits `node`."""
    for bound in _match_operands(pattern, node, {}):
        yield Match(node, bound)


def wildcards(pattern: Any) -> Iterator[str]:
    """The names of the holes in a pattern, from left to right."""
    if isinstance(pattern, Pattern):
        if pattern.op is None:
            yield pattern.name
        for operand in pattern.inputs:
            yield from wildcards(operand)


def others(pattern: Any) -> Iterator[Any]:
    """What stands in a pattern and is no pattern: its numbers."""
    if not isinstance(pattern, Pattern):
        yield pattern
    else:
        for operand in pattern.inputs:
            yield from others(operand)


def levels(pattern: Any) -> int:
    """How many levels of ops a pattern has."""
    if not isinstance(pattern, Pattern) or pattern.op is None:
        return 0
    return 1 + max(map(levels, pattern.inputs), default=0)


def replacement(after: Any, match: Match) -> Variable | None:
    """What `after` spells for a match, fitted to what it replaces."""
    out = match.node.out
    return fit(build(after, _widened(match.bound, out), out.dtype), out)


def _match(pattern: Any, variable: Variable, bound: Bound) -> Iterator[Bound]:
    """The ways in which `variable` fits `pattern`, given what is bound already."""
    if not isinstance(pattern, Pattern):
        if _is_number(variable, pattern):
            yield bound
    elif pattern.op is None:
        known = bound.get(pattern.name)
        if known is None:
            yield {**bound, pattern.name: variable}
        elif known is variable or equal_constants(known, variable):
            yield bound
    elif (node := variable.owner) is not None:
        wanted, found = pattern.op, node.op
        if found is wanted or (found.name == wanted.name and found == wanted):
            yield from _match_operands(pattern, node, bound)


def _match_operands(pattern: Pattern, node: Apply, bound: Bound) -> Iterator[Bound]:
    operands = pattern.inputs
    if len(operands) != len(node.inputs):
        return
    yield from _match_each(operands, node.inputs, bound)
    if node.op.commutative:
        yield from _match_each(operands[::-1], node.inputs, bound)


def _match_each(
    patterns: Sequence[Any], variables: Sequence[Variable], bound: Bound
) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    for first in _match(patterns[0], variables[0], bound):
        yield from _match_each(patterns[1:], variables[1:], first)


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
    """Operands in the result's dtype where that is wider, so that no digits are lost."""
    return {name: cast(v, out.dtype) if _is_narrower(v, out) else v for name, v in bound.items()}


def _is_narrower(variable: Variable, out: Variable) -> bool:
    dtype, wanted = variable.dtype, out.dtype
    return (
        dtype not in (wanted, "bool")
        and is_float(dtype) == is_float(wanted)
        and upcast(dtype, wanted) == wanted
    )


def build(pattern: Any, bound: Bound, dtype: str) -> Variable:
    """The expression that a pattern spells for these values of its wildcards; its numbers do not
    make it wider than `dtype`.
    """
    if not isinstance(pattern, Pattern):
        value = as_variable(pattern)
        is_wider = is_float(value.dtype) and is_float(dtype) and upcast(value.dtype, dtype) != dtype
        return as_variable(np.asarray(pattern, dtype)) if is_wider else value
    if pattern.op is None:
        return bound[pattern.name]
    operands = pattern.inputs
    if pattern.op.commutative and all(isinstance(operand, Pattern) for operand in operands):
        # In the order in which they were found, so that the student's own order shows through.
        found = list(bound)
        operands = sorted(
            operands, key=lambda operand: min(map(found.index, wildcards(operand)), default=0)
        )
    return pattern.op(*(build(operand, bound, dtype) for operand in operands))


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
