"""Logarithms: of exponentials, sigmoids, products, powers, choices, and beside 1.

`log(1 + x)` loses a small x. A likelihood is a product, and people write its logarithm:
`log(c * exp(-x²/2))`. What is inside underflows or overflows long before its logarithm does. Where
a factor is the exponential of something (or a sigmoid, or a softmax), the logarithm is known
without it. Logarithms of sums of exponentials are in `logarithms_of_sums.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import reduce
from typing import Any

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
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
)
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.functions import (
    exp,
    expm1,
    log,
    log1p,
    log2,
    log10,
    sigmoid,
    softplus,
    sqrt,
    tanh,
)
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.products import Prod, prod
from kernelgraph.ops.reductions import Sum, sum_
from kernelgraph.ops.softmax import Softmax
from kernelgraph.rewrite.exponential_sums import are_positive, log_of_positive
from kernelgraph.rewrite.factors import (
    Factor,
    factors,
    holds_curve,
    is_cut_anywhere,
)
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS, powers_to_stabilize
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_MODERATE = {"x": "moderate"}

_VANISHES = {"float64": -37.0, "float32": -17.0}
"""Below it, the exponential of an exponent is too small to change the exponent."""


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_exp(x: Any) -> LhsRhs:
    """The logarithm undoes exp, and x cannot overflow on the way."""
    return log(exp(x)), x


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_plus_exp(x: Any) -> LhsRhs:
    """softplus does not overflow where exp(x) does."""
    return log(1 + exp(x)), softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log1p_of_exp(x: Any) -> LhsRhs:
    """softplus does not overflow where exp(x) does."""
    return log1p(exp(x)), softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_of_sigmoid(x: Any) -> LhsRhs:
    """softplus still has digits where sigmoid(x) has rounded to 0 or 1."""
    return log(sigmoid(x)), -softplus(-x)


@rule(phase="stabilize", changes="rounding", when=floats, where=_MODERATE)
def log1p_of_negative_sigmoid(x: Any) -> LhsRhs:
    """softplus still has digits where sigmoid(x) has rounded to 1."""
    return log1p(-sigmoid(x)), -softplus(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_plus(x: Any) -> LhsRhs:
    """log1p keeps the digits of x that 1 + x rounds away."""
    return log(1 + x), log1p(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_one_minus(x: Any) -> LhsRhs:
    """log1p keeps the digits of x that 1 - x rounds away."""
    return log(1 - x), log1p(-x)


def _log_of(variable: Variable) -> Variable | None:
    """The logarithm of an exp, a sigmoid or a softmax, in its scores; None for anything else."""
    node = variable.owner
    if node is None or isinstance(node.op, Sum | DimShuffle | Cast):
        return None
    if node.op == exp and not is_float(node.inputs[0].dtype):
        return None
    found = log_of_positive(variable)
    return _log_beside_one(node) if found is None else found


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
    powers = powers_to_stabilize(variable) if node.op in (add, sub) else None
    return powers is not None and are_positive(powers)


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


def _logarithm(x: Variable) -> Variable:
    """The logarithm, without x itself where that is known."""
    known = _log_of(x)
    return log(x) if known is None else known


def _is_of_exps(match: Match) -> bool:
    """A guard: the base is a float that is an exponential, or a sum of some."""
    base = match["x"]
    return is_float(base.dtype) and (_log_of(base) is not None or _sums_exps(base))


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=_is_of_exps,
    where=_MODERATE,
    examples=[lambda x: (log(sqr(sigmoid(x))), -2 * softplus(-x))],
)
def log_of_square(x: Any) -> LhsRhs:
    """log(x²) is 2 log(x); the square of an exponential overflows or vanishes long before."""
    return log(sqr(x)), lambda: 2 * _logarithm(x)


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=_is_of_exps,
    where=_MODERATE,
    examples=[lambda x: (log(sqrt(1 + exp(x))), 0.5 * log(1 + exp(x)))],
)
def log_of_root(x: Any) -> LhsRhs:
    """log(sqrt(x)) is log(x) / 2, which does not overflow or vanish with an exponential."""
    return log(sqrt(x)), lambda: 0.5 * _logarithm(x)


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=_is_of_exps,
    where=_MODERATE,
    examples=[lambda x: (log((1 + exp(-x)) ** -3), -3 * log(1 + exp(-x)))],
)
def log_of_power(x: Any, y: Any) -> LhsRhs:
    """log(x^y) is y log(x); the power of an exponential overflows or vanishes long before."""
    return log(x**y), lambda: cast(y, x.dtype) * _logarithm(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def log_odds(x: Any) -> LhsRhs:
    """log(p / (1 - p)) of a sigmoid is what went into it."""
    return softplus(x) - softplus(-x), x


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: _log_of(match["x"]) is not None and _log_of(match["y"]) is not None,
    where={"c": "integer", "x": "bounded"},
    examples=[
        lambda c, x: (
            log(switch(c, sigmoid(x), sigmoid(-x))),
            switch(c, -softplus(-x), -softplus(x)),
        )
    ],
    over_halves=False,
)
def log_of_choice(c: Any, x: Any, y: Any) -> LhsRhs:
    """The logarithm of what is chosen is chosen from the logarithms, which have digits where a
    probability rounded to 0.
    """
    return log(switch(c, x, y)), lambda: switch(c, _log_of(x), _log_of(y))


def _unlimited(match: Match) -> bool:
    """A guard: x is a float that these rules have not limited before."""
    made = match["x"].owner
    return is_float(match["x"].dtype) and (made is None or made.op not in (maximum, minimum))


def _where_it_vanishes(x: Variable, small: Variable, large: Variable) -> Variable:
    """One of two: the first where exp(x) vanishes beside 1."""
    return switch(lt(x, _VANISHES[x.dtype]), small, large)


def _log_one_minus_exp(x: Any) -> Any:
    """Near 0, expm1 has the digits of the difference; far from it, log1p those of its logarithm.

    Source: M. Mächler, Accurately computing log(1 - exp(-|a|)), 2012.
    """
    half = -math.log(2)
    near, far = log(-expm1(maximum(x, half))), log1p(-exp(minimum(x, half)))
    return switch(gt(x, half), near, far)


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: _log_of(match["x"]) is not None,
    where=_MODERATE,
    examples=[lambda x: unwritten(log(-expm1(-exp(x))))],
    over_halves=False,
)
def log_of_complement(x: Any) -> LhsRhs:
    """log(1 - exp(-exp(x))) is x where exp(x) vanishes beside 1."""

    def after() -> Variable:
        return _where_it_vanishes(_logarithm(x), _logarithm(x), _log_one_minus_exp(-x))

    return log(-expm1(-x)), after


@rule(phase="stabilize", changes="rounding", when=_unlimited, where=_MODERATE, over_halves=False)
def log_of_softplus(x: Any) -> LhsRhs:
    """Where exp(x) vanishes beside 1, softplus(x) is exp(x), which may underflow, and its logarithm
    is x.
    """

    def after() -> Variable:
        return _where_it_vanishes(x, x, log(softplus(maximum(x, _VANISHES[x.dtype]))))

    return log(softplus(x)), after


@rule(
    phase="stabilize",
    changes="rounding",
    when=_unlimited,
    where={"x": "moderate", "rest": "moderate"},
    over_halves=False,
)
def sigmoid_over_softplus(x: Any, rest: Factors) -> LhsRhs:
    """The derivative of log(softplus(x)) goes to 1 where both sides of the quotient vanish."""

    def after() -> Any:
        nearer = maximum(x, 2 * _VANISHES[x.dtype])
        return rest * sigmoid(nearer) / softplus(nearer)

    return rest * sigmoid(x) / softplus(x), after


@rule(phase="stabilize", changes="rounding", when=_unlimited)
def log_of_negative_expm1(x: Any) -> LhsRhs:
    """log(1 - exp(x)): expm1 has the digits for x near 0, log1p for x far from it."""
    return log(-expm1(x)), _log_one_minus_exp(x)


@rule(phase="stabilize", changes="rounding", when=_unlimited, where={"x": "negative"})
def log1p_of_negative_exp(x: Any) -> LhsRhs:
    """log(1 - exp(x)): expm1 has the digits for x near 0, log1p for x far from it."""
    return log1p(-exp(x)), _log_one_minus_exp(x)


def _reads_exps(match: Match) -> bool:
    """A guard: x is a float that has an exponential or a sum of some among its factors: its natural
    logarithm has rules of its own.
    """
    x = match["x"]
    if x.dtype != match.node.out.dtype:
        return False
    found = [f.variable for f in factors(x)[0]]
    return any(_log_of(v) is not None or _sums_exps(v) for v in found)


@rule(
    phase="stabilize", changes=CANCELS, when=_reads_exps, where=_MODERATE, over_halves=False,
    examples=[lambda x: (log2(sigmoid(x)), log(sigmoid(x)) / math.log(2))],
)  # fmt: skip
def log2_of_exps(x: Any) -> LhsRhs:
    """The logarithm to base 2 of what has exponentials is the natural one over log(2)."""
    return log2(x), log(x) / math.log(2)


@rule(
    phase="stabilize", changes=CANCELS, when=_reads_exps, where=_MODERATE, over_halves=False,
    examples=[lambda x: (log10(sigmoid(x)), log(sigmoid(x)) / math.log(10))],
)  # fmt: skip
def log10_of_exps(x: Any) -> LhsRhs:
    """The logarithm to base 10 of what has exponentials is the natural one over log(10)."""
    return log10(x), log(x) / math.log(10)


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=lambda match: _log_of(match["x"]) is not None,
    where={"x": "moderate matrix"},
    examples=[lambda x: (log(prod(sigmoid(x), axis=1)), -sum_(softplus(-x), axis=1))],
    over_halves=False,
)
def log_of_prod(x: Any, total: Prod) -> LhsRhs:
    """The logarithm of a product along axes is a sum, which does not vanish with the factors."""
    return log(total(x)), lambda: Sum(total.axes)(_logarithm(x))
