"""A rule that a cell defines is tried and shown below it."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.utils.capture import capture_output

from .conftest import Notebook

RIGHT = """
import kernelgraph as kg
@kg.rule
def nothing_lost(x):
    "Twice negative is positive."
    return -(-x), x
"""

WRONG = """
import kernelgraph as kg
@kg.rule
def zero_wins(x):
    "Wrong."
    return x * 0, 0
"""


def shown(notebook: Notebook, cell: str) -> list[dict[str, Any]]:
    with capture_output() as captured:
        notebook.shell.run_cell(cell, store_history=True)
    return [output.data for output in captured.outputs]


def test_it_is_shown_when_it_is_defined(notebook: Notebook) -> None:
    (display,) = shown(notebook, RIGHT)
    assert "✓ no counter-example" in display["text/html"]
    (display,) = shown(notebook, WRONG)
    assert "✗ refuted" in display["text/html"]
    assert "lhs, _ = zero_wins.examples[0](x)" in display["text/plain"]
    assert shown(notebook, "1 + 1") == [] or "zero_wins" not in str(shown(notebook, "1 + 1"))


def test_a_rule_that_is_the_value_is_shown_once(notebook: Notebook) -> None:
    displays = shown(notebook, RIGHT + "nothing_lost\n")
    assert len(displays) <= 1


def test_imported_rules_are_no_news(notebook: Notebook) -> None:
    assert shown(notebook, "from kernelgraph.rewrite.rules.products import times_one") == []


@pytest.mark.usefixtures("notebook")
def test_it_can_be_stopped(notebook: Notebook) -> None:
    notebook.run("%unload_ext kernelgraph")
    assert shown(notebook, RIGHT) == []
    notebook.run("%load_ext kernelgraph")
    assert len(shown(notebook, RIGHT)) == 1
