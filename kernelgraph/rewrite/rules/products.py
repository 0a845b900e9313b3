"""Products and quotients of numbers: factors that change nothing, and constants put together.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x * 0` is
left alone unless x is an integer. Where a rule is not exact to the bit it says what changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Constant, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import int_div, mul
from kernelgraph.rewrite.guards import floats, result_is_integer
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.rewrite.rule import LhsRhs, rule
from kernelgraph.rewrite.rules.sums import computed_zero
from kernelgraph.types import is_float


@rule(phase="simplify")
def times_one(x: Any) -> LhsRhs:
    """Multiplying by 1 changes no number."""
    return x * 1, x


@rule(phase="simplify")
def divided_by_one(x: Any) -> LhsRhs:
    """Dividing by 1 changes no number."""
    return x / 1, x


@rule(
    phase="simplify",
    when=lambda match: result_is_integer(match) and number(match["zero"]) == 0,
    where={"x": "integer", "zero": 0},
)
def integer_times_zero(x: Any, zero: Constant) -> LhsRhs:
    """An integer times 0 is 0; a float may be NaN or infinite, and then it is not."""
    return x * zero, lambda: computed_zero((x * zero).dtype)


@rule(phase="simplify", when=result_is_integer)
def whole_divided_by_one(x: Any) -> LhsRhs:
    """A whole number divided by 1 is the number."""
    return int_div(x, 1), x


@rule(
    phase="simplify", changes="rounding", when=lambda match: floats(match) and _same_pattern(match)
)
def times_reciprocal(x: Any, y: Any) -> LhsRhs:
    """One division rounds once, where a reciprocal and a product round twice."""
    return x * (1 / y), x / y


def _same_pattern(match: Match) -> bool:
    """Whether y has all elements of the result: a reciprocal of few may well multiply many."""
    return match["y"].broadcastable == match.node.out.broadcastable


def _are_constants(match: Match) -> bool:
    """A guard: a and b are constants whose product is worth having, x is none."""
    a, b, x = match["a"], match["b"], match["x"]
    found = None if number(x) is not None else _product(a, b, x)
    return found is not None and found.type == match.node.out.type


@rule(
    phase="simplify",
    changes="rounding",
    when=_are_constants,
    where={"x": "bounded"},
    examples=[lambda x: (-0.5 * (2.0 * x), -1.0 * x), lambda x: (x * 3.0 * 4.0, x * 12.0)],
)
def constants_together(a: Constant, b: Constant, x: Any) -> LhsRhs:
    """Two constant factors are one: their product is worked out while compiling."""
    return a * (b * x), lambda: _product(a, b, x)


def _product(a: Variable, b: Variable, x: Variable) -> Variable | None:
    """x times a product of two constants; None where that is no plain number."""
    if number(a) is None or number(b) is None:
        return None
    with np.errstate(all="ignore"):
        both = np.asarray(number(a), "float64") * np.asarray(number(b), "float64")
        value = both.astype(x.dtype) if is_float(x.dtype) else both
    if not np.isfinite(value) or value == 0 or (is_float(x.dtype) and value != both):
        return None
    return mul(as_variable(value), x)
