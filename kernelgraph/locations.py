"""Where in the user's own code: places, found when somebody asks.

An *origin* is the place where a node was made: the code object and instruction offset of the user's
frame. Keeping it costs a fraction of a microsecond; file, line and columns are looked up only when
they are read.
"""

from __future__ import annotations

import contextlib
import functools
import linecache
import os
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import numpy as np

from kernelgraph.names import shortened


@dataclass(frozen=True)
class Location:
    """A resolved origin: file or cell, line (from 1), columns (from 0, in characters), and text."""

    filename: str
    label: str
    function: str
    line: int
    column: int
    end_column: int
    text: str

    def __deepcopy__(self, memo: Any) -> Location:
        return self  # it cannot be changed

    def __str__(self) -> str:
        where = f"{shortened(self.label, _LONGEST_PATH)}, line {self.line}"
        if self.function != "<module>":
            where += f", in {shortened(self.function)}"
        return where

    def block(self) -> str:
        """The place with its source line and a caret under the exact expression."""
        if not self.text.strip():
            return f"  {self}"
        text, start, end = self._window()
        number = f"{self.line:>5}"
        lines = [f"  {self}", f"{number} | {text}"]
        if end > start:
            lines.append(f"{' ' * len(number)} | {' ' * start}{'^' * (end - start)}")
        return "\n".join(lines)

    def _window(self) -> tuple[str, int, int]:
        """The line without what is around it, and the columns of the expression there; of a very
        long line the part around the expression.
        """
        shift = len(self.text) - len(self.text.lstrip())
        text, start, end = self.text.strip(), self.column - shift, self.end_column - shift
        start = max(start, 0)
        if len(text) > _LONGEST_SOURCE:
            first = max(start - _LONGEST_SOURCE // 4, 0)
            cut = text[first : first + _LONGEST_SOURCE]
            text = "…" * (first > 0) + cut + "…" * (first + len(cut) < len(text))
            start, end = (n - first + (first > 0) for n in (start, end))
        return text, start, min(end, len(text))


Origin = tuple[CodeType, int] | Location
"""A code object and the offset of one of its instructions: enough to find line and columns
later. What comes from another process brings the place itself.
"""

Origins = tuple[Origin, ...]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MOST_ORIGINS = 8
_LONGEST_PATH, _LONGEST_SOURCE = 300, 400


_behalf: ContextVar[tuple[Origins, FrameType | None]] = ContextVar("_behalf", default=((), None))


@contextmanager
def on_behalf_of(origins: Origins) -> Generator[None]:
    """Inside the `with` block, new nodes belong to these places: a derivative to the line that it
    differentiates.
    """
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - there is no public one
    token = _behalf.set((origins or _on_behalf(), frame))
    try:
        yield
    finally:
        _behalf.reset(token)


def _on_behalf() -> Origins:
    """The places for which nodes are made now; none once the frame that said so is gone, which a
    Ctrl-C may have left at any instruction.
    """
    origins, asking = _behalf.get()
    if not origins:
        return ()
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - there is no public one
    while frame is not None:
        if frame is asking:
            return origins
        frame = frame.f_back
    _behalf.set(((), None))
    return ()


def is_on_behalf() -> bool:
    """Whether nodes are made now for other places than the one that runs: derivatives."""
    return bool(_on_behalf())


def capture_origins() -> Origins:
    """Where the user's code is running now: the innermost frame outside this package."""
    behalf = _on_behalf()
    if behalf:
        return behalf
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - there is no public one
    while frame is not None:
        code = frame.f_code
        if not is_own(code) and not _is_generated(code, frame.f_globals):
            return ((code, frame.f_lasti),)
        frame = frame.f_back
    return ()


def level_of_user() -> int:
    """For `warnings.warn` in the function that asks: how many frames up the user's code runs."""
    level, frame = 1, sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - no public one
    while frame.f_back is not None and (
        is_own(frame.f_code) or _is_generated(frame.f_code, frame.f_globals)
    ):
        level, frame = level + 1, frame.f_back
    return level


_WAYS = (functools.__file__, contextlib.__file__)
_LIBRARY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep


def _is_generated(code: CodeType, module: Mapping[str, Any]) -> bool:
    """Whether code stands between this package and its user: a method that `dataclass` wrote for
    one of our classes, Python's own way into a function or a `with` block of ours, or NumPy, which
    asked an operand of the user's for something.
    """
    if code.co_filename in _WAYS or code.co_filename.startswith(_LIBRARY):
        return True
    return code.co_filename == "<string>" and str(module.get("__name__")).startswith("kernelgraph.")


def is_own(code: CodeType) -> bool:
    """Whether code is this package's, not the user's."""
    return code.co_filename.startswith(_PACKAGE)


def merge_origins(groups: Iterable[Origins]) -> Origins:
    """The distinct origins of several nodes, oldest first; a fused node keeps the first few."""
    merged: dict[Origin, None] = {}
    for group in groups:
        for origin in group:
            merged.setdefault(origin)
        if len(merged) >= _MOST_ORIGINS:
            break
    return tuple(merged)[:_MOST_ORIGINS]


def resolve(origin: Origin) -> Location:
    """Find file, line, columns and text of an origin."""
    if isinstance(origin, Location):
        return origin
    code, offset = origin
    position = next(islice(code.co_positions(), offset // 2, None), (None,) * 4)
    line, end_line, column, end_column = position
    line = line or code.co_firstlineno
    text = _text_of(code.co_filename, line)
    column = _characters(text, column or 0)
    end_column = _characters(text, end_column or 0) if end_line == line else len(text)
    return Location(
        code.co_filename, _label(code.co_filename), code.co_name, line, column, end_column, text
    )


def _text_of(filename: str, line: int) -> str:
    """A line of a file; empty if it cannot be read, or if no file can be called so."""
    try:
        return linecache.getline(filename, line).rstrip("\n")
    except (ValueError, OSError):
        return ""


def file_of(origin: Origin) -> str:
    """The file of an origin, without looking its line up."""
    return origin.filename if isinstance(origin, Location) else origin[0].co_filename


def _characters(text: str, byte_offset: int) -> int:
    """Python counts columns in UTF-8 bytes; people count characters."""
    return len(text.encode("utf-8", "surrogatepass")[:byte_offset].decode("utf-8", "ignore"))


def _label(filename: str) -> str:
    """What a person calls this file: `Cell In[3]` in a notebook, else the path relative to here."""
    interactive: Any = sys.modules.get("IPython")
    shell: Any = interactive.get_ipython() if interactive is not None else None
    if shell is not None:
        named = shell.compile.format_code_name(filename)
        if named is not None:
            return " ".join(named)
    try:
        relative = os.path.relpath(filename)
    except (ValueError, OSError):  # another drive, or a folder that is gone
        return filename
    return filename if relative.startswith("..") else relative


class Located:
    """What has `origins`: pickle takes them as text, since code is of one process only."""

    def __getstate__(self) -> dict[str, Any]:
        state = dict(vars(self))
        return {**state, "origins": tuple(map(resolve, state["origins"]))}
