"""Derivatives that are not there, as values: what the gradient of an op of one's own may return.

`disconnected()` says that a result does not depend on an operand; `grad_undefined(…)` that it does,
and that mathematics has no derivative; `grad_not_implemented(…)` that nobody has written it.
`kg.grad` makes an error of the latter two only where they would reach what is differentiated by,
and hands them over as they are with `null_gradients="return"`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kernelgraph.errors import KernelgraphError, NullGradientError, Origins, capture_origins
from kernelgraph.expect import expect_integer, expect_text, text_of
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.op import Cotangents
from kernelgraph.symbols import expect_variable
from kernelgraph.types import Type

__all__ = [
    "DisconnectedType", "NullType", "disconnected", "grad_not_implemented", "grad_undefined",
]  # fmt: skip


@dataclass(frozen=True)
class DisconnectedType(Type):
    """The type of a gradient by what a result does not depend on."""

    def __str__(self) -> str:
        return "disconnected"


@dataclass(frozen=True)
class NullType(Type):
    """The type of a gradient that is not there; `why` says the reason."""

    why: str = "it is not there"
    origins: Origins = ()

    def __str__(self) -> str:
        return "null"

    @property
    def error(self) -> NullGradientError:
        """What asking for the gradient all the same raises."""
        return NullGradientError(self.why, code="KG-G022", origins=self.origins)


def disconnected() -> Variable:
    """The gradient by an operand that a result does not depend on."""
    return DisconnectedType()()


def grad_undefined(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """The gradient of `op` by its operand `x` at position `x_pos`, which does not exist. Raises
    `ArgumentError`.
    """
    return _null(op, x_pos, x, "does not exist", comment)


def grad_not_implemented(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """The gradient of `op` by its operand `x` at position `x_pos`, which nobody has written. Raises
    `ArgumentError`.
    """
    return _null(op, x_pos, x, "is not written", comment)


def _null(op: Any, x_pos: int, x: Variable, problem: str, comment: str) -> Variable:
    operand = describe(expect_variable(x, "the operand"))
    place = expect_integer(x_pos, "the position of the operand", 0)
    comment = expect_text(comment, "the comment")
    why = f"the derivative of {text_of(op)} by operand {place}, {operand}, {problem}"
    return NullType(f"{why}: {comment}" if comment else why, capture_origins())()


def null_of(error: KernelgraphError) -> Variable:
    """A gradient that is not there, for the reason that an error gives."""
    return NullType(error.message, error.origins)()


def is_null(variable: Variable | None) -> bool:
    """Whether this stands for a gradient that is not there."""
    return variable is not None and isinstance(variable.type, NullType)


def connected_only(node: Apply, given: Cotangents, found: Cotangents) -> list[Variable | None]:
    """What an op's gradient returned, without operands that no result with a cotangent depends on:
    so its `connection_pattern(node)` says, a row of results for each operand.
    """
    cotangents = [as_cotangent(g) for g in found]
    user_op: Any = node.op
    if not hasattr(user_op, "connection_pattern"):
        return cotangents
    there = [g is not None for g in given]
    return [
        g if any(a and b for a, b in zip(row, there, strict=True)) else None
        for g, row in zip(cotangents, user_op.connection_pattern(node), strict=True)
    ]


def as_cotangent(value: Any) -> Variable | None:
    """What an op's gradient returned for an operand: None where it is disconnected."""
    is_apart = isinstance(value, Variable) and isinstance(value.type, DisconnectedType)
    return None if is_apart else value
