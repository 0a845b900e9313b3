"""The body of a `%%symfunc` cell: its text comes in, the values of its outputs go out.

The body is ordinary Python, run once. It is compiled under the name of its own cell with its own
line numbers, so that every error in it, now or when the function runs, points at the line that the
user sees.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any, NoReturn

from kernelgraph.errors import Origins, file_of
from kernelgraph.graph import Variable
from kernelgraph.lazy import cached_property
from kernelgraph.types import listed

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep

Names = dict[str, Any]


class OutputError(ValueError):
    """The body does not yield what the signature promises; the message is one line."""


@dataclass(frozen=True)
class Body:
    """A parsed cell: the file name that stands for it, and its statements."""

    filename: str
    tree: ast.Module

    def origin(self, columns: tuple[int, int], line: int = 1) -> Origins:
        """The origin of a symbol that a line of the cell declares in these columns."""
        first, last = columns
        place = {"lineno": line, "end_lineno": line, "col_offset": first, "end_col_offset": last}
        code = compile(ast.Expression(ast.Name("_", ast.Load(), **place)), self.filename, "eval")
        for index, position in enumerate(code.co_positions()):
            if position == (line, line, first, last):
                return ((code, 2 * index),)
        return ()

    def fail(self, error: BaseException, line: int = 1) -> NoReturn:
        """Raise an error at a line of the cell, which is of no code of Python: the first one, where
        it is of none.
        """
        __tracebackhide__ = True
        place = {"lineno": line, "end_lineno": line, "col_offset": 0, "end_col_offset": 0}
        raising = ast.Raise(exc=ast.Name("error", ast.Load()), cause=None, **place)
        tree = ast.fix_missing_locations(ast.Module([raising], []))
        exec(self._code(tree, "exec"), {"error": error.with_traceback(None)})
        raise error

    def outputs(self, parameters: Names, scope: Names, wanted: Sequence[str]) -> Any:
        """Run the body with `parameters` over `scope` and return the value of its outputs.

        `wanted` names them; without it the last expression is the output, or else the last
        assignment. Symbols without a name get the one that the body gives them, so that pictures
        and generated code speak the same language as the cell. Raises `OutputError` where there
        is no output.
        """
        __tracebackhide__ = True
        names = {**scope, **parameters}
        *statements, last = self.tree.body or [ast.Pass()]
        self._check_returns(statements, last)
        if isinstance(last, ast.Return) or (isinstance(last, ast.Expr) and not wanted):
            result = last.value
            if result is None:
                raise OutputError("the body returns nothing: return the outputs")
            self._run(statements, names)
            value = eval(self._code(ast.Expression(result), "eval"), names)
            self._give_names(names)
            return _named(value, wanted) if wanted else value
        wanted = wanted or assigned(last)
        self._run(self.tree.body, names)  # first: `if x > 0:` has an error that says more
        if not wanted:
            raise OutputError(
                "the body ends neither in an expression nor in an assignment; "
                "name the outputs in the signature: f(...) -> y"
            )
        self._give_names(names)
        for name in wanted:
            if name not in names or name not in {**parameters, **self.bound}:
                raise OutputError(f"the signature promises {name}, but the body binds no such name")
        values = [names[name] for name in wanted]
        return values[0] if len(values) == 1 else values

    def _check_returns(self, statements: list[ast.stmt], last: ast.stmt) -> None:
        """A body returns at its end or not at all. Raises `SyntaxError` for another place."""
        inner = [last] if not isinstance(last, ast.Return) else []
        for node in _outside_functions([*statements, *inner]):
            if isinstance(node, ast.Return):
                raise SyntaxError(
                    "a body returns at its end only; switch(condition, a, b) chooses",
                    self.place(node),
                )

    def place(self, node: ast.stmt) -> tuple[str, int, int, str]:
        """Where a statement is, as `SyntaxError` takes it."""
        line = linecache.getline(self.filename, node.lineno)
        return self.filename, node.lineno, node.col_offset + 1, line

    def _give_names(self, names: Names) -> None:
        """Call every symbol that this body made by the name that it is bound to."""
        for name in self.bound:
            symbol = names.get(name)
            if isinstance(symbol, Variable) and symbol.name is None:
                is_ours = any(file_of(origin) == self.filename for origin in symbol.where)
                symbol.name = name if is_ours else None

    def _run(self, statements: list[ast.stmt], names: Names) -> None:
        __tracebackhide__ = True
        exec(self._code(ast.Module(statements, []), "exec"), names)

    def _code(self, tree: ast.Module | ast.Expression, mode: str) -> CodeType:
        return compile(tree, self.filename, mode, dont_inherit=True)

    @cached_property
    def bound(self) -> dict[str, None]:
        """Every name that the body binds, in the order of the text."""
        stored = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return {node.id: None for node in stored if isinstance(node.ctx, ast.Store)}


def _outside_functions(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those of functions and classes that the body defines."""
    for statement in statements:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield statement
            yield from _outside_functions(ast.iter_child_nodes(statement))


def _named(value: Any, wanted: Sequence[str]) -> Any:
    """What a body returns under the names that the signature promises. Raises `OutputError`."""
    values = listed(value)
    if len(values) != len(wanted):
        raise OutputError(
            f"the signature promises {', '.join(wanted)}, but the body returns "
            f"{len(values)} value{'s' * (len(values) != 1)}"
        )
    for name, symbol in zip(wanted, values, strict=True):
        if isinstance(symbol, Variable) and symbol.name is None and symbol.owner is not None:
            symbol.name = name
    return values[0] if len(values) == 1 else values


def parse_body(shell: Any, first_line: str, cell: str, skipped: int = 0) -> Body:
    """The body of a cell whose magic stands on `first_line`, registered with IPython as that cell;
    its first lines may belong to the signature. A body may be indented, as that of a `def`.

    Raises `SyntaxError` with the line number that the cell itself shows.
    """
    filename = file_of_cell(shell, f"{first_line}\n{cell}")
    text = body_text(cell, skipped)
    code = (line for line in text.split("\n") if line.strip() and line.strip()[0] != "#")
    if not next(code, "").startswith((" ", "\t")):
        return Body(filename, _parsed(shell, f"#\n{text}", filename))
    tree: Any = _parsed(shell, f"if 1:\n{text}", filename)
    first, *others = tree.body
    if others:
        line = linecache.getline(filename, others[0].lineno)
        place = (filename, others[0].lineno, 1, line)
        raise IndentationError("the body begins indented, and this line is not", place)
    return Body(filename, ast.Module(first.body, []))


def file_of_cell(shell: Any, text: str) -> str:
    """The file name that stands for a cell with this text, registered with IPython."""
    return shell.compile.cache(text, _cell_number(shell), raw_code=text)


def _parsed(shell: Any, text: str, filename: str) -> ast.Module:
    """The statements of a text. Raises `SyntaxError`."""
    try:
        tree: ast.Module = shell.compile.ast_parse(text, filename)
    except RecursionError:
        words = "an expression of this cell is too long for Python; name parts of it"
        raise SyntaxError(words, (filename, 1, 1, linecache.getline(filename, 1))) from None
    return tree


def body_text(cell: str, skipped: int) -> str:
    """The lines of a cell, with empty ones in place of those that belong to the signature."""
    return "\n" * skipped + "\n".join(cell.split("\n")[skipped:])


def _cell_number(shell: Any) -> int:
    """The number of the cell that is running, as IPython labels the frame that runs it.

    The shell's own counter may already have moved on to the next cell.
    """
    frame = inspect.currentframe()
    while frame is not None:
        label = shell.compile.format_code_name(frame.f_code.co_filename)
        number = re.search(r"[0-9]+", label[1]) if label is not None else None
        if number is not None:
            return int(number.group())
        frame = frame.f_back
    count: int = shell.execution_count
    return count


def assigned(statement: ast.stmt) -> list[str]:
    """The names that a statement assigns to, if it is a plain assignment."""
    match statement:
        case ast.Assign(targets=[*_, target]):
            pass
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            pass
        case _:
            return []
    entries = target.elts if isinstance(target, ast.Tuple) else [target]
    found = [entry.id for entry in entries if isinstance(entry, ast.Name)]
    return found if len(found) == len(entries) else []


def without_our_frames(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package, and of Python's library behind them."""
    frames: list[TracebackType] = []
    is_behind = False
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        is_ours = filename.startswith(_PACKAGE) or (is_behind and filename.startswith(_LIBRARY))
        is_behind = is_ours
        if not is_ours:
            frames.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept
