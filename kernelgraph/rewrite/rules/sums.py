"""Sums and differences of numbers: terms that change nothing, as in `x - 0`.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x + 0` is
left alone unless x cannot be -0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.ops.arithmetic import add, sub
from kernelgraph.rewrite.guards import never_negative_zero, result_is_integer
from kernelgraph.rewrite.matching import Match, constant_behind
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.types import TensorType, is_float


@rule(phase="simplify")
def minus_zero(x: Any) -> Sides:
    """Subtracting 0 changes no number, not even -0."""
    return x - 0, x


@rule(phase="simplify")
def plus_negative_zero(x: Any) -> Sides:
    """Adding -0 changes no number: 0 + -0 is 0, and -0 + -0 is -0."""
    return x + -0.0, x


def _keeps_zero(match: Match) -> bool:
    return result_is_integer(match) or never_negative_zero(match["x"])


@rule(phase="simplify", when=_keeps_zero)
def plus_zero(x: Any) -> Sides:
    """Adding 0 changes no number except -0, and here there is no -0."""
    return x + 0, x


@computed_rule(
    phase="simplify",
    on=(add,),
    changes="the sign of zero",
    where={"i": "integer"},
    examples=[lambda i, x: (i * 0 + x, x)],
)
def plus_computed_zero(node: Apply) -> Variable | None:
    """An integer that came out as 0 adds nothing.

    A 0 written by hand may be meant, because `x + 0` turns -0 into 0: that one stays.
    """
    for zero, other in (node.inputs, node.inputs[::-1]):
        constant = constant_behind(zero)
        if constant is not None and getattr(constant.tag, "computed", False):
            return other
    return None


def computed_zero(dtype: str) -> Constant:
    """A 0 that was worked out, not written by hand."""
    zero = Constant(TensorType(dtype, ()), np.zeros((), dtype))
    zero.tag.computed = True
    return zero


@computed_rule(phase="simplify", on=(sub,), where={"x": "integer"}, examples=[lambda x: (x - x, 0)])
def integer_minus_itself(node: Apply) -> Variable | None:
    """An integer minus itself is 0; a float may be NaN or infinite, and then it is not."""
    x, y = node.inputs
    return computed_zero(node.out.dtype) if x is y and not is_float(node.out.dtype) else None
