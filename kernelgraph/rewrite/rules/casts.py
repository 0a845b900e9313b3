"""Casts: those that lose nothing go, and where an op reads an integer as a float, it is written.

`exp(i)` of an integer reads it as a float; nothing in the graph says so. The rules that stabilise
hold for floats alone, since the arithmetic of integers wraps around. Written with its cast,
`exp(float64(i))` is an expression of a float, and every rule applies to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import Cast, add, cast, mul, sub, true_div
from kernelgraph.ops.functions import exp, log, sigmoid
from kernelgraph.rewrite.matching import Match, constant_behind
from kernelgraph.rewrite.rule import LhsRhs, computed_rule, rule
from kernelgraph.types import is_float

_ARITHMETIC = (add, sub, mul, true_div)


def _loses_nothing(dtype: str, to: str) -> bool:
    """Whether every number of `dtype` is a number of `to`."""
    if dtype == to or dtype == "bool":
        return True
    if to == "bool":
        return False
    if is_float(dtype):
        return to == "float64"
    limits = np.iinfo(dtype)
    if is_float(to):
        return limits.bits < np.finfo(to).nmant
    return np.iinfo(to).min <= limits.min and limits.max <= np.iinfo(to).max


def _first_loses_nothing(match: Match) -> bool:
    """A guard: all numbers go through the first cast unchanged."""
    return _loses_nothing(match["x"].dtype, match["first"].dtype)


@rule(
    phase="simplify",
    when=_first_loses_nothing,
    examples=[
        lambda x: (cast(cast(x, "float64"), "float32"), cast(x, "float32")),
        lambda x: (cast(cast(x, "int64"), "int8"), cast(x, "int8")),
    ],
)
def cast_twice(x: Any, first: Cast, last: Cast) -> LhsRhs:
    """A cast that loses nothing need not be made before another one."""
    return last(first(x)), lambda: cast(x, last.dtype)


@computed_rule(
    phase="stabilize",
    on=(Elementwise,),
    where={"x": "integer"},
    examples=[
        lambda x: (exp(x), exp(cast(x, exp(x).dtype))),
        lambda x: (x * sigmoid(x), _as_floats(x * sigmoid(x))),
        lambda x: (log(x), log(cast(x, log(x).dtype))),
    ],
    depth=1,
)
def integers_as_floats(node: Apply) -> Variable | None:
    """exp(i) of an integer i is exp(float64(i)): with the cast written, rules for floats apply."""
    op = node.op
    assert isinstance(op, Elementwise)
    if all(is_float(v.dtype) for v in node.inputs) or not is_float(node.out.dtype):
        return None
    if op.arity > 1 and op not in _ARITHMETIC:
        return None
    read, _ = op.signature([v.dtype for v in node.inputs])
    found = [
        _read_as(v, dtype) if is_float(dtype) and not _is_mask(v, op) else v
        for v, dtype in zip(node.inputs, read, strict=True)
    ]
    changed = any(new is not old for new, old in zip(found, node.inputs, strict=True))
    return op(*found) if changed else None


def _is_mask(variable: Variable, op: Elementwise) -> bool:
    """Whether a truth value is a factor or a term: rules that choose by masks know them as such."""
    return variable.dtype == "bool" and op.arity > 1


def _read_as(variable: Variable, dtype: str) -> Variable:
    """An integer cast to a float dtype; constants are recognised as they are."""
    if is_float(variable.dtype) or constant_behind(variable) is not None:
        return variable
    return cast(variable, dtype)


def _as_floats(product: Any) -> Any:
    """A product with its operands in its own dtype."""
    return mul(*(cast(v, product.dtype) for v in product.owner.inputs))
