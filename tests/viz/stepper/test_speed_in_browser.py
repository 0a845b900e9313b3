"""How long the live stepper takes, and what it keeps for that, in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.viz.stepper.view import steps
from tests.support import hunting, within
from tests.viz.stepped import example, shrinking, turning
from tests.viz.stepper.conftest import PLACES, Open, focused, press

# Milliseconds from the HTML to the view that can be used, as JupyterLab does it.
FIRST_PAINT = """async html => {
    const start = performance.now();
    document.body.innerHTML = html;
    const old = document.querySelector('script');
    const script = document.createElement('script');
    script.textContent = old.textContent;
    old.replaceWith(script);
    document.querySelector('.kg').getBoundingClientRect();
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - start;
}"""

# Milliseconds from a key press, or a click in the list, until the next picture is laid out, and
# which step that was. Between two of them a frame is painted, as between fast key presses.
STEP_TIMES = """async ([keys, clicks]) => {
    const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const root = document.querySelector('.kg');
    const items = [...root.querySelectorAll('li[data-listed] button')];
    const found = [];
    const act = async (name, go) => {
        const from = root.dataset.step;
        const start = performance.now();
        go();
        root.getBoundingClientRect();
        found.push([`${name} ${from} to ${root.dataset.step}`, performance.now() - start]);
        await painted();
    };
    for (const key of keys) {
        const press = new KeyboardEvent('keydown', {key, bubbles: true});
        await act(key, () => root.dispatchEvent(press));
    }
    for (const k of clicks) await act('click', () => items[k].click());
    return found;
}"""


# All that was put off until the page has nothing else to do.
ALL_DONE = """async () => {
    const idle = () => new Promise(done => requestIdleCallback(done, {timeout: 400}));
    for (let k = 0; k < 20; k++) await idle();
}"""


def test_there_is_no_jump_between_chapters(show: Open) -> None:
    view = steps(shrinking())
    opened = focused(show(view))
    for number in (0, *range(60, 200), 199, 120, 121, 3):
        opened.evaluate(
            "k => document.querySelectorAll('li[data-listed] button')[k].click()", number
        )
        entry = [view.history.entries[0], *view.steps][number]
        assert set(opened.evaluate(PLACES)) == {box.key for box in entry.picture.boxes}
    assert opened.locator(".kg-scroll > :not(.kg-away)").count() == 2


def test_only_the_neighbours_of_a_chapter_are_kept(show: Open) -> None:
    opened = focused(show(steps(shrinking())))
    kept = opened.locator(".kg-scroll svg")
    away = opened.locator(".kg-away[aria-hidden=true]")
    opened.evaluate(ALL_DONE)
    assert kept.count() == 4
    press(opened, "End", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    opened.evaluate(ALL_DONE)
    assert kept.count() == 6
    assert away.count() == 4
    assert away.evaluate_all("all => all.every(one => one.clientHeight === 0)")


@pytest.mark.parametrize("made", [turning, shrinking])
def test_two_hundred_steps_over_a_hundred_and_fifty_nodes_are_swift(
    show: Open, made: Callable[[], Rewriting]
) -> None:
    view = steps(made())
    count = len(view.steps)
    assert count in (199, 200)
    assert max(entry.nodes_after for entry in view.history.entries) == 150
    html = view.html
    assert len(html.encode()) < 2_000_000
    opened = show(example().steps())
    opened.evaluate(FIRST_PAINT, html)
    painted = min(opened.evaluate(FIRST_PAINT, html) for _ in range(3))
    assert within(painted / 1000, 0.3)
    opened.wait_for_function("document.querySelector('.kg[role=group]')")
    keys = ["ArrowRight"] * count + ["ArrowLeft"] * count + ["End", "Home"] * 2
    clicks = [count, 0, *range(0, count, 37), count // 2, 1, 0]  # each walk begins where it ends
    best: dict[str, float] = {}
    for _ in range(5 if hunting() else 1):  # a slow step is slow every time
        for name, took in opened.evaluate(STEP_TIMES, [keys, clicks]):
            best[name] = min(float(took), best.get(name, float(took)))
        if max(best.values()) < 50:
            break
    assert "ArrowLeft 1 to 0" in best
    assert {f"End 0 to {count}", f"Home {count} to 0"} <= best.keys()
    assert within(max(best.values()) / 1000, 0.05), max(best.items(), key=lambda item: item[1])
