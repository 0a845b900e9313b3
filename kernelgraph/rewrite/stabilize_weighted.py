"""Stabilize weighted sums of exponentials: mixtures, masked softmax, the choice between two scores.

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
from kernelgraph.ops.arithmetic import (
    Cast,
    add,
    cast,
    minimum,
    mul,
    neq,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.reductions import Sum, sum_
from kernelgraph.ops.softmax import Softmax, shift_of, softmax
from kernelgraph.rewrite.products import Factor, Path, edit_product, factors, holds_curve, pairs
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.stabilize_softmax import is_raw
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


def _shift(x: Variable, weights: Variable | None, axis: int) -> Variable:
    """What to take from scores: the largest that has a weight, if that is far from 0."""
    if weights is None:
        return shift_of(x, axis)
    never = np.full((1,) * x.ndim, -np.inf, x.dtype)
    return shift_of(switch(_counts(weights), x, never), axis)


def _counts(weights: Variable) -> Variable:
    return neq(weights, np.zeros((1,) * weights.ndim, weights.dtype))


def _power(x: Variable, weights: Variable | None, shift: Variable) -> Variable:
    """The shifted exponential; what has no weight may be larger than all that has, and is limited,
    so that it does not overflow.
    """
    limited = x if weights is None else switch(_counts(weights), x, minimum(x, shift))
    return exp(limited - shift)


def _fits(x: Variable, product: Variable) -> bool:
    """Whether scores have all elements of a product of floats: weights may have more digits."""
    return x.broadcastable == product.broadcastable and is_float(product.dtype)


def _parts(
    product: Variable, axis: int
) -> tuple[Variable | None, Variable, Variable | None] | None:
    """The weights and the scores, where a product holds the exponential of scores, a softmax of
    scores along an axis (those are the last), or one of each; None if it does not.
    """
    paths: list[Path] = []
    scores: list[Variable] = []
    softmaxes: list[Variable] = []
    for factor in factors(product)[0]:
        node = factor.variable.owner
        is_softmax = node is not None and node.op == Softmax(axis)
        x = node.inputs[0] if node is not None and is_softmax else _exponent(factor.variable)
        if x is not None and not factor.inverted and is_raw(x, axis) and _fits(x, product):
            paths.append(factor.path)
            x = cast(x, product.dtype)
            scores.append(x)
            softmaxes += [x] if is_softmax else []
    weights = edit_product(product, dict.fromkeys(paths))
    if not scores or len(softmaxes) > 1 or len(scores) - len(softmaxes) > 1:
        return None
    if len(scores) == 1 and weights is None:
        return None
    return weights, reduce(add, scores), next(iter(softmaxes), None)


@computed_rule(
    on=(log,),
    changes="rounding where terms cancel",
    where=_WEIGHTED,
    examples=[
        lambda x, y: (log(sum_(y * exp(x), axis=1)), log(sum_(y * exp(x), axis=1))),
        lambda x, y: (log(sum_(y * softmax(x), axis=1)), log(sum_(y * softmax(x), axis=1))),
    ],
    depth=4,
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
    shift = _shift(x, weights, axis)
    power = _power(x, weights, shift)
    found = total.op(power if weights is None else weights * power)
    if scores is not None:
        largest = shift_of(scores, axis)
        found, shift = found / total.op(exp(scores - largest)), shift - largest
    return log(found) + dimshuffle(shift, [k for k in range(x.ndim) if k != axis])


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where={"x": "moderate matrix", "y": "positive matrix"},
    examples=[
        lambda x, y: (
            exp(x) * y / sum_(exp(x) * y, axis=1, keepdims=True),
            exp(x) * y / sum_(exp(x) * y, axis=1, keepdims=True),
        ),
        lambda x, y: (
            dimshuffle(1 / sum_(y * exp(x), axis=1), (0, "x")) * y * exp(x),
            y * exp(x) / sum_(y * exp(x), axis=1, keepdims=True),
        ),
    ],
    depth=8,
)
def share_of_mixture(node: Apply) -> Variable | None:
    """What one exponential has of a weighted sum of them: above and below, the largest that counts
    is taken out.
    """
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for power, other in pairs(found):
        x, padding = _exponent(power.variable), other.variable.owner
        if x is None or power.inverted or padding is None:
            continue
        for axis in range(x.ndim):
            if not is_raw(x, axis) or padding.op != DimShuffle(_put_back(axis, x.ndim)):
                continue
            for inner in factors(padding.inputs[0])[0]:
                weights = _weights(inner, power.variable, axis)
                if weights is None or inner.inverted == other.inverted:
                    continue
                shift = _shift(x, weights, axis)
                limited = _power(x, weights, shift)
                inside = edit_product(
                    padding.inputs[0], {inner.path: Sum((axis,))(weights * limited)}
                )
                assert inside is not None
                above = limited if _holds(found, weights) else exp(x - shift)
                edits = {power.path: above, other.path: padding.op(inside)}
                return edit_product(node.out, edits)
    return None


def _put_back(axis: int, rank: int) -> tuple[int | str, ...]:
    """The order of dimensions that puts one of size 1 in."""
    return (*range(axis), "x", *range(axis, rank - 1))


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


RULES = (log_of_mixture, share_of_mixture)
