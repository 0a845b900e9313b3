"""`x == 0` where `x` is a symbol: Python asks whether both are one thing, and the answer is no.

Symbols live in dicts and lists, so `==` must say that. But who writes it in a formula means
`T.eq(x, 0)`. A comparison, a condition or an operand comes in with the user's place, and a warning
goes out that names what was meant. Comparisons that dicts, lists and this package make are silent.
"""

from __future__ import annotations

import ast
import dis
import linecache
import sys
import warnings
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

import numpy as np

from kernelgraph.expect import text_of
from kernelgraph.locations import Location, capture_origins, is_own, level_of_user, resolve
from kernelgraph.names import shortened

CODE = "KG-G016"
_SIGNS = {"eq": ("==", "T.eq"), "ne": ("!=", "T.neq")}
_MOST_CHARACTERS = 1_000_000  # of a file that is read for advice
_MOST_NUMBERS = 20  # of an array that advice writes out
_JUMPS = ("POP_JUMP", "JUMP_IF", "UNARY_NOT", "TO_BOOL", "COPY")

_branches: dict[tuple[CodeType, int], bool] = {}
"""For places at which symbols were compared: whether a branch depends on the answer."""


class SymbolicWarning(UserWarning):
    """Python compared symbols, where their values were meant."""


def with_number(symbol: Any, number: Any, sign: str) -> None:
    """Warn that a user compared a symbol with a number or an array (`sign` is "eq" or "ne")."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - there is no public one
    if is_own(frame.f_code):
        return
    python, ours = _SIGNS[sign]
    name, value = shortened(symbol.name or "x"), shortened(text_of(_plain(number)), 30)
    answer = "False" if sign == "eq" else "True"
    _warn(
        f"`{name} {python} {value}` asks whether the symbol itself is {value}, which is {answer} "
        f"whatever {name} will be",
        f"{ours}({name}, {value})",
    )


def _plain(number: Any) -> Any:
    """A small array, or a number of NumPy, as Python writes it."""
    is_small = getattr(number, "size", _MOST_NUMBERS + 1) <= _MOST_NUMBERS
    return number.tolist() if is_small else number


def by_operator() -> bool:
    """Whether the function that called this one was asked by `==`, `!=` or `in`, as NumPy asks for
    `array == symbol`, and not by a call such as `np.equal(array, symbol)`.
    """
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - as above
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in ("COMPARE_OP", "CONTAINS_OP")


def with_symbol(symbol: Any, other: Any, sign: str) -> None:
    """Warn that a user's branch depends on whether two symbols are one."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - there is no public one
    if is_own(frame.f_code) or not _decides(frame, symbol, other):
        return
    python, ours = _SIGNS[sign]
    left, right = (shortened(v.name or "…") for v in (symbol, other))
    _warn(
        f"`{left} {python} {right}` asks whether both are one symbol, not whether their values are "
        "equal",
        f"{ours}({left}, {right}) for the values; {left} is {right} where this is meant",
    )


def as_condition(value: Any, op: str) -> Any:
    """The condition of `op`, with a warning if a user gives it a truth value of Python."""
    if not isinstance(value, bool):
        return value
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - there is no public one
    while frame.f_back is not None and is_own(frame.f_code) and _is_call(frame.f_code):
        frame = frame.f_back
    if is_own(frame.f_code):
        return value
    found = [_meant(node) for node in _comparisons(resolve((frame.f_code, frame.f_lasti)))]
    _warn(
        f"the condition of {op} is {value} for Python, before any number is known: `==` asks "
        "whether two symbols are one",
        found[0] if found else "T.eq(x, 0)",
    )
    return np.bool_(value)


def as_operand(value: bool) -> None:
    """Warn of a comparison by `==` in a user's formula, whose answer became an operand."""
    origins = capture_origins()
    found = _comparisons(resolve(origins[0])) if origins else []
    if found:
        _warn(
            f"`{shortened(ast.unparse(found[0]))}` is {value} for Python, whatever the values are: "
            "it asks whether two symbols are one",
            _meant(found[0]),
        )


def _is_call(code: CodeType) -> bool:
    return code.co_name in ("__call__", "make_node", "ifelse")


def _warn(message: str, hint: str) -> None:
    """At the innermost line of the user."""
    text = f"[{CODE}] {message}. Try: {hint}"
    warnings.warn(text, SymbolicWarning, stacklevel=level_of_user())


# ------------------------------------------------------------------------------ the user's own line


def _decides(frame: FrameType, symbol: Any, other: Any) -> bool:
    """Whether the user wrote the comparison, and a branch depends on it."""
    key = frame.f_code, frame.f_lasti
    if key not in _branches:
        _branches[key] = _is_branch(*key)
    if not _branches[key]:
        return False
    names = [
        side.id
        for node in _comparisons(resolve(key))
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Name)
    ]
    scopes = (frame.f_locals, frame.f_globals)
    values = [scope[name] for name in names for scope in scopes if name in scope]
    return any(value is symbol or value is other for value in values)


def _is_branch(code: CodeType, offset: int) -> bool:
    """Whether the instruction compares and the next one is a jump that depends on it."""
    instructions = iter(dis.get_instructions(code))
    for instruction in instructions:
        if instruction.offset == offset:
            following = next(instructions, None)
            compares = instruction.opname == "COMPARE_OP"
            return compares and following is not None and following.opname.startswith(_JUMPS)
    return False


def _comparisons(place: Location) -> list[ast.Compare]:
    """The comparisons by `==` and `!=` that are an operand of the expression at a place, or are
    the expression; none where the file cannot be read.
    """
    try:
        lines = linecache.getlines(place.filename)
        text = "".join("#\n" if line.startswith(("%", "!")) else line for line in lines)
        tree = ast.parse(text) if text and len(text) <= _MOST_CHARACTERS else None
    except (SyntaxError, ValueError, OSError, RecursionError):  # no text, or not what was compiled
        return []
    if tree is None:
        return []
    column = len(place.text[: place.column].encode("utf-8", "surrogatepass"))
    end = len(place.text[: place.end_column].encode("utf-8", "surrogatepass"))
    here = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and (node.lineno, node.col_offset) == (place.line, column)
        and (node.end_lineno != place.line or node.end_col_offset == end)
    ]
    return [found for node in here for part in _operands(node) for found in _of_equality(part)]


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Call():
            return [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.BinOp():
            return [node.left, node.right]
        case ast.Compare():
            return [node]
        case _:
            return []


def _of_equality(node: ast.expr) -> Iterator[ast.Compare]:
    """A comparison by `==` or `!=`, also behind `not`, `and` and `or`."""
    match node:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
            yield node
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _of_equality(operand)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _of_equality(value)
        case _:
            pass


def _meant(node: ast.Compare) -> str:
    function = "T.eq" if isinstance(node.ops[0], ast.Eq) else "T.neq"
    sides = ast.unparse(node.left), ast.unparse(node.comparators[0])
    return f"{function}({', '.join(shortened(side) for side in sides)})"
