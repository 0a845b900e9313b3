"""Example values: numbers that travel with the symbols, so that a mistake shows on the line that
makes it.

With `config.compute_test_value` other than "off", every node that a user makes is computed at once
with the `tag.test_value` of its operands (constants and shared variables bring their own), and its
results get a `tag.test_value` in turn.
"""

from __future__ import annotations

import warnings
from typing import Any

from kernelgraph.config import config
from kernelgraph.errors import KernelgraphError
from kernelgraph.graph import Apply, Constant, SharedVariable, Variable, describe
from kernelgraph.interpret import evaluate
from kernelgraph.locations import level_of_user


class MissingTestValueError(KernelgraphError, AttributeError, code="KG-G041"):
    """An operand has no example value (as an attribute that is not there)."""


def test_value(variable: Variable) -> Any:
    """The example value of a variable, fitted to its type.

    Raises `MissingTestValueError` where there is none, `DTypeError` and `ShapeError` where it does
    not fit.
    """
    if isinstance(variable, Constant):
        return variable.data
    if isinstance(variable, SharedVariable):
        return variable.container[0]
    try:
        value = variable.tag.test_value
    except AttributeError:
        raise MissingTestValueError(
            f"{describe(variable)} has no test value",
            origins=variable.where,
            hint="x.tag.test_value = an example, or config.compute_test_value = 'off'",
        ) from None
    return variable.type.filter(value, f"the test value of {describe(variable)}")


def compute_test_values(node: Apply) -> None:
    """Compute a new node on example values, as far as `config.compute_test_value` asks for it:
    "raise" insists on values for all operands, "warn" warns where one is missing, "ignore" passes
    over it. Raises what computing raises.
    """
    mode = config.compute_test_value
    if mode == "off":
        return
    try:
        operands = [test_value(variable) for variable in node.inputs]
    except MissingTestValueError as error:
        if mode == "raise":
            raise
        if mode == "warn":
            warnings.warn(str(error), stacklevel=level_of_user())
        return
    for variable, value in zip(node.outputs, evaluate(node, operands), strict=True):
        variable.tag.test_value = value
