"""What stands below an error: a picture of types or of sizes that do not fit, or what a C compiler
said of a program that it refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.errors import CompileError, Operand
from kernelgraph.viz.errors.shapes import shapes_html, shapes_text
from kernelgraph.viz.errors.types import types_html, types_text
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, preformatted
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.text.words import count

_MOST_CHARACTERS = 100_000  # of a compiler's log


def operands_text(operands: Sequence[Operand]) -> str:
    """The operands of an error drawn for a terminal."""
    return types_text(operands) if _is_about_types(operands) else shapes_text(operands)


def operands_html(operands: Sequence[Operand]) -> Markup:
    """The operands of an error drawn for a page."""
    return types_html(operands) if _is_about_types(operands) else shapes_html(operands)


def _is_about_types(operands: Sequence[Operand]) -> bool:
    return any(operand.allowed for operand in operands)


def compile_log_html(error: CompileError) -> Markup:
    """The whole log, in a section that opens."""
    log = escape.shorten(error.log.strip("\n"), _MOST_CHARACTERS)
    title = f"what the C compiler said: {count(len(log.splitlines()), 'line')}"
    return frame("compile-log", fold(title, preformatted(log)))


def compile_log_text(error: CompileError) -> str:
    """The headline of the log; the error itself has its first lines."""
    return f"what the C compiler said: {count(len(error.log.splitlines()), 'line')}, in error.log"
