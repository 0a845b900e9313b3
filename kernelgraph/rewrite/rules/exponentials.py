"""Exponentials: digits that `exp(x) - 1` loses, and products with exp(x) that overflow on the way.

Logarithms of them are in `logarithms.py`, quotients such as `1 / (1 + exp(-x))` in `sigmoids.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
    add,
    cast,
    eq,
    ge,
    gt,
    le,
    lt,
    maximum,
    minimum,
    mul,
    neg,
    sub,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log
from kernelgraph.ops.reductions import Sum
from kernelgraph.ops.softmax import far_from_zero
from kernelgraph.rewrite.exponential_sums import LIMITS, is_limited, limited, marked, read_sum
from kernelgraph.rewrite.guards import floats, has_one_use
from kernelgraph.rewrite.matching import Match, constant, number
from kernelgraph.rewrite.rule import LhsRhs, rule, unwritten
from kernelgraph.rewrite.rules.logarithms_of_sums import CANCELS
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_BOUNDED = {"x": "bounded"}
_TWO = {"x": "moderate", "y": "moderate"}

_MOST_USERS = 32
"""What uses a number is followed so far, so that a rule's work at a node is bounded."""


@rule(phase="stabilize", changes="rounding", when=floats)
def exp_minus_one(x: Any) -> LhsRhs:
    """expm1 keeps the digits that are lost when 1 is taken from a number near 1."""
    return exp(x) - 1, expm1(x)


@rule(phase="stabilize", changes="rounding", when=floats)
def one_minus_exp(x: Any) -> LhsRhs:
    """expm1 keeps the digits that are lost when a number near 1 is taken from 1."""
    return 1 - exp(x), -expm1(x)


def _saves_work(match: Match) -> bool:
    """A guard: exp(x) is not needed anyway, or is where the digits of its reciprocal count."""
    graph, power = match.graph, match.node.inputs[1]
    assert graph is not None
    alone = has_one_use(power, graph)
    return floats(match) and (alone or _is_in_a_sum(match.node, graph))


@rule(phase="stabilize", changes="rounding", when=_saves_work)
def reciprocal_of_exp(x: Any) -> LhsRhs:
    """1 / exp(x) is exp(-x), which rounds once; but where exp(x) is computed anyway, a division is
    less work than a second exponential.
    """
    return 1 / exp(x), exp(-x)


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


@rule(phase="stabilize", when=floats)
def exp_of_negative_sum(x: Any, y: Any) -> LhsRhs:
    """One minus sign in front shows that the exponent is the negative of x + y (exp does not see
    the sign of 0).
    """
    return exp(-x - y), exp(-(x + y))


def _falls_with_exp(match: Match) -> bool:
    """A guard: y is a negative multiple of exp(x), and what does not grow like it."""
    x, y = match["x"], match["y"]
    if match["f"] not in (exp, expm1) or not is_float(x.dtype) or is_limited(x):
        return False
    grows = [p for p in read_sum(y) or [] if p.exponent is not None]
    if len(grows) != 1 or grows[0].factor is not None or grows[0].weight > -0.001:
        return False
    (root, *others) = grows[0].roots or (y,)
    made = root.owner
    return not others and made is not None and (made.op, made.inputs) == (exp, [x])


@rule(
    phase="stabilize",
    changes="rounding",
    when=_falls_with_exp,
    where={"x": "moderate"},
    examples=[
        lambda x: unwritten(exp(-exp(x)) * exp(x)),
        lambda x: unwritten(expm1(x) * exp(-2 * exp(x))),
    ],
    over_halves=False,
)
def exp_beside_exp_of_it(f: Elementwise, x: Any, y: Any, rest: Factors) -> LhsRhs:
    """E exp(-E) with E = exp(x) is 0 where E overflows, not infinity times 0: x is limited, since
    exp(-E) is 0 long before.
    """
    return rest * exp(y) * f(x), lambda: rest * exp(y) * f(minimum(x, LIMITS[x.dtype] / 2))


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: floats(match) and not is_limited(match["x"]),
    where={"x": "moderate", "rest": "moderate"},
)
def exp_over_its_expm1(x: Any, rest: Factors) -> LhsRhs:
    """E / (exp(E) - 1) with E = exp(x) goes to 1 where E vanishes, and to 0 where it overflows: x
    is limited to where E does neither.
    """

    def after() -> Any:
        nearest = exp(limited(maximum(x, -50.0)))
        return rest * nearest / expm1(nearest)

    return rest * exp(x) / expm1(exp(x)), after


@rule(phase="stabilize", changes="rounding", when=floats, where=_BOUNDED, over_halves=False)
def exp_over_expm1(x: Any) -> LhsRhs:
    """Both sides of the quotient overflow; the reciprocal of 1 - exp(-x) does not."""
    return exp(x) / expm1(x), -1 / expm1(-x)


def _upper_limit(mask: Variable, x: Variable) -> Variable | None:
    """The constant that x is known not to exceed where a condition holds, if there is one."""
    node, holds = mask.owner, True
    while node is not None and (isinstance(node.op, Cast) or node.op == eq):
        if node.op == eq:
            if number(node.inputs[1]) is None or node.inputs[0].dtype != "bool":
                return None
            holds = holds == bool(number(node.inputs[1]))
        node = node.inputs[0].owner
    if node is None or node.op not in ((lt, le) if holds else (gt, ge)):
        return None
    left, right = node.inputs
    limit = number(right)
    if left is not x or limit is None or not np.isfinite(limit):
        return None
    return constant(limit, x)


@rule(
    phase="stabilize",
    changes="0 times an overflow",
    when=lambda match: _upper_limit(match["mask"], match["x"]) is not None,
    examples=[
        lambda x: (cast(x < 0.0, x.dtype) * exp(x), cast(x < 0.0, x.dtype) * exp(minimum(x, 0.0)))
    ],
    where=_BOUNDED,
)
def exp_below_a_limit(x: Any, mask: Any, rest: Factors) -> LhsRhs:
    """(x < c) exp(x) is (x < c) exp(min(x, c)): where the condition fails, 0 times an overflow
    would be NaN.
    """
    return rest * exp(x) * mask, lambda: rest * exp(minimum(x, _upper_limit(mask, x))) * mask


@rule(
    phase="stabilize",
    changes="rounding",
    when=lambda match: floats(match) and match["x"].dtype == match.node.out.dtype,
    where=_BOUNDED,
    over_halves=False,
)
def expm1_over_exp(x: Any, rest: Factors) -> LhsRhs:
    """Both sides of (exp(x) - 1) / exp(x) overflow; 1 - exp(-x) does not."""
    return rest * expm1(x) / exp(x), rest * -expm1(-x)


def _are_as_written(match: Match) -> bool:
    """A guard: x and y are floats of one dtype, and no rule has shifted them before."""
    x, y = match["x"], match["y"]
    return (
        floats(match) and x.dtype == y.dtype == match.node.out.dtype
        and not is_limited(x) and not is_limited(y)
    )  # fmt: skip


@rule(
    phase="stabilize",
    changes=CANCELS,
    when=_are_as_written,
    late=True,
    where={**_TWO, "rest": "unit"},
    over_halves=False,
)
def quotient_of_exps(x: Any, y: Any, rest: Factors) -> LhsRhs:
    """exp(x) / exp(y) where both overflow or vanish: the larger is taken out of both."""

    def after() -> Any:
        shift = far_from_zero(maximum(x, y))
        return rest * exp(marked(x - shift)) / exp(marked(y - shift))

    return rest * exp(x) / exp(y), after
