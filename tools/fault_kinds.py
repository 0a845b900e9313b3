"""The kinds of faults: each looks at one node of a syntax tree and says how to spoil it.

A kind gets a node and the source, and yields edits: from which byte to which, and the new text.
Where a kind has several ways to spoil a node it yields them all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple


class Edit(NamedTuple):
    """Bytes `start` to `end` give way to `new`."""

    kind: str
    start: int
    end: int
    new: str


class Source:
    """A source file: its bytes, its tree, and where each node of the tree lies."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt) -> int:
        """The first byte of a node."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        """The byte after a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.expr | ast.stmt) -> str:
        """A node's text."""
        return self.text[self.start(node) : self.end(node)].decode()

    def replace(self, kind: str, node: ast.expr | ast.stmt, new: str) -> Edit:
        """The edit that puts other text in a node's place."""
        return Edit(kind, self.start(node), self.end(node), new)

    def between(self, kind: str, a: ast.expr, b: ast.expr, old: str, new: str) -> Iterator[Edit]:
        """The edit of the operator between two operands, whatever parentheses are there."""
        gap = self.text[self.end(a) : self.start(b)]
        at = gap.find(old.encode())
        if at >= 0:
            start = self.end(a) + at
            yield Edit(kind, start, start + len(old.encode()), new)

    def swap(self, kind: str, a: ast.expr, b: ast.expr) -> Iterator[Edit]:
        """The edit that lets two nodes change places."""
        if self.of(a) != self.of(b):
            gap = self.text[self.end(a) : self.start(b)].decode()
            yield Edit(kind, self.start(a), self.end(b), self.of(b) + gap + self.of(a))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the file knows."""
        nodes = list(ast.walk(self.tree))
        used = {node.id for node in nodes if isinstance(node, ast.Name)}
        imported = {node.name for node in nodes if isinstance(node, ast.alias)}
        return frozenset(used | imported)


Kind = Callable[[ast.AST, Source], Iterator[Edit]]

_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"), ast.BitAnd: ("&", "|"),
}  # fmt: skip

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip

_SYMMETRIC = {
    "add", "mul", "maximum", "minimum", "min", "max", "eq", "neq", "isinstance", "issubclass",
    "getattr", "hasattr", "upcast", "tuple", "number", "print",
}  # fmt: skip

_NAMES = {
    "any": "all", "all": "any", "min": "max", "max": "min", "_lowest": "_highest",
    "_highest": "_lowest", "accumulator": "_same", "log": "log1p", "log1p": "log", "exp": "expm1",
    "expm1": "exp", "sigmoid": "exp", "lt": "le", "le": "lt", "gt": "ge", "ge": "gt",
    "left": "right", "right": "left", "outer": "inner", "inner": "outer",
}  # fmt: skip
"""Names that are easily taken for each other; the second must be known in the file."""

_CONVERSIONS = {"cast", "as_dtype", "reversed", "sorted", "astype", "insert_axes", "broadcast_like"}
_LARGEST_NUMBER = 8
"""Numbers above this are limits of work and the like, which off by one are limits still."""


def _name(node: ast.expr) -> str:
    """The last part of a function's name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def arithmetic(node: ast.AST, source: Source) -> Iterator[Edit]:
    """Another operator: + for -, * for +."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        if any(isinstance(side, ast.List | ast.Tuple) for side in (node.left, node.right)):
            return  # lists cannot be subtracted
        old, new = _OPERATORS[type(node.op)]
        yield from source.between("operator", node.left, node.right, old, new)


def comparison(node: ast.AST, source: Source) -> Iterator[Edit]:
    """Another comparison: < for <=, == for !=."""
    if isinstance(node, ast.Compare):
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            old, new = _COMPARISONS[type(op)]
            yield from source.between("comparison", left, right, old, new)
            left = right


def connective(node: ast.AST, source: Source) -> Iterator[Edit]:
    """`or` for `and`, and a `not` that is forgotten."""
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for a, b in pairwise(node.values):
            yield from source.between("connective", a, b, old, new)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        start = source.start(node)
        yield Edit("connective", start, start + len("not "), "")


def condition(node: ast.AST, source: Source) -> Iterator[Edit]:
    """One of several conditions that is forgotten."""
    if isinstance(node, ast.BoolOp):
        forgotten = str(isinstance(node.op, ast.And))
        for value in node.values:
            if not isinstance(value, ast.Constant):  # "or 0" is no condition
                yield source.replace("condition", value, forgotten)


def number(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A number off by one, a truth value that is the other."""
    if isinstance(node, ast.keyword) and node.arg == "depth":
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, int):
            yield source.replace("number", node.value, str(node.value.value - 1))
        return
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield source.replace("number", node, str(not node.value))
    elif isinstance(node.value, int | float) and abs(node.value) <= _LARGEST_NUMBER:
        yield source.replace("number", node, str(node.value + 1))
        if node.value > 0:
            yield source.replace("number", node, str(node.value - 1))


def sign(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A minus sign that is forgotten."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield Edit("sign", source.start(node), source.start(node) + 1, "")


def guard(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A guard that never stops anything."""
    leaves = ast.Return | ast.Continue | ast.Break | ast.Raise
    match node:
        case ast.If(test=test, body=[only], orelse=[]) if isinstance(only, leaves):
            yield source.replace("guard", test, "False")
        case ast.keyword(arg="when", value=value):
            yield source.replace("guard", value, "lambda match: True")
        case _:
            pass


def element(node: ast.AST, source: Source) -> Iterator[Edit]:
    """An element that is missing from a list, a class from a choice of classes."""
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        stars = any(isinstance(item, ast.Starred) for item in node.elts)
        several = len(node.elts) > 2 or (len(node.elts) == 2 and not stars)
        for k, item in enumerate(node.elts if several else []):
            following = node.elts[k + 1] if k + 1 < len(node.elts) else None
            if following is not None:
                yield Edit("element", source.start(item), source.start(following), "")
            elif len(node.elts) > 2:
                yield Edit("element", source.end(node.elts[k - 1]), source.end(item), "")
        if len(node.elts) == 1 and isinstance(node, ast.Tuple):
            yield source.replace("element", node, "()")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield source.replace("element", node, source.of(node.left))
        yield source.replace("element", node, source.of(node.right))


def order(node: ast.AST, source: Source) -> Iterator[Edit]:
    """Two operands, arguments, elements or branches that change places."""
    match node:
        case ast.Call(func=function, args=[first, second, *_]):
            words = any(isinstance(v, ast.Starred | ast.JoinedStr) for v in (first, second))
            words = words or all(isinstance(v, ast.Constant) for v in (first, second))
            if _name(function) not in _SYMMETRIC and not words:
                yield from source.swap("order", first, second)
        case ast.Tuple(elts=[first, second], ctx=ast.Load()):
            yield from source.swap("order", first, second)
        case ast.BinOp(left=left, right=right, op=ast.Sub() | ast.Div() | ast.Pow()):
            if all(isinstance(side, ast.Name | ast.Constant | ast.Call) for side in (left, right)):
                yield from source.swap("order", left, right)
        case ast.IfExp(body=body, orelse=other):
            yield from source.swap("order", body, other)
        case ast.Tuple(elts=[_, second, third], ctx=ast.Load()):
            yield from source.swap("order", second, third)
        case _:
            pass


def operand(node: ast.AST, source: Source) -> Iterator[Edit]:
    """An operand that is returned in place of what was to be made of it."""
    if not isinstance(node, ast.Return) or node.value is None:
        return
    value = node.value
    if isinstance(value, ast.Tuple) and len(value.elts) == 2:
        value = value.elts[1]  # what a rule puts in the place of what it found
    inner: Sequence[ast.expr] = ()
    match value:
        case ast.Call(args=[*arguments]) if _name(value.func)[:1].islower():
            inner = arguments[:2]
        case ast.BinOp(left=left, right=right):
            inner = (left, right)
        case ast.UnaryOp(operand=only):
            inner = (only,)
        case _:
            pass
    for part in inner:
        if not isinstance(part, ast.Starred | ast.Constant | ast.GeneratorExp):
            yield source.replace("operand", value, source.of(part))


def name(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A name that is taken for another."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        other = _NAMES.get(node.id)
        if other is not None and (other in source.names or other in ("any", "all", "min", "max")):
            yield source.replace("name", node, other)
    if isinstance(node, ast.Attribute) and node.attr in ("min", "max"):
        start = source.end(node) - len(node.attr)
        yield Edit("name", start, source.end(node), _NAMES[node.attr])


def conversion(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A conversion, a reversal or a transpose that is forgotten."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _CONVERSIONS:
            yield source.replace("conversion", node, source.of(first))
        case ast.Call(func=ast.Attribute(value=value, attr="astype" | "reshape")):
            yield source.replace("conversion", node, source.of(value))
        case ast.Attribute(value=value, attr="T"):
            yield source.replace("conversion", node, source.of(value))
        case _:
            pass


_IN_FORMULAS = (
    (" + ", " - "), (" - ", " + "), (" * ", " + "), (" / ", " * "), (" < ", " <= "),
    (" > ", " >= "), (" == ", " != "), (" != ", " == "), (" && ", " || "), (" || ", " && "),
    (" and ", " or "), (" or ", " and "),
)  # fmt: skip


def formula(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A formula for one element, in C or Python, with an operator or two operands exchanged."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    holes = list(dict.fromkeys(re.findall(r"\{\w+\}", node.value)))
    if not holes or source.of(node)[0] not in "\"'":
        return
    text, start = source.of(node), source.start(node)
    for old, new in _IN_FORMULAS:
        at = text.find(old)
        if at >= 0:
            here = start + len(text[:at].encode())
            yield Edit("formula", here, here + len(old), new)
    for a, b in pairwise(holes):
        yield source.replace("formula", node, _exchanged(text, a, b))


def _exchanged(text: str, a: str, b: str) -> str:
    return re.sub(
        f"{re.escape(a)}|{re.escape(b)}", lambda found: b if found.group() == a else a, text
    )


def statement(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A statement that is forgotten, and a loop that is left too early."""
    if isinstance(node, ast.AugAssign):
        yield source.replace("statement", node, "pass")
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield source.replace("statement", node, "pass")
    if isinstance(node, ast.Continue):
        yield source.replace("statement", node, "break")


KINDS: tuple[Kind, ...] = (
    arithmetic, comparison, connective, condition, number, sign, guard, element, order, operand,
    name, conversion, formula, statement,
)  # fmt: skip
