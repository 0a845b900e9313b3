"""Formulas on one line: `log(1 + x)`, from a variable or from a rule's pattern.

What a step of rewriting replaced is told in this notation. It writes intermediate results by the
names that people gave them, leaves out dimensions that were only added, and stops after so many
ops, so that no graph is too large to print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Constant, Variable
from kernelgraph.names import shortened
from kernelgraph.op import Op, Reduction
from kernelgraph.ops.cumulative import Running
from kernelgraph.ops.gathering import Gather
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.mixed import Index
from kernelgraph.ops.sources import SizeOf
from kernelgraph.symbols import Pattern
from kernelgraph.types import is_array

_INFIX = {
    "lt": ("<", 1), "le": ("<=", 1), "gt": (">", 1), "ge": (">=", 1), "eq": ("==", 1),
    "neq": ("!=", 1), "add": ("+", 2), "sub": ("-", 2), "mul": ("*", 3), "true_div": ("/", 3),
    "pow": ("**", 5),
}  # fmt: skip
"""Symbols, and how tightly they bind."""
_NEGATIVE, _ATOM = 4, 6
_MOST_OPERANDS = 30
_DEPTHS = (16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1)

Called = Callable[[Variable], str | None]
"""What a variable is called; None where its formula is wanted."""

Text = tuple[str, int]
"""A formula and how tightly its outermost operator binds."""


def formula(value: Any, *, width: int = 100, called: Called | None = None) -> str:
    """`value` (a variable, pattern or number) on one line of at most `width` characters: as deep as
    there is room. `called` gives names to variables whose formulas are not written out.

    >>> from kernelgraph.ops.functions import log
    >>> from kernelgraph.types import TensorType
    >>> x = Variable(TensorType("float64", (None,)), "x")
    >>> print(formula(log(1 + x) * (x - 2)))
    log(1 + x) * (x - 2)
    >>> print(formula(log(1 + x) * (x - 2), width=16))
    log(…) * (x - 2)
    """
    text, reached = "", _DEPTHS[0]
    for depth in _DEPTHS:
        if depth > reached:
            continue  # the text would be the same
        writer = _Writer(depth, width, called)
        text, _ = writer.write(value, 0)
        if len(text) <= width:
            return text
        reached = writer.reached
    return text[: width - 1] + "…"


class _Writer:
    """Writes one formula, to a certain depth."""

    def __init__(self, depth: int, most_ops: int, called: Called | None) -> None:
        self.depth = depth
        self.called = called
        self.ops_left = most_ops
        self.reached = 0

    def write(self, value: Any, level: int) -> Text:
        """The text of `value`, `level` operations below the outermost."""
        if isinstance(value, Pattern):
            if value.op is None:
                return value.name, _ATOM
            return self._apply(value.op, value.inputs, level)
        if not isinstance(value, Variable):
            return _number(value)
        if isinstance(value, Constant):
            return _constant(value)
        name = self.called(value) if self.called is not None and level > 0 else None
        if name is not None:
            return name, _ATOM
        if value.owner is None or (value.name is not None and level > 0):
            return repr(value), _ATOM
        text, binds = self._apply(value.owner.op, value.owner.inputs, level)
        return (text, binds) if len(value.owner.outputs) == 1 else (f"{text}.{value.index}", _ATOM)

    def _apply(self, op: Op, operands: Sequence[Any], level: int) -> Text:
        self.ops_left -= 1
        self.reached = max(self.reached, level)
        if isinstance(op, DimShuffle) and isinstance(operands[0], Constant):
            return _constant(operands[0])
        if level >= self.depth or self.ops_left < 0:
            return "…", _ATOM
        if isinstance(op, Elementwise) and op.name in _INFIX:
            left, right = operands
            return self._infix(op, left, right, level)
        if op.name == "neg":
            return f"-{self._within(operands[0], _NEGATIVE + 1, level)}", _NEGATIVE
        if isinstance(op, DimShuffle):
            return self._dimshuffle(op, operands[0], level)
        return self._call(op, operands, level)

    def _infix(self, op: Op, left: Any, right: Any, level: int) -> Text:
        symbol, binds = _INFIX[op.name]
        # Neither a < b < c nor a ** b ** c may go without parentheses; a + (b + c) may.
        never_chains = binds == 1 or symbol == "**"
        loose = not never_chains and op.commutative and _is_use_of(op, right)
        before = self._within(left, binds + never_chains, level)
        after = self._within(right, binds + (not loose), level)
        return f"{before} {symbol} {after}", binds

    def _within(self, value: Any, least: int, level: int) -> str:
        text, binds = self.write(value, level + 1)
        return text if binds >= least else f"({text})"

    def _dimshuffle(self, op: DimShuffle, operand: Any, level: int) -> Text:
        kept = [axis for axis in op.order if isinstance(axis, int)]
        if kept == sorted(kept):
            return self.write(operand, level)
        if len(kept) == len(op.order) and kept == sorted(kept, reverse=True):
            return f"{self._within(operand, _ATOM, level)}.T", _ATOM
        order = ", ".join(map(repr, op.order))
        return f"{self._within(operand, _ATOM, level)}.dimshuffle({order})", _ATOM

    def _call(self, op: Op, operands: Sequence[Any], level: int) -> Text:
        name = op.name or type(op).__name__
        arguments = [self.write(v, level + 1)[0] for v in operands[:_MOST_OPERANDS]]
        arguments += ["…"] * (len(operands) > _MOST_OPERANDS)
        match op:
            case Reduction() if not _reduces_all(op, operands[0]):
                axes = op.axes[0] if len(op.axes) == 1 else op.axes
                arguments.append(f"axis={axes}")
            case SizeOf():
                arguments.append(str(op.axis))
            case Running() if not _is_vector(operands[0]):
                arguments.append(f"axis={op.axis}")
            case (Subtensor() | Index()) | Gather(of_rows=False):
                return f"{self._within(operands[0], _ATOM, level)}[{op.text(arguments)}]", _ATOM
            case _ if name == "broadcast":
                arguments = arguments[:1]
            case _ if name == "cast":
                name = getattr(op, "dtype", name)
            case _:
                pass
        return f"{name}({', '.join(arguments)})", _ATOM


def _is_use_of(op: Op, value: Any) -> bool:
    """Whether `value` is written by the same op."""
    if isinstance(value, Variable):
        return value.owner is not None and value.owner.op.name == op.name
    return isinstance(value, Pattern) and value.op is not None and value.op.name == op.name


def _reduces_all(op: Reduction, operand: Any) -> bool:
    return isinstance(operand, Variable) and len(op.axes) == operand.ndim


def _is_vector(operand: Any) -> bool:
    return isinstance(operand, Variable) and operand.ndim == 1


def _constant(constant: Constant) -> Text:
    if constant.name is not None:
        return shortened(constant.name), _ATOM
    if is_array(constant.data) and constant.scalar is not None:
        return _number(constant.scalar)
    return str(constant), _ATOM


def _number(value: Any) -> Text:
    plain: Any = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e16:
        text = str(int(plain)) if plain or not np.signbit(plain) else "-0.0"
    elif str(getattr(value, "dtype", "")) == "float32":  # its own, shorter digits
        text = str(value)
    else:
        text = str(plain)
    return text, _NEGATIVE if text.startswith("-") else _ATOM
