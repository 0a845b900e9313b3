"""Symbols where symbols are wanted: what `expect` is for plain values."""

from __future__ import annotations

from typing import Any

from kernelgraph.expect import expect_kind
from kernelgraph.graph import Variable
from kernelgraph.types import listed


def expect_variable(value: Any, what: str) -> Variable:
    """A symbol. Raises `ArgumentError`."""
    return expect_kind(value, Variable, what, "a symbol")


def expect_variables(value: Any, what: str) -> list[Variable]:
    """One symbol, or those of a list. Raises `ArgumentError`."""
    return [expect_variable(item, what) for item in listed(value)]
