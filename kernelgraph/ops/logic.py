"""`&`, `|`, `^` and `~` of truth values: and, or, either, not. Other dtypes have no bits here."""

from __future__ import annotations

from typing import Any

from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable, describe
from kernelgraph.mismatches import typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import add, eq, mul, neq

HINT = (
    "compare first: (x > 0) & (y > 0) for and, (x > 0) | (y > 0) for or, ~(x > 0) for not; "
    "x ** y is a power, switch(x > y, x, y) a choice"
)


def _truths(sign: str, *operands: Any) -> list[Variable]:
    found: list[Variable] = [as_variable(operand) for operand in operands]
    if any(v.dtype != "bool" for v in found):
        raise DTypeError(
            f"{sign} is for truth values, not for {' and '.join(map(describe, found))}",
            code="KG-D003",
            hint=HINT,
            operands=tuple(typed(v, ("bool",)) for v in found),
        )
    return found


def both(x: Any, y: Any) -> Variable:
    """x and y, element by element. Raises `DTypeError` (KG-D003) for anything but truth values."""
    return mul(*_truths("&", x, y))


def either(x: Any, y: Any) -> Variable:
    """x or y, element by element. Raises `DTypeError` (KG-D003)."""
    return add(*_truths("|", x, y))


def differ(x: Any, y: Any) -> Variable:
    """Whether one of x and y is true, and the other is not. Raises `DTypeError` (KG-D003)."""
    return neq(*_truths("^", x, y))


def opposite(x: Any) -> Variable:
    """Not x, element by element. Raises `DTypeError` (KG-D003)."""
    return eq(*_truths("~", x), False)


def shifted(x: Any, y: Any) -> Variable:
    """There are no shifts. Raises `DTypeError` (KG-D003)."""
    x, y = as_variable(x), as_variable(y)
    raise DTypeError(
        f"<< and >> move bits, which {describe(x)} and {describe(y)} have not",
        code="KG-D003",
        hint="x * 2 ** y and x // 2 ** y do the same with numbers",
    )
