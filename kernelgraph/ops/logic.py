"""`&`, `|`, `^` and `~`: of truth values and, or, either, not; of integers the same bit by bit.
Floats have no bits here.

Of truth values these are products and sums, comparisons and choices, so that derivatives and rules
see them as masks.
"""

from __future__ import annotations

from typing import Any

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops import bits
from kernelgraph.ops.arithmetic import add, eq, mul, neq


def _are_truths(*operands: Variable) -> bool:
    return all(operand.dtype == "bool" for operand in operands)


def both(x: Any, y: Any) -> Variable:
    """x & y: the bits that both have; of truth values, whether both hold.

    Raises `DTypeError` (KG-D003) for floats.
    """
    x, y = as_variable(x), as_variable(y)
    return (mul if _are_truths(x, y) else bits.bit_and)(x, y)


def either(x: Any, y: Any) -> Variable:
    """x | y: the bits that either has; of truth values, whether one holds or both.

    Raises `DTypeError` (KG-D003) for floats.
    """
    x, y = as_variable(x), as_variable(y)
    return (add if _are_truths(x, y) else bits.bit_or)(x, y)


def differ(x: Any, y: Any) -> Variable:
    """x ^ y: the bits that only one has; of truth values, whether one holds and the other does not.

    Raises `DTypeError` (KG-D003) for floats.
    """
    x, y = as_variable(x), as_variable(y)
    return (neq if _are_truths(x, y) else bits.bit_xor)(x, y)


def opposite(x: Any) -> Variable:
    """~x: all bits turned round, -x - 1; of a truth value, the other one.

    Raises `DTypeError` (KG-D003) for floats.
    """
    x = as_variable(x)
    return eq(x, False) if _are_truths(x) else bits.bit_not(x)


and_ = bitwise_and = both
or_ = bitwise_or = either
xor = bitwise_xor = differ
invert = bitwise_not = opposite

__all__ = [
    "and_", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "invert", "or_", "xor",
]  # fmt: skip
