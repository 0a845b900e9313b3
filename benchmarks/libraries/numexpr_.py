"""numexpr, which compiles the text of a formula for its own machine; it has no products, no
gradients.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import Any

import numexpr

from benchmarks.workloads import Formula, Library, Step


class NumExpr(Library):
    """The formulas only."""

    name = "numexpr"
    version = numexpr.__version__

    def scalar(self, x: float) -> Step:
        """The text of a sum."""
        return lambda: numexpr.evaluate("x + 1.0", local_dict={"x": x})

    def formula(self, formula: Formula, a: Any, b: Any) -> Step:
        """The formula's text, found by building it from texts."""
        text = str(formula.build(_Functions(), _Text("a"), _Text("b")))
        operands = {"a": a, "b": b}
        return lambda: numexpr.evaluate(text, local_dict=operands)


class _Text:
    """A text that grows as Python's operators are applied to it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Any) -> _Text:
        return _Text(f"({self} + {other})")

    def __radd__(self, other: Any) -> _Text:
        return _Text(f"({other} + {self})")

    def __sub__(self, other: Any) -> _Text:
        return _Text(f"({self} - {other})")

    def __mul__(self, other: Any) -> _Text:
        return _Text(f"({self} * {other})")

    def __rmul__(self, other: Any) -> _Text:
        return _Text(f"({other} * {self})")

    def __truediv__(self, other: Any) -> _Text:
        return _Text(f"({self} / {other})")

    def __rtruediv__(self, other: Any) -> _Text:
        return _Text(f"({other} / {self})")

    def __neg__(self) -> _Text:
        return _Text(f"(-{self})")

    def __abs__(self) -> _Text:
        return _Text(f"abs({self})")

    def sum(self) -> _Text:
        """The sum over all elements."""
        return _Text(f"sum({self})")


class _Functions:
    """A module whose functions write their own call."""

    def __getattr__(self, name: str) -> Any:
        return lambda operand: _Text(f"{name}({operand})")


def library() -> NumExpr:
    """numexpr as it comes."""
    return NumExpr()
