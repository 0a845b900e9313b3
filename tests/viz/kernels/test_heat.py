"""The profile as a picture: shares of kernels, tables of times."""

from __future__ import annotations

import base64
import re
import time
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.profile import Profile
from kernelgraph.target import Timing
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.kernels.heat import COLOURS, THRESHOLDS, colour, heat_html
from kernelgraph.viz.kernels.shares import node_shares, percents, shares
from kernelgraph.viz.pictures.svg import INK, MUTED
from tests.e2e.conftest import browser, playwright  # noqa: F401  (the fixtures)
from tests.viz.kernels.test_viewer_page import contrast, opened

SANITISE = ConfigParser(interpolation=None)
SANITISE.read(Path(__file__).parents[2] / "nbval.cfg", encoding="utf-8")


@kg.as_op(T.dvector, T.dvector)
def nap(value: Any) -> Any:
    time.sleep(0.01)
    return value


def profiled(name: str = "x", target: str = "c") -> Function:
    x = T.dvector(name)
    states, _ = kg.scan(lambda s: T.tanh(s) + 1, outputs_info=x, n_steps=3)
    outputs = [T.exp(nap(x)).sum() * 2, states[-1], kg.ifelse(x.sum() > 0, T.sin(x), T.cos(x))]
    return kg.function([x], outputs, profile=True, target=target, name="napping")


@pytest.fixture(scope="module")
def profile() -> Profile:
    f = profiled()
    for _ in range(3):
        f(np.arange(5.0))
    assert f.profile is not None
    return f.profile


def test_shares_are_the_measured_parts_and_add_up(profile: Profile) -> None:
    found = shares(profile)
    total = sum(timing.seconds for timing in profile.kernels)
    assert sum(share.part for share in found) == pytest.approx(1)
    assert sum(share.seconds for share in found) == pytest.approx(total)
    assert sum(share.runs for share in found) == sum(t.runs for t in profile.kernels)


def test_shares_of_nodes_add_up_to_those_of_their_kernels(profile: Profile) -> None:
    kernels, nodes = shares(profile), node_shares(shares(profile))
    assert sum(node.part for node in nodes) == pytest.approx(1)
    for share in kernels:
        assert sum(share.within.values()) == pytest.approx(1)
    assert sum(node.seconds for node in nodes) == pytest.approx(
        sum(share.seconds for share in kernels)
    )
    assert [node.part for node in nodes] == sorted((node.part for node in nodes), reverse=True)


def test_estimates_are_told_from_measurements(profile: Profile) -> None:
    several = next(share for share in shares(profile) if len(share.keys) > 1)
    of = {node.key: node for node in node_shares(shares(profile))}
    assert all(of[key].is_estimate for key in several.keys)
    slow = shares(profile)[0]
    (key,) = slow.keys
    assert not of[key].is_estimate
    table = heat_html(profile).split('data-sortable="nodes"')[1].split("</table>")[0]
    rows = [readable(row) for row in re.findall("<tr>.*?</tr>", table)[1:]]
    assert len(rows) == len(of)
    for row in rows:
        assert ("≈" in row) == ("|estimated|" in row) != ("|measured|" in row)
    printed = re.findall(r">(?:≈ )?(\d+\.\d) %<", table)
    assert sum(map(float, printed)) == pytest.approx(100, abs=1)


def test_the_slow_op_is_first(profile: Profile) -> None:
    first = shares(profile)[0]
    assert (first.name, first.what, first.runs) == ("(Python)", "nap", 3)
    assert first.part > 0.9
    assert first.seconds >= 0.03


def test_nodes_inside_a_loop_have_the_box_of_the_loop(profile: Profile) -> None:
    assert profile.compilation is not None
    nodes = profile.compilation.schedule.graph.apply_nodes()
    boxes = {op: f"n{k}" for k, node in enumerate(nodes) if (op := node.op.name)}
    of = {share.what: share for share in shares(profile)}
    assert of["tanh, add"].keys == (boxes["scan"],)
    assert of["tanh, add"].runs == 9
    assert of["sin"].keys == of["cos"].keys == (boxes["ifelse"],)
    assert (of["sin"].runs, of["cos"].runs) == (3, 0)


def test_colours_get_darker_and_text_stays_readable() -> None:
    white, light = [255.0] * 3, [channels(fill) for fill in COLOURS]
    steps = [contrast(fill, white) for fill in light]
    assert steps == sorted(steps)
    assert len(set(steps)) == len(COLOURS) == len(THRESHOLDS)
    for fill in light:
        assert contrast(channels(INK), fill) >= 4.5
        assert contrast(channels(MUTED), fill) >= 4.5


def channels(text: str) -> list[float]:
    return [float(int(text[k : k + 2], 16)) for k in (1, 3, 5)]


def test_colours_follow_thresholds() -> None:
    assert [colour(part) for part in THRESHOLDS] == list(COLOURS)
    assert [colour(part - 1e-9) for part in THRESHOLDS[1:]] == list(COLOURS[:-1])


@pytest.mark.parametrize("number", [1, 3, 7, 60, 400])
def test_printed_shares_add_up(number: int) -> None:
    parts = np.random.default_rng(number).dirichlet([0.3] * number)
    printed = [float(text.removesuffix(" %")) for text in percents(list(parts))]
    assert sum(printed) == pytest.approx(100)
    assert max(abs(p - 100 * q) for p, q in zip(printed, parts, strict=True)) <= 0.1 + 1e-9


# The page ----------------------------------------------------------------------------------------


def readable(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "|", re.sub(r"<script>.*?</script>", "", html, flags=re.S)))


def test_the_display_of_a_profile(profile: Profile) -> None:
    bundle = profile._repr_mimebundle_()
    assert bundle == {"text/html": heat_html(profile), "text/plain": str(profile)}
    assert bundle["text/html"].startswith('<div class="kg" data-kg="profile"')
    text = readable(bundle["text/html"])
    for words in ("compiling, once", "3 calls", "rewriting, rule by rule", "nap"):
        assert words in text, words
    for stage in profile.stages:
        assert f"|{stage}|" in text
    assert 'alt="colours by share of time: 0% – 1%; 1% – 5%' in bundle["text/html"]
    assert "could not draw" not in text


def test_printed_shares_of_kernels_add_up(profile: Profile) -> None:
    table = heat_html(profile).split('data-sortable="kernels"')[1].split("</table>")[0]
    printed = re.findall(r">(\d+\.\d) %<", table)
    assert sum(map(float, printed)) == pytest.approx(100, abs=1)
    assert float(printed[0]) > 90


def test_one_regex_sets_all_times_aside() -> None:
    pages: list[str] = []
    for _ in range(2):
        f = profiled()
        f(np.arange(5.0))
        assert f.profile is not None
        pages.append(heat_html(f.profile))
    assert pages[0] != pages[1]
    one = SANITISE["measured"]
    kept = [re.sub(one["regex"], one["replace"], page) for page in pages]
    assert not any(re.search(r"\d (ms|µs|s|%)[^ ]", page.replace("% and", "")) for page in kept)
    # Rows stand in the order of their times; as a set they are the same.
    rows = [sorted(re.findall("<tr>.*?</tr>", page)) for page in kept]
    assert rows[0] == rows[1]


def test_the_picture_prints_share_and_time_in_its_boxes(profile: Profile) -> None:
    data = re.findall(r'<img class="kg-time"[^>]*base64,([^"]+)"', heat_html(profile))
    picture = ElementTree.fromstring(base64.b64decode(data[0]))
    slow = next(
        box for box in picture.iter() if box.get("data-node") and "nap" in "".join(box.itertext())
    )
    texts = [span.text for span in slow.iter() if span.tag.endswith("tspan")]
    assert re.fullmatch(r"\d+\.\d %", str(texts[-2]))  # measured, so without ≈
    assert re.fullmatch(r"[\d.]+ ms", str(texts[-1]))
    shape = next(item for item in slow.iter() if item.get("fill") in COLOURS)
    assert shape.get("fill") == COLOURS[-1]


def test_kernels_of_several_nodes_are_named_in_their_boxes(profile: Profile) -> None:
    data = re.findall(r'<img class="kg-time"[^>]*base64,([^"]+)"', heat_html(profile))
    text = base64.b64decode(data[0]).decode()
    several = next(share for share in shares(profile) if len(share.keys) > 1)
    assert text.count(f"({several.name})") == len(several.keys)


def test_rules_are_told_slowest_first(profile: Profile) -> None:
    assert profile.compilation is not None
    uses = profile.compilation.rewriting.uses
    used = [rule for rule in uses if uses[rule].applied]
    slowest = max(used, key=lambda rule: uses[rule].seconds)
    table = heat_html(profile).split('data-sortable="rules"')[1].split("</table>")[0]
    rows = re.findall(r"<td[^>]*>([^<]+)</td>", table)
    assert rows[0] == slowest.name
    assert rows[-3] == f"{len(uses) - len(used)} rules that changed nothing"
    assert sum(map(int, rows[2::3])) == sum(use.applied for use in uses.values())


def test_a_function_that_was_not_called() -> None:
    text = readable(heat_html(profiled().profile or Profile("none")))
    assert "The function has not been called yet" in text
    assert "0 calls" in text
    assert readable(heat_html(Profile("empty")))


@pytest.mark.parametrize("target", ["python", "interpret"])
def test_other_targets_time_their_calls_only(target: str) -> None:
    f = profiled(target=target)
    f([1.0])
    assert f.profile is not None
    assert shares(f.profile) == []
    assert "Kernels are timed on target C only" in readable(heat_html(f.profile))


def test_a_kernel_at_two_places_is_counted_once(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = profile.kernels[0].nodes
    twice = [Timing("k", nodes, 2, 0.5), Timing("k", nodes, 3, 1.5), Timing("j", (), 1, 2.0)]
    monkeypatch.setattr(Profile, "kernels", twice)
    assert [(s.name, s.runs, s.part) for s in shares(profile)] == [("k", 5, 0.5), ("j", 1, 0.5)]


def test_hostile_names_are_text(hostile: str) -> None:
    x = T.dvector(hostile)
    f = kg.function([x], T.exp(x) * x, profile=True, name=hostile, target="interpret")
    assert f.profile is not None
    f([1.0])
    html = heat_html(f.profile)
    assert html.count("<script") == 1
    assert set(re.findall(r"<([a-z]+)", html)) <= {
        "div", "table", "thead", "tbody", "tr", "th", "td", "span", "p", "details", "summary",
        "script",
    }  # fmt: skip


# In a browser ------------------------------------------------------------------------------------


def test_headings_sort_the_rows(browser: Any, profile: Profile) -> None:  # noqa: F811
    page = opened(browser, heat_html(profile))
    table = page.locator("table[data-sortable=kernels]")
    column = "rows => rows.map(row => row.cells[%d].textContent)"
    rows = table.locator("tbody tr")
    runs = [int(text) for text in rows.evaluate_all(column % 4)]
    button = table.get_by_role("button", name="runs")
    button.focus()
    page.keyboard.press("Enter")
    assert [int(t) for t in rows.evaluate_all(column % 4)] == sorted(runs, reverse=True)
    head = table.get_by_role("columnheader", name="runs")
    assert head.get_attribute("aria-sort") == "descending"
    button.click()
    assert [int(t) for t in rows.evaluate_all(column % 4)] == sorted(runs)
    table.get_by_role("button", name="kernel").click()
    names = rows.evaluate_all(column % 0)
    assert names == sorted(names, key=str.lower, reverse=True)
    assert head.get_attribute("aria-sort") is None
    table.get_by_role("button", name="a call").click()
    assert rows.evaluate_all(column % 6)[0] == "nap"
    assert page.problems == [p for p in page.problems if p.startswith("data:")]
    page.context.close()


def test_the_script_is_small() -> None:
    script = script_text("html/sortable.js")
    assert len(script.encode()) < 4096
    assert not re.search(r"</|fetch|innerHTML|window\.", script)
