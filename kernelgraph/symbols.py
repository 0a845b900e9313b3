"""Symbols where symbols are wanted, what `expect` is for plain values, and patterns, which may
stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgraph.errors import RuleError
from kernelgraph.expect import expect_kind
from kernelgraph.graph import Variable
from kernelgraph.hooks import Operators
from kernelgraph.types import listed


def expect_variable(value: Any, what: str) -> Variable:
    """A symbol. Raises `ArgumentError`."""
    return expect_kind(value, Variable, what, "a symbol")


def expect_variables(value: Any, what: str) -> list[Variable]:
    """One symbol, or those of a list. Raises `ArgumentError`."""
    return [expect_variable(item, what) for item in listed(value)]


class Pattern(Operators):
    """An expression with holes, made by calling an op on a hole: the left side of a rewrite
    rule.
    """

    __slots__ = ("inputs", "name", "op")

    def __init__(self, op: Any, inputs: Sequence[Any], name: str = "") -> None:
        self.op = op
        self.inputs = tuple(inputs)
        self.name = name

    def __repr__(self) -> str:
        return self.name if self.op is None else f"{self.op}({', '.join(map(repr, self.inputs))})"

    def __bool__(self) -> bool:
        """Raises `RuleError`: `if x > 0` has no answer before a rule is used."""
        raise RuleError(
            f"{self!r} is neither true nor false here: a wildcard stands for anything",
            hint="@rule(when=…) names a function that is asked about each match",
        )
