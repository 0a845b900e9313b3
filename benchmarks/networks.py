"""One step of learning of a small neural network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from benchmarks.timing import Row, best

Weights = list[Any]


def rows() -> Iterator[Row]:
    """All rows of this page."""
    yield perceptron()


def start(samples: int, sizes: tuple[int, int, int]) -> tuple[Any, Any, Weights]:
    """Data, targets in one-hot form, and weights to begin with."""
    rng = np.random.default_rng(0)
    inputs, hidden, outputs = sizes
    weights = [
        rng.normal(size=(inputs, hidden)) / 28, np.zeros(hidden),
        rng.normal(size=(hidden, outputs)) / 22, np.zeros(outputs),
    ]  # fmt: skip
    targets = np.eye(outputs)[rng.integers(0, outputs, samples)]
    return rng.normal(size=(samples, inputs)), targets, weights


def perceptron(samples: int = 60, sizes: tuple[int, int, int] = (784, 500, 10)) -> Row:
    """60 × 784, 500 tanh, 10 softmax: forward, backward, update."""
    data, targets, weights = start(samples, sizes)
    ours, peer = compiled_step(weights), numpy_step(weights)
    times = best([lambda: ours(data, targets), lambda: peer(data, targets)])
    return Row("MLP step, 60 × 784 - 500 - 10 float64", *times)


def compiled_step(weights: Weights, rate: float = 0.1) -> Any:
    """The step as a compiled function with updates."""
    x, t = T.dmatrices("x", "t")
    shared = [kg.shared(w) for w in weights]
    hidden = T.tanh(T.dot(x, shared[0]) + shared[1])
    p = T.nnet.softmax(T.dot(hidden, shared[2]) + shared[3])
    cost = -(t * T.log(p)).sum(axis=1).mean()
    slopes = T.grad(cost, shared)
    updates = [(w, w - rate * g) for w, g in zip(shared, slopes, strict=True)]
    return kg.function([x, t], cost, updates=updates)


def numpy_step(weights: Weights, rate: float = 0.1) -> Any:
    """The step by hand: the same formulas, the gradient worked out on paper."""
    state = [w.copy() for w in weights]

    def step(x: Any, t: Any) -> Any:
        w1, b1, w2, b2 = state
        hidden = np.tanh(x @ w1 + b1)
        scores = hidden @ w2 + b2
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        cost = -(t * np.log(p)).sum(axis=1).mean()
        d2 = (p - t) / len(t)
        d1 = (d2 @ w2.T) * (1 - hidden**2)
        slopes = [x.T @ d1, d1.sum(axis=0), hidden.T @ d2, d2.sum(axis=0)]
        for k, slope in enumerate(slopes):
            state[k] = state[k] - rate * slope
        return cost

    return step
