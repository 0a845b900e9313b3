"""Faults for the compiler: small edits of its own source, found by walking the syntax tree.

A source file comes in, every edit that one of the kinds below can make comes out, each as a piece
of text and what to put in its place: all else in the file stays as it is. Which of them are tried
is drawn by hashing each fault with a seed, so that an edit of one function leaves the draw of the
others alone.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import zip_longest
from typing import Any, TypeVar

import fault_kinds
from fault_kinds import Edit, Source

ROOMS: Mapping[str, Sequence[str]] = {
    "rewrite": (
        "rules/products", "rules/sums", "rules/signs", "rules/powers", "rules/views",
        "rules/reductions", "rules/exponentials", "rules/sigmoids", "rules/cancellation",
        "rules/softmax", "rules/class_probabilities", "rules/logarithms", "rules/mixtures",
        "rules/matrix_products", "rules/averages", "rules/likelihoods", "rules/constants",
        "rules/common_subexpressions", "rules/inner_graphs", "rules/composites", "factors",
        "matching", "engine",
    ),
    "schedule": ("fusion", "dims", "prepare", "values", "memory"),
    "loops": (
        "lower", "measures", "storage", "parts", "repeat", "kernel", "accumulations", "reading",
    ),
    "ops": ("arithmetic", "reductions", "softmax"),
}  # fmt: skip
"""The files in which faults are made, by room."""

WORDS = {
    "__str__", "__repr__", "shape_text", "_word", "_decisions", "_body_lines",
    "_use", "_name_dims", "size_error", "_named_transpose",
}  # fmt: skip
"""Functions that only choose words for people: a fault in them is a fault of style."""

EXAMPLES = {"_examples_of_fold", "_twice", "_branches", "_repeat_rows", "_repeat_columns"}
"""Functions that only build examples, which the tests read and the compiler does not."""

UNREAD_KEYWORDS = {
    "examples", "where", "changes", "latex", "cost", "strict", "hint", "code", "origins",
    "stacklevel", "word",
}  # fmt: skip
"""Arguments that hold documentation, weights, or a check of what cannot happen."""

GENERICS = {"tuple", "list", "dict", "set", "frozenset", "type"}
UNREAD_CALLS = {"fresh", "errstate", "TypeVar", "warn", "dataclass", "capture_origins", "wish"}


@dataclass(frozen=True)
class Fault:
    """One edit of one file; `function` is the outermost function or class around it."""

    path: str
    function: str
    kind: str
    line: int
    start: int
    end: int
    old: str
    new: str
    nth: int

    @property
    def room(self) -> str:
        """The room of the package that the file belongs to."""
        return self.path.split("/")[1]

    @cached_property
    def key(self) -> str:
        """What is the same for this fault in every version of a file that has its text."""
        again = f" (#{self.nth + 1})" if self.nth else ""
        change = f"{_one_line(self.old)} -> {_one_line(self.new)}"
        return f"{self.path.removeprefix('kernelgraph/')} {self.function}: {change}{again}"

    def apply(self, text: bytes) -> bytes:
        """The file with the fault in it."""
        return text[: self.start] + self.new.encode() + text[self.end :]


@cache
def faults_of(path: str, text: bytes) -> tuple[Fault, ...]:
    """Every fault that can be made in a file, in the order of its lines."""
    source = Source(text)
    found: list[Fault] = []
    seen: dict[tuple[str, str, str], int] = {}
    edits = {
        (edit.start, edit.end, edit.new): (function, edit) for function, edit in _edits(source)
    }
    for _, (function, edit) in sorted(edits.items()):
        old = text[edit.start : edit.end].decode()
        same = (function, _one_line(old), _one_line(edit.new))
        nth = seen.get(same, 0)
        seen[same] = nth + 1
        line = text.count(b"\n", 0, edit.start) + 1
        found.append(
            Fault(path, function, edit.kind, line, edit.start, edit.end, old, edit.new, nth)
        )
    return tuple(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _edits(source: Source) -> Iterator[tuple[str, Edit]]:
    walker = _Walker(source)
    walker.visit(source.tree)
    yield from walker.found


class _Walker(ast.NodeVisitor):
    """Asks every kind about every node that can matter to what the compiler does."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.functions: list[str] = []
        self.found: list[tuple[str, Edit]] = []

    def visit(self, node: ast.AST) -> None:
        """Take what the kinds make of this node, then look inside unless nobody reads that."""
        if _is_unread(node):
            return
        for kind in fault_kinds.KINDS:
            place = ".".join(self.functions) or "module"
            self.found += [(place, edit) for edit in kind(node, self.source)]
        super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Decorators and the body; annotations of arguments are for readers."""
        self._inside(node.name, [*node.decorator_list, *node.args.defaults, *node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The body."""
        self._inside(node.name, node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """An index counts, a parameter of a type does not."""
        self.visit(node.value)
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name not in GENERICS and not name[:1].isupper():
            self.visit(node.slice)

    def visit_keyword(self, node: ast.keyword) -> None:
        """Arguments that the compiler reads; how deep a rule looks is a number of its own kind."""
        if node.arg not in UNREAD_KEYWORDS and node.arg != "depth":
            self.visit(node.value)

    def _inside(self, name: str, nodes: Sequence[ast.AST]) -> None:
        self.functions.append(name)
        for node in nodes:
            self.visit(node)
        self.functions.pop()


def _is_unread(node: ast.AST) -> bool:
    """Whether nothing below this node can change what the compiler does."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Raise() | ast.JoinedStr():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef(name=name):
            return name in WORDS | EXAMPLES
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in UNREAD_CALLS
        case ast.Assign(targets=[ast.Attribute(attr="name" | "origins")]):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            is_alias = name[:1].isupper() and not name.isupper()
            return is_alias or name in ("latex", "name")
        case _:
            return False


# ---------------------------------------------------------------------------------------- drawing


def digest(*parts: Any) -> bytes:
    """A number for some words, the same on every machine."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).digest()


Item = TypeVar("Item")


def draw(
    seed: int, rooms: Sequence[str], read: Callable[[str], bytes]
) -> Iterator[tuple[int, Fault]]:
    """All faults of these rooms, numbered, in an order that takes the rooms in turn.

    Within a room the files take turns, and within a file the kinds of faults. `read` gives the
    bytes of a file of the package.
    """
    streams = [_of_room(seed, room, read) for room in rooms]
    yield from enumerate(_in_turn(streams), 1)


def _of_room(seed: int, room: str, read: Callable[[str], bytes]) -> list[Fault]:
    paths = [f"kernelgraph/{room}/{name}.py" for name in ROOMS[room]]
    paths.sort(key=lambda path: digest(seed, path))
    return list(_in_turn([_of_file(seed, path, read(path)) for path in paths]))


def _of_file(seed: int, path: str, text: bytes) -> list[Fault]:
    kinds: dict[str, list[Fault]] = {}
    for fault in sorted(faults_of(path, text), key=lambda fault: digest(seed, fault.key)):
        kinds.setdefault(fault.kind, []).append(fault)
    names = sorted(kinds, key=lambda kind: digest(seed, path, kind))
    return list(_in_turn([kinds[name] for name in names]))


def _in_turn(streams: Sequence[Sequence[Item]]) -> Iterator[Item]:
    """One of each, then another of each, until all are used up."""
    for row in zip_longest(*streams):
        yield from (item for item in row if item is not None)
