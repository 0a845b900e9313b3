"""The workloads in Theano's language, which kernelgraph, PyTensor and Theano share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.workloads import RATE, Formula, Library, Step


class Symbolic(Library):
    """A library with `function`, `shared` and `grad`, and `tensor` as its module of tensors."""

    def __init__(self, module: Any, tensor: Any, softmax: Callable[[Any], Any]) -> None:
        self.name = module.__name__
        self.version = module.__version__
        self.module = module
        self.tensor = tensor
        self.softmax = softmax

    def scalar(self, x: float) -> Step:
        """A function of one number."""
        v = self.tensor.dscalar("x")
        f = self.module.function([v], v + 1.0)
        return lambda: f(x)

    def formula(self, formula: Formula, a: Any, b: Any) -> Step:
        """The formula as a function of two vectors."""
        kind = self.tensor.dvector if a.dtype == "float64" else self.tensor.fvector
        va, vb = kind("a"), kind("b")
        result = formula.build(self.tensor, va, vb)
        f = self.module.function([va, vb], result, on_unused_input="ignore")
        return lambda: f(a, b)

    def logistic(self, x: Any, y: Any, w: Any) -> Step:
        """The first tutorial's example, word for word."""
        T = self.tensor
        vx, vy = T.dmatrix("x"), T.dvector("y")
        w, b = self.module.shared(w, name="w"), self.module.shared(0.0, name="b")
        p = 1 / (1 + T.exp(-T.dot(vx, w) - b))
        loss = -vy * T.log(p) - (1 - vy) * T.log(1 - p)
        cost = loss.mean() + 0.01 * (w**2).sum()
        gw, gb = self.module.grad(cost, [w, b])
        updates = [(w, w - RATE * gw), (b, b - RATE * gb)]
        train = self.module.function([vx, vy], [p > 0.5, loss], updates=updates)
        return lambda: train(x, y)

    def perceptron(self, x: Any, t: Any, weights: list[Any]) -> Step:
        """Four shared variables, one gradient each."""
        T = self.tensor
        vx, vt = T.dmatrix("x"), T.dmatrix("t")
        shared = [self.module.shared(w) for w in weights]
        hidden = T.tanh(T.dot(vx, shared[0]) + shared[1])
        p = self.softmax(T.dot(hidden, shared[2]) + shared[3])
        cost = -(vt * T.log(p)).sum(axis=1).mean()
        slopes = self.module.grad(cost, shared)
        updates = [(w, w - RATE * g) for w, g in zip(shared, slopes)]  # noqa: B905
        train = self.module.function([vx, vt], cost, updates=updates)
        return lambda: train(x, t)
