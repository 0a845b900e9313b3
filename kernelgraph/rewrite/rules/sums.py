"""Sums and differences of numbers: terms that change nothing, as in `x - 0`.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x + 0` is
left alone unless x cannot be -0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Constant
from kernelgraph.rewrite.guards import never_negative_zero, result_is_integer
from kernelgraph.rewrite.matching import Match, constant_behind
from kernelgraph.rewrite.rule import LhsRhs, rule
from kernelgraph.types import TensorType


@rule(phase="simplify")
def minus_zero(x: Any) -> LhsRhs:
    """Subtracting 0 changes no number, not even -0."""
    return x - 0, x


@rule(phase="simplify")
def plus_negative_zero(x: Any) -> LhsRhs:
    """Adding -0 changes no number: 0 + -0 is 0, and -0 + -0 is -0."""
    return x + -0.0, x


def _keeps_zero(match: Match) -> bool:
    return result_is_integer(match) or never_negative_zero(match["x"])


@rule(phase="simplify", when=_keeps_zero)
def plus_zero(x: Any) -> LhsRhs:
    """Adding 0 changes no number except -0, and here there is no -0."""
    return x + 0, x


def _was_computed(match: Match) -> bool:
    """A guard: the 0 was worked out, not written by hand."""
    constant = constant_behind(match["zero"])
    return constant is not None and getattr(constant.tag, "computed", False)


@rule(
    phase="simplify",
    changes="the sign of zero",
    when=_was_computed,
    where={"i": "integer"},
    examples=[lambda i, x: (i * 0 + x, x)],
)
def plus_computed_zero(zero: Constant, x: Any) -> LhsRhs:
    """An integer that came out as 0 adds nothing.

    A 0 written by hand may be meant, because `x + 0` turns -0 into 0: that one stays.
    """
    return zero + x, x


def computed_zero(dtype: str) -> Constant:
    """A 0 that was worked out, not written by hand."""
    zero = Constant(TensorType(dtype, ()), np.zeros((), dtype))
    zero.tag.computed = True
    return zero


@rule(phase="simplify", when=result_is_integer, where={"x": "integer"})
def integer_minus_itself(x: Any) -> LhsRhs:
    """An integer minus itself is 0; a float may be NaN or infinite, and then it is not."""
    return x - x, lambda: computed_zero(x.dtype)
