"""Tab behind a magic, as JupyterLab asks for it."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from .conftest import Notebook


def offered(notebook: Notebook, code: str) -> list[str]:
    with provisionalcompleter():
        found = notebook.shell.Completer.completions(code, len(code))
        return [completion.text for completion in found]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("%%symfunc f(x) --tar", "--target"),
        ("%%symfunc f(x) --sta", "--static"),
        ("%%symfunc f(x) --target c --sh", "--show"),
        ("%%symfunc f(x) --target ", "cuda"),
        ("%%symfunc f(x) --show gr", "graph"),
        ("%%symfunc f(x) --show graph,st", "steps"),
        ("%%symfunc f(x, rate) --grad ra", "rate"),
        ("%%symfunc f(x) --mode FAST", "FAST_RUN"),
        ("%%symfunc f(x) --mode FAST_RUN -stab", "-stabilize"),
        ("%%symfunc f(x) --mode FAST_RUN --qu", "--quiet"),
        ("%%symfunc f(x: dvec", "dvector"),
        ("%symsteps f --ti", "--times"),
        ("%symsource f --language cu", "cuda"),
        ("%symprofile f --ca", "--calls"),
        ("%symcheck my_f", "my_function"),
        ("%%symfun", "%%symfunc"),
    ],
)
def test_what_may_follow_is_offered(notebook: Notebook, code: str, word: str) -> None:
    notebook.run("my_function = 1")
    assert word in offered(notebook, code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("%%symfunc f(x) --show gr", "--grad"),
        ("%%symfunc f(x, rate) --target ra", "rate"),
        ("%%symfunc f(x)\ny = x --tar", "--target"),
        ("%%symfunc f(x --grad ra", "rate"),
    ],
)
def test_nothing_else_is_offered(notebook: Notebook, code: str, word: str) -> None:
    assert word not in offered(notebook, code)
