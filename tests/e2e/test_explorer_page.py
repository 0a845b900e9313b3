"""Views that need no kernel, in a browser and nothing else: every request would be an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.gradients.explorer import Explorer
from kernelgraph.viz.gradients.explorer_page import recorded_html, static_copy
from kernelgraph.viz.text.subjects import graph_of

from .lab import results_folder
from .test_hostile_names import CANARY, PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Open = Callable[..., "Page"]

LISTEN = """() => {
    window.names = Object.keys(window).length;
    window.heard = [];
    document.addEventListener('keydown', event => window.heard.push(event.key));
}"""

DARK = "<body style='color-scheme:dark;background:#111;color:#ddd'>"

CONTRAST = """text => {
    const light = colour => {
        const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255)
            .map(p => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const ground = light(getComputedStyle(document.body).backgroundColor);
    const ink = light(getComputedStyle(text).color);
    return (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
}"""


@pytest.fixture
def show(browser: Browser) -> Iterator[Open]:
    """Open fragments of HTML, one after the other, as one page."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    wrong: list[str] = []

    def refuse(route: Any) -> None:
        wrong.append(route.request.url)
        route.abort()

    def open_page(*views: str, body: str = "<body style='background:#fff'>") -> Page:
        page = context.new_page()
        page.route("**/*", refuse)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.set_content(f"<!doctype html>{body}<script>({LISTEN})()</script>{''.join(views)}")
        return page

    yield open_page
    context.close()
    assert wrong == []


def screenshot(page: Page, name: str) -> None:
    path: Path = results_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)


def neuron(steps: int = 20, name: str = "x") -> Explorer:
    x, w = T.dscalar(name), T.dscalar("w")
    y = T.tanh(w * x + 0.25)
    y.name = "y"
    ranges = {name: (-3, 3), "w": (0, 2)}
    return Explorer(graph_of(y), ranges, {name: 0.6, "w": 1.0}, steps=steps)


def walk() -> Any:
    u, v = T.dscalars("u", "v")
    s = T.sin(u * v)
    return kg.backprop(s * u + T.exp(s), [u, v], at={"u": 2.0, "v": 0.25})


def large(name: str = "x") -> str:
    y = T.dscalar(name)
    for k in range(400):
        y = T.tanh(y * 1.5)
        y.name = f"h{k}" if k % 100 == 0 else None
    return kg.show(y)._repr_mimebundle_()["text/html"]


def text(view: Locator, key: str) -> str:
    return str(view.locator(f'[data-live="{key}"]').text_content())


def painted(view: Locator) -> list[str]:
    """Every text in the pictures."""
    return view.locator("svg text").all_text_contents()


# The explorer -------------------------------------------------------------------------------------


def test_a_recorded_slider_shows_what_moving_there_shows(show: Open) -> None:
    page = show(recorded_html(neuron()))
    view = page.locator('[data-kg="explorer"]')
    moved = neuron()
    first = view.locator("svg *").all_inner_texts()
    handle = view.locator('[data-live="n0.data"]').element_handle()
    key = moved.sliders[0].key
    view.locator("input").first.focus()
    for place in (13, 14, 15):
        page.keyboard.press("ArrowRight")
        moved.move([(key, 0, place)])
        state = moved.state()
        for part, expected in state.items():
            if "text" in expected:
                assert text(view, part) == expected["text"], part
    assert len(view.locator("svg *").all()) == len(first)
    assert page.evaluate("one => one.isConnected", handle), "an element was replaced"
    assert page.evaluate("one => one.textContent", handle) == moved.state()["n0.data"]["text"]
    screenshot(page, "explorer_page.png")


def test_another_slider_begins_where_the_first_did(show: Open) -> None:
    explorer = neuron()
    page = show(recorded_html(explorer))
    view = page.locator('[data-kg="explorer"]')
    first, second = (slider.key for slider in explorer.sliders)
    for slider in view.locator("input").all():
        slider.focus()
        page.keyboard.press("End")
    assert (text(view, f"{first}.shown"), text(view, f"{second}.shown")) == ("0.6", "2")
    assert view.locator("input").first.input_value() == "12"


def test_two_views_in_one_page_do_not_meet(show: Open) -> None:
    page = show(recorded_html(neuron()), recorded_html(neuron()))
    views = page.locator('[data-kg="explorer"]')
    key = neuron().sliders[0].key
    views.nth(1).locator("input").first.focus()
    page.keyboard.press("Home")
    assert text(views.nth(0), f"{key}.data") == "0.6"
    assert text(views.nth(1), f"{key}.data") == "−3"


@pytest.mark.parametrize("view", ["explorer", "backprop", "large"])
def test_a_view_leaves_no_names_and_keeps_its_keys(view: str, show: Open) -> None:
    made = {"explorer": lambda: recorded_html(neuron()), "large": large,
            "backprop": lambda: walk()._repr_mimebundle_()["text/html"]}  # fmt: skip
    page = show(made[view]())
    assert page.evaluate("Object.keys(window).length - window.names") == 2, "names and heard alone"
    assert page.locator("[id]").count() == 0
    page.locator("[data-kg] input, [data-kg] button").first.focus()
    for key in ("x", "a", "ArrowRight", "d", "d"):
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == []


@pytest.mark.parametrize("body", ["<body style='background:#fff'>", DARK])
def test_words_can_be_read_on_light_and_on_dark(body: str, show: Open) -> None:
    views = recorded_html(neuron()), walk()._repr_mimebundle_()["text/html"], large()
    page = show(*views, body=body)
    for words in ("[data-live=check]", "output", "summary", "td", "code", "[aria-live]"):
        for one in page.locator(words).all()[:8]:
            assert one.evaluate(CONTRAST) >= 4.5, words
    screenshot(page, f"views_{'dark' if body == DARK else 'light'}.png")


def test_an_entry_of_an_array_is_chosen_in_a_recorded_view(show: Open) -> None:
    x = T.dvector("x")
    cost = (T.tanh(x) * x).sum()
    at = {"x": [0.6, -0.3, 0.2]}
    page = show(recorded_html(Explorer(graph_of(cost), {"x": (-3, 3)}, at, steps=20)))
    view = page.locator('[data-kg="explorer"]')
    entries = view.get_by_label("entry of x")
    assert entries.locator("option").all_text_contents() == ["[0]", "[1]", "[2]"]
    entries.select_option("1")
    assert text(view, "i0.shown") == "−0.3"
    view.locator("input").focus()
    page.keyboard.press("End")
    assert text(view, "i0.data") == "[0.6, 3, 0.2]"
    entries.select_option("2")
    assert text(view, "i0.shown") == "0.3", "the place that is nearest to 0.2"
    page.keyboard.press("Home")
    screenshot(page, "explorer_entries.png")


def test_a_copy_opens_where_no_live_view_comes(show: Open) -> None:
    page = show(static_copy(neuron()))
    details = page.locator("details").first
    assert details.get_attribute("open") is None
    page.wait_for_timeout(2600)
    assert details.get_attribute("open") is not None


def test_a_copy_stays_closed_beside_a_live_view(show: Open) -> None:
    page = show(static_copy(neuron()), '<div data-kg="explorer-live"></div>')
    page.wait_for_timeout(2600)
    assert page.locator("details").first.get_attribute("open") is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_becomes_code(payload: str, show: Open) -> None:
    u = T.dscalar(payload)
    y = T.sin(u) * u
    y.name = payload
    taken = kg.backprop(y, u, at={u: 0.5})
    page = show(
        recorded_html(neuron(4, payload)), taken._repr_mimebundle_()["text/html"], large(payload)
    )
    page.locator("input[type=search]").fill("n3")
    page.locator("[data-found]").first.click()
    page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    assert page.evaluate("window.canary") is None, CANARY
    readable = re.split("[\x1b\x00\ud800\u202e]", payload)[0]
    assert readable[:40] in page.locator("code", has_text=readable[:40]).first.inner_text()


# The walk -----------------------------------------------------------------------------------------


def test_arrow_keys_step_through_the_walk(show: Open) -> None:
    taken = walk()
    page = show(*[taken._repr_mimebundle_()["text/html"]] * 2)
    view, other = (page.locator('[data-kg="backprop"]').nth(k) for k in (0, 1))
    last = len(taken.steps)
    view.focus()
    assert view.get_attribute("data-steps") == str(last)
    assert text(view, "i0.grad") == "–"
    for number in range(1, last + 1):
        page.keyboard.press("ArrowRight")
        assert view.get_attribute("data-at") == str(number)
        key = taken.steps[number - 1].key
        assert text(view, f"{key}.remark") == f"step {number}"
        visible = [s for s in view.locator("[data-step]").all() if s.is_visible()]
        assert [s.get_attribute("data-step") for s in visible] == [str(number)]
        assert taken.steps[number - 1].rule in visible[0].inner_text()
    page.keyboard.press("ArrowRight")
    assert view.get_attribute("data-at") == str(last)
    assert text(view, "i0.grad") == f"{float(taken.gradients[0]):+.4g}"
    page.keyboard.press("Home")
    assert (view.get_attribute("data-at"), text(view, "i0.grad")) == ("0", "–")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert view.get_attribute("data-at") == str(last - 1)
    assert other.get_attribute("data-at") == "0"
    screenshot(page, "backprop_page.png")


# Large graphs -------------------------------------------------------------------------------------


def test_nodes_are_found_by_name_number_and_line(show: Open) -> None:
    page = show(large())
    box, told = page.locator("input[type=search]"), page.locator("[role=search] [aria-live]")
    total = int(str(told.text_content()).split()[0])
    for wanted, found in (("mul", 400), ("'h100'", 1), ("no", 0)):
        box.fill(wanted)
        assert str(told.text_content()).startswith(f"{found} of {total} nodes")
    box.fill("y = T.tanh(y * 1.5)")
    assert str(told.text_content()).startswith(f"{total} of {total} nodes, in clusters 0, 1, 2")
    box.fill("cluster 2")
    assert str(told.text_content()).endswith(f" of {total} nodes, in cluster 2")
    box.fill("n5")
    assert page.locator("[data-found='5']").count() == 1
    assert "show it in cluster 0" in str(page.locator("[data-role=about]").text_content())


def test_found_nodes_are_marked_in_the_picture_with_a_sign(show: Open) -> None:
    page = show(large())
    page.locator("input[type=search]").fill("'h100'")
    (marked,) = page.locator("svg [data-role=count]").all()
    assert marked.text_content() == "1 found"
    cluster = marked.locator("..").get_attribute("data-node")
    told = page.locator("[role=search] [aria-live]").text_content()
    assert str(told).endswith(f"in cluster {str(cluster)[1:]}")
    page.locator("[data-found]").click()
    page.get_by_role("button", name="show it in cluster").click()
    inner = page.locator("[data-role=inside] svg [data-role=count]")
    assert inner.all_text_contents() == ["▶ here"]
    assert "h100" in str(inner.locator("..").text_content())
    page.locator("input[type=search]").fill("")
    assert page.locator("svg [data-role=count]").count() == 0


def test_one_walks_from_node_to_node_and_down_the_tree(show: Open) -> None:
    page = show(large())
    page.locator("input[type=search]").fill("h100")
    page.locator("[data-found]").first.click()
    about = page.locator("[data-role=about]")
    before = str(about.text_content())
    about.locator("[data-found]").first.click()
    assert about.text_content() != before
    tree = page.locator("[data-role=tree]")
    tree.locator("summary").first.click()
    for level in range(1, 12):
        tree.locator("summary").nth(level).click()
        page.wait_for_timeout(20)
    assert tree.locator("summary").count() >= 12


def nodes_inside(page: Page) -> list[str]:
    boxes = page.locator("[data-role=inside] svg [data-node]")
    return boxes.evaluate_all("all => all.map(one => one.dataset.node)")


FOCUSED = "() => document.activeElement.getAttribute('aria-label')"


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_cluster_opens_below_the_picture_and_one_comes_back(key: str, show: Open) -> None:
    page = show(large())
    page.locator('svg [data-node="k0"]').focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert str(page.evaluate(FOCUSED)).startswith("cluster 3: ")
    page.keyboard.press(key)
    assert str(page.evaluate(FOCUSED)).startswith("inside cluster 3: ")
    nodes = [name for name in nodes_inside(page) if name != "end"]
    assert len(nodes) > 10
    assert {name[0] for name in nodes} == {"n"}
    text = str(page.locator("[data-role=inside] svg").text_content())
    assert "mul(·, 1.5)" in text, "a number stays with those who use it"
    crumbs = page.locator("[data-role=inside] [role=group] button")
    assert "whole graph" in crumbs.all_text_contents()
    page.keyboard.press("Escape")
    assert page.locator("[data-role=inside]").count() == 0
    assert str(page.evaluate(FOCUSED)).startswith("cluster 3: ")
    assert page.evaluate("window.heard") == []
    screenshot(page, "large_page.png")


def test_clusters_in_clusters_down_to_single_nodes(show: Open) -> None:
    x = T.dvector("x")
    y, kept = x, [x]
    for k in range(3000):
        y = T.tanh(y) + kept[k // 2]
        kept.append(y)
    page = show(kg.show(y)._repr_mimebundle_()["text/html"])
    page.locator("[data-node=k2]").click()
    levels = 1
    while any(name.startswith("k") for name in nodes_inside(page)):
        page.locator("[data-role=inside] [data-node^=k]").nth(1).click()
        levels += 1
    assert levels >= 2
    assert page.locator("[data-role=inside] [data-node^=n]").count() > 5
    crumbs = page.get_by_label("where you are").locator("button")
    assert crumbs.count() == levels + 1
    page.locator("[data-role=inside] [data-node^=n]").first.click()
    assert page.locator("[data-role=about] [data-found]").count() > 0
    screenshot(page, "inside_page.png")
    crumbs.nth(1).click()
    assert str(page.evaluate(FOCUSED)).startswith("cluster 2.1: ")
    crumbs.nth(0).click()
    assert str(page.evaluate(FOCUSED)).startswith("cluster 2: ")


def test_every_node_is_in_the_cluster_that_it_is_shown_in(show: Open) -> None:
    page = show(large())
    seen: list[str] = []
    clusters = page.locator("[data-kg] > div > svg [data-node^=k]").count()
    for number in range(clusters):
        page.locator(f'svg [data-node="k{number}"]').first.click()
        assert not any(name.startswith("k") for name in nodes_inside(page))
        seen += [name for name in nodes_inside(page) if name != "end"]
    assert len(seen) == len(set(seen)) == 800


@pytest.mark.parametrize("inner", [False, True], ids=["whole", "inside"])
def test_keys_and_buttons_make_a_picture_larger(inner: bool, show: Open) -> None:
    page = show(large())
    if inner:
        page.locator('svg [data-node="k3"]').click()
    picture = page.locator("[data-role=inside] svg" if inner else "[data-kg] > div > svg")
    true = float(str(picture.get_attribute("width")))
    said = page.locator("[data-role=zoom] [aria-live]").nth(int(inner))
    scroller = picture.locator("..")
    scroller.focus()
    for key, scale in (("0", 1.0), ("+", 1.25), ("+", 1.5625), ("-", 1.25), ("0", 1.0)):
        page.keyboard.press(key)
        width = picture.evaluate("one => one.getBoundingClientRect().width")
        assert width == pytest.approx(scale * true, rel=0.01)
        assert said.text_content() == f"{100 * scale:.0f} %"
    page.get_by_role("button", name="smaller").nth(int(inner)).click()
    assert said.text_content() == "80 %"
    assert page.evaluate("window.heard") == []
