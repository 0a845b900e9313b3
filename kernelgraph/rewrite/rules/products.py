"""Products and quotients of numbers: factors that change nothing, and constants put together.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x * 0` is
left alone unless x is an integer. Where a rule is not exact to the bit it says what changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import int_div, mul
from kernelgraph.rewrite.guards import floats, result_is_integer
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.rewrite.rules.sums import computed_zero
from kernelgraph.types import is_float


@rule(phase="simplify")
def times_one(x: Any) -> Sides:
    """Multiplying by 1 changes no number."""
    return x * 1, x


@rule(phase="simplify")
def divided_by_one(x: Any) -> Sides:
    """Dividing by 1 changes no number."""
    return x / 1, x


@computed_rule(phase="simplify", on=(mul,), where={"x": "integer"}, examples=[lambda x: (x * 0, 0)])
def integer_times_zero(node: Apply) -> Variable | None:
    """An integer times 0 is 0; a float may be NaN or infinite, and then it is not."""
    if is_float(node.out.dtype) or not any(number(operand) == 0 for operand in node.inputs):
        return None
    return computed_zero(node.out.dtype)


@rule(phase="simplify", when=result_is_integer)
def whole_divided_by_one(x: Any) -> Sides:
    """A whole number divided by 1 is the number."""
    return int_div(x, 1), x


@rule(
    phase="simplify", changes="rounding", when=lambda match: floats(match) and _same_pattern(match)
)
def times_reciprocal(x: Any, y: Any) -> Sides:
    """One division rounds once, where a reciprocal and a product round twice."""
    return x * (1 / y), x / y


def _same_pattern(match: Match) -> bool:
    """Whether y has all elements of the result: a reciprocal of few may well multiply many."""
    return match["y"].broadcastable == match.node.out.broadcastable


@computed_rule(
    phase="simplify",
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
