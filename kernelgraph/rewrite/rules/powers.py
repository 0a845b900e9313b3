"""Powers with small exponents: `x**1` is x, `x**2` and `x * x` are squares."""

from __future__ import annotations

from typing import Any

from kernelgraph.ops.arithmetic import sqr
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match
from kernelgraph.rewrite.rule import LhsRhs, rule


@rule(phase="simplify")
def power_one(x: Any) -> LhsRhs:
    """A number to the power of 1 is the number."""
    return x**1, x


@rule(phase="simplify")
def power_zero(x: Any) -> LhsRhs:
    """Any number to the power of 0 is 1, even NaN and 0."""
    return x**0, 1


def _keeps_dtype(match: Match) -> bool:
    return match["x"].dtype == match.node.out.dtype


@rule(phase="simplify", changes="rounding", when=_keeps_dtype)
def power_two(x: Any) -> LhsRhs:
    """A product costs less than a power, and rounds once."""
    return x**2, sqr(x)


@rule(
    phase="simplify", changes="rounding", when=lambda match: floats(match) and _keeps_dtype(match)
)
def power_minus_one(x: Any) -> LhsRhs:
    """A quotient costs less than a power, and rounds once."""
    return x**-1, 1 / x


@rule(phase="simplify", when=_keeps_dtype)
def product_of_one(x: Any) -> LhsRhs:
    """A number times itself is its square, by whatever name it is asked for again."""
    return x * x, sqr(x)
