"""The graph as an indented tree of text: `debugprint`.

Variables, a graph or a compiled function come in, lines go out: each result with the operands that
made it below. A part that is used twice is printed once; where it appears again, dots stand for
it. The walk is a loop and the output is bounded, so any graph can be printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Literal, cast

from kernelgraph.graph import Apply, Graph, Variable, walk
from kernelgraph.viz.words import count, inner_graphs, op_text, type_text, variable_text

Ids = Literal["CHAR", "int", "id", ""]

MOST_LINES = 1000
"""Lines of a tree that are printed unless more are asked for."""

_LEVELS = 24
"""Rails are drawn for the innermost levels only; how many more there are is said in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a tree; `has_operands` says that the lines of its operands follow."""

    depth: int
    rails: str
    text: str
    has_operands: bool

    def __str__(self) -> str:
        hidden = self.depth - _LEVELS
        return (f"(+{hidden} levels) " if hidden > 0 else "") + self.rails + self.text


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: IO[str] | Literal["str"] | None = None,
    ids: Ids = "CHAR",
    *,
    max_lines: int | None = MOST_LINES,
) -> str | None:
    """Print variables, a list of them, a graph or a compiled function as a tree.

    `depth` limits the levels (-1: all), `print_type` adds types, `ids` names the parts by letters,
    by numbers, by Python's `id`, or not at all. `file` is a file to write to, or "str" for getting
    the text back; by default it is printed. `max_lines=None` prints every line.
    Raises TypeError for an object that holds no graph.
    """
    text = tree_text(obj, depth=depth, print_type=print_type, ids=ids, max_lines=max_lines)
    if file == "str":
        return text
    print(text, file=file)
    return None


def tree_text(
    obj: Any,
    *,
    depth: int = -1,
    print_type: bool = False,
    ids: Ids = "CHAR",
    max_lines: int | None = MOST_LINES,
) -> str:
    """The text that `debugprint` prints, without a newline at its end."""
    roots, stop = roots_of(obj)
    printer = _Printer(stop, depth, print_type, _namer(ids))
    lines = list(map(str, islice(printer.lines(roots), max_lines)))
    if max_lines is not None and len(lines) == max_lines:
        total = sum(1 for _ in walk(roots, stop))
        left = total - len(printer.printed)
        if left:
            lines.append(f"… {count(left, 'more node')}; max_lines=None prints them all")
    return "\n".join(lines)


def roots_of(obj: Any) -> tuple[list[Variable], Sequence[Variable]]:
    """The variables that an object shows, and those at which its graph ends."""
    match obj:
        case Variable():
            return [obj], ()
        case Apply():
            return list(obj.outputs), ()
        case Graph():
            return list(obj.outputs), obj.inputs
        case list() | tuple():
            return [root for item in cast(Iterable[Any], obj) for root in roots_of(item)[0]], ()
        case _:
            pass
    raise TypeError(f"expected variables, a graph or a compiled function, got {type(obj).__name__}")


def _namer(ids: Ids) -> Callable[[int, object], str]:
    match ids:
        case "CHAR":
            return lambda number, _: f" [id {letters(number)}]"
        case "int":
            return lambda number, _: f" [id {number}]"
        case "id":
            return lambda _, thing: f" [id {id(thing)}]"
        case "":
            return lambda _, __: ""
        case _:
            raise ValueError(f"ids must be 'CHAR', 'int', 'id' or '', not {ids!r}")


def letters(number: int) -> str:
    """The name of the part with this number: A to Z, then AA, AB and so on.

    >>> [letters(number) for number in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


class _Printer:
    """What has been named and printed so far, over all trees of one output."""

    def __init__(
        self,
        stop: Sequence[Variable],
        depth: int,
        print_type: bool,
        name: Callable[[int, object], str],
    ) -> None:
        self.stop = set(stop)
        self.depth = depth
        self.print_type = print_type
        self.name = name
        self.names: dict[object, str] = {}
        self.printed: dict[Apply, None] = {}

    def lines(self, roots: Sequence[Variable]) -> Iterator[Line]:
        """The trees of `roots`, then the graphs that their ops hold."""
        yield from self._trees(roots)
        holders = list(self.printed)
        for node in holders:
            for inner in inner_graphs(node):
                yield Line(0, "", f"inside {op_text(node.op)}{self._id(node)}:", False)
                self.stop.update(inner.inputs)
                yield from self._trees(inner.outputs, level=1)

    def _trees(self, roots: Sequence[Variable], level: int = 0) -> Iterator[Line]:
        margin = "   " * level
        stack = [(root, level, margin, "") for root in reversed(roots)]
        while stack:
            variable, at, rails, branch = stack.pop()
            node = None if variable in self.stop else variable.owner
            text = self._text(variable, node)
            deeper = self.depth < 0 or at - level < self.depth - 1
            if node is None or node in self.printed or not deeper:
                hidden = "" if node is None else " ···" if node in self.printed else " …"
                yield Line(at, rails + branch, text + hidden, False)
                continue
            self.printed[node] = None
            yield Line(at, rails + branch, text, bool(node.inputs))
            if branch:
                rails += "│  " if branch == "├─ " else "   "
            rails = rails[-3 * _LEVELS :]
            last = len(node.inputs) - 1
            for index in range(last, -1, -1):
                tail = "└─ " if index == last else "├─ "
                stack.append((node.inputs[index], at + 1, rails, tail))

    def _text(self, variable: Variable, node: Apply | None) -> str:
        if node is None:
            text = variable_text(variable) + self._id(variable)
        else:
            index = f".{variable.index}" if len(node.outputs) > 1 else ""
            text = op_text(node.op) + index + self._id(node)
            if variable.name is not None:
                text += f" '{variable_text(variable)}'"
        return f"{text} <{type_text(variable.type)}>" if self.print_type else text

    def _id(self, thing: Variable | Apply) -> str:
        if thing not in self.names:
            self.names[thing] = self.name(len(self.names), thing)
        return self.names[thing]
