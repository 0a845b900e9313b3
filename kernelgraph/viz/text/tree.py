"""The graph as an indented tree of text: `debugprint`.

Variables, a graph or a compiled function come in, lines go out: each result with the operands that
made it below. A part that is used twice is printed once; where it appears again, dots stand for
it. The walk is a loop and the output is bounded, so any graph can be printed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any, Literal

from kernelgraph.expect import expect_choice, expect_flag, expect_integer, unfit
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.viz.html.markup import Markup, html
from kernelgraph.viz.text.subjects import printed_graph_of
from kernelgraph.viz.text.words import (
    count,
    inner_graphs,
    op_text,
    output_name,
    type_text,
    variable_text,
)

Ids = Literal["CHAR", "int", "id", ""]
IDS = ("CHAR", "int", "id", "")

MOST_LINES = 1000
"""Lines of a tree that are printed unless more are asked for."""

_LEVELS = 24
"""Rails are drawn for the innermost levels only; how many more there are is said in words."""

_HTML_LINES = 300
_OPEN_LEVELS = 4  # sections on deeper levels are closed at first
_NESTED_LEVELS = 60  # browsers stop nesting at some 500 elements
_LINE = {"style": "margin-left:1.3em;list-style-position:outside"}


@dataclass(frozen=True)
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
    Raises `ArgumentError` for an object that holds no graph, and for options that are none.
    """
    check_file(file)
    text = tree_text(obj, depth=depth, print_type=print_type, ids=ids, max_lines=max_lines)
    if file == "str":
        return text
    print(text, file=None if isinstance(file, str) else file)
    return None


def check_file(file: Any) -> None:
    """Where a text is written: a file, "str" or None. Raises `ArgumentError`."""
    is_text = isinstance(file, str) and file == "str"
    if file is not None and not is_text and not callable(getattr(file, "write", None)):
        raise unfit("file", 'an open file, "str" or None', file)


def tree_text(
    obj: Any,
    *,
    depth: int = -1,
    print_type: bool = False,
    ids: Ids = "CHAR",
    max_lines: int | None = MOST_LINES,
) -> str:
    """The text that `debugprint` prints, without a newline at its end."""
    lines = tree_lines(obj, depth=depth, print_type=print_type, ids=ids, max_lines=max_lines)
    return "\n".join(map(str, lines))


def tree_lines(
    obj: Any,
    *,
    depth: int = -1,
    print_type: bool = False,
    ids: Ids = "CHAR",
    max_lines: int | None = MOST_LINES,
) -> list[Line]:
    """The lines of a tree; where they are cut, the last one says how many nodes are missing."""
    graph = printed_graph_of(obj)
    depth = expect_integer(depth, "depth")
    print_type = expect_flag(print_type, "print_type")
    if max_lines is not None:
        max_lines = expect_integer(max_lines, "max_lines", least=0, most=sys.maxsize)
    printer = _Printer(graph.inputs, depth, print_type, namer(ids))
    lines = list(islice(printer.lines(graph), max_lines))
    if max_lines is not None and len(lines) == max_lines:
        left = len(graph.apply_nodes()) - len(printer.printed)
        if left > 0:
            more = f"… {count(left, 'more node')}; max_lines=None prints them all"
            lines.append(Line(0, "", more, False))
    return lines


def tree_html(obj: Any, *, max_lines: int = _HTML_LINES) -> Markup:
    """The same lines as sections that open and close; the first few levels are open."""
    closed: list[Markup] = []
    stack: list[tuple[int, Markup, list[Markup]]] = []  # depth, summary, what is inside

    def close(depth: int) -> None:
        while stack and stack[-1][0] >= depth:
            at, summary, inside = stack.pop()
            attributes = {"open": "open"} if at < _OPEN_LEVELS else {}
            below = stack[-1][2] if stack else closed
            below.append(html("details", attributes, summary, *inside))

    for line in tree_lines(obj, max_lines=max_lines):
        close(line.depth)
        text = f"{line}\n"
        if line.has_operands and line.depth < _NESTED_LEVELS:
            stack.append((line.depth, html("summary", _LINE, text), []))
        else:
            (stack[-1][2] if stack else closed).append(html("div", _LINE, text))
    close(0)
    style = "font-family:monospace;white-space:pre;overflow-x:auto;line-height:1.35"
    return html("div", {"style": style}, *closed)


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


def namer(ids: str, spell: Callable[[int], str] = letters) -> Callable[[int, object], str]:
    """What stands behind a part: its number spelled out ("CHAR"), its number ("int"), Python's `id`
    ("id"), or nothing.

    Raises `OptionError` for another word.
    """
    match expect_choice(ids, "ids", IDS):
        case "CHAR":
            return lambda number, _: f" [id {spell(number)}]"
        case "int":
            return lambda number, _: f" [id {number}]"
        case "id":
            return lambda _, thing: f" [id {id(thing)}]"
        case _:
            return lambda _, __: ""


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

    def lines(self, graph: Graph) -> Iterator[Line]:
        """The trees of a graph's outputs, then those of the graphs that its ops hold."""
        yield from self._trees(graph)
        for node in list(self.printed):
            for inner in inner_graphs(node):
                yield Line(0, "", f"inside {op_text(node.op)}{self._id(node)}:", True)
                self.stop.update(inner.inputs)
                yield from self._trees(inner, level=1)

    def _trees(self, graph: Graph, level: int = 0) -> Iterator[Line]:
        for index, output in enumerate(graph.outputs):
            lines = self._tree(output, level)
            head = next(lines)
            if index in graph.donations:
                head = replace(head, text=f"{head.text} → {output_name(graph, index)}")
            yield head
            yield from lines

    def _tree(self, root: Variable, level: int) -> Iterator[Line]:
        stack = [(root, level, "   " * level, "")]
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
