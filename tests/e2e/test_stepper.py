"""The optimisation stepper in a real JupyterLab: live, opened by a stranger, and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import OpenLab
from .lab import LabPage, results_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXAMPLE = """
import kernelgraph as kg
import kernelgraph.tensor as T
i, x = T.iscalar("i"), T.dmatrix("x")
f = kg.function([i, x], T.log1p(i * 0 + x.T.T), on_unused_input="ignore")
f.steps()
"""

TRAINING = """
%load_ext kernelgraph
x, y, w = T.dmatrix("x"), T.dvector("y"), kg.shared([0.0, 0.0], "w")
cost = T.nnet.binary_crossentropy(T.nnet.sigmoid(T.dot(x, w)), y).mean()
train = kg.function([x, y], cost, updates=[(w, w - 0.1 * T.grad(cost, w))], name="train")
%symsteps train
"""

STEPPER = ".kg[data-kg=stepper]"

TRUST = "() => window.jupyterapp.commands.execute('notebook:trust')"


def lesson() -> NotebookNode:
    return new_notebook(cells=[new_code_cell(EXAMPLE), new_code_cell(TRAINING)])


def state(page: Page) -> tuple[str | None, str, str]:
    """Of the first stepper: the number of the step, its formula, and what is said aloud."""
    root = page.locator(STEPPER).first
    formula = root.locator("[data-formula]").first.inner_text()
    return root.get_attribute("data-step"), formula, root.locator("[aria-live]").inner_text()


def walk_through(page: Page) -> None:
    """What a student does with the arrow keys, and must see."""
    root = page.locator(STEPPER).first
    root.focus()
    assert root.get_attribute("data-steps") == "3"
    assert state(page)[:2] == ("0", "log1p(i * 0 + x.T.T)")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert state(page)[2] == "step 2 of 3: shuffle_once, 5 to 3 nodes"
    page.keyboard.press("ArrowRight")
    assert state(page)[:2] == ("3", "log1p(x)")
    page.keyboard.press("ArrowRight")
    assert state(page)[0] == "3"
    page.keyboard.press("Home")
    assert state(page)[0] == "0"
    page.keyboard.press("End")
    assert state(page)[0] == "3"


def cells_of(page: LabPage) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in page.cells()]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_live(lab: OpenLab, theme: str) -> None:
    page = lab(lesson())
    page.theme(theme)
    page.run_all()
    assert page.errors() == []
    before = cells_of(page)

    walk_through(page.page)
    for letters in ("x", "a", "b", "dd", "m", "00"):
        page.page.keyboard.type(letters)
    page.page.get_by_role("searchbox").first.fill("")
    page.page.get_by_role("searchbox").first.press_sequentially("xabdd")
    page.page.get_by_role("searchbox").first.fill("")
    assert cells_of(page) == before
    assert state(page.page)[0] == "3"

    other = page.page.locator(STEPPER).nth(1)
    assert other.get_attribute("data-step") == "0"
    other.get_by_role("searchbox").fill("sigmoid")
    assert other.locator("li[data-listed]").count() == 4
    other.get_by_role("button", name="one_minus_sigmoid").click()
    assert "one_minus_sigmoid" in other.locator("[aria-live]").inner_text()
    name = theme.removeprefix("JupyterLab ").lower()
    for cell in range(2):
        page.screenshot(f"stepper/live_{name}_{cell}.png", cell)


def saved(lab: OpenLab) -> NotebookNode:
    """The lesson with its outputs, as a teacher hands it out."""
    page = lab(lesson())
    page.run_all()
    assert page.errors() == []
    cells = [
        new_code_cell(cell["source"], outputs=[nbformat.from_dict(o) for o in cell["outputs"]])
        for cell in page.cells()
    ]
    return new_notebook(cells=cells)


def test_opened_untrusted_then_trusted(lab: OpenLab) -> None:
    page = lab(saved(lab))
    page.page.wait_for_timeout(500)
    output = page.element(0).locator(".jp-OutputArea-output")
    assert output.locator("script, svg").count() == 0
    text = page.text(0)
    assert "Static view: re-run or trust the notebook" in text
    for step in ("step 1 of 3: integer_times_zero", "step 2 of 3: shuffle_once"):
        assert step in text
    sections = output.locator("details:has(> summary:text-matches('^step'))")
    assert sections.evaluate_all("all => all.map(one => one.open)") == [True, False, False, True]
    assert "log1p(x)" in sections.last.inner_text()

    summary = sections.nth(1).locator("summary").first
    summary.focus()
    page.page.keyboard.press("Enter")
    assert sections.nth(1).evaluate("one => one.open")
    for picture in page.pictures(0):
        assert picture["complete"]
        assert picture["width"] > 0
    page.screenshot("stepper/untrusted.png", 0)

    trust_by_hand(page)
    walk_through(page.page)


def trust_by_hand(page: LabPage) -> None:
    """File > Trust Notebook, without running anything."""
    page.page.evaluate(f"() => {{ ({TRUST})(); }}")
    page.page.locator("button.jp-Dialog-button.jp-mod-accept").click()
    page.page.locator(f"{STEPPER}[role=group]").first.wait_for()


def test_exported_and_opened_without_a_network(lab: OpenLab, browser: Browser) -> None:
    exported, _ = HTMLExporter().from_notebook_node(saved(lab))
    path = results_folder() / "stepper" / "exported.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(exported, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page: Any = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*", lambda route: route.continue_() if is_local(route) else route.abort())
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    page.locator(f"{STEPPER}[role=group]").first.wait_for()
    walk_through(page)
    page.screenshot(path=path.with_name("exported.png"))
    context.close()
    assert not any("kg" in error for error in errors), errors


def is_local(route: Any) -> bool:
    return str(route.request.url).startswith(("file:", "data:"))
