"""Sums of exponentials, read as what they are: weights and exponents.

`exp(x) / 2 + 3 * exp(a) * exp(b) - 1` is a sum of three powers: 1/2 at x, 3 at a + b and -1 at 0.
However such a sum is spelled, the rules that stabilise its logarithm, or the share that a power has
of it, look at this list. Weights that are numbers are exact fractions, so that what cancels on
paper cancels here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import (
    Cast,
    add,
    cast,
    lt,
    minimum,
    mul,
    neg,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import exp, expm1, log, sigmoid, sqrt
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.powers import pow_
from kernelgraph.ops.reductions import PickedSum, Sum
from kernelgraph.ops.softmax import LogSoftmax, Softmax
from kernelgraph.rewrite.factors import Factor, curve_of, factors, is_cut_anywhere, quotient
from kernelgraph.rewrite.matching import constant, number
from kernelgraph.rewrite.picked import log_of_some
from kernelgraph.types import is_float

MOST_POWERS = 12
"""Longer sums are left alone, so that a rule's work at a node is bounded."""

LIMITS = {"float64": 709.0, "float32": 88.0}
"""Exponents beyond it overflow."""


@dataclass(frozen=True)
class Power:
    """A term of a sum: weight * factor * exp(exponent).

    `weight` is a number; `factor` is what no number is known for, of any sign (None: 1). Without an
    exponent it is 0. `roots` are the exponentials and sigmoids that it was read from.
    """

    weight: Fraction
    factor: Variable | None
    exponent: Variable | None
    roots: tuple[Variable, ...] = ()
    unbounded: bool = False
    """Whether an exponential is among its factors, which may overflow."""


def are_plain(powers: Sequence[Power]) -> bool:
    """Whether powers have known weights."""
    return all(power.factor is None for power in powers)


def are_positive(powers: Sequence[Power]) -> bool:
    """Whether all powers are known to be positive."""
    return are_plain(powers) and all(power.weight > 0 for power in powers)


def log_of_positive(variable: Variable) -> Variable | None:
    """The logarithm of what is positive by its form, in terms of its exponents: an exp, a sigmoid,
    a softmax, a power of such, or a sum of them; None for anything else.
    """
    node, curve = variable.owner, curve_of(variable)
    if curve is not None:
        return curve.logarithm
    if node is None or not is_float(variable.dtype):
        return None
    inner = node.inputs[0]
    if node.op == exp:
        return cast(inner, variable.dtype)  # of integers
    if isinstance(node.op, Softmax):
        return LogSoftmax(node.op.axis)(inner)
    if isinstance(node.op, Sum):
        return log(variable) if _is_positive_product(inner) else None
    if isinstance(node.op, Subtensor | PickedSum):
        some = log_of_some(variable)
        return _log_of_part(node) if some is None else some
    if not (isinstance(node.op, DimShuffle | Cast) or node.op in (sqr, sqrt, pow_)):
        return None
    found = log_of_positive(inner)
    if found is None:
        return None
    if isinstance(node.op, Cast):
        return cast(found, variable.dtype)
    if isinstance(node.op, DimShuffle):
        return node.op(found)
    if node.op == pow_:
        return cast(node.inputs[1], variable.dtype) * found
    return (2 if node.op == sqr else 0.5) * found


def _log_of_part(node: Apply) -> Variable | None:
    """The logarithm of a part of an exponential, or of a positive number times one."""
    whole = node.inputs[0]
    if not isinstance(node.op, Subtensor) or not _is_positive_product(whole):
        return None
    power = _power(factors(whole)[0], Fraction(1))
    if power.exponent is None or not is_float(power.exponent.dtype):
        return None
    part = node.op(power.exponent, *node.inputs[1:])
    return part if power.weight == 1 else part + constant(math.log(power.weight), part)


def _is_positive_product(variable: Variable) -> bool:
    """Whether a product has nothing but powers and positive numbers for factors, and a power."""
    found, sign = factors(variable)
    if is_cut_anywhere(variable, found):
        return False
    powers = [f for f in found if log_of_positive(f.variable) is not None]
    numbers = [value for f in found if (value := number(f.variable)) is not None]
    complete = len(powers) + len(numbers) == len(found)
    return sign > 0 and bool(powers) and complete and all(value > 0 for value in numbers)


def roots_of(variable: Variable) -> Iterator[Variable]:
    """The exponentials and sigmoids in what is positive by its form."""
    node = variable.owner
    if node is None:
        return
    if node.op in (exp, sigmoid):
        yield variable
    elif isinstance(node.op, Sum | Subtensor):
        for factor in factors(node.inputs[0])[0]:
            yield from roots_of(factor.variable)
    elif isinstance(node.op, DimShuffle | Cast) or node.op in (sqr, sqrt, pow_):
        yield from roots_of(node.inputs[0])


def is_limited(exponent: Variable) -> bool:
    """Whether a rule has limited an exponent, after shifting it."""
    node = exponent.owner
    if node is not None and node.op == switch:
        node = node.inputs[1].owner
    return node is not None and node.op == minimum and number(node.inputs[1]) is not None


def marked(exponent: Variable) -> Variable:
    """An exponent that was shifted, to be recognised: a limit that limits nothing."""
    return minimum(exponent, constant(np.inf, exponent))


def limited(exponent: Variable) -> Variable:
    """An exponent whose exponential does not overflow, unless it is infinite."""
    end, infinity = constant(LIMITS[exponent.dtype], exponent), constant(np.inf, exponent)
    return switch(lt(exponent, infinity), minimum(exponent, end), exponent)


# -------------------------------------------------------------------------------------- reading


def read_sum(root: Variable, more: Sequence[Power] = ()) -> list[Power] | None:
    """The powers that a sum, and `more`, consist of, like ones together; None where there are too
    many, or where a rule has been at work on it.
    """
    found = list(more)
    if not _read(root, Fraction(1), found):
        return None
    if any(p.exponent is not None and is_limited(p.exponent) for p in found):
        return None
    return _joined(found)


def _read(root: Variable, weight: Fraction, found: list[Power]) -> bool:
    """Add the terms of a sum to what was found; whether there are few enough."""
    pending = [(root, weight)]
    while pending:
        variable, weight = pending.pop()
        if len(found) + len(pending) > MOST_POWERS:
            return False
        node = variable.owner
        op = None if node is None or not is_float(variable.dtype) else node.op
        operands = [] if node is None else node.inputs
        if op == add:
            pending += [(operands[1], weight), (operands[0], weight)]
        elif op == sub:
            pending += [(operands[1], -weight), (operands[0], weight)]
        elif op == neg:
            pending.append((operands[0], -weight))
        elif op == expm1 and is_float(operands[0].dtype):
            found.append(Power(weight, None, operands[0], (variable,), True))
            found.append(Power(-weight, None, None))
        elif op in (mul, true_div):
            pending += _distributed(variable, weight, found)
        else:
            found.append(_power([Factor(variable, False, ())], weight))
    return True


def _distributed(
    product: Variable, weight: Fraction, found: list[Power]
) -> list[tuple[Variable, Fraction]]:
    """A number times a sum is read as a sum; any other product as one power."""
    parts, sign = factors(product)
    if is_cut_anywhere(product, parts):
        parts, sign = [Factor(product, False, ())], 1
    sums = [f for f in parts if not f.inverted and _is_sum(f.variable)]
    if len(sums) == 1:
        rest = _power([f for f in parts if f is not sums[0]], sign * weight)
        if rest.factor is None and rest.exponent is None:
            return [(sums[0].variable, rest.weight)]
    found.append(_power(parts, sign * weight))
    return []


def _is_sum(variable: Variable) -> bool:
    node = variable.owner
    return node is not None and node.op in (add, sub, expm1)


def _power(parts: Sequence[Factor], weight: Fraction) -> Power:
    """The power that a product is."""
    exponents: list[tuple[Variable, bool]] = []
    roots: list[Variable] = []
    unknown: list[Factor] = []
    for part in parts:
        value = number(part.variable)
        known = log_of_positive(part.variable) if value is None else None
        if value is not None and np.isfinite(value) and (value != 0 or not part.inverted):
            exact = Fraction(float(value))
            weight = weight / exact if part.inverted else weight * exact
        elif known is not None and is_float(known.dtype):
            exponents.append((known, part.inverted))
            roots += roots_of(part.variable)
        else:
            unknown.append(part)
    above = [f.variable for f in unknown if not f.inverted]
    below = [f.variable for f in unknown if f.inverted]
    has_exp = any(root.owner is not None and root.owner.op == exp for root in roots)
    return Power(weight, quotient(above, below), _total(exponents), tuple(roots), has_exp)


def _total(parts: Sequence[tuple[Variable, bool]]) -> Variable | None:
    """The sum of exponents, those of divisors taken away."""
    total: Variable | None = None
    for exponent, negative in sorted(parts, key=lambda part: part[1]):
        if total is None:
            total = -exponent if negative else exponent
        else:
            total = total - exponent if negative else total + exponent
    return total


def _joined(found: Sequence[Power]) -> list[Power]:
    """Like powers together, without what cancels; what has no exponent as a number and the rest."""
    groups: dict[tuple[Variable | None, object], list[Power]] = {}
    for power in found:
        key = None if power.exponent is None else linear(power.exponent)
        groups.setdefault((power.factor, key), []).append(power)
    joined = [_merged(group) for group in groups.values()]
    return [power for power in joined if power.weight != 0]


def _merged(group: Sequence[Power]) -> Power:
    first = group[0]
    weight = sum((power.weight for power in group), Fraction(0))
    roots = tuple(dict.fromkeys(root for power in group for root in power.roots))
    return Power(weight, first.factor, first.exponent, roots, first.unbounded)


def linear(exponent: Variable) -> frozenset[tuple[Variable, Fraction]]:
    """An exponent as a sum of multiples of variables: two that are the same are equal."""
    found: dict[Variable, Fraction] = {}
    pending = [(exponent, Fraction(1))]
    for _ in range(2 * MOST_POWERS):
        if not pending:
            break
        variable, weight = pending.pop()
        node = variable.owner
        op = None if node is None else node.op
        operands = [] if node is None else node.inputs
        if op in (add, sub):
            pending += [(operands[0], weight), (operands[1], -weight if op == sub else weight)]
        elif op == neg:
            pending.append((operands[0], -weight))
        elif op == mul and (scale := _scale(operands)) is not None:
            pending.append((scale[1], weight * scale[0]))
        elif op == true_div and (value := number(operands[1])) is not None and value != 0:
            pending.append((operands[0], weight / Fraction(float(value))))
        else:
            found[variable] = found.get(variable, Fraction(0)) + weight
    for variable, weight in pending:
        found[variable] = found.get(variable, Fraction(0)) + weight
    return frozenset((variable, weight) for variable, weight in found.items() if weight != 0)


def _scale(operands: Sequence[Variable]) -> tuple[Fraction, Variable] | None:
    """A number and what it multiplies, in a product of two."""
    for scale, other in (operands, operands[::-1]):
        value = number(scale)
        if value is not None and np.isfinite(value):
            return Fraction(float(value)), other
    return None


def is_opposite(a: Variable, b: Variable) -> bool:
    """Whether b is -a, however both are written."""
    found, other = linear(a), linear(b)
    return found == frozenset((variable, -weight) for variable, weight in other)
