"""Nodes that exist in Theano's texts only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Opaque
from kernelgraph.types import TensorType


class Printed(Opaque):
    """An op of Theano's, by its name and its formula: "%0" for an operand, "%*" for all of them."""

    __props__ = ("text", "formula")

    def __init__(self, text: str, formula: str) -> None:
        self.text = text
        self.formula = formula

    def __str__(self) -> str:
        return self.text

    def node(self, operands: Sequence[Variable], kind: TensorType, name: str = "") -> Variable:
        """The op at work on operands."""
        return Apply(self, operands, [Variable(kind, name or None)]).out

    def filled(self, operands: Sequence[str]) -> str:
        """The formula with the operands' formulas in it.

        >>> Printed("Elemwise{mul}", "(%0 * %1)").filled(["x", "%0"])
        '(x * %0)'
        """
        parts = re.split(r"%(\d|\*)", self.formula)
        whole = ", ".join(operands)
        parts[1::2] = [whole if k == "*" else operands[int(k)] for k in parts[1::2]]
        return "".join(parts)


SECOND = Printed("Elemwise{second,no_inplace}", "fill(%*)")
"""The second operand wherever the first has elements."""
