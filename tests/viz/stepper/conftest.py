"""A Chromium for the live stepper on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from kernelgraph.viz.html.fragments import page
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.stepper.view import Stepper
from tests.e2e.conftest import CHROMIUM_FLAGS, chromium, require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]

PLACES = """() => Object.fromEntries([...document.querySelectorAll(
        'figure:last-child .kg-scroll > :not(.kg-away) [data-node]')]
    .filter(box => box.style.display !== 'none')
    .map(box => [box.dataset.node, box.querySelector('tspan').getAttribute('x')
        + ' ' + box.querySelector('tspan').getAttribute('y')]))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    require("playwright")
    executable = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def show(browser: Browser) -> Iterator[Open]:
    """Open a view on a page that may ask the network for nothing; errors fail the test."""
    errors: list[str] = []
    contexts: list[Any] = []

    def open_view(view: Stepper, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1180, "height": 900}, **options)
        contexts.append(context)
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        opened.route("**/*", lambda route: errors.append(route.request.url) or route.abort())
        opened.on("console", lambda message: errors.append(message.text))
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.set_content(page("steps", Markup(view.html)))
        return opened

    yield open_view
    for context in contexts:
        context.close()
    assert errors == []


def focused(opened: Page) -> Page:
    opened.locator(".kg").focus()
    return opened


def press(opened: Page, *keys: str) -> None:
    for key in keys:
        opened.keyboard.press(key)


def state(opened: Page) -> tuple[str | None, str]:
    """The number of the step, and the formula that is shown."""
    root = opened.locator(".kg[data-kg=stepper]")
    return root.get_attribute("data-step"), root.locator("[data-formula]").first.inner_text()
