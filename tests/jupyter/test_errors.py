"""Errors in a notebook: the usual traceback, and below it a picture of the operands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from kernelgraph.errors import ShapeError
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
