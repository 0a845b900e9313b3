"""What a C compiler said of a program that it refused, in a section that opens."""

from __future__ import annotations

from kernelgraph.errors import CompileError
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, preformatted
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.text.words import count

_MOST_CHARACTERS = 100_000


def compile_log_html(error: CompileError) -> Markup:
    """The whole log, folded."""
    log = escape.shorten(error.log.strip("\n"), _MOST_CHARACTERS)
    title = f"what the C compiler said: {count(len(log.splitlines()), 'line')}"
    return frame("compile-log", fold(title, preformatted(log)))


def compile_log_text(error: CompileError) -> str:
    """The headline of the log; the error itself has its first lines."""
    return f"what the C compiler said: {count(len(error.log.splitlines()), 'line')}, in error.log"
