"""Quotients of sums of exponentials: the shares that exponentials have of them.

The derivative of `log(exp(x) + 2 * exp(y))` is `exp(x) / (exp(x) + 2 * exp(y))`: right on paper,
and infinity over infinity for large scores. Above and below, the same is taken out of all
exponents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import NamedTuple

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import Cast, add, cast, eq, mul, neg, sub, switch, true_div
from kernelgraph.ops.functions import exp, expm1, sigmoid
from kernelgraph.rewrite.exponential_sums import (
    Power,
    are_plain,
    are_positive,
    is_opposite,
    limited,
    marked,
    read_sum,
)
from kernelgraph.rewrite.factors import (
    Edits,
    Factor,
    Path,
    curve_of,
    edit_product,
    edit_sum,
    factors,
    terms,
)
from kernelgraph.rewrite.matching import constant
from kernelgraph.rewrite.rule import computed_rule, unwritten
from kernelgraph.rewrite.rules.cancellation import is_factor
from kernelgraph.rewrite.rules.logarithms_of_sums import (
    CANCELS,
    divides_twice,
    exponent_of,
    have_room,
    may_leave_the_floats,
    shift_of_share,
    shifted,
)

_SUMS = (add, sub, expm1)
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
        elif node is not None and factor.inverted and node.op in _SUMS:
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
    phase="stabilize",
    on=(mul, true_div, neg),
    factor=(exp,),
    changes=CANCELS,
    where=_TWO,
    examples=[
        lambda x, y: unwritten(exp(x) / (exp(x) + 2 * exp(y))),
        lambda x, y: (exp(x) / (exp(x) - exp(y)), 1 / (0 - expm1(y - x))),
        lambda x, y: unwritten(y / (exp(x) + y) * exp(x)),
        lambda x, y: unwritten((x / (exp(x) + exp(y)) + y / (exp(x) + exp(y))) * exp(y)),
    ],
    depth=10,
    over_halves=False,
)
def share_of_powers(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What one exponential has of a sum of several: above and below, the largest is taken out; of
    a difference of two, the difference of their exponents is enough.
    """
    return _share(node, graph, "exp")


@computed_rule(
    phase="stabilize",
    on=(mul, true_div, neg),
    factor=(sigmoid,),
    changes=CANCELS,
    where={"x": "moderate", "y": "unit"},
    examples=[lambda x, y: unwritten(sigmoid(x) / (y * sigmoid(x) + (1 - y) * sigmoid(-x)))],
    depth=10,
    late=True,
    over_halves=False,
)
def share_of_sigmoids(node: Apply, graph: FunctionGraph) -> Variable | None:
    """What a sigmoid has of a sum of several, which vanish together: the largest is taken out.
    Late, for a difference of such shares may be one product.
    """
    return _share(node, graph, "sigmoid")


def _share(node: Apply, graph: FunctionGraph, kind: str) -> Variable | None:
    """The largest taken out, where all curves above are exponentials, or one a sigmoid."""
    if is_factor(node, graph):
        return None
    found = factors(node.out)[0]
    curves = [f for f in found if f.curve is not None]
    divisors = list(_divisors(found)) if curves else []
    for divisor in divisors:
        if divisor.total.owner is None or divisor.total.owner.op not in _SUMS:
            continue
        powers = read_sum(divisor.total)
        roots = set[tuple[str, Variable]]() if powers is None else _roots(powers, divisor.total)
        if powers is None or not roots:
            continue
        shared = [f for f in curves if _is_shared(f, powers, roots)]
        shared.sort(key=lambda f: f.inverted)
        if not shared or kind != _kind(shared):
            continue
        others = _again(divisor, divisors)
        again = len(others) >= len(shared) or divides_twice(divisor.total, graph)
        edits = _difference(shared, powers, divisor)
        edits = edits or _taken_out(shared, powers, [divisor, *others[: len(shared) - 1]], again)
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


def _is_shared(factor: Factor, powers: Sequence[Power], roots: set[tuple[str, Variable]]) -> bool:
    """Whether a curve is above a sum that it is in; so is what divides by exp(-x), if exp(x) is."""
    curve = factor.curve
    if curve is None or curve.key not in roots:
        return False
    if not factor.inverted:
        return True
    exponents = [power.exponent for power in powers if power.exponent is not None]
    return curve.kind == "exp" and any(is_opposite(curve.argument, e) for e in exponents)


def _roots(powers: Sequence[Power], total: Variable) -> set[tuple[str, Variable]]:
    """The keys of the curves in a sum that may overflow or vanish, if all have one dtype."""
    if total.owner is None or total.owner.op not in _SUMS:
        return set()  # a total along axes has rules of its own
    if not have_room(powers, total) or not may_leave_the_floats(powers):
        return set()
    roots = {root for found in powers for root in found.roots}
    if len({root.dtype for root in roots}) != 1:
        return set()
    return {curve.key for root in roots if (curve := curve_of(root)) is not None}


def _taken_out(
    shared: Sequence[Factor], powers: Sequence[Power], divisors: Sequence[_Divisor], again: bool
) -> Edits | None:
    """The same taken out of all exponents, once for each time that the sum divides; also where it
    is nearer to 0 if the sum divides again, for then it is multiplied by itself.
    """
    total = divisors[0].total
    narrow = cast(total, shared[0].variable.dtype)  # what is above has its limits
    shift = cast(shift_of_share(powers, narrow, again), total.dtype)
    below = reduce(add, [shifted(found, shift, total) for found in powers])
    away = reduce(add, [divisor.view(shift) for divisor in divisors])
    exponent = reduce(add, map(_logarithm, shared)) - away
    if shared[0].inverted:
        exponent = -exponent
    above = exp(marked(exponent) if are_plain(powers) else limited(exponent))
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
    return -curve.argument if factor.inverted else curve.logarithm


def _difference(
    shared: Sequence[Factor], powers: Sequence[Power], divisor: _Divisor
) -> Edits | None:
    """exp(x) / (exp(x) - exp(y)) is -1 / expm1(y - x), which has digits where x is near y."""
    if len(shared) != 1 or shared[0].inverted or not are_plain(powers) or len(powers) != 2:
        return None
    (power,), (first, second) = shared, powers
    if first.weight != -second.weight:
        return None
    if power.variable not in first.roots:
        first, second = second, first
    total = divisor.total
    if power.curve is None or first.exponent is not power.curve.argument:
        return None
    x, y = exponent_of(first, total), exponent_of(second, total)
    if x.broadcastable != total.broadcastable and y.broadcastable != total.broadcastable:
        return None
    below = constant(0, total) - expm1(y - x)
    if first.weight != 1:
        below = constant(first.weight, total) * below
    replaced = divisor.replaced(below)
    return None if replaced is None else {power.path: None, divisor.path: replaced}


@computed_rule(
    phase="stabilize",
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
        if above is None or powers is None or not are_positive(powers):
            continue
        keys = {f.curve.key for f in found if f.curve is not None}
        twice = sum(f.inverted for f in same) > 1
        if twice or _roots(powers, divisor.total) <= keys:
            return edit_product(node.out, {above.path: None, divisor.path: None})
    return None


def _divides_twice(found: Sequence[Factor]) -> bool:
    """A quick look: whether a product divides by a variable twice."""
    below = [f.variable for f in found if f.inverted]
    return len(set(below)) < len(below)
