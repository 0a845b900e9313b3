"""Choices that are none: `switch(True, x, y)`, and the larger of a number and itself."""

from __future__ import annotations

from typing import Any

from kernelgraph.ops.arithmetic import maximum, minimum, switch
from kernelgraph.rewrite.rule import LhsRhs, rule


@rule(phase="simplify")
def larger_of_one(x: Any) -> LhsRhs:
    """The larger of a number and itself is the number."""
    return maximum(x, x), x


@rule(phase="simplify")
def smaller_of_one(x: Any) -> LhsRhs:
    """The smaller of a number and itself is the number."""
    return minimum(x, x), x


@rule(phase="simplify", over_complex=True)
def choice_of_one(condition: Any, x: Any) -> LhsRhs:
    """A choice between a number and itself is no choice."""
    return switch(condition, x, x), x


@rule(phase="simplify", over_complex=True)
def choice_made(x: Any, y: Any) -> LhsRhs:
    """The condition holds everywhere."""
    return switch(True, x, y), x


@rule(phase="simplify", over_complex=True)
def choice_refused(x: Any, y: Any) -> LhsRhs:
    """The condition holds nowhere."""
    return switch(False, x, y), y
