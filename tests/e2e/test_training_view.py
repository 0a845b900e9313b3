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

# In one question: between two of them JupyterLab may have taken the old picture away.
SHOWN = "cell => cell.querySelector('img') ? [cell.clientHeight] : []"


def test_the_picture_changes_while_the_loop_runs_and_stays_when_it_ends(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(LOOP)]))
    page.start_run_all()
    seen: dict[str, str] = {}
    heights: set[float] = set()
    while not page.finished():
        for picture in page.pictures(0):
            seen.setdefault(picture["source"], picture["alt"])
        heights |= set(page.element(0).evaluate(SHOWN))
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


WATCHED = """
import time
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.jupyter import train
data = kg.shared(np.linspace(-1, 1, 60).reshape(20, 3), "data")
w = kg.shared(np.linspace(-0.5, 0.9, 12).reshape(3, 4), "w")
hidden = T.maximum(T.dot(data, w), 0)
cost = ((hidden.sum(axis=1) - 1) ** 2).mean()
gradient = kg.grad(cost, w)
step = kg.function([], cost, updates=[(w, w - 0.05 * gradient)])
watch = {"hidden": hidden, "gradient of w": gradient, "w": w}
training = train(range(LENGTH), title="two layers", every=0.05, watch=watch)
for _ in training:
    training.report(cost=step())
    time.sleep(0.02)
"""


def test_activations_and_gradients_are_watched_while_the_loop_runs(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(WATCHED.replace("LENGTH", "60"))]))
    page.start_run_all()
    seen: set[str] = set()
    while not page.finished():
        seen |= {p["alt"] for p in page.pictures(0) if p["alt"].startswith("spread")}
        page.page.wait_for_timeout(30)
    curve, spreads = page.pictures(0)

    assert page.errors() == []
    assert len(seen) >= 3, "it changes with the loop"
    assert curve["alt"].startswith("two layers: 60 steps; cost from ")
    for words in ("hidden (20×4), 0 to ", " % zero; gradient of w (3×4), ", "; w (3×4), "):
        assert words in spreads["alt"]
    assert (spreads["complete"], spreads["width"], spreads["height"]) == (True, 640, 182)
    assert "% zero" in page.outputs(0)[-1]["data"]["text/plain"]
    page.screenshot("training_watched.png")


def test_an_interrupted_loop_keeps_what_it_watched(lab: OpenLab) -> None:
    endless = new_code_cell(WATCHED.replace("LENGTH", "10_000"))
    page = lab(new_notebook(cells=[endless, new_code_cell("len(training.spreads)")]))
    page.start_run_all()
    page.element(0).locator("img").nth(1).wait_for()
    page.page.wait_for_timeout(300)
    page.interrupt()

    assert page.errors() == ["cell 0: KeyboardInterrupt: "]
    _, spreads = page.pictures(0)
    assert "hidden (20×4)" in spreads["alt"]
    page.run_cell(1)
    assert page.text(1) == "3"
