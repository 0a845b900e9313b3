"""The kernel viewer in a browser: what keys and clicks do, and that it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.html.fragments import page as whole_page
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.kernels.viewer import SourceView
from tests.e2e.conftest import browser, playwright  # noqa: F401  (the fixtures)
from tests.support import within

LEAST_CONTRAST = 4.5

DARK = {
    "light": "",
    "dark": "color-scheme:dark;background:#111;color:#e6edf3",
    "vscode": "background:#1e1e1e;color:#ccc",
}


def logistic(target: str) -> SourceView:
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector("w")
    p = T.nnet.sigmoid(T.dot(x, w))
    cost = -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean()
    return kg.function([x, w, y], [cost, kg.grad(cost, w)], name="train", target=target).source()


@pytest.fixture(scope="module")
def view() -> SourceView:
    return logistic("c")


def opened(browser: Any, content: str, style: str = "", body: str = "") -> Any:  # noqa: F811
    """A page with this content; what goes wrong in it fails the test, and so does the network."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    made = context.new_page()
    made.problems = []
    made.on("pageerror", lambda error: made.problems.append(str(error)))
    made.on("request", lambda request: made.problems.append(request.url))
    text = whole_page("view", Markup(content))
    made.set_default_timeout(10_000)
    made.set_content(text.replace("<body>", f'<body class="{body}" style="{style}">'))
    return made


@pytest.fixture
def page(browser: Any, view: SourceView) -> Iterator[Any]:  # noqa: F811
    made = opened(browser, view.html)
    yield made
    real = [problem for problem in made.problems if not problem.startswith("data:")]
    made.context.close()
    assert real == []


def status(page: Any) -> str:
    return page.locator(".kg-status").inner_text()


def marked_lines(page: Any, tab: str = "c") -> list[int]:
    lines = page.locator(f"[data-tab={tab}] [data-line].kg-on")
    return [int(n) for n in lines.evaluate_all("all => all.map(one => one.dataset.line)")]


def outlined(page: Any) -> list[str]:
    boxes = page.locator("[data-node].kg-on")
    return boxes.evaluate_all("all => all.map(one => one.dataset.node)")


def key_of(view: SourceView, op: str) -> str:
    nodes = view.languages.graph.apply_nodes()
    return next(f"n{k}" for k, node in enumerate(nodes) if node.op.name == op)


def expected_lines(view: SourceView, key: str, language: str = "c") -> list[int]:
    return [line.number for line in view.languages.listing(language).lines if key in line.own]


def test_the_picture_becomes_boxes_that_can_be_chosen(page: Any, view: SourceView) -> None:
    assert page.locator("[data-picture] img").count() == 0
    assert page.locator("[data-picture] > svg").get_attribute("aria-label").startswith("graph of")
    boxes = page.locator("[data-picture] [role=button]")
    assert boxes.count() >= 22
    assert page.locator("[data-static]").count() == 0


def test_a_click_on_a_box_marks_its_lines(page: Any, view: SourceView) -> None:
    key = key_of(view, "softplus")
    page.locator(f"[data-picture] [data-node={key}]").click()
    assert marked_lines(page) == expected_lines(view, key)
    assert marked_lines(page, "python") == expected_lines(view, key, "python")
    assert outlined(page) == [key]
    assert status(page).startswith(f"{key}: softplus → float64[?]: C lines ")


def test_a_marked_line_is_marked_at_its_left_and_in_sight(page: Any, view: SourceView) -> None:
    key = key_of(view, "softplus")
    page.locator(f"[data-picture] [data-node={key}]").click()
    page.wait_for_timeout(600)
    look = page.locator("[data-tab=c] [data-line].kg-on").evaluate_all(
        """lines => lines.map(line => ({
            width: getComputedStyle(line).borderLeftWidth,
            colour: getComputedStyle(line).borderLeftColor,
            top: line.getBoundingClientRect().top - line.closest('pre').getBoundingClientRect().top,
            height: line.closest('pre').clientHeight,
        }))"""
    )
    plain = page.locator("[data-tab=c] [data-line]:not(.kg-on)").first
    assert plain.evaluate("line => getComputedStyle(line).borderLeftColor") == "rgba(0, 0, 0, 0)"
    assert all(one["width"] == "5px" for one in look)
    assert all(one["colour"] == "rgb(163, 74, 0)" for one in look)
    assert any(0 <= one["top"] < one["height"] for one in look)


def test_focus_on_a_box_is_enough(page: Any, view: SourceView) -> None:
    first = page.locator("[data-picture] [role=button][tabindex='0']")
    first.focus()
    page.keyboard.press("ArrowDown")
    (key,) = outlined(page)
    assert marked_lines(page) == expected_lines(view, key)
    page.keyboard.press("ArrowRight")
    assert outlined(page) != [key]
    page.keyboard.press("Escape")
    assert outlined(page) == []
    assert marked_lines(page) == []


def test_keys_move_along_lines_and_enter_outlines_nodes(page: Any, view: SourceView) -> None:
    page.locator("[data-tab=c] [data-line]").first.focus()
    number = int(focused(page)["line"])
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    assert int(focused(page)["line"]) == number + 6
    page.keyboard.press("ArrowUp")
    assert int(focused(page)["line"]) == number + 5
    key = key_of(view, "softplus")
    wanted = next(line for line in view.languages.listing("c").lines if line.own == (key,))
    for _ in range(wanted.number - number - 5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert outlined(page) == [key]
    assert status(page) == f"line {wanted.number} computes {key}: softplus → float64[?]"
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    last = view.languages.listing("c").lines[-1].number
    assert int(focused(page)["line"]) == last


def test_one_tab_stop_for_all_lines(page: Any) -> None:
    page.locator("[data-tab=c] [data-line]").first.focus()
    page.keyboard.press("ArrowDown")
    second = focused(page)["line"]
    page.keyboard.press("Tab")
    assert focused(page)["line"] is None
    page.keyboard.press("Shift+Tab")
    assert focused(page)["line"] == second


def test_a_line_of_a_loop_head_stands_for_its_nodes(page: Any, view: SourceView) -> None:
    listing = view.languages.listing("python")
    head = next(line for line in listing.lines if line.text.strip().startswith("for j"))
    page.get_by_role("tab", name="Python").click()
    page.locator(f"[data-tab=python] [data-line='{head.number}']").click()
    drawn = {key for key in head.keys if page.locator(f"svg [data-node={key}]").count()}
    assert set(outlined(page)) == drawn
    assert len(drawn) > 10
    assert "stands for" in status(page)


def test_tabs_by_mouse_and_keyboard(page: Any) -> None:
    tabs = page.get_by_role("tab")
    assert tabs.all_inner_texts() == ["Plan", "Loops", "Python", "C", "CUDA"]
    assert shown_tab(page) == "c"
    page.get_by_role("tab", name="CUDA").click()
    assert shown_tab(page) == "cuda"
    assert "Not run here" in page.locator("[data-tab=cuda] [data-banner]").inner_text()
    page.keyboard.press("ArrowRight")
    assert shown_tab(page) == "cuda"
    page.keyboard.press("Home")
    assert shown_tab(page) == "plan"
    page.keyboard.press("ArrowRight")
    assert shown_tab(page) == "loops"
    assert page.get_by_role("tab", name="Loops").get_attribute("aria-selected") == "true"


def test_a_mark_is_in_every_tab(page: Any, view: SourceView) -> None:
    page.locator("[data-picture] [data-node=n0]").click()
    page.get_by_role("tab", name="Loops").click()
    assert marked_lines(page, "loops") == expected_lines(view, "n0", "loops")


@pytest.mark.parametrize("tab", ["C", "CUDA", "Plan"])
def test_copy_gives_exactly_the_file(page: Any, view: SourceView, tab: str) -> None:
    page.get_by_role("tab", name=tab, exact=True).click()
    page.evaluate("() => document.body.append(document.createElement('textarea'))")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    page.locator("body > textarea").focus()
    page.keyboard.press("Control+V")
    pasted = page.locator("body > textarea").input_value()
    assert pasted == view.languages.source(tab.lower()).text


def test_no_key_leaves_the_view(page: Any) -> None:
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', e => heard.push(e.key)); }"
    )
    page.locator("[data-tab=c] [data-line]").first.focus()
    for key in ("x", "a", "b", "d", "d", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.locator("[data-picture] [role=button]").first.focus()
    page.keyboard.press("x")
    assert page.evaluate("() => heard") == []


def test_two_views_in_one_page_keep_apart(browser: Any, view: SourceView) -> None:  # noqa: F811
    page = opened(browser, view.html + view.html)
    first, second = page.locator(".kg").nth(0), page.locator(".kg").nth(1)
    first.locator("[data-picture] [data-node=n0]").click()
    assert first.locator("[data-node].kg-on").count() == 1
    assert second.locator(".kg-on").count() == 0
    page.context.close()


@pytest.mark.parametrize("theme", list(DARK))
def test_all_text_can_be_read(browser: Any, view: SourceView, theme: str) -> None:  # noqa: F811
    body = "vscode-dark" if theme == "vscode" else ""
    page = opened(browser, view.html, DARK[theme], body)
    page.locator("[data-picture] [data-node=n0]").click()
    page.wait_for_timeout(500)
    for tab in ("CUDA", "C"):
        page.get_by_role("tab", name=tab, exact=True).click()
        for element in (
            ".kg-status", "[role=tab][aria-selected=true]", "[role=tab][aria-selected=false]",
            ".kg-copy", "details[open] > p", "details[open] [data-line]",
            "details[open] [data-line] > span:first-child", "summary",
            "details[open] [data-line].kg-on",
            "details[open] [data-line].kg-on > span:first-child",
        ):  # fmt: skip
            colours = page.locator(element).locator("visible=true").first.evaluate(COLOURS)
            assert contrast(*colours) >= LEAST_CONTRAST, (theme, element, colours)
    page.context.close()


def test_what_is_seen_without_scripts(browser: Any, view: SourceView) -> None:  # noqa: F811
    """What a notebook keeps that nobody trusts: no script, no style, no data attributes."""
    content = re.sub(r"<(script|style)>.*?</\1>", "", view.html, flags=re.DOTALL)
    content = re.sub(r' data-(?!kg)[\w-]+="[^"]*"', "", content)
    page = opened(browser, content)
    assert page.locator("img").count() == 1
    assert page.locator("img").evaluate("image => image.naturalWidth") > 100
    assert "Static view: re-run or trust" in page.inner_text("body")
    summary = page.get_by_text(re.compile(r"^CUDA: \d+ lines$"))
    summary.focus()
    page.keyboard.press("Enter")
    text = page.inner_text("body")
    assert "Not run here" in text
    assert re.search(r"\d+ ▪▪ n0 +≈\d+% │ +dot_total = dot_total", text)
    page.context.close()


def test_opening_takes_little_time(browser: Any, view: SourceView) -> None:  # noqa: F811
    page = opened(browser, "")
    seconds = page.evaluate(
        """html => {
            const start = performance.now();
            const place = document.createElement('div');
            document.body.append(place);
            place.innerHTML = html;
            for (const old of place.querySelectorAll('script')) {
                const script = document.createElement('script');
                script.textContent = old.textContent;
                old.replaceWith(script);
            }
            place.getBoundingClientRect();
            return (performance.now() - start) / 1000;
        }""",
        view.html,
    )
    assert page.locator("[role=tab]").count() == 5
    assert within(seconds, 1.5)
    page.context.close()


def focused(page: Any) -> dict[str, Any]:
    return page.evaluate("() => ({line: document.activeElement.dataset.line ?? null})")


def shown_tab(page: Any) -> str:
    tabs = page.locator("details[data-tab]")
    (shown,) = tabs.evaluate_all("all => all.filter(one => one.open).map(one => one.dataset.tab)")
    return shown


# The colours of an element's text and of what lies below it, blended as the page blends them.
COLOURS = """element => {
    const parts = (text) => text.match(/[\\d.]+/g).map(Number);
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
        layers.push(parts(getComputedStyle(at).backgroundColor));
    }
    let ground = [255, 255, 255];
    for (const [r, g, b, a = 1] of layers.reverse()) {
        ground = ground.map((old, k) => old * (1 - a) + [r, g, b][k] * a);
    }
    return [parts(getComputedStyle(element).color).slice(0, 3), ground];
}"""


def contrast(ink: list[float], ground: list[float]) -> float:
    """The contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: list[float]) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)
