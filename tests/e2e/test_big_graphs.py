"""A graph of ten thousand nodes in JupyterLab: its clusters are opened and gone through by hand."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.support import within

from .conftest import OpenLab

LARGE = """
import time
import kernelgraph as kg
import kernelgraph.tensor as T
y = x = T.dvector("x")
for k in range(5000):
    y = T.tanh(y) + x
    y.name = "half way" if k == 2500 else None
begun = time.perf_counter()
shown = kg.show(y)._repr_mimebundle_()["text/html"]
print(f"{time.perf_counter() - begun:.3f}")
kg.show(y)
"""

HELD = "() => document.activeElement.getAttribute('aria-label')"

TO_OPEN = """() => new Promise(done => {
    const begun = performance.now();
    document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
})"""


def test_ten_thousand_nodes_answer_without_the_kernel(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(LARGE), new_code_cell("1")]))
    page.run_cell(0)
    assert page.errors() == []
    assert within(float(page.outputs(0)[0]["text"]), 2)
    held = page.element(0)
    page.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    box = held.locator("svg [data-node=k3]")
    box.focus()
    times = []
    levels = 0
    while str(name := page.page.evaluate(HELD)).endswith(" open"):
        times.append(page.page.evaluate(TO_OPEN))
        levels += 1
        assert str(page.page.evaluate(HELD)).startswith("inside cluster ")
        page.page.keyboard.press("Tab")
    assert levels >= 2, "clusters in clusters"
    assert str(name).startswith("n")
    print(f"{[round(time) for time in times]} ms to open")
    assert within(sorted(times)[len(times) // 2] / 1000, 1)
    page.screenshot("large_inside.png", 0)

    for letter in "xd0+-":
        page.page.keyboard.press(letter)
    assert [cell["cell_type"] for cell in page.cells()] == ["code", "code"]
    for _ in range(levels):
        page.page.keyboard.press("Escape")
    assert held.locator("[data-role=inside]").count() == 0
    assert str(page.page.evaluate(HELD)).startswith("cluster 3: ")

    held.locator("input[type=search]").fill("half way")
    assert "1 of 10000 nodes, in cluster 14" in page.text(0)
    held.locator("[data-found]").first.click()
    held.get_by_role("button", name="show it in cluster 14").click()
    inner = held.locator("[data-role=inside] svg [data-role=count]")
    assert inner.all_text_contents() == ["▶ here"]
    page.theme("JupyterLab Dark")
    page.page.wait_for_timeout(500)
    page.screenshot("large_found_dark.png", 0)


def test_an_ordinary_picture_of_many_boxes_can_be_zoomed(lab: OpenLab) -> None:
    source = LARGE.replace("range(5000)", "range(70)")
    page = lab(new_notebook(cells=[new_code_cell(source)]))
    page.run_cell(0)
    picture = page.element(0).locator("img")
    true = float(str(picture.get_attribute("width")))
    picture.locator("..").focus()
    for key, scale in (("0", 1.0), ("+", 1.25), ("-", 1.0), ("-", 0.8)):
        page.page.keyboard.press(key)
        shown = picture.evaluate("one => one.getBoundingClientRect().width")
        assert shown == pytest.approx(scale * true, rel=0.01)
    page.screenshot("zoomed.png", 0)
