"""Numbers and arrays in a few characters, as pictures and tables show them."""

from __future__ import annotations

from typing import Any

import numpy as np

WIDEST_NUMBER = "−0.000e−000"
"""As wide as any text of `short_number` with four digits."""

_MOST_WRITTEN = 3  # entries of an array that are written out


def short_number(value: float, digits: int = 4, signed: bool = False) -> str:
    """A number to so many digits, with a true minus sign, and a plus where signs matter.

    >>> short_number(0.73105858), short_number(-2.0), short_number(2.0, signed=True)
    ('0.7311', '−2', '+2')
    >>> short_number(float("nan"), signed=True), short_number(-0.0, signed=True)
    ('NaN', '0')
    """
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "−∞" if value < 0 else "+∞" if signed else "∞"
    if value == 0:
        return "0"
    text = f"{abs(value):.{digits}g}".replace("e-", "e−").replace("e+", "e")
    return f"−{text}" if value < 0 else f"+{text}" if signed else text


def value_text(value: Any, signed: bool = False) -> str:
    """A value in a few characters: a number, a short vector, or the shape and range of an array.

    >>> value_text(np.array([1.0, -0.5])), value_text(np.arange(6.0).reshape(2, 3))
    ('[1, −0.5]', '2×3: 0 … 5')
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return type(value).__name__
    if array.dtype.kind == "b":
        array = array.astype("int8")
    if array.ndim == 0 or array.size == 1:
        return short_number(float(array.reshape(())), 4, signed)
    if array.size == 0:
        return f"{_sizes(array)}: empty"
    if array.ndim == 1 and array.size <= _MOST_WRITTEN:
        return f"[{', '.join(short_number(float(entry), 3, signed) for entry in array)}]"
    low, high = float(array.min()), float(array.max())
    if low == high:
        return f"{_sizes(array)}: all {short_number(low, 3, signed)}"
    return f"{_sizes(array)}: {short_number(low, 3, signed)} … {short_number(high, 3, signed)}"


def widest_text(value: Any) -> str:
    """A text as wide as any that a value of this shape may have."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return value_text(value)
    if array.ndim == 0 or array.size == 1:
        return WIDEST_NUMBER
    if array.ndim == 1 and array.size <= _MOST_WRITTEN:
        return f"[{', '.join(['−0.00e−000'] * array.size)}]"
    return f"{_sizes(array)}: −0.00e−000 … −0.00e−000"


def sign_of(value: Any) -> int:
    """1 or -1 where all numbers have one sign (zeros aside), else 0."""
    array = np.asarray(value)
    positive, negative = bool((array > 0).any()), bool((array < 0).any())
    return int(positive) - int(negative)


def largest(value: Any) -> float:
    """The largest absolute value in an array; NaN where there is one, 0 where there is nothing."""
    array = np.abs(np.asarray(value, dtype="float64"))
    return float(array.max()) if array.size else 0.0


def _sizes(array: Any) -> str:
    return f"{array.size} entries" if array.ndim == 1 else "×".join(map(str, array.shape))
