"""What a call costs, and one step of logistic regression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from benchmarks.timing import Row, best


def rows() -> Iterator[Row]:
    """All rows of this page."""
    yield scalar_call()
    yield small_vector()
    yield logistic_regression()


def scalar_call() -> Row:
    """A function of one number."""
    x = T.dscalar("x")
    f = kg.function([x], x + 1.0)
    value = 1.5
    (ours,) = best([lambda: f(value)])
    return Row("call, scalar in and out", ours, None, "wanted: at most 1 µs")


def small_vector() -> Row:
    """A thousand additions."""
    x = T.dvector("x")
    f = kg.function([x], x + 1.0)
    value = np.random.default_rng(0).normal(size=1000)
    return Row("a + 1, 1 000 float64", *best([lambda: f(value), lambda: value + 1.0]))


def logistic_regression(samples: int = 400, features: int = 784) -> Row:
    """One step of gradient descent, beside NumPy's as a person writes it."""
    rng = np.random.RandomState(0)
    data = rng.randn(samples, features)
    labels = rng.randint(size=samples, low=0, high=2).astype("float64")
    start = rng.randn(features)
    train = compiled_step(start)
    step = numpy_step(start)
    ours, peer = best([lambda: train(data, labels), lambda: step(data, labels)])
    wanted = "wanted: at most 0.8 of NumPy"
    return Row(f"logistic regression step, {samples} × {features} float64", ours, peer, wanted)


def compiled_step(start: Any) -> Any:
    """The step as a compiled function with updates."""
    x, y = T.dmatrix("x"), T.dvector("y")
    w, b = kg.shared(start, "w"), kg.shared(0.0, "b")
    p = 1 / (1 + T.exp(-T.dot(x, w) - b))
    loss = -y * T.log(p) - (1 - y) * T.log(1 - p)
    cost = loss.mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    return kg.function([x, y], [p > 0.5, loss], updates=[(w, w - 0.1 * gw), (b, b - 0.1 * gb)])


def numpy_step(start: Any) -> Any:
    """The step by hand: the same formulas, the gradient worked out on paper."""
    state = {"w": start.copy(), "b": 0.0}

    def step(x: Any, y: Any) -> Any:
        w, b = state["w"], state["b"]
        with np.errstate(all="ignore"):
            p = 1 / (1 + np.exp(-x.dot(w) - b))
            loss = -y * np.log(p) - (1 - y) * np.log(1 - p)
        g = (p - y) / len(y)
        state["w"] = w - 0.1 * (x.T.dot(g) + 0.02 * w)
        state["b"] = b - 0.1 * g.sum()
        return p > 0.5, loss

    return step
