"""Derivatives by dual numbers that know where they do not depend on anything.

A dual number is a value and a derivative; the derivative None stands for no dependence at all. What
is not chosen is not looked at, so no 0 meets an infinity: this is what gradients should mean.
Values and derivatives may be dual numbers again, for second derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Number = Any
"""A NumPy number or a `Dual`."""


@dataclass(frozen=True)
class Dual:
    """A value, and how fast it moves (None: not at all)."""

    value: Number
    derivative: Number

    def __add__(self, other: Number) -> Dual:
        b = _dual(other)
        return Dual(self.value + b.value, _sum(self.derivative, b.derivative))

    def __mul__(self, other: Number) -> Dual:
        b = _dual(other)
        return Dual(
            self.value * b.value,
            _sum(_times(self.derivative, b.value), _times(b.derivative, self.value)),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Dual:
        return self * np.float64(-1)

    def __sub__(self, other: Number) -> Dual:
        return self + -_dual(other)

    def __rsub__(self, other: Number) -> Dual:
        return -self + other


def _dual(number: Number) -> Dual:
    return number if isinstance(number, Dual) else Dual(number, None)


def _sum(a: Number, b: Number) -> Number:
    return b if a is None else a if b is None else a + b


def _times(derivative: Number, factor: Number) -> Number:
    return None if derivative is None else factor * derivative


def plain(number: Number) -> float:
    """The number itself, without its derivatives."""
    while isinstance(number, Dual):
        number = number.value
    return number


def smooth(
    function: Callable[[Any], Any], derivative: Callable[[Number, Number], Number]
) -> Callable[[Number], Number]:
    """A function of one number from its values and its derivative; `derivative(x, f(x))`."""

    def applied(x: Number) -> Number:
        if not isinstance(x, Dual):
            return np.float64(function(x))
        out = applied(x.value)
        return Dual(out, None if x.derivative is None else derivative(x.value, out) * x.derivative)

    return applied


inverse = smooth(lambda x: 1 / x, lambda x, out: -(out * out))
sqrt = smooth(np.sqrt, lambda x, out: np.float64(0.5) * inverse(out))
log = smooth(np.log, lambda x, out: inverse(x))
exp = smooth(np.exp, lambda x, out: out)
sin = smooth(np.sin, lambda x, out: cos(x))
cos = smooth(np.cos, lambda x, out: -sin(x))
tanh = smooth(np.tanh, lambda x, out: np.float64(1) - out * out)


def power(p: float) -> Callable[[Number], Number]:
    """x to the power of a number that is not 0."""

    def derivative(x: Number, out: Number) -> Number:
        return np.float64(p) * (power(p - 1)(x) if p != 1 else np.float64(1))

    return smooth(lambda x: np.power(x, p), derivative)


def choose(condition: Any, then: Number, otherwise: Number) -> Number:
    """One of the two."""
    return then if condition else otherwise


def masked(mask: Any, x: Number) -> Number:
    """A product with a truth value, which cuts off but leaves its value as it is computed."""
    if not isinstance(x, Dual):
        return np.float64(mask) * x
    return Dual(masked(mask, x.value), x.derivative if mask and x.derivative is not None else None)


def extreme(items: Sequence[Number], sign: int) -> Number:
    """The largest (sign 1) or smallest. Those who tie share its derivative; NaN has none."""
    values = np.array([plain(item) for item in items])
    best = np.max(values * sign) * sign
    tied = [_dual(item) for item in items if plain(item) == best]
    if not any(isinstance(item, Dual) for item in items):
        return np.float64(best)
    if not tied:
        return Dual(np.float64(best), None)
    value, derivative = tied[0].value, None
    if isinstance(value, Dual) or len(tied) > 1:
        value = extreme([item.value for item in tied], sign)
    for item in tied:
        derivative = _sum(derivative, item.derivative)
    return Dual(value, _times(derivative, np.float64(1 / len(tied))))


def limited(x: Number, low: float, high: float) -> Number:
    """An end, where a number lies there or beyond; NaN stays itself."""
    value = plain(x)
    return np.float64(low if value <= low else high) if value == value else x


def norm(items: Sequence[Number]) -> Number:
    """The length of a vector, with the derivative 0 at 0."""
    total: Number = np.float64(0)
    for item in items:
        total = total + item * item
    return np.float64(0) if plain(total) == 0 else sqrt(total)


def deviation(items: Sequence[Number]) -> Number:
    """The standard deviation, with the derivative 0 where all are equal."""
    total: Number = np.float64(0)
    for item in items:
        total = total + item
    mean = total * np.float64(1 / len(items))
    return norm([item - mean for item in items]) * np.float64(len(items) ** -0.5)


def gradient(f: Callable[[list[Number]], Number], at: Sequence[Number]) -> list[Number]:
    """The derivatives of f by each number; 0 where it does not depend on one."""
    found: list[Number] = []
    for k in range(len(at)):
        here = [Dual(x, np.float64(1) if j == k else None) for j, x in enumerate(at)]
        derivative = _dual(f(here)).derivative
        found.append(np.float64(0) if derivative is None else derivative)
    return found
