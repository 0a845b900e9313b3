"""Tails of the normal distribution: logarithms and derivatives that survive where `erfc` is 0.

From x = 27 on, `erfc(x)` is smaller than any float. Its logarithm is an ordinary number all the
same, and so is its derivative; `erfcx(x) = exp(x²) erfc(x)` has what both need.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.ops.arithmetic import ge, neg, sqr, switch
from kernelgraph.ops.error_function import erf, erfc, erfcx
from kernelgraph.ops.functions import exp, log, log1p
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match
from kernelgraph.rewrite.picked import operands_of
from kernelgraph.rewrite.rule import LhsRhs, rule
from kernelgraph.rewrite.wildcards import Factors

_BOUNDED = {"x": "moderate", "c": "bounded"}
"""Of an infinity, a factor or the whole quotient is no number; here it is."""


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_erfc(x: Any) -> LhsRhs:
    """log(erfc(x)) is log(erfcx(x)) - x² for large x; log1p(-erf(x)) has the digits near 0."""
    return log(erfc(x)), switch(ge(x, 1), log(erfcx(x)) - sqr(x), log1p(-erf(x)))


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_half_erfc(x: Any) -> LhsRhs:
    """log(erfc(x) / 2), of a tail of the normal distribution, is log(erfcx(x) / 2) - x² where the
    tail is small, and log1p(-erfc(-x) / 2) where it is nearly 1.
    """
    nearly_sure = log1p(-0.5 * erfc(-x))
    return log(0.5 * erfc(x)), switch(ge(x, 1), log(0.5 * erfcx(x)) - sqr(x), nearly_sure)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_minus_erf(x: Any) -> LhsRhs:
    """erfc has the digits that 1 - erf(x) loses where erf is nearly 1."""
    return 1 - erf(x), erfc(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_plus_erf(x: Any) -> LhsRhs:
    """erfc has the digits that 1 + erf(x) loses where erf is nearly -1."""
    return 1 + erf(x), erfc(-x)


@rule(phase="stabilize", changes="rounding", when=floats)
def half_plus_half_erf(x: Any) -> LhsRhs:
    """erfc has the digits that the sum loses where erf is nearly -1."""
    return 0.5 + 0.5 * erf(x), 0.5 * erfc(-x)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_minus_half_erfc(x: Any) -> LhsRhs:
    """1 - erfc(x) / 2 is erfc(-x) / 2, the other tail of the normal distribution."""
    return 1 - 0.5 * erfc(x), 0.5 * erfc(-x)


@rule(phase="stabilize", when=floats)
def half_of_erfc(x: Any) -> LhsRhs:
    """Halves are written in one way, so that other rules know them."""
    return erfc(x) / 2, 0.5 * erfc(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def erf_minus_one(x: Any) -> LhsRhs:
    """erfc has the digits that erf(x) - 1 loses where erf is nearly 1."""
    return erf(x) - 1, -erfc(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_minus_erfc(x: Any) -> LhsRhs:
    """erf has the digits that 1 - erfc(x) loses where x is small."""
    return 1 - erfc(x), erf(x)


@rule(phase="stabilize", changes="rounding", when=floats, where={"x": "moderate"})
def exp_square_times_erfc(x: Any) -> LhsRhs:
    """exp(x²) overflows where erfc(x) underflows; their product erfcx(x) does neither."""
    return exp(sqr(x)) * erfc(x), erfcx(x)


def _bell(x: Any) -> Any:
    return exp(-sqr(x))


def _near(x: Any) -> tuple[Any, Any]:
    """exp(-x²) and erfc(x) in a quotient; to the left, erfc is from 1 to 2, and they stay."""
    right = ge(x, 0)
    return switch(right, 1 / erfcx(x), _bell(x)), switch(right, 1, erfc(x))


def _is_same_or_negative(match: Match) -> bool:
    """A guard: y is x or -x, whose squares are alike."""
    x, y = match["x"], match["y"]
    return y is x or any(y is inner for inner in operands_of(x, neg))


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_same_or_negative,
    where=_BOUNDED,
    examples=[
        lambda x: (_bell(x) / erfc(x), _near(x)[0] / _near(x)[1]),
        lambda x, c: (c / erfc(x) * _bell(x), c / _near(x)[1] * _near(x)[0]),
        lambda x: (_bell(x) / (0.5 * erfc(-x)), _near(-x)[0] / (0.5 * _near(-x)[1])),
    ],
    over_halves=False,
)
def derivative_of_log_erfc(x: Any, y: Any, rest: Factors) -> LhsRhs:
    """exp(-x²) / erfc(x) is 1 / erfcx(x), also where both sides of the quotient are 0."""
    bell, below = _near(x)
    return rest * _bell(y) / erfc(x), rest * bell / below
