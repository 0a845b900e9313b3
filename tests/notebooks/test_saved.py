"""What the saved lessons look like on disk; nbval compares their outputs with what they show now.

`--update-golden` runs every lesson in a fresh kernel and saves it with its outputs.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))

MOST_BYTES = 1_000_000

MEASURING = ("%timeit", "%time ", ".profile", "kg.explore(")
"""What a cell does whose output no two runs have in common: it takes times, or shows a widget."""

WIDGET = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def executed(notebook: NotebookNode) -> NotebookNode:
    """The notebook with the outputs of a fresh kernel."""
    place = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(
        notebook, timeout=300, resources=place, record_timing=False, coalesce_streams=True
    )
    client.execute()
    return notebook


def normalised(notebook: NotebookNode) -> str:
    """The text of a notebook in which nothing depends on who saved it, when, or with what."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
        if cell.cell_type == "code":  # a widget is dead without the kernel that made it
            cell.outputs = [each for each in cell.outputs if WIDGET not in each.get("data", ())]
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output.metadata = {}
            if "traceback" in output:  # its last line is the message
                output.traceback = output.traceback[-1:]
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def is_exercise(cell: NotebookNode) -> bool:
    """Whether a cell waits for the reader's answer, and fails until it is there."""
    return cell.metadata.get("tags") == ["exercise", "raises-exception"]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_a_lesson_is_saved_in_its_normal_form(lesson: Path, request: pytest.FixtureRequest) -> None:
    notebook = nbformat.read(lesson, as_version=4)
    if request.config.getoption("--update-golden"):
        lesson.write_text(normalised(executed(notebook)), encoding="utf-8", newline="\n")
        return
    saved = lesson.read_text(encoding="utf-8")
    assert normalised(notebook) == saved, "run pytest tests/notebooks --update-golden"


def test_a_lesson_was_run_from_top_to_bottom_without_an_error(lesson: Path) -> None:
    cells = [cell for cell in nbformat.read(lesson, as_version=4).cells if cell.source]
    code = [cell for cell in cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    ends = [(cell, output) for cell in code for output in cell.outputs if "ename" in output]
    assert [cell.id for cell, _ in ends] == [cell.id for cell in code if is_exercise(cell)]
    for _, error in ends:
        assert error.ename == "NotImplementedError"
        assert error.evalue.startswith("TODO: ")


def test_a_lesson_is_small_and_its_cells_have_names_of_their_own(lesson: Path) -> None:
    notebook = nbformat.read(lesson, as_version=4)

    assert lesson.stat().st_size < MOST_BYTES
    assert notebook.nbformat_minor >= 5
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)


def test_nothing_in_a_lesson_tells_where_it_was_run(lesson: Path) -> None:
    text = lesson.read_text(encoding="utf-8")
    assert not re.search(r"/(root|home|Users|tmp|work)/|site-packages|ipykernel_[0-9]", text)


def test_only_measured_times_are_exempt_from_comparison(lesson: Path) -> None:
    for cell in nbformat.read(lesson, as_version=4).cells:
        if "NBVAL_IGNORE_OUTPUT" in cell.source:
            assert any(word in cell.source for word in MEASURING), cell.id
        assert "NBVAL_SKIP" not in cell.source
        assert "NBVAL_RAISES_EXCEPTION" not in cell.source
