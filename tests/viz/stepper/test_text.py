"""The stepper in a terminal."""

from __future__ import annotations

import re

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.ops.arithmetic import lt
from kernelgraph.viz.html.limits import PLAIN_LINES
from kernelgraph.viz.stepper.view import steps
from tests.viz.stepped import chain, example, stopped


def test_the_example_as_text() -> None:
    lines = str(example().steps()).splitlines()
    assert lines[:9] == [
        "f: 3 steps from 6 nodes to 1",
        "  = log1p(i * 0 + x.T.T)",
        "step 1 of 3: integer_times_zero, 6 to 5 nodes",
        "    An integer times 0 is 0; a float may be NaN or infinite, and then it is not.",
        "  - i * 0",
        "  + 0",
        lines[6],
        lines[7],
        "    ✓ same values, max diff 0",
    ]
    assert lines[6].startswith("    rule: kernelgraph/rewrite/rules/products.py:")
    assert lines[7].startswith("    your line: tests/viz/stepped.py, line ")
    assert "T.log1p(i * 0 + x.T.T)" in lines[7]
    assert re.match(r"hid \d\d passes: 1 step without", lines[-1])


def test_the_formula_after_the_last_step_is_told() -> None:
    assert "  = log1p(x)" in str(example().steps()).splitlines()


def test_one_rule_alone() -> None:
    text = str(example().steps(rule="shuffle_once"))
    assert "step 1 of 1: shuffle_once, 5 to 3 nodes" in text
    assert "plus_computed_zero" not in text


def test_times_are_told_only_when_asked_for() -> None:
    view = example()
    assert "µs" not in str(view.steps())
    assert str(view.steps(times=True)).count(" µs") == 3


def test_a_notebook_saves_a_hundred_lines_at_most() -> None:
    view = steps(chain(60))
    lines = view._repr_mimebundle_()["text/plain"].splitlines()
    assert len(lines) == PLAIN_LINES + 1
    assert lines[-1].startswith("… ")
    assert len(str(view).splitlines()) > 100


def test_rules_that_were_stopped_are_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rewriting = stopped(monkeypatch)
    second = str(steps(rewriting)).splitlines()[1]
    assert second.startswith("stopped: rule there was switched off, because it made ")


def test_steps_inside_choices_are_told() -> None:
    x = T.dvector("x")
    chosen = kg.ifelse(lt(T.sum(x), 0), x * 1 * 1, T.exp(x))
    text = str(steps(Graph((x,), (chosen,))))
    assert "inside " in text
    assert "times_one: x * 1 -> x" in text


def test_a_graph_without_steps() -> None:
    x = T.dvector("x")
    assert str(steps(T.exp(x))).startswith("the expression: no step changes anything: 1 node")
