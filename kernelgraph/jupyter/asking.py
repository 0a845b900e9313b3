"""What the line magics share: how a line is read, and how a mistake in it is told.

The words of a line come in, values of the notebook and options go out; what a reader did wrong
becomes a `UsageError` of one line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from IPython.core import magic_arguments
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, no_var_expand

from kernelgraph.errors import KernelgraphError
from kernelgraph.names import did_you_mean

_OPTIONS = re.compile(r"(?:^|\s)(?=--?[A-Za-z])")

THING = "a compiled function, a graph or a variable: a name of the notebook or an expression"

_library: Any = magic_arguments  # whose functions have no types
option = _library.argument
"""An option of a magic, as `argparse` takes it."""


def line_of(*options: Any, head: str = THING, name: str = "thing") -> Callable[..., Any]:
    """Decorator: a line magic from a method that gets what stands before the options, which is
    `head`, and the options. With `-h` the help is printed, and the method is not called.
    """

    def decorate(method: Callable[[Any, str, Any], Any]) -> Any:
        @wraps(method)
        def magic(self: Asking, line: str) -> Any:
            before, chosen = self.asked(getattr(self, method.__name__), line)
            return None if chosen.help else method(self, before, chosen)

        found: Any = no_var_expand(line_magic(magic))
        arguments = (option(name, nargs="*", help=head), *options, _HELP)
        for one in (*reversed(arguments), _library.magic_arguments()):
            found = one(found)
        return found

    return decorate


_HELP = option("-h", "--help", action="store_true", help="say what this magic does")


class Asking(Magics):
    """Magics whose line is a name of the notebook, or an expression of its names, and options."""

    shell: Any

    def asked(self, magic: Any, line: str) -> tuple[str, Any]:
        """What stands before the options, and the options; help is printed at once."""
        start = _OPTIONS.search(line)
        head, options = (line[: start.start()], line[start.start() :]) if start else (line, "")
        try:
            chosen = _library.parse_argstring(magic, options)
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
            hint = did_you_mean(text, [n for n in names if not n.startswith("_")])
            raise UsageError(f"there is nothing called {text} in this notebook{hint}")
        try:
            return eval(text, names)
        except Exception as error:
            raise UsageError(f"{text} cannot be shown: {one_line(error)}") from None

    def call(self, text: str) -> tuple[Any, tuple[tuple[Any, ...], dict[str, Any]]]:
        """The function that a line names, and the arguments that it gives."""
        function, arguments = split_call(text)
        return self.value(function), self.arguments(arguments)

    def arguments(self, text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What a list of arguments stands for, those with names apart."""
        try:
            return eval(f"_given({text})", {**self.shell.user_ns, "_given": _given})
        except Exception as error:
            raise UsageError(f"the arguments {text} cannot be read: {one_line(error)}") from None


def _given(*arguments: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return arguments, named


def split_call(text: str) -> tuple[str, str]:
    """The function and its arguments, both as text.

    >>> split_call("f(x, lr=0.1)"), split_call("f x, [1, 2]"), split_call("f")
    (('f', 'x, lr=0.1'), ('f', 'x, [1, 2]'), ('f', ''))
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        call = None
    if isinstance(call, ast.Call):
        parts = [*map(ast.unparse, call.args)]
        parts += [f"{word.arg}={ast.unparse(word.value)}" for word in call.keywords if word.arg]
        parts += [f"**{ast.unparse(word.value)}" for word in call.keywords if not word.arg]
        return ast.unparse(call.func), ", ".join(parts)
    function, _, arguments = text.strip().partition(" ")
    return function, arguments.strip()


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
