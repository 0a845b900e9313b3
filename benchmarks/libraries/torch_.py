"""PyTorch, eager: as most people run it."""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import Any

import torch

from benchmarks.workloads import RATE, Formula, Library, Step


class Torch(Library):
    """Tensors made beforehand from the same arrays; gradients by its autograd."""

    name = "torch"
    version = torch.__version__

    def __init__(self) -> None:
        torch.set_num_threads(1)

    def scalar(self, x: float) -> Step:
        """A tensor without axes."""
        v = torch.tensor(x, dtype=torch.float64)
        return lambda: v + 1.0

    def formula(self, formula: Formula, a: Any, b: Any) -> Step:
        """The formula as it stands."""
        ta, tb = torch.from_numpy(a), torch.from_numpy(b)
        return lambda: formula.build(torch, ta, tb)

    def logistic(self, x: Any, y: Any, w: Any) -> Step:
        """The formulas, then `backward`."""
        tx, ty = torch.from_numpy(x), torch.from_numpy(y)
        w = torch.from_numpy(w.copy()).requires_grad_()
        b = torch.zeros((), dtype=torch.float64, requires_grad=True)

        def step() -> Any:
            p = 1 / (1 + torch.exp(-(tx @ w) - b))
            loss = -ty * torch.log(p) - (1 - ty) * torch.log(1 - p)
            cost = loss.mean() + 0.01 * (w**2).sum()
            _descend([w, b], cost)
            return p > 0.5, loss

        return step

    def perceptron(self, x: Any, t: Any, weights: list[Any]) -> Step:
        """The formulas, then `backward`."""
        tx, tt = torch.from_numpy(x), torch.from_numpy(t)
        parameters = [torch.from_numpy(w.copy()).requires_grad_() for w in weights]
        w1, b1, w2, b2 = parameters

        def step() -> Any:
            hidden = torch.tanh(tx @ w1 + b1)
            p = torch.softmax(hidden @ w2 + b2, dim=1)
            cost = -(tt * torch.log(p)).sum(dim=1).mean()
            _descend(parameters, cost)
            return cost

        return step


def _descend(parameters: list[Any], cost: Any) -> None:
    slopes = torch.autograd.grad(cost, parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter -= RATE * slope


def library() -> Torch:
    """PyTorch as it comes."""
    return Torch()
