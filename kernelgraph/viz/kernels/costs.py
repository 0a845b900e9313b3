"""The cost whose gradient a view shows where none was named: the last scalar among the outputs.

Of the outputs `[exp(x), x.sum()]` it is `x.sum()`, differentiated by x.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.autodiff import has_derivative
from kernelgraph.graph import Constant, Variable, leaves
from kernelgraph.types import TensorType


def last_cost(outputs: Sequence[Variable]) -> Variable | None:
    """The last output that is a single float and depends on a variable with a derivative."""
    costs = (output for output in reversed(outputs) if is_cost(output))
    return next((cost for cost in costs if differentiable(cost)), None)


def is_cost(variable: Variable) -> bool:
    """Whether a gradient of it can be asked for: a float without dimensions."""
    kind = variable.type
    return isinstance(kind, TensorType) and kind.ndim == 0 and has_derivative(variable)


def differentiable(cost: Variable) -> list[Variable]:
    """Every input and shared variable behind `cost` that has a derivative."""
    found = leaves([cost])
    return [v for v in found if has_derivative(v) and not isinstance(v, Constant)]
