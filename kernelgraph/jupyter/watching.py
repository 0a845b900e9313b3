"""What a training loop can watch: where the numbers of an array are read when a picture is due.

What the user gives comes in (a shared variable, an expression, a function, an array), a function of
no arguments goes out that returns the numbers of now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, capture_origins
from kernelgraph.function import function
from kernelgraph.graph import Constant, SharedVariable, Variable, leaves
from kernelgraph.viz.html import escape

Array = np.ndarray[Any, Any]
Read = Callable[[], Any]


def reader(name: str, thing: Any) -> Read:
    """How the array called `name` is read.

    An expression is computed from shared variables, and changes none. Raises `ArgumentError` for
    one that needs inputs, since nobody but the loop knows those.
    """
    match thing:
        case SharedVariable():
            return lambda: thing.get_value(borrow=True)
        case Variable():
            return _computed(name, thing)
        case _ if callable(thing):
            return thing
        case _:
            return lambda: thing


def _computed(name: str, expression: Variable) -> Read:
    inputs = [
        variable
        for variable in leaves([expression])
        if not isinstance(variable, SharedVariable | Constant)
    ]
    if inputs:
        listed = ", ".join(escape.name(str(variable)) for variable in inputs)
        raise ArgumentError(
            f"{name}: the expression needs {listed}, and only the loop knows what that is",
            origins=capture_origins(),
            hint="give a function of no arguments, or hand its values to training.look(…)",
        )
    return function([], expression, no_default_updates=True, target="interpret")


def numbers(name: str, value: Any) -> Array:
    """An array of real numbers. Raises `ArgumentError` for anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        what = f"an array of {array.dtype}" if array.ndim else type(value).__name__
        raise ArgumentError(
            f"{name}: what is watched must be real numbers, not {what}", origins=capture_origins()
        )
    return array
