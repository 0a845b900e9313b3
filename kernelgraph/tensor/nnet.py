"""Formulas of neural networks, composed of ops."""

from __future__ import annotations

from typing import Any

from kernelgraph.errors import DTypeError, ShapeError
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import sized, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import switch
from kernelgraph.ops.functions import log, sigmoid, softplus
from kernelgraph.ops.positions import label, paired, picked
from kernelgraph.ops.reductions import sum_
from kernelgraph.ops.softmax import log_softmax, logsumexp, softmax
from kernelgraph.types import INTEGERS

__all__ = [
    "binary_crossentropy", "categorical_crossentropy", "log_softmax", "logsumexp",
    "relu", "sigmoid", "softmax", "softplus",
]  # fmt: skip


def relu(x: Any, alpha: Any = 0) -> Variable:
    """x where it is positive, else `alpha` times x."""
    x = as_variable(x)
    return switch(x > 0, x, alpha * x)


def binary_crossentropy(output: Any, target: Any) -> Variable:
    """-(t log(p) + (1 - t) log(1 - p)), element by element, for probabilities p and targets t.

    Both have one shape, or one of them is a scalar. Raises `ShapeError` for anything else.
    """
    p, t = as_variable(output), as_variable(target)
    if p.ndim and t.ndim and (p.ndim != t.ndim or p.broadcastable != t.broadcastable):
        raise _mismatch(p, t, "probabilities and targets must have one shape")
    return -(t * log(p) + (1 - t) * log(1 - p))


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Variable:
    """-sum(t log(p)) of each row: of probabilities p and targets t of one shape.

    A vector t of integers names the one right class of each row of a matrix: -log(p[i, t[i]]).
    Raises `DTypeError` for class numbers that are no integers, `ShapeError` for labels of another
    form or number, and `IndexingError` when it runs, for a class that does not exist (-1 is none).
    """
    p, t = as_variable(coding_dist), as_variable(true_dist)
    if p.ndim == 2 and t.ndim == 1:
        if t.dtype not in INTEGERS:
            raise _no_class_numbers(t)
        return -picked(log(p), t, label)
    if p.ndim == 0 or p.ndim != t.ndim or p.broadcastable != t.broadcastable:
        raise _mismatch(
            p, t, "labels are a vector of integers, or probabilities of the shape of the scores"
        )
    return -sum_(paired(t, p) * log(p), axis=p.ndim - 1)


def _no_class_numbers(t: Variable) -> DTypeError:
    return DTypeError(
        f"class numbers are integers, not {describe(t)}",
        hint='convert them with T.cast(labels, "int64"), or declare them T.ivector',
        operands=(typed(t, INTEGERS),),
    )


def _mismatch(p: Variable, t: Variable, because: str) -> ShapeError:
    return ShapeError(
        f"labels {describe(t)} do not fit the scores {describe(p)}",
        code="KG-S001",
        because=because,
        hint="make a vector of a column with labels.flatten()" if t.ndim == 2 else None,
        operands=(sized(p), sized(t)),
    )
