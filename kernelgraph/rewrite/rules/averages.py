"""Averages with exponentials for weights: `sum(v * exp(x)) / sum(exp(x))`.

Above and below, sums of exponentials are multiplied by something, and overflow or vanish together.
What is taken out of the exponents below is taken out of those above as well.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import add, mul, sqr, sub, true_div
from kernelgraph.ops.contraction import Dot, dot
from kernelgraph.ops.functions import exp
from kernelgraph.ops.reductions import Sum, sum_
from kernelgraph.rewrite.exponential_sums import is_limited, linear, marked, read_sum
from kernelgraph.rewrite.factors import (
    Factor,
    curve_of,
    edit_product,
    factors,
    pairs,
)
from kernelgraph.rewrite.matching import Match
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule, unwritten
from kernelgraph.rewrite.rules.cancellation import is_factor
from kernelgraph.rewrite.rules.logarithms_of_sums import (
    CANCELS,
    divides_twice,
    have_room,
    may_leave_the_floats,
    shift_of_share,
    shifted,
)
from kernelgraph.rewrite.rules.mixtures import shift_of_weighted
from kernelgraph.rewrite.rules.softmax import is_raw
from kernelgraph.rewrite.wildcards import Factors
from kernelgraph.types import is_float

_TWO = {"x": "moderate", "y": "moderate"}


_SUMS = (add, sub)


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    divisor=(add, sub),
    changes=CANCELS,
    where=_TWO,
    examples=[
        lambda x, y: unwritten((x * exp(x) + y * exp(y)) / (exp(x) + exp(y))),
        lambda x, y: unwritten((exp(x) - 2 * exp(y)) / (exp(x) + exp(y))),
    ],
    depth=8,
)
def quotient_of_powers(node: Apply, graph: FunctionGraph) -> Variable | None:
    """A sum of multiples of exponentials over a sum of the same ones: above and below, the largest
    is taken out.
    """
    if is_factor(node, graph):
        return None
    found = [f for f in factors(node.out)[0] if _is_sum(f.variable)]
    for above, below in pairs(found):
        if above.inverted or not below.inverted or above.variable.type != below.variable.type:
            continue
        over, under = read_sum(above.variable), read_sum(below.variable)
        if not over or not under or not may_leave_the_floats(under):
            continue
        like = below.variable
        if not have_room([*over, *under], like):
            continue
        known = {linear(p.exponent) for p in under if p.exponent is not None}
        if any(p.exponent is None or linear(p.exponent) not in known for p in over):
            continue
        shift = shift_of_share(under, like, divides_twice(like, graph))
        edits = {
            above.path: reduce(add, [shifted(p, shift, like) for p in over]),
            below.path: reduce(add, [shifted(p, shift, like) for p in under]),
        }
        return edit_product(node.out, edits)
    return None


def _is_sum(variable: Variable) -> bool:
    node = variable.owner
    return node is not None and is_float(variable.dtype) and node.op in _SUMS


class _Total(NamedTuple):
    """A sum along axes of a product that has an exponential for a factor, or a product of matrices
    that is such a sum, as a factor of a product, perhaps behind a view.
    """

    outer: Factor
    inner: Factor
    power: Factor
    axes: tuple[int, ...]

    def replaced(self, power: Variable) -> Variable:
        """What stands in the place of the outer factor with another exponential."""
        node = self.inner.variable.owner
        assert node is not None
        k = _summed_operand(node)
        operands = [*node.inputs]
        edited = edit_product(operands[k], {self.power.path: power})
        assert edited is not None
        operands[k] = edited
        new = node.op(*operands)
        outside = self.outer.variable.owner
        if self.inner is self.outer or outside is None:
            return new
        inside = edit_product(outside.inputs[0], {self.inner.path: new})
        assert inside is not None
        return outside.op(inside)


def _summed_operand(node: Apply) -> int:
    """Which operand of a sum or a product of matrices holds the exponential."""
    if isinstance(node.op, Dot) and not _exps(node.inputs[0]):
        return 1
    return 0


def _exps(product: Variable) -> list[Factor]:
    """The exponentials among the factors of a product, which have all its elements."""
    return [
        f
        for f in factors(product)[0]
        if not f.inverted
        and f.variable.broadcastable == product.broadcastable
        and (curve := curve_of(f.variable)) is not None
        and curve.kind == "exp"
    ]


def _totals(found: list[Factor]) -> list[_Total]:
    """The factors of a product that are such sums; their `inner` is inverted if they divide."""
    totals: list[_Total] = []
    for outer in found:
        node = outer.variable.owner
        inside = [outer]
        if node is not None and isinstance(node.op, DimShuffle):
            parts = factors(node.inputs[0])[0]
            inside = [f._replace(inverted=f.inverted != outer.inverted) for f in parts]
        totals += [t for inner in inside if (t := _total(outer, inner)) is not None]
    return totals


def _total(outer: Factor, inner: Factor) -> _Total | None:
    node = inner.variable.owner
    if node is None or not is_float(inner.variable.dtype):
        return None
    if not isinstance(node.op, Sum | Dot):
        return None
    k = _summed_operand(node)
    operand = node.inputs[k]
    powers = _exps(operand)
    if len(powers) != 1 or not is_float(operand.dtype):
        return None
    axes = node.op.axes if isinstance(node.op, Sum) else ((operand.ndim - 1, 0)[k],)
    return _Total(outer, inner, powers[0], tuple(axes))


@computed_rule(
    phase="stabilize",
    on=(mul, true_div),
    factor=(Sum, Dot, DimShuffle),
    changes=CANCELS,
    where={"x": "moderate matrix", "y": "unit matrix"},
    examples=[
        lambda x, y: unwritten(sum_(y * exp(x), axis=1) / sum_(exp(x), axis=1)),
        lambda x, y: unwritten(dot(exp(x), y) / sum_(exp(x), axis=1, keepdims=True)),
    ],
    depth=8,
    over_halves=False,
)
def average_of_powers(node: Apply, graph: FunctionGraph) -> Variable | None:
    """A sum along axes over another one, of the same exponentials: above and below, the largest is
    taken out.
    """
    if is_factor(node, graph):
        return None
    totals = _totals(factors(node.out)[0])
    above = [t for t in totals if not t.inner.inverted]
    below = [t for t in totals if t.inner.inverted]
    for over, under in ((a, b) for a in above for b in below):
        power = over.power.variable
        curve = curve_of(power)
        same = power is under.power.variable and over.axes == under.axes
        if not same or curve is None or over.outer.path == under.outer.path:
            continue
        x = curve.argument
        if is_limited(x) or not all(is_raw(x, axis) for axis in over.axes):
            continue
        shift = _shift(x, under)
        if shift is None:
            continue
        powered = exp(marked(x - shift))
        edits = {t.outer.path: t.replaced(powered) for t in (over, under)}
        return edit_product(node.out, edits)
    return None


def _shift(x: Variable, under: _Total) -> Variable | None:
    """What to take from the exponents: the largest that has a weight below."""
    node = under.inner.variable.owner
    assert node is not None
    if not isinstance(node.op, Sum):
        return None
    weights = edit_product(node.inputs[0], {under.power.path: None})
    return shift_of_weighted(x, weights, *under.axes)


def _is_sum_of_exps(match: Match) -> bool:
    """A guard: x is a sum that holds an exponential."""
    powers = read_sum(match["x"]) if _is_sum(match["x"]) else None
    return any(power.unbounded for power in powers or ())


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_sum_of_exps,
    where=_TWO,
    examples=[
        lambda x, y: (y / sqr(exp(x) + exp(-x)), y / (exp(x) + exp(-x)) / (exp(x) + exp(-x)))
    ],
)
def divided_by_square(x: Any, rest: Factors) -> LhsRhs:
    """Divided by a sum of exponentials twice, not by its square, which overflows long before: and
    each may meet an exponential.
    """
    return rest / sqr(x), rest / x / x


@rule(
    phase="stabilize",
    changes="rounding",
    when=_is_sum_of_exps,
    where={"x": "moderate"},
    examples=[lambda x: (1 / (2 + exp(x)) ** 3, 1 / (2 + exp(x)) / (2 + exp(x)) / (2 + exp(x)))],
)
def divided_by_cube(x: Any, rest: Factors) -> LhsRhs:
    """Divided by a sum of exponentials three times, not by its cube."""
    return rest / x**3, rest / x / x / x
