"""Errors in a notebook: the usual traceback, and below it a picture of the operands."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from kernelgraph.errors import CompileError, DTypeError, ShapeError
from kernelgraph.jupyter.errors import traceback_lines

from .conftest import Notebook

CELL = """\
import kernelgraph.tensor as T
W, X = T.tensor("float64", (764, 100), "W"), T.tensor("float64", (200, 764), "X")
T.dot(W, X.T)
"""

COMPILED = """\
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
a, b = T.dmatrix("a"), T.dmatrix("b")
f = kg.function([a, b], T.exp(T.dot(a, b)).sum(), target="c")
f(np.ones((3, 4)), np.ones((5, 2)))
"""


@pytest.fixture
def published(shell: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What a shell with a kernel publishes: here, where `capture_output` does not take it away."""
    outputs: list[dict[str, Any]] = []

    def display(data: dict[str, str], raw: bool) -> None:
        assert raw
        outputs.append({"data": data})

    monkeypatch.setattr("kernelgraph.jupyter.errors.display", display)
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    yield outputs
    callbacks = shell.events.callbacks["post_run_cell"]
    callbacks[:] = [
        c for c in callbacks if type(getattr(c, "__self__", 0)).__name__ != "_AfterCell"
    ]


@pytest.mark.parametrize(("cell", "line"), [(CELL, 3), (COMPILED, 5)], ids=["built", "run"])
def test_a_picture_follows_the_traceback(
    notebook: Notebook, published: list[dict[str, Any]], cell: str, line: int
) -> None:
    number = notebook.next_number
    ran = notebook.run(cell)
    assert isinstance(ran.error, ShapeError)
    assert f"Cell In[{number}], line {line}" in ran.stdout
    assert "cannot multiply" in ran.stdout
    assert "<--" not in ran.stdout, "the picture says it"
    (output,) = published
    assert output["data"]["text/html"].startswith('<div class="kg" data-kg="shapes">')
    assert "<--" in output["data"]["text/plain"]


def test_a_traceback_has_the_users_lines_alone(notebook: Notebook) -> None:
    helped = "def product(a, b):\n    return T.dot(a, b)\n" + CELL.replace("T.dot(", "product(")
    ran = notebook.run(helped)
    assert isinstance(ran.error, ShapeError)
    assert "----> 5 product(W, X.T)" in ran.stdout
    assert "    2     return T.dot(a, b)" in ran.stdout.replace("----> 2", "    2")
    assert "contraction.py" not in ran.stdout
    notebook.run("%xmode Verbose")
    try:
        assert "contraction.py" in notebook.run(helped).stdout
    finally:
        notebook.run("%xmode Context")


TYPES = """\
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
i = T.ivector("i")
f = kg.function([i], i * 2)
f(np.ones(3))
"""


def test_a_ladder_of_types_follows_too(notebook: Notebook, published: list[dict[str, Any]]) -> None:
    number = notebook.next_number
    ran = notebook.run(TYPES)
    assert isinstance(ran.error, DTypeError)
    assert f"Cell In[{number}], line 6" in str(ran.error)
    assert "int32 cannot store a value of dtype float64" in ran.stdout
    assert "<-- does not fit" not in ran.stdout, "the picture says it"
    (output,) = published
    assert output["data"]["text/html"].startswith('<div class="kg" data-kg="types">')
    assert "<-- does not fit" in output["data"]["text/plain"]


def test_a_terminal_has_the_ladder_in_text(notebook: Notebook) -> None:
    ran = notebook.run(TYPES)
    assert re.search(r"no +float64 +<-- argument 0 'i' of f", ran.stdout)


def test_it_is_shown_once(notebook: Notebook, published: list[dict[str, Any]]) -> None:
    notebook.run(CELL)
    notebook.run("1 + 1")
    notebook.run("1 / 0")
    assert len(published) == 1
    notebook.run("T.dot(W, X.T)")
    assert len(published) == 2


def test_an_error_that_was_caught_is_not_shown(
    notebook: Notebook, published: list[dict[str, Any]]
) -> None:
    ran = notebook.run(f"try:\n{re.sub('(?m)^', '    ', CELL)}\nexcept ValueError:\n    pass")
    assert ran.error is None
    assert published == []


def test_a_terminal_has_the_picture_in_text(notebook: Notebook) -> None:
    ran = notebook.run(CELL)
    assert re.search(r"axis 1  #+ +100, not 764  <--", ran.stdout)


def test_a_symfunc_cell_that_fails_is_drawn_too(
    notebook: Notebook, published: list[dict[str, Any]]
) -> None:
    ran = notebook.run("%%symfunc f(x: f64[3, 4], y: f64[5, 2]) -> z\nz = dot(x, y)")
    assert isinstance(ran.error, ShapeError)
    (output,) = published
    assert "axis 1 of x has size 4, not 5" in output["data"]["text/html"]


def test_other_errors_are_as_they_were(notebook: Notebook, published: list[dict[str, Any]]) -> None:
    ran = notebook.run("import kernelgraph.tensor as T\nbool(T.dscalar('x'))")
    assert "has no truth value" in ran.stdout
    assert published == []


def test_hostile_text_in_an_error_is_escaped(
    notebook: Notebook, published: list[dict[str, Any]]
) -> None:
    name = "<img src=x onerror=alert(1)>"
    notebook.run(CELL.replace('"W"', repr(name)))
    (output,) = published
    assert "<img src=x" not in output["data"]["text/html"]
    assert "&lt;img src=x" in output["data"]["text/html"]


def test_without_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernelgraph.jupyter.errors.get_ipython", lambda: None)
    assert traceback_lines(ShapeError("no"))[-1].endswith("[KG-S000] no\n")


BROKEN = """\
import numpy as np
from kernelgraph.elementwise import elementwise, floating
sinus = elementwise("sinus", "Sine.", numpy=np.sin, c="sin({x} +)", latex="s {x}",
                    signature=floating, cost=20, partials=lambda x, out: (None,))
"""


def test_a_compiler_that_fails_names_the_line_of_the_cell_and_tells_all(
    notebook: Notebook, published: list[dict[str, Any]]
) -> None:
    notebook.run(BROKEN)
    number = notebook.next_number
    ran = notebook.run("%%symfunc f(x: dvector) -> z --target c\ny = x + 1\nz = sinus(y)")
    assert isinstance(ran.error, CompileError)
    assert f"Cell In[{number}], line 3" in str(ran.error)
    assert "z = sinus(y)" in str(ran.error)
    assert "kernelgraph/c/" not in ran.stdout
    (output,) = published
    html = output["data"]["text/html"]
    assert "<details><summary>what the C compiler said: " in html
    assert "program.c:" in html
    assert "f" not in notebook


def test_without_an_explicit_target_it_runs_on_numpy_with_one_warning(
    notebook: Notebook, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("kernelgraph.function"), "_said", [])
    notebook.run(BROKEN)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for _ in range(2):
            ran = notebook.run("%%symfunc f(x: dvector) -> z\nz = sinus(x)")
    assert ran.error is None
    assert notebook["f"].target == "interpret"
    assert notebook["f"]([0.0]) == [0.0]
    assert len(heard) == 1
    assert published == []
