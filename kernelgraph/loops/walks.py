"""Walks over statements and expressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph.loops import ir


def nested(statements: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    """All statements, and those inside their loops."""
    for item in statements:
        yield item
        if isinstance(item, ir.For):
            yield from nested((*item.body, *item.rest))


def values(item: ir.Statement) -> tuple[ir.Expression, ...]:
    """The expressions of a statement itself."""
    match item:
        case ir.Let() | ir.Assign():
            return (item.value,)
        case ir.Bounded():
            return (item.value, item.size)
        case ir.Store():
            return (item.value, *item.index)
        case ir.Fold():
            return (item.element,)
        case _:
            return ()


def loads(value: ir.Expression) -> Iterator[ir.Load]:
    """All loads in an expression."""
    match value:
        case ir.Load():
            yield value
            for entry in value.index:
                yield from loads(entry)
        case ir.Operation():
            for operand in value.operands.values():
                yield from loads(operand)
        case _:
            pass


def operations(value: ir.Expression) -> Iterator[ir.Operation]:
    """All operations in an expression."""
    match value:
        case ir.Operation():
            yield value
            for operand in value.operands.values():
                yield from operations(operand)
        case ir.Load():
            for entry in value.index:
                yield from operations(entry)
        case _:
            pass


def names(value: ir.Expression) -> set[str]:
    """All names in an expression."""
    match value:
        case ir.Name():
            return {value.name}
        case ir.Load():
            return set[str]().union(*map(names, value.index))
        case ir.Operation():
            return set[str]().union(*map(names, value.operands.values()))
        case _:
            return set()
