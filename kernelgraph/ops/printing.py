"""Ops that change nothing: one prints what passes through it, one stops there to look around."""

from __future__ import annotations

import pdb
from collections.abc import Callable, Sequence
from typing import Any

from kernelgraph.errors import ArgumentError
from kernelgraph.expect import expect_function, expect_list, expect_text
from kernelgraph.graph import Apply, Variable
from kernelgraph.op import Cotangents, Opaque, as_variable
from kernelgraph.types import copied


def _print_attributes(op: Print, value: Any) -> None:
    for name in op.attrs:
        found = getattr(value, name)
        print(op.message, name, "=", found() if callable(found) else found)


class Print(Opaque):
    """`Print("x")(x)` is x, and prints `x __str__ = …` every time a function computes it.

    `attrs` names attributes or methods of the array to print, such as "shape" and "min";
    `global_fn(op, value)` does something else instead. What nobody uses is not computed, so only an
    operand that the outputs need is printed.
    """

    __props__ = None  # two of them are never one: each prints
    name = "Print"
    hands_on = 0

    def __init__(
        self,
        message: str = "",
        attrs: Sequence[str] = ("__str__",),
        global_fn: Callable[[Any, Any], None] = _print_attributes,
    ) -> None:
        self.message = expect_text(message, "the message")
        names = expect_list(attrs, "attrs", "names of attributes", 'attrs=("shape",)')
        self.attrs = tuple(expect_text(name, "each of attrs") for name in names)
        self.global_fn = expect_function(global_fn, "global_fn")

    def make_node(self, *inputs: Any) -> Apply:
        """One operand, of any type."""
        (x,) = (as_variable(value) for value in inputs)
        return Apply(self, [x], [Variable(x.type, x.name)])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """Print, and hand on a copy."""
        self.global_fn(self, inputs[0])
        return [copied(inputs[0])]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The gradient passes through."""
        return cotangents

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return tangents

    def __str__(self) -> str:
        return f"Print{{message={self.message!r}, attrs={self.attrs}}}"


class PdbBreakpoint(Opaque):
    """`x, y = PdbBreakpoint("name")(condition, x, y)`: x and y as they are; where the scalar
    `condition` is not 0, Python's debugger starts first and has them in `values`.
    """

    __props__ = None  # each stops
    name = "PdbBreakpoint"
    hands_on = 1

    def __init__(self, name: str = "") -> None:
        self.label = expect_text(name, "the name of a breakpoint")

    def make_node(self, *inputs: Any) -> Apply:
        """A scalar, then operands of any types. Raises `ArgumentError` without an operand."""
        condition, *monitored = (as_variable(value) for value in inputs)
        if not monitored or condition.ndim:
            raise ArgumentError(
                "PdbBreakpoint takes a scalar condition and at least one variable",
                hint='x = PdbBreakpoint("here")(T.any(x < 0), x)',
            )
        return Apply(self, [condition, *monitored], [Variable(x.type, x.name) for x in monitored])

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        """Stop if the condition holds, and hand on copies."""
        condition, *values = inputs
        if condition:
            print(f"breakpoint {self.label}: the operands are in `values`; `c` goes on")
            pdb.set_trace()
        return [copied(value) for value in values]

    def vjp(self, node: Apply, cotangents: Cotangents) -> Cotangents:
        """The gradients pass through; the condition has none."""
        return [None, *cotangents]

    def jvp(self, node: Apply, tangents: Cotangents) -> Cotangents:
        return tangents[1:]

    def __str__(self) -> str:
        return f"PdbBreakpoint{{{self.label}}}"
