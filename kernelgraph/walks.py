"""Walks over a graph: which nodes and which leaves stand behind some variables, and the same with
some of them replaced.

Every walk is a loop, never a recursion, so that a graph may be deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernelgraph.graph import Apply, Variable

Visit = Callable[[Iterable["Variable"], Iterable["Variable"]], Iterator["Apply"]]


def walk(outputs: Iterable[Variable], stop: Iterable[Variable] = ()) -> Iterator[Apply]:
    """The nodes that `outputs` need, producers first; what is behind `stop` is left out."""
    blocked = _members(stop)
    return producers_first(
        outputs, lambda variable: None if variable in blocked else variable.owner
    )


def _members(variables: Iterable[Variable]) -> AbstractSet[Variable]:
    """The variables as a set; what is one, the keys of a large table perhaps, is not copied."""
    return variables if isinstance(variables, AbstractSet) else set(variables)


def walk_as_written(outputs: Iterable[Variable], stop: Iterable[Variable] = ()) -> Iterator[Apply]:
    """The nodes that `outputs` need or are derived from, producers before consumers."""
    blocked = _members(stop)

    def operands(node: Apply) -> Iterator[Variable]:
        for variable in (*node.inputs, *node.outputs):
            yield from variable.derived_from
        yield from node.inputs

    behind = [v for output in outputs for v in (*output.derived_from, output)]
    return producers_first(behind, lambda v: None if v in blocked else v.owner, operands)


def producers_first(
    outputs: Iterable[Variable],
    enter: Callable[[Variable], Apply | None],
    operands: Callable[[Apply], Iterable[Variable]] = attrgetter("inputs"),
) -> Iterator[Apply]:
    """The nodes behind `outputs`, producers before consumers; `enter` says which node to go into
    for a variable, `operands` which variables a node needs.
    """
    done: set[Apply] = set()
    for output in outputs:
        stack: list[tuple[Apply | None, Iterator[Variable]]] = [(None, iter((output,)))]
        while stack:
            node, pending = stack[-1]
            for variable in pending:
                producer = enter(variable)
                if producer is not None and producer not in done:
                    done.add(producer)
                    stack.append((producer, iter(operands(producer))))
                    break
            else:
                stack.pop()
                if node is not None:
                    yield node


def leaves(outputs: Iterable[Variable], stop: Iterable[Variable] = ()) -> list[Variable]:
    """The variables without owner (or in `stop`) that `outputs` need, in order of first use."""
    return _leaves(list(outputs), stop, walk)


def leaves_as_written(outputs: Iterable[Variable], stop: Iterable[Variable] = ()) -> list[Variable]:
    """The variables without owner (or in `stop`) that `outputs` need or are derived from."""
    return _leaves(list(outputs), stop, walk_as_written)


def _leaves(outputs: Sequence[Variable], stop: Iterable[Variable], visit: Visit) -> list[Variable]:
    blocked = _members(stop)
    operands = [v for node in visit(outputs, blocked) for v in node.inputs]
    return list(dict.fromkeys(v for v in (*operands, *outputs) if v.owner is None or v in blocked))


def substitute(
    outputs: Sequence[Variable], replacements: Mapping[Variable, Variable]
) -> list[Variable]:
    """`outputs` with variables replaced; nodes that do not depend on a replaced variable are
    shared, not copied.
    """
    new: dict[Variable, Variable] = dict(replacements)

    def replaced(variables: Sequence[Variable]) -> list[Variable]:
        return [new.get(variable, variable) for variable in variables]

    def changes(variables: Sequence[Variable]) -> bool:
        return any(new.get(variable, variable) is not variable for variable in variables)

    def derive(leaf: Variable) -> None:
        if leaf.owner is None and leaf not in new and changes(leaf.derived_from):
            new[leaf] = leaf.clone()
            new[leaf].derived_from = tuple(replaced(leaf.derived_from))

    for node in walk_as_written(outputs, replacements.keys()):
        for variable in node.inputs:
            if variable.derived_from:
                derive(variable)
        if changes(node.inputs) or any(changes(output.derived_from) for output in node.outputs):
            copy = node.op.rebuild(node, replaced(node.inputs))
            for old, made in zip(node.outputs, copy.outputs, strict=True):
                made.derived_from = tuple(replaced(old.derived_from))
                new.setdefault(old, made)
    for variable in outputs:
        derive(variable)
    return replaced(outputs)


def nested_items(value: Any) -> Iterator[Any]:
    """What is in lists and tuples inside one another, however deep; each list is looked into once,
    and may be in itself.

    >>> [*nested_items([1, (2, [3])])]
    [3, 2, 1]
    """
    waiting: list[Any] = [value]
    seen = set[int]()
    while waiting:
        item = waiting.pop()
        number = id(item)
        if not isinstance(item, list | tuple):
            yield item
        elif number not in seen:
            seen.add(number)
            waiting += item
