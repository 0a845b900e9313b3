"""Python's own functions for symbols: `max(x, 0)`, `sum(x[k] for k in range(3))`, `any(x > 0)`.

A `%%symfunc` cell has these names, and a reader of Python is right about what they mean: `max` of
several operands is the largest of them, element by element; of one array, its largest element. What
wants numbers where there are none yet is answered with what to write instead.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, SymbolicError
from kernelgraph.expect import text_of
from kernelgraph.graph import Variable, describe
from kernelgraph.ops import reductions
from kernelgraph.ops.arithmetic import abs_, maximum, minimum
from kernelgraph.ops.powers import pow_

__all__ = ["abs", "all", "any", "max", "min", "pow", "range", "round", "sum"]


def _is_array(value: Any) -> bool:
    return isinstance(value, Variable | np.ndarray)


def _extreme(
    name: str,
    items: tuple[Any, ...],
    axis: Any,
    keepdims: builtins.bool,
    ways: tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]],
) -> Any:
    """The largest or smallest, by one of three ways: of an array, of two operands, of numbers."""
    of_array, of_two, of_numbers = ways
    if len(items) == 1 and _is_array(items[0]):
        return of_array(items[0], axis, keepdims)
    if axis is not None or keepdims:
        raise ArgumentError(
            f"{name} goes along an axis of one array, or compares several operands, not both",
            hint=f"{name}(x, axis=0) goes along an axis, {name}(x, y) compares element by element",
        )
    operands: list[Any] = [*items[0]] if len(items) == 1 else [*items]
    if not operands:
        raise ArgumentError(f"{name} of nothing")
    if builtins.any(map(_is_array, operands)):
        return reduce(of_two, operands)
    return of_numbers(operands)


def max(*items: Any, axis: Any = None, keepdims: builtins.bool = False) -> Any:
    """The largest element of an array (along `axis`), or the larger of operands, by element.

    >>> import kernelgraph.tensor as T
    >>> str(max(T.dvector("x"), 0).owner.op), max(2, 3)
    ('maximum', 3)
    """
    ways = reductions.max_, maximum, builtins.max
    return _extreme("max", items, axis, keepdims, ways)


def min(*items: Any, axis: Any = None, keepdims: builtins.bool = False) -> Any:
    """The smallest element of an array (along `axis`), or the smaller of operands, by element."""
    ways = reductions.min_, minimum, builtins.min
    return _extreme("min", items, axis, keepdims, ways)


def sum(x: Any, *start: Any, axis: Any = None, keepdims: builtins.bool = False) -> Any:
    """The sum of an array (along `axis`), or of the items of a list or a generator.

    Raises `ArgumentError` for an array and a number, which may be an axis or a start.
    """
    if not _is_array(x):
        return builtins.sum(x, *start)
    if start:
        number = text_of(start[0])
        raise ArgumentError(
            f"sum of an array and {number}: is that an axis, or a number to start from?",
            hint=f"sum(x, axis={number}), or sum(x) + {number}",
        )
    return reductions.sum_(x, axis, keepdims=keepdims)


def abs(x: Any) -> Any:
    """The absolute value, element by element."""
    return abs_(x) if _is_array(x) else builtins.abs(x)


def pow(x: Any, y: Any) -> Any:
    """x to the power y, element by element."""
    return pow_(x, y) if _is_array(x) or _is_array(y) else x**y


def any(items: Any) -> Any:
    """Whether an element of an array, or one of several values, is true (not 0)."""
    if not _is_array(items):
        return builtins.any(items)
    return reductions.any_(items)


def all(items: Any) -> Any:
    """Whether all elements of an array, or all of several values, are true (not 0)."""
    if not _is_array(items):
        return builtins.all(items)
    return reductions.all_(items)


def range(*ends: Any) -> Iterable[int]:
    """Python's own: how often a loop of the cell runs is known when the cell runs.

    Raises `SymbolicError` for a symbol.
    """
    for end in ends:
        if isinstance(end, Variable):
            raise SymbolicError(
                f"range counts when the cell runs, and {describe(end)} has no number yet",
                hint="arange(n) is a vector of numbers; scan(step, n_steps=n) loops that often",
            )
    return builtins.range(*ends)


def round(number: Any, digits: Any = None) -> Any:
    """Python's own, for numbers. Raises `SymbolicError` for a symbol."""
    return builtins.round(number, digits)
