"""The rule by which one node differentiates, as a line of mathematics: `d sin(u) = cos(u) du`.

A node comes in; its operands are called u, v, w and so on, in order, except for numbers. The rule
is what forward mode makes of the node, so it is right for every op that has a derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.autodiff import has_derivative, node_jvp
from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Constant, Graph, Variable, leaves
from kernelgraph.hooks import unwatched
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.partials import Only
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.viz.html import escape
from kernelgraph.viz.text.words import variable_text

_LETTERS = "uvwpqrst"
_WIDTH = 70
_RULES = [rule for rule in DEFAULT if rule.phase in ("merge", "fold", "simplify")]
_UNKNOWN = "the derivative that the op brings along"


def local_rule(node: Apply) -> str:
    """The differential of a node's result, in terms of those of its operands.

    >>> from kernelgraph.ops.functions import sin
    >>> from kernelgraph.types import TensorType
    >>> x = Variable(TensorType("float64", ()), "x")
    >>> local_rule(sin(x).owner)
    'd sin(u) = cos(u) du'
    >>> local_rule((x / 2).owner)
    'd(u / 2) = 0.5 du'
    """
    letters = iter(_LETTERS)
    operands = [v if _is_number(v) else Variable(v.type, next(letters, "…")) for v in node.inputs]
    if isinstance(node.op, Subtensor):
        return _part(node.op, operands)
    try:
        with unwatched():
            copy = node.clone_with(operands)
            right = _differential(copy)
    except Exception:  # an op of a user may raise anything
        return _UNKNOWN
    left = formula(copy.outputs[0], width=_WIDTH)
    enclosed = left if _is_call(left) else f"({left})"
    between = " " if _is_call(left) else ""
    return escape.name(f"d{between}{enclosed} = {right}", limit=200)


def _part(op: Subtensor, operands: Sequence[Variable]) -> str:
    index = escape.name(op.text([variable_text(operand) for operand in operands]))
    return f"d u[{index}] = du[{index}]"


def _is_number(variable: Variable) -> bool:
    """Whether this is a constant, perhaps with dimensions added."""
    if variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        return _is_number(variable.owner.inputs[0])
    return isinstance(variable, Constant)


def _is_call(text: str) -> bool:
    """Whether a formula is one call, such as `sin(u)`, so that it needs no brackets around it."""
    name, bracket, rest = text.partition("(")
    return bool(bracket) and name.isidentifier() and rest.endswith(")") and rest.count("(") == 0


def _differential(node: Apply) -> str:
    moving = [not _is_number(v) and has_derivative(v) for v in node.inputs]
    if isinstance(node.op, Elementwise) and node.op.partials is not None:
        partials = node.op.partials(*node.inputs, node.out)
        pairs = zip(partials, node.inputs, moving, strict=True)
        return _sum([(partial, str(v.name)) for partial, v, moves in pairs if moves])
    tangents = [
        Variable(v.type, f"d{v.name}") if moves else None
        for v, moves in zip(node.inputs, moving, strict=True)
    ]
    (found, *_) = node_jvp(node, tangents)
    return "0" if found is None else formula(found, width=_WIDTH)


def _sum(terms: Sequence[tuple[Any, str]]) -> str:
    """The sum of partial derivatives times differentials."""
    text = ""
    for partial, name in terms:
        if partial is None:
            continue
        factor, sign = _factor(partial.derivative if isinstance(partial, Only) else partial)
        term = f"{factor} d{name}".strip()
        if isinstance(partial, Only):
            chosen = formula(_simpler(partial.condition), width=_WIDTH)
            term, sign = f"switch({chosen}, {sign.replace('+', '')}{term}, 0)", "+"
        text += (f" {sign} " if text else sign.replace("+", "")) + term
    return text or "0"


def _simpler(partial: Variable) -> Variable:
    """The same derivative without sums of numbers and the like: 2 * u for 2 * u ** (2 - 1)."""
    ends = tuple(leaves([partial]))
    return rewrite(Graph(ends, (partial,)), _RULES).graph.outputs[0]


def _factor(partial: Any) -> tuple[str, str]:
    """A partial derivative as a factor, and the sign before it."""
    if not isinstance(partial, Variable):
        return ("" if abs(partial) == 1 else formula(abs(partial))), "-" if partial < 0 else "+"
    sign = "+"
    if partial.owner is not None and partial.owner.op.name == "neg":
        partial, sign = partial.owner.inputs[0], "-"
    text = formula(_simpler(partial), width=_WIDTH)
    needs_brackets = any(operator in text for operator in (" + ", " - ", " / "))
    return (f"({text})" if needs_brackets else text), sign
