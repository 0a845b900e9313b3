"""Stabilize logarithms of 1 + tanh(x) and 1 - tanh(x), which vanish far out, and their slopes."""

from __future__ import annotations

import math

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import (
    abs_,
    add,
    lt,
    maximum,
    minimum,
    mul,
    neg,
    sqr,
    sub,
    switch,
    true_div,
)
from kernelgraph.ops.functions import log1p, sigmoid, softplus, tanh
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.products import edit_product, factors, pairs
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.stabilize_sums import constant
from kernelgraph.types import is_float

_NEAR = 0.5
"""Nearer to 0 than that, log1p has the digits."""


@computed_rule(
    on=(log1p,),
    changes="rounding",
    where={"x": "moderate"},
    examples=[
        lambda x: (log1p(tanh(x)), log1p(tanh(x))),
        lambda x: (log1p(-tanh(x)), log1p(-tanh(x))),
    ],
    depth=3,
)
def log_of_one_plus_tanh(node: Apply) -> Variable | None:
    """1 + tanh(x) is 2 sigmoid(2x), which vanishes far from 0, but not its logarithm."""
    (t,) = node.inputs
    inside = _operand(t, neg)
    x = _operand(t if inside is None else inside, tanh)
    if x is None or not is_float(x.dtype) or _operand(x, maximum) is not None:
        return None
    near = maximum(minimum(x, constant(_NEAR, x)), constant(-_NEAR, x))
    sign = constant(-2 if inside is None else 2, x)
    far = constant(math.log(2), x) - softplus(sign * x)
    close = tanh(near) if inside is None else -tanh(near)
    return switch(lt(abs_(x), constant(_NEAR, x)), log1p(close), far)


@computed_rule(
    on=(mul, true_div),
    changes="rounding",
    where={"x": "moderate", "y": "bounded"},
    examples=[
        lambda x, y: (y / (1 - tanh(x)) * (1 - sqr(tanh(x))), y * (2 * sigmoid(2 * x))),
        lambda x, y: ((1 - sqr(tanh(x))) / (1 + tanh(x)) * y, 2 * sigmoid(-2 * x) * y),
    ],
    depth=5,
)
def slope_of_log_of_one_plus_tanh(node: Apply) -> Variable | None:
    """1 - tanh(x)² is a product of 1 + tanh(x) and 1 - tanh(x): divided by one, it is the other,
    which is 2 sigmoid(2x) or 2 sigmoid(-2x).
    """
    for slope, other in pairs(factors(node.out)[0]):
        if slope.inverted or not other.inverted or slope.variable.type != other.variable.type:
            continue
        square = _beside_one(slope.variable, sub)
        t = None if square is None else _operand(square, sqr)
        x = None if t is None else _operand(t, tanh)
        if t is None or x is None:
            continue
        for op, double in ((sub, 2), (add, -2)):
            if _beside_one(other.variable, op) is t:
                rest = constant(2, x) * sigmoid(constant(double, x) * x)
                return edit_product(node.out, {slope.path: rest, other.path: None})
    return None


def _operand(variable: Variable, op: Op) -> Variable | None:
    """The first operand of what an op made."""
    node = variable.owner
    return node.inputs[0] if node is not None and node.op == op else None


def _beside_one(variable: Variable, op: Op) -> Variable | None:
    """What is added to 1, or taken from it."""
    node = variable.owner
    if node is None or node.op != op or number(node.inputs[0]) != 1:
        return None
    return node.inputs[1]


RULES = (log_of_one_plus_tanh, slope_of_log_of_one_plus_tanh)
