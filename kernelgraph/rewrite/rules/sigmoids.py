"""Sigmoids: `1 / (1 + exp(-x))` has a name, and `1 - sigmoid(x)` is `sigmoid(-x)`.

The derivative of a quotient has two terms that cancel: of `exp(x) / (1 + exp(x))` they differ by a
factor sigmoid(x), and 1 - sigmoid(x) is sigmoid(-x). Other rules may have written the factors in
any of the ways that are equal, `sigmoid(x) / sigmoid(-x)` for exp(x): so they are counted as what
they all are, powers of exp(x) and of sigmoid(-x).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import add, neg, sub
from kernelgraph.ops.functions import exp, sigmoid
from kernelgraph.rewrite.factors import (
    Curve,
    Factor,
    conditions,
    edit_product,
    factors,
    holds_curve,
    quotient,
)
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.rules.cancellation import one_or_nan, shows_nan
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_BOUNDED = {"x": "bounded", "y": "bounded"}
_BESIDE = {"x": "bounded", "rest": "bounded"}


@rule(phase="stabilize", changes="rounding", when=floats)
def sigmoid_of(x: Any) -> LhsRhs:
    """The logistic function has a name, and rules of its own."""
    return 1 / (1 + exp(-x)), sigmoid(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def sigmoid_of_negative(x: Any) -> LhsRhs:
    """The logistic function has a name, and rules of its own."""
    return 1 / (1 + exp(x)), sigmoid(-x)


@rule(phase="stabilize", changes="rounding", when=floats, where=_BOUNDED)
def divided_by_one_plus_exp_of_negative(x: Any, y: Any) -> LhsRhs:
    """1 + exp(-x) may overflow; its reciprocal sigmoid(x) may not."""
    return y / (1 + exp(-x)), y * sigmoid(x)


@rule(phase="stabilize", changes="rounding", when=floats, where=_BOUNDED)
def divided_by_one_plus_exp(x: Any, y: Any) -> LhsRhs:
    """1 + exp(x) may overflow; its reciprocal sigmoid(-x) may not."""
    return y / (1 + exp(x)), y * sigmoid(-x)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_minus_sigmoid(x: Any) -> LhsRhs:
    """sigmoid(-x) keeps the digits that are lost when a number near 1 is taken from 1."""
    return 1 - sigmoid(x), sigmoid(-x)


@rule(phase="stabilize", changes="rounding", when=floats, where=_BESIDE)
def exp_times_sigmoid(x: Any, rest: Factors) -> LhsRhs:
    """exp(x) * sigmoid(-x) is sigmoid(x), which does not overflow."""
    return rest * exp(x) * sigmoid(-x), rest * sigmoid(x)


@rule(phase="stabilize", changes="rounding", when=floats, where=_BESIDE)
def sigmoid_over_exp(x: Any, rest: Factors) -> LhsRhs:
    """sigmoid(x) / exp(x) is sigmoid(-x), even where both are 0."""
    return rest * sigmoid(x) / exp(x), rest * sigmoid(-x)


@dataclass(frozen=True)
class _Term:
    """A product: sign * rest * exp(x)^exps * sigmoid(-x)^sigmoids."""

    root: Variable
    sign: int
    exps: int
    sigmoids: int
    own: tuple[Factor, ...]
    rest: Counter[object]

    def times(self, exps: int, sigmoids: int, x: Variable) -> Variable:
        """The product with so many more factors."""
        curves = _written(self.exps + exps, self.sigmoids + sigmoids, x)
        rest = edit_product(self.root, {factor.path: None for factor in self.own})
        if rest is None:
            return curves if self.sign > 0 else neg(curves)
        if not self.own:
            return self.root * curves
        return rest * curves


def _term(root: Variable, x: Variable) -> _Term:
    """A product read in powers of exp(x) and sigmoid(-x)."""
    found, sign = factors(root)
    own = tuple(f for f in found if (curve := f.curve) is not None and curve.base is x)
    exps = sigmoids = 0
    for factor in own:
        more, less = _counts(factor.curve)
        exps += -more if factor.inverted else more
        sigmoids += -less if factor.inverted else less
    rest = Counter[object](
        (f.variable, f.inverted, frozenset(conditions(root, f.path)))
        for f in found
        if f.path not in {factor.path for factor in own}
    )
    rest.update(("cut", condition) for f in own for condition in conditions(root, f.path))
    return _Term(root, sign, exps, sigmoids, own, rest)


def _counts(curve: Curve | None) -> tuple[int, int]:
    """How often exp(x) and sigmoid(-x) are factors of a curve."""
    assert curve is not None
    if curve.kind == "exp":
        return (-1, 0) if curve.negative else (1, 0)
    return (0, 1) if curve.negative else (1, 1)


def _written(exps: int, sigmoids: int, x: Variable) -> Variable:
    """exp(x)^exps * sigmoid(-x)^sigmoids in few factors: both together are sigmoid(x)."""
    both = min(exps, sigmoids) if exps > 0 else max(exps, sigmoids) if exps < 0 else 0
    both = both if exps * sigmoids > 0 else 0
    parts = [
        (sigmoid(x), both),
        (exp(x) if exps > both else exp(-x), abs(exps - both)),
        (sigmoid(-x), sigmoids - both),
    ]
    above = [curve for curve, count in parts for _ in range(count)]
    below = [curve for curve, count in parts for _ in range(-count)]
    found = quotient(above, below)
    return one_or_nan(x) if found is None else found  # NaN is still to be seen


@computed_rule(
    phase="stabilize",
    on=(add, sub),
    factor=(exp, sigmoid),
    changes="rounding where terms cancel",
    where={"x": "bounded", "y": "bounded"},
    examples=[
        lambda x, y: (y - y * sigmoid(x), y * sigmoid(-x)),
        lambda x, y: (y * sigmoid(x) - y, -y * sigmoid(-x)),
        lambda x, y: (
            y * (sigmoid(x) * exp(x)) - y * (sigmoid(x) / sigmoid(-x)),
            -(y * sigmoid(x)),
        ),
    ],
    depth=6,
)
def factor_out_one_minus_sigmoid(node: Apply) -> Variable | None:
    """y - y * sigmoid(x) is y * sigmoid(-x), which keeps the digits that the difference loses; so
    is any difference of products that differ by such a factor.
    """
    left, right = node.inputs
    if not is_float(node.out.dtype) or not (holds_curve(left) or holds_curve(right)):
        return None
    curves = [factor.curve for root in (right, left) for factor in factors(root)[0]]
    for x in dict.fromkeys(curve.base for curve in curves if curve is not None):
        found = _difference(node, _term(left, x), _term(right, x), x)
        if found is not None and found.dtype == node.out.dtype:
            return found if found.broadcastable == node.out.broadcastable else None
    return None


def _difference(node: Apply, left: _Term, right: _Term, x: Variable) -> Variable | None:
    """Left minus right as one product, if they differ by a sigmoid."""
    if (left.sign == right.sign) != (node.op == sub) or left.rest != right.rest:
        return None
    differ = right.exps - left.exps, right.sigmoids - left.sigmoids
    if differ == (1, 1):
        return left.times(0, 1, x)
    if differ == (0, 1):
        return left.times(1, 1, x)
    if differ not in ((-1, -1), (0, -1)):
        return None
    found = right.times(0 if differ == (-1, -1) else 1, 1, x)
    return neg(found) if node.op == sub else found


@rule(
    phase="stabilize",
    changes="rounding",
    late=True,
    when=lambda match: floats(match) and shows_nan(match["x"], match["rest"].factors),
    where={"x": "moderate"},
    examples=[lambda x: ((1 + exp(-x)) * (sigmoid(x) * sigmoid(-x)), sigmoid(-x))],
)
def one_plus_exp_times_sigmoid(x: Any, rest: Factors) -> LhsRhs:
    """1 + exp(x) is what sigmoid(-x) divides by: together they are 1, even where exp(x) overflows.
    Late, so that the reciprocal has been found to be a sigmoid.
    """
    return rest * (1 + exp(x)) * sigmoid(-x), rest


@rule(
    phase="stabilize",
    changes="rounding",
    late=True,
    when=floats,
    where={"x": "moderate", "rest": "bounded"},
)
def one_plus_exp_times_sigmoid_guarded(x: Any, rest: Factors) -> LhsRhs:
    """Where no other factor would show a NaN in x, the 1 is one unless x is NaN."""
    return rest * (1 + exp(x)) * sigmoid(-x), lambda: rest * one_or_nan(x)
