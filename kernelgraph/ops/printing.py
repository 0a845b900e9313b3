"""An op that changes nothing and prints what passes through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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
