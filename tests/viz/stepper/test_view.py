"""The stepper's HTML: what it says without a script, and what it hands to the script."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rule import Rule
from kernelgraph.types import TensorType
from kernelgraph.viz.html.scripts import script_text
from kernelgraph.viz.stepper.page import MOST_PICTURE_BYTES
from kernelgraph.viz.stepper.view import steps
from tests.viz.stepped import chain, example, stopped, training

SVG = "{http://www.w3.org/2000/svg}"


class Outline(HTMLParser):
    """Elements with their attributes, and the texts that a reader without scripts sees."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.summaries: list[str] = []
        self.script = ""
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "summary":
            self.summaries.append("")
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.script += data
            return
        self.text += data
        if "summary" in self.open:
            self.summaries[-1] += data

    def found(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def outline() -> Outline:
    return Outline(example().steps().html)


def test_the_root_tells_how_many_steps_there_are(outline: Outline) -> None:
    assert outline.elements[0] == (
        "div",
        {
            "class": "kg",
            "data-kg": "stepper",
            "data-steps": "3",
            "data-step": "0",
            "data-lm-suppress-shortcuts": "true",
        },
    )


def test_each_frame_is_a_section_and_the_first_and_the_last_are_open(outline: Outline) -> None:
    assert outline.summaries[:4] == [
        "step 0 of 3: as written, 6 nodes",
        "step 1 of 3: integer_times_zero, 6 to 5 nodes",
        "step 2 of 3: shuffle_once, 5 to 3 nodes",
        "step 3 of 3: plus_computed_zero, 3 to 1 node",
    ]
    sections = [a for a in outline.found("details") if "data-frame" in a]
    assert ["open" in section for section in sections] == [True, False, False, True, False]
    assert [section["data-frame"] for section in sections] == ["0", "1", "2", "3", "4"]


def test_a_frame_says_all_that_there_is_to_say(outline: Outline) -> None:
    for text in (
        "Reordering dimensions twice is reordering them once, or not at all.",
        "- x.T.T",
        "+ x",
        "log1p(0 + x)",
        "kernelgraph/rewrite/rules/views.py:",
        "tests/viz/stepped.py, line ",
        "✓ same values, max diff 0",
        " passes: 1 step without a visible change, ",
        "Static view: re-run or trust the notebook for the interactive one.",
        "dashed red",
        "solid green",
    ):
        assert text in outline.text, text


def test_each_frame_has_pictures_before_and_after(outline: Outline) -> None:
    images = outline.found("img")
    assert len(images) == 1 + 3 * 2
    for image in images:
        source = str(image["src"])
        assert source.startswith("data:image/svg+xml;base64,")
        ElementTree.fromstring(base64.b64decode(source.partition(",")[2]))
    assert str(images[-1]["alt"]) == ("graph of f: 1 node, inputs i, x, output output: log1p(x)")


def marks_in(image: dict[str, str | None]) -> dict[str, str]:
    document = ElementTree.fromstring(base64.b64decode(str(image["src"]).partition(",")[2]))
    boxes = [group for group in document.iter(f"{SVG}g") if "data-mark" in group.attrib]
    return {box.attrib["data-node"]: box.attrib["data-mark"] for box in boxes}


def test_what_changed_is_marked_in_the_pictures(outline: Outline) -> None:
    images = outline.found("img")
    assert marks_in(images[3]) == {"n2": "removed", "n3": "removed", "n4": "changed"}
    assert marks_in(images[4]) == {"n4": "changed"}


def test_there_is_nothing_that_a_page_could_trip_over(outline: Outline) -> None:
    for tag, attributes in outline.elements:
        assert "id" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag not in {"svg", "style", "link", "iframe", "input", "button"}
    assert len(outline.found("script")) == 1
    assert outline.elements[-1][0] == "script"


def test_without_the_script_it_survives_in_an_untrusted_notebook(outline: Outline) -> None:
    kept = {"div", "p", "b", "span", "code", "pre", "img", "details", "summary"}
    kept |= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in outline.elements[:-1]} <= kept


@pytest.mark.parametrize("name", ["stepper/stepper.js", "stepper/pictures.js"])
def test_the_scripts_are_small_and_ask_for_nothing(name: str) -> None:
    code = script_text(name)
    assert len(code.encode()) <= 10_000
    for word in ("http:", "https:", "fetch", "import", "require", "window.", "getElementById"):
        assert word not in code.replace("http://www.w3.org/2000/svg", "")


def handed_over(outline: Outline) -> Any:
    """The data behind the code of the script."""
    return json.loads(outline.script.rpartition("(document.currentScript.parentNode, ")[2][:-1])


def test_the_script_gets_every_box_once(outline: Outline) -> None:
    (chapter,) = handed_over(outline)["chapters"]
    document = ElementTree.fromstring(chapter["svg"])
    keys = [g.attrib["data-node"] for g in document.iter(f"{SVG}g") if "data-node" in g.attrib]
    assert len(keys) == len(chapter["at"])
    assert len(chapter["frames"]) == 5
    boxes = {k for frame in chapter["frames"] for k in frame[0]}
    assert boxes == set(range(len(keys)))


def test_the_script_replays_what_the_pictures_show() -> None:
    view = training().steps()
    found = handed_over(Outline(view.html))
    entries = view.history.entries
    for chapter in found["chapters"]:
        keys = re.findall(r'data-node="([^"]+)"', chapter["svg"])
        shown: set[int] = set()
        for k, (on, off, *_, before, after) in enumerate(chapter["frames"]):
            entry = entries[chapter["first"] + k]
            shown = (shown - set(off)) | set(on)
            assert sorted(keys[b] for b in shown) == sorted(b.key for b in entry.picture.boxes)
            if k:
                changed = [key for key, mark in entry.marked.after.items() if mark == "changed"]
                assert {keys[b] for b in after} == set(changed)
                assert {keys[b] for b in before} <= set(entry.marked.before)


def test_one_rule_alone() -> None:
    outline = Outline(example().steps(rule="shuffle_once").html)
    assert outline.summaries[1] == "step 1 of 1: shuffle_once, 5 to 3 nodes"
    assert handed_over(outline)["filter"] == "shuffle_once"


def test_a_phase_is_as_good_as_a_rule() -> None:
    assert "step 3 of 3: plus_computed_zero" in example().steps(rule="simplify").html


def test_a_rule_that_made_no_step_is_refused() -> None:
    with pytest.raises(
        KeyError, match="no step is of 'nosuch': there are integer_times_zero, shuf"
    ):
        example().steps(rule="nosuch")


def test_times_are_in_elements_of_their_own_and_only_when_asked_for() -> None:
    f = example()
    assert "kg-time" not in f.steps().html
    found = [
        a for _, a in Outline(f.steps(times=True).html).elements if a.get("class") == "kg-time"
    ]
    assert len(found) == 3


def test_rules_that_were_stopped_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = Outline(steps(stopped(monkeypatch)).html).text
    assert "stopped: rule there was switched off, because it made 502 steps" in text
    assert re.search(r"step 19\d of (199|200): \d+ more steps", text)


def test_a_large_graph_is_told_without_pictures() -> None:
    outline = Outline(steps(chain(100)).html)
    assert outline.found("img") == []
    assert "300 nodes are too many to read in one picture (at most 150)" in outline.text
    assert "step 100 of 101: times_one, 101 to 100 nodes" in outline.text
    assert "chapters" not in handed_over(outline)


def test_many_steps_share_the_room_for_pictures() -> None:
    outline = Outline(training().steps().html)
    images = outline.found("img")
    assert 3 <= len(images) < 60
    size = sum(len(str(image["src"])) for image in images)
    largest = max(len(str(image["src"])) for image in images)
    assert size <= MOST_PICTURE_BYTES + 2 * largest
    assert "(the picture of this step needs the live view)" in outline.text


def test_the_whole_view_is_small_enough_for_a_notebook() -> None:
    view = steps(chain(60, width=30))
    assert len(view.steps) > 60
    assert len(view.html.encode()) < 2_000_000


def test_text_instead_of_pictures_where_the_engine_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = example().steps()
    monkeypatch.setenv("PATH", "/nowhere")
    with kg.config.change_flags(layout="dot"):
        outline = Outline(view.html)
    assert outline.found("img") == []
    assert "could not draw: this needs Graphviz" in outline.text
    assert "step 3 of 3" in outline.text


def named(name: str) -> Graph:
    x = Variable(TensorType("float64", (None,)), name)
    y = T.exp(x * 1)
    y.name = name
    return Graph((x,), (y,), name=name)


def test_a_hostile_name_is_text_and_nothing_else(hostile: str) -> None:
    outline = Outline(steps(named(hostile)).html)
    plain = Outline(steps(named("x")).html)

    def structure(parsed: Outline) -> list[str]:
        return [tag for tag, _ in parsed.elements if tag != "span"]

    assert structure(outline) == structure(plain)
    for image in outline.found("img"):
        ElementTree.fromstring(base64.b64decode(str(image["src"]).partition(",")[2]))
    for chapter in handed_over(outline)["chapters"]:
        ElementTree.fromstring(chapter["svg"])


def test_a_hostile_rule_is_text_and_nothing_else(hostile: str) -> None:
    def own(a: Any) -> Any:
        return T.sin(a), T.cos(a)

    own.__doc__ = hostile if hostile.strip() else "why"
    own.__name__ = hostile
    made: Rule = kg.rule(own)
    x = T.dvector("x")
    outline = Outline(steps(rewrite(Graph((x,), (T.sin(x),)), [made])).html)
    assert len(outline.found("script")) == 1
    assert not any(name.startswith("on") for _, a in outline.elements for name in a)
    assert any(summary.startswith("step 1 of 1: ") for summary in outline.summaries)


def test_a_display_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    view = example().steps()
    monkeypatch.setattr(type(view), "history", property(lambda self: 1 / 0))
    bundle = view._repr_mimebundle_()
    assert "could not draw: division by zero" in bundle["text/html"]
    assert "could not draw: division by zero" in bundle["text/plain"]


def test_it_is_saved_as_a_page_or_as_text(tmp_path: Path) -> None:
    view = example().steps()
    view.save(tmp_path / "steps.html")
    view.save(tmp_path / "steps.txt")
    page = (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert view.html in page
    assert (tmp_path / "steps.txt").read_text(encoding="utf-8") == f"{view}\n"
    with pytest.raises(ValueError, match=r"\.html or \.txt"):
        view.save(tmp_path / "steps.png")


def test_everything_that_has_a_graph_can_be_stepped_through() -> None:
    f = example()
    x = T.dvector("x")
    for obj in (f, f.stages, f.stages.rewriting, f.graph):
        assert len(kg.steps(obj).steps) == 3
    assert len(kg.steps(T.exp(x * 1)).steps) == 1
    assert kg.steps([T.exp(x * 1), x]).steps[0].rule == "times_one"
    with pytest.raises(TypeError, match="got int"):
        kg.steps(3)


def test_what_is_interpreted_has_no_plan() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.exp(x * 1) + x, target="interpret")
    assert [step.rule for step in f.steps().steps] == ["times_one"]


PROGRAM = """
import hashlib
from kernelgraph.viz.stepper.view import steps
from tests.viz.stepped import shrinking, training, turning
for view in (training().steps(), steps(turning()), steps(shrinking())):
    for text in view._repr_mimebundle_().values():
        print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_two_kernels_show_the_same_bytes() -> None:
    shown = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert shown[0] == shown[1]
    assert len(shown[0].splitlines()) == 6
