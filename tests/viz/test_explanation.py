"""`kg.explain`: every stage of a function in one view."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.errors import ArgumentError
from kernelgraph.viz.explanation import PARTS, parse_parts
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.limits import PLAIN_LINES
from kernelgraph.viz.html.scripts import without_scripts
from tests.viz.test_hostile_text import PLACES, Elements, named


def softplus(target: str = "python") -> Any:
    x, w = T.dvector("x"), T.dvector("w")
    cost = T.log(1 + T.exp(x * 1 * w)).sum()
    cost.name = "cost"
    return kg.function([x, w], cost, target=target)


def test_all_stages_are_there_in_their_order() -> None:
    view = kg.explain(softplus())
    titles = [
        "1. graph: the expression as written: 8 nodes",
        "2. tree: the same expression, as a tree",
        "3. gradient: of cost by x, w: 16 nodes",
        "4. steps: how it was rewritten: 3 steps from 8 nodes to 3",
        "5. plan: what runs in which order: 1 step",
        "6. source: what became of it in Python: 19 lines",
    ]
    text, html = str(view), view.html
    places = [text.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    places = [html.index(f"<summary><b>{title}</b></summary>") for title in titles]
    assert places == sorted(places)
    assert text.startswith("f(x: float64[?], w: float64[?]) → cost: float64\n")
    for words in ("softplus does not overflow", "dcost/dw", "in one pass", "def kernel_0"):
        assert words in text
        assert words in html
    assert "could not draw" not in text + html


def test_only_the_first_section_begins_open_unless_parts_are_asked_for() -> None:
    f = softplus()
    assert opened(kg.explain(f).html) == ["graph"]
    asked = kg.explain(f, "gradient,plan").html
    assert opened(asked) == ["gradient", "plan"]
    assert "source:" not in asked


def opened(html: str) -> list[str]:
    """The parts that begin open."""
    return re.findall(r'<details data-part="(\w+)" style="[^"]*" open="open">', html)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (None, tuple(PARTS)),
        ("all", tuple(PARTS)),
        ("source, Graph", ("graph", "source")),
        (["steps"], ("steps",)),
        ("", ()),
    ],
)
def test_parts(parts: Any, found: tuple[str, ...]) -> None:
    assert parse_parts(parts) == found


def test_an_unknown_part() -> None:
    with pytest.raises(ArgumentError, match=r"'grph'.*did you mean graph\?"):
        kg.explain(softplus(), "grph")


@pytest.mark.parametrize("make", [lambda f: f, lambda f: f.stages, lambda f: f.graph.outputs[0]])
def test_functions_stages_and_expressions(make: Any) -> None:
    text = str(kg.explain(make(softplus())))
    for number, part in enumerate(PARTS, start=1):
        assert f"\n{number}. {part}: " in text
    assert "could not draw" not in text


def test_what_has_no_graph() -> None:
    with pytest.raises(TypeError, match="expected variables, a graph or a compiled function"):
        kg.explain(3)


def test_a_function_without_a_cost_has_no_gradient() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    for f in (kg.function([x], x * 2, target="interpret"), kg.function([n], n * 2, target="c")):
        text = str(kg.explain(f, "gradient"))
        assert "1. gradient: none, because no output is a single number with a derivative" in text


def test_updates_are_no_costs() -> None:
    x, w = T.dvector("x"), kg.shared(1.0, name="w")
    f = kg.function([x], x * w, updates=[(w, w * 2)], target="interpret")
    assert kg.explain(f).gradient is None


def test_a_gradient_that_cannot_be_taken_says_so_in_its_place() -> None:
    @kg.as_op(T.dvector, T.dscalar)
    def total(value: Any) -> Any:
        return np.sum(value)

    f = kg.function([x := T.dvector("x")], total(x), target="interpret")
    text, html = str(kg.explain(f)), kg.explain(f).html
    assert "3. gradient: (could not draw: " in text
    assert "(could not draw: " in html
    assert "6. source: " in text


def test_an_interpreted_function_shows_its_steps_and_the_code_that_it_would_be() -> None:
    text = str(kg.explain(softplus("interpret")))
    assert "fused" not in text.partition("4. steps")[2].partition("5. plan")[0]
    assert "6. source: what became of it in C" in text


def test_nothing_is_compiled_for_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise AssertionError("compiled")

    monkeypatch.setattr(CTarget, "build", fail)
    view = kg.explain(T.exp(T.dvector("x")).sum())
    assert "could not draw" not in view.html + str(view)


def test_the_display_is_short_and_the_text_is_whole() -> None:
    y = T.dvector("x")
    for _ in range(120):
        y = T.tanh(y) + 1
    view = kg.explain(y.sum())
    assert len(repr(view).splitlines()) == PLAIN_LINES + 1
    assert "more lines; print(…) writes them all" in repr(view)
    assert len(str(view).splitlines()) > 3 * PLAIN_LINES


def test_static_is_the_same_without_what_runs() -> None:
    f = softplus()
    live, static = kg.explain(f).html, kg.explain(f, static=True).html
    assert live.count("<script>") == 2
    for gone in ("<script", "<style", "Static view"):
        assert gone not in static
    assert static.count("<details") == live.count("<details")


def test_it_is_saved_as_a_page_and_as_text(tmp_path: Path) -> None:
    view = kg.explain(softplus())
    view.save(tmp_path / "f.html")
    view.save(tmp_path / "f.txt")
    assert (tmp_path / "f.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "f.txt").read_text(encoding="utf-8") == f"{view}\n"
    with pytest.raises(ValueError, match=r"must end in \.html or \.txt"):
        view.save(tmp_path / "f.png")


SAME = """
import hashlib
import kernelgraph as kg
import kernelgraph.tensor as T
x = T.dvector("x")
f = kg.function([x], T.log(1 + T.exp(x * 1)).sum(), target="python")
bundle = kg.explain(f)._repr_mimebundle_()
print(hashlib.sha256(repr(sorted(bundle.items())).encode()).hexdigest())
"""


def test_two_processes_show_the_same_bytes(tmp_path: Path) -> None:
    script = tmp_path / "same.py"
    script.write_text(SAME)
    folder = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, script],
            env={"PYTHONPATH": str(folder), "PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert digests.pop().strip()


# Hostile text ------------------------------------------------------------------------------------


def test_h84_names(hostile: str) -> None:
    _, graph, f = named(hostile)
    for subject in (graph, f):
        bundle = kg.explain(subject)._repr_mimebundle_()
        Elements(bundle["text/html"]).check(2)
        assert "\x00" not in bundle["text/plain"]
        Elements(kg.explain(subject, static=True).html).check(0)


def test_h84_a_megabyte_of_name() -> None:
    _, _, f = named("a" * 1_000_000)
    bundle = kg.explain(f)._repr_mimebundle_()
    assert len(bundle["text/html"]) < 600_000
    assert len(bundle["text/plain"]) < 60_000


@pytest.mark.parametrize("place", PLACES)
def test_h86_a_path_is_no_graph_and_a_name_like_any(place: str) -> None:
    with pytest.raises(TypeError, match="expected variables, a graph or a compiled function"):
        kg.explain(place)
    _, _, f = named(place)
    view = kg.explain(f)
    Elements(view.html).check(2)
    assert place in str(view)


def test_h87_an_untrusted_notebook_shows_every_stage() -> None:
    _, _, f = named("x")
    static = kg.explain(f, static=True).html
    for words in ("1. graph", "6. source", "def kernel_0", "__global__", "exp"):
        assert words in static


def _neuron() -> Any:
    x, w, b, y = T.dvector("x"), T.dvector("w"), T.dscalar("b"), T.dscalar("y")
    p = T.sigmoid(x.dot(w) + b)
    cost = -(y * T.log(p) + (1 - y) * T.log(1 - p)) + 0.01 * (w**2).sum()
    return kg.function([x, w, b, y], cost)


def _training() -> Any:
    x, y, w = T.dmatrix("X"), T.dvector("y"), kg.shared(np.zeros(3), "w")
    cost = ((T.tanh(x.dot(w)) - y) ** 2).mean()
    return kg.function([x, y], cost, updates=[(w, w - 0.1 * T.grad(cost, w))])


def _softmax() -> Any:
    x, w = T.dmatrix("X"), T.dmatrix("W")
    scores = x.dot(w)
    e = T.exp(scores - scores.max(axis=1, keepdims=True))
    return kg.function([x, w], T.log(e / e.sum(axis=1, keepdims=True)).mean())


@pytest.mark.parametrize("make", [_neuron, _training, _softmax])
def test_a_function_of_fifteen_nodes_and_more_fits_into_a_saved_output(
    make: Callable[[], Any],
) -> None:
    f = make()
    assert len(f.graph.apply_nodes()) >= 15
    view = kg.explain(f)
    bundle = view._repr_mimebundle_()
    print(f"{len(f.graph.apply_nodes())} nodes: {len(bundle['text/html']) / 1000:.0f} kB")
    assert len(bundle["text/html"]) < 300_000
    html = bundle["text/html"]
    assert re.findall(r'data-part="(\w+)"', html) == list(PARTS)
    frames = view.stepper.history.entries
    assert len(re.findall("data-frame=", html)) == len(frames), "no step has been left out"
    static = without_scripts(html)
    ends = [frames[0].picture.description, frames[-1].picture.description]
    assert all(f'alt="{escape.xml(said)}' in static for said in ends)
