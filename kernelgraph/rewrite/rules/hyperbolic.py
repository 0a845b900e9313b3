"""Hyperbolic functions: written out as quotients of exponentials; logarithms and derivatives of
`1 + tanh(x)`, `1 - tanh(x)` and `1 - tanh(x)²`, which vanish far out.
"""

from __future__ import annotations

import math
from typing import Any

from kernelgraph.graph import Apply, Variable
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
from kernelgraph.ops.functions import exp, expm1, log, log1p, sigmoid, softplus, tanh
from kernelgraph.ops.trigonometry import cosh, sinh
from kernelgraph.rewrite.exponential_sums import (
    are_plain,
    is_limited,
    is_opposite,
    linear,
    read_sum,
)
from kernelgraph.rewrite.factors import edit_product, factors, pairs
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match, constant
from kernelgraph.rewrite.picked import operands_of
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS, exponent_of
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_TWO = {"x": "moderate", "y": "moderate"}
_BESIDE = {"x": "moderate", "rest": "bounded"}


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
def tanh_by_exp(x: Any) -> LhsRhs:
    """(exp(x) - 1) / (exp(x) + 1) has a name, and does not overflow."""
    return expm1(x) * sigmoid(-x), tanh(0.5 * x)


@rule(phase="stabilize", changes="rounding", when=floats)
def tanh_by_sigmoid(x: Any) -> LhsRhs:
    """A sigmoid stretched to the range from -1 to 1 is a tanh, which has digits near 0."""
    return 2 * sigmoid(x) - 1, tanh(0.5 * x)


@rule(phase="stabilize", changes=CANCELS, when=floats)
def sigmoid_by_tanh(x: Any) -> LhsRhs:
    """A tanh squeezed to the range from 0 to 1 is a sigmoid, which has digits near 0."""
    return 0.5 + 0.5 * tanh(x), sigmoid(2 * x)


@rule(phase="stabilize", changes=CANCELS, when=floats)
def sigmoid_by_negative_tanh(x: Any) -> LhsRhs:
    """(1 - tanh(x)) / 2 is sigmoid(-2x), which has digits where tanh(x) is nearly 1."""
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
def log_of_one_minus_tanh_squared(x: Any) -> LhsRhs:
    """1 - tanh(x)² vanishes far from 0, but not its logarithm."""
    far = abs_(x)
    near = log1p(-sqr(tanh(minimum(far, 1.0))))
    distant = 2.0 * (math.log(2) - far - log1p(exp(-2.0 * far)))
    return log1p(-sqr(tanh(x))), switch(lt(far, 1.0), near, distant)


@rule(phase="stabilize", changes="rounding", late=True, where=_BESIDE)
def cancel_derivative_of_tanh(x: Any, rest: Factors) -> LhsRhs:
    """1 - tanh(x)² divided by itself is 1, even where it has rounded to 0; NaN where x is."""
    bump = 1 - sqr(tanh(x))
    return rest * bump / bump, rest * switch(eq(x, x), 1, x)


def _is_twice(match: Match) -> bool:
    """A guard: y is 2x or -2x."""
    if not floats(match):
        return False
    doubled = frozenset((variable, 2 * weight) for variable, weight in linear(match["x"]))
    return doubled in (linear(match["y"]), linear(-match["y"]))


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=_is_twice,
    examples=[
        lambda x, y: (y * (1 - sqr(tanh(x))) / sigmoid(2 * x), y * (4 * sigmoid(-2 * x))),
        lambda x: ((1 - sqr(tanh(x))) / sigmoid(-2 * x), 4 * sigmoid(2 * x)),
    ],
    where={"x": "moderate", "y": "bounded"},
)
def derivative_of_tanh_over_sigmoid(x: Any, y: Any, rest: Factors) -> LhsRhs:
    """1 - tanh(x)² is 4 sigmoid(2x) sigmoid(-2x): divided by one of them, it is 4 times the
    other.
    """
    return rest * (1 - sqr(tanh(x))) / sigmoid(y), rest * (4 * sigmoid(-y))


def _unlimited(match: Match) -> bool:
    """A guard: x is a float that was not brought near 0 before."""
    return floats(match) and not operands_of(match["x"], maximum)


def _near_zero(x: Any) -> Any:
    """x where log1p has the digits, else the nearest such number."""
    return maximum(minimum(x, 0.5), -0.5)


@rule(phase="stabilize", changes="rounding", when=_unlimited, where={"x": "moderate"})
def log_of_one_plus_tanh(x: Any) -> LhsRhs:
    """1 + tanh(x) is 2 sigmoid(2x), which vanishes far from 0, but not its logarithm."""
    far = math.log(2) - softplus(-2.0 * x)
    return log1p(tanh(x)), switch(lt(abs_(x), 0.5), log1p(tanh(_near_zero(x))), far)


@rule(phase="stabilize", changes="rounding", when=_unlimited, where={"x": "moderate"})
def log_of_one_minus_tanh(x: Any) -> LhsRhs:
    """1 - tanh(x) is 2 sigmoid(-2x), which vanishes far from 0, but not its logarithm."""
    far = math.log(2) - softplus(2.0 * x)
    return log1p(-tanh(x)), switch(lt(abs_(x), 0.5), log1p(-tanh(_near_zero(x))), far)


@rule(phase="stabilize", changes="rounding", when=floats, where=_BESIDE)
def derivative_of_log_of_one_minus_tanh(x: Any, rest: Factors) -> LhsRhs:
    """1 - tanh(x)² is (1 + tanh(x)) (1 - tanh(x)): divided by 1 - tanh(x), it is 1 + tanh(x), which
    is 2 sigmoid(2x).
    """
    return rest * (1 - sqr(tanh(x))) / (1 - tanh(x)), rest * (2 * sigmoid(2 * x))


@rule(phase="stabilize", changes="rounding", when=floats, where=_BESIDE)
def derivative_of_log_of_one_plus_tanh(x: Any, rest: Factors) -> LhsRhs:
    """1 - tanh(x)² divided by 1 + tanh(x) is 1 - tanh(x), which is 2 sigmoid(-2x)."""
    return rest * (1 - sqr(tanh(x))) / (1 + tanh(x)), rest * (2 * sigmoid(-2 * x))


@rule(phase="stabilize", changes="rounding", when=floats, where=_BESIDE)
def tanh_by_sinh(x: Any, rest: Factors) -> LhsRhs:
    """sinh(x) / cosh(x) has a name, and does not overflow."""
    return rest * sinh(x) / cosh(x), rest * tanh(x)


@rule(phase="stabilize", changes="rounding", when=floats, where={"x": "moderate"})
def log_of_cosh(x: Any) -> LhsRhs:
    """cosh(x) overflows, but not its logarithm, which is nearly |x| - log(2) far out; near 0 it has
    the digits of cosh(x) - 1, which is 2 sinh(x / 2)².
    """
    far = abs_(x)
    near = log1p(2.0 * sqr(sinh(0.5 * minimum(far, 1.0))))
    return log(cosh(x)), switch(lt(far, 1.0), near, far + log1p(exp(-2.0 * far)) - math.log(2))
