"""Stabilize: the same function of the reals, with digits that the first writing of it lost.

`log(1 + x)` loses a small x, `1 / (1 + exp(-x))` is fine but its gradient holds `inf * 0`. The
rules here bring in ops that are accurate everywhere (log1p, expm1, sigmoid, softplus), and take
apart products in which a factor that underflows is divided by itself. None of them lets a NaN of
the inputs disappear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
    abs_,
    add,
    eq,
    maximum,
    mul,
    neg,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log, log1p, sigmoid, softplus
from kernelgraph.ops.reductions import Sum
from kernelgraph.ops.softmax import Softmax
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.products import (
    Curve,
    Factor,
    Path,
    Term,
    curve_of,
    edit_product,
    edit_sum,
    factors,
    holds_curve,
    pairs,
    terms,
)
from kernelgraph.rewrite.rule import Sides, computed_rule, rule
from kernelgraph.rewrite.simplify import floats

_BOUNDED = {"x": "bounded", "y": "bounded"}

_MOST_USERS = 32
"""What uses a number is followed so far, so that a rule's work at a node is bounded."""

# ------------------------------------------------------------------------------ logarithms and exp


@rule(changes="rounding", when=floats)
def log_of_exp(x: Any) -> Sides:
    """The logarithm undoes exp, and x cannot overflow on the way."""
    return log(exp(x)), x


@rule(changes="rounding", when=floats)
def log_one_plus_exp(x: Any) -> Sides:
    """softplus does not overflow where exp(x) does."""
    return log(1 + exp(x)), softplus(x)


@rule(changes="rounding", when=floats)
def log1p_of_exp(x: Any) -> Sides:
    """softplus does not overflow where exp(x) does."""
    return log1p(exp(x)), softplus(x)


@rule(
    changes="rounding where terms cancel",
    when=floats,
    where={"x": "moderate", "y": "moderate"},
)
def log_of_two_exps(x: Any, y: Any) -> Sides:
    """Neither exp overflows or vanishes if the larger is taken out; two of a size stay apart, so
    that no infinity is taken from itself.
    """
    apart = maximum(x, y) + log1p(exp(-abs_(x - y)))
    return log(exp(x) + exp(y)), switch(eq(x, y), x + math.log(2), apart)


@rule(changes="rounding", when=floats)
def log_of_sigmoid(x: Any) -> Sides:
    """softplus still has digits where sigmoid(x) has rounded to 0 or 1."""
    return log(sigmoid(x)), -softplus(-x)


@rule(changes="rounding", when=floats, where={"x": "moderate"})
def log1p_of_negative_sigmoid(x: Any) -> Sides:
    """softplus still has digits where sigmoid(x) has rounded to 1."""
    return log1p(-sigmoid(x)), -softplus(x)


@rule(changes="rounding", when=floats)
def log_one_plus(x: Any) -> Sides:
    """log1p keeps the digits of x that 1 + x rounds away."""
    return log(1 + x), log1p(x)


@rule(changes="rounding", when=floats)
def log_one_minus(x: Any) -> Sides:
    """log1p keeps the digits of x that 1 - x rounds away."""
    return log(1 - x), log1p(-x)


@rule(changes="rounding", when=floats)
def exp_minus_one(x: Any) -> Sides:
    """expm1 keeps the digits that are lost when 1 is taken from a number near 1."""
    return exp(x) - 1, expm1(x)


@rule(changes="rounding", when=floats)
def one_minus_exp(x: Any) -> Sides:
    """expm1 keeps the digits that are lost when a number near 1 is taken from 1."""
    return 1 - exp(x), -expm1(x)


# ----------------------------------------------------------------------------------------- sigmoid


@computed_rule(
    on=(true_div,),
    changes="rounding",
    examples=[lambda x: (1 / exp(x), exp(-x))],
)
def reciprocal_of_exp(node: Apply, graph: FunctionGraph) -> Variable | None:
    """One exponential with the other sign rounds once, and what it meets is of the same kind; but
    where the exponential is computed anyway, a division is less work than a second one.
    """
    one, power = node.inputs
    curve = curve_of(power)
    if curve is None or curve.kind != "exp" or number(one) != 1:
        return None
    users = graph.clients.get(power, ())
    is_needed = len(users) > 1 or any(power is output for output in graph.outputs)
    return None if is_needed and not _is_in_a_sum(node, graph) else exp(-curve.argument)


def _is_in_a_sum(node: Apply, graph: FunctionGraph) -> bool:
    """Whether a number is part of a sum of exponentials, or of a logarithm: digits depend on how
    those are written. A total alone, as the gradient of a parameter is one, is not looked at.
    """
    pending, seen = [(node, False)], {node}
    while pending and len(seen) <= _MOST_USERS:
        current, is_total = pending.pop()
        for user in graph.clients.get(current.out, ()):
            if user.op == log or (user.op in (add, sub) and not is_total):
                return True
            is_view = isinstance(user.op, DimShuffle | Cast)
            is_sum = isinstance(user.op, Sum)
            if user not in seen and (is_view or is_sum or user.op in (mul, true_div, neg)):
                seen.add(user)
                pending.append((user, is_total or is_sum))
    return len(seen) > _MOST_USERS


@rule(when=floats)
def exp_of_negative_sum(x: Any, y: Any) -> Sides:
    """One minus sign in front shows that the exponent is the negative of x + y (exp does not see
    the sign of 0).
    """
    return exp(-x - y), exp(-(x + y))


@rule(changes="rounding", when=floats)
def sigmoid_of(x: Any) -> Sides:
    """The logistic function has a name, and rules of its own."""
    return 1 / (1 + exp(-x)), sigmoid(x)


@rule(changes="rounding", when=floats)
def sigmoid_of_negative(x: Any) -> Sides:
    """The logistic function has a name, and rules of its own."""
    return 1 / (1 + exp(x)), sigmoid(-x)


@rule(changes="rounding", when=floats, where=_BOUNDED)
def divided_by_one_plus_exp_of_negative(x: Any, y: Any) -> Sides:
    """1 + exp(-x) may overflow; its reciprocal sigmoid(x) may not."""
    return y / (1 + exp(-x)), y * sigmoid(x)


@rule(changes="rounding", when=floats, where=_BOUNDED)
def divided_by_one_plus_exp(x: Any, y: Any) -> Sides:
    """1 + exp(x) may overflow; its reciprocal sigmoid(-x) may not."""
    return y / (1 + exp(x)), y * sigmoid(-x)


@rule(changes="rounding", when=floats, where=_BOUNDED)
def divided_by_square_of_one_plus_exp(x: Any, y: Any) -> Sides:
    """The square overflows first; divided by twice, each time it is a sigmoid."""
    return y / sqr(1 + exp(x)), y / (1 + exp(x)) / (1 + exp(x))


@rule(changes="rounding", when=floats, where=_BOUNDED)
def divided_by_square_of_one_plus_exp_of_negative(x: Any, y: Any) -> Sides:
    """The square overflows first; divided by twice, each time it is a sigmoid."""
    return y / sqr(1 + exp(-x)), y / (1 + exp(-x)) / (1 + exp(-x))


@rule(changes="rounding", when=floats)
def one_minus_sigmoid(x: Any) -> Sides:
    """sigmoid(-x) keeps the digits that are lost when a number near 1 is taken from 1."""
    return 1 - sigmoid(x), sigmoid(-x)


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where=_BOUNDED,
    examples=[
        lambda x, y: (y * sigmoid(-x) * exp(x), y * sigmoid(x)),
        lambda x, y: (y * sigmoid(x) / exp(x), y * sigmoid(-x)),
    ],
    depth=6,
)
def exp_times_sigmoid(node: Apply) -> Variable | None:
    """exp(x) * sigmoid(-x) is sigmoid(x), which does not overflow."""
    found = _curves(node)
    for exponential, other in pairs(found):
        a, b = exponential.curve, other.curve
        if a is None or b is None or (a.kind, b.kind) != ("exp", "sigmoid") or other.inverted:
            continue
        falls = a.negative != exponential.inverted  # 1 / exp(x) is exp(-x)
        same_type = exponential.variable.type == other.variable.type
        if a.base is b.base and b.negative != falls and same_type:
            # sigmoid(x) is as small as exp(x) where that is small: it takes its place. 1 / exp(x)
            # has no such place, so there the other factor's is taken.
            place = other if exponential.inverted else exponential
            merged = sigmoid(-b.argument) if exponential.inverted else sigmoid(a.argument)
            gone = exponential if exponential.inverted else other
            return edit_product(node.out, {gone.path: None, place.path: merged})
    return None


def _curves(node: Apply) -> list[Factor]:
    """The factors of a product that are exp or sigmoid of something."""
    if not holds_curve(node.out):
        return []
    return [factor for factor in factors(node.out)[0] if factor.curve is not None]


# -------------------------------------------------------------------------------------- cancelling


def _cancels(a: Factor, b: Factor) -> bool:
    """Whether one factor is the reciprocal of the other, and both are sure to be positive."""
    if a.inverted == b.inverted or a.variable.type != b.variable.type:
        return False
    curve = a.curve
    return curve is not None and curve == b.curve


def _shows_nan(curve: Curve | None, found: Sequence[Factor]) -> bool:
    """Whether a NaN in what `curve` is computed from also shows in one of these factors."""
    others = [factor.curve for factor in found]
    return curve is not None and any(c is not None and c.base is curve.base for c in others)


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where=_BOUNDED,
    examples=[lambda x, y: (y / sigmoid(x) * (sigmoid(x) * sigmoid(-x)), y * sigmoid(-x))],
    depth=6,
)
def cancel_positive(node: Apply) -> Variable | None:
    """A positive number divided by itself is 1, even where it has rounded to 0.

    Only if another factor is made of the same x, so that a NaN in x still shows.
    """
    found = _curves(node)
    for a, b in pairs(found):
        if not a.inverted and _cancels(a, b):
            rest = [factor for factor in found if factor is not a and factor is not b]
            if _shows_nan(a.curve, rest):
                return edit_product(node.out, {a.path: None, b.path: None})
    return None


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where=_BOUNDED,
    examples=[lambda x, y: (y / exp(x) * exp(x), y * one_or_nan(x))],
    depth=6,
    late=True,
)
def cancel_guarded(node: Apply) -> Variable | None:
    """A positive number divided by itself is 1, even where it has rounded to 0; where no other
    factor would show a NaN, the 1 is one unless x is.
    """
    if not holds_curve(node.out):
        return None
    for a, b in pairs(factors(node.out)[0]):
        if not a.inverted and (_cancels(a, b) or _cancels_softmax(a, b)):
            base = a.variable if a.curve is None else a.curve.base
            return edit_product(node.out, {a.path: one_or_nan(base), b.path: None})
    return None


def _cancels_softmax(a: Factor, b: Factor) -> bool:
    """Whether one factor is the reciprocal of the other, and both are one softmax."""
    made = a.variable.owner
    is_softmax = made is not None and isinstance(made.op, Softmax)
    return is_softmax and a.variable is b.variable and a.inverted != b.inverted


def one_or_nan(x: Variable) -> Variable:
    """1, and NaN where x is."""
    return switch(eq(x, x), np.ones((1,) * x.ndim, x.dtype), x)


@computed_rule(
    on=(mul, true_div, neg),
    changes="rounding",
    where={"x": "bounded", "y": "unit", "z": "unit"},
    examples=[
        lambda x, y, z: (
            (y / sigmoid(x) + z / sigmoid(-x)) * (sigmoid(x) * sigmoid(-x)),
            y * sigmoid(-x) + z * sigmoid(x),
        )
    ],
    depth=8,
)
def distribute_and_cancel(node: Apply, graph: FunctionGraph) -> Variable | None:
    """A factor goes to every term of a sum where each term divides by such a factor."""
    outside = _curves(node)
    if not outside or is_factor(node, graph):
        return None
    for factor in factors(node.out)[0]:
        inside = terms(factor.variable) if not factor.inverted else []
        if len(inside) < 2:
            continue
        used = _partners(inside, outside)
        if used is None:
            continue
        edits = {term.path: _multiplied(term, used) for term in inside}
        if any(edited is None for edited in edits.values()):
            continue
        total = edit_sum(factor.variable, {path: v for path, v in edits.items() if v is not None})
        gone: dict[Path, Variable | None] = {other.path: None for other in used}
        return edit_product(node.out, {**gone, factor.path: total})
    return None


def is_factor(node: Apply, graph: FunctionGraph) -> bool:
    """Whether only products use this one: then all of the product is looked at, not a part."""
    clients = graph.clients.get(node.out)
    if not clients or any(node.out is output for output in graph.outputs):
        return False
    return all(client.op in (mul, true_div, neg) for client in clients)


def _divisor(term: Term, candidates: Sequence[Factor]) -> tuple[Factor, Factor] | None:
    """A denominator in the term, and the first candidate that cancels it."""
    for inner in factors(term.variable)[0]:
        if inner.inverted and inner.curve is not None:
            for candidate in candidates:
                if not candidate.inverted and _cancels(candidate, inner):
                    return inner, candidate
    return None


def _partners(inside: Sequence[Term], outside: Sequence[Factor]) -> list[Factor] | None:
    """The factors outside that cancel a denominator in some term.

    None unless every term has such a denominator, and unless the product gets no larger.
    """
    used: dict[Path, Factor] = {}
    for term in inside:
        found = _divisor(term, outside)
        if found is None:
            return None
        used[found[1].path] = found[1]
    grows = len(inside) * (len(used) - 1) > len(inside) + len(used)
    return None if grows else list(used.values())


def _multiplied(term: Term, used: Sequence[Factor]) -> Variable | None:
    """The term times all of `used`, one of which cancels; None if that would hide a NaN."""
    found = _divisor(term, used)
    if found is None:
        return None
    denominator, partner = found
    others = [factor for factor in used if factor is not partner]
    rest = [factor for factor in factors(term.variable)[0] if factor.path != denominator.path]
    if not _shows_nan(denominator.curve, [*others, *rest]):
        return None
    product = edit_product(term.variable, {denominator.path: None})
    for factor in others:
        product = factor.variable if product is None else product * factor.variable
    return product


RULES = (
    log_of_exp, log_one_plus_exp, log1p_of_exp, log_of_two_exps, log_of_sigmoid,
    log1p_of_negative_sigmoid, reciprocal_of_exp, log_one_plus, log_one_minus, exp_minus_one,
    one_minus_exp, exp_of_negative_sum, sigmoid_of, sigmoid_of_negative,
    divided_by_one_plus_exp_of_negative, divided_by_one_plus_exp,
    divided_by_square_of_one_plus_exp_of_negative, divided_by_square_of_one_plus_exp,
    one_minus_sigmoid,
    exp_times_sigmoid, cancel_positive, distribute_and_cancel, cancel_guarded,
)  # fmt: skip
