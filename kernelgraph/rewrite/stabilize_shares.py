"""Stabilize quotients of sums of exponentials: shares, and hyperbolic functions written out.

The slope of `log(exp(x) + 2 * exp(y))` is `exp(x) / (exp(x) + 2 * exp(y))`: right on paper, and
infinity over infinity for large scores. Above and below, the same is taken out of all exponents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
    abs_,
    add,
    cast,
    eq,
    lt,
    minimum,
    mul,
    neg,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log, log1p, sigmoid, softplus, tanh
from kernelgraph.ops.reductions import Sum, insert_axes, sum_
from kernelgraph.ops.softmax import Peak, far_from_zero
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.powers import (
    Power,
    is_limited,
    is_opposite,
    limited,
    linear,
    marked,
    read_sum,
)
from kernelgraph.rewrite.products import (
    Curve,
    Edits,
    Factor,
    Path,
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
from kernelgraph.rewrite.stabilize import is_factor
from kernelgraph.rewrite.stabilize_sums import (
    CANCELS,
    constant,
    exponent_of,
    have_room,
    may_leave_the_floats,
    shift_of_share,
    shifted,
)
from kernelgraph.types import is_float

_TWO = {"x": "moderate", "y": "moderate"}


class _Divisor(NamedTuple):
    """A sum that divides a product, perhaps behind a view: what it is, the view, where the factor
    is, and the factor with another sum in its place.
    """

    total: Variable
    view: Callable[[Variable], Variable]
    path: Path
    replaced: Callable[[Variable], Variable | None]


def _itself(variable: Variable) -> Variable:
    return variable


def _divisors(found: Sequence[Factor]) -> Iterator[_Divisor]:
    """The sums by which the factors of a product divide."""
    for factor in found:
        node = factor.variable.owner
        if node is not None and isinstance(node.op, DimShuffle | Cast):
            yield from _divisors_behind(factor, node.op, node.inputs[0])
        elif node is not None and factor.inverted and node.op in (add, sub, expm1):
            yield _Divisor(factor.variable, _itself, factor.path, _itself)
        elif node is not None and node.op in (add, sub):
            yield from _divisors_of_terms(factor)


def _divisors_behind(
    factor: Factor, view: DimShuffle | Cast, inside: Variable
) -> Iterator[_Divisor]:
    """The divisors of a product that is a factor behind a view."""
    for inner in factors(inside)[0]:
        if inner.inverted == factor.inverted:
            continue

        def replaced(new: Variable, path: Path = inner.path) -> Variable | None:
            found = edit_product(inside, {path: new})
            return None if found is None else view(found)

        yield _Divisor(inner.variable, view, factor.path, replaced)


def _divisors_of_terms(factor: Factor) -> Iterator[_Divisor]:
    """The sums by which all terms of a factor divide."""
    inside = terms(factor.variable)
    first = [f.variable for f in factors(inside[0].variable)[0] if f.inverted]
    for total in dict.fromkeys(first):
        places = [_place_of(total, term.variable) for term in inside]
        if any(place is None for place in places):
            continue

        def replaced(new: Variable, places: Sequence[Path | None] = places) -> Variable | None:
            edits: dict[Path, Variable] = {}
            for term, place in zip(inside, places, strict=True):
                edited = None if place is None else edit_product(term.variable, {place: new})
                if edited is None:
                    return None
                edits[term.path] = edited
            return edit_sum(factor.variable, edits)

        yield _Divisor(total, _itself, factor.path, replaced)


def _place_of(total: Variable, product: Variable) -> Path | None:
    """Where a product divides by something."""
    found = (f.path for f in factors(product)[0] if f.inverted and f.variable is total)
    return next(found, None)


@computed_rule(
    on=(mul, true_div, neg),
    changes=CANCELS,
    where=_TWO,
    examples=[
        lambda x, y: (exp(x) / (exp(x) + 2 * exp(y)), exp(x) / (exp(x) + 2 * exp(y))),
        lambda x, y: (exp(x) / (exp(x) - exp(y)), 1 / (0 - expm1(y - x))),
        lambda x, y: (y / (exp(x) + y) * exp(x), y / (exp(x) + y) * exp(x)),
        lambda x, y: (
            (x / (exp(x) + exp(y)) + y / (exp(x) + exp(y))) * exp(y),
            (x / (exp(x) + exp(y)) + y / (exp(x) + exp(y))) * exp(y),
        ),
    ],
    depth=10,
)
def share_of_powers(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What one exponential has of a sum of several: above and below, the largest is taken out; of
    a difference of two, the difference of their exponents is enough.
    """
    return _share(node, graph, "exp")


@computed_rule(
    on=(mul, true_div, neg),
    changes=CANCELS,
    where={"x": "moderate", "y": "unit"},
    examples=[
        lambda x, y: (
            sigmoid(x) / (y * sigmoid(x) + (1 - y) * sigmoid(-x)),
            sigmoid(x) / (y * sigmoid(x) + (1 - y) * sigmoid(-x)),
        ),
    ],
    depth=10,
    late=True,
)
def share_of_sigmoids(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What a sigmoid has of a sum of several, which vanish together: the largest is taken out.
    Late, for a difference of such shares may be one product.
    """
    return _share(node, graph, "sigmoid")


def _share(node: Apply, graph: FunctionGraph, kind: str) -> Variable | None:
    """The largest taken out above and below, where all curves above are exponentials; or where one
    is a sigmoid.
    """
    if not holds_curve(node.out) or is_factor(node, graph):
        return None
    found = factors(node.out)[0]
    curves = [f for f in found if f.curve is not None]
    divisors = list(_divisors(found)) if curves else []
    for divisor in divisors:
        powers = read_sum(divisor.total)
        roots = set[Key]() if powers is None else _roots(powers, divisor.total)
        if powers is None or not roots:
            continue
        shared = [f for f in curves if _is_shared(f, powers, roots)]
        shared.sort(key=lambda f: f.inverted)
        if not shared or kind != _kind(shared):
            continue
        others = _again(divisor, divisors) if len(shared) > 1 else []
        edits = _difference(shared, powers, divisor)
        edits = edits or _taken_out(shared, powers, [divisor, *others[: len(shared) - 1]])
        if edits is not None:
            return edit_product(node.out, edits)
    return None


def _kind(shared: Sequence[Factor]) -> str:
    """What curves are: exponentials, or a sigmoid among them."""
    kinds = {factor.curve.kind for factor in shared if factor.curve is not None}
    return "sigmoid" if "sigmoid" in kinds else "exp"


def _again(divisor: _Divisor, divisors: Sequence[_Divisor]) -> list[_Divisor]:
    """Where else in a product the same sum divides."""
    paths = {divisor.path}
    found: list[_Divisor] = []
    for other in divisors:
        if other.total is divisor.total and other.path not in paths:
            paths.add(other.path)
            found.append(other)
    return found


def _is_shared(factor: Factor, powers: Sequence[Power], roots: set[Key]) -> bool:
    """Whether a curve is above a sum that it is in; so is what divides by exp(-x), if exp(x) is."""
    curve = factor.curve
    if curve is None or _key(curve) not in roots:
        return False
    if not factor.inverted:
        return True
    exponents = [power.exponent for power in powers if power.exponent is not None]
    return curve.kind == "exp" and any(is_opposite(curve.argument, e) for e in exponents)


Key = tuple[str, Variable]
"""A kind of curve, and what it is of, without a sign."""


def _key(curve: Curve) -> Key:
    return curve.kind, curve.base


def _roots(powers: Sequence[Power], total: Variable) -> set[Key]:
    """Of what the exponentials and sigmoids of a sum are that may overflow or vanish, if all have
    one dtype.
    """
    if total.owner is None or total.owner.op not in (add, sub, expm1):
        return set()  # a total along axes has rules of its own
    if not have_room(powers, total) or not may_leave_the_floats(powers):
        return set()
    roots = {root for found in powers for root in found.roots}
    if len({root.dtype for root in roots}) != 1:
        return set()
    return {_key(curve) for root in roots if (curve := curve_of(root)) is not None}


def _taken_out(
    shared: Sequence[Factor], powers: Sequence[Power], divisors: Sequence[_Divisor]
) -> Edits | None:
    """The same taken out of all exponents, once for each time that the sum divides."""
    total = divisors[0].total
    narrow = cast(total, shared[0].variable.dtype)  # what is above has its limits
    shift = cast(shift_of_share(powers, narrow), total.dtype)
    below = reduce(add, [shifted(found, shift, total) for found in powers])
    away = reduce(add, [divisor.view(shift) for divisor in divisors])
    exponent = reduce(add, map(_logarithm, shared)) - away
    if shared[0].inverted:
        exponent = -exponent
    above = exp(marked(exponent) if _are_plain(powers) else limited(exponent))
    if not all(f.curve is not None and f.curve.kind == "exp" for f in shared):
        # A sigmoid has more digits than the exponential of its logarithm: that is for far out.
        parts = [true_div(1, f.variable) if f.inverted else f.variable for f in shared]
        plain = reduce(mul, parts)
        above = switch(eq(away, constant(0, away)), plain, above)
        below = switch(eq(shift, constant(0, shift)), total, below)
    edits: dict[Path, Variable | None] = dict.fromkeys(factor.path for factor in shared[1:])
    for divisor in divisors:
        replaced = divisor.replaced(below)
        if replaced is None:
            return None
        edits[divisor.path] = replaced
    return {**edits, shared[0].path: above}


def _logarithm(factor: Factor) -> Variable:
    """The logarithm of an exponential, of what divides by one, or of a sigmoid."""
    curve = factor.curve
    assert curve is not None
    if factor.inverted:
        return -curve.argument
    return curve.argument if curve.kind == "exp" else -softplus(-curve.argument)


def _difference(
    shared: Sequence[Factor], powers: Sequence[Power], divisor: _Divisor
) -> Edits | None:
    """exp(x) / (exp(x) - exp(y)) is -1 / expm1(y - x), which has digits where x is near y."""
    known = all(found.factor is None for found in powers)
    if len(shared) != 1 or shared[0].inverted or not known or len(powers) != 2:
        return None
    (power,), (first, second) = shared, powers
    if first.weight != -second.weight:
        return None
    if power.variable not in first.roots:
        first, second = second, first
    total = divisor.total
    if first.exponent is None or first.exponent is not _exponent_of_root(power.variable):
        return None
    x, y = exponent_of(first, total), exponent_of(second, total)
    if x.broadcastable != total.broadcastable and y.broadcastable != total.broadcastable:
        return None
    below = constant(0, total) - expm1(y - x)
    if first.weight != 1:
        below = constant(first.weight, total) * below
    replaced = divisor.replaced(below)
    return None if replaced is None else {power.path: None, divisor.path: replaced}


def _exponent_of_root(power: Variable) -> Variable | None:
    """What an exponential is of."""
    return None if power.owner is None else power.owner.inputs[0]


@computed_rule(
    on=(mul, true_div, neg),
    changes="rounding",
    where=_TWO,
    examples=[
        lambda x, y: (
            (2 + exp(x) + exp(y)) / (2 + exp(x) + exp(y)) * (exp(x) * exp(y)),
            exp(x) * exp(y),
        )
    ],
    depth=10,
)
def cancel_powers(node: Apply, graph: FunctionGraph) -> Variable | None:
    """A positive sum of exponentials divided by itself is 1, even where it overflows, if another
    factor shows whether something was NaN.
    """
    if is_factor(node, graph):
        return None
    found = factors(node.out)[0]
    if not any(f.curve is not None for f in found) and not _divides_twice(found):
        return None
    for divisor in _divisors(found):
        same = [f for f in found if f.variable is divisor.total]
        above = next((f for f in same if not f.inverted), None)
        powers = None if above is None else read_sum(divisor.total)
        if above is None or powers is None or not _are_positive(powers):
            continue
        keys = {_key(f.curve) for f in found if f.curve is not None}
        twice = sum(f.inverted for f in same) > 1
        if twice or _roots(powers, divisor.total) <= keys:
            return edit_product(node.out, {above.path: None, divisor.path: None})
    return None


def _divides_twice(found: Sequence[Factor]) -> bool:
    """A quick look: whether a product divides by a variable twice."""
    below = [f.variable for f in found if f.inverted]
    return len(set(below)) < len(below)


def _are_positive(powers: Sequence[Power]) -> bool:
    """Whether all powers are known to be positive."""
    return _are_plain(powers) and all(power.weight > 0 for power in powers)


# ------------------------------------------------------------------------ softmax over several axes


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where={"x": "moderate matrix"},
    examples=[
        lambda x: (exp(x) / sum_(exp(x)), exp(x) / sum_(exp(x))),
        lambda x: (
            exp(x) / sum_(exp(x), axis=(0, 1), keepdims=True),
            exp(x) / sum_(exp(x), axis=(0, 1), keepdims=True),
        ),
    ],
    depth=8,
)
def share_of_total(node: Apply) -> Variable | None:
    """exp(x) over its sum along several axes: above and below, the largest is taken out."""
    if not holds_curve(node.out):
        return None
    found = factors(node.out)[0]
    for divisor in _divisors(found):
        total = divisor.total.owner
        if total is None or not isinstance(total.op, Sum) or len(total.op.axes) < 2:
            continue
        above = next((f for f in found if f.variable is total.inputs[0] and not f.inverted), None)
        curve = None if above is None else above.curve
        if above is None or curve is None or curve.kind != "exp" or is_limited(curve.argument):
            continue
        x, axes = curve.argument, total.op.axes
        shift = far_from_zero(Peak(axes)(x))
        power = exp(marked(x - insert_axes(shift, axes, x.ndim)))
        below = divisor.replaced(total.op(power))
        if below is not None:
            return edit_product(node.out, {above.path: power, divisor.path: below})
    return None


# ----------------------------------------------------------------------------- hyperbolic functions


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where=_TWO,
    examples=[
        lambda x: ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh(x)),
        lambda x, y: (y / (exp(2 * x) - 1) * (exp(2 * x) + 1), y / tanh(x)),
    ],
    depth=6,
)
def tanh_by_powers(node: Apply) -> Variable | None:
    """The difference of two exponentials over their sum is a tanh, which does not overflow."""
    parts = [f for f in factors(node.out)[0] if _is_sum_of_powers(f.variable)]
    for difference, total in pairs(parts):
        if difference.inverted == total.inverted:
            continue
        found = _tanh_of(difference.variable, total.variable)
        if found is not None:
            if difference.inverted:  # a difference that vanishes is 0, a tanh may be -0
                found = found + constant(0, found)
            return edit_product(node.out, {difference.path: found, total.path: None})
    return None


@rule(changes="rounding", when=floats)
def tanh_by_sigmoid(x: Any) -> Sides:
    """A sigmoid stretched to the range from -1 to 1 is a tanh, which has digits near 0."""
    return 2 * sigmoid(x) - 1, tanh(0.5 * x)


@rule(changes=CANCELS, when=floats)
def sigmoid_by_tanh(x: Any) -> Sides:
    """A tanh squeezed to the range from 0 to 1 is a sigmoid, which has digits near 0."""
    return 0.5 + 0.5 * tanh(x), sigmoid(2 * x)


@rule(changes=CANCELS, when=floats)
def sigmoid_by_negative_tanh(x: Any) -> Sides:
    """Turned round, it is the sigmoid of the contrary."""
    return 0.5 - 0.5 * tanh(x), sigmoid(-2 * x)


def _is_sum_of_powers(variable: Variable) -> bool:
    """A quick look: whether a sum or a difference has an exponential."""
    node = variable.owner
    if node is None or not is_float(variable.dtype):
        return False
    if node.op == expm1:
        return True
    operands = [v.owner for v in node.inputs if v.owner is not None]
    return node.op in (add, sub) and any(v.op in (exp, neg, mul) for v in operands)


def _tanh_of(difference: Variable, total: Variable) -> Variable | None:
    above, below = read_sum(difference), read_sum(total)
    if above is None or below is None or len(above) != 2 or len(below) != 2:
        return None
    if difference.type != total.type or not _are_plain([*above, *below]):
        return None
    if above[0].weight != -above[1].weight or below[0].weight != below[1].weight:
        return None
    positive, negative = above if above[0].weight > 0 else reversed(above)
    if {positive.exponent, negative.exponent} != {power.exponent for power in below}:
        return None
    ratio = positive.weight / below[0].weight
    x, y = exponent_of(positive, total), exponent_of(negative, total)
    if negative.exponent is None:
        half = 0.5 * x
    elif positive.exponent is None:
        half = -0.5 * y
    else:
        half = x if is_opposite(x, y) else 0.5 * (x - y)
    found = tanh(half)
    return found if ratio == 1 else constant(ratio, total) * found


def _are_plain(powers: Sequence[Power]) -> bool:
    """Whether powers have known weights."""
    return all(power.factor is None for power in powers)


@computed_rule(
    on=(log, log1p),
    changes="rounding",
    where={"x": "moderate"},
    examples=[
        lambda x: (log(1 - sqr(tanh(x))), log(1 - sqr(tanh(x)))),
        lambda x: (log1p(-sqr(tanh(x))), log1p(-sqr(tanh(x)))),
    ],
    depth=4,
)
def log_of_one_minus_tanh_squared(node: Apply) -> Variable | None:
    """1 - tanh(x)² vanishes far from 0, but not its logarithm."""
    x = _in_square_of_tanh(node)
    if x is None or not is_float(x.dtype) or is_limited(x):
        return None
    far = abs_(x)
    one, two = constant(1, x), constant(2, x)
    near = log1p(-sqr(tanh(minimum(far, one))))
    distant = two * ((constant(math.log(2), x) - far) - log1p(exp(-two * far)))
    return switch(lt(far, one), near, distant)


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (
            y / (1 - sqr(tanh(x))) * (1 - sqr(tanh(x))),
            y * switch(eq(x, x), 1, x),
        )
    ],
    depth=5,
    late=True,
)
def cancel_slope_of_tanh(node: Apply) -> Variable | None:
    """1 - tanh(x)² divided by itself is 1, even where it has rounded to 0; NaN where x is."""
    found = [f for f in factors(node.out)[0] if _bump(f.variable) is not None]
    for a, b in pairs(found):
        x = _bump(a.variable)
        if a.variable is b.variable and b.inverted and not a.inverted and x is not None:
            return edit_product(
                node.out, {a.path: switch(eq(x, x), constant(1, x), x), b.path: None}
            )
    return None


@computed_rule(
    on=(mul, true_div),
    changes=CANCELS,
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (y * (1 - sqr(tanh(x))) / sigmoid(2 * x), y * (4 * sigmoid(-2 * x))),
        lambda x: ((1 - sqr(tanh(x))) / sigmoid(-2 * x), 4 * sigmoid(2 * x)),
    ],
    depth=6,
)
def slope_of_tanh_over_sigmoid(node: Apply) -> Variable | None:
    """1 - tanh(x)² is 4 times a sigmoid of 2x and one of -2x: divided by one of them, it is the
    other.
    """
    found = factors(node.out)[0]
    for above, below in pairs(found):
        curve = below.curve
        if above.inverted or not below.inverted or curve is None or curve.kind != "sigmoid":
            continue
        x = _bump(above.variable)
        if x is None or above.variable.type != below.variable.type:
            continue
        doubled = frozenset((variable, 2 * weight) for variable, weight in linear(x))
        if doubled in (linear(curve.argument), linear(-curve.argument)):
            four = constant(4, above.variable)
            edits = {above.path: four * sigmoid(-curve.argument), below.path: None}
            return edit_product(node.out, edits)
    return None


def _bump(variable: Variable) -> Variable | None:
    """What x is in 1 - tanh(x)²."""
    node = variable.owner
    if node is None or node.op != sub or number(node.inputs[0]) != 1:
        return None
    square = node.inputs[1].owner
    inner = square.inputs[0].owner if square is not None and square.op == sqr else None
    return inner.inputs[0] if inner is not None and inner.op == tanh else None


def _in_square_of_tanh(node: Apply) -> Variable | None:
    """What x is in log(1 - tanh(x)²)."""
    if node.op == log:
        return _bump(node.inputs[0])
    negative = node.inputs[0].owner
    square = None if negative is None or negative.op != neg else negative.inputs[0].owner
    inner = square.inputs[0].owner if square is not None and square.op == sqr else None
    return inner.inputs[0] if inner is not None and inner.op == tanh else None


RULES = (
    share_of_total, cancel_powers, share_of_powers, share_of_sigmoids, tanh_by_powers,
    tanh_by_sigmoid, sigmoid_by_tanh, sigmoid_by_negative_tanh, log_of_one_minus_tanh_squared,
    cancel_slope_of_tanh, slope_of_tanh_over_sigmoid,
)  # fmt: skip
