"""The lessons after the first in a real JupyterLab: every cell runs and shows what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import OpenLab
from .test_first_steps import MINUTES, assert_visible, numbered

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
}  # fmt: skip
PICTURES = {"02_more_examples": (), "03_logistic_regression": ("model", "function", "train")}


@pytest.mark.parametrize("name", PROMISES)
def test_a_lesson_runs_to_its_end(name: str, lab: OpenLab) -> None:
    page = lab(FOLDER / f"{name}.ipynb")
    page.start_run_all()
    for _ in range(int(MINUTES // 100)):
        if page.finished():
            break
        page.page.wait_for_timeout(100)
    cells = numbered(page)

    assert page.finished()
    assert page.errors() == []
    for cell, text in PROMISES[name].items():
        assert text in page.text(cells[cell]), cell
    for cell in PICTURES[name]:
        assert_visible(page.pictures(cells[cell]))
    page.screenshot(f"{name}.png")


def test_every_lesson_is_opened() -> None:
    others = {path.stem for path in FOLDER.glob("*.ipynb")} - {"01_first_steps"}
    assert others == set(PROMISES)
