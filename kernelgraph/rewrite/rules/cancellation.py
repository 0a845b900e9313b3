"""Positive numbers divided by themselves: `a / p * (p * q)` is `a * q`, even where p rounded to 0.

Only where another factor would show a NaN of what p is made of; else the 1 is one unless that is
NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from kernelgraph.elementwise import Elementwise
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import eq, mul, neg, switch, true_div
from kernelgraph.ops.functions import exp, sigmoid
from kernelgraph.ops.softmax import Softmax
from kernelgraph.rewrite.exponential_sums import linear
from kernelgraph.rewrite.factors import (
    PRODUCTS,
    Factor,
    Path,
    curve_of,
    edit_product,
    edit_sum,
    factors,
    terms,
)
from kernelgraph.rewrite.matching import Match, constant, number
from kernelgraph.rewrite.picked import operands_of
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_BOUNDED = {"x": "bounded", "y": "bounded"}


def _cancels(a: Factor, b: Factor) -> bool:
    """Whether one factor is the reciprocal of the other, and both are sure to be positive."""
    if a.inverted == b.inverted or a.variable.type != b.variable.type:
        return False
    curve = a.curve
    return curve is not None and curve == b.curve


def _is_positive(match: Match) -> bool:
    """A guard: f makes positive numbers of floats."""
    f = match["f"]
    return f in (exp, sigmoid) and is_float(match["x"].dtype)


def shows_nan(x: Variable, found: Sequence[Factor]) -> bool:
    """Whether a NaN in x also shows in one of these factors, an exp or a sigmoid of x or -x."""
    base = _without_sign(x)
    return any(f.curve is not None and f.curve.base is base for f in found)


def _without_sign(x: Variable) -> Variable:
    inner = operands_of(x, neg)
    return _without_sign(inner[0]) if inner else x


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: _is_positive(match) and shows_nan(match["x"], match["rest"].factors),
    where=_BOUNDED,
    examples=[lambda x, y: (y / sigmoid(x) * (sigmoid(x) * sigmoid(-x)), y * sigmoid(-x))],
)
def cancel_positive(f: Elementwise, x: Any, rest: Factors) -> LhsRhs:
    """A positive number divided by itself is 1, even where it has rounded to 0.

    Only if another factor is made of the same x, so that a NaN in x still shows.
    """
    return rest * f(x) / f(x), rest


@rule(
    phase="stabilize",
    changes="rounding",
    late=True,
    when=_is_positive,
    where={"x": "bounded", "rest": "bounded", "f": (exp, sigmoid)},
)
def cancel_guarded(f: Elementwise, x: Any, rest: Factors) -> LhsRhs:
    """A positive number divided by itself is 1, even where it has rounded to 0; where no other
    factor would show a NaN, the 1 is one unless x is.
    """
    return rest * f(x) / f(x), lambda: rest * one_or_nan(x)


@rule(
    phase="stabilize",
    changes="rounding",
    late=True,
    where={"x": "moderate matrix", "rest": "bounded matrix", "p": Softmax(1)},
    over_halves=False,
)
def cancel_softmax(p: Softmax, x: Any, rest: Factors) -> LhsRhs:
    """A probability divided by itself is 1, even where it has rounded to 0, unless it is NaN."""
    return rest * p(x) / p(x), lambda: rest * one_or_nan(p(x))


def one_or_nan(x: Variable) -> Variable:
    """1, and NaN where x is."""
    return switch(eq(x, x), constant(1, x), x)


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
    found = factors(node.out)[0]
    outside = [factor for factor in found if factor.curve is not None]
    if not outside or is_factor(node, graph):
        return None
    for factor in found:
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


def _divisor(term: Factor, candidates: Sequence[Factor]) -> tuple[Factor, Factor] | None:
    """A denominator in the term, and the first candidate that cancels it."""
    for inner in factors(term.variable)[0]:
        if inner.inverted and inner.curve is not None:
            for candidate in candidates:
                if not candidate.inverted and _cancels(candidate, inner):
                    return inner, candidate
    return None


def _partners(inside: Sequence[Factor], outside: Sequence[Factor]) -> list[Factor] | None:
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


def _multiplied(term: Factor, used: Sequence[Factor]) -> Variable | None:
    """The term times all of `used`, one of which cancels; None if that would hide a NaN."""
    found = _divisor(term, used)
    if found is None:
        return None
    denominator, partner = found
    others = [factor for factor in used if factor is not partner]
    rest = [factor for factor in factors(term.variable)[0] if factor.path != denominator.path]
    curve = denominator.curve
    if curve is None or not shows_nan(curve.base, [*others, *rest]):
        return None
    product = edit_product(term.variable, {denominator.path: None})
    for factor in others:
        product = factor.variable if product is None else product * factor.variable
    return product


def _is_power_of_curve(match: Match) -> bool:
    """A guard: p is an exp or a sigmoid, its exponents differ by 1, and one of them is a factor."""
    p, y = match["p"], match["y"]
    if curve_of(p) is None or not _is_one_less(match["less"], y):
        return False
    alike = p.type == match.node.out.type
    return alike and any(f.variable is y for f in match["rest"].factors)


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_power_of_curve,
    where={"x": "moderate", "y": "unit"},
    examples=[
        lambda x, y: (y * sigmoid(x) ** (y - 1) / sigmoid(x) ** y * sigmoid(x), y * one_or_nan(x))
    ],
)
def cancel_power(p: Any, less: Any, y: Any, rest: Factors) -> LhsRhs:
    """p^(y - 1) over p^y is 1 / p, even where p has rounded to 0; y is among the factors, so that a
    NaN of it still shows.
    """
    return rest * p**less / p**y, rest / p


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
