"""Positive numbers divided by themselves: `a / p * (p * q)` is `a * q`, even where p rounded to 0.

Only where another factor would show a NaN of what p is made of; else the 1 is one unless that is
NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import eq, mul, neg, switch, true_div
from kernelgraph.ops.functions import exp, sigmoid
from kernelgraph.ops.powers import pow_
from kernelgraph.ops.softmax import Softmax
from kernelgraph.rewrite.exponential_sums import linear
from kernelgraph.rewrite.factors import (
    PRODUCTS,
    Curve,
    Factor,
    Path,
    Term,
    curve_of,
    edit_product,
    edit_sum,
    factors,
    pairs,
    terms,
)
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.rule import computed_rule

_BOUNDED = {"x": "bounded", "y": "bounded"}


def curves(node: Apply) -> list[Factor]:
    """The factors of a product that are exp or sigmoid of something."""
    return [factor for factor in factors(node.out)[0] if factor.curve is not None]


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
    phase="stabilize",
    on=(mul, true_div),
    factor=(exp, sigmoid),
    changes="rounding",
    where=_BOUNDED,
    examples=[lambda x, y: (y / sigmoid(x) * (sigmoid(x) * sigmoid(-x)), y * sigmoid(-x))],
    depth=6,
)
def cancel_positive(node: Apply) -> Variable | None:
    """A positive number divided by itself is 1, even where it has rounded to 0.

    Only if another factor is made of the same x, so that a NaN in x still shows.
    """
    found = curves(node)
    for a, b in pairs(found):
        if not a.inverted and _cancels(a, b):
            rest = [factor for factor in found if factor is not a and factor is not b]
            if _shows_nan(a.curve, rest):
                return edit_product(node.out, {a.path: None, b.path: None})
    return None


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    factor=(exp, sigmoid, Softmax),
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
    phase="stabilize",
    on=(mul, true_div, neg),
    factor=(exp, sigmoid),
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
    outside = curves(node)
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
    return all(client.op.name in PRODUCTS for client in clients)


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


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    factor=(pow_,),
    changes="rounding",
    where={"x": "moderate", "y": "unit"},
    examples=[
        lambda x, y: (
            y * sigmoid(x) ** (y - 1) / sigmoid(x) ** y * sigmoid(x),
            y * one_or_nan(x),
        ),
    ],
    depth=8,
)
def cancel_power(node: Apply) -> Variable | None:
    """p^(y - 1) over p^y is 1 / p, even where p has rounded to 0; y is among the factors, so that a
    NaN of it still shows.
    """
    found = factors(node.out)[0]
    powers = [f for f in found if f.variable.owner is not None and f.variable.owner.op == pow_]
    for above, below in pairs(powers):
        if above.inverted or not below.inverted or above.variable.type != below.variable.type:
            continue
        (p, less), (base, y) = _operands(above.variable), _operands(below.variable)
        if p is not base or curve_of(p) is None or not _is_one_less(less, y):
            continue
        if p.type == above.variable.type and any(f.variable is y for f in found):
            return edit_product(node.out, {above.path: None, below.path: p})
    return None


def _operands(variable: Variable) -> list[Variable]:
    return [] if variable.owner is None else variable.owner.inputs


def _is_one_less(less: Variable, y: Variable) -> bool:
    """Whether this is written as y - 1."""
    difference = dict(linear(less))
    for variable, weight in linear(y):
        difference[variable] = difference.get(variable, Fraction(0)) - weight
    left = [(v, w) for v, w in difference.items() if w != 0]
    if len(left) != 1:
        return False
    value = number(left[0][0])
    return value is not None and float(value) * float(left[0][1]) == -1
