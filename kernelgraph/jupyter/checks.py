"""Line magics that run a function: `%symprofile f args` and `%symcheck f args`.

A function of the notebook and its arguments come in; what goes out is what `kg.measure` and
`kg.verify` find. Neither touches the values that the function keeps.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from kernelgraph.jupyter.asking import HELP, Asking, made
from kernelgraph.profile import Profile
from kernelgraph.tensor.measurement import CALLS, measure
from kernelgraph.tensor.verification import Verification, verify

_CALL = "a compiled function, then its arguments: f x0, w0 or f(x0, w0)"


@magics_class
class CheckMagics(Asking):
    """The line magics that call a function in order to judge it."""

    @magic_arguments()
    @argument("call", nargs="*", help=_CALL)
    @argument(
        "-n", "--calls", type=int, default=CALLS, metavar="N", help=f"call it N times ({CALLS})"
    )
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symprofile(self, line: str) -> Profile | None:
        """Call a function and show where the time goes: kg.measure(f, x0, w0)."""
        call, chosen = self.asked(self.symprofile, line)
        if chosen.help:
            return None
        f, (given, named) = self._call(call)
        return made(partial(measure, f, *given, calls=chosen.calls, **named))

    @magic_arguments()
    @argument("call", nargs="*", help=f"{_CALL}; without arguments, values are drawn")
    @argument("-h", "--help", action="store_true", help=HELP)  # pyright: ignore[reportUntypedFunctionDecorator]
    @no_var_expand
    @line_magic
    def symcheck(self, line: str) -> Verification | None:
        """Compare all targets, and the gradient with differences: kg.verify(f)."""
        call, chosen = self.asked(self.symcheck, line)
        if chosen.help:
            return None
        f, (given, named) = self._call(call)
        return made(partial(verify, f, *given, **named))

    def _call(self, text: str) -> tuple[Any, tuple[tuple[Any, ...], dict[str, Any]]]:
        """The function that a line names, and the arguments that it gives."""
        function, arguments = split_call(text)
        return self.value(function), self.arguments(arguments)


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
