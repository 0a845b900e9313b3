"""Every view, for people who see little or no colour, use no mouse, or have the page read out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from . import gallery
from .accessibility import MOVING, THEMES, document, faint_words, out_of_reach, rules
from .conftest import OpenLab, require
from .test_no_execution import SHOW, drawings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[[str], "Page"]

NAMES = ("x", "theta_1", "cost")

OPEN_ALL = "() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }"


@pytest.fixture(scope="module")
def views() -> dict[str, str]:
    return gallery.views(NAMES)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open a document with all sections unfolded."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})

    def open_page(html: str) -> Page:
        page = context.new_page()
        page.set_content(html)
        page.evaluate(OPEN_ALL)
        return page

    yield open_page
    context.close()


def without_scripts(html: str) -> str:
    """A view as it is where nobody has trusted the notebook."""
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("live", [True, False], ids=["live", "static"])
@pytest.mark.parametrize("width", [1200, 420])
def test_axe_finds_nothing(
    theme: str, live: bool, width: int, views: dict[str, str], opened: Open
) -> None:
    require("axe_playwright_python")
    shown = views if live else {name: without_scripts(html) for name, html in views.items()}
    page = opened(document(theme, *shown.values()))
    page.set_viewport_size({"width": width, "height": 900})
    assert rules(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_pictures_stand_out(theme: str, views: dict[str, str], opened: Open) -> None:
    assert faint_words(opened(document(theme, *views.values()))) == []
    pictures = drawings("".join(views.values()))
    assert len(pictures) > 20
    assert faint_words(opened(document(theme, *pictures))) == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    views: dict[str, str], opened: Open
) -> None:
    for name, html in views.items():
        page = opened(document("light", html))
        assert out_of_reach(page) == [], name
        page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_moves_for_those_who_asked_for_stillness(
    theme: str, views: dict[str, str], opened: Open
) -> None:
    page = opened(document(theme, *views.values()))
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0


def test_with_colours_of_the_readers_own_the_words_still_stand_out(
    views: dict[str, str], opened: Open
) -> None:
    page = opened(document("light", *views.values()))
    page.emulate_media(forced_colors="active")
    assert faint_words(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_a_cluster_opens_is_for_everybody_too(
    theme: str, views: dict[str, str], opened: Open
) -> None:
    page = opened(document(theme, views["large"]))
    page.locator("input[type=search]").fill("n5")
    page.locator("svg [data-node=k1]").click()
    assert page.locator("[data-role=inside] svg [data-node^=n]").count() > 3
    assert page.locator("svg [data-role=count]").count() > 0
    assert faint_words(page) == []
    page.evaluate("() => { const h = document.querySelector('h1'); h.tabIndex = -1; h.focus(); }")
    assert out_of_reach(page) == []
    require("axe_playwright_python")
    assert rules(page) == []


def test_the_checks_find_what_is_wrong(opened: Open) -> None:
    bad = """<style>i { outline: none } em { transition: all 1s }</style>
        <button></button><p style='color:#aaa'>faint</p><em>moves</em>
        <i tabindex=0>no mark</i><b style='cursor:pointer'>mouse only</b>
        <svg width=200 height=50><rect width=200 height=50 fill='#fff'/>
        <text x=20 y=30 fill='#aaa'>faint</text></svg>"""
    page = opened(document("light", bad))
    assert len(faint_words(page)) == 1
    unreachable = " ".join(out_of_reach(page))
    assert "mouse only" in unreachable
    assert "no mark of focus: <i" in unreachable
    assert page.evaluate(MOVING) == 1
    require("axe_playwright_python")
    assert {finding.split()[0] for finding in rules(page)} >= {"button-name", "color-contrast"}


# In JupyterLab -----------------------------------------------------------------------------------


def test_axe_finds_nothing_in_jupyterlab(
    views: dict[str, str], lab: OpenLab, tmp_path: Path
) -> None:
    require("axe_playwright_python")
    path = tmp_path / "views.json"
    path.write_text(json.dumps([{"text/html": html, "text/plain": ""} for html in views.values()]))
    page = lab(new_notebook(cells=[new_code_cell(SHOW.format(path=str(path)))]))
    page.run_all()
    assert page.errors() == []
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.theme(theme)
        page.page.evaluate(OPEN_ALL)
        page.page.wait_for_timeout(500)
        assert rules(page.page, ".kg") == [], theme
        assert faint_words(page.page) == [], theme


LARGE = """
import kernelgraph as kg, kernelgraph.tensor as T
y = T.dscalar("x")
for k in range(400):
    y = T.tanh(y * 1.5)
kg.show(y)
"""


def test_a_large_picture_is_scrolled_with_arrow_keys_in_jupyterlab(lab: OpenLab) -> None:
    page = lab(new_notebook(cells=[new_code_cell(LARGE), new_code_cell("1")]))
    page.run_cell(0)
    tall = page.element(0).locator("[data-kg] div[tabindex='0']")
    tall.focus()
    for _ in range(5):
        page.page.keyboard.press("ArrowDown")
    page.page.wait_for_timeout(500)
    assert tall.evaluate("box => box.scrollTop") > 0
    assert tall.evaluate("box => document.activeElement === box")
    page.page.keyboard.press("x")
    assert [cell["cell_type"] for cell in page.cells()] == ["code", "code"]
    assert page.errors() == []
