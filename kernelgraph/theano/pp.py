"""A graph as one line of mathematics, in Theano's form: `pp(x + y)` gives `(x + y)`."""

from __future__ import annotations

from collections import Counter

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.expect import unfit
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.indexing import Item, Subtensor
from kernelgraph.theano.forms import theano_form
from kernelgraph.theano.ops import Printed
from kernelgraph.theano.text import constant_name, entries, op_name, type_name
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.subjects import graph_of
from kernelgraph.walks import producers_first

_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "true_div": "/", "pow": "**", "int_div": "//",
}  # fmt: skip
_RENAMED = {"sign": "sgn"}
_MOST_CHARACTERS = 50_000
_CUT = f"… (cut after {_MOST_CHARACTERS} characters; theano.printing.debugprint prints the graph)"


def pp(variable: Variable) -> str:
    """The formula of a variable on one line, every operation in brackets; inputs have names.

    A formula of more than 50 000 characters is cut, which its end says.
    """
    outputs = theano_form(graph_of(variable)).outputs
    if len(outputs) != 1:
        raise unfit("what is printed on one line", "one symbol", variable)
    (variable,) = outputs
    nodes = list(producers_first([variable], lambda v: v.owner))
    uses = Counter(v for node in nodes for v in node.inputs)
    texts: dict[Variable, str] = {}
    for node in nodes:
        operands = _within_limits([_operand(v, texts) for v in node.inputs])
        for out in node.outputs:
            texts[out] = _apply(node, operands)[: _MOST_CHARACTERS + 1]
        for v in node.inputs:
            uses[v] -= 1
            if not uses[v] and v is not variable:
                texts.pop(v, None)  # many long texts at once would be too much
    text = _operand(variable, texts)
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + _CUT


def _within_limits(texts: list[str]) -> list[str]:
    """The operands of a formula; those whose place is certainly cut off are not written."""
    room = _MOST_CHARACTERS
    for k, text in enumerate(texts):
        if room < 0:
            texts[k] = "…"
        room -= len(text)
    return texts


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
            return f"{op.dtype}({operands[0]})"
        case DimShuffle(order=order) if order == tuple(reversed(range(node.inputs[0].ndim))):
            return f"{operands[0]}.T" if len(order) > 1 else operands[0]
        case DimShuffle(order=order) if _only_pads(order, node.inputs[0].ndim):
            return operands[0]
        case DimShuffle():
            return f"DimShuffle{{{', '.join(map(str, op.order))}}}({operands[0]})"
        case Dot():
            return f"({operands[0]} \\dot {operands[1]})"
        case Subtensor():
            parts = dict(zip(node.inputs, operands, strict=True))
            return f"{operands[0]}[{', '.join(_index(op, node, parts))}]"
        case Printed(text="Subtensor{int64}"):
            return f"{operands[0]}[{operands[1].removeprefix('Tensor')}]"
        case Printed():
            return op.filled(operands)
        case Elementwise(name=name):
            return f"{_RENAMED.get(name, name)}({', '.join(operands)})"
        case _:
            return f"{op_name(op, node)}({', '.join(operands)})"


def _index(op: Subtensor, node: Apply, parts: dict[Variable, str]) -> list[str]:
    """Single indices by their value, slices by their types, as Theano has them."""
    singles = [
        parts[op.operands(node.inputs, axis)[0]].replace("TensorConstant", "Constant")
        for axis, entry in enumerate(op.spec)
        if isinstance(entry, Item)
    ]
    slices = [text.removesuffix(":") for text in entries(op, node) if ":" in text]
    return slices or singles


def _only_pads(order: tuple[int | str, ...], rank: int) -> bool:
    """Whether new dimensions are put in front and nothing else: broadcasting does that unasked."""
    return order == ("x",) * (len(order) - rank) + tuple(range(rank))
