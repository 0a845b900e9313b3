"""What a C compiler said, folded."""

from __future__ import annotations

from kernelgraph.errors import CompileError
from kernelgraph.viz.errors.drawing import compile_log_html, compile_log_text
from tests.viz.test_hostile_text import EVIL, Elements


def test_the_log_is_text_in_a_section() -> None:
    error = CompileError("refused")
    error.log = f"program.c:1:1: error: {EVIL}\n  1 | {EVIL}\n"
    html = compile_log_html(error)
    Elements(html).check(0)
    assert html.startswith('<div class="kg" data-kg="compile-log"><details><summary>')
    assert "what the C compiler said: 2 lines" in html
    assert EVIL not in html
    assert compile_log_text(error) == "what the C compiler said: 2 lines, in error.log"


def test_a_very_long_log_is_cut() -> None:
    error = CompileError("refused")
    error.log = "a" * 1_000_000
    assert len(compile_log_html(error)) < 110_000
