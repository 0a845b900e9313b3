"""Powers of roots: the derivative of `sqrt(x)**2` is 1, at 0 too, where that of the root is
infinite.

Both modes of differentiation take a power of a root as one power of what stands under the root.
"""

from __future__ import annotations

import math

import numpy as np

from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import lt, mul, sqr, switch
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.kinks import constant_of, has_kink_at_zero
from kernelgraph.ops.powers import pow_
from kernelgraph.types import is_float


def power_of_root(node: Apply) -> tuple[Variable, Variable] | None:
    """x and the derivative by x, where a node is a power, by 1 or more, of a root of x; None where
    it is none. No root has a derivative for x < 0. One that has a kink at 0 has its own rule.
    """
    outer = _exponent(node)
    root = node.inputs[0].owner
    if outer is None or outer < 1 or root is None:
        return None
    inner = _exponent(root)
    if inner is None or not 0 < inner < 1 or inner * outer < 1:
        return None
    x = root.inputs[0]
    if not is_float(x.dtype) or x.type != node.out.type or has_kink_at_zero(x):
        return None
    zero, never, one = (np.full((1,) * x.ndim, n, x.dtype) for n in (0, math.nan, 1))
    power = inner * outer
    derivative = (
        one if power == 1 else np.asarray(power, x.dtype) * x ** np.asarray(power - 1, x.dtype)
    )
    return x, switch(lt(x, zero), never, derivative)


def _exponent(node: Apply) -> float | None:
    """The constant exponent of a power."""
    if node.op == sqrt:
        return 0.5
    if node.op == sqr or (node.op == mul and _are_alike(*node.inputs)):
        return 2.0
    constant = constant_of(node.inputs[1]) if node.op == pow_ else None
    return None if constant is None or constant.scalar is None else float(constant.scalar)


def _are_alike(a: Variable, b: Variable) -> bool:
    """Whether two variables are one, or made by one op of the same."""
    if a is b or a.owner is None or b.owner is None:
        return a is b
    same = all(x is y for x, y in zip(a.owner.inputs, b.owner.inputs, strict=False))
    return a.owner.op == b.owner.op and same and a.type == b.type
