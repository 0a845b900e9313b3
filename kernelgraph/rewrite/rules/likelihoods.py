"""Likelihoods: `log(1 - |y - p|)` of labels y, `log(1 - (1 - p) (1 - q))` of events.

A label is 0 or 1, and how probable it was is p or 1 - p: no difference, which loses the digits of
what is small. That one of several events happens is what is left if none does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple

from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    abs_,
    add,
    eq,
    lt,
    maximum,
    minimum,
    mul,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log, log1p, sigmoid, softplus
from kernelgraph.rewrite.factors import Curve, Factor, curve_of, edit_product, factors, holds_curve
from kernelgraph.rewrite.matching import constant, number
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten

_LABELS = {"x": "moderate", "y": "unit"}


class _Distance(NamedTuple):
    """|label - p|, p being a sigmoid."""

    label: Variable
    p: Variable
    curve: Curve

    def choice(self, one: Variable, zero: Variable, other: Variable) -> Variable:
        """One of three: for the label 1, for 0, and for what is neither."""
        return switch(eq(self.label, 1.0), one, switch(eq(self.label, 0.0), zero, other))

    def other(self) -> Variable:
        """The distance of what is neither 0 nor 1."""
        half = constant(0.5, self.label)
        return abs_(self.choice(half, half, self.label) - self.p)


def _distance(variable: Variable) -> _Distance | None:
    """What a distance is between."""
    node = variable.owner
    difference = None if node is None or node.op != abs_ else node.inputs[0].owner
    if difference is None or difference.op != sub:
        return None
    for label, p in (difference.inputs, difference.inputs[::-1]):
        curve = curve_of(p)
        is_chosen = label.owner is not None and label.owner.op == switch
        if curve is None or curve.kind != "sigmoid" or is_chosen or number(label) is not None:
            continue
        if label.type == p.type == variable.type:
            return _Distance(label, p, curve)
    return None


def _log_of_closeness(distance: Variable) -> Variable:
    found = _distance(distance)
    assert found is not None
    return found.choice(log(found.p), log1p(-found.p), log1p(-found.other()))


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=lambda match: _distance(match["x"]) is not None,
    where=_LABELS,
    examples=[lambda x, y: unwritten(log1p(-abs_(y - sigmoid(x))))],
)
def log_of_closeness(x: Any) -> LhsRhs:
    """1 - |y - p| is p for the label 1 and 1 - p for the label 0, however small they are."""
    return log1p(-x), lambda: _log_of_closeness(x)


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(sub,),
    changes="rounding where terms cancel",
    where=_LABELS,
    examples=[lambda x, y: unwritten(y / (1 - abs_(y - sigmoid(x))) * (sigmoid(x) * sigmoid(-x)))],
    depth=6,
)
def derivative_of_closeness(node: Apply) -> Variable | None:
    """p (1 - p) over 1 - |y - p| is 1 - p for the label 1 and p for the label 0."""
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for below, rest in _complements_below(found):
        distance = _distance(rest)
        if distance is None:
            continue
        key = distance.curve.key
        both = [f for f in found if not f.inverted and f.curve and f.curve.key == key]
        p = next((f for f in both if f.curve == distance.curve), None)
        q = next((f for f in both if f.curve != distance.curve), None)
        if p is None or q is None:
            continue
        other = p.variable * q.variable / (1 - distance.other())
        chosen = distance.choice(q.variable, p.variable, other)
        return edit_product(node.out, {p.path: chosen, q.path: None, below.path: None})
    return None


def _complements_below(found: Sequence[Factor]) -> Iterator[tuple[Factor, Variable]]:
    """The factors 1 - x by which a product divides, and x."""
    for below in found:
        node = below.variable.owner
        if node is not None and node.op == sub and below.inverted and number(node.inputs[0]) == 1:
            yield below, node.inputs[1]


_RARE = {"float64": -37.0, "float32": -17.0}
"""Logarithms of numbers that are too small to change 1."""


def _log_of_any(product: Variable) -> Variable:
    total, rare = _total(_sides(product))
    end = constant(math.exp(_RARE[total.dtype]), total)
    near = log(-expm1(-maximum(total, end)))
    far = log1p(-minimum(product, 0.5))
    return switch(lt(total, end), rare, switch(lt(total, constant(math.log(2), total)), near, far))


@rule(
    phase="stabilize",
    changes="rounding where terms cancel",
    when=lambda match: bool(_sides(match["x"])),
    where={"x": "moderate", "y": "moderate"},
    examples=[lambda x, y: unwritten(log1p(-(sigmoid(x) * sigmoid(y))))],
    over_halves=False,
)
def log_of_any(x: Any) -> LhsRhs:
    """log(1 - sigmoid(x) sigmoid(y)) where both are nearly 1: what each is less than 1 is added,
    not their product taken from 1.
    """
    return log1p(-x), lambda: _log_of_any(x)


def _sides(product: Variable) -> list[Variable]:
    """What the sigmoids are of that make up a product, if there are two or more, and only these."""
    found, sign = factors(product)
    curves = [f.curve for f in found if not f.inverted]
    sides = [c.argument for c in curves if c is not None and c.kind == "sigmoid"]
    if len(sides) < 2 or len(sides) < len(found) or sign < 0:
        return []
    return sides if all(x.dtype == product.dtype for x in sides) else []


def _total(sides: list[Variable]) -> tuple[Variable, Variable]:
    """The logarithm of a product of sigmoids, with the other sign, and its logarithm."""
    unlikely = [softplus(-x) for x in sides]
    return reduce(add, unlikely), reduce(_log_add, [log(s) for s in unlikely])


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(sub,),
    changes="rounding where terms cancel",
    where={"x": "moderate", "y": "moderate"},
    examples=[lambda x, y: unwritten(sigmoid(-x) / (1 - sigmoid(x) * sigmoid(y)))],
    depth=6,
    over_halves=False,
)
def derivative_of_any(node: Apply) -> Variable | None:
    """sigmoid(-x) / (1 - sigmoid(x) sigmoid(y)), where both sides of the quotient vanish."""
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for below, rest in _complements_below(found):
        sides = _sides(rest)
        bases = [(c.base, not c.negative) for x in sides if (c := curve_of(sigmoid(x))) is not None]
        for event in found if sides else ():
            curve = event.curve
            if curve is None or curve.kind != "sigmoid" or event.inverted:
                continue
            if (curve.base, curve.negative) not in bases or below.variable.ndim != node.out.ndim:
                continue
            total, rare = _total(sides)
            end = constant(math.exp(_RARE[total.dtype]), total)
            far = lt(total, end)
            share = exp(-softplus(-curve.argument) - switch(far, rare, log(end)))
            edits = {
                event.path: switch(far, share, event.variable),
                below.path: switch(far, 1.0, -expm1(-maximum(total, end))),
            }
            return edit_product(node.out, edits)
    return None


def _log_add(x: Variable, y: Variable) -> Variable:
    """log(exp(x) + exp(y))."""
    return log(exp(x) + exp(y))
