"""Formulas of neural networks, composed of ops."""

from __future__ import annotations

from typing import Any

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import switch
from kernelgraph.ops.functions import log, sigmoid, softplus
from kernelgraph.ops.positions import picked
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.softmax import log_softmax, logsumexp, softmax
from kernelgraph.types import INTEGERS

__all__ = [
    "binary_crossentropy", "categorical_crossentropy", "log_softmax", "logsoftmax", "logsumexp",
    "relu", "sigmoid", "softmax", "softplus",
]  # fmt: skip

logsoftmax = log_softmax
"""Theano's name for `log_softmax`."""


def relu(x: Any, alpha: Any = 0) -> Variable:
    """x where it is positive, else `alpha` times x."""
    x = as_variable(x)
    return switch(x > 0, x, alpha * x)


def binary_crossentropy(output: Any, target: Any) -> Variable:
    """-(t log(p) + (1 - t) log(1 - p)), element by element, for probabilities p and targets t."""
    p, t = as_variable(output), as_variable(target)
    return -(t * log(p) + (1 - t) * log(1 - p))


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Variable:
    """-sum(t log(p)) of each row: of probabilities p and targets t, both matrices.

    A vector t of integers names the one right class of each row: -log(p[i, t[i]]). Raises
    `IndexingError` when it runs, for a class that does not exist.
    """
    p, t = as_variable(coding_dist), as_variable(true_dist)
    if t.ndim == p.ndim - 1 and t.dtype in INTEGERS:
        return -picked(log(p), t)
    return -sum_(t * log(p), axis=p.ndim - 1)
