"""Views of graphs that are too large for one picture: folded, searched, and gone through by hand.

A graph comes in; out goes the picture of its clusters, and a part in which a script finds nodes,
walks from node to node and unfolds a tree of any size, one level at a time. The part is bounded:
its data is some ten bytes for each node.
"""

from __future__ import annotations

import base64
from typing import Any

from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, table
from kernelgraph.viz.html.live import data, script
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.pictures.clusters import Folding, folded_picture
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.svg import paint
from kernelgraph.viz.text.words import count, op_text, variable_text

MOST_SEARCHED = 12_000
"""Nodes whose data goes into a page."""

_LONGEST_LINE = 60
_ARROWS = {"data-lm-suppress-shortcuts": "true"}  # they scroll, and move to no other cell
_SCROLLED = "overflow:auto;max-height:640px;margin:6px 0"
_STATIC_NOTE = "Static view: run the cell, or trust the notebook, to search among the nodes."

_MEANINGS = (
    (
        "box in a frame",
        "a cluster: some of the nodes, next to each other in the order of computing",
    ),
    ("lines", "where in your code its nodes were written"),
    ("number at an arrow", "how many different values run along it, where it is more than one"),
)


def folded_figure(graph: Graph, remark: str, engine: str | None = None) -> Markup:
    """The clusters of a graph as a picture, below a remark that says why it is folded."""
    folding = Folding(graph)
    drawn = layout(folded_picture(folding), engine)
    encoded = base64.b64encode(paint(drawn).encode()).decode("ascii")
    image = html(
        "img",
        {
            "alt": drawn.picture.description,
            "data-role": "folded",
            "width": drawn.width,
            "style": "max-width:none" if drawn.width > 1200 else "max-width:100%",
            "src": f"data:image/svg+xml;base64,{encoded}",
        },
    )
    said = f"kg.show(…).inside({_largest(folding)}) draws what is in a cluster."
    return join(
        [
            html("p", None, f"{remark}. {said}"),
            html("div", {"tabindex": 0, **_ARROWS, "style": _SCROLLED}, image),
            fold("what am I looking at?", table(("sign", "meaning"), _MEANINGS)),
        ]
    )


def _largest(folding: Folding) -> int:
    return max(folding.clusters, key=lambda cluster: cluster.size).number


def finder(graph: Graph) -> Markup:
    """The part in which a script searches; a sentence where there are too many nodes for that."""
    size = len(graph.apply_nodes())
    if size > MOST_SEARCHED:
        said = f"{count(size, 'node')} are too many to search in a page"
        return html("p", None, f"{said} (at most {MOST_SEARCHED}); kg.debugprint prints them.")
    call = "if (document.currentScript) finder(document.currentScript.parentNode);"
    note = html("p", {"data-still": "yes"}, _STATIC_NOTE)
    parts = [
        note,
        data(finder_data(Folding(graph))),
        script("html/live.js", "pictures/big_graphs.js", call=call),
    ]
    return html("div", {"data-role": "finder"}, *parts)


def finder_data(folding: Folding) -> dict[str, Any]:
    """What a page needs to know of each node, every text written once.

    `op` and `line` are numbers in `ops` and `lines`; `operands` has for each node how many nodes
    back an operand was made, or minus the number of an input, from 1. `names` are those of users.
    """
    ops: dict[str, int] = {}
    lines: dict[tuple[int, str], int] = {}
    graph, nodes, source = folding.graph, folding.nodes, folding.lines
    inputs = {variable: k for k, variable in enumerate(graph.inputs)}
    made = {out: k for k, node in enumerate(nodes) for out in node.outputs}
    line_of = [
        lines.setdefault((source.number(n), _line_text(source.text(n))), len(lines)) for n in nodes
    ]
    texts = {op: op_text(op) for op in {node.op for node in nodes}}
    op_of = [ops.setdefault(texts[node.op], len(ops)) for node in nodes]
    return {
        "ops": list(ops),
        "op": op_of,
        "lines": [list(line) for line in lines],
        "line": line_of,
        "operands": [_operands(k, node, made, inputs) for k, node in enumerate(nodes)],
        "inputs": [variable_text(variable) for variable in graph.inputs],
        "outputs": [made[v] for v in graph.outputs if v in made],
        "names": {
            str(k): variable_text(node.outputs[0])
            for k, node in enumerate(nodes)
            if node.outputs[0].name is not None
        },
        "clusters": [[each.first, each.end] for each in folding.clusters],
    }


def _line_text(text: str) -> str:
    shown = escape.one_line(text[: _LONGEST_LINE + 1])
    return shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}…"


def _operands(
    number: int, node: Apply, made: dict[Variable, int], inputs: dict[Variable, int]
) -> list[int]:
    found: list[int] = []
    for variable in node.inputs:
        if variable in inputs:
            found.append(-1 - inputs[variable])
        elif variable in made:
            found.append(number - made[variable])
    return found
