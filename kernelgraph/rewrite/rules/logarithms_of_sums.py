"""Logarithms of sums and differences of exponentials, whatever weights they have.

However the sum is written, its logarithm is that of a sum in which the largest exponent has been
taken out. That is done where exponentials would leave what a float can hold, and where the result
is near 0: there the largest term is carried exactly, and the others are added to it with the digits
that the addition rounds away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.elementwise import dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    abs_,
    add,
    cast,
    eq,
    le,
    lt,
    maximum,
    minimum,
    mul,
    neg,
    neq,
    sub,
    switch,
)
from kernelgraph.ops.functions import exp, expm1, log, log1p
from kernelgraph.ops.reductions import Sum
from kernelgraph.ops.softmax import LogSumExp, far_from_zero
from kernelgraph.rewrite.exponential_sums import (
    Power,
    are_plain,
    are_positive,
    is_opposite,
    limited,
    marked,
    read_sum,
)
from kernelgraph.rewrite.factors import factors
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import constant
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten
from kernelgraph.rewrite.rules.softmax import is_raw
from kernelgraph.types import is_float

CANCELS = "rounding where terms cancel"


_MODERATE = {"x": "moderate", "y": "moderate"}


_WEIGHTS = {"float64": 1e200, "float32": 1e15}
"""Weights beyond it, or its inverse, are left alone: no exponential is small beside them."""


_VANISHING = {"float64": -700.0, "float32": -85.0}
"""Exponentials of less lose digits, or vanish."""


def exponent_of(power: Power, like: Variable) -> Variable:
    """A power's exponent in the dtype of the result; 0 where there is none."""
    if power.exponent is None:
        return constant(0, like)
    return cast(power.exponent, like.dtype)


def _weight(power: Power, like: Variable) -> Variable:
    """All that an exponential is multiplied by."""
    if power.factor is None:
        return constant(power.weight, like)
    factor = cast(power.factor, like.dtype)
    return factor if power.weight == 1 else factor * constant(power.weight, like)


def shift_of_powers(powers: Sequence[Power], like: Variable) -> Variable:
    """What to take from all exponents: the largest that has a weight, where it is so far from 0
    that exponentials leave the floats.
    """
    return far_from_zero(_largest(powers, like))


def shift_of_share(powers: Sequence[Power], like: Variable, again: bool = False) -> Variable:
    """The same for the share that a power has of a sum: also where all are small, and one of them
    leaves the floats though its share does not; nearer to 0 if the sum divides `again`.
    """
    top = _largest(powers, like)
    shift = far_from_zero(top, 4 if again else 1)
    if any(p.exponent is None and p.factor is None for p in powers):
        return shift  # a number is not small
    lowest = reduce(minimum, [exponent_of(p, like) for p in powers])
    leaves = lt(lowest, constant(_VANISHING[like.dtype], like))
    small = mul(lt(constant(-math.inf, like), top), lt(top, constant(0, like)))
    return switch(mul(leaves, small), top, shift)


def divides_twice(total: Variable, graph: FunctionGraph) -> bool:
    """Whether a product divides by a sum more than once, as second derivatives do."""
    return any(
        sum(f.inverted and f.variable is total for f in factors(client.outputs[0])[0]) > 1
        for client in graph.clients.get(total, ())
    )


def _largest(powers: Sequence[Power], like: Variable) -> Variable:
    """The largest exponent that has a weight."""
    never, zero = constant(-math.inf, like), constant(0, like)
    counted = [
        e if p.factor is None else switch(neq(_weight(p, like), zero), e, never)
        for p in powers
        for e in [exponent_of(p, like)]
    ]
    return reduce(maximum, counted)


def shifted(power: Power, shift: Variable, like: Variable) -> Variable:
    """A power with its exponent shifted."""
    if power.exponent is None and power.factor is None:
        # Where there is a shift, it is so large that a number beside the exponentials vanishes.
        zero = constant(0, like)
        return switch(eq(shift, zero), _weight(power, like), zero)
    exponent = exponent_of(power, like) - shift
    # What has no weight may be larger than all that has: its exponential must not overflow.
    powered = exp(marked(exponent) if power.factor is None else limited(exponent))
    if power.factor is None and abs(power.weight) == 1:
        return powered if power.weight > 0 else -powered
    return _weight(power, like) * powered


def _near_parts(powers: Sequence[Power], shift: Variable, like: Variable) -> Iterator[Variable]:
    """The terms of a shifted sum; powers near their weight in two parts, the weight and what they
    are more than it, which has all its digits.
    """
    zero = constant(0, like)
    unshifted = eq(shift, zero)
    left = list(powers)
    while left:
        power, *left = left
        lost = _rounded_away(power, like)
        if power.exponent is None:
            yield shifted(power, shift, like)
            if lost != 0:
                yield switch(unshifted, constant(lost, like), zero)
            continue
        x, weight = exponent_of(power, like), _weight(power, like)
        near = mul(le(abs_(x), constant(1, like)), unshifted)
        more, far = weight * expm1(marked(x)), shifted(power, shift, like)
        partner = next((p for p in left if _balances(p, power)), None)
        if partner is not None:  # what exp(x) + exp(-x) is more than 2: nothing of it cancels
            left.remove(partner)
            more = -weight * (expm1(x) * expm1(-x))
            weight, far, lost = weight + weight, far + shifted(partner, shift, like), 2 * lost
        yield switch(near, weight, zero)
        yield switch(near, more, far)
        if lost != 0:
            yield switch(near, constant(lost, like), zero)


def _rounded_away(power: Power, like: Variable) -> Fraction:
    """What a weight is more than the float that stands for it."""
    if power.factor is not None:
        return Fraction(0)
    return power.weight - Fraction(float(np.asarray(float(power.weight), like.dtype)))


def _log_of_terms(terms: Sequence[Variable]) -> Variable:
    """The logarithm of a sum, near 1 with the digits that adding the terms rounds away.

    Source of the error of a sum: D. E. Knuth, The Art of Computer Programming 2, section 4.2.2.
    """
    total, *others = terms
    lost = constant(0, total)
    for term in others:
        new = total + term
        part = new - total
        lost = lost + ((total - (new - part)) + (term - part))
        total = new
    near = lt(abs_(total - constant(1, total)), constant(0.5, total))
    return log(total) + switch(near, lost / total, constant(0, total))


def log_of_powers(powers: Sequence[Power], like: Variable) -> Variable:
    """The logarithm of a sum of powers; `like` has its dtype and rank."""
    if len(powers) == 1:
        return _log_of_one(powers[0], like)
    if are_plain(powers) and len(powers) == 2 and powers[0].weight == -powers[1].weight:
        positive, negative = powers if powers[0].weight > 0 else reversed(powers)
        return _log_of_difference(positive, negative, like)
    shift, rest = _parts(powers, like)
    return shift + rest


def _parts(powers: Sequence[Power], like: Variable) -> tuple[Variable, Variable]:
    """What was taken out of a sum of powers, and the logarithm of what is left."""
    shift = shift_of_powers(powers, like)
    if _is_above_one(powers):
        return shift, log(reduce(add, [shifted(power, shift, like) for power in powers]))
    return shift, _log_of_terms(list(_near_parts(powers, shift, like)))


def _is_above_one(powers: Sequence[Power]) -> bool:
    """Whether a sum is known to be clearly more than 1: then its logarithm is nowhere near 0."""
    return are_positive(powers) and sum(p.weight for p in powers if p.exponent is None) > Fraction(
        5, 4
    )


def _log_of_one(power: Power, like: Variable) -> Variable:
    """The logarithm of a positive number times a power."""
    exponent = exponent_of(power, like)
    return exponent if power.weight == 1 else exponent + constant(math.log(power.weight), like)


def _log_of_difference(positive: Power, negative: Power, like: Variable) -> Variable:
    """log(w exp(x) - w exp(y)) is log(w) + x + log(1 - exp(y - x))."""
    x, y = exponent_of(positive, like), exponent_of(negative, like)
    if positive.exponent is None:
        found = log(-expm1(y))
    elif negative.exponent is None:
        found = x + log(-expm1(-x))
    else:
        found = x + log(-expm1(switch(eq(x, y), constant(0, like), y - x)))
    weight = positive.weight
    return found if weight == 1 else found + constant(math.log(weight), like)


def _balances(power: Power, other: Power) -> bool:
    """Whether two powers have one weight and opposite exponents."""
    if power.exponent is None or other.exponent is None or power.weight != other.weight:
        return False
    return is_opposite(power.exponent, other.exponent)


def may_leave_the_floats(powers: Sequence[Power]) -> bool:
    """Whether a sum may overflow, or vanish: a probability and a number do neither."""
    if any(power.unbounded for power in powers):
        return True
    return bool(powers) and all(power.exponent is not None for power in powers)


def have_room(powers: Sequence[Power], like: Variable) -> bool:
    """Whether numbers that multiply exponentials are far from the ends of the floats."""
    if like.dtype not in _WEIGHTS:
        return False  # a sum of integers
    end = _WEIGHTS[like.dtype]
    return all(1 / end < abs(power.weight) < end for power in powers)


def powers_to_stabilize(variable: Variable, more: Sequence[Power] = ()) -> list[Power] | None:
    """What a sum consists of, if its logarithm is to be written anew: two or more powers, an
    exponential among them; or one that is all that is left of several.
    """
    node = variable.owner
    if node is None or not is_float(variable.dtype):
        return None
    powers = read_sum(variable, more)
    if not powers or not may_leave_the_floats(powers):
        return None
    is_sum = bool(more) or node.op in (add, sub, neg, expm1)
    known = are_plain(powers)
    if len(powers) == 1:
        return powers if is_sum and known and powers[0].weight > 0 else None
    if known and not any(power.weight > 0 for power in powers):
        return None
    if not have_room(powers, variable):
        return None
    return powers if is_sum or known else None


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes=CANCELS,
    where=_MODERATE,
    examples=[
        lambda x, y: unwritten(log(0.3 * exp(x) + 0.7 * exp(y))),
        lambda x, y: (log(exp(x) - exp(y)), x + log(-expm1(y - x))),
        lambda x: unwritten(log(2 + exp(x))),
        lambda x, y: unwritten(log(y * exp(x) + 1)),
    ],
    depth=8,
)
def log_of_powers_together(node: Apply) -> Variable | None:
    """The logarithm of a weighted sum of exponentials: the largest is taken out where they would
    overflow or vanish together, and where the result is near 0.
    """
    (x,) = node.inputs
    powers = powers_to_stabilize(x)
    if powers is None or _is_difference_from_one(powers):
        return None
    return log_of_powers(powers, node.out)


def _is_difference_from_one(powers: Sequence[Power]) -> bool:
    """Whether a sum is 1 - exp(x), whose logarithm has a rule of its own."""
    found = {power.weight: power for power in powers if power.factor is None}
    one, other = found.get(Fraction(1)), found.get(Fraction(-1))
    return len(powers) == 2 and one is not None and other is not None and one.exponent is None


@computed_rule(
    phase="stabilize",
    on=(log1p,),
    changes=CANCELS,
    where={"x": "moderate"},
    examples=[lambda x: (log1p(2 * exp(x)), log(1 + 2 * exp(x)))],
    depth=8,
)
def log1p_of_powers_together(node: Apply) -> Variable | None:
    """1 is exp(0), another exponential: the largest exponent of all is taken out."""
    powers = powers_to_stabilize(node.inputs[0], (Power(Fraction(1), None, None),))
    if powers is None or _is_difference_from_one(powers):
        return None
    return log_of_powers(powers, node.out)


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=floats,
    where={"x": "moderate", "y": "moderate"},
)
def log_of_two_exps(x: Any, y: Any) -> LhsRhs:
    """log(exp(x) + exp(y)) is m + log1p(exp(-|x - y|)) with the larger one, m, taken out; where x =
    y it is x + log(2), so that no infinity is taken from itself.
    """
    apart = maximum(x, y) + log1p(exp(-abs_(x - y)))
    return log(exp(x) + exp(y)), switch(eq(x, y), x + math.log(2), apart)


def _log_sum_exp(x: Variable, axes: Sequence[int]) -> Variable:
    for axis in axes:
        x = LogSumExp(axis)(x)
    return dimshuffle(x, [k for k in range(x.ndim) if k not in axes])


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: all(is_raw(match["x"], axis) for axis in match["total"].axes),
    where={"x": "moderate matrix", "total": (Sum((1,)), Sum((0, 1)))},
    over_halves=False,
)
def log_sum_exp(x: Any, total: Sum) -> LhsRhs:
    """Shifted by the largest, no exponential overflows; a sum that underflowed has a logarithm."""
    return log(total(exp(x))), lambda: _log_sum_exp(x, total.axes)
