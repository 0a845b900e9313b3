"""Softmax: logarithms and slopes of probabilities that have rounded to 0 or 1.

Cross-entropy is where it matters: `-log(p)` of a probability that underflowed is infinite, and its
slope is 0 times infinity. Written with the scores instead, both are plain numbers.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable, walk
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import add, cast, gt, minimum, mul, neg, sub, switch, true_div
from kernelgraph.ops.broadcasting import broadcast_like
from kernelgraph.ops.functions import exp, log, log1p
from kernelgraph.ops.reductions import Max, Sum, sum_
from kernelgraph.ops.softmax import LogSoftmax, LogSumExp, Peak, Softmax, SoftmaxProduct, softmax
from kernelgraph.ops.sources import size
from kernelgraph.rewrite.factors import Factor, edit_product, factors, pairs
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.types import is_float, upcast

_MOST_STEPS = 64
"""Expressions are looked at this far, so that a rule's work at a node is bounded."""


_SCORES = {"x": "moderate matrix", "y": "unit matrix"}


Kind = TypeVar("Kind", bound=Op)


def made_by(variable: Variable, kind: type[Kind]) -> tuple[Kind, Variable] | None:
    """The op of this kind that made a variable, and its first operand."""
    node = variable.owner
    if node is None or not isinstance(node.op, kind):
        return None
    return node.op, node.inputs[0]


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding",
    where={"x": "moderate matrix"},
    examples=[lambda x: (log(softmax(x)), LogSoftmax(1)(x))],
)
def log_of_softmax(node: Apply) -> Variable | None:
    """The logarithm of a probability has digits where the probability itself rounded to 0."""
    inner = made_by(node.inputs[0], Softmax)
    return None if inner is None else LogSoftmax(inner[0].axis)(inner[1])


@computed_rule(
    phase="stabilize",
    on=(log1p,),
    changes="rounding",
    where={"x": "moderate matrix"},
    examples=[lambda x: (log1p(-softmax(x)), log1p(-softmax(x)))],
    depth=3,
)
def log_of_one_minus_softmax(node: Apply) -> Variable | None:
    """The probability of all other classes: where one class has the larger part of it, the others
    are added up, not taken from 1.
    """
    negative = node.inputs[0].owner
    made = None if negative is None or negative.op != neg else made_by(negative.inputs[0], Softmax)
    if negative is None or made is None:
        return None
    (p,), (op, x) = negative.inputs, made
    half, never = (np.full((1,) * x.ndim, n, x.dtype) for n in (0.5, -np.inf))
    larger = gt(p, half)
    rest = LogSumExp(op.axis)(switch(larger, never, LogSoftmax(op.axis)(x)))
    return switch(larger, rest, log1p(-minimum(p, half)))


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="rounding where terms cancel",
    where=_SCORES,
    examples=[
        lambda x, y: (
            SoftmaxProduct(1)(y / softmax(x), softmax(x)),
            y - softmax(x) * sum_(y, axis=1, keepdims=True),
        ),
    ],
)
def slope_of_cross_entropy(node: Apply) -> Variable | None:
    """A slope that divides by the probabilities meets them again: they cancel, even where they
    rounded to 0. A NaN in the scores still shows in what is left of the softmax.
    """
    g, p = node.inputs
    if made_by(p, Softmax) is None:
        return None
    assert isinstance(node.op, SoftmaxProduct)
    for factor in factors(g)[0]:
        y = edit_product(g, {factor.path: None}) if factor.inverted else None
        if factor.variable is not p or y is None:
            continue
        if all(y.broadcastable) and y.ndim == p.ndim and isinstance(node.op.axis, int):
            return _of_one_weight(cast(y, p.dtype), p, node.op.axis)
        if y.broadcastable == p.broadcastable and y.dtype == p.dtype:
            return y - p * sum_(y, axis=node.op.axis, keepdims=True)
    return None


def _of_one_weight(y: Variable, p: Variable, axis: int) -> Variable:
    """y less p times the sum of y along an axis, where y is the same everywhere."""
    one = np.ones((1,) * p.ndim, p.dtype)
    return broadcast_like(y, p) * (one - cast(size(p, axis), p.dtype) * p)


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="rounding where terms cancel",
    where=_SCORES,
    examples=[
        lambda x, y: (
            SoftmaxProduct(1)(y / (1 - softmax(x)), softmax(x)),
            SoftmaxProduct(1)(y / (1 - softmax(x)), softmax(x)),
        ),
    ],
)
def slope_of_other_classes(node: Apply) -> Variable | None:
    """A slope that divides by what a probability is less than 1: where one class has the larger
    part, what the others have is divided by their sum, and both vanish together.
    """
    g, p = node.inputs
    made = made_by(p, Softmax)
    if made is None or not isinstance(node.op, SoftmaxProduct):
        return None
    for factor in factors(g)[0]:
        if factor.inverted and _is_complement(factor.variable, p):
            h = edit_product(g, {factor.path: None})
            if h is None or h.ndim != p.ndim or upcast(h.dtype, p.dtype) != p.dtype:
                continue
            return _slope_beside(broadcast_like(cast(h, p.dtype), p), made[1], p, node.op.axis)
    return None


def _is_complement(variable: Variable, p: Variable) -> bool:
    """Whether this is 1 - p."""
    node = variable.owner
    if node is None or node.op != sub or node.inputs[1] is not p:
        return False
    return number(node.inputs[0]) == 1


def _slope_beside(h: Variable, x: Variable, p: Variable, axis: int | tuple[int, ...]) -> Variable:
    """What comes back to the scores x from slopes h / (1 - p). With k the class that has the larger
    part, if there is one, 1 - p[k] is what the others have, and p over it their softmax.
    """
    zero, half, never = (np.full((1,) * x.ndim, n, x.dtype) for n in (0.0, 0.5, -np.inf))
    larger = gt(p, half)
    of_larger = sum_(switch(larger, h * p, zero), axis=axis, keepdims=True)
    others = switch(larger, zero, h / (1 - minimum(p, half)))
    rest = p * (others - sum_(others * p, axis=axis, keepdims=True))
    among_others = Softmax(axis)(switch(larger, never, x))
    return rest + of_larger * switch(larger, -among_others + 1, -among_others)


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="the sign of zero",
    where=_SCORES,
    examples=[
        lambda x, y: (SoftmaxProduct(1)(-y, softmax(x)), -SoftmaxProduct(1)(y, softmax(x))),
    ],
)
def negative_slope(node: Apply) -> Variable | None:
    """A minus sign moves outwards, where it may meet another."""
    g, p = node.inputs
    if g.owner is None or g.owner.op != neg or not is_float(g.dtype):
        return None
    return neg(node.op(g.owner.inputs[0], p))


@computed_rule(
    phase="stabilize",
    on=(true_div,),
    changes="rounding",
    where={"x": "moderate matrix"},
    examples=[lambda x: (exp(x) / sum_(exp(x), axis=1, keepdims=True), softmax(x))],
    depth=4,
)
def softmax_by_hand(node: Apply) -> Variable | None:
    """exp(x) over its sum has a name; computed by it, nothing overflows."""
    top, bottom = node.inputs
    summed = _summed_along(bottom)
    if summed is None or summed[1] is not top or top.owner is None or top.owner.op != exp:
        return None
    axis, x = summed[0], top.owner.inputs[0]
    return Softmax(axis)(x) if is_raw(x, axis) else None


def _summed_along(variable: Variable) -> tuple[int, Variable] | None:
    """The one axis, put back since, along which a variable was summed, and what was summed."""
    padding = made_by(variable, DimShuffle)
    total = None if padding is None else made_by(padding[1], Sum)
    if padding is None or total is None or len(total[0].axes) != 1:
        return None
    axis = total[0].axes[0]
    return (axis, total[1]) if puts_back(padding[0], axis, variable.ndim) else None


def is_raw(x: Variable, axis: int) -> bool:
    """Whether x is a float that was not shifted by its maximum along the axis: what was shifted
    once is not shifted again.
    """
    node = x.owner
    while node is not None and node.op == neg:
        node = node.inputs[0].owner
    if node is None or node.op not in (add, sub):
        return is_float(x.dtype)
    alike = [operand for operand in node.inputs if operand.broadcastable[axis]]
    return is_float(x.dtype) and (len(alike) != 1 or not _may_be_a_shift(alike[0]))


def _may_be_a_shift(variable: Variable) -> bool:
    """Whether a maximum is behind what is taken from scores: then they may have been shifted."""
    for count, node in enumerate(walk([variable])):
        if count == _MOST_STEPS or isinstance(node.op, Peak | Max):
            return True
    return False


# ------------------------------------------------------------------- gradients of softmax by hand


@computed_rule(
    phase="stabilize",
    on=(mul,),
    factor=(exp,),
    changes="rounding",
    where={"x": "moderate matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: (y / sum_(exp(x), axis=1, keepdims=True) * exp(x), y * softmax(x)),
        lambda x: (
            dimshuffle(1 / sum_(exp(x), axis=1), (0, "x")) * exp(x),
            softmax(x),
        ),
    ],
    depth=8,
)
def exp_over_its_sum(node: Apply) -> Variable | None:
    """A product that holds exp(x) and divides by its sum holds a softmax, which cannot overflow."""
    found = factors(node.out)[0]
    for power, other in pairs(found):
        x = _exponent(power)
        if x is None or made_by(other.variable, DimShuffle) is None:
            continue
        for axis in range(x.ndim):
            if is_raw(x, axis) and (rest := _without_sum(other, power.variable, axis)):
                return edit_product(node.out, {power.path: Softmax(axis)(x), other.path: rest[0]})
    return None


def _exponent(factor: Factor) -> Variable | None:
    curve = factor.curve
    plain = curve is not None and curve.kind == "exp" and not factor.inverted
    return curve.argument if curve is not None and plain else None


def _without_sum(factor: Factor, power: Variable, axis: int) -> tuple[Variable | None] | None:
    """What is left of a factor that divides by the sum of `power` along an axis, in a tuple; None
    if it does not.
    """
    padding = made_by(factor.variable, DimShuffle)
    if padding is None or not puts_back(padding[0], axis, power.ndim):
        return None
    for inner in factors(padding[1])[0]:
        total = made_by(inner.variable, Sum)
        if total is None or total[0].axes != (axis,) or total[1] is not power:
            continue
        if inner.inverted != factor.inverted:
            rest = edit_product(padding[1], {inner.path: None})
            return (None if rest is None else padding[0](rest),)
    return None


def puts_back(op: DimShuffle, axis: int, rank: int) -> bool:
    """Whether an op does nothing but put one dimension of size 1 in."""
    return op.order == (*range(axis), "x", *range(axis, rank - 1))


@computed_rule(
    phase="stabilize",
    on=(Sum,),
    changes="rounding",
    where={"x": "moderate matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: (
            sum_(y / sum_(exp(x), axis=1, keepdims=True), axis=1),
            sum_(y, axis=1) / sum_(exp(x), axis=1),
        )
    ],
    depth=6,
)
def divisor_out_of_sum(node: Apply) -> Variable | None:
    """A sum of exponentials that divides every term divides the sum once, and then meets exp."""
    assert isinstance(node.op, Sum)
    (x,) = node.inputs
    if len(node.op.axes) != 1 or not is_float(x.dtype):
        return None
    axis = node.op.axes[0]
    for factor in factors(x)[0]:
        summed = _summed_along(factor.variable) if factor.inverted else None
        if summed is None or summed[0] != axis or not _is_power(summed[1], axis):
            continue
        rest = edit_product(x, {factor.path: None})
        if rest is not None and rest.type == x.type:
            return node.op(rest) / _unpadded(factor.variable)
    return None


def _is_power(variable: Variable, axis: int) -> bool:
    """Whether an exponential that was not shifted is among the factors of a variable."""
    exponents = [_exponent(factor) for factor in factors(variable)[0]]
    return any(x is not None and is_raw(x, axis) for x in exponents)


def _unpadded(variable: Variable) -> Variable:
    assert variable.owner is not None
    return variable.owner.inputs[0]


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
)
def slope_of_softmax(node: Apply) -> Variable | None:
    """p g - p sum(p g) is what a softmax p makes of a slope g."""
    left, right = node.inputs
    sign = -1 if node.op == sub else 1
    for total, product, negative in ((right, left, False), (left, right, sign < 0)):
        for p in factors(product)[0]:
            made = None if p.inverted else made_by(p.variable, Softmax)
            slope = None if made is None else edit_product(product, {p.path: None})
            if made is None or slope is None or slope.type != product.type:
                continue
            if _balance(total, product, p.variable, made[0].axis) == -sign:
                found = SoftmaxProduct(made[0].axis)(slope, p.variable)
                return -found if negative else found
    return None


def _balance(total: Variable, product: Variable, p: Variable, axis: int | tuple[int, ...]) -> int:
    """Whether `total` is p times the sum of `product` along an axis: 1, or -1 for its negative; 0
    if it is neither.
    """
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
