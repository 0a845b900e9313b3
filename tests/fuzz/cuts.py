"""Programs in which something is cut off: a cut after a chain after a function that is steep at the
places where it is asked. Each is built twice, of symbols and of dual numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from tests.fuzz import duals as d
from tests.support import Array

PLACES = (0.0, -1.0, 1.0, 2.0, 0.5, 0.0)
"""The points: poles, branch points and ordinary numbers."""

SIZE = len(PLACES)

Items = list[Any]
"""The elements of a vector, as dual numbers."""


@dataclass(frozen=True)
class Step:
    """A part of a program: what it makes of a symbol, and of the elements of a vector. Both get the
    input x as well.
    """

    name: str
    symbolic: Callable[[Any, Any], Any]
    each: Callable[[Items, Items], Items]


def _map(f: Callable[[Any], Any]) -> Callable[[Items, Items], Items]:
    return lambda u, x: [f(item) for item in u]


def _with(f: Callable[[Any, Any], Any]) -> Callable[[Items, Items], Items]:
    return lambda u, x: [f(a, b) for a, b in zip(u, x, strict=True)]


def positive(item: Any) -> bool:
    """Whether a number is above 0."""
    return bool(d.plain(item) > 0)


def _place(item: Any) -> tuple[bool, Any]:
    """By what dual numbers are sorted: NaN comes last."""
    number = d.plain(item)
    return bool(np.isnan(number)), number


STEEP = [
    Step("sqrt", lambda u, x: T.sqrt(u), _map(d.sqrt)),
    Step("log", lambda u, x: T.log(u), _map(d.log)),
    Step("1/x", lambda u, x: 1 / u, _map(d.inverse)),
    Step("x log x", lambda u, x: u * T.log(u), _map(lambda v: v * d.log(v))),
    Step("sin x/x", lambda u, x: T.sin(u) / u, _map(lambda v: d.sin(v) * d.inverse(v))),
    Step("x^1.5", lambda u, x: u**1.5, _map(d.power(1.5))),
    Step("x^-1", lambda u, x: u**-1.0, _map(d.power(-1.0))),
    Step("exp(2 log x)", lambda u, x: T.exp(2 * T.log(u)), _map(lambda v: d.exp(2 * d.log(v)))),
    Step("nothing", lambda u, x: u, lambda u, x: u),
]

CHAINS = [
    Step("2u+1", lambda u, x: u * 2 + 1, _map(lambda v: v * 2 + 1)),
    Step("tanh", lambda u, x: T.tanh(u), _map(d.tanh)),
    Step("square", lambda u, x: u**2, _map(lambda v: v * v)),
    Step("sin", lambda u, x: T.sin(u), _map(d.sin)),
    Step("times x", lambda u, x: u * x, _with(lambda a, b: a * b)),
    Step("minus", lambda u, x: -u, _map(lambda v: -v)),
    Step("turned", lambda u, x: u[::-1], lambda u, x: u[::-1]),
    Step("sorted", lambda u, x: T.sort(u), lambda u, x: sorted(u, key=_place)),
    Step(
        "as a matrix", lambda u, x: u.reshape((2, SIZE // 2)).T.reshape((SIZE,)),
        lambda u, x: [u[k + j] for k in range(SIZE // 2) for j in (0, SIZE // 2)],
    ),
]  # fmt: skip

CUTS = [
    Step("switch", lambda u, x: T.switch(x > 0, u, 0.0),
         _with(lambda a, b: d.choose(positive(b), a, np.float64(0)))),
    Step("switch with another", lambda u, x: T.switch(T.le(x, 0), x, u),
         _with(lambda a, b: d.choose(not positive(b), b, a))),
    Step("by a number", lambda u, x: T.switch(2.5 * (x > 0), u, x * x),
         _with(lambda a, b: d.choose(positive(b), a, b * b))),
    Step("mask", lambda u, x: (x > 0) * u, _with(lambda a, b: d.masked(positive(b), a))),
    Step("cast mask", lambda u, x: u * T.cast(x > 0, "float64"),
         _with(lambda a, b: d.masked(positive(b), a))),
    Step("1 - mask", lambda u, x: (1 - T.le(x, 0)) * u,
         _with(lambda a, b: d.masked(positive(b), a))),
    Step("maximum", lambda u, x: T.maximum(u, 0.75),
         _map(lambda v: d.extreme([v, np.float64(0.75)], 1))),
    Step("minimum", lambda u, x: T.minimum(0.25, u),
         _map(lambda v: d.extreme([v, np.float64(0.25)], -1))),
    Step("maximum of two", lambda u, x: T.maximum(x, u), _with(lambda a, b: d.extreme([a, b], 1))),
    Step("clip", lambda u, x: T.clip(u, 0.25, 1.0),
         _map(lambda v: d.choose(0.25 < d.plain(v) < 1, v, d.limited(v, 0.25, 1.0)))),
    Step("part", lambda u, x: u[2:5], lambda u, x: u[2:5]),
    Step("every other", lambda u, x: u[3:1:-1], lambda u, x: u[3:1:-1]),
    Step("rows", lambda u, x: u[np.array([3, 2, 3])], lambda u, x: [u[3], u[2], u[3]]),
    Step("item", lambda u, x: u[4].dimshuffle("x"), lambda u, x: [u[4]]),
    Step("relu", lambda u, x: T.nnet.relu(u), _map(lambda v: d.masked(positive(v), v))),
    Step("ifelse", lambda u, x: kg.ifelse(x[2] > 0, u[2:4], x[:2]), lambda u, x: u[2:4]),
    Step("loop", lambda u, x: kg.scan(
             lambda a, b: T.switch(b > 0, a * b, 0.0), sequences=[u, x])[0],
         _with(lambda a, b: d.choose(positive(b), a * b, np.float64(0)))),
]  # fmt: skip


def _logsumexp(u: Items, x: Items) -> Any:
    """From the largest number on, as second derivatives have the square of the sum."""
    largest = np.float64(max(map(d.plain, u)))
    shift = largest if np.isfinite(largest) else np.float64(0)
    return d.log(_total([d.exp(v - shift) for v in u], x)[0]) + shift


def _total(u: Items, x: Items) -> Items:
    total: Any = np.float64(0)
    for item in u:
        total = total + item
    return [total]


ENDS = [
    Step("sum", lambda u, x: u.sum(), _total),
    Step("mean", lambda u, x: u.mean(), lambda u, x: [_total(u, x)[0] * np.float64(1 / len(u))]),
    Step("max", lambda u, x: T.max(u), lambda u, x: [d.extreme(u, 1)]),
    Step("min", lambda u, x: T.min(u), lambda u, x: [d.extreme(u, -1)]),
    Step("squares", lambda u, x: (u * u).sum(), lambda u, x: _total([v * v for v in u], x)),
    Step("dot", lambda u, x: T.dot(u, T.ones_like(u)), _total),
    Step("norm", lambda u, x: T.sqrt((u**2).sum()), lambda u, x: [d.norm(u)]),
    Step("norm by a power", lambda u, x: T.dot(u, u) ** 0.5, lambda u, x: [d.norm(u)]),
    Step("deviation", lambda u, x: T.std(u), lambda u, x: [d.deviation(u)]),
    Step(
        "logsumexp",
        lambda u, x: T.logsumexp(u),
        lambda u, x: [_logsumexp(u, x)],
    ),
    Step(
        "cross-entropy",
        lambda u, x: -T.log_softmax(u)[0],
        lambda u, x: [_logsumexp(u, x) - u[0]],
    ),
]


@dataclass(frozen=True)
class Program:
    """Steps from a vector x to a number."""

    steps: Sequence[Step]

    def __str__(self) -> str:
        return " | ".join(step.name for step in self.steps)

    def symbol(self, x: Variable) -> Variable:
        """The program as an expression."""
        u = x
        for step in self.steps:
            u = step.symbolic(u, x)
        return u

    def number(self, x: Items) -> Any:
        """The program with dual numbers."""
        u = list(x)
        for step in self.steps:
            u = step.each(u, x)
        return u[0]

    @property
    def is_finite(self) -> bool:
        """Whether the result at `PLACES` is a finite number."""
        with np.errstate(all="ignore"):
            return bool(np.isfinite(d.plain(self.number([np.float64(x) for x in PLACES]))))

    def derivatives(self) -> tuple[Array, Array]:
        """The gradient at `PLACES`, and the gradient of its sum of squares' halves: J'g."""
        at = [np.float64(x) for x in PLACES]
        with np.errstate(all="ignore"):
            first = [d.plain(g) for g in d.gradient(self.number, at)]

            def total(x: Items) -> Any:
                return _total(d.gradient(self.number, x), x)[0]

            second = [d.plain(g) for g in d.gradient(total, at)]
        return np.array(first), np.array(second)


def program(seed: int) -> Program:
    """A program of one steep function, chains, one or two cuts, and an end."""
    chance = random.Random(seed)
    whole = [cut for cut in CUTS if cut.name not in SHORTER]
    steps = [chance.choice(whole)] if chance.random() < 0.3 else []
    steps.append(chance.choice(STEEP))
    steps += chance.choices(CHAINS, k=chance.randint(0, 3))
    if chance.random() < 0.4:
        steps.append(chance.choice(whole))
        steps += chance.choices(CHAINS, k=chance.randint(0, 2))
    cut = chance.choice(CUTS)
    steps.append(cut)
    if cut.name not in SHORTER:
        steps += chance.choices(CHAINS, k=chance.randint(0, 2))
    return Program([*steps, chance.choice(ENDS)])


SHORTER = ("part", "every other", "rows", "item", "ifelse")
"""Cuts after which a vector has another size."""
