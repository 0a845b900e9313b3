"""The kernel viewer and errors that draw themselves, in a real JupyterLab and in exported pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab
from .lab import LabPage, results_folder

SHOW = """\
import kernelgraph as kg
import kernelgraph.tensor as T
x, w, y = T.dmatrix("x"), T.dvector("w"), T.dvector("y")
p = T.nnet.sigmoid(T.dot(x, w))
cost = -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean()
f = kg.function([x, w, y], [cost, kg.grad(cost, w)], name="train", target="c")
f.source()
"""

BUILT = """\
import kernelgraph.tensor as T
W, X = T.tensor("float64", (764, 100), "W"), T.tensor("float64", (200, 764), "X")
T.dot(W, X.T)
"""

RUN = """\
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
a, b = T.dmatrix("a"), T.dmatrix("b")
f = kg.function([a, b], T.exp(T.dot(a, b)).sum(), target="c")
f(np.ones((3, 4)), np.ones((5, 2)))
"""


TYPES = """\
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
weights, x = kg.shared(np.ones(3, "float32"), "weights"), T.dvector("x")
kg.function([x], weights.sum(), updates=[(weights, weights - T.exp(x))])
"""

INDEX = """\
import numpy as np
import kernelgraph as kg
import kernelgraph.tensor as T
x, n = T.dmatrix("x"), T.iscalar("n")
f = kg.function([x, n], T.exp(x[n]).sum(), target="c")
f(np.ones((3, 4)), 5)
"""


@pytest.fixture
def shown(lab: OpenLab) -> LabPage:
    page = lab(new_notebook(cells=[new_code_cell(SHOW), new_code_cell("f.stages.source.text")]))
    page.run_all()
    assert page.errors() == []
    return page


def saved(page: LabPage) -> NotebookNode:
    """The notebook as its file would hold it, outputs included."""
    return new_notebook(
        cells=[
            new_code_cell(cell["source"], outputs=list(map(nbformat.from_dict, cell["outputs"])))
            for cell in page.cells()
        ]
    )


def test_a_box_leads_to_its_lines_and_keys_stay_inside(shown: LabPage) -> None:
    view = shown.element(0).locator(".kg[data-kg=source]")
    view.locator("[data-picture] [data-node=n2]").click()
    assert view.locator("[data-tab=c] [data-line].kg-on").count() >= 2
    assert view.locator(".kg-status").inner_text().startswith("n2: softplus")
    before = [(cell["cell_type"], cell["source"]) for cell in shown.cells()]

    view.locator("[data-tab=c] [data-line]").first.focus()
    for key in ("ArrowDown", "ArrowDown", "x", "a", "b", "d", "d", "m", "y", "Enter"):
        shown.page.keyboard.press(key)
    first = int(view.locator("[data-tab=c] [data-line]").first.get_attribute("data-line") or 0)
    focused = shown.page.evaluate("() => document.activeElement.dataset.line")
    assert int(focused) == first + 2
    assert view.locator(".kg-status").inner_text().startswith(f"line {focused} stands for ")
    assert [(cell["cell_type"], cell["source"]) for cell in shown.cells()] == before

    view.get_by_role("tab", name="CUDA").click()
    assert "Not run here" in view.locator("[data-tab=cuda]").inner_text()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_marks_can_be_seen_in_both_themes(shown: LabPage, theme: str) -> None:
    shown.theme(theme)
    view = shown.element(0).locator(".kg[data-kg=source]")
    view.locator("[data-picture] [data-node=n2]").click()
    shown.page.wait_for_timeout(700)
    line = view.locator("[data-tab=c] [data-line].kg-on").last
    look = line.evaluate(
        "line => [getComputedStyle(line).borderLeftWidth, getComputedStyle(line).borderLeftColor]"
    )
    assert look[0] == "5px"
    assert look[1] == ("rgb(255, 180, 84)" if "Dark" in theme else "rgb(163, 74, 0)")
    shown.screenshot(f"kernel_viewer_{theme.removeprefix('JupyterLab ').lower()}.png", 0)


def test_an_untrusted_notebook_shows_picture_and_text(lab: OpenLab, shown: LabPage) -> None:
    """What a student sees who opens somebody's notebook: no script has run (H-87)."""
    page = lab(saved(shown))
    page.page.wait_for_timeout(500)
    (picture,) = page.pictures(0)
    assert picture["width"] > 100
    assert picture["alt"].startswith("graph of train: ")
    view = page.element(0).locator(".kg")
    assert view.locator("script, style, svg, [role=tab]").count() == 0
    assert "Static view: re-run or trust the notebook" in page.text(0)
    summary = view.locator("summary", has_text="CUDA: ")
    summary.focus()
    page.page.keyboard.press("Enter")
    assert "Not run here: printed for reading, this function runs as C." in page.text(0)
    assert " ▪▪ n0 " in page.text(0)
    page.screenshot("kernel_viewer_untrusted.png", 0)


@pytest.fixture
def offline(browser: Any) -> Iterator[Any]:
    """A page that reaches nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    yield page
    context.close()


def test_an_exported_page_works_without_a_network(shown: LabPage, offline: Any) -> None:
    text, _ = HTMLExporter().from_notebook_node(saved(shown))
    offline.set_content(text, wait_until="domcontentloaded")
    view = offline.locator(".kg[data-kg=source]")
    view.locator("[data-picture] [data-node=n2]").click()
    assert view.locator("[data-tab=c] [data-line].kg-on").count() >= 2
    view.get_by_role("tab", name="Python").click()
    assert "def kernel_0" in view.locator("[data-tab=python]").inner_text()
    offline.wait_for_timeout(600)
    path = results_folder() / "kernel_viewer_exported.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    offline.screenshot(path=path)


@pytest.mark.parametrize(("cell", "line"), [(BUILT, 3), (RUN, 5)], ids=["built", "run"])
def test_an_error_about_sizes_is_followed_by_its_picture(
    lab: OpenLab, cell: str, line: int
) -> None:
    page = lab(new_notebook(cells=[new_code_cell(cell)]))
    page.run_all()
    error, picture = page.outputs(0)
    assert error["output_type"] == "error"
    assert error["ename"] == "ShapeError"
    assert f"Cell In[1], line {line}" in error["evalue"]
    assert picture["output_type"] == "display_data"
    (drawn,) = page.pictures(0)
    assert drawn["width"] > 200
    assert drawn["alt"].startswith("sizes that do not fit: ")
    page.theme("JupyterLab Dark" if line == 5 else "JupyterLab Light")
    page.page.wait_for_timeout(300)
    page.screenshot(f"shape_error_{'run' if line == 5 else 'built'}.png", 0)


@pytest.mark.parametrize(
    ("cell", "line", "name", "told", "theme"),
    [
        (TYPES, 5, "DTypeError", "types that do not fit: weights is float32, ", "Light"),
        (TYPES, 5, "DTypeError", "types that do not fit: weights is float32, ", "Dark"),
        (INDEX, 5, "IndexingError", "sizes that do not fit: x has shape (3, 4); ", "Light"),
    ],
    ids=["types-light", "types-dark", "index"],
)
def test_an_error_about_types_or_an_index_is_followed_by_its_picture(
    lab: OpenLab, cell: str, line: int, name: str, told: str, theme: str
) -> None:
    page = lab(new_notebook(cells=[new_code_cell(cell)]))
    page.run_all()
    error, picture = page.outputs(0)
    assert (error["output_type"], error["ename"]) == ("error", name)
    assert f"Cell In[1], line {line}" in error["evalue"]
    assert picture["output_type"] == "display_data"
    (drawn,) = page.pictures(0)
    assert drawn["width"] > 200
    assert drawn["alt"].startswith(told)
    page.theme(f"JupyterLab {theme}")
    page.page.wait_for_timeout(300)
    page.screenshot(f"{name}_{theme.lower()}.png", 0)
    outputs = [nbformat.from_dict(output) for output in page.outputs(0)]
    untrusted = lab(new_notebook(cells=[new_code_cell(cell, outputs=outputs)]))
    untrusted.page.wait_for_timeout(500)
    assert [shown["alt"] for shown in untrusted.pictures(0)] == [drawn["alt"]]
