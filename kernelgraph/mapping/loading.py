"""Loads before choices: no number is read from memory under a condition.

`c ? a[i] : b[i]` lets a compiler read one of the two elements alone, which in a vector takes a
masked load; gcc 12 has combined such loads wrongly in loops over lanes. Here every operand of a
formula that chooses is read into a local first, so that what is chosen between are numbers; and
gcc is told not to move the local behind the choice (`WHERE_KNOWN` in `toolchain.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kernelgraph.graph import Apply
from kernelgraph.loops import ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import loads, nested, operations, values
from kernelgraph.templates import ScalarOp


def chooses(op: ScalarOp) -> bool:
    """Whether an op may leave an operand out, depending on another one."""
    return any(sign in op.text("c") for sign in ("?", "&&", "||"))


def any_choice(statements: Sequence[ir.Statement]) -> bool:
    """Whether any of the statements chooses."""
    for item in nested(statements):
        if any(chooses(part.op) for value in values(item) for part in operations(value)):
            return True
        if isinstance(item, ir.Bounded) or (isinstance(item, ir.Reduce) and chooses(item.op)):
            return True
    return False


def loads_first(program: Program) -> Program:
    """The same program with the operands of choices in locals."""
    return program.with_kernels(lambda kernel: kernel.with_body(_Loading().body(kernel.body)))


class _Loading:
    """Gives names to what is read; each name once in a kernel."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def body(self, statements: Sequence[ir.Statement]) -> tuple[ir.Statement, ...]:
        """The statements, each behind the locals that it needs."""
        return tuple(part for item in statements for part in self._statement(item))

    def _statement(self, item: ir.Statement) -> Iterator[ir.Statement]:
        before: list[ir.Statement] = []
        match item:
            case ir.Let() | ir.Assign() | ir.Store() | ir.Bounded():
                item = replace(item, value=self._value(item.value, before, item.node))
            case ir.Reduce():
                element = self._value(item.element, before, item.node)
                if chooses(item.op):
                    element = self._named(element, before, item.node)
                item = replace(item, element=element)
            case ir.Flag():
                item = replace(item, condition=self._value(item.condition, before, item.node))
            case ir.For():
                item = replace(item, body=self.body(item.body), rest=self.body(item.rest))
            case ir.Local() | ir.Carry() | ir.Barrier() | ir.Poll():
                pass
        yield from before
        yield item

    def _value(
        self, value: ir.Expression, before: list[ir.Statement], node: Apply | None
    ) -> ir.Expression:
        """The expression with names for what its choices read, which `before` defines."""
        if not isinstance(value, ir.Operation):
            return value
        operands = {k: self._value(v, before, node) for k, v in value.operands.items()}
        if chooses(value.op):
            operands = {k: self._named(v, before, node) for k, v in operands.items()}
        return replace(value, operands=operands)

    def _named(
        self, value: ir.Expression, before: list[ir.Statement], node: Apply | None
    ) -> ir.Expression:
        """The expression itself if it reads nothing, else a local with its value."""
        first = next(loads(value), None)
        if first is None:
            return value
        name = self._fresh(f"{first.buffer.name}_read")
        before.append(ir.Let(name, value, node))
        return ir.Name(name, value.dtype)

    def _fresh(self, wish: str) -> str:
        count = self._used[wish] = self._used.get(wish, 0) + 1
        return wish if count == 1 else f"{wish}_{count}"
