"""The live view of a training loop, in a real JupyterLab."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab

LOOP = """
import time
from kernelgraph.jupyter import train
training = train(range(40), title="a slow loop", every=0.05)
for step in training:
    time.sleep(0.05)
    training.report(loss=0.9**step)
"""


def test_the_picture_changes_while_the_loop_runs_and_stays_when_it_ends(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(LOOP)]))
    page.start_run_all()
    seen: dict[str, str] = {}
    heights: set[float] = set()
    while not page.finished():
        for picture in page.pictures(0):
            seen.setdefault(picture["source"], picture["alt"])
            heights.add(page.element(0).evaluate("cell => cell.clientHeight"))
        page.page.wait_for_timeout(30)
    (last,) = page.pictures(0)

    assert page.errors() == []
    assert len(seen) >= 5
    assert max(heights) - min(heights) < 20, "the page below must not jump"
    assert any(" of 40 steps" in alt for alt in seen.values())
    assert last["alt"].startswith("a slow loop: 40 steps; loss from 1 to 0.0")
    assert (last["complete"], last["width"], last["height"]) == (True, 640, 300)
    page.screenshot("training_view.png")


def test_what_is_saved_is_an_empty_place_and_the_last_picture(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(LOOP)]))
    page.run_all()
    begun, ended = page.outputs(0)

    assert begun["data"] == {"text/html": "", "text/plain": ""}
    assert set(ended["data"]) == {"text/html", "text/plain"}
    assert ended["data"]["text/plain"].startswith("a slow loop: 40 steps\n")


def test_an_interrupted_loop_keeps_its_curve_and_its_values(lab: OpenLab) -> None:
    endless = LOOP.replace("range(40)", "range(10_000)")
    page = lab(new_notebook(cells=[new_code_cell(endless), new_code_cell("len(training.values)")]))
    page.start_run_all()
    page.element(0).locator("img").wait_for()
    page.page.wait_for_timeout(500)
    page.interrupt()

    assert page.errors() == ["cell 0: KeyboardInterrupt: "]
    (picture,) = page.pictures(0)
    assert " of 10000 steps; loss from 1 to " in picture["alt"]
    page.run_cell(1)
    assert page.text(1) == "1"
