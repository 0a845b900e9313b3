"""A graph as one line of mathematics, in Theano's form: `pp(x + y)` gives `(x + y)`."""

from __future__ import annotations

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Variable, producers_first
from kernelgraph.op import Reduction
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.contraction import Dot
from kernelgraph.viz import escape
from kernelgraph.viz.theano_text import constant_name, type_name

_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "true_div": "/", "pow": "**", "int_div": "//", "mod": "%",
    "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "=", "neq": "!=",
}  # fmt: skip
_MOST_CHARACTERS = 100_000


def pp(variable: Variable) -> str:
    """The formula of a variable on one line, every operation in brackets; names stand for
    variables that have one.

    A formula of more than 100 000 characters is cut.
    """
    texts: dict[Variable, str] = {}
    for node in producers_first(
        [variable], lambda v: None if v.name and v is not variable else v.owner
    ):
        for out in node.outputs:
            texts[out] = _apply(node, [_operand(v, texts) for v in node.inputs])[:_MOST_CHARACTERS]
    return _operand(variable, texts)


pprint = pp
"""Theano's other name for `pp`."""


def _operand(variable: Variable, texts: dict[Variable, str]) -> str:
    if variable in texts:
        return texts[variable]
    if variable.name:
        return escape.name(variable.name)
    if isinstance(variable, Constant):
        return constant_name(variable)
    return f"<{type_name(variable.type)}>"


def _apply(node: Apply, operands: list[str]) -> str:
    op = node.op
    match op:
        case Elementwise(name=name) if name in _SIGNS:
            return f"({operands[0]} {_SIGNS[name]} {operands[1]})"
        case Elementwise(name="neg"):
            return f"(-{operands[0]})"
        case Elementwise(name="abs"):
            return f"|{operands[0]}|"
        case Cast():
            return f"Cast{{{op.dtype}}}({operands[0]})"
        case DimShuffle(order=order) if order == tuple(reversed(range(node.inputs[0].ndim))):
            return f"{operands[0]}.T" if len(order) > 1 else operands[0]
        case DimShuffle(order=order) if all(k == "x" for k in order):
            return operands[0]
        case DimShuffle():
            return f"DimShuffle{{{','.join(map(str, op.order))}}}({operands[0]})"
        case Dot():
            return f"({operands[0]} \\dot {operands[1]})"
        case Reduction() if len(op.axes) < node.inputs[0].ndim:
            return f"{op.name}({operands[0]}, axis={op.axes})"
        case _:
            return f"{escape.name(op.name or str(op))}({', '.join(operands)})"
