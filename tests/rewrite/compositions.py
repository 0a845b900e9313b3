"""Compositions of exponentials, drawn at random, and their derivatives.

A composition is made from a seed: sums of exponentials with coefficients, of elements, of rows or
of all, their products and quotients, the logarithm of that, or a share; then its gradient, the
gradient of that, a Jacobian or a Hessian. Numbers are so far out that what is written overflows or
vanishes, though the value on paper is an ordinary number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.proof.truth import true_values
from kernelgraph.rewrite.rules.order import DEFAULT

COEFFICIENTS = (0.5, 0.3, 2, 3)
FAR = (-1000.0, -400.0, -40.0, 0.0, 1.0, 300.0, 400.0, 999.0, 1000.0)
WEIGHTS = np.array([0.3, -2.0])


@dataclass(frozen=True)
class Composition:
    """A function of a vector of two numbers, and where it is to be computed."""

    name: str
    graph: Graph
    values: list[Any]


class Composer:
    """Draws the parts of compositions."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def exponent(self, x: Any) -> Any:
        """What an exponential is of: a vector, as x is."""
        return self.random.choice((x, x, x, -x, x + 1, 0.5 * x, x * np.array([1.0, -1.0])))

    def power(self, x: Any) -> Any:
        """An exponential of elements, some with a coefficient."""
        found = T.exp(self.exponent(x))
        c = self.random.choice((*COEFFICIENTS, None, None, None))
        return found if c is None else c * found

    def total(self, x: Any) -> Any:
        """A sum of exponentials: of all elements, of two, or for each element."""
        choice = self.random.choice
        first = self.power(x)
        sums: tuple[Callable[[], Any], ...] = (
            first.sum, first.mean, lambda: 1 + first.sum(), lambda: first[0] + first[1],
            lambda: T.dot(first, np.array([0.5, 2.0])),
            lambda: T.exp(x[0]) + choice(COEFFICIENTS) * T.exp(x[1]),
            lambda: 1 + first, lambda: first + self.power(x), lambda: first + choice(COEFFICIENTS),
            lambda: T.exp(x.dimshuffle(0, "x") + x.dimshuffle("x", 0)).sum(axis=1),
        )  # fmt: skip
        return choice(sums)()

    def inside(self, x: Any) -> Any:
        """What a logarithm is of."""
        total = self.total(x)
        return self.random.choice(
            (lambda: total, lambda: total, lambda: total, lambda: total * self.total(x),
             lambda: total / self.total(x), lambda: self.power(x) / total)
        )()  # fmt: skip

    def cost(self, x: Any) -> Any:
        """A number."""
        shares = (lambda: T.exp(x) / T.exp(x).sum(), lambda: T.exp(x) / (1 + T.exp(x)))
        if self.random.random() < 0.2:
            return (self.random.choice(shares)() * WEIGHTS).sum()
        logarithm = self.random.choice((T.log, T.log, T.log2, T.log10))
        return logarithm(self.inside(x)).sum()

    def function(self, x: Any) -> Any:
        """A number that is no logarithm of a sum: quotients, hyperbolic functions, products."""
        shifted = x + self.random.choice(COEFFICIENTS)
        functions = (
            lambda: T.exp(x) / T.exp(shifted), lambda: T.sinh(x) / T.cosh(x),
            lambda: T.expm1(abs(x)) / T.exp(abs(x)), lambda: T.log(T.cosh(x)),
            lambda: T.log(T.prod(T.sigmoid(x))), lambda: T.log10(T.sigmoid(x)),
            lambda: ((1e200 * x) ** 2).sum() ** 0.5,
        )  # fmt: skip
        return self.random.choice(functions)().sum()


def derivatives(x: Variable, cost: Any) -> dict[str, Callable[[], Any]]:
    """A number and what is made of it."""

    def slope() -> Any:
        return T.grad(cost, x, disconnected_inputs="ignore")

    return {
        "value": lambda: cost,
        "slope": slope,
        "slope of the slope": lambda: T.grad((slope() * WEIGHTS).sum(), x),
        "Jacobian of the slope": lambda: T.jacobian(slope(), x),
        "Hessian": lambda: T.hessian(cost, x),
    }


def composition(seed: int) -> Composition:
    """The composition of a seed."""
    composer = Composer(seed)
    choice = composer.random.choice
    x = T.TensorType("float64", (choice((None, 2)),))("x")
    is_log = choice((True, True, False))
    cost = composer.cost(x) if is_log else composer.function(x)
    made = derivatives(x, cost)
    name = choice([*made]) if is_log else "value"
    graph = Graph((x,), (made[name](),))
    return Composition(f"{name} of {formula(cost)}", graph, [np.array([choice(FAR), choice(FAR)])])


def wrong(found: Composition, tolerance: float = 1e-9) -> str:
    """What is wrong with the rewritten composition: where it is no number though the exact value
    is one, or far from that, measured by the largest element; nothing if it is right.
    """
    with np.errstate(all="ignore"):
        (result,) = kg.interpret(rewrite(found.graph, DEFAULT).graph, found.values)
    exact = true_values(found.graph, found.values).astype(float)
    limit = tolerance * (1 + np.abs(exact).max(initial=0, where=np.isfinite(exact)))
    bad = np.isfinite(exact) & ~(np.abs(result - exact) <= limit)
    return f"{found.name} at {found.values[0]}: {result}, not {exact}" if bad.any() else ""
