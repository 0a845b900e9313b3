"""Choices by conditions, as NumPy writes them, and what holds of numbers that count as true where
they are not 0.

>>> import kernelgraph as kg, kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> outputs = [select([x < 0, x > 9], [-x, 9.0], x), piecewise(x, [x < 1], [T.exp, 2.0])]
>>> f = kg.function([x], outputs, target="interpret")
>>> [result.tolist() for result in f([-4, 0, 12])]
[[4.0, 0.0, 9.0], [0.01831563888873418, 1.0, 2.0]]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError
from kernelgraph.expect import came, expect_list
from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, neq, switch
from kernelgraph.ops.logic import both, differ, either, opposite
from kernelgraph.ops.masks import nonzero
from kernelgraph.types import listed, upcast

__all__ = [
    "logical_and", "logical_not", "logical_or", "logical_xor", "piecewise", "select", "where",
]  # fmt: skip


def truths(x: Any) -> Variable:
    """Which numbers are not 0, element by element; NaN is none, so it counts as true."""
    x = as_variable(x)
    return x if x.dtype == "bool" else neq(x, np.zeros((), x.dtype))


def logical_and(x: Any, y: Any) -> Variable:
    """Whether both are not 0, element by element."""
    return both(truths(x), truths(y))


def logical_or(x: Any, y: Any) -> Variable:
    """Whether one is not 0, or both, element by element."""
    return either(truths(x), truths(y))


def logical_xor(x: Any, y: Any) -> Variable:
    """Whether one is not 0 and the other is, element by element."""
    return differ(truths(x), truths(y))


def logical_not(x: Any) -> Variable:
    """Whether x is 0, element by element."""
    return opposite(truths(x))


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`where(c, x, y)` is x where c is not 0 and y elsewhere, element by element: `T.switch`.
    `where(c)` are the places where c is not 0, a vector of indices for each axis: `T.nonzero`.

    Raises `ArgumentError` for one choice without the other; `ShapeError` as those do.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> f = kg.function([x], [where(x > 1, x, 0), *where(x > 1)])
    >>> [result.tolist() for result in f([3.0, 1.0, 2.0])]
    [[3.0, 0.0, 2.0], [0, 2]]
    """
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        what = "where takes a condition alone or with two choices, not with one"
        raise ArgumentError(what, hint="T.where(x > 0, x, 0)")
    return switch(condition, x, y)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Variable:
    """Element by element the choice of the first condition that holds, `default` where none does.
    As NumPy's `select`.

    Raises `ArgumentError` where there are no conditions, or not as many choices.
    """
    conditions = expect_list(condlist, "condlist", "conditions")
    choices = expect_list(choicelist, "choicelist", "a choice for each condition")
    if not conditions or len(conditions) != len(choices):
        raise ArgumentError(f"{len(choices)} choices for {len(conditions)} conditions")
    operands = [as_variable(choice) for choice in (*choices, default)]
    common = upcast(*(operand.dtype for operand in operands))
    *chosen, found = (cast(operand, common) for operand in operands)
    for condition, choice in reversed(list(zip(conditions, chosen, strict=True))):
        found = switch(truths(condition), choice, found)
    return found


def piecewise(x: Any, condlist: Any, funclist: Any) -> Variable:
    """A function of x that is another one in each region: of the conditions that hold for an
    element the last one says which. A last function more than conditions is for all other
    elements; without one they are 0. Functions may be numbers. As NumPy's `piecewise`.

    Every function is computed everywhere, and chosen from; its derivative counts only where it is
    chosen. The result has the dtype of x. Raises `ArgumentError` for another number of functions.
    """
    x = as_variable(x)
    given: list[Any] = listed(condlist) if isinstance(condlist, list | tuple) else [condlist]
    conditions = [truths(condition) for condition in given]
    functions = list(expect_list(funclist, "funclist", "functions or numbers"))
    if len(functions) not in (len(conditions), len(conditions) + 1):
        raise ArgumentError(
            f"{len(functions)} functions for {len(conditions)} conditions, not {came(funclist)}"
        )
    rest = functions.pop() if len(functions) > len(conditions) else 0
    found = switch(True, _value(rest, x), x)  # a number is repeated to the shape of x
    for condition, function in zip(conditions, functions, strict=True):
        found = switch(condition, _value(function, x), found)
    return found


def _value(function: Any, x: Variable) -> Variable:
    return cast(function(x) if callable(function) else as_variable(function), x.dtype)
