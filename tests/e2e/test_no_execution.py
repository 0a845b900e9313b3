"""Texts that are code to a browser, in every view: read they must be, run never.

Each page holds every view of things named and described by a few payloads. It is opened in a
browser, used with mouse and keyboard, and then: no payload has run, nothing was asked of the
network or of a file, nothing stands on the page but elements of ours, and each text can be read.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from kernelgraph.viz.html import escape

from . import gallery
from .conftest import OpenLab
from .payloads import FORMULAS, PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[[str], "Page"]

AT_ONCE = 20
"""Payloads on one page, on which everything carries one of them."""

GROUPS = [PAYLOADS[start : start + AT_ONCE] for start in range(0, len(PAYLOADS), AT_ONCE)]

OURS = """
    b button br code details div figcaption figure h3 h4 img input label li mark ol option output p
    pre script section select small span strong style summary table tbody td th thead tr ul
    circle desc g line path polyline rect svg text title tspan
"""
HARMLESS = frozenset(OURS.split())

FOUND = """() => [...document.body.querySelectorAll('*')].map(element => ({
    tag: element.localName,
    attributes: [...element.attributes].map(item => [item.name, item.value]),
}))"""

READ = """() => {
    for (const script of document.querySelectorAll('script, style')) script.remove();
    const alts = [...document.querySelectorAll('[alt], [aria-label]')]
        .map(item => `${item.getAttribute('alt')} ${item.getAttribute('aria-label')}`);
    return [document.body.textContent, ...alts].join('\\n');
}"""

USE = """() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    for (const element of document.body.querySelectorAll('*'))
        if (!element.childElementCount)
            for (const kind of ['pointerover', 'mouseover', 'click'])
                element.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
    for (const item of document.querySelectorAll('[tabindex], button, input, summary'))
        for (const key of ['ArrowRight', 'End', 'Enter', ' ', 'ArrowLeft', 'Home'])
            item.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
}"""

TYPE = """text => {
    for (const input of document.querySelectorAll('input:not([type=range])')) {
        input.value = text;
        for (const kind of ['input', 'change', 'search'])
            input.dispatchEvent(new Event(kind, {bubbles: true}));
        input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
    }
}"""

SETTLED = "() => new Promise(done => setTimeout(() => requestAnimationFrame(done), 60))"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open HTML as a page that may ask nothing of anybody."""
    context = browser.new_context()
    wrong: list[str] = []

    def refuse(route: Any) -> None:
        wrong.append(f"asked for {route.request.url}")
        route.abort()

    def dismiss(dialog: Any) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(html: str) -> Page:
        page = context.new_page()
        page.route("**/*", refuse)
        page.on("dialog", dismiss)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("popup", lambda popup: wrong.append(f"popup: {popup.url}"))
        page.on("download", lambda download: wrong.append(f"download: {download.url}"))
        page.set_content(f"<!doctype html><meta charset=utf-8><body>{html}")
        return page

    yield open_page
    context.close()
    assert wrong == []


def check_elements(page: Page) -> None:
    """Nothing on the page but what the views are made of: no address, no handler, no frame."""
    for element in page.evaluate(FOUND):
        assert element["tag"] in HARMLESS, element
        for name, value in element["attributes"]:
            assert not name.startswith("on"), element
            assert name not in {"href", "xlink:href", "srcdoc", "srcset", "action", "formaction"}
            assert name != "src" or value.startswith("data:image/svg+xml;base64,"), element
            assert name != "style" or "url(" not in value, element


def drawings(html: str) -> list[str]:
    """The pictures in a view, as documents of their own."""
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html)
    return [base64.b64decode(data).decode() for data in dict.fromkeys(found)]


def readable(text: str) -> str:
    """The start of a text as a reader must find it."""
    return escape.name(text)[:20]


@pytest.mark.parametrize("texts", GROUPS, ids=[f"from {n * AT_ONCE}" for n in range(len(GROUPS))])
def test_nothing_runs_and_everything_can_be_read(texts: list[str], opened: Open) -> None:
    shown = gallery.views(texts)
    page = opened("".join(shown.values()))
    page.evaluate(USE)
    for text in texts:
        page.evaluate(TYPE, text)
    page.evaluate(SETTLED)
    assert page.evaluate("window.hit") is None
    check_elements(page)
    words = page.evaluate(READ)
    for text in texts:
        assert words.count(readable(text)) >= 2 * len(gallery.VIEWS), text

    pictures = opened("".join(drawings("".join(shown.values()))))
    pictures.evaluate(USE)
    check_elements(pictures)
    assert pictures.evaluate("window.hit") is None


def test_the_check_sees_what_would_run(browser: Browser) -> None:
    """Without quoting, most payloads that can run do; so the tests above can fail."""
    page = browser.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.route("**/*", lambda route: route.abort())
    ran: list[str] = []
    for text in PAYLOADS[:9]:
        page.set_content(f"<!doctype html><body>{text}</body>")
        page.evaluate(SETTLED)
        if page.evaluate("window.hit") == 1:
            ran.append(text)
    page.set_content("<!doctype html><body><p onmouseover='hit=1'>x</p>")
    page.evaluate(USE)
    assert page.evaluate("window.hit") == 1
    with pytest.raises(AssertionError):
        check_elements(page)
    page.close()
    assert len(ran) >= 6, ran


# In JupyterLab -----------------------------------------------------------------------------------

SHOW = """
import json
from IPython.display import display
for bundle in json.load(open({path!r})):
    display(bundle, raw=True)
"""

HOLDERS = """all => all.map(formula => formula.closest('[data-kg]').dataset.kg + ': '
    + formula.parentNode.outerHTML.slice(0, 200))"""

TYPESET = "mjx-container a, mjx-container script, mjx-container [href], mjx-container [id^=z]"


def test_jupyterlab_typesets_and_runs_nothing_of_it(lab: OpenLab, tmp_path: Path) -> None:
    """A trusted notebook with all views: here formulas in HTML would be typeset, too."""
    texts = [*FORMULAS, *PAYLOADS[:4], "<script>hit=1</script>", '"><img src=x onerror=hit=1>']
    cells: list[Any] = []
    for number, start in enumerate(range(0, len(texts), 7)):
        group = texts[start : start + 7]
        bundles = [{"text/html": html, "text/plain": ""} for html in gallery.views(group).values()]
        bundles += [{"text/latex": text, "text/plain": ""} for text in gallery.formulas(group)]
        path = tmp_path / f"group{number}.json"
        path.write_text(json.dumps(bundles))
        cells.append(new_code_cell(SHOW.format(path=str(path))))
    page = lab(new_notebook(cells=cells))
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.on("dialog", lambda dialog: page.console_errors.append(dialog.message))
    page.run_all()
    page.page.wait_for_selector("mjx-container", state="attached")
    page.page.evaluate(SETTLED)

    assert page.errors() == []
    assert page.page.evaluate("window.hit") is None
    assert page.page.locator(TYPESET).count() == 0
    assert page.page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert page.page.locator("[data-kg] mjx-container").evaluate_all(HOLDERS) == []
    assert not [url for url in asked if "evil" in url or url.startswith("file:")]
    for cell, start in enumerate(range(0, len(texts), 7)):
        words = page.element(cell).locator(".jp-OutputArea").text_content() or ""
        for text in texts[start : start + 7]:
            assert words.count(readable(text)) >= 5, text
