"""Functions of floats that the library of C does not have: one text in C and in CUDA, and the same
steps in Python, which are the op's meaning.

They compute in float64, whatever float they are given, and the result is rounded once. The text
calls the library's functions in brackets, `(exp)(x)`, because a program may have an `exp` of its
own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernelgraph.templates import Helper, function
from kernelgraph.types import Array


def by_element(function: Callable[..., float]) -> Callable[..., Array]:
    """What a function of Python floats means for arrays: applied to each element."""

    def meaning(*operands: Any) -> Array:
        wide = [np.asarray(operand, "float64") for operand in operands]
        found = np.vectorize(function, otypes=["float64"])(*wide)
        return np.asarray(found, np.result_type(*operands))

    return meaning


def doubles(name: str, text: str, needs: tuple[Helper, ...] = ()) -> Helper:
    """Functions of C over float64 under the name of the last of them."""
    return function(name, text, needs)


def horner(coefficients: Sequence[float], x: str) -> str:
    """A polynomial as text, the coefficient of the highest power first."""
    text = repr(coefficients[0])
    for coefficient in coefficients[1:]:
        text = f"({text}) * {x} + {coefficient!r}"
    return text


def polynomial(coefficients: Sequence[float], x: float) -> float:
    """A polynomial's value, by the same steps as its text."""
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def exponential(x: float) -> float:
    """exp(x), infinity where it is none of Python's floats."""
    return math.exp(x) if x < 709.782712893384 else math.inf if x == x else x


def power(x: float, y: float) -> float:
    """x to the power of y for x >= 0, infinity where it is none of Python's floats."""
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):
        return math.inf


def floor(x: float) -> float:
    """x rounded down, as a float; infinities and NaN as they are."""
    return float(math.floor(x)) if abs(x) < 2.0**53 else x
