"""What the line magics share: how a line is read, and how a mistake in it is told.

The words of a line come in, values of the notebook and options go out; what a reader did wrong
becomes a `UsageError` of one line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics
from IPython.core.magic_arguments import (
    parse_argstring,  # pyright: ignore[reportUnknownVariableType]
)

from kernelgraph.errors import KernelgraphError

_OPTIONS = re.compile(r"(?:^|\s)(?=--?[A-Za-z])")

THING = "a compiled function, a graph or a variable: a name of the notebook or an expression"
HELP = "say what this magic does"


class Asking(Magics):
    """Magics whose line is a name of the notebook, or an expression of its names, and options."""

    shell: Any

    def asked(self, magic: Any, line: str) -> tuple[str, Any]:
        """What stands before the options, and the options; help is printed at once."""
        start = _OPTIONS.search(line)
        head, options = (line[: start.start()], line[start.start() :]) if start else (line, "")
        try:
            chosen = cast(Any, parse_argstring(magic, options))
        except ValueError as error:  # of the quotes
            raise UsageError(f"{error} in {options.strip()}") from None
        if chosen.help:
            print(magic.parser.format_help())
        return head.strip(), chosen

    def value(self, text: str) -> Any:
        """What a name of the notebook, or an expression, stands for."""
        names: dict[str, Any] = self.shell.user_ns
        if not text:
            raise UsageError("what shall be shown? Give a name of the notebook")
        if text.isidentifier() and text not in names:
            near = difflib.get_close_matches(text, [n for n in names if not n.startswith("_")], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise UsageError(f"there is nothing called {text} in this notebook{hint}")
        try:
            return eval(text, names)
        except Exception as error:
            raise UsageError(f"{text} cannot be shown: {one_line(error)}") from None

    def arguments(self, text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What a list of arguments stands for, those with names apart."""
        try:
            return eval(f"_given({text})", {**self.shell.user_ns, "_given": _given})
        except Exception as error:
            raise UsageError(f"the arguments {text} cannot be read: {one_line(error)}") from None


def _given(*arguments: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return arguments, named


def made(make: Callable[[], Any]) -> Any:
    """What `make` makes; what a reader did wrong is told in one line."""
    try:
        return make()
    except (TypeError, KeyError, ValueError, KernelgraphError) as error:
        raise UsageError(one_line(error)) from None


def one_line(error: Exception) -> str:
    """The message of an error without line breaks, and without its place."""
    if isinstance(error, KernelgraphError):
        text = error.message
    else:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__
