"""Hyperbolic functions: written out as quotients of exponentials; logarithms and slopes of
`1 + tanh(x)`, `1 - tanh(x)` and `1 - tanh(x)²`, which vanish far out.
"""

from __future__ import annotations

import math
from typing import Any

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import (
    abs_,
    add,
    eq,
    lt,
    maximum,
    minimum,
    mul,
    neg,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log1p, sigmoid, softplus, tanh
from kernelgraph.rewrite.exponential_sums import is_limited, is_opposite, linear, read_sum
from kernelgraph.rewrite.factors import edit_product, factors, pairs
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match, constant, number
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS, exponent_of
from kernelgraph.rewrite.rules.shares import are_plain
from kernelgraph.types import is_float

_TWO = {"x": "moderate", "y": "moderate"}


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(add, sub, expm1),
    changes="rounding",
    where=_TWO,
    examples=[
        lambda x: ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh(x)),
        lambda x, y: (y / (exp(2 * x) - 1) * (exp(2 * x) + 1), y / tanh(x)),
    ],
    depth=6,
)
def tanh_by_powers(node: Apply) -> Variable | None:
    """The difference of two exponentials over their sum is a tanh, which does not overflow."""
    parts = [f for f in factors(node.out)[0] if _is_sum_of_powers(f.variable)]
    for difference, total in pairs(parts):
        if difference.inverted == total.inverted:
            continue
        found = _tanh_of(difference.variable, total.variable)
        if found is not None:
            if difference.inverted:  # a difference that vanishes is 0, a tanh may be -0
                found = found + constant(0, found)
            return edit_product(node.out, {difference.path: found, total.path: None})
    return None


@rule(phase="stabilize", changes="rounding", when=floats, where={"x": "bounded"})
def tanh_by_exp(x: Any) -> Sides:
    """(exp(x) - 1) / (exp(x) + 1) has a name, and does not overflow."""
    return expm1(x) * sigmoid(-x), tanh(0.5 * x)


@rule(phase="stabilize", changes="rounding", when=floats, where={"x": "bounded"})
def tanh_by_negative_exp(x: Any) -> Sides:
    """(exp(-x) - 1) / (exp(-x) + 1) has a name, and does not overflow."""
    return expm1(-x) * sigmoid(x), tanh(0.5 * -x)


@rule(phase="stabilize", changes="rounding", when=floats)
def tanh_by_sigmoid(x: Any) -> Sides:
    """A sigmoid stretched to the range from -1 to 1 is a tanh, which has digits near 0."""
    return 2 * sigmoid(x) - 1, tanh(0.5 * x)


@rule(phase="stabilize", changes=CANCELS, when=floats)
def sigmoid_by_tanh(x: Any) -> Sides:
    """A tanh squeezed to the range from 0 to 1 is a sigmoid, which has digits near 0."""
    return 0.5 + 0.5 * tanh(x), sigmoid(2 * x)


@rule(phase="stabilize", changes=CANCELS, when=floats)
def sigmoid_by_negative_tanh(x: Any) -> Sides:
    """Turned round, it is the sigmoid of the contrary."""
    return 0.5 - 0.5 * tanh(x), sigmoid(-2 * x)


def _is_sum_of_powers(variable: Variable) -> bool:
    """A quick look: whether a sum or a difference has an exponential."""
    node = variable.owner
    if node is None or not is_float(variable.dtype):
        return False
    if node.op == expm1:
        return True
    operands = [v.owner for v in node.inputs if v.owner is not None]
    return node.op in (add, sub) and any(v.op in (exp, neg, mul) for v in operands)


def _tanh_of(difference: Variable, total: Variable) -> Variable | None:
    above, below = read_sum(difference), read_sum(total)
    if above is None or below is None or len(above) != 2 or len(below) != 2:
        return None
    if difference.type != total.type or not are_plain([*above, *below]):
        return None
    if above[0].weight != -above[1].weight or below[0].weight != below[1].weight:
        return None
    positive, negative = above if above[0].weight > 0 else reversed(above)
    if {positive.exponent, negative.exponent} != {power.exponent for power in below}:
        return None
    ratio = positive.weight / below[0].weight
    x, y = exponent_of(positive, total), exponent_of(negative, total)
    if negative.exponent is None:
        half = 0.5 * x
    elif positive.exponent is None:
        half = -0.5 * y
    else:
        half = x if is_opposite(x, y) else 0.5 * (x - y)
    found = tanh(half)
    return found if ratio == 1 else constant(ratio, total) * found


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: floats(match) and not is_limited(match["x"]),
    where={"x": "moderate"},
)
def log_of_one_minus_tanh_squared(x: Any) -> Sides:
    """1 - tanh(x)² vanishes far from 0, but not its logarithm."""
    far = abs_(x)
    near = log1p(-sqr(tanh(minimum(far, 1.0))))
    distant = 2.0 * (math.log(2) - far - log1p(exp(-2.0 * far)))
    return log1p(-sqr(tanh(x))), switch(lt(far, 1.0), near, distant)


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(sub,),
    changes="rounding",
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (
            y / (1 - sqr(tanh(x))) * (1 - sqr(tanh(x))),
            y * switch(eq(x, x), 1, x),
        )
    ],
    depth=5,
    late=True,
)
def cancel_slope_of_tanh(node: Apply) -> Variable | None:
    """1 - tanh(x)² divided by itself is 1, even where it has rounded to 0; NaN where x is."""
    found = [f for f in factors(node.out)[0] if _bump(f.variable) is not None]
    for a, b in pairs(found):
        x = _bump(a.variable)
        if a.variable is b.variable and b.inverted and not a.inverted and x is not None:
            return edit_product(
                node.out, {a.path: switch(eq(x, x), constant(1, x), x), b.path: None}
            )
    return None


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(sigmoid,),
    changes=CANCELS,
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (y * (1 - sqr(tanh(x))) / sigmoid(2 * x), y * (4 * sigmoid(-2 * x))),
        lambda x: ((1 - sqr(tanh(x))) / sigmoid(-2 * x), 4 * sigmoid(2 * x)),
    ],
    depth=6,
)
def slope_of_tanh_over_sigmoid(node: Apply) -> Variable | None:
    """1 - tanh(x)² is 4 times a sigmoid of 2x and one of -2x: divided by one of them, it is the
    other.
    """
    found = factors(node.out)[0]
    for above, below in pairs(found):
        curve = below.curve
        if above.inverted or not below.inverted or curve is None or curve.kind != "sigmoid":
            continue
        x = _bump(above.variable)
        if x is None or above.variable.type != below.variable.type:
            continue
        doubled = frozenset((variable, 2 * weight) for variable, weight in linear(x))
        if doubled in (linear(curve.argument), linear(-curve.argument)):
            four = constant(4, above.variable)
            edits = {above.path: four * sigmoid(-curve.argument), below.path: None}
            return edit_product(node.out, edits)
    return None


def _bump(variable: Variable) -> Variable | None:
    """What x is in 1 - tanh(x)²."""
    node = variable.owner
    if node is None or node.op != sub or number(node.inputs[0]) != 1:
        return None
    square = node.inputs[1].owner
    inner = square.inputs[0].owner if square is not None and square.op == sqr else None
    return inner.inputs[0] if inner is not None and inner.op == tanh else None


def _unlimited(match: Match) -> bool:
    """A guard: x is a float that was not brought near 0 before."""
    return floats(match) and _operand(match["x"], maximum) is None


def _near_zero(x: Any) -> Any:
    """x where log1p has the digits, else the nearest such number."""
    return maximum(minimum(x, 0.5), -0.5)


@rule(phase="stabilize", changes="rounding", when=_unlimited, where={"x": "moderate"})
def log_of_one_plus_tanh(x: Any) -> Sides:
    """1 + tanh(x) is 2 sigmoid(2x), which vanishes far from 0, but not its logarithm."""
    far = math.log(2) - softplus(-2.0 * x)
    return log1p(tanh(x)), switch(lt(abs_(x), 0.5), log1p(tanh(_near_zero(x))), far)


@rule(phase="stabilize", changes="rounding", when=_unlimited, where={"x": "moderate"})
def log_of_one_minus_tanh(x: Any) -> Sides:
    """1 - tanh(x) is 2 sigmoid(-2x), which vanishes far from 0, but not its logarithm."""
    far = math.log(2) - softplus(2.0 * x)
    return log1p(-tanh(x)), switch(lt(abs_(x), 0.5), log1p(-tanh(_near_zero(x))), far)


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(add, sub),
    changes="rounding",
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (y / (1 - tanh(x)) * (1 - sqr(tanh(x))), y * (2 * sigmoid(2 * x))),
        lambda x, y: ((1 - sqr(tanh(x))) / (1 + tanh(x)) * y, 2 * sigmoid(-2 * x) * y),
    ],
    depth=5,
)
def slope_of_log_of_one_plus_tanh(node: Apply) -> Variable | None:
    """1 - tanh(x)² is a product of 1 + tanh(x) and 1 - tanh(x): divided by one, it is the other,
    which is 2 sigmoid(2x) or 2 sigmoid(-2x).
    """
    for slope, other in pairs(factors(node.out)[0]):
        if slope.inverted or not other.inverted or slope.variable.type != other.variable.type:
            continue
        square = _beside_one(slope.variable, sub)
        t = None if square is None else _operand(square, sqr)
        x = None if t is None else _operand(t, tanh)
        if t is None or x is None:
            continue
        for op, double in ((sub, 2), (add, -2)):
            if _beside_one(other.variable, op) is t:
                rest = constant(2, x) * sigmoid(constant(double, x) * x)
                return edit_product(node.out, {slope.path: rest, other.path: None})
    return None


def _operand(variable: Variable, op: Op) -> Variable | None:
    """The first operand of what an op made."""
    node = variable.owner
    return node.inputs[0] if node is not None and node.op == op else None


def _beside_one(variable: Variable, op: Op) -> Variable | None:
    """What is added to 1, or taken from it."""
    node = variable.owner
    if node is None or node.op != op or number(node.inputs[0]) != 1:
        return None
    return node.inputs[1]
