"""Minus signs and magnitudes: two signs cancel, `-x * y` is `-(x * y)`, `abs(-x)` is `abs(x)`."""

from __future__ import annotations

from typing import Any

from kernelgraph.ops.arithmetic import abs_, neg, sqr
from kernelgraph.rewrite.guards import floats, result_is_integer, signs_are_free
from kernelgraph.rewrite.matching import Match
from kernelgraph.rewrite.rule import LhsRhs, rule
from kernelgraph.types import is_float


def _has_sign(match: Match) -> bool:
    return match["x"].dtype != "bool"


def _is_integer_with_sign(match: Match) -> bool:
    return result_is_integer(match) and _has_sign(match)


@rule(phase="simplify", when=_is_integer_with_sign, where={"x": "integer"})
def zero_minus_integer(x: Any) -> LhsRhs:
    """0 minus an integer is its negative; among floats, 0 - 0 is 0 and not -0."""
    return 0 - x, -x


@rule(phase="simplify", over_complex=True)
def negative_twice(x: Any) -> LhsRhs:
    """Two minus signs cancel."""
    return neg(neg(x)), x


@rule(phase="simplify", when=_has_sign)
def times_minus_one(x: Any) -> LhsRhs:
    """Multiplying by -1 changes the sign alone."""
    return x * -1, -x


def _sign_of_y_is_free(match: Match) -> bool:
    return is_float(match["y"].dtype) or signs_are_free(match)


@rule(phase="simplify", when=_sign_of_y_is_free, over_complex=True)
def plus_negative(x: Any, y: Any) -> LhsRhs:
    """Adding a negative is subtracting."""
    return x + -y, x - y


@rule(phase="simplify", when=_sign_of_y_is_free, over_complex=True)
def minus_negative(x: Any, y: Any) -> LhsRhs:
    """Subtracting a negative is adding."""
    return x - -y, x + y


@rule(phase="simplify", when=signs_are_free)
def negative_times(x: Any, y: Any) -> LhsRhs:
    """A product's minus sign moves outwards, where it may meet another."""
    return -x * y, -(x * y)


@rule(phase="simplify", when=floats)
def negative_divided(x: Any, y: Any) -> LhsRhs:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return -x / y, -(x / y)


@rule(phase="simplify", when=floats)
def divided_by_negative(x: Any, y: Any) -> LhsRhs:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return x / -y, -(x / y)


@rule(phase="simplify", over_complex=True)
def square_of_negative(x: Any) -> LhsRhs:
    """(-x)² is x²."""
    return sqr(-x), sqr(x)


@rule(
    phase="simplify",
    when=lambda match: not match["x"].dtype.startswith("uint"),
    over_complex=True,
)
def magnitude_of_negative(x: Any) -> LhsRhs:
    """abs(-x) is abs(x)."""
    return abs_(-x), abs_(x)


@rule(phase="simplify", when=floats)
def magnitude_of_square(x: Any) -> LhsRhs:
    """x² is not negative, so abs changes nothing."""
    return abs_(sqr(x)), sqr(x)


@rule(phase="simplify")
def square_of_magnitude(x: Any) -> LhsRhs:
    """abs(x)² is x²."""
    return sqr(abs_(x)), sqr(x)


@rule(phase="simplify", over_complex=True)
def magnitude_twice(x: Any) -> LhsRhs:
    """abs(x) is not negative, so a second abs changes nothing."""
    return abs_(abs_(x)), abs_(x)
