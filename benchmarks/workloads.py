"""What is computed: the data, the formulas, and how a library says that it can compute them.

No library is imported here but NumPy, and nothing newer than Python 3.7 is used: the old peers need
it.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple  # noqa: UP035 - an alias that runs

import numpy as np

Step = Callable[[], Any]
RATE = 0.1
SIZES = (1000, 100000, 5000000)
DTYPES = ("float64", "float32")


class Formula(NamedTuple):
    """One formula, written once for every library: `build(m, a, b)` with `m` their module."""

    name: str
    build: Callable[[Any, Any, Any], Any]


FORMULAS = (
    Formula("a + 1", lambda m, a, b: a + 1),
    Formula("2a + 3b", lambda m, a, b: 2 * a + 3 * b),
    Formula("1/(1+exp(-a))", lambda m, a, b: 1 / (1 + m.exp(-a))),
    Formula("tanh(a)+log1p(b)", lambda m, a, b: m.tanh(a) + m.log1p(b)),
    Formula("sqrt(a²+b²)·exp(-b)", lambda m, a, b: m.sqrt(a * a + b * b) * m.exp(-b)),
    Formula("sum |a-b|/(1+a²+b²)", lambda m, a, b: (abs(a - b) / (1 + a * a + b * b)).sum()),
    Formula("a²+b²+2ab", lambda m, a, b: a * a + b * b + 2 * a * b),
)


class Library:
    """One library at work: each method returns a step that computes once and waits for the result.

    A method may be missing (return None) where the library has no means for it.
    """

    name = ""
    version = ""

    def scalar(self, x: float) -> Step | None:
        """The sum of a number and one: what a call costs."""

    def formula(self, formula: Formula, a: Any, b: Any) -> Step | None:
        """One of `FORMULAS` on two vectors."""

    def logistic(self, x: Any, y: Any, w: Any) -> Step | None:
        """One step of gradient descent on logistic regression: predictions and losses."""

    def perceptron(self, x: Any, t: Any, weights: list[Any]) -> Step | None:
        """One step of a network with a tanh layer and a softmax: the cost."""


def scalar() -> float:
    """The operand of `Library.scalar`."""
    return 1.5


def vectors(size: int, dtype: str) -> tuple[Any, Any]:
    """Two vectors for which every formula has a value."""
    rng = np.random.RandomState(0)
    return rng.random_sample(size).astype(dtype) + np.dtype(dtype).type(0.5), rng.random_sample(
        size
    ).astype(dtype)


def regression(
    samples: int = 400, features: int = 784, spread: float = 1 / 28
) -> tuple[Any, Any, Any]:
    """Data, labels 0 and 1, and weights to begin with.

    With a spread of 1, as the tutorials have it, the first probabilities are 0 and 1 to all digits:
    then plain formulas lose the loss, and only the times can be compared.
    """
    rng = np.random.RandomState(0)
    data = rng.randn(samples, features)
    labels = rng.randint(size=samples, low=0, high=2).astype("float64")
    return data, labels, rng.randn(features) * spread


def network(samples: int = 60, sizes: tuple[int, int, int] = (784, 500, 10)) -> Any:
    """Data, targets in one-hot form, and weights to begin with."""
    rng = np.random.RandomState(0)
    inputs, hidden, outputs = sizes
    weights = [
        rng.randn(inputs, hidden) / 28,
        np.zeros(hidden),
        rng.randn(hidden, outputs) / 22,
        np.zeros(outputs),
    ]
    targets = np.eye(outputs)[rng.randint(0, outputs, samples)]
    return rng.randn(samples, inputs), targets, weights


def prepare(library: Library, name: str) -> Step | None:
    """The step of a workload by its name: "scalar", "logistic", "tutorial", "perceptron" or
    "formula/INDEX/SIZE/DTYPE".

    Raises ValueError for any other name.
    """
    kind, _, rest = name.partition("/")
    if kind == "scalar":
        return library.scalar(scalar())
    if kind == "logistic":
        return library.logistic(*regression())
    if kind == "tutorial":
        return library.logistic(*regression(spread=1.0))
    if kind == "perceptron":
        return library.perceptron(*network())
    if kind == "formula":
        index, size, dtype = rest.split("/")
        return library.formula(FORMULAS[int(index)], *vectors(int(size), dtype))
    raise ValueError(f"no workload is called {name!r}")
