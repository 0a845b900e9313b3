"""Stabilize expressions of integers and truth values: let rules see the floats that ops read.

`exp(i)` of an integer reads it as a float; nothing in the graph says so. The rules that stabilise
hold for floats alone, since the arithmetic of integers wraps around. Written with its cast,
`exp(float64(i))` is an expression of a float, and every rule applies to it.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import add, cast, mul, sub, true_div
from kernelgraph.ops.functions import exp, log, sigmoid
from kernelgraph.rewrite.matching import constant_behind
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.types import is_float

_ARITHMETIC = (add, sub, mul, true_div)


@computed_rule(
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
    """What an op reads as a float is written as one: what holds for floats can be seen then."""
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


RULES = (integers_as_floats,)
