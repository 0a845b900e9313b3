"""The gradient explorer in a real JupyterLab: what a student sees while she moves a slider."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.support import within

from .conftest import KERNEL, OpenLab
from .lab import LabPage
from .server import Server

NEURON = """
import kernelgraph as kg
import kernelgraph.tensor as T
x, w, b = T.dscalars("x", "w", "b")
y = 1 / (1 + T.exp(-(w * x + b)))
y.name = "y"
f = kg.function([x, w, b], y)
kg.explore(f, x=(-3, 3), w=(0, 2), at={"x": -1.5, "w": 1.0, "b": 0.25})
"""

LARGE = """
import kernelgraph as kg
import kernelgraph.tensor as T
x = T.dscalar("x")
y = x
for k in range({turns}):
    y = T.sin(y * 1.1) + 0.1
for k in range({more}):
    y = T.tanh(y)
kg.explore(y, x=(-3, 3), at={{"x": 0.5}})
"""

ARRAYS = """
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
X, y = T.dmatrix("X"), T.dvector("y")
w, b = kg.shared(np.array([0.5, -0.3, 0.2]), "w"), kg.shared(0.1, "b")
cost = ((T.sigmoid(X.dot(w) + b) - y) ** 2).mean()
kg.explore(cost, w=(-3, 3), b=(-1, 1))
"""

SET_SOURCE = """([cell, source]) => window.jupyterapp.shell.currentWidget.content.widgets[cell]
    .model.sharedModel.setSource(source)"""

LIVE = '[data-kg="explorer-live"]'
SETTLED = "() => document.querySelector('[data-kg=\"explorer-live\"]').dataset.settled === 'yes'"

KEEP = """root => {
    window.before = [...root.querySelectorAll('svg *')];
    window.added = 0;
    new MutationObserver(seen => { for (const one of seen) window.added +=
        [...one.addedNodes].filter(node => node.nodeType === 1).length; })
        .observe(root, {childList: true, subtree: true});
}"""

SAME = """root => {
    const now = [...root.querySelectorAll('svg *')];
    return now.length === window.before.length && window.added === 0
        && now.every((element, k) => element === window.before[k]);
}"""

# From each press of a key to the moment when the answer is in the page, labels and all.
STOPWATCH = """root => {
    window.times = [];
    let begun = null;
    root.addEventListener('keydown', () => { begun = performance.now(); }, true);
    new MutationObserver(() => { window.times.push(performance.now() - begun); })
        .observe(root, {attributes: true, attributeFilter: ['data-answers']});
}"""

LABELS = """root => Object.fromEntries([...root.querySelectorAll('svg [data-live]')]
    .filter(one => /^[no]\\d+\\.data$/.test(one.dataset.live))
    .map(one => [one.dataset.live, one.textContent]))"""

COMPUTED = """
import json
from kernelgraph.viz.text.numbers import value_text
there = kg.explore(y, x=(-3, 3), at={{"x": {at!r}}}).explorer
shown = there.picture.shown.items()
values = {{f"{{key}}.data": value_text(there.reading.values[v]) for key, v in shown}}
print(json.dumps(values))
"""


def live(page: LabPage, cell: int = 0) -> Any:
    view = page.element(cell).locator(LIVE)
    view.wait_for()
    return view


def text(view: Any, key: str) -> str:
    return str(view.locator(f'[data-live="{key}"]').text_content())


def settle(page: LabPage) -> None:
    page.page.wait_for_function(SETTLED)


@pytest.fixture
def neuron(lab: OpenLab) -> LabPage:
    page = lab(new_notebook(cells=[new_code_cell(NEURON), new_code_cell("")]))
    page.run_all()
    assert page.errors() == []
    return page


def test_a_key_changes_numbers_and_replaces_nothing(neuron: LabPage) -> None:
    view = live(neuron)
    slider = view.locator("input").first
    assert text(view, "i0.data") == "−1.5"
    before = {key: text(view, key) for key in ("n0.data", "o0.data", "i0.grad", "check")}
    view.evaluate(KEEP)

    slider.focus()
    neuron.page.keyboard.press("ArrowRight")
    settle(neuron)

    after = {key: text(view, key) for key in before}
    assert text(view, "i0.data") == "−1.4"
    assert all(after[key] != before[key] for key in before)
    assert after["o0.data"] == "0.2405"  # f(-1.4, 1, 0.25) = 0.24048…
    assert after["check"] == "autodiff 0.1827, numeric 0.1827, ok"
    assert view.evaluate(SAME)
    neuron.screenshot("explorer_live.png", 0)
    neuron.theme("JupyterLab Dark")
    neuron.page.wait_for_timeout(300)
    neuron.screenshot("explorer_live_dark.png", 0)
    neuron.theme("JupyterLab Light")


def test_fifty_quick_presses_end_where_the_last_one_led(neuron: LabPage) -> None:
    view = live(neuron)
    view.locator("input").first.focus()
    begun = time.monotonic()
    for _ in range(50):
        neuron.page.keyboard.press("ArrowRight")
    pressed = time.monotonic()
    settle(neuron)
    lag = time.monotonic() - pressed
    print(f"50 presses in {pressed - begun:.2f} s; settled {lag:.3f} s after the last")

    assert text(view, "i0.data") == "3"  # from -1.5 in steps of 0.1, to the end of the range
    assert text(view, "o0.data") == "0.9627"
    assert within(lag, 1)
    assert int(view.get_attribute("data-answers")) <= 51


def test_two_sliders_moved_at_once_both_arrive(neuron: LabPage) -> None:
    view = live(neuron)
    view.evaluate(
        """root => { for (const slider of root.querySelectorAll('input')) {
            slider.value = 60; slider.dispatchEvent(new Event('input')); } }"""
    )
    settle(neuron)
    assert (text(view, "i0.data"), text(view, "i1.data")) == ("3", "2")
    assert text(view, "o0.data") == "0.9981"


def test_letters_typed_into_the_view_leave_the_notebook_alone(neuron: LabPage) -> None:
    live(neuron).locator("input").first.focus()
    for key in ("x", "a", "b", "d", "d", "m"):
        neuron.page.keyboard.press(key)
    assert [cell["cell_type"] for cell in neuron.cells()] == ["code", "code"]


@pytest.mark.parametrize(
    ("turns", "more", "nodes", "limit"), [(10, 0, 30, 300.0), (66, 2, 200, 1000.0)]
)
def test_a_key_press_updates_every_label_in_time_and_replaces_nothing(
    lab: OpenLab, turns: int, more: int, nodes: int, limit: float
) -> None:
    source = LARGE.format(turns=turns, more=more)
    page = lab(new_notebook(cells=[new_code_cell(source), new_code_cell("")]))
    page.run_cell(0)
    assert page.errors() == []
    view = live(page)
    assert view.locator('[data-kind="elementwise"]').count() == nodes
    view.evaluate(KEEP)
    view.evaluate(STOPWATCH)
    view.locator("input").first.focus()
    before = view.evaluate(LABELS)
    for k in range(40):
        page.page.keyboard.press("ArrowRight" if k % 20 < 12 else "ArrowLeft")
        settle(page)
    after = view.evaluate(LABELS)
    assert len(after) == nodes + 1
    assert all(after[key] != before[key] for key in list(after)[:20]), "every label follows"

    times = sorted(page.page.evaluate("window.times"))
    assert len(times) == 40
    late = times[int(0.95 * len(times))]
    print(f"{nodes} nodes: median {times[20]:.0f} ms, p95 {late:.0f} ms")
    assert within(late / 1000, limit / 1000)
    assert view.evaluate(SAME), "no element has been replaced"

    for _ in range(50):
        page.page.keyboard.press("ArrowRight")
    settle(page)
    assert text(view, "i0.data") == "3", "the state of the last press"
    page.page.evaluate(SET_SOURCE, [1, COMPUTED.format(at=3.0)])
    page.run_cell(1)
    values = json.loads(page.outputs(1)[0]["text"])
    shown = view.evaluate(LABELS)
    assert shown == {key: values[key] for key in shown}
    assert view.evaluate(SAME)


def test_the_seed_can_be_chosen_and_an_entry_of_an_array_moved(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(ARRAYS)]))
    page.run_cell(0)
    assert page.errors() == []
    view = live(page)
    before = text(view, "o0.data")
    assert "drawn from it: X, y" in view.inner_text()
    view.evaluate(KEEP)
    view.locator("[data-role=seed]").fill("3")
    settle(page)
    assert text(view, "o0.data") != before
    view.locator("[data-role=seed]").fill("0")
    settle(page)
    assert text(view, "o0.data") == before
    view.get_by_label("entry of w").select_option("2")
    settle(page)
    view.locator('input[aria-label="w"]').focus()
    page.page.keyboard.press("End")
    settle(page)
    assert text(view, "i1.data") == "[0.5, −0.3, 3]"
    assert text(view, "check").endswith(", ok")
    assert view.evaluate(SAME)
    page.screenshot("explorer_arrays.png", 0)
    page.theme("JupyterLab Dark")
    page.page.wait_for_timeout(300)
    page.screenshot("explorer_arrays_dark.png", 0)


def test_saved_and_reopened_without_its_kernel_the_copy_opens(
    neuron: LabPage, lab_server: Server
) -> None:
    live(neuron)
    neuron.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    address = neuron.page.url
    neuron.page.goto("about:blank")
    lab_server.end_kernels()

    neuron.page.goto(address)
    neuron.page.locator('[data-kg="explorer-copy"] details[open]').wait_for()
    assert "model not found" not in neuron.page.content()
    assert "(the live view needs a running kernel: run the cell again)" in neuron.text(0)
    assert [picture["complete"] for picture in neuron.pictures(0)] == [True, True]
    neuron.screenshot("explorer_saved.png", 0)
    said_by_jupyterlab = [text for text in neuron.console_errors if "model not found" in text]
    for text in said_by_jupyterlab:
        neuron.console_errors.remove(text)


def test_opened_by_somebody_else_it_shows_the_static_copy(neuron: LabPage, lab: OpenLab) -> None:
    live(neuron)
    outputs: list[Any] = [nbformat.from_dict(output) for output in neuron.outputs(0)]
    assert set(outputs[0]["data"]) == {"text/html", "text/plain"}
    assert "application/vnd.jupyter.widget-view+json" in outputs[1]["data"]
    page = lab(new_notebook(cells=[new_code_cell("", outputs=outputs)]))
    page.page.wait_for_timeout(3000)

    assert "model not found" not in page.page.content()
    page.element(0).locator("summary", has_text="static copy").click()
    pictures = page.pictures(0)
    assert len(pictures) == 2
    assert all(picture["width"] > 0 for picture in pictures)
    assert "autodiff" in page.text(0)
    page.screenshot("explorer_reopened.png", 0)


def test_recorded_frames_move_in_an_exported_page_with_no_network(
    neuron: LabPage, tmp_path: Path
) -> None:
    nbconvert = pytest.importorskip("nbconvert")
    source = NEURON.replace("w=(0, 2), ", "w=(0, 2), frames=21, ")
    neuron.page.evaluate(SET_SOURCE, [1, source])
    neuron.run_cell(1)
    assert neuron.errors() == []
    (output,) = neuron.outputs(1)
    assert set(output["data"]) == {"text/html", "text/plain"}
    cell = new_code_cell(source, outputs=[nbformat.from_dict(output)])
    notebook = new_notebook(cells=[cell], metadata={"kernelspec": KERNEL})
    body, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    file = tmp_path / "exported.html"
    file.write_text(body, encoding="utf-8")

    page = neuron.page.context.new_page()
    page.route("**/*", lambda route: route.abort() if "file:" not in route.request.url else
               route.continue_())  # fmt: skip
    page.goto(file.as_uri())
    view = page.locator('[data-kg="explorer"]')
    view.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert view.locator('[data-live="i0.data"]').text_content() == "−1.2"
    page.screenshot(path=neuron.screenshot("explorer_exported.png", 1))
    page.close()
