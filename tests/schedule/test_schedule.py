"""The finished schedule: graphs inside of steps are planned too, and all of it is printed."""

from __future__ import annotations

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.ops.control import ControlOp
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.schedule import HostStep


def looped() -> Graph:
    """A choice between a loop and a formula."""
    x, w = T.dvector("x"), T.dmatrix("w")
    states, _ = kg.scan(
        lambda h, w: T.tanh(T.dot(w, h)), outputs_info=x, non_sequences=w, n_steps=5
    )
    return Graph((x, w), (kg.ifelse(x[0] > 0, states[-1], T.exp(x) * 2),))


def test_the_graphs_of_choices_and_loops_are_planned() -> None:
    schedules = list(plan(looped()).nested())
    ops = [
        [str(n.op) for n in s.graph.apply_nodes() if isinstance(n.op, ControlOp)] for s in schedules
    ]
    assert [len(schedule.steps) > 0 for schedule in schedules] == [True] * 4
    assert ops == [["ifelse"], ["scan"], [], []]
    (choice,) = (s for s in schedules[0].steps if isinstance(s, HostStep) and s.inner)
    assert [inner.graph for inner in choice.inner] == [schedules[1].graph, schedules[3].graph]


def test_what_is_inside_is_printed_below_its_step() -> None:
    text = str(plan(looped()))
    assert text.index("host ifelse") < text.index("graph 0 of (x, w)") < text.index("host scan")
    assert text.index("host scan") < text.index("tanh(") < text.index("graph 1 of (x, w)")
    (inside,) = (line for line in text.splitlines() if "tanh(" in line)
    assert inside.startswith(" " * 24), text


def test_decisions_about_what_is_inside_name_the_op_and_the_line() -> None:
    schedule = plan(looped())
    found = [str(d) for d in schedule.decisions if d.what.startswith("inside ifelse: inside scan")]
    assert any(
        "fused 2 nodes in one kernel" in text and "test_schedule.py" in text for text in found
    )
    outer = set(schedule.graph.apply_nodes())
    assert all(outer.issuperset(decision.nodes) for decision in schedule.decisions)


def test_a_program_is_lowered_twice_from_one_schedule() -> None:
    """Views do: names are given anew, to the same nodes."""
    x, w = T.dvector("x"), T.dmatrix("w")
    states, _ = kg.scan(lambda h: T.tanh(T.dot(w, h)), outputs_info=x, n_steps=2)
    view = kg.function([x, w], states).source()
    kept = view.languages.keys
    for language in ("c", "python"):
        nodes = {n for group in view.languages.source(language).lines.values() for n in group}
        assert nodes <= kept.keys()
