"""Graphs as flat tables: what `pickle` and `copy.deepcopy` see of a variable or a node.

Both follow references by recursion, and a graph may be deeper than Python's stack. So a variable
hands over a *table*: the nodes behind it, producers first, in which an input is a number. What is
pickled in one go shares: a table lives as long as the pickle that holds it, so a node that has one
is in that pickle already. Nothing that runs is stored: an op of this package is a name, and a
place in the user's code is text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ref

from kernelgraph.errors import Location, Origin, Origins, resolve
from kernelgraph.walks import producers_first

if TYPE_CHECKING:
    from kernelgraph.graph import Apply, Variable

Thing = TypeVar("Thing")
Reduced = tuple[Any, ...]
Places = dict[Origin, Location]
_one_at_a_time = [Lock()]  # two threads that pickle one graph at a time share its tables
if hasattr(os, "register_at_fork"):  # a child inherits no lock that a thread of its parent holds
    os.register_at_fork(after_in_child=lambda: _one_at_a_time.__setitem__(0, Lock()))
_OF_EVERY_VARIABLE = (
    "__weakref__", "_auto_name", "_evaluations", "_tag", "derived_from", "index", "name",
    "origins", "owner", "type",
)  # fmt: skip


def _needed(node: Apply) -> Iterator[Variable]:
    """What is stored with a node: what it computes with, and what it was derived from."""
    for variable in (*node.inputs, *node.outputs):
        yield from variable.derived_from
    yield from node.inputs


class Table:
    """Nodes, producers first, and the numbers of their results."""

    def __init__(self) -> None:
        self.nodes: dict[int, Apply] = {}
        self.variables: dict[int, Variable] = {}
        self.numbers: dict[Apply, int] = {}
        self.first: list[int] = []

    @classmethod
    def behind(cls, node: Apply) -> Table:
        """The table of a pickle that has the node already, or else a new one with all the nodes
        behind it that are in no other.
        """
        with _one_at_a_time[0]:
            found = _held(node)
            if found is not None:
                return found
            table, count = cls(), 0
            for number, each in enumerate(producers_first(node.outputs[:1], _unheld, _needed)):
                table.nodes[number], table.numbers[each] = each, number
                table.first.append(count)
                count += len(each.outputs)
            held = ref(table)
            for each in table.numbers:
                each.table = held
            return table

    def number(self, variable: Variable) -> int:
        """The number of a result of one of the nodes."""
        assert variable.owner is not None
        return self.first[self.numbers[variable.owner]] + variable.index

    def variable(self, number: int, kind: type[Variable]) -> Variable:
        """The result of this number; blank until the table is filled in."""
        return self.variables.setdefault(number, blank(kind))

    def node(self, number: int, kind: type[Apply]) -> Apply:
        """The node of this number; blank until the table is filled in."""
        return self.nodes.setdefault(number, blank(kind))

    def __reduce_ex__(self, protocol: Any) -> Reduced:
        places: Places = {}
        rows = [
            (
                type(node), node.op, tuple(map(self._reference, node.inputs)),
                [(type(v), state_of(v, places, self._reference)) for v in node.outputs],
                as_places(node.origins, places),
            )
            for node in self.numbers
        ]  # fmt: skip
        return Table, (), rows

    def _reference(self, variable: Variable) -> Any:
        owner = variable.owner
        is_here = owner is not None and owner in self.numbers
        return self.number(variable) if is_here else variable

    def __setstate__(self, rows: list[Any]) -> None:
        count = 0
        for row, (kind, op, inputs, outputs, origins) in enumerate(rows):
            node = self.node(row, kind)
            made = [self.variable(count + k, each) for k, (each, _) in enumerate(outputs)]
            node.op, node.outputs, node.origins = op, made, origins
            node.inputs = list(self._found(inputs))
            for index, (variable, (_, state)) in enumerate(zip(made, outputs, strict=True)):
                variable.__setstate__(state)
                variable.derived_from = self._found(variable.derived_from)
                variable.owner, variable.index = node, index
            count += len(made)

    def _found(self, references: Iterable[Any]) -> tuple[Variable, ...]:
        return tuple(self.variables[v] if isinstance(v, int) else v for v in references)


def _held(node: Apply) -> Table | None:
    held = getattr(node, "table", None)
    return None if held is None else held()


def _unheld(variable: Variable) -> Apply | None:
    owner = variable.owner
    return owner if owner is not None and _held(owner) is None else None


class CarriedVariable:
    """A variable as pickle and deepcopy take it; `copy.copy` makes another result of the same
    operands.
    """

    __slots__ = ()

    def __reduce_ex__(self: Any, protocol: Any) -> Reduced:
        if self.owner is None:
            return blank, (type(self),), state_of(self, {})
        table = Table.behind(self.owner)
        return variable_of, (table, table.number(self), type(self))

    def __setstate__(self: Any, state: Reduced) -> None:
        self.type, self.name, self.origins, notes, self.derived_from, own = state
        self.owner, self.index = None, 0
        self._tag = None if notes is None else SimpleNamespace(**notes)
        for name, value in own.items():
            setattr(self, name, value)

    def __copy__(self: Any) -> Any:
        if self.owner is not None:
            return self.owner.clone_with(self.owner.inputs).outputs[self.index]
        copy = self.clone()
        copy.origins = self.origins
        copy._tag = self._tag and SimpleNamespace(**vars(self._tag))
        return copy


class CarriedNode:
    """A node as pickle and deepcopy take it."""

    __slots__ = ()

    def __reduce_ex__(self: Any, protocol: Any) -> Reduced:
        table = Table.behind(self)
        return node_of, (table, table.numbers[self], type(self))

    def __copy__(self: Any) -> Any:
        return self.clone_with(self.inputs)


def variable_of(table: Table, number: int, kind: type[Variable]) -> Variable:
    """A result in a table that is being loaded."""
    return table.variable(number, kind)


def node_of(table: Table, number: int, kind: type[Apply]) -> Apply:
    """A node in a table that is being loaded."""
    return table.node(number, kind)


def blank(kind: type[Thing], *arguments: Any) -> Thing:
    """A thing of which only the kind is known so far."""
    return kind.__new__(kind, *arguments)


def state_of(
    variable: Variable, places: Places, refer: Callable[[Variable], Any] = lambda variable: variable
) -> Reduced:
    """What there is to know of a variable without its owner."""
    notes: Any = variable._tag  # pyright: ignore[reportPrivateUsage] - as pickle would
    own = {
        name: getattr(variable, name) for name in _own(type(variable)) if hasattr(variable, name)
    }
    own |= getattr(variable, "__dict__", {})
    shown: dict[str, Any] | None = getattr(notes, "__dict__", None)
    derived = tuple(map(refer, variable.derived_from))
    return variable.type, variable.name, as_places(variable.origins, places), shown, derived, own


@cache
def _own(kind: type[Any]) -> tuple[str, ...]:
    """The attributes that a kind of variable has besides those of every variable."""
    slots = [base.__dict__.get("__slots__", ()) for base in kind.__mro__]
    names = [name for each in slots for name in ((each,) if isinstance(each, str) else each)]
    return tuple(name for name in names if name not in (*_OF_EVERY_VARIABLE, "__dict__"))


def as_places(origins: Origins, known: Places) -> tuple[Location, ...]:
    """Origins as text; each is looked up once and `known` from then on."""
    for origin in origins:
        if origin not in known:
            known[origin] = resolve(origin)
    return tuple(known[origin] for origin in origins)


class Remade:
    """A dataclass of which pickle takes the fields; what was worked out from them is so again."""

    def __reduce__(self) -> Reduced:
        whole: Any = self
        return type(self), tuple(getattr(self, field.name) for field in fields(whole))


# ------------------------------------------------------------------------------ things with a name


def named(module: str, path: str) -> Any:
    """What stands under this name in a module; it is imported if it has to be."""
    __import__(module)
    found: Any = sys.modules[module]
    for part in path.split("."):
        found = getattr(found, part)
    return found


def has_name(value: Any, module: str, path: str) -> bool:
    """Whether a value is what stands under this name."""
    try:
        return named(module, path) is value
    except (ImportError, AttributeError, KeyError, ValueError):
        return False


def by_name(holder: Any, function: Any) -> Reduced | None:
    """How pickle gets what a decorator made of a function: it stands where the function would.

    What stands in `__main__` goes by value (None), as other programs have another one; pickle then
    looks for the function under its name, where the `holder` is, and finds it there as `written`.
    """
    module, path = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    if not isinstance(module, str) or not has_name(holder, module, path):
        return None
    if module not in ("__main__", "__mp_main__"):
        return named, (module, path)
    function.__qualname__ = f"{path}.written"
    return None


def name_after(guard: Any, function: Any) -> None:
    """Let pickle find the guard of a rule, often a lambda, where it found the rule's function."""
    path = getattr(function, "__qualname__", "")
    if path.endswith(".written") and getattr(guard, "__name__", "") == "<lambda>":
        guard.__qualname__ = path.removesuffix("written") + "when"
