"""The first lesson in a real JupyterLab, from its first cell to its last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import OpenLab
from .lab import LabPage

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "01_first_steps.ipynb"

MINUTES = 3 * 60_000.0


def numbered(page: LabPage) -> dict[str, int]:
    """The number of each cell by its id."""
    return {cell["id"]: number for number, cell in enumerate(page.cells())}


def code_cells(page: LabPage) -> dict[str, int]:
    """The same for cells of code, with the number before the id."""
    kinds = [cell["cell_type"] for cell in page.cells()]
    numbers = numbered(page).items()
    return {f"{at:02d}_{name}": at for name, at in numbers if kinds[at] == "code"}


def assert_visible(pictures: list[dict[str, Any]]) -> None:
    for picture in pictures:
        assert picture["source"].startswith("data:image/svg+xml;base64,"), picture["alt"]
        assert picture["complete"], picture["alt"]
        assert picture["width"] > 0, picture["alt"]
        assert picture["height"] > 0, picture["alt"]
        assert picture["alt"]


def test_the_lesson_runs_and_shows_what_it_promises(lab: OpenLab) -> None:
    page = lab(LESSON)
    page.start_run_all()
    curves = watch(page, numbered(page)["train"])
    cells = numbered(page)

    assert page.errors() == []
    assert len(curves) >= 4, "the curve is drawn while the loop runs"
    assert any(" of 300 steps" in alt for alt in curves)
    (curve,) = page.pictures(cells["train"])
    assert curve["alt"].startswith("logistic regression: 300 steps; train from 0.6931 to 0.0")

    for name in ("picture", "gradient-picture", "function-display", "magic", "train"):
        pictures = page.pictures(cells[name])
        assert pictures, name
        assert_visible(pictures)
    assert page.element(cells["formula"]).locator("mjx-container").count() == 1
    assert page.page.locator("mjx-merror").count() == 0
    assert "1000" in page.text(cells["far-away"])
    assert "softplus" in page.text(cells["steps"])
    assert "for (int64 " in page.text(cells["source"])
    number = page.cells()[cells["error-build"]]["execution_count"]
    assert f"Cell In[{number}], line 2" in page.text(cells["error-call"])
    percent = float(page.text(cells["accuracy"]).split("about ")[1].split("%")[0])
    assert percent > 93

    page.screenshot("first_steps.png")
    page.screenshot_cells("first_steps", code_cells(page))


def watch(page: LabPage, cell: int) -> set[str]:
    """Descriptions of all pictures that a cell showed until every cell had run."""
    seen: set[str] = set()
    for _ in range(int(MINUTES // 50)):
        seen.update(picture["alt"] for picture in page.pictures(cell))
        if page.finished():
            return seen
        page.page.wait_for_timeout(50)
    pytest.fail("the lesson did not come to its end")


def test_every_fold_opens_by_keyboard_and_shows_its_part(lab: OpenLab) -> None:
    page = lab(LESSON)
    cell = numbered(page)["function-display"]
    folds = page.element(cell).locator("details")
    summaries = page.element(cell).locator("summary")

    assert folds.count() >= 4
    for index in range(summaries.count()):
        if not summaries.nth(index).is_visible():
            continue
        summaries.nth(index).focus()
        page.page.keyboard.press("Enter")
    assert folds.first.get_attribute("open") is not None
    assert "softplus" in page.text(cell)
    page.screenshot("first_steps_folds.png", cell)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_saved_lesson_can_be_read_without_running_or_trusting_it(
    lab: OpenLab, theme: str
) -> None:
    page = lab(LESSON)
    page.theme(theme)
    cells = numbered(page)

    for name in ("picture", "gradient-picture", "function-display", "train"):
        pictures = page.pictures(cells[name])
        assert pictures, name
        assert_visible(pictures)
    assert "1000" in page.text(cells["far-away"])
    page.screenshot(f"first_steps_untrusted_{theme.removeprefix('JupyterLab ').lower()}.png")
