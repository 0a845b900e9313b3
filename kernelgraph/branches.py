"""What to write instead of `if x > 0:` where `x` is a symbol.

The place at which Python asked a symbol for its truth comes in, the user's own statement goes out,
rewritten with `T.switch` (for arrays) or `kg.ifelse` (for one number). A statement that has no such
form gives no advice.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernelgraph.errors import Location, Origins, resolve

CHOICES = (
    "T.switch(condition, a, b) chooses between numbers, kg.ifelse(condition, a, b) between "
    "computations, kg.scan(…) repeats"
)
_MOST_CHARACTERS = 1_000_000  # of a file that is read for advice
_LONGEST_LINE = 160
_EXTREMES = {"max": "T.maximum", "min": "T.minimum"}


def instead_of_branch(origins: Origins, is_scalar: bool) -> str:
    """A hint for the user whose line, the first of `origins`, asked a symbol for its truth."""
    choose = "kg.ifelse" if is_scalar else "T.switch"
    try:
        line = rewritten(resolve(origins[0]), choose) if origins else None
    except (SyntaxError, ValueError, RecursionError):  # the text is not what was compiled
        line = None
    if line is None or len(line) > _LONGEST_LINE:
        return CHOICES
    return f"{line}\n        ({CHOICES})"


def rewritten(place: Location, choose: str) -> str | None:
    """The statement at `place` with `choose` in place of the branch, or None if it has no such
    form. Raises SyntaxError where the text of the file is no Python.
    """
    lines = linecache.getlines(place.filename)
    text = "".join("#\n" if line.startswith(("%", "!")) else line for line in lines)
    if not text or len(text) > _MOST_CHARACTERS:
        return None
    writer = _Writer(text, choose)
    here = _Span.of_place(place)
    for body in _bodies(ast.parse(text)):
        for index, statement in enumerate(body):
            if here.within(statement) and not _deeper(statement, here):
                return writer.statement(statement, body[index + 1 :], here)
    return None


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements in a tree."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body


def _deeper(statement: ast.stmt, here: _Span) -> bool:
    """Whether a statement inside this one is the one that is asked for."""
    inner = (child for body in _bodies(statement) for child in body)
    return any(here.within(child) for child in inner)


@dataclass(frozen=True)
class _Span:
    """A range of a text: line and column (in bytes) of its ends."""

    start: tuple[int, int]
    end: tuple[int, int] | None

    @classmethod
    def of_place(cls, place: Location) -> _Span:
        start, end = (
            len(place.text[:column].encode("utf-8", "surrogatepass"))
            for column in (place.column, place.end_column)
        )
        return cls((place.line, start), (place.line, end))

    def within(self, node: ast.stmt | ast.expr) -> bool:
        """Whether the range begins inside a node."""
        end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return (node.lineno, node.col_offset) <= self.start < end


@dataclass(frozen=True)
class _Writer:
    """Writes statements anew; `choose` is the function that takes a condition and both values."""

    text: str
    choose: str

    def statement(
        self, statement: ast.stmt, following: Sequence[ast.stmt], here: _Span
    ) -> str | None:
        """One statement; `following` are those after it in its block."""
        match statement:
            case ast.If() if here.within(statement.test):
                return self._if(statement, following)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return() | ast.Expr():
                found = self._expression(statement, here)
                return None if found is None else self._with(statement, *found)
            case _:
                return None

    def _with(self, statement: ast.stmt, old: ast.expr, new: str) -> str:
        """The statement's text with `new` where `old` stands."""
        before, whole = self._source(old), self._source(statement)
        start = old.lineno - statement.lineno, old.col_offset - statement.col_offset
        if start[0] == 0:
            raw = whole.encode()
            tail = raw[start[1] + len(before.encode()) :]
            return _one_line((raw[: start[1]] + new.encode() + tail).decode())
        return _one_line(whole.replace(before, new, 1))

    def _expression(self, statement: ast.stmt, here: _Span) -> tuple[ast.expr, str] | None:
        """The outermost expression around the place that branches, and what stands for it."""
        for node in ast.walk(statement):
            if isinstance(node, ast.expr) and here.within(node):
                new = self._branching(node)
                if new is not None:
                    return node, new
        return None

    def _branching(self, node: ast.expr) -> str | None:
        match node:
            case ast.IfExp():
                return self._chosen(node.test, self._value(node.body), self._value(node.orelse))
            case ast.Call(func=ast.Name(id="max" | "min" as name), args=[one, other]):
                return f"{_EXTREMES[name]}({self._value(one)}, {self._value(other)})"
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.Compare(ops=[_, _, *_]):
                return self._condition(node)
            case _:
                return None

    def _value(self, node: ast.expr) -> str:
        return self._branching(node) or self._source(node)

    def _chosen(self, test: ast.expr, yes: str, no: str) -> str:
        return f"{self.choose}({self._condition(test)}, {yes}, {no})"

    def _condition(self, node: ast.expr) -> str:
        """A condition without `and`, `or`, `not` and chains of comparisons."""
        match node:
            case ast.BoolOp(op=op, values=[first, *rest]):
                text = self._condition(first)
                for value in rest:
                    other = self._condition(value)
                    ends = (other, "False") if isinstance(op, ast.And) else ("True", other)
                    text = f"T.switch({text}, {ends[0]}, {ends[1]})"
                return text
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"T.switch({self._condition(operand)}, False, True)"
            case ast.Compare(left=left, ops=[_, _, *_] as ops, comparators=comparators):
                values = [left, *comparators]
                pairs = [ast.Compare(values[k], [op], [values[k + 1]]) for k, op in enumerate(ops)]
                text = ast.unparse(pairs[-1])
                for pair in reversed(pairs[:-1]):
                    text = f"T.switch({ast.unparse(pair)}, {text}, False)"
                return text
            case _:
                return self._source(node)

    def _if(self, statement: ast.If, following: Sequence[ast.stmt]) -> str:
        """An `if` statement whose branches give one name two values, or return one."""
        otherwise = statement.orelse or list(following[:1])
        yes, no = self._given(statement.body), self._given(otherwise)
        if yes is not None and no is not None and yes[0] == no[0]:
            return yes[0] + self._chosen(statement.test, yes[1], no[1])
        if yes is not None and yes[0] != "return " and not statement.orelse:
            name = yes[0].removesuffix(" = ")
            return yes[0] + self._chosen(statement.test, yes[1], name)
        return f"result = {self._chosen(statement.test, 'value_if_true', 'value_if_false')}"

    def _given(self, body: Sequence[ast.stmt]) -> tuple[str, str] | None:
        """What a branch of one statement does with a value, and the value."""
        match body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
                return f"{name} = ", self._value(value)
            case [ast.Return(value=ast.expr() as value)]:
                return "return ", self._value(value)
            case [ast.If() as inner] if inner.orelse:
                yes, no = self._given(inner.body), self._given(inner.orelse)
                if yes is None or no is None or yes[0] != no[0]:
                    return None
                return yes[0], self._chosen(inner.test, yes[1], no[1])
            case _:
                return None

    def _source(self, node: ast.stmt | ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ast.unparse(node)


def _one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text else text
