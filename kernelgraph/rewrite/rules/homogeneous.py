"""Expressions that stay the same when all exponentials of a sum are divided by one number.

A second derivative of `log(sum(exp(x)))` is `exp(x) * (a / s - b / s / s)` with s the sum: what is
divided by s stands in terms of a sum and behind views, far from the exponentials that overflow with
it. What stays the same is found by its degree: an exponential of the sum has degree 1, a product
the sum of the degrees, a quotient their difference. Where the degree is 0, the largest exponential
is taken out of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    add,
    eq,
    maximum,
    mul,
    neg,
    neq,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.functions import exp, expm1, sigmoid
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.reductions import Sum, sum_
from kernelgraph.ops.softmax import Peak, far_from_zero
from kernelgraph.rewrite.degrees import COMBINED, MOST_NODES, VIEWS, Axes, Scaling, is_read, placed
from kernelgraph.rewrite.exponential_sums import is_limited, limited, marked
from kernelgraph.rewrite.factors import Curve, curve_of, edit_product, factors
from kernelgraph.rewrite.matching import constant, number
from kernelgraph.rewrite.rule import computed_rule, unwritten
from kernelgraph.rewrite.rules.cancellation import is_factor
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS
from kernelgraph.rewrite.rules.softmax import is_raw
from kernelgraph.types import is_float

_DEPTH = 14
_NEAR = 4
_MOST_SUMS = 4

_TIMES = 4
"""How many exponentials may be multiplied, by rules that were there before as well."""


class _Power(NamedTuple):
    """An exponential in a sum: for each of its axes that of the sum (None: added up); its weight,
    where that is no number.
    """

    variable: Variable
    axes: tuple[int | None, ...]
    weight: Variable | None
    part: Apply | None = None
    """What takes the part of it that is in the sum."""


def _read(total: Variable) -> tuple[list[_Power], bool] | None:
    """The exponentials in a sum, perhaps behind views, and whether it has a term without one; None
    for anything else.
    """
    powers: list[_Power] = []
    has_rest = False
    pending = [_Power(total, tuple(range(total.ndim)), None)]
    for _ in range(MOST_NODES):
        if not pending:
            break
        found = pending.pop()
        inside = _inside(found)
        if inside is None:
            return None
        pending += inside
        if not inside:
            node = found.variable.owner
            is_power = node is not None and node.op in (exp, expm1)
            powers += [found] if is_power else []
            has_rest = has_rest or not is_power or (node is not None and node.op == expm1)
    return (powers, has_rest) if powers and not pending else None


def _inside(found: _Power) -> Sequence[_Power] | None:
    """The terms of a sum; none of what is no sum, None where exponentials are multiplied."""
    variable, axes, weight, part = found
    node = variable.owner
    if node is None or not is_float(variable.dtype):
        return []
    match node.op:
        case DimShuffle() as op:
            inner = [None if (to := op.inverse.get(k)) is None else axes[to]
                     for k in range(node.inputs[0].ndim)]  # fmt: skip
            return None if part else [_Power(node.inputs[0], tuple(inner), None)]
        case Subtensor():
            whole = node.inputs[0]
            is_known = part is None and all(to is None for to in axes)
            return [_Power(whole, (None,) * whole.ndim, None, node)] if is_known else None
        case Sum() as op:
            kept = iter(axes)
            inner = [None if k in op.axes else next(kept) for k in range(node.inputs[0].ndim)]
            return None if part else [_Power(node.inputs[0], tuple(inner), None)]
        case op if op in (add, sub, neg):
            return [_Power(operand, axes, weight, part) for operand in node.inputs]
        case op if op in (mul, true_div):
            parts = factors(variable)[0]
            held = [f for f in parts if _holds_exp(f.variable)]
            if not held:
                return []
            if len(held) > 1 or held[0].inverted:
                return None
            rest = edit_product(variable, {held[0].path: None})
            rest = None if rest is None or number(rest) is not None else rest
            return [_Power(held[0].variable, axes, rest, part)]
        case _:
            return []


def _holds_exp(variable: Variable, levels: int = _NEAR) -> bool:
    """A quick look: whether an exponential is a factor or a term of a variable, or behind it."""
    node = variable.owner
    if node is None or not is_float(variable.dtype):
        return False
    if node.op in (exp, expm1):
        return is_float(node.inputs[0].dtype)
    if levels == 0 or not (isinstance(node.op, VIEWS) or node.op in COMBINED):
        return False
    return any(_holds_exp(operand, levels - 1) for operand in node.inputs)


class _Base(NamedTuple):
    """What is taken out of exponents: the axes of a sum that count, the exponentials of it, and
    what is taken out if so many exponentials are multiplied.
    """

    rank: int
    seeds: Mapping[Variable, tuple[int, Axes]]
    top: Variable
    are_weighted: bool


def _base_of_sum(total: Variable) -> _Base | None:
    """A sum of exponentials, perhaps along axes, in which a number counts as that of 0."""
    read = _read(total)
    if read is None:
        return None
    powers, has_rest = read
    axes = [k for k, one in enumerate(total.broadcastable) if not one]
    seeds: dict[Variable, tuple[int, Axes]] = {}
    tops: list[Variable] = []
    for variable, places, weight, part in powers:
        x = _exponent(variable)
        if x.dtype != total.dtype or variable.dtype != total.dtype or is_limited(x):
            return None
        if part is None and not all(is_raw(x, k) for k, to in enumerate(places) if to is None):
            return None
        if any(k not in places or x.broadcastable[places.index(k)] for k in axes):
            return None
        place = tuple(places.index(k) for k in axes)
        if seeds.setdefault(variable, (1, place)) != (1, place):
            return None
        tops.append(_top(x, weight, place) if part is None else _top_of_part(x, part))
    if has_rest:
        tops.append(constant(0, tops[0]))
    weighted = any(p.weight is not None or p.part is not None for p in powers)
    return _Base(len(axes), seeds, reduce(maximum, tops), weighted)


def _exponent(variable: Variable) -> Variable:
    """What an exponential is of."""
    assert variable.owner is not None
    return variable.owner.inputs[0]


def _top(x: Variable, weight: Variable | None, place: Axes) -> Variable:
    """The largest exponent that has a weight, along all axes but these, in this order."""
    if weight is not None and weight.ndim == x.ndim:
        x = switch(neq(weight, constant(0, weight)), x, constant(-math.inf, x))
    gone = [k for k in range(x.ndim) if k not in place]
    kept = [k for k in range(x.ndim) if k in place]
    return dimshuffle(Peak(gone)(x) if gone else x, [kept.index(k) for k in place])


def _top_of_part(x: Variable, part: Apply) -> Variable:
    """The largest exponent of a part."""
    taken = part.op(x, *part.inputs[1:])
    return Peak(range(taken.ndim))(taken) if taken.ndim else taken


def _base_of_sigmoid(variable: Variable) -> _Base | None:
    """sigmoid(-x) is 1 / (1 + exp(x))."""
    curve = curve_of(variable)
    if curve is None or curve.kind != "sigmoid" or is_limited(curve.argument):
        return None
    axes = tuple(k for k, one in enumerate(variable.broadcastable) if not one)
    x = dimshuffle(-curve.argument, axes)
    return _Base(len(axes), {variable: (-1, axes)}, maximum(x, constant(0, x)), False)


def _around(root: Variable) -> tuple[list[Variable], list[Variable]]:
    """What divides near a product and holds exponentials, or is a sigmoid; and the exponentials."""
    divisors: dict[Variable, None] = {}
    powers: dict[Variable, None] = {}
    pending, seen = [root], {root}
    while pending and len(seen) < MOST_NODES:
        variable = pending.pop()
        node = variable.owner
        if node is None:
            continue
        if node.op in (exp, expm1):
            powers[variable] = None
        elif node.op == sigmoid:
            divisors[variable] = None
        elif is_read(node):
            if node.op == true_div:
                below = [f.variable for f in factors(node.inputs[1])[0] if not f.inverted]
                divisors.update(dict.fromkeys(v for v in map(_source, below) if _holds_exp(v)))
            new = [v for v in node.inputs if v not in seen]
            seen.update(new)
            pending += reversed(new)
    return list(divisors), list(powers)


def _source(variable: Variable) -> Variable:
    """What a view is of."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    return variable


def _others(base: _Base, powers: Sequence[Variable]) -> dict[Variable, tuple[int, Axes]]:
    """The exponentials of the same exponents as those of a sum, or of their negatives."""
    signs = {
        (curve.base, curve.negative != (degree < 0)): (variable, axes)
        for variable, (degree, axes) in base.seeds.items()
        if (curve := _curve(variable)) is not None
    }
    found: dict[Variable, tuple[int, Axes]] = {}
    for power in powers:
        curve = _curve(power)
        if curve is None or is_limited(curve.argument) or power in base.seeds:
            continue
        for negative, degree in ((curve.negative, 1), (not curve.negative, -1)):
            like = signs.get((curve.base, negative))
            if like is not None and like[0].type == power.type:
                found[power] = (degree, like[1])
    return found


def _curve(variable: Variable) -> Curve | None:
    """What an exponential is of."""
    node = variable.owner
    if node is not None and node.op == expm1 and is_float(node.inputs[0].dtype):
        return curve_of(exp(node.inputs[0]))
    return curve_of(variable)


def _divided(variable: Variable, degree: int, shift: Variable, is_weighted: bool) -> Variable:
    """An exponential with its exponent shifted; sigmoid(-x) as 1 / (1 + exp(x)) with both."""
    node = variable.owner
    assert node is not None
    (x,) = node.inputs
    one = exp(marked(-shift))
    if node.op == sigmoid:
        far = true_div(1, one + exp(marked(-x - shift)))
        return switch(eq(shift, constant(0, shift)), variable, far)
    if node.op == expm1 and degree == 1:
        return switch(eq(shift, constant(0, shift)), variable, exp(marked(x - shift)) - one)
    exponent = x - shift if degree > 0 else x + shift
    return exp(limited(exponent) if is_weighted else marked(exponent))


def _total(x: Variable) -> Variable:
    return sum_(x, axis=1, keepdims=True)


_SIDES = {"x": "moderate matrix", "y": "unit matrix"}
_ON = (mul, true_div, neg)
_FACTOR = (exp, add, sub, DimShuffle, Sum, Dot)


@computed_rule(
    phase="stabilize",
    on=_ON,
    factor=_FACTOR,
    changes=CANCELS,
    where=_SIDES,
    examples=[
        lambda x, y: unwritten(
            (y / _total(exp(x)) - _total(y * exp(x)) * (1 / _total(exp(x)) / _total(exp(x))))
            * exp(x)
        ),
        lambda x, y: unwritten(
            exp(x) * (y / (1 + _total(exp(x))) + _total(-(y * exp(x)) / sqr(1 + _total(exp(x)))))
        ),
        lambda x, y: unwritten(
            exp(x) * (y / _total(exp(x)) + _total(-(y * exp(x)) / sqr(_total(exp(x)))))
        ),
        lambda x, y: unwritten(exp(x) * (y * sigmoid(-x) - y * exp(x) * sqr(sigmoid(-x)))),
    ],
    depth=_DEPTH,
    over_halves=False,
)
def homogeneous_of_second_degree(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What stays the same when all exponentials of a sum are divided by one number, where the sum
    divides twice, as in second derivatives: they are divided by the largest.
    """
    return _homogeneous(node, graph, 2)


@computed_rule(
    phase="stabilize",
    on=_ON,
    factor=_FACTOR,
    changes=CANCELS,
    where=_SIDES,
    examples=[lambda x, y: unwritten((y / _total(exp(x)) - x / _total(exp(x))) * exp(x))],
    depth=_DEPTH,
    late=True,
    over_halves=False,
)
def homogeneous_of_first_degree(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What stays the same when all exponentials of a sum are divided by one number, in terms of
    sums and behind views, where no rule for shares found it: they are divided by the largest.
    """
    return _homogeneous(node, graph, 1)


def _homogeneous(node: Apply, graph: FunctionGraph, degree: int) -> Variable | None:
    """All exponentials of a sum divided by the largest, if so many are multiplied somewhere."""
    if is_factor(node, graph) or not is_float(node.out.dtype):
        return None
    found = [f.variable for f in factors(node.out)[0]]
    if not any(map(_holds_exp, found)):
        return None
    divisors, powers = _around(node.out)
    for divisor in divisors[:_MOST_SUMS] if powers else []:
        is_sigmoid = divisor.owner is not None and divisor.owner.op == sigmoid
        base = _base_of_sigmoid(divisor) if is_sigmoid else _base_of_sum(divisor)
        if base is None:
            continue
        seeds = {**base.seeds, **_others(base, powers)}
        scaling = Scaling(seeds, base.rank)
        if scaling.is_homogeneous(node.out, found) and scaling.highest >= degree:
            return _anew(node.out, scaling, base, seeds)
    return None


def _anew(
    root: Variable, scaling: Scaling, base: _Base, seeds: Mapping[Variable, tuple[int, Axes]]
) -> Variable:
    """The largest taken out of all exponents, where it is far from 0."""
    shift = far_from_zero(base.top, _TIMES)
    divided = {
        v: _divided(v, degree, placed(shift, axes, v.ndim), base.are_weighted)
        for v, (degree, axes) in seeds.items()
    }
    return scaling.anew(root, divided, shift)
