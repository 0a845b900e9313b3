"""Formulas of neural networks, composed of ops."""

from __future__ import annotations

from typing import Any

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import switch
from kernelgraph.ops.functions import exp, log, sigmoid, softplus
from kernelgraph.ops.reductions import max_, sum_

__all__ = ["logsumexp", "relu", "sigmoid", "softmax", "softplus"]


def relu(x: Any, alpha: Any = 0) -> Variable:
    """x where it is positive, else `alpha` times x."""
    x = as_variable(x)
    return switch(x > 0, x, alpha * x)


def softmax(x: Any, axis: int = -1) -> Variable:
    """exp(x) over its sum along `axis`, shifted by the largest element so that nothing
    overflows.
    """
    shifted = exp(x - max_(x, axis=axis, keepdims=True))
    return shifted / sum_(shifted, axis=axis, keepdims=True)


def logsumexp(x: Any, axis: int = -1, keepdims: bool = False) -> Variable:
    """log(sum(exp(x))) along `axis`, shifted by the largest element so that nothing overflows."""
    top = max_(x, axis=axis, keepdims=True)
    total = log(sum_(exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else sum_(total, axis=axis)
