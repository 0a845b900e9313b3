"""Costs and their gradients as people write them: what learning is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.types import TensorType


def logistic_regression() -> Graph:
    """One step of gradient descent, with what it predicts and loses."""
    x, y, w, b = T.dmatrix("x"), T.dvector("y"), T.dvector("w"), T.dscalar("b")
    p = 1 / (1 + T.exp(-T.dot(x, w) - b))
    loss = -y * T.log(p) - (1 - y) * T.log(1 - p)
    cost = loss.mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    return Graph((x, y, w, b), (p > 0.5, loss, w - 0.1 * gw, b - 0.1 * gb))


def softmax_regression() -> Graph:
    """Cross-entropy of one-hot targets."""
    x, t, w, b = T.dmatrix("x"), T.dmatrix("t"), T.dmatrix("w"), T.dvector("b")
    p = T.nnet.softmax(T.dot(x, w) + b)
    cost = -(t * T.log(p)).sum(axis=1).mean()
    return Graph((x, t, w, b), (cost, *T.grad(cost, [w, b])))


def class_numbers() -> Graph:
    """Cross-entropy where targets are the numbers of the classes."""
    x, y, w, b = T.dmatrix("x"), T.lvector("y"), T.dmatrix("w"), T.dvector("b")
    p = T.nnet.softmax(T.dot(x, w) + b)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    return Graph((x, y, w, b), (cost, *T.grad(cost, [w, b])))


def perceptron() -> Graph:
    """A tanh layer and a softmax layer."""
    x, t, v, a, w, b = *T.dmatrices("x", "t", "v"), T.dvector("a"), T.dmatrix("w"), T.dvector("b")
    p = T.nnet.softmax(T.dot(T.tanh(T.dot(x, v) + a), w) + b)
    cost = -(t * T.log(p)).sum(axis=1).mean()
    return Graph((x, t, v, a, w, b), (cost, *T.grad(cost, [v, a, w, b])))


def gaussian() -> Graph:
    """The logarithm of a likelihood."""
    x, mean, log_deviation = T.dvector("x"), T.dscalar("mean"), T.dscalar("log_deviation")
    cost = (-0.5 * ((x - mean) / T.exp(log_deviation)) ** 2 - log_deviation).sum()
    return Graph((x, mean, log_deviation), (cost, *T.grad(cost, [mean, log_deviation])))


def layer_norm() -> Graph:
    """Rows brought to mean 0 and variance 1, scaled and moved, and their distance to targets."""
    x, gain, bias, target = T.dmatrix("x"), T.dvector("gain"), T.dvector("bias"), T.dmatrix("t")
    centered = x - x.mean(axis=1, keepdims=True)
    y = centered / T.sqrt(x.var(axis=1, keepdims=True) + 1e-5) * gain + bias
    cost = ((y - target) ** 2).sum()
    return Graph((x, gain, bias, target), (cost, *T.grad(cost, [x, gain, bias])))


def classes(dtype: str, numbered: bool) -> Graph:
    """Softmax regression where the number of classes is declared: 10. Targets are one-hot rows, or
    the numbers of the classes.
    """
    x = TensorType(dtype, (None, None))("X")
    w, b = TensorType(dtype, (None, 10))("w"), TensorType(dtype, (10,))("b")
    t = T.lvector("y") if numbered else TensorType(dtype, (None, 10))("t")
    p = T.nnet.softmax(T.dot(x, w) + b)
    cost = T.nnet.categorical_crossentropy(p, t).mean()
    return Graph((x, t, w, b), (cost, *T.grad(cost, [w, b])))


COSTS = (
    logistic_regression,
    softmax_regression,
    class_numbers,
    perceptron,
    gaussian,
    layer_norm,
)

LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "logistic": lambda z, y: (
        -y * T.log(1 / (1 + T.exp(-z))) - (1 - y) * T.log(1 - 1 / (1 + T.exp(-z)))
    ),
    "least squares": lambda z, y: (z - y) ** 2,
    "Huber": lambda z, y: T.switch(abs(z - y) < 1, 0.5 * (z - y) ** 2, abs(z - y) - 0.5),
    "Poisson": lambda z, y: T.exp(z) - y * z,
}
"""Losses of one score and one target."""


def regression(loss: str, dtype: str, column: bool) -> Graph:
    """The cost of a linear model and its gradient; targets and weights are vectors or columns."""
    shape = (None, 1) if column else (None,)
    x = TensorType(dtype, (None, None))("X")
    y, w = TensorType(dtype, shape)("y"), TensorType(dtype, shape)("w")
    b = TensorType(dtype, ())("b")
    cost = LOSSES[loss](T.dot(x, w) + b, y).mean()
    return Graph((x, y, w, b), (cost, *T.grad(cost, [w, b])))
