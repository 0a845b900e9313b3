"""Derivatives of logarithms, factor by factor: log(a * b) is log(a) + log(b), and so are their
derivatives.

By the chain rule alone, the derivative of log(u) divides by u what then is multiplied by the
factors of u again. On paper they cancel; where u has left the floats, 0 is divided by 0. So reverse
mode takes a cotangent of log(u) to the logarithms of what u is a product, a power, a choice or a
part of.
"""

# The operands of a formula are symbols of any type, so the lambdas below have none to declare.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import as_factor, eq, gt, neq, switch
from kernelgraph.ops.functions import log, log2, log10
from kernelgraph.ops.kinks import constant_of, has_kink_at_zero, is_nothing, is_positive
from kernelgraph.ops.reductions import PickedSum
from kernelgraph.partials import Linear, Only
from kernelgraph.types import is_float


@dataclass(frozen=True)
class Itself:
    """A derivative by an operand, not by its logarithm."""

    partial: Any


NATURAL: dict[Op, float] = {log: 1.0, log2: 1 / math.log(2), log10: 1 / math.log(10)}
"""Logarithms, and how many times the natural one they are."""


def divides(node: Apply) -> bool:
    """Whether the derivative of log(result) is a sum of derivatives of logarithms of operands."""
    op, kind = node.op, node.op.linear
    if len(node.outputs) != 1 or not is_float(node.out.dtype):
        return False
    if isinstance(op, PickedSum):
        return _picks_of_zeros(node.inputs[0])
    if isinstance(kind, Linear):
        return not (kind.adds or kind.pads)
    if not isinstance(op, Elementwise):
        return False
    if op.name in ("sqrt", "pow") and has_kink_at_zero(node.inputs[0]):
        return _is_positive(node.inputs[0])
    return op.name in _PARTIALS


def _is_positive(variable: Variable) -> bool:
    """Whether this is above 0 on paper, so that a root of it has no kink."""
    return variable.owner is not None and variable.owner.op.name in ("exp", "sigmoid", "softmax")


def _picks_of_zeros(variable: Variable) -> bool:
    """Whether the elements that are not picked are 0, as a choice makes them."""
    node = variable.owner
    return node is not None and node.op == switch and is_nothing(node.inputs[2])


def logarithmic_partials(node: Apply) -> Sequence[Any]:
    """For each operand of an elementwise node that `divides`, the derivative of the logarithm of
    the result by the logarithm of the operand, or by the operand `Itself`.
    """
    return _PARTIALS[node.op.name](*node.inputs)


def _beside(other: Variable) -> Any:
    """1, cut off where the other factor cuts off."""
    factor = as_factor(other)
    return Only(factor.condition) if isinstance(factor, Only) else 1


def _of_power(x: Variable, y: Variable) -> Sequence[Any]:
    by_base = y if constant_of(y) is not None else Only(neq(y, 0), y)
    logarithm = log(x)
    return by_base, Itself(logarithm if is_positive(x) else Only(gt(x, 0), logarithm))


def _of_choice(condition: Variable, x: Variable, y: Variable) -> Sequence[Any]:
    holds = condition if condition.dtype == "bool" else neq(condition, 0)
    return None, Only(holds), Only(eq(condition, False))


_PARTIALS: dict[str, Callable[..., Sequence[Any]]] = {
    "mul": lambda x, y: (_beside(y), _beside(x)),
    "true_div": lambda x, y: (1, -1),
    "neg": lambda x: (1,),
    "sqr": lambda x: (2,),
    "sqrt": lambda x: (0.5,),
    "cast": lambda x: (1,),
    "exp": lambda x: (Itself(1),),
    "pow": _of_power,
    "switch": _of_choice,
}
