"""Simplify: less to compute, the same bits.

Only what holds for every number is done here, and NaN, infinities and -0 are numbers: `x * 0` is
left alone unless x is an integer, and `x + 0` unless x cannot be -0. Where a rule is not exact to
the bit it says what changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
    abs_,
    add,
    int_div,
    maximum,
    minimum,
    mul,
    neg,
    sqr,
    sub,
    switch,
)
from kernelgraph.ops.functions import exp, sigmoid, softplus
from kernelgraph.ops.reductions import Sum
from kernelgraph.ops.views import Broadcast
from kernelgraph.rewrite.matching import Match, constant_behind, number
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.types import TensorType, is_float


def floats(match: Match) -> bool:
    """A guard: everything that the wildcards stand for is read as a float: it is of a float dtype,
    or a number beside floats.
    """
    return is_float(match.node.out.dtype) and all(
        is_float(variable.dtype) or number(variable) is not None
        for variable in match.bound.values()
    )


def result_is_integer(match: Match) -> bool:
    """A guard: the result is a whole number, which is never NaN, infinite or -0."""
    return not is_float(match.node.out.dtype)


# -------------------------------------------------------------------------- numbers that do nothing


@rule
def times_one(x: Any) -> Sides:
    """Multiplying by 1 changes no number."""
    return x * 1, x


@rule
def divided_by_one(x: Any) -> Sides:
    """Dividing by 1 changes no number."""
    return x / 1, x


@rule
def minus_zero(x: Any) -> Sides:
    """Subtracting 0 changes no number, not even -0."""
    return x - 0, x


@rule
def plus_negative_zero(x: Any) -> Sides:
    """Adding -0 changes no number: 0 + -0 is 0, and -0 + -0 is -0."""
    return x + -0.0, x


def _keeps_zero(match: Match) -> bool:
    return result_is_integer(match) or never_negative_zero(match["x"])


@rule(when=_keeps_zero)
def plus_zero(x: Any) -> Sides:
    """Adding 0 changes no number except -0, and here there is no -0."""
    return x + 0, x


@computed_rule(
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


@rule
def power_one(x: Any) -> Sides:
    """A number to the power of 1 is the number."""
    return x**1, x


@rule
def power_zero(x: Any) -> Sides:
    """Any number to the power of 0 is 1, even NaN and 0."""
    return x**0, 1


def never_negative_zero(variable: Variable) -> bool:
    """Whether it is known that no element of `variable` is -0."""
    while (node := variable.owner) is not None and isinstance(node.op, DimShuffle | Broadcast):
        variable = node.inputs[0]
    if not is_float(variable.dtype):
        return True
    if node is None:
        return isinstance(variable, Constant) and not bool(
            np.any((variable.data == 0) & np.signbit(variable.data))
        )
    if isinstance(node.op, Cast):
        return not is_float(node.inputs[0].dtype)
    return isinstance(node.op, Sum) or node.op in (abs_, sqr, exp, sigmoid, softplus)


# ---------------------------------------------------------------------------------------- integers


def _computed_zero(dtype: str) -> Constant:
    zero = Constant(TensorType(dtype, ()), np.zeros((), dtype))
    zero.tag.computed = True
    return zero


@computed_rule(on=(mul,), where={"x": "integer"}, examples=[lambda x: (x * 0, 0)])
def integer_times_zero(node: Apply) -> Variable | None:
    """An integer times 0 is 0; a float may be NaN or infinite, and then it is not."""
    if is_float(node.out.dtype) or not any(number(operand) == 0 for operand in node.inputs):
        return None
    return _computed_zero(node.out.dtype)


@computed_rule(on=(sub,), where={"x": "integer"}, examples=[lambda x: (x - x, 0)])
def integer_minus_itself(node: Apply) -> Variable | None:
    """An integer minus itself is 0; a float may be NaN or infinite, and then it is not."""
    x, y = node.inputs
    return _computed_zero(node.out.dtype) if x is y and not is_float(node.out.dtype) else None


@rule(when=result_is_integer, where={"x": "integer"})
def zero_minus_integer(x: Any) -> Sides:
    """0 minus an integer is its negative; among floats, 0 - 0 is 0 and not -0."""
    return 0 - x, -x


# ------------------------------------------------------------------------------------------- signs


def signs_are_free(match: Match) -> bool:
    """A guard: changing signs loses nothing.

    Floats have a bit for the sign; integers overflow alike if all have the dtype of the result.
    """
    dtype = match.node.out.dtype
    return floats(match) or all(variable.dtype == dtype for variable in match.bound.values())


@rule
def negative_twice(x: Any) -> Sides:
    """Two minus signs cancel."""
    return neg(neg(x)), x


def _has_sign(match: Match) -> bool:
    return match["x"].dtype != "bool"


@rule(when=_has_sign)
def times_minus_one(x: Any) -> Sides:
    """Multiplying by -1 changes the sign alone."""
    return x * -1, -x


def _sign_of_y_is_free(match: Match) -> bool:
    return is_float(match["y"].dtype) or signs_are_free(match)


@rule(when=_sign_of_y_is_free)
def plus_negative(x: Any, y: Any) -> Sides:
    """Adding a negative is subtracting."""
    return x + -y, x - y


@rule(when=_sign_of_y_is_free)
def minus_negative(x: Any, y: Any) -> Sides:
    """Subtracting a negative is adding."""
    return x - -y, x + y


@rule(when=signs_are_free)
def negative_times(x: Any, y: Any) -> Sides:
    """A product's minus sign moves outwards, where it may meet another."""
    return -x * y, -(x * y)


@rule(when=floats)
def negative_divided(x: Any, y: Any) -> Sides:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return -x / y, -(x / y)


@rule(when=floats)
def divided_by_negative(x: Any, y: Any) -> Sides:
    """A quotient's minus sign moves outwards, where it may meet another."""
    return x / -y, -(x / y)


@rule
def square_of_negative(x: Any) -> Sides:
    """A square forgets the sign."""
    return sqr(-x), sqr(x)


@rule(when=lambda match: not match["x"].dtype.startswith("uint"))
def magnitude_of_negative(x: Any) -> Sides:
    """The magnitude forgets the sign."""
    return abs_(-x), abs_(x)


@rule(when=floats)
def magnitude_of_square(x: Any) -> Sides:
    """A square has no sign."""
    return abs_(sqr(x)), sqr(x)


@rule
def square_of_magnitude(x: Any) -> Sides:
    """A square forgets the sign."""
    return sqr(abs_(x)), sqr(x)


@rule(when=result_is_integer)
def whole_divided_by_one(x: Any) -> Sides:
    """A whole number divided by 1 is the number."""
    return int_div(x, 1), x


@rule
def magnitude_twice(x: Any) -> Sides:
    """A magnitude is its own magnitude."""
    return abs_(abs_(x)), abs_(x)


# ------------------------------------------------------------------------------- powers and choices


def _keeps_dtype(match: Match) -> bool:
    return match["x"].dtype == match.node.out.dtype


@rule(changes="rounding", when=_keeps_dtype)
def power_two(x: Any) -> Sides:
    """A product costs less than a power, and rounds once."""
    return x**2, sqr(x)


@rule(changes="rounding", when=lambda match: floats(match) and _keeps_dtype(match))
def power_minus_one(x: Any) -> Sides:
    """A quotient costs less than a power, and rounds once."""
    return x**-1, 1 / x


@rule(when=_keeps_dtype)
def product_of_one(x: Any) -> Sides:
    """A number times itself is its square, by whatever name it is asked for again."""
    return x * x, sqr(x)


@rule(changes="rounding", when=lambda match: floats(match) and _same_pattern(match))
def times_reciprocal(x: Any, y: Any) -> Sides:
    """One division rounds once, where a reciprocal and a product round twice."""
    return x * (1 / y), x / y


def _same_pattern(match: Match) -> bool:
    """Whether y has all elements of the result: a reciprocal of few may well multiply many."""
    return match["y"].broadcastable == match.node.out.broadcastable


@rule
def larger_of_one(x: Any) -> Sides:
    """The larger of a number and itself is the number."""
    return maximum(x, x), x


@rule
def smaller_of_one(x: Any) -> Sides:
    """The smaller of a number and itself is the number."""
    return minimum(x, x), x


@rule
def choice_of_one(condition: Any, x: Any) -> Sides:
    """A choice between a number and itself is no choice."""
    return switch(condition, x, x), x


@rule
def choice_made(x: Any, y: Any) -> Sides:
    """The condition holds everywhere."""
    return switch(True, x, y), x


@rule
def choice_refused(x: Any, y: Any) -> Sides:
    """The condition holds nowhere."""
    return switch(False, x, y), y


RULES = (
    times_one, divided_by_one, minus_zero, plus_negative_zero, plus_zero, plus_computed_zero,
    power_one, power_zero, integer_times_zero, integer_minus_itself, zero_minus_integer,
    negative_twice, times_minus_one, plus_negative, minus_negative, negative_times,
    negative_divided, divided_by_negative, square_of_negative, magnitude_of_negative,
    magnitude_twice, magnitude_of_square, square_of_magnitude, whole_divided_by_one, power_two,
    power_minus_one, product_of_one, times_reciprocal, larger_of_one, smaller_of_one, choice_of_one,
    choice_made, choice_refused,
)  # fmt: skip
