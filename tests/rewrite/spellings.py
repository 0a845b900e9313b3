"""One function, many spellings: expressions that are equal on paper, written at random.

A spelling is made from a seed: a function (a logarithm of a weighted sum of exponentials, its
slope, a quotient of such sums, a probability and its logarithm), then identities that hold for real
numbers: operands in another order, a product of exponentials for the exponential of a sum, a
quotient for a product, a reciprocal for a sign. Each is judged by its own exact value.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.proof.comparison import coarsest
from kernelgraph.rewrite.proof.truth import error_in_digits, true_values
from kernelgraph.rewrite.rules.order import DEFAULT

Term = tuple[float, Variable | None]
"""A weight and an exponent (None: 0)."""

FAR = (1000.0, 999.0, 720.0, 300.0, -300.0, -750.0, -1000.0)
NEAR = (0.0, 1e-3, -1e-3, 1e-9, -1e-12, 1e-17)
PLAIN = (0.3, -0.7, 2.5, -4.0, 18.0, -36.0)
NEARLY = 2.0**-26
"""The relative change of an operand by which it is found how much the result changes."""


@dataclass
class Spelling:
    """An expression of some operands, and where it is tried."""

    name: str
    graph: Graph
    values: list[np.ndarray[Any, Any]]


class Writer:
    """Writes sums and products in one of the ways in which people write them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.roots = True
        """Whether logarithms may be written by roots and squares."""

    def one_of(self, *ways: Callable[[], Any]) -> Any:
        """One way of writing something."""
        return self.random.choice(ways)()

    def sum_of(self, terms: Sequence[Any]) -> Any:
        """A sum in any order, with any brackets."""
        parts = list(terms)
        self.random.shuffle(parts)
        while len(parts) > 1:
            k = self.random.randrange(len(parts) - 1)
            a, b = parts[k], parts[k + 1]
            parts[k : k + 2] = [self.one_of(lambda a=a, b=b: a + b, lambda a=a, b=b: b + a)]
        return parts[0]

    def power(self, x: Any) -> Any:
        """exp(x)."""
        return self.one_of(
            lambda: T.exp(x), lambda: T.exp(x), lambda: T.exp(x), lambda: 1 / T.exp(-x),
            lambda: T.exp(x / 2) * T.exp(0.5 * x), lambda: T.exp(2 * x) * T.exp(-x),
        )  # fmt: skip

    def times(self, weight: float, power: Any) -> Any:
        """A number times something."""
        if weight == 1:
            return power
        if weight not in (2.0, 0.5, 0.25):
            return self.one_of(lambda: weight * power, lambda: power * weight)
        return self.one_of(
            lambda: weight * power, lambda: power * weight, lambda: power / (1 / weight)
        )

    def term(self, weight: float, x: Variable | None) -> Any:
        """A weighted exponential."""
        if x is None:
            return T.constant(weight) if hasattr(T, "constant") else weight
        return self.times(weight, self.power(x))

    def weighted(self, terms: Sequence[Term]) -> Any:
        """A sum of weighted exponentials."""
        numbers = [weight for weight, x in terms if x is None]
        found = self.sum_of([self.term(weight, x) for weight, x in terms if x is not None])
        for number in numbers:
            found = self.random.choice((found + number, number + found, found - -number))
        return found

    def logarithm(self, x: Any) -> Any:
        """log(x)."""
        ways = [
            lambda: T.log(x), lambda: T.log(x), lambda: -T.log(1 / x),
            lambda: math.log(2) * T.log2(x), lambda: T.log10(x) / math.log10(math.e),
        ]  # fmt: skip
        if self.roots:
            ways += [lambda: 2 * T.log(T.sqrt(x)), lambda: T.log(x * x) / 2]
        return self.one_of(*ways)

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + exp(-x))."""
        return self.one_of(
            lambda: T.sigmoid(x), lambda: 1 / (1 + T.exp(-x)), lambda: 1 / (T.exp(-x) + 1),
            lambda: T.exp(x) / (1 + T.exp(x)), lambda: 1 - T.sigmoid(-x),
        )  # fmt: skip


# ------------------------------------------------------------------------------------- functions

Family = Callable[[Writer, Sequence[Variable]], Any]

WEIGHTS = (1.0, 1.0, 1.0, 2.0, 0.5, 0.25, 3.0, 1e-8)


def log_of_sum(writer: Writer, operands: Sequence[Variable]) -> Any:
    """The logarithm of one to three weighted exponentials and a number."""
    return _log_with(None, writer, operands)


def log_of_sum_with_product(writer: Writer, operands: Sequence[Variable]) -> Any:
    """The logarithm of two to four weighted exponentials, one of them that of a sum."""
    return _log_with(operands[0] + operands[1], writer, operands)


def _log_with(other: Variable | None, writer: Writer, operands: Sequence[Variable]) -> Any:
    choice = writer.random.choice
    exponents: list[Variable | None] = [choice(operands) for _ in range(choice((1, 2, 3)))]
    exponents.append(other)
    return writer.logarithm(writer.weighted([(choice(WEIGHTS), x) for x in exponents]))


def log_of_mixture(writer: Writer, operands: Sequence[Variable]) -> Any:
    """Two exponentials with weights that add up to 1."""
    weight = writer.random.choice((0.5, 0.25, 0.75, 0.125))
    return T.log(writer.weighted([(weight, operands[0]), (1 - weight, operands[1])]))


def log_of_difference(writer: Writer, operands: Sequence[Variable]) -> Any:
    """The logarithm of the difference of two exponentials."""
    x, y = operands[0], operands[1]
    bigger, smaller = T.maximum(x, y) + 1.0, T.minimum(x, y)
    return T.log(writer.power(bigger) - writer.power(smaller))


def log1p_of_sum(writer: Writer, operands: Sequence[Variable]) -> Any:
    """log1p of weighted exponentials."""
    terms = [(writer.random.choice(WEIGHTS), x) for x in operands[:2]]
    return T.log1p(writer.weighted(terms))


def log_of_total(writer: Writer, operands: Sequence[Variable]) -> Any:
    """Exponentials in a sum beside other ones."""
    x, y = operands[0], operands[1]
    both = x.dimshuffle(0, "x") * np.array([[1.0, 0.0]]) + y.dimshuffle(0, "x") * np.array(
        [[0.0, 1.0]]
    )
    total = T.exp(both).sum(axis=writer.random.choice((1, -1)))
    return T.log(writer.sum_of([total, writer.power(x - 1.0)]))


def log_of_probability(writer: Writer, operands: Sequence[Variable]) -> Any:
    """Logarithms of sigmoids and of what is left of them."""
    x = operands[0]
    p = writer.sigmoid(x)
    return writer.one_of(
        lambda: writer.logarithm(p), lambda: T.log(1 - p), lambda: T.log1p(-p),
        lambda: T.log(p * writer.sigmoid(operands[1])), lambda: T.log(p / (1 - p)),
    )  # fmt: skip


def _columns(x: Variable, y: Variable) -> Any:
    """The matrix of two columns."""
    first, second = np.array([[1, 0]], x.dtype), np.array([[0, 1]], x.dtype)
    return x.dimshuffle(0, "x") * first + y.dimshuffle(0, "x") * second


def log_of_dot(writer: Writer, operands: Sequence[Variable]) -> Any:
    """The logarithm of a product of matrices: mixtures of two exponentials."""
    both = _columns(operands[0], operands[1])
    weights = np.array([[3.0, 4.0], [5.0, 7.0]], operands[0].dtype)
    return writer.one_of(
        lambda: T.log(T.dot(T.exp(both), weights)[:, 0]),
        lambda: T.log(T.dot(T.exp(both), weights[:, 0])),
        lambda: T.log(T.dot(weights.T, T.exp(both).T))[1],
        lambda: T.log((weights[:, 0] * T.exp(both)).mean(axis=1)),
    )


def average(writer: Writer, operands: Sequence[Variable]) -> Any:
    """Numbers of one sign, averaged with exponentials for weights."""
    x, y = operands[0], operands[1]
    first, second = writer.power(x), writer.power(y)
    both = _columns(x, y)
    powers, of_each = T.exp(both), np.array([2, 3], x.dtype)
    return writer.one_of(
        lambda: writer.sum_of([2 * first, 3 * second]) / writer.sum_of([first, second]),
        lambda: (of_each * powers).sum(axis=1) / powers.sum(axis=1),
        lambda: T.dot(powers, of_each) / powers.sum(axis=1),
        lambda: writer.sum_of([5 * T.exp(x), T.exp(y)]) * (1 / writer.sum_of([T.exp(x), T.exp(y)])),
    )


def share(writer: Writer, operands: Sequence[Variable]) -> Any:
    """What an exponential has of a sum."""
    x, y = operands[0], operands[1]
    first = T.exp(x)
    return writer.one_of(
        lambda: first / writer.sum_of([first, T.exp(y)]),
        lambda: first * (1 / writer.sum_of([first, 2 * T.exp(y)])),
        lambda: first / writer.sum_of([first, T.exp(y), T.constant(3.0)]),
        lambda: 1 / (1 + T.exp(y - x)),
    )


def tanh(writer: Writer, operands: Sequence[Variable]) -> Any:
    """tanh written out."""
    x = operands[0]
    up, down = T.exp(x), T.exp(-x)
    return writer.one_of(
        lambda: (up - down) / (up + down), lambda: (up - down) / (down + up),
        lambda: ((up - down) / 2) / ((up + down) / 2),
        lambda: 0.5 * (up - down) / (0.5 * (up + down)),
        lambda: (T.exp(2 * x) - 1) / (T.exp(2 * x) + 1), lambda: 2 * writer.sigmoid(2 * x) - 1,
        lambda: (1 - T.exp(-2 * x)) / (1 + T.exp(-2 * x)), lambda: -(down - up) / (down + up),
        lambda: T.sinh(x) / T.cosh(x),
    )  # fmt: skip


def slope(cost: Family) -> Family:
    """The gradient of a sum of costs."""

    def written(writer: Writer, operands: Sequence[Variable]) -> Any:
        writer.roots = False
        return T.grad(cost(writer, operands).sum(), operands[0], disconnected_inputs="ignore")

    written.__name__ = f"slope of {cost.__name__}"
    return written


FAMILIES: tuple[Family, ...] = (
    log_of_sum, log_of_sum_with_product, log_of_mixture, log_of_difference, log1p_of_sum,
    log_of_total, log_of_probability, share, tanh, log_of_dot, average,
    slope(log_of_sum), slope(log_of_mixture), slope(log_of_difference), slope(log1p_of_sum),
    slope(log_of_probability), slope(log_of_dot),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What still loses digits, in words, and an example of it: its operands, where it is wrong."""

    words: str
    example: Callable[..., Any]
    dtype: str
    values: tuple[float, ...]

    def spelling(self) -> Spelling:
        """The example, to be judged as the others are."""
        operands = [
            T.TensorType(self.dtype, (None,))(name)
            for name, _ in zip("xyz", self.values, strict=False)
        ]
        graph = Graph(tuple(operands), (self.example(*operands),))
        return Spelling(self.words, graph, [np.array([v], self.dtype) for v in self.values])


KNOWN: dict[str, Known] = {
    "slope of log_of_sum_with_product": Known(
        "the slope of `log(exp(x + y) + exp(y))`, and of other logarithms of sums with an "
        "exponential of a sum: `x + y` is rounded before it is compared with `y`",
        lambda x, y: T.grad(T.log(T.exp(x + y) + T.exp(y)).sum(), x),
        "float32",
        (-0.3, 72.0),
    ),
}
"""Families that no `spelling` is of, since they lose digits. Who mends one takes it out of here and
puts it into `FAMILIES`.
"""


def spelling(seed: int) -> Spelling:
    """The expression of a seed, with numbers far out, near 0 and between."""
    writer = Writer(seed)
    choice = writer.random.choice
    dtype = choice(("float64", "float64", "float32", "int32"))
    operands = [T.TensorType(dtype, (None,))(name) for name in "xyz"]
    used = [T.cast(v, "float64") if dtype == "int32" and choice((True, False)) else v
            for v in operands]  # fmt: skip
    family = choice(FAMILIES) if dtype != "int32" else choice(FAMILIES[:9])
    pool = (*FAR, *NEAR, *PLAIN)
    scale = 0.1 if dtype == "float32" else 1.0
    values = [np.array([scale * choice(pool) for _ in range(10)]).astype(dtype) for _ in operands]
    return Spelling(family.__name__, Graph(tuple(operands), (family(writer, used),)), values)


# --------------------------------------------------------------------------------------- judging


def exceeds(found: Spelling, limit: float = 4.0) -> list[str]:
    """Where the rewritten expression is further from its exact value than so many units of the
    last digit, though the exact value does not change much with its operands.
    """
    unit = coarsest(found.graph)
    with np.errstate(all="ignore"):
        (result,) = kg.interpret(rewrite(found.graph, DEFAULT).graph, found.values)
    truth, conditions = true_values(found.graph, found.values), _conditions(found)
    wrong: list[str] = []
    for k in range(len(result)):
        if truth[k] != truth[k] or not conditions[k] <= 4:
            continue
        error = error_in_digits(result[k], truth[k], unit)
        if error > limit:
            at = ", ".join(
                f"{v.name} = {x[k]!s}"
                for v, x in zip(found.graph.inputs, found.values, strict=True)
            )
            wrong.append(f"{at}: {result[k]!s}, not {float(truth[k])!r} ({error:.3g} units)")
    return wrong


def _conditions(found: Spelling) -> np.ndarray[Any, Any]:
    """By how much more than its operands the exact value changes, relative to what they are: to the
    side where it changes more, for at x = y that of maximum(x, y) is another one.
    """
    exact = true_values(found.graph, found.values)
    total = np.zeros(len(exact))
    if found.values[0].dtype.kind != "f":
        return total
    for k, values in enumerate(found.values):
        changes: list[list[float]] = []
        for step in (NEARLY, -NEARLY):
            moved = [*found.values]
            moved[k] = values.astype("float64") * (1 + step)
            other = true_values(found.graph, moved)
            pairs = zip(exact, other, strict=True)
            changes.append([float(abs((b - a) / a)) if a != 0 else 0.0 for a, b in pairs])
        total += np.max(changes, axis=0) / NEARLY
    return total
