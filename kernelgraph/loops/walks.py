"""Walks over statements and expressions, and over all that a program is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kernelgraph.loops import ir

Change = Callable[[ir.Expression], ir.Expression]


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
        case ir.Flag():
            return (item.condition,)
        case ir.Store():
            return (*item.index, item.value)
        case ir.Reduce():
            return (item.element,)
        case ir.Poll():
            return (item.work,)
        case _:
            return ()


def within(value: ir.Expression) -> Iterator[ir.Expression]:
    """An expression, and all that it is made of."""
    yield value
    match value:
        case ir.Load():
            inner = value.index
        case ir.Operation():
            inner = value.operands.values()
        case _:
            inner = ()
    for part in inner:
        yield from within(part)


def loads(value: ir.Expression) -> Iterator[ir.Load]:
    """All loads in an expression."""
    return (part for part in within(value) if isinstance(part, ir.Load))


def operations(value: ir.Expression) -> Iterator[ir.Operation]:
    """All operations in an expression."""
    return (part for part in within(value) if isinstance(part, ir.Operation))


def names(value: ir.Expression) -> set[str]:
    """All names in an expression."""
    return {part.name for part in within(value) if isinstance(part, ir.Name)}


def parts(of: Iterable[ir.Part]) -> Iterator[ir.Part]:
    """Some parts of a program, and all that they are made of, down to expressions."""
    left: list[Any] = [*of]
    while left:
        item = left.pop()
        match item:
            case ir.Part():
                yield item
                left += vars(item).values()
            case tuple():
                left += item
            case dict():
                left += item.values()
            case _:
                pass


def mapped(value: ir.Expression, change: Change) -> ir.Expression:
    """The expression with every part of it changed, operands before what they belong to."""
    match value:
        case ir.Load():
            value = replace(value, index=tuple(mapped(entry, change) for entry in value.index))
        case ir.Operation():
            operands = {name: mapped(part, change) for name, part in value.operands.items()}
            value = replace(value, operands=operands)
        case _:
            pass
    return change(value)


def mapped_statement(
    item: ir.Statement, change: Change, after: Callable[[ir.Statement], ir.Statement]
) -> ir.Statement:
    """The statement, and those inside of it, with expressions changed; then `after` changes it."""

    def all_of(statements: Sequence[ir.Statement]) -> tuple[ir.Statement, ...]:
        return tuple(mapped_statement(part, change, after) for part in statements)

    match item:
        case ir.Let() | ir.Assign():
            item = replace(item, value=mapped(item.value, change))
        case ir.Bounded():
            size = mapped(item.size, change)
            item = replace(item, value=mapped(item.value, change), size=size)
        case ir.Flag():
            item = replace(item, condition=mapped(item.condition, change))
        case ir.Store():
            index = tuple(mapped(entry, change) for entry in item.index)
            item = replace(item, value=mapped(item.value, change), index=index)
        case ir.Reduce():
            item = replace(item, element=mapped(item.element, change))
        case ir.For():
            item = replace(item, body=all_of(item.body), rest=all_of(item.rest))
        case ir.Local() | ir.Carry() | ir.Barrier() | ir.Poll():
            pass
    return after(item)
