"""Functions of single numbers that are put together from others: reciprocals, quotients with their
rests, the largest and the smallest of many.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from kernelgraph.errors import ArgumentError
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import int_div, maximum, minimum, mod, true_div

__all__ = ["inv", "largest", "smallest"]


def inv(x: Any) -> Variable:
    """1 / x, element by element (the inverse of a matrix is in `T.nlinalg`)."""
    return true_div(1, x)


def divmod_(x: Any, y: Any) -> tuple[Variable, Variable]:
    """`x // y` and `x % y`: the quotient rounded down, and what it leaves, of the sign of y."""
    return int_div(x, y), mod(x, y)


def largest(*values: Any) -> Variable:
    """The largest of several numbers or arrays, element by element; NaN if one is.

    Raises `ArgumentError` where there are none.
    """
    return reduce(maximum, map(as_variable, _some("largest", values)))


def smallest(*values: Any) -> Variable:
    """The smallest of several numbers or arrays, element by element; NaN if one is.

    Raises `ArgumentError` where there are none.
    """
    return reduce(minimum, map(as_variable, _some("smallest", values)))


def _some(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ArgumentError(f"{name} of no values", hint=f"{name}(x, y)")
    return values
