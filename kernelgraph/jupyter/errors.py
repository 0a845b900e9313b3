"""Errors that draw themselves below their traceback in a notebook.

IPython asks an error for its traceback and gets the usual one, without our own lines. Once the cell
has ended, an error about sizes or types is followed by a picture of its operands, and one of the C
compiler by all that it said. In a terminal Python prints the same picture as text with the error,
and nothing is done here.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display  # pyright: ignore[reportUnknownVariableType]

from kernelgraph.errors import CompileError, KernelgraphError
from kernelgraph.jupyter.cell import without_our_frames
from kernelgraph.viz.errors.drawing import (
    compile_log_html,
    compile_log_text,
    operands_html,
    operands_text,
)


def traceback_lines(error: KernelgraphError) -> list[str]:
    """The traceback as IPython would show it; where a picture follows, without the one in text."""
    shell: Any = get_ipython()
    if shell is None:
        return traceback.format_exception(error)
    if _below(error) is None or not hasattr(shell, "kernel"):
        return _usual(shell, error)
    drawn, error.__notes__ = error.__notes__, error.__notes__[bool(error.operands) :]
    try:
        lines = _usual(shell, error)
    finally:
        error.__notes__ = drawn
    _AfterCell.of(shell).error = error
    return lines


def suggest(error: NameError | AttributeError, names: Mapping[str, Any]) -> None:
    """Add to an error about a name the one that is most like it, of those that there are."""
    word = error.name or ""
    known = list(names) if isinstance(error, NameError) else dir(error.obj)
    others = [n for n in known if n[:1] != "_" and n != word]
    near = difflib.get_close_matches(word, others, n=1)
    if near and len(error.args) == 1:
        error.args = (f"{error.args[0]}; did you mean {near[0]}?",)


def show_alone(shell: Any, error: SyntaxError) -> None:
    """Have IPython show a syntax error without the frames that were passed on the way to it: there
    is no call to show, and the line is in the cell.
    """
    view = shell.SyntaxTB
    if not hasattr(view, "knows_cells"):
        usual = view.structured_traceback
        view.knows_cells = True

        def shown(etype: Any, evalue: Any, etb: Any = None, *rest: Any, **more: Any) -> Any:
            frames: Any = [] if hasattr(evalue, "of_cell") else etb
            return usual(etype, evalue, frames, *rest, **more)

        view.structured_traceback = shown
    vars(error)["of_cell"] = True


def _usual(shell: Any, error: KernelgraphError) -> list[str]:
    """The user's own lines, and what is wrong; after `%xmode Verbose` with all lines of ours."""
    seen = error.__traceback__
    if shell.InteractiveTB.mode != "Verbose":
        seen = without_our_frames(seen) or seen
    return shell.InteractiveTB.structured_traceback(type(error), error, seen)


def _below(error: KernelgraphError) -> dict[str, str] | None:
    """What a notebook shows below the traceback of an error; None for most of them."""
    if error.operands:
        texts = operands_html(error.operands), operands_text(error.operands)
    elif isinstance(error, CompileError) and error.log.strip():
        texts = compile_log_html(error), compile_log_text(error)
    else:
        return None
    return dict(zip(("text/html", "text/plain"), texts, strict=True))


class _AfterCell:
    """Shows the picture of an error when its cell has ended, once."""

    def __init__(self) -> None:
        self.error: KernelgraphError | None = None

    @classmethod
    def of(cls, shell: Any) -> _AfterCell:
        """The one that listens to this shell."""
        for callback in shell.events.callbacks["post_run_cell"]:
            listener = getattr(callback, "__self__", None)
            if isinstance(listener, cls):
                return listener
        made = cls()
        shell.events.register("post_run_cell", made.cell_ended)
        return made

    def cell_ended(self, result: Any) -> None:
        """Show what is due, if it was this cell that failed."""
        error, self.error = self.error, None
        if error is not None and result.error_in_exec is error:
            display(_below(error), raw=True)
