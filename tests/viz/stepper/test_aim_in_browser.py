"""What the live stepper brings into view: all that is marked, or the first of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.products import times_one
from kernelgraph.viz.stepper.view import Stepper, steps
from tests.viz.stepper.conftest import Open, focused, press

if TYPE_CHECKING:
    from playwright.sync_api import Page

# For each pane: which marked boxes are wholly inside what is seen of it.
SEEN = """() => [...document.querySelectorAll('figure:not([hidden]) .kg-scroll')].map(scroller => {
    const room = scroller.getBoundingClientRect();
    return Object.fromEntries([...scroller.querySelectorAll('[data-mark]')].map(group => {
        const box = group.getBoundingClientRect();
        return [group.dataset.node, box.left >= room.left && box.right <= room.right
            && box.top >= room.top && box.bottom <= room.bottom];
    }));
})"""

# The scale of the picture after the step.
SCALE = """() => {
    const svg = document.querySelector('figure:last-child .kg-scroll > :not(.kg-away) svg');
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return Math.round(100 * scale) / 100;
}"""

POSITIONS = """() => [...document.querySelectorAll('.kg-scroll')]
    .map(scroller => [scroller.scrollLeft, scroller.scrollTop])"""


def tall(length: int) -> Stepper:
    """A product that leaves, used at the top of a chain and below it."""
    x, y = T.dvector("x"), T.dvector("y")
    product = x * 1
    chained: Any = y + product
    for _ in range(length):
        chained = T.exp(chained)
    return steps(rewrite(Graph((x, y), (chained - product,), name="tall"), [times_one]))


def broad(width: int) -> Stepper:
    """A product that leaves, used by many nodes side by side."""
    inputs = [T.dvector(f"x{k}") for k in range(width)]
    product = inputs[width // 2] * 1
    outputs = [x - product for x in inputs]
    return steps(rewrite(Graph(tuple(inputs), tuple(outputs), name="broad"), [times_one]))


def step_of(opened: Page) -> tuple[dict[str, bool], dict[str, bool], float]:
    """The step that leaves the product out: what is seen in both panes, and the scale."""
    focused(opened)
    for _ in range(5):
        press(opened, "ArrowRight")
        if ": times_one" in opened.locator("[aria-live]").inner_text():
            break
    before, after = opened.evaluate(SEEN)
    return before, after, opened.evaluate(SCALE)


def test_all_that_is_marked_is_seen_where_it_fits(show: Open) -> None:
    before, after, scale = step_of(show(tall(2)))
    assert len(before) == 3
    assert len(after) == 2
    assert all([*before.values(), *after.values()])
    assert scale == 1


def test_the_scale_is_reduced_where_all_fits_then(show: Open) -> None:
    opened = show(tall(9))
    before, after, scale = step_of(opened)
    assert len(before) == 3
    assert len(after) == 2
    assert all([*before.values(), *after.values()])
    assert 0.62 <= scale < 0.95
    press(opened, "Home")
    assert opened.evaluate(SCALE) == 1


@pytest.mark.parametrize("view", [tall(40), broad(30)], ids=["tall", "broad"])
def test_each_pane_shows_the_first_mark_where_not_all_fit(show: Open, view: Stepper) -> None:
    before, after, scale = step_of(show(view))
    assert 0.62 <= scale <= 1
    removed = next(entry for entry in view.steps if entry.rule == "times_one").marked.before
    (product,) = (key for key, mark in removed.items() if mark == "removed")
    assert before[product], "what leaves is seen in the picture before"
    assert any(after.values()), "no pane is empty of marks"
    assert not all([*before.values(), *after.values()])


def test_the_whole_graph_is_not_scrolled(show: Open) -> None:
    opened = show(tall(40))
    opened.get_by_role("button", name="Whole graph").click()
    before, after, _ = step_of(opened)
    assert all([*before.values(), *after.values()])
    opened.get_by_role("button", name="Whole graph").click()
    before, after = opened.evaluate(SEEN)
    assert any(before.values())
    assert any(after.values())
    assert not all(before.values())


def test_who_scrolls_one_pane_scrolls_both(show: Open) -> None:
    opened = show(tall(40))
    step_of(opened)
    (_, top), (_, other) = opened.evaluate(POSITIONS)
    for pane, by in ((0, 70), (1, 50), (0, -30)):
        scroller = opened.locator(".kg-scroll").nth(pane)
        scroller.evaluate("(one, by) => one.scrollBy(0, by)", by)
        top, other = top + by, other + by
        opened.wait_for_timeout(100)
        found = [y for _, y in opened.evaluate(POSITIONS)]
        assert found == pytest.approx([top, other], abs=2)
