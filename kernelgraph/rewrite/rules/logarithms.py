"""Logarithms: of exponentials, sigmoids, products, powers, choices, and beside 1.

`log(1 + x)` loses a small x. A likelihood is a product, and people write its logarithm:
`log(c * exp(-x²/2))`. What is inside underflows or overflows long before its logarithm does. Where
a factor is the exponential of something (or a sigmoid, or a softmax), the logarithm is known
without it. Logarithms of sums of exponentials are in `logarithms_of_sums.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import (
    add,
    cast,
    gt,
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
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.functions import exp, expm1, log, log1p, sigmoid, softplus, sqrt, tanh
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.powers import pow_
from kernelgraph.ops.reductions import PickedSum, Sum, sum_
from kernelgraph.ops.softmax import LogSoftmax, Softmax
from kernelgraph.rewrite.exponential_sums import Power, log_of_positive
from kernelgraph.rewrite.factors import (
    Factor,
    curve_of,
    edit_product,
    factors,
    holds_curve,
    is_cut_anywhere,
    pairs,
)
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.picked import log_of_some
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS, powers_to_stabilize
from kernelgraph.types import is_float

_POWERS = (sqr, sqrt, pow_)

_VANISHES = {"float64": -37.0, "float32": -17.0}
"""Below it, the exponential of an exponent is too small to change the exponent."""


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_exp(x: Any) -> Sides:
    """The logarithm undoes exp, and x cannot overflow on the way."""
    return log(exp(x)), x


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_plus_exp(x: Any) -> Sides:
    """softplus does not overflow where exp(x) does."""
    return log(1 + exp(x)), softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log1p_of_exp(x: Any) -> Sides:
    """softplus does not overflow where exp(x) does."""
    return log1p(exp(x)), softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_sigmoid(x: Any) -> Sides:
    """softplus still has digits where sigmoid(x) has rounded to 0 or 1."""
    return log(sigmoid(x)), -softplus(-x)


@rule(phase="stabilize", changes="rounding", when=floats, where={"x": "moderate"})
def log1p_of_negative_sigmoid(x: Any) -> Sides:
    """softplus still has digits where sigmoid(x) has rounded to 1."""
    return log1p(-sigmoid(x)), -softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_plus(x: Any) -> Sides:
    """log1p keeps the digits of x that 1 + x rounds away."""
    return log(1 + x), log1p(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_minus(x: Any) -> Sides:
    """log1p keeps the digits of x that 1 - x rounds away."""
    return log(1 - x), log1p(-x)


def _log_of(variable: Variable) -> Variable | None:
    """The logarithm of an exp, a sigmoid or a softmax, in its scores; None for anything else."""
    node = variable.owner
    curve = curve_of(variable)
    if curve is not None:
        return curve.argument if curve.kind == "exp" else -softplus(-curve.argument)
    if node is not None and isinstance(node.op, Softmax):
        return LogSoftmax(node.op.axis)(*node.inputs)
    if node is not None and node.op in _POWERS:
        return log_of_positive(variable)
    if node is not None and isinstance(node.op, Subtensor | PickedSum):
        return log_of_some(variable)
    return None if node is None else _log_beside_one(node)


def _log_beside_one(node: Apply) -> Variable | None:
    """The logarithm of 1 + tanh(x) or 1 - tanh(x), or of 1 less a part of a softmax."""
    if node.op not in (add, sub) or number(node.inputs[0]) != 1 or not is_float(node.out.dtype):
        return None
    inner = node.inputs[1].owner
    if inner is not None and node.op == sub and isinstance(inner.op, Subtensor):
        whole = inner.inputs[0]
        is_softmax = whole.owner is not None and isinstance(whole.owner.op, Softmax)
        return inner.op(log1p(-whole), *inner.inputs[1:]) if is_softmax else None
    if inner is None or inner.op != tanh:
        return None
    return log1p(inner.out if node.op == add else -inner.out)


def _sums_exps(variable: Variable) -> bool:
    """Whether a sum of exponentials is behind a variable: its logarithm has rules of its own."""
    node = variable.owner
    while node is not None and isinstance(node.op, DimShuffle):
        variable = node.inputs[0]
        node = variable.owner
    if node is None or not (isinstance(node.op, Sum | Dot) or node.op in (add, sub)):
        return False
    if node.op != sub and all(_log_of(term) is not None for term in node.inputs):
        return True
    if isinstance(node.op, Sum) and len(node.op.axes) == 1:
        return holds_curve(node.inputs[0])  # a mixture
    if isinstance(node.op, Dot):
        return any(holds_curve(operand) for operand in node.inputs)
    return node.op in (add, sub) and _stays_positive(powers_to_stabilize(variable))


def _stays_positive(powers: Sequence[Power] | None) -> bool:
    return powers is not None and all(p.factor is None and p.weight > 0 for p in powers)


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes=CANCELS,
    where={"x": "moderate", "y": "moderate"},
    examples=[
        lambda x: (log(0.25 * exp(x)), math.log(0.25) + x),
        lambda x, y: (log(exp(x) / sigmoid(y)), x + softplus(-y)),
        lambda x: (log(sum_(exp(x), axis=0) / 3), log(sum_(exp(x), axis=0)) - math.log(3)),
    ],
    depth=5,
)
def log_of_product(node: Apply) -> Variable | None:
    """The logarithm of a product is a sum: the exponent of a factor needs no exponential, which
    might underflow or overflow.
    """
    (x,) = node.inputs
    found, sign = factors(x)
    helps = [f for f in found if _log_of(f.variable) is not None or _sums_exps(f.variable)]
    if len(found) < 2 or sign < 0 or not helps or x.dtype != node.out.dtype:
        return None
    if is_cut_anywhere(x, found):
        return None
    if all(not f.inverted and (c := f.curve) is not None and c.kind == "exp" for f in found):
        return None  # a product of exponentials alone is left to the readers of a lesson
    above = list(_logs([factor for factor in found if not factor.inverted], x.dtype))
    below = list(_logs([factor for factor in found if factor.inverted], x.dtype))
    if not above:
        return neg(reduce(add, below))
    return reduce(sub, below, reduce(add, above))


def _logs(found: list[Factor], dtype: str) -> Iterator[Variable]:
    """The logarithms of factors: known ones, those of sums, and one of the rest together."""
    rest: list[Variable] = []
    for factor in found:
        known = _log_of(factor.variable)
        if known is not None:
            yield known
        elif _sums_exps(factor.variable):
            yield log(factor.variable)
        else:
            rest.append(cast(factor.variable, dtype))
    if rest:
        yield log(reduce(mul, rest))


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes=CANCELS,
    where={"x": "moderate"},
    examples=[
        lambda x: (log(sqr(sigmoid(x))), -2 * softplus(-x)),
        lambda x: (log(sqrt(1 + exp(x))), 0.5 * log(1 + exp(x))),
        lambda x: (log((1 + exp(-x)) ** -3), -3 * log(1 + exp(-x))),
    ],
    depth=5,
)
def log_of_power(node: Apply) -> Variable | None:
    """The logarithm of a power is a multiple of a logarithm: where the base is an exponential or a
    sum of some, nothing overflows or vanishes.
    """
    (x,) = node.inputs
    inner = x.owner
    if inner is None or inner.op not in _POWERS or x.dtype != node.out.dtype:
        return None
    base = inner.inputs[0]
    if not is_float(base.dtype):
        return None
    known = _log_of(base)
    if known is None and not _sums_exps(base):
        return None
    logarithm = log(base) if known is None else known
    if inner.op == pow_:
        return cast(inner.inputs[1], x.dtype) * logarithm
    return (2 if inner.op == sqr else 0.5) * logarithm


@rule(phase="stabilize", changes="rounding", when=floats)
def log_odds(x: Any) -> Sides:
    """log(p / (1 - p)) of a sigmoid is what went into it."""
    return softplus(x) - softplus(-x), x


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where={"c": "integer", "x": "bounded"},
    examples=[
        lambda c, x: (
            log(switch(c, sigmoid(x), sigmoid(-x))),
            switch(c, -softplus(-x), -softplus(x)),
        ),
    ],
)
def log_of_choice(node: Apply) -> Variable | None:
    """The logarithm of what is chosen is chosen from the logarithms, which have digits where a
    probability rounded to 0.
    """
    choice = node.inputs[0].owner
    if choice is None or choice.op != switch or not is_float(node.out.dtype):
        return None
    condition, *sides = choice.inputs
    logs = [_log_of(side) for side in sides]
    if logs[0] is None or logs[1] is None:
        return None
    return switch(condition, *logs)


def _unlimited(x: Variable) -> bool:
    """Whether x is a float that these rules have not limited before."""
    return is_float(x.dtype) and (x.owner is None or x.owner.op not in (maximum, minimum))


def _log_one_minus_exp(x: Any) -> Any:
    """Near 0, expm1 has the digits of the difference; far from it, log1p those of its logarithm.

    Source: M. Mächler, Accurately computing log(1 - exp(-|a|)), 2012.
    """
    half = -math.log(2)
    near, far = log(-expm1(maximum(x, half))), log1p(-exp(minimum(x, half)))
    return switch(gt(x, half), near, far)


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where={"x": "moderate"},
    examples=[lambda x: (log(-expm1(-exp(x))), log(-expm1(-exp(x))))],
    depth=4,
)
def log_of_complement(node: Apply) -> Variable | None:
    """The probability that at least one of rare events happens: where exp(x) vanishes beside 1,
    1 - exp(-exp(x)) is exp(x).
    """
    (x,) = node.inputs
    for op in (neg, expm1, neg):
        if x.owner is None or x.owner.op != op:
            return None
        (x,) = x.owner.inputs
    rare = _log_of(x)
    if rare is None or rare.dtype != node.out.dtype:
        return None
    end = as_variable(np.full((1,) * rare.ndim, _VANISHES[rare.dtype], rare.dtype))
    return switch(lt(rare, end), rare, _log_one_minus_exp(-x))


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where={"x": "moderate"},
    examples=[lambda x: (log(softplus(x)), log(softplus(x)))],
    depth=2,
)
def log_of_softplus(node: Apply) -> Variable | None:
    """Where exp(x) vanishes beside 1, softplus(x) is exp(x), which may underflow, and its logarithm
    is x.
    """
    inner = node.inputs[0].owner
    if inner is None or inner.op != softplus:
        return None
    (x,) = inner.inputs
    if not _unlimited(x) or x.dtype != node.out.dtype:
        return None
    end = as_variable(np.full((1,) * x.ndim, _VANISHES[x.dtype], x.dtype))
    return switch(lt(x, end), x, log(softplus(maximum(x, end))))


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(softplus,),
    changes="rounding",
    where={"x": "moderate"},
    examples=[lambda x: (sigmoid(x) / softplus(x), sigmoid(x) / softplus(x))],
    depth=5,
)
def sigmoid_over_softplus(node: Apply) -> Variable | None:
    """The slope of log(softplus(x)) goes to 1 where both sides of the quotient vanish."""
    found = factors(node.out)[0]
    makers = [f.variable.owner for f in found if f.inverted]
    if not any(maker is not None and maker.op == softplus for maker in makers):
        return None
    for power, other in pairs(found):
        below, curve = other.variable.owner, power.curve
        if curve is None or curve.kind != "sigmoid" or power.inverted or not other.inverted:
            continue
        x = curve.argument
        if below is None or below.op != softplus or below.inputs[0] is not x or not _unlimited(x):
            continue
        end = as_variable(np.full((1,) * x.ndim, 2 * _VANISHES[x.dtype], x.dtype))
        nearer = maximum(x, end)
        edits = {power.path: sigmoid(nearer), other.path: softplus(nearer)}
        return edit_product(node.out, edits)
    return None


@rule(phase="stabilize", changes="rounding", when=lambda match: _unlimited(match["x"]))
def log_of_negative_expm1(x: Any) -> Sides:
    """The probability of something, from the logarithm of that of its contrary: near both ends."""
    return log(-expm1(x)), _log_one_minus_exp(x)


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: _unlimited(match["x"]),
    where={"x": "negative"},
)
def log1p_of_negative_exp(x: Any) -> Sides:
    """The probability of something, from the logarithm of that of its contrary: near both ends."""
    return log1p(-exp(x)), _log_one_minus_exp(x)
