"""Writes docs/STABILITY.md: how far expressions are from the truth before rewriting and after.

`./kg python tools/stability.py`; a test compares the page with what this would write.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.proof.truth import error_in_digits, true_values
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.types import TensorType

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(DOCS.parent))

from tests.rewrite.spellings import KNOWN  # noqa: E402 - the table that the tests check

HEAD = """\
# Stability

Formulas that are right on paper and lose digits on a machine; what rewriting makes of them. Errors
are the worst over the operands named, in units of the last digit of float64 (1 is as good as a
float can be, ∞ stands for NaN or an infinity in place of a number), against the true value found
with 480 digits. NumPy computes without its wider vectors, which have other last digits. The page is
written by `tools/stability.py`.

| formula | operands | error as written | error rewritten | rules |
|---|---|---|---|---|
"""

LOSSES = """
## What still loses digits

Each of these has a test that fails when it is mended.

"""


@dataclass(frozen=True)
class Row:
    """A formula of one variable, and which numbers it is tried on."""

    text: str
    build: Callable[[Any], Variable]
    operands: str = "wide"
    rank: int = 1


SCORES = np.array([
    [0.0, 1.0, -1.0], [50.0, -50.0, 0.5], [800.0, 0.0, -80.0], [-700.0, -701.0, 3.0],
    [2.0, 2.0, 2.0],
])  # fmt: skip

OPERANDS: dict[str, tuple[str, Any]] = {
    "wide": (
        "±10⁻²⁰ … ±800",
        np.concatenate(
            [s * np.append(10.0 ** np.arange(-20, 3), 800) for s in (1, -1)]
            + [np.linspace(-40, 40, 41)]
        ),
    ),
    "small": ("±10⁻²⁰ … ±0.5", np.concatenate([s * np.geomspace(1e-20, 0.5, 41) for s in (1, -1)])),
    "tails": ("−5 … 26", np.linspace(-5, 26, 63)),
    "left tails": ("−26 … 5", np.linspace(-26, 5, 63)),
    "positive": ("10⁻²⁰ … 800", np.append(10.0 ** np.arange(-20, 3), 800)),
    "negative": ("−10⁻²⁰ … −800", -np.append(10.0 ** np.arange(-20, 3), 800)),
    "to 500": (
        "±10⁻²⁰ … ±500",
        np.concatenate([s * np.append(10.0 ** np.arange(-20, 3), 500) for s in (1, -1)]),
    ),
    "huge and tiny": ("10⁻³⁰⁰ … 10³⁰⁰", 10.0 ** np.arange(-300, 301, 20)),
    "lengths": (
        "rows of numbers up to 4·10³⁰⁰",
        np.array([[3e300, 4e300], [3e-300, 4e-300], [3.0, 4.0], [1e-200, 1e200]]),
    ),
    "scores": ("rows of scores up to ±800", SCORES),
}


def softmax_by_hand(x: Any) -> Any:
    """As the textbooks have it."""
    return T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)


def sigmoid_by_hand(x: Any) -> Any:
    """As the textbooks have it."""
    return 1 / (1 + T.exp(-x))


WEIGHTS = np.array([0.0, 0.25, 0.5])


def share(x: Any) -> Any:
    """Softmax with weights, some of which are 0."""
    return WEIGHTS * T.exp(x) / (WEIGHTS * T.exp(x)).sum(axis=1, keepdims=True)


MIXTURES = np.array([[1.25, 2.0], [1.0, 1.5], [0.5, 3.0]])
LABELS = np.array([0.0, 1.0, 0.0])


def average(x: Any) -> Any:
    """An average of scores by their softmax."""
    return (x * T.exp(x)).sum(axis=1) / T.exp(x).sum(axis=1)


def attention(x: Any) -> Any:
    """Averages of the columns of a matrix."""
    return T.dot(T.exp(x), MIXTURES) / T.exp(x).sum(axis=1, keepdims=True)


def odds(x: Any) -> Any:
    """How much more probable one class is than another."""
    p = T.softmax(x)
    return T.log(p[:, 0] / p[:, 1])


def some_classes(x: Any) -> Any:
    """The probability of one of two classes."""
    p = T.softmax(x)
    return T.log(p[:, 0] + p[:, 1])


def of_its_class(x: Any) -> Any:
    """The probability of one class in each row."""
    return T.softmax(x)[T.arange(x.shape[0]), T.cast(x[:, 0] < 0, "int64")]


def derivative(cost: Callable[[Any], Any]) -> Callable[[Any], Variable]:
    """The gradient of a sum of costs."""
    return lambda x: T.grad(cost(x).sum(), x)


def beside_a_total(x: Any) -> Any:
    """A sum of exponentials and one more."""
    return T.log(T.exp(x).sum(axis=1) + T.exp(x[:, 0]))


def bernoulli(x: Any) -> Any:
    """The likelihood of labels, some of them 0 and some 1, whose probabilities are sigmoids."""
    y = T.cast(x < 2.0, "float64")
    p = sigmoid_by_hand(x)
    return y * p + (1 - y) * (1 - p)


def bernoulli_power(x: Any) -> Any:
    """The same likelihood, as the textbooks have it."""
    y = T.cast(x < 2.0, "float64")
    p = sigmoid_by_hand(x)
    return p**y * (1 - p) ** (1 - y)


def closeness(x: Any) -> Any:
    """How near probabilities are to labels."""
    y = T.cast(x < 2.0, "float64")
    return 1 - abs(y - sigmoid_by_hand(x))


ROWS = (
    Row("log(1 + x)", lambda x: T.log(1 + x), "small"),
    Row("log(1 - x)", lambda x: T.log(1 - x), "small"),
    Row("exp(x) - 1", lambda x: T.exp(x) - 1, "small"),
    Row("1 - exp(x)", lambda x: 1 - T.exp(x), "small"),
    Row("1 / (1 + exp(-x))", lambda x: 1 / (1 + T.exp(-x))),
    Row("1 - 1 / (1 + exp(-x))", lambda x: 1 - 1 / (1 + T.exp(-x))),
    Row("log(1 + exp(x))", lambda x: T.log(1 + T.exp(x))),
    Row("log(1 / (1 + exp(-x)))", lambda x: T.log(1 / (1 + T.exp(-x)))),
    Row("log(1 - 1 / (1 + exp(-x)))", lambda x: T.log(1 - 1 / (1 + T.exp(-x)))),
    Row("derivative of log(1 + exp(x))", derivative(lambda x: T.log(1 + T.exp(x)))),
    Row("derivative of -log(1 / (1 + exp(-x)))", derivative(lambda x: -T.log(1 / (1 + T.exp(-x))))),
    Row(
        "derivative of -log(1 - 1 / (1 + exp(-x)))",
        derivative(lambda x: -T.log(1 - 1 / (1 + T.exp(-x)))),
    ),
    Row("exp(x) / sum(exp(x))", softmax_by_hand, "scores", 2),
    Row("log(exp(x) / sum(exp(x)))", lambda x: T.log(softmax_by_hand(x)), "scores", 2),
    Row("log(softmax(x))", lambda x: T.log(T.softmax(x)), "scores", 2),
    Row("log(softmax(x)[arange(n), y])", lambda x: T.log(of_its_class(x)), "scores", 2),
    Row("1 - erf(x)", lambda x: 1 - T.erf(x), "tails"),
    Row("log(erfc(x))", lambda x: T.log(T.erfc(x))),
    Row("exp(x²) erfc(x)", lambda x: T.exp(x * x) * T.erfc(x), "tails"),
    Row("derivative of log(erfc(x))", derivative(lambda x: T.log(T.erfc(x)))),
    Row("log(sum(exp(x)))", lambda x: T.log(T.exp(x).sum(axis=1)), "scores", 2),
    Row("log(sum(exp(x))) of all", lambda x: T.log(T.exp(x).sum()), "scores", 2),
    Row("log(mean(exp(x)))", lambda x: T.log(T.exp(x).mean(axis=1)), "scores", 2),
    Row("log(sum(w exp(x)))", lambda x: T.log((WEIGHTS * T.exp(x)).sum(axis=1)), "scores", 2),
    Row("w exp(x) / sum(w exp(x))", share, "scores", 2),
    Row(
        "log(sum(w softmax(x)))", lambda x: T.log((WEIGHTS * T.softmax(x)).sum(axis=1)), "scores", 2
    ),
    Row(
        "derivative of log(sum(w exp(x)))",
        derivative(lambda x: T.log((WEIGHTS * T.exp(x)).sum(axis=1))),
        "scores",
        2,
    ),
    Row("log(softmax(x)[:, 0])", lambda x: T.log(T.softmax(x)[:, 0]), "scores", 2),
    Row(
        "derivative of log(softmax(x)[:, 1])",
        derivative(lambda x: T.log(T.softmax(x)[:, 1])),
        "scores",
        2,
    ),
    Row("log(0.25 exp(-x²))", lambda x: T.log(0.25 * T.exp(-(x**2)))),
    Row("(x < 0) exp(x)", lambda x: (x < 0) * T.exp(x)),
    Row("log(p (1 - p))", lambda x: T.log(sigmoid_by_hand(x) * (1 - sigmoid_by_hand(x)))),
    Row("log(p / (1 - p))", lambda x: T.log(sigmoid_by_hand(x) / (1 - sigmoid_by_hand(x)))),
    Row(
        "log(p if x < 1 else 1 - p)",
        lambda x: T.log(T.switch(x < 1, sigmoid_by_hand(x), 1 - sigmoid_by_hand(x))),
    ),
    Row("log(1 - exp(x))", lambda x: T.log(1 - T.exp(x)), "negative"),
    Row("log1p(-exp(x))", lambda x: T.log1p(-T.exp(x)), "negative"),
    Row("derivative of log1p(-exp(x))", derivative(lambda x: T.log1p(-T.exp(x))), "negative"),
    Row("log(exp(x) - 1)", lambda x: T.log(T.exp(x) - 1), "positive"),
    Row("derivative of log(exp(x) - 1)", derivative(lambda x: T.log(T.exp(x) - 1)), "positive"),
    Row("(exp(x) - 1) / (exp(x) + 1)", lambda x: (T.exp(x) - 1) / (T.exp(x) + 1)),
    Row("(1 - exp(-x)) / (1 + exp(-x))", lambda x: (1 - T.exp(-x)) / (1 + T.exp(-x))),
    Row("log(exp(x) - exp(x - 1))", lambda x: T.log(T.exp(x) - T.exp(x - 1))),
    Row("log(0.3 exp(x) + 0.7 exp(2x))", lambda x: T.log(0.3 * T.exp(x) + 0.7 * T.exp(2 * x))),
    Row("log(exp(x) / 2 + exp(-x) / 2)", lambda x: T.log(T.exp(x) / 2 + T.exp(-x) / 2)),
    Row("log(2 + exp(x))", lambda x: T.log(2 + T.exp(x))),
    Row("log(exp(x) + 1e-8)", lambda x: T.log(T.exp(x) + 1e-8), "positive"),
    Row("log(1 + exp(x) + exp(-x))", lambda x: T.log(1 + T.exp(x) + T.exp(-x))),
    Row("log1p(exp(x) + exp(-x))", lambda x: T.log1p(T.exp(x) + T.exp(-x))),
    Row("log(2 exp(x) - 1)", lambda x: T.log(2 * T.exp(x) - 1), "positive"),
    Row("log(sum(exp(x)) + exp(x₀))", beside_a_total, "scores", 2),
    Row(
        "derivative of log(0.3 exp(x) + 0.7 exp(2x))",
        derivative(lambda x: T.log(0.3 * T.exp(x) + 0.7 * T.exp(2 * x))),
    ),
    Row("derivative of log(2 + exp(x))", derivative(lambda x: T.log(2 + T.exp(x)))),
    Row(
        "derivative of log(1 + exp(x) + exp(2x))",
        derivative(lambda x: T.log(1 + T.exp(x) + T.exp(2 * x))),
    ),
    Row("log(y p + (1 - y) (1 - p))", lambda x: T.log(bernoulli(x))),
    Row("derivative of log(y p + (1 - y) (1 - p))", derivative(lambda x: T.log(bernoulli(x)))),
    Row("log(p²)", lambda x: T.log(sigmoid_by_hand(x) ** 2)),
    Row("log(1 - softmax(x))", lambda x: T.log(1 - T.softmax(x)), "scores", 2),
    Row("exp(x) / sum(exp(x)) of all", lambda x: T.exp(x) / T.exp(x).sum(), "scores", 2),
    Row(
        "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
        lambda x: (T.exp(x) - T.exp(-x)) / (T.exp(x) + T.exp(-x)),
    ),
    Row("2 / (1 + exp(-x)) - 1", lambda x: 2 / (1 + T.exp(-x)) - 1),
    Row("log(1 - tanh(x)²)", lambda x: T.log(1 - T.tanh(x) ** 2), "to 500"),
    Row(
        "derivative of log(1 - tanh(x)²)", derivative(lambda x: T.log(1 - T.tanh(x) ** 2)), "to 500"
    ),
    Row("log(1 - tanh(x))", lambda x: T.log(1 - T.tanh(x)), "to 500"),
    Row("derivative of log(1 - tanh(x))", derivative(lambda x: T.log(1 - T.tanh(x))), "to 500"),
    Row("exp(x) / (1 + exp(x))²", lambda x: T.exp(x) / (1 + T.exp(x)) ** 2, "to 500"),
    Row("4 / (exp(x) + exp(-x))²", lambda x: 4 / (T.exp(x) + T.exp(-x)) ** 2),
    Row("log(0.5 + 0.5 tanh(x))", lambda x: T.log(0.5 + 0.5 * T.tanh(x)), "to 500"),
    Row("log(softplus(x))", lambda x: T.log(T.softplus(x))),
    Row("derivative of log(softplus(x))", derivative(lambda x: T.log(T.softplus(x)))),
    Row("log(dot(exp(x), w))", lambda x: T.log(T.dot(T.exp(x), WEIGHTS)), "scores", 2),
    Row("log(dot(exp(x), W))", lambda x: T.log(T.dot(T.exp(x), MIXTURES)), "scores", 2),
    Row(
        "derivative of log(dot(exp(x), W))",
        derivative(lambda x: T.log(T.dot(T.exp(x), MIXTURES))),
        "scores",
        2,
    ),
    Row("log(mean(w exp(x)))", lambda x: T.log((WEIGHTS * T.exp(x)).mean(axis=1)), "scores", 2),
    Row("sum(x exp(x)) / sum(exp(x))", average, "scores", 2),
    Row("dot(exp(x), W) / sum(exp(x))", attention, "scores", 2),
    Row(
        "(x exp(x) + 2x exp(2x)) / (exp(x) + exp(2x))",
        lambda x: (x * T.exp(x) + 2 * x * T.exp(2 * x)) / (T.exp(x) + T.exp(2 * x)),
    ),
    Row("log(p₀ / p₁), p = softmax(x)", odds, "scores", 2),
    Row("log(p₀ + p₁), p = softmax(x)", some_classes, "scores", 2),
    Row("log(1 / softmax(x)[arange(n), y])", lambda x: T.log(1 / of_its_class(x)), "scores", 2),
    Row(
        "derivative of log(1 - softmax(x))",
        derivative(lambda x: T.log(1 - T.softmax(x))),
        "scores",
        2,
    ),
    Row(
        "derivative of log(sum(w softmax(x)))",
        derivative(lambda x: T.log((LABELS * T.softmax(x)).sum(axis=1))),
        "scores",
        2,
    ),
    Row("derivative of log(pʸ (1 - p)¹⁻ʸ)", derivative(lambda x: T.log(bernoulli_power(x)))),
    Row("log(1 - abs(y - p))", lambda x: T.log(closeness(x))),
    Row(
        "log(1 - (1 - p) (1 - p(x + 1)))",
        lambda x: T.log(1 - (1 - sigmoid_by_hand(x)) * (1 - sigmoid_by_hand(x + 1))),
    ),
    Row("log(1 - exp(-exp(x)))", lambda x: T.log(1 - T.exp(-T.exp(x))), "negative"),
    Row(
        "derivative of log(1 - exp(-exp(x)))",
        derivative(lambda x: T.log(1 - T.exp(-T.exp(x)))),
        "to 500",
    ),
    Row("sqrt(sum(x²))", lambda x: T.sqrt((x**2).sum(axis=1)), "lengths", 2),
    Row("sqrt(x² + (2x)²)", lambda x: T.sqrt(x**2 + (2 * x) ** 2), "huge and tiny"),
    Row("1 + erf(x)", lambda x: 1 + T.erf(x), "left tails"),
    Row("0.5 + 0.5 erf(x)", lambda x: 0.5 + 0.5 * T.erf(x), "left tails"),
    Row("1 - (1 + erf(x)) / 2", lambda x: 1 - (1 + T.erf(x)) / 2, "tails"),
    Row("log(0.5 (1 + erf(x)))", lambda x: T.log(0.5 * (1 + T.erf(x))), "left tails"),
    Row(
        "derivative of log(0.5 (1 + erf(x)))",
        derivative(lambda x: T.log(0.5 * (1 + T.erf(x)))),
        "left tails",
    ),
)


def errors(row: Row) -> tuple[float, float, list[str]]:
    """The worst error as written, the worst error rewritten, and the rules that made it so."""
    x = TensorType("float64", (None,) * row.rank)("x")
    graph = Graph((x,), (row.build(x),))
    rewriting = rewrite(graph, DEFAULT)
    values = OPERANDS[row.operands][1]
    truths = true_values(_plain(row, x), [values])
    found: list[float] = []
    for version in (graph, rewriting.graph):
        with np.errstate(all="ignore"):
            (result,) = kg.interpret(version, [values])
        numbers = [
            error_in_digits(result[k], truths[k], "float64")
            for k in np.ndindex(result.shape)
            if truths[k] == truths[k]
        ]
        found.append(max(numbers))
    used = [step.rule for step in rewriting.steps if step.phase == "stabilize"]
    return found[0], found[1], list(dict.fromkeys(used))


def _plain(row: Row, x: Variable) -> Graph:
    """The graph whose exact meaning is on record."""
    return Graph((x,), (row.build(x),))


def lines() -> Iterator[str]:
    """The rows of the table."""
    for row in ROWS:
        before, after, rules = errors(row)
        cells = [
            f"`{row.text}`",
            OPERANDS[row.operands][0],
            _number(before),
            _number(after),
            ", ".join(f"[{name}](RULES.md#{name})" for name in rules) or "–",
        ]
        yield f"| {' | '.join(cells)} |"


def _number(error: float) -> str:
    if error == float("inf"):
        return "∞"
    return f"{error:.1f}" if error < 1000 else f"{error:.1e}"


def losses() -> Iterator[str]:
    """The list of what is known to lose digits."""
    for known in KNOWN.values():
        at = ", ".join(f"{v} = {x}" for v, x in zip("xyz", known.values, strict=False))
        yield f"- {known.words} (in {known.dtype} at {at})"


PLAIN = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
"""What NumPy is not to use for the page: with wider vectors its functions have other last digits,
and the page would be another one on each kind of processor.
"""


def page() -> str:
    """The whole page, as NumPy finds it on every x86-64."""
    told = subprocess.run(
        [sys.executable, __file__, "--print"], check=True, stdout=subprocess.PIPE,
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": PLAIN, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return told.stdout.decode("utf-8")


def text() -> str:
    """The page with the numbers that NumPy finds in this process."""
    return HEAD + "\n".join(lines()) + "\n" + LOSSES + "\n".join(losses()) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(text())
    else:
        (DOCS / "STABILITY.md").write_text(page(), encoding="utf-8")
