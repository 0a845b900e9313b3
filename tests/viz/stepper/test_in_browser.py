"""The live stepper on a page of its own, in a headless Chromium."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.viz.html.fragments import page
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.stepper.view import Stepper, steps
from tests.viz.stepped import example, stopped, training
from tests.viz.stepper.conftest import PLACES, Open, focused, press, state

if TYPE_CHECKING:
    from playwright.sync_api import Page

STEPPER = "[data-kg=stepper]"
DARK = "document.body.style = 'color-scheme: dark; background: #111; color: #eee'"
VSCODE = DARK.replace("color-scheme: dark; ", "") + "; document.body.className = 'vscode-dark'"

# The contrast of every text that is seen with the colour behind it; the lowest, and its text.
CONTRAST = r"""() => {
    const numbers = colour => colour.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
    const behind = element => {
        let [found, left] = [[0, 0, 0], 1];
        for (let at = element; at && left > 0.001; at = at.parentElement) {
            const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
            found = found.map((c, k) => c + left * a * [r, g, b][k]);
            left *= 1 - a;
        }
        return found.map(c => c + left * 255);
    };
    let lowest = [99, ''];
    for (const element of document.querySelectorAll('.kg *')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || element.closest('svg') || !element.checkVisibility()) continue;
        const [one, other] = [numbers(getComputedStyle(element).color), behind(element)].map(light);
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (ratio < lowest[0]) lowest = [ratio, element.textContent];
    }
    return lowest;
}"""


@pytest.fixture(scope="module")
def three() -> Stepper:
    return example().steps()


@pytest.fixture(scope="module")
def many() -> Stepper:
    return training().steps()


def test_arrows_home_and_end(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    assert opened.locator(".kg[data-kg=stepper]").get_attribute("data-steps") == "3"
    assert state(opened) == ("0", "log1p(i * 0 + x.T.T)")
    press(opened, "ArrowRight", "ArrowRight", "ArrowRight")
    assert state(opened) == ("3", "log1p(x)")
    press(opened, "ArrowRight")
    assert state(opened) == ("3", "log1p(x)")
    press(opened, "Home")
    assert state(opened) == ("0", "log1p(i * 0 + x.T.T)")
    press(opened, "ArrowLeft")
    assert state(opened)[0] == "0"
    press(opened, "End", "ArrowLeft")
    assert state(opened) == ("2", "log1p(0 + x)")


def test_each_step_is_said_aloud(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    said = opened.locator("[aria-live=polite]")
    assert said.inner_text() == "step 0 of 3: as written, 6 nodes"
    press(opened, "ArrowRight", "ArrowRight")
    assert said.inner_text() == "step 2 of 3: shuffle_once, 5 to 3 nodes"


def test_undo_is_a_step_back(show: Open, three: Stepper) -> None:
    opened = show(three)
    opened.get_by_role("button", name="Next").click()
    opened.get_by_role("button", name="Next").click()
    opened.get_by_role("button", name="Undo").click()
    assert state(opened)[0] == "1"


def marks(opened: Page, pane: int) -> dict[str, str]:
    boxes = opened.locator("figure").nth(pane).locator("[data-mark]")
    found: dict[str, str] = boxes.evaluate_all(
        """all => Object.fromEntries(all.map(b => [b.dataset.node, [b.dataset.mark,
            [...b.querySelectorAll('text')][0].textContent,
            b.getAttribute('stroke-dasharray') ? 'dashed' : 'solid'].join(' ')]))"""
    )
    return found


def test_what_changed_is_marked_by_sign_and_stroke(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    press(opened, "ArrowRight", "ArrowRight")
    assert marks(opened, 0) == {
        "n2": "removed − dashed",
        "n3": "removed − dashed",
        "n4": "changed ~ dashed",
    }
    assert marks(opened, 1) == {"n4": "changed ~ dashed"}
    press(opened, "Home")
    assert marks(opened, 1) == {}


def test_what_comes_in_is_solid_green(show: Open) -> None:
    x = T.dvector("x")
    opened = focused(show(steps(T.log(1 + T.exp(x)))))
    press(opened, "End")
    assert "added + solid" in marks(opened, 1).values()


def test_nodes_that_stay_do_not_move(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    before = opened.evaluate(PLACES)
    for _ in range(3):
        press(opened, "ArrowRight")
        after = opened.evaluate(PLACES)
        both = before.keys() & after.keys()
        assert both >= {"n5", "i0", "i1", "o0"}
        assert {key: before[key] for key in both} == {key: after[key] for key in both}
        before = after


def test_the_pictures_show_the_graph_of_the_step(show: Open, many: Stepper) -> None:
    opened = focused(show(many))
    for number in range(len(many.steps) + 1):
        entry = [many.history.entries[0], *many.steps][number]
        assert set(opened.evaluate(PLACES)) == {box.key for box in entry.picture.boxes}
        press(opened, "ArrowRight")


def test_the_filter_narrows_the_list(show: Open, many: Stepper) -> None:
    opened = show(many)
    listed = opened.locator("li[data-listed]")
    assert listed.count() == len(many.steps) + 1
    opened.get_by_role("searchbox").fill("sigmoid")
    names = listed.evaluate_all("all => all.map(item => item.dataset.listed)")
    assert names == ["as written", "log_of_sigmoid", "one_minus_sigmoid", "log_of_sigmoid"]
    focused(opened)
    press(opened, "ArrowRight")
    assert "log_of_sigmoid" in opened.locator("[aria-live]").inner_text()
    press(opened, "ArrowRight")
    assert "one_minus_sigmoid" in opened.locator("[aria-live]").inner_text()


def test_arrows_in_the_filter_move_its_cursor(show: Open, many: Stepper) -> None:
    opened = show(many)
    box = opened.get_by_role("searchbox")
    box.fill("merge")
    box.press("ArrowRight")
    box.press("ArrowLeft")
    assert state(opened)[0] == "0"


def test_a_click_in_the_list_goes_there(show: Open, three: Stepper) -> None:
    opened = show(three)
    opened.get_by_role("button", name=re.compile("plus_computed_zero")).click()
    assert state(opened) == ("3", "log1p(x)")
    current = opened.locator("[aria-current=step]")
    assert current.count() == 1
    assert "plus_computed_zero" in current.inner_text()


def test_steps_that_change_nothing_are_hidden_until_asked_for(show: Open, many: Stepper) -> None:
    opened = show(many)
    only = opened.get_by_role("checkbox")
    assert only.is_checked()
    hidden = many.history.hidden.partition(":")[0]
    assert re.fullmatch(r"hid \d+ passes", hidden)
    assert f"only steps that change ({hidden})" in opened.locator("label").inner_text()
    before = opened.locator(".kg").get_attribute("data-steps")
    only.uncheck()
    after = opened.locator(".kg").get_attribute("data-steps")
    assert (before, after) == (str(len(many.steps)), str(len(many.history.entries) - 1))
    focused(opened)
    press(opened, "ArrowRight")
    assert opened.locator("[aria-live]").inner_text() == f"step 1 of {after}: merge, 41 to 40 nodes"


def test_a_view_of_one_rule_begins_filtered(show: Open) -> None:
    opened = show(example().steps(rule="shuffle_once"))
    assert opened.get_by_role("searchbox").input_value() == "shuffle_once"
    assert opened.locator("li[data-listed]").count() == 2


def test_no_letter_leaves_the_view(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    opened.evaluate("document.heard = []")
    opened.evaluate("document.addEventListener('keydown', e => document.heard.push(e.key))")
    press(opened, "x", "a", "b", "d", "d", "ArrowRight", "Enter")
    opened.get_by_role("searchbox").press("x")
    assert opened.evaluate("document.heard") == []
    press(opened, "Tab")
    assert opened.evaluate("document.heard") == ["Tab"]


def test_two_views_on_a_page_leave_each_other_alone(show: Open, three: Stepper) -> None:
    opened = show(three)
    opened.set_content(page("steps", Markup(three.html + three.html)))
    opened.locator(".kg").first.focus()
    press(opened, "ArrowRight")
    steps_shown = opened.locator(".kg").evaluate_all("all => all.map(one => one.dataset.step)")
    assert steps_shown == ["1", "0"]
    assert opened.locator("[id]").count() == 0


def test_the_tab_key_reaches_everything_and_the_focus_is_seen(show: Open, three: Stepper) -> None:
    opened = focused(show(three))
    names: list[str] = []
    for _ in range(11):
        press(opened, "Tab")
        names.append(
            opened.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText")
        )
        outline = opened.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", names[-1]
    assert [name.split("\n")[0] for name in names[:4]] == ["|◀ Start", "◀ Undo", "Next ▶", "End ▶|"]
    assert any("filter" in name for name in names)
    assert any("shuffle_once" in name for name in names)


def test_the_whole_graph_fits_when_asked_for(show: Open, many: Stepper) -> None:
    opened = show(many)
    scroller = opened.locator(".kg-scroll").last
    hidden = "box => box.scrollHeight - box.clientHeight + box.scrollWidth - box.clientWidth"
    assert scroller.evaluate(hidden) > 100
    opened.get_by_role("button", name="Whole graph").click()
    assert scroller.evaluate(hidden) <= 4


def test_the_change_is_scrolled_into_view(show: Open, many: Stepper) -> None:
    opened = focused(show(many))
    press(opened, *["ArrowRight"] * 12)
    seen = (
        opened.locator("figure")
        .last.locator("[data-mark]")
        .evaluate_all(
            """all => all.map(box => {
            const [a, b] = [box.getBoundingClientRect(), box.closest('.kg-scroll')
                .getBoundingClientRect()];
            return a.bottom > b.top && a.top < b.bottom && a.right > b.left && a.left < b.right;
        })"""
        )
    )
    assert seen
    assert any(seen)


@pytest.mark.parametrize("look", ["", DARK, VSCODE], ids=["light", "dark", "vscode"])
def test_every_text_can_be_read(show: Open, three: Stepper, look: str) -> None:
    opened = focused(show(three))
    if look:
        opened.evaluate(look)
    press(opened, "ArrowRight", "ArrowRight")
    for summary in opened.locator("summary").all():
        summary.click()
    ratio, text = opened.evaluate(CONTRAST)
    assert ratio >= 4.5, text


def test_nothing_moves_by_itself(show: Open, many: Stepper) -> None:
    opened = focused(show(many, reduced_motion="no-preference"))
    press(opened, "ArrowRight")
    assert opened.evaluate("document.getAnimations().length") == 0


def test_without_scripts_the_same_is_there(show: Open, three: Stepper) -> None:
    opened = show(three, java_script_enabled=False)
    text = opened.locator("body").inner_text()
    assert "Static view: re-run or trust the notebook" in text
    assert "step 2 of 3: shuffle_once, 5 to 3 nodes" in text
    assert opened.locator("details[open]").count() == 2
    assert "log1p(x)" in opened.locator("details[open]").last.inner_text()


def test_with_scripts_the_static_note_is_gone(show: Open, three: Stepper) -> None:
    opened = show(three)
    assert "Static view" not in opened.locator("body").inner_text()
    assert opened.locator("img").count() == 0


def test_an_endless_pair_is_shown_as_stopped(show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = focused(show(steps(stopped(monkeypatch))))
    assert "rule there was switched off" in opened.locator("[data-warning]").inner_text()
    opened.get_by_role("button", name="more steps").click()
    assert re.fullmatch(
        r"step 19\d of (199|200): \d+ more steps, .*", opened.locator("[aria-live]").inner_text()
    )


def test_a_loop_has_a_stepper_of_its_own_inside(show: Open) -> None:
    x, c = T.dvector("x"), T.dscalar("c")
    totals, _ = kg.scan(lambda v, a: T.log(1 + T.exp(a)) * 1 + v, x, [T.constant(np.zeros(()))])
    chosen = kg.ifelse(c > 0, T.log(1 + x), T.exp(x) * 1)
    opened = show(kg.function([x, c], [totals[-1] * 1, chosen], target="python").steps())
    opened.get_by_text("steps inside loops and choices").click()
    titles = opened.locator("summary", has_text=re.compile(r"^inside \d of 3"))
    assert "log(1 + x)" in titles.nth(1).inner_text()
    titles.first.click()
    outer, inner = opened.locator(STEPPER).first, opened.locator(f"{STEPPER} {STEPPER}").first
    assert outer.get_attribute("data-steps") != inner.get_attribute("data-steps")
    inner.focus()
    press(opened, "ArrowRight", "ArrowRight", "x", "d", "d")
    assert (outer.get_attribute("data-step"), inner.get_attribute("data-step")) == ("0", "2")
    assert "log_one_plus_exp" in inner.locator("[aria-live]").first.inner_text()
    assert opened.locator(f"{STEPPER} {STEPPER}").count() == 3
