"""Softmax: logarithms and derivatives of probabilities that have rounded to 0 or 1.

Cross-entropy is where it matters: `-log(p)` of a probability that underflowed is infinite, and its
derivative is 0 times infinity. Written with the scores instead, both are plain numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Variable, walk
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import add, cast, gt, minimum, neg, neq, sub, switch
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.ops.functions import exp, log, log1p
from kernelgraph.ops.reductions import Max, Sum, sum_
from kernelgraph.ops.softmax import LogSoftmax, LogSumExp, Peak, Softmax, SoftmaxProduct, softmax
from kernelgraph.ops.sources import size
from kernelgraph.rewrite.factors import edit_product, factors
from kernelgraph.rewrite.guards import floats
from kernelgraph.rewrite.matching import Match, constant, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float, upcast

_MOST_STEPS = 64
"""Expressions are looked at this far, so that a rule's work at a node is bounded."""


_SCORES = {"x": "moderate matrix", "rest": "unit matrix"}


Kind = TypeVar("Kind", bound=Op)


def made_by(variable: Variable, kind: type[Kind]) -> tuple[Kind, Variable] | None:
    """The op of this kind that made a variable, and its first operand."""
    node = variable.owner
    if node is None or not isinstance(node.op, kind):
        return None
    return node.op, node.inputs[0]


@rule(
    phase="stabilize",
    changes="rounding",
    where={"x": "moderate matrix", "p": Softmax(1)},
    over_halves=False,
)
def log_of_softmax(x: Any, p: Softmax) -> LhsRhs:
    """The logarithm of a probability has digits where the probability itself rounded to 0."""
    return log(p(x)), lambda: LogSoftmax(p.axis)(x)


@rule(
    phase="stabilize",
    changes="rounding",
    where={"x": "moderate matrix", "p": Softmax(1)},
    over_halves=False,
)
def log_of_one_minus_softmax(x: Any, p: Softmax) -> LhsRhs:
    """log(1 - p) of a probability p: where p > 1/2, the probabilities of the other classes are
    added up, instead of taking p from 1.
    """

    def after() -> Variable:
        larger = gt(p(x), 0.5)
        rest = LogSumExp(p.axis)(switch(larger, constant(-np.inf, x), LogSoftmax(p.axis)(x)))
        return switch(larger, rest, log1p(-minimum(p(x), 0.5)))

    return log1p(-p(x)), after


def less_its_share(y: Any, p: Variable, axis: int | tuple[int, ...]) -> Variable:
    """y less p times the sum of y: what a softmax p makes of derivatives y / p."""
    if all(y.broadcastable) and isinstance(axis, int):  # the same everywhere
        return broadcast_like(y, p) * (constant(1, p) - cast(size(p, axis), p.dtype) * p)
    return y - p * sum_(y, axis=axis, keepdims=True)


def _fits_beside(match: Match) -> bool:
    """A guard: what is left has all elements of the result, or is one number."""
    y, out = match["rest"].variable, match.node.out
    is_one = all(y.broadcastable) and isinstance(match["back"].axis, int)
    return y.ndim == out.ndim and (is_one or (y.broadcastable, y.dtype) == _kind(out))


def _kind(variable: Variable) -> tuple[tuple[bool, ...], str]:
    return variable.broadcastable, variable.dtype


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=_fits_beside,
    where={**_SCORES, "back": SoftmaxProduct(1), "p": Softmax(1)},
    over_halves=False,
)
def derivative_of_cross_entropy(x: Any, back: SoftmaxProduct, p: Softmax, rest: Factors) -> LhsRhs:
    """p (g - sum(g p)) with g = y / p is y - p sum(y), also where p has rounded to 0. A NaN in the
    scores still shows in p.
    """
    return back(rest / p(x), p(x)), lambda: less_its_share(rest, p(x), back.axis)


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=lambda match: (
        match["rest"].variable.ndim == match["x"].ndim
        and upcast(match["rest"].variable.dtype, match["x"].dtype) == match["x"].dtype
    ),
    where={**_SCORES, "back": SoftmaxProduct(1), "p": Softmax(1)},
    over_halves=False,
)
def derivative_of_other_classes(x: Any, back: SoftmaxProduct, p: Softmax, rest: Factors) -> LhsRhs:
    """p (g - sum(g p)) with g = y / (1 - p): where p > 1/2, the others' p / (1 - p) is their
    softmax, also where both have rounded to 0.
    """
    return back(rest / (1 - p(x)), p(x)), lambda: _beside_larger(rest, x, p(x), back.axis)


def _beside_larger(y: Any, x: Variable, p: Variable, axis: int | tuple[int, ...]) -> Variable:
    """What comes back to the scores x from derivatives y / (1 - p). With k the class that has the
    larger part, if there is one, 1 - p[k] is what the others have, and p over it their softmax.
    """
    h = broadcast_like(cast(y, p.dtype), p)
    zero, half, never = (constant(n, x) for n in (0.0, 0.5, -np.inf))
    larger = gt(p, half)
    of_larger = sum_(switch(larger, h * p, zero), axis=axis, keepdims=True)
    others = switch(larger, zero, h / (1 - minimum(p, half)))
    rest = p * (others - sum_(others * p, axis=axis, keepdims=True))
    among_others = Softmax(axis)(switch(larger, never, x))
    return rest + of_larger * switch(larger, -among_others + 1, -among_others)


@rule(
    phase="stabilize",
    changes="the sign of zero",
    when=floats,
    where={"x": "moderate matrix", "p": "unit matrix", "back": SoftmaxProduct(1)},
)
def negative_derivative(x: Any, p: Any, back: SoftmaxProduct) -> LhsRhs:
    """A minus sign moves outwards, where it may meet another."""
    return back(-x, p), -back(x, p)


def _is_over_its_sum(match: Match) -> bool:
    """A guard: scores that were not shifted are added up along axes, which are put back."""
    x, axes = match["x"], match["total"].axes
    return puts_back(match["view"], axes, x.ndim) and all(is_raw(x, axis) for axis in axes)


def _softmax(x: Variable, axes: tuple[int, ...]) -> Variable:
    return Softmax(axes[0] if len(axes) == 1 else axes)(x)


_EXP_OVER_SUM = {
    "x": "moderate matrix", "rest": "positive matrix", "inner": "positive vector",
    "total": Sum((1,)), "view": DimShuffle((0, "x")),
}  # fmt: skip


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_over_its_sum,
    where=_EXP_OVER_SUM,
    over_halves=False,
)
def softmax_by_hand(x: Any, rest: Factors, inner: Factors, total: Sum, view: DimShuffle) -> LhsRhs:
    """exp(x) over its sum has a name; computed by it, nothing overflows."""
    before = rest * exp(x) / view(inner * total(exp(x)))
    return before, lambda: rest * _softmax(x, total.axes) / view(inner)


def _summed_along(variable: Variable) -> tuple[int, Variable] | None:
    """The one axis, put back since, along which a variable was summed, and what was summed."""
    padding = made_by(variable, DimShuffle)
    total = None if padding is None else made_by(padding[1], Sum)
    if padding is None or total is None or len(total[0].axes) != 1:
        return None
    axis = total[0].axes[0]
    return (axis, total[1]) if puts_back(padding[0], (axis,), variable.ndim) else None


def is_raw(x: Variable, axis: int) -> bool:
    """Whether x is a float that was not shifted by its maximum along the axis before."""
    node = x.owner
    while node is not None and node.op == neg:
        node = node.inputs[0].owner
    if node is not None and node.op == minimum and number(node.inputs[1]) == np.inf:
        return False  # marked as shifted
    if node is None or node.op not in (add, sub):
        return is_float(x.dtype)
    alike = [operand for operand in node.inputs if operand.broadcastable[axis]]
    return is_float(x.dtype) and not any(map(_may_be_a_shift, alike))


def _may_be_a_shift(variable: Variable) -> bool:
    """Whether a maximum is behind what is taken from scores: then they may have been shifted."""
    for count, node in enumerate(walk([variable])):
        if count == _MOST_STEPS or isinstance(node.op, Peak | Max):
            return True
    return False


# ------------------------------------------------------------------- gradients of softmax by hand


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_over_its_sum,
    where=_EXP_OVER_SUM,
    over_halves=False,
)
def exp_over_its_sum(x: Any, rest: Factors, inner: Factors, total: Sum, view: DimShuffle) -> LhsRhs:
    """A product that holds exp(x) and divides by its sum holds a softmax, which cannot overflow."""
    before = rest * exp(x) * view(inner / total(exp(x)))
    return before, lambda: rest * _softmax(x, total.axes) * view(inner)


def puts_back(op: DimShuffle, axes: Sequence[int], rank: int) -> bool:
    """Whether an op does nothing but put dimensions of size 1 in."""
    kept = iter(range(rank))
    return op.order == tuple("x" if axis in axes else next(kept) for axis in range(rank))


def _divides_all_terms(match: Match) -> bool:
    """A guard: a sum of exponentials divides each term of a sum along the same axis."""
    x, axes, below = match["x"], match["total"].axes, match["below"].axes
    if len(axes) != 1 or axes != below or not puts_back(match["view"], axes, x.ndim):
        return False
    return match["rest"].variable.type == match["rest"].root.type and _is_power(x, axes[0])


@rule(
    phase="stabilize",
    changes="rounding",
    when=_divides_all_terms,
    where={"x": "moderate matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: (
            sum_(y / sum_(exp(x), axis=1, keepdims=True), axis=1),
            sum_(y, axis=1) / sum_(exp(x), axis=1),
        )
    ],
)
def divisor_out_of_sum(x: Any, rest: Factors, total: Sum, below: Sum, view: DimShuffle) -> LhsRhs:
    """sum(y / s) is sum(y) / s if s is the same in all terms; here s is a sum of exponentials. Of
    no terms both sums are 0.
    """

    def quotient() -> Variable:
        (axis,) = total.axes
        return switch(neq(size(x, axis), 0), total(rest) / below(x), 0.0)

    return total(rest / view(below(x))), quotient


def _is_power(variable: Variable, axis: int) -> bool:
    """Whether an exponential that was not shifted is among the factors of a variable."""
    curves = [f.curve for f in factors(variable)[0] if not f.inverted]
    return any(c is not None and c.kind == "exp" and is_raw(c.argument, axis) for c in curves)


@computed_rule(
    phase="stabilize",
    on=(add, sub),
    factor=(Softmax,),
    changes="rounding where terms cancel",
    where={"x": "moderate matrix", "y": "unit matrix"},
    examples=[
        lambda x, y: (
            y * softmax(x) - sum_(y * softmax(x), axis=1, keepdims=True) * softmax(x),
            SoftmaxProduct(1)(y, softmax(x)),
        )
    ],
    depth=8,
    over_halves=False,
)
def derivative_of_softmax(node: Apply) -> Variable | None:
    """p g - p sum(p g) is the derivative of a softmax p, applied to g."""
    left, right = node.inputs
    sign = -1 if node.op == sub else 1
    for total, product, negative in ((right, left, False), (left, right, sign < 0)):
        for p in factors(product)[0]:
            made = None if p.inverted else made_by(p.variable, Softmax)
            g = None if made is None else edit_product(product, {p.path: None})
            if made is None or g is None or g.type != product.type:
                continue
            if _balance(total, product, p.variable, made[0].axis) == -sign:
                found = SoftmaxProduct(made[0].axis)(g, p.variable)
                return -found if negative else found
    return None


def _balance(total: Variable, product: Variable, p: Variable, axis: int | tuple[int, ...]) -> int:
    """1 if `total` is p times the sum of `product` along an axis, -1 for its negative, else 0."""
    found, sign = factors(total)
    sums = [factor for factor in found if factor.variable is not p and not factor.inverted]
    if len(found) != 2 or len(sums) != 1:
        return 0
    summed = _summed_along(sums[0].variable)
    if summed is None or summed[0] != axis:
        return 0
    inner, inner_sign = factors(summed[1])
    outer, outer_sign = factors(product)
    same = Counter((f.variable, f.inverted) for f in inner) == Counter(
        (f.variable, f.inverted) for f in outer
    )
    return sign * inner_sign * outer_sign if same else 0
