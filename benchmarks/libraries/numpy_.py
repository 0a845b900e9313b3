"""NumPy, as a person writes it who has worked the gradients out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.workloads import RATE, Formula, Library, Step


class NumPy(Library):
    """The reference: what the others compute is compared with this."""

    name = "numpy"
    version = np.__version__

    def scalar(self, x: float) -> Step:
        """A ufunc of one number."""
        return lambda: np.add(x, 1.0)

    def formula(self, formula: Formula, a: Any, b: Any) -> Step:
        """The formula as it stands."""
        return lambda: formula.build(np, a, b)

    def logistic(self, x: Any, y: Any, w: Any) -> Step:
        """The same formulas, the gradient by hand."""
        state = {"w": w.copy(), "b": 0.0}

        def step() -> Any:
            w, b = state["w"], state["b"]
            with np.errstate(all="ignore"):
                p = 1 / (1 + np.exp(-x.dot(w) - b))
                loss = -y * np.log(p) - (1 - y) * np.log(1 - p)
            g = (p - y) / len(y)
            state["w"] = w - RATE * (x.T.dot(g) + 0.02 * w)
            state["b"] = b - RATE * g.sum()
            return p > 0.5, loss

        return step

    def perceptron(self, x: Any, t: Any, weights: list[Any]) -> Step:
        """The same formulas, backpropagation by hand."""
        state = [w.copy() for w in weights]

        def step() -> Any:
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
                state[k] = state[k] - RATE * slope
            return cost

        return step


def library() -> NumPy:
    """NumPy as it comes."""
    return NumPy()
