"""The lessons after the first in a real JupyterLab: every cell runs and shows what it promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import OpenLab
from .lab import LabPage
from .test_first_steps import MINUTES, assert_visible, code_cells, numbered

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"

PROMISES = {
    "02_more_examples": {
        "logistic": "0.73105858", "several-loop": "0 kernel", "shared": "301",
        "defaults-error": "unknown input 'speed'", "chance": "0.12672381",
    },
    "03_logistic_regression": {
        "gradient": "2.30258509", "c": "for (int64 ", "restore": "% of the digits",
        "confusion": "true 9",
    },
    "04_graphs_and_trees": {
        "type-check": "did you mean table.T?", "shared": "add [id B] ···", "interpreter": "-1.5",
        "theano": "Elemwise{add,no_inplace}", "op-own-check": "6.75",
    },
    "05_gradients": {
        "walk-data": "make +1.182", "explore": "autodiff 0.7918", "check-wrong": "differences give",
        "nan": "the gradient is not, first at i0", "second-newton": "0.693147180559945",
    },
    "06_rewriting": {
        "steps-data": "integer_times_zero", "own": "proved for int8", "own-wrong": "refuted",
        "own-wrong-run": "3.6999999999999993", "digits-log": "8e+15", "digits-classes": "800.0000",
    },
    "07_from_graph_to_C": {
        "plan-softmax": "max{", "source": "restrict", "cuda": "blockIdx", "step": "1 time",
        "profile": "library_dot", "errors": "whose size is 3", "stop": "stopped",
    },
}  # fmt: skip
PICTURES = {
    "02_more_examples": (),
    "03_logistic_regression": ("model", "function", "train"),
    "04_graphs_and_trees": ("neuron", "shared-picture", "ifelse-picture", "large", "large-inside"),
    "05_gradients": ("grad-picture", "walk", "explore", "explore-live", "nan"),
    "06_rewriting": ("steps", "own-wrong"),
    "07_from_graph_to_C": ("stages", "source", "profile"),
}

LIVE = ("walk", "explore", "explore-live", "nan", "steps")
"""Cells whose pictures a script has put in the place of images, once it runs."""

WAITING = "NotImplementedError: TODO: "
"""What an exercise says that nobody has answered yet."""


@pytest.mark.parametrize("name", PROMISES)
def test_a_lesson_runs_to_its_end(name: str, lab: OpenLab) -> None:
    page = lab(FOLDER / f"{name}.ipynb")
    page.start_run_all()
    wait_until(page, page.finished)
    # At the first exercise JupyterLab calls it finished, although it goes on.
    wait_until(page, lambda: page.errors() == [] or has_run(page.cells()[-1]))
    cells = numbered(page)
    exercises = [cell for cell in page.cells() if "exercise" in cell["metadata"].get("tags", ())]

    assert len([error for error in page.errors() if WAITING in error]) == len(exercises)
    assert [error for error in page.errors() if WAITING not in error] == []
    for cell, text in PROMISES[name].items():
        assert text in page.text(cells[cell]), cell
    for cell in PICTURES[name]:
        if cell not in LIVE:
            assert_visible(page.pictures(cells[cell]))
    page.screenshot(f"{name}.png")
    page.screenshot_cells(name, code_cells(page))


@pytest.mark.parametrize("name", [name for name in PROMISES if PICTURES[name]])
def test_a_saved_lesson_can_be_read_without_running_or_trusting_it(name: str, lab: OpenLab) -> None:
    page = lab(FOLDER / f"{name}.ipynb")
    cells = numbered(page)

    for cell in PICTURES[name]:
        pictures = page.pictures(cells[cell])
        assert pictures, cell
        assert_visible(pictures)
    assert "model not found" not in page.page.inner_text(".jp-Notebook")
    page.screenshot(f"{name}_untrusted.png")


def wait_until(page: LabPage, is_so: Callable[[], bool]) -> None:
    """Go on as soon as something is so, at the latest after some minutes."""
    for _ in range(int(MINUTES // 500)):
        if is_so():
            return
        page.page.wait_for_timeout(500)  # to look is not cheap: the whole notebook is read
    pytest.fail("the lesson did not come to its end")


def has_run(cell: dict[str, Any]) -> bool:
    """Whether an exercise has shown what it waits for."""
    return any(WAITING.startswith(output.get("ename", "?")) for output in cell["outputs"])


def test_every_lesson_is_opened() -> None:
    others = {path.stem for path in FOLDER.glob("*.ipynb")} - {"01_first_steps"}
    assert others == set(PROMISES)
