"""Weighted sums of exponentials: mixtures, masked softmax, the choice between two scores.

`log(sum(w * exp(x)))` is a mixture's likelihood, `w * exp(x) / sum(w * exp(x))` an attention with a
mask. Both are right on paper for any scores; here the largest score that counts is taken out where
exponentials would leave what a float can hold, and only there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce

import numpy as np

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import Cast, add, cast, lt, minimum, mul, neq, switch, true_div
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.reductions import Sum, insert_axes, sum_
from kernelgraph.ops.softmax import Peak, Softmax, SoftmaxProduct, shift_of, softmax
from kernelgraph.rewrite.factors import Factor, Path, edit_product, factors, holds_curve, pairs
from kernelgraph.rewrite.matching import constant
from kernelgraph.rewrite.rule import computed_rule, unwritten
from kernelgraph.rewrite.rules.softmax import is_raw, made_by, puts_back
from kernelgraph.types import is_float

_WEIGHTED = {"x": "moderate matrix", "y": "unit matrix"}


def _exponent(variable: Variable) -> Variable | None:
    """What a variable is the exponential of, if that is a float; of the dtype of the result, where
    weights of more digits made the exponentials wider.
    """
    node = variable.owner
    if node is not None and isinstance(node.op, Cast) and is_float(variable.dtype):
        inner = _exponent(node.inputs[0])
        return None if inner is None else cast(inner, variable.dtype)
    if node is None or node.op != exp or not is_float(node.inputs[0].dtype):
        return None
    return node.inputs[0]


def shift_of_weighted(x: Variable, weights: Variable | None, *axes: int) -> Variable:
    """What to take from scores: the largest that has a weight, if that is far from 0."""
    return shift_of(x if weights is None else _counted(x, weights), *axes)


def _counted(x: Variable, weights: Variable, otherwise: Variable | None = None) -> Variable:
    """The scores that have a weight; something else, minus infinity, in place of those without."""
    never = constant(-np.inf, x) if otherwise is None else otherwise
    return switch(neq(weights, constant(0, weights)), x, never)


def _power(x: Variable, weights: Variable | None, shift: Variable) -> Variable:
    """The shifted exponential; what has no weight may be larger than all that has, and is limited,
    so that it does not overflow.
    """
    limited = x if weights is None else _counted(x, weights, minimum(x, shift))
    return exp(limited - shift)


def _fits(x: Variable, product: Variable) -> bool:
    """Whether scores have all elements of a product of floats: weights may have more digits."""
    return x.broadcastable == product.broadcastable and is_float(product.dtype)


def _parts(whole: Variable, axis: int) -> tuple[Variable | None, Variable, Variable | None] | None:
    """The weights and the scores, where a product holds the exponential of scores, a softmax of
    scores along an axis (those are the last), or one of each; None if it does not.
    """
    paths: list[Path] = []
    scores: list[Variable] = []
    softmaxes: list[Variable] = []
    for factor in factors(whole)[0]:
        node = factor.variable.owner
        is_softmax = node is not None and node.op == Softmax(axis)
        x = node.inputs[0] if node is not None and is_softmax else _exponent(factor.variable)
        if x is not None and not factor.inverted and is_raw(x, axis) and _fits(x, whole):
            paths.append(factor.path)
            x = cast(x, whole.dtype)
            scores.append(x)
            softmaxes += [x] if is_softmax else []
    weights = edit_product(whole, dict.fromkeys(paths))
    if not scores or len(softmaxes) > 1 or len(scores) - len(softmaxes) > 1:
        return None
    if len(scores) == 1 and weights is None:
        return None
    return weights, reduce(add, scores), next(iter(softmaxes), None)


@computed_rule(
    phase="stabilize",
    on=(log,),
    changes="rounding where terms cancel",
    where=_WEIGHTED,
    examples=[
        lambda x, y: unwritten(log(sum_(y * exp(x), axis=1))),
        lambda x, y: unwritten(log(sum_(y * softmax(x), axis=1))),
    ],
    depth=4,
    over_halves=False,
)
def log_of_mixture(node: Apply) -> Variable | None:
    """A mixture of exponentials has a logarithm where all of them underflow: the largest that
    counts is taken out.
    """
    total = node.inputs[0].owner
    if total is None or not isinstance(total.op, Sum) or len(total.op.axes) != 1:
        return None
    (axis,), (product,) = total.op.axes, total.inputs
    parts = _parts(product, axis)
    if parts is None:
        return None
    weights, x, scores = parts
    shift = shift_of_weighted(x, weights, axis)
    power = _power(x, weights, shift)
    found = total.op(power if weights is None else weights * power)
    if scores is not None:
        largest = shift_of(scores, axis)
        found, shift = found / total.op(exp(scores - largest)), shift - largest
    return log(found) + dimshuffle(shift, [k for k in range(x.ndim) if k != axis])


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    factor=(DimShuffle,),
    changes="rounding",
    where={"x": "moderate matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: unwritten(exp(x) * y / sum_(exp(x) * y, axis=1, keepdims=True)),
        lambda x, y: (
            dimshuffle(1 / sum_(y * exp(x), axis=1), (0, "x")) * y * exp(x),
            y * exp(x) / sum_(y * exp(x), axis=1, keepdims=True),
        ),
    ],
    depth=8,
    over_halves=False,
)
def share_of_mixture(node: Apply) -> Variable | None:
    """What one exponential has of a weighted sum of them: above and below, the largest that counts
    is taken out.
    """
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for power, other in pairs(found):
        x, padding = _exponent(power.variable), made_by(other.variable, DimShuffle)
        if x is None or power.inverted or padding is None:
            continue
        for axis in range(x.ndim):
            if not is_raw(x, axis) or not puts_back(padding[0], (axis,), x.ndim):
                continue
            for inner in factors(padding[1])[0]:
                weights = _weights(inner, power.variable, axis)
                if weights is None or inner.inverted == other.inverted:
                    continue
                shift = shift_of_weighted(x, weights, axis)
                limited = _power(x, weights, shift)
                inside = edit_product(padding[1], {inner.path: Sum((axis,))(weights * limited)})
                assert inside is not None
                above = limited if _holds(found, weights) else exp(x - shift)
                edits = {power.path: above, other.path: padding[0](inside)}
                return edit_product(node.out, edits)
    return None


def _weights(factor: Factor, power: Variable, axis: int) -> Variable | None:
    """What `power` is multiplied by in a sum along an axis; None if that is no such sum."""
    total = factor.variable.owner
    if total is None or total.op != Sum((axis,)):
        return None
    (product,) = total.inputs
    for term in factors(product)[0]:
        if term.variable is power and not term.inverted and _fits(power, product):
            return edit_product(product, {term.path: None})
    return None


def _holds(found: Sequence[Factor], weights: Variable) -> bool:
    """Whether weights are among the factors: what has no weight is 0 then."""
    there = Counter((factor.variable, factor.inverted) for factor in found)
    return Counter((f.variable, f.inverted) for f in factors(weights)[0]) <= there


@computed_rule(
    phase="stabilize",
    on=(SoftmaxProduct,),
    changes="rounding where terms cancel",
    where={"x": "moderate matrix", "y": "unit matrix"},
    examples=[
        lambda x, y: unwritten(
            SoftmaxProduct(1)(y / sum_(y * softmax(x), axis=1, keepdims=True), softmax(x))
        )
    ],
    depth=4,
    over_halves=False,
)
def derivative_of_weighted(node: Apply) -> Variable | None:
    """The derivative of log(sum(w p)) is w p / sum(w p) - p, also where all p that have a weight
    rounded to 0.
    """
    g, p = node.inputs
    made = made_by(p, Softmax)
    if made is None or not isinstance(node.op, SoftmaxProduct) or not isinstance(node.op.axis, int):
        return None
    axis, x = node.op.axis, made[1]
    if not is_raw(x, axis):
        return None
    for factor in factors(g)[0]:
        found = _weights_below(factor, p, axis)
        if found is None:
            continue
        weights, rest = found
        outer = edit_product(g, {factor.path: rest})
        y = None if outer is None else _without(outer, weights)
        if outer is None or y is None or outer.dtype != p.dtype:
            continue
        have_vanished, powers = _where_vanished(x, p, weights, axis)
        powered = weights * powers
        share = y[0] * (powered / sum_(powered, axis=axis, keepdims=True))
        far = share - p * sum_(share, axis=axis, keepdims=True)
        return switch(have_vanished, far, p * (g - sum_(g * p, axis=axis, keepdims=True)))
    return None


def _where_vanished(
    x: Variable, p: Variable, weights: Variable, axis: int
) -> tuple[Variable, Variable]:
    """Where all probabilities that have a weight vanished, or nearly did; and exponentials of the
    scores less the largest that has one.
    """
    counted = (_counted(p, weights, constant(0, p)), _counted(x, weights))
    largest, top = (insert_axes(Peak((axis,))(v), (axis,), x.ndim) for v in counted)
    return lt(largest, constant(_NEARLY_VANISHED[x.dtype], x)), _power(x, weights, top)


_NEARLY_VANISHED = {"float64": 1e-280, "float32": 1e-30}
"""Probabilities of less have lost digits, or their products with weights may."""


def _weights_below(f: Factor, p: Variable, axis: int) -> tuple[Variable, Variable | None] | None:
    """The weights, and what else is in a factor that divides by sum(weights * p)."""
    padding = made_by(f.variable, DimShuffle)
    if padding is None or not puts_back(padding[0], (axis,), p.ndim):
        return None
    for inner in factors(padding[1])[0]:
        total = made_by(inner.variable, Sum)
        if total is None or total[0].axes != (axis,) or inner.inverted == f.inverted:
            continue
        product = total[1]
        places = [t for t in factors(product)[0] if t.variable is p and not t.inverted]
        weights = edit_product(product, {places[0].path: None}) if len(places) == 1 else None
        if weights is None or (weights.ndim, weights.dtype) != (p.ndim, p.dtype):
            continue
        rest = edit_product(padding[1], {inner.path: None})
        return weights, None if rest is None else padding[0](rest)
    return None


def _without(product: Variable, weights: Variable) -> tuple[Variable] | None:
    """A product with the factors that make up weights taken out; None if they are not there."""
    wanted = Counter((f.variable, f.inverted) for f in factors(weights)[0])
    if factors(weights)[1] < 0:
        return None
    taken: dict[Path, Variable | None] = {}
    for factor in factors(product)[0]:
        key = (factor.variable, factor.inverted)
        if wanted[key] > 0:
            wanted[key] -= 1
            taken[factor.path] = None
    if +wanted:
        return None
    rest = edit_product(product, taken)
    return (constant(1, weights) if rest is None else rest,)
