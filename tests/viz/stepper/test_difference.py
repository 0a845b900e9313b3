from __future__ import annotations

import re

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.difference import Difference, difference
from kernelgraph.viz.display import mimebundle
from kernelgraph.viz.pictures.picture import MOST_NODES
from tests.viz.test_hostile_text import Elements


def of_a_step() -> Difference:
    x = T.dvector("x")
    f = kg.function([x], T.log(1 + T.exp(x)) * 1)
    (step,) = f.stages.rewriting.filtered("log_one_plus_exp")
    return f.stages.rewriting.difference(step.number)


def test_a_notebook_shows_both_graphs_with_marks() -> None:
    shown = mimebundle(of_a_step())
    assert shown["text/plain"].splitlines()[-2:] == ["+ softplus(x)", "  and 0 nodes as before"]
    descriptions = re.findall(r'alt="([^"]*)"', shown["text/html"])
    assert [text.split(",")[0] for text in descriptions] == [
        "graph of f: 3 nodes",
        "graph of f: 1 node",
    ]
    assert "what am I looking at?" in shown["text/html"]
    assert mimebundle(of_a_step()) == shown


def test_it_is_latex_too() -> None:
    rows = of_a_step().latex()
    assert rows.startswith(r"\begin{aligned} -\; & e^{x} \\ -\; & ")
    assert rows.endswith(r"+\; & \operatorname{softplus}\left(x\right) \end{aligned}")
    assert rows._repr_latex_() == rf"$\displaystyle {rows}$"  # type: ignore[attr-defined]


def test_no_difference_and_very_much_of_it() -> None:
    x = T.dvector("x")
    same = difference(kg.Graph((x,), (T.exp(x),)), kg.Graph((x,), (T.exp(x),)))
    assert r"\text{the same}" in same.latex()
    long = x
    for _ in range(MOST_NODES + 1):
        long = T.sin(long)
    most = difference(kg.Graph((x,), (x,)), kg.Graph((x,), (long,)))
    assert "nodes are too many to read in one picture" in mimebundle(most)["text/html"]
    assert rf"\text{{and {MOST_NODES - 11} more nodes}}" in most.latex()
    assert mimebundle(most)["text/plain"].endswith("more lines")


def test_names_are_text(hostile: str) -> None:
    x = T.dvector(hostile)
    named = difference(kg.Graph((x,), (T.log(x),)), kg.Graph((x,), (T.exp(x),)))
    Elements(mimebundle(named)["text/html"]).check(scripts=0)
    assert "$" not in named.latex().replace(r"\$", "")
