"""Views of graphs that are too large for one picture: folded, searched, and gone through by hand.

A graph comes in; out goes the picture of its clusters, and a part in which a script opens clusters,
finds nodes, walks from node to node and unfolds a tree of any size, one level at a time. The part
is bounded: its data is some ten bytes for each node, and every look that boxes have is in it once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, svg_data, table
from kernelgraph.viz.html.live import data, script
from kernelgraph.viz.html.markup import Markup, html, join
from kernelgraph.viz.pictures.clusters import Folding, folded_picture
from kernelgraph.viz.pictures.drawing import box_size
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.picture import is_number, picture
from kernelgraph.viz.pictures.svg import paint, paint_box
from kernelgraph.viz.text.words import count, op_text, variable_text

MOST_SEARCHED = 30_000
"""Nodes whose data goes into a page."""

_LONGEST_LINE = 60
_MOST_LOOKS = 60_000  # characters of painted boxes; further ones are plain
_PLAIN, _NO_BOX = -1, -2
_SCROLLER = {
    "tabindex": 0,
    "role": "group",
    "aria-label": "the folded picture",
    "data-lm-suppress-shortcuts": "true",  # arrow keys scroll, and move to no other cell
}
_SCRIPTS = (
    "html/live.js",
    *(f"pictures/{n}.js" for n in ("zoom", "layers", "inside", "big_graphs")),
)
_SCROLLED = "overflow:auto;max-height:640px;margin:6px 0"
_STATIC_NOTE = (
    "Static view: run the cell, or trust the notebook, to open clusters and to search for nodes."
)

_MEANINGS = (
    (
        "box in a frame",
        "a cluster: some of the nodes, next to each other in the order of computing",
    ),
    ("lines", "where in your code its nodes were written"),
    ("number at an arrow", "how many different values run along it, where it is more than one"),
    (
        "cluster (live view)",
        "opens in a picture of its own, with a click, or with Enter; Escape goes back",
    ),
    ("3 found, ✓ (live view)", "nodes that you searched for are in that box, or it is one of them"),
    ("▶, thick outline (live view)", "the node that you have chosen is in that box, or it is that"),
    ("keys + − 0 (live view)", "make a picture that has the focus larger, smaller, its true size"),
)


def folded_figure(graph: Graph, remark: str, engine: str | None = None) -> Markup:
    """The clusters of a graph as a picture, below a remark that says why it is folded."""
    folding = Folding(graph)
    drawn = layout(folded_picture(folding), engine)
    image = html(
        "img",
        {
            "alt": drawn.picture.description,
            "data-role": "folded",
            "width": drawn.width,
            "style": "max-width:none" if drawn.width > 1200 else "max-width:100%",
            "src": svg_data(paint(drawn)),
        },
    )
    largest = max(folding.clusters, key=lambda cluster: cluster.size).number
    said = f"kg.show(…).inside({largest}) draws what is in a cluster, in a cell of its own."
    return join(
        [
            html("p", None, f"{remark}. {said}"),
            html("div", {**_SCROLLER, "style": _SCROLLED}, image),
            fold("what am I looking at?", table(("sign", "meaning"), _MEANINGS)),
        ]
    )


def finder(graph: Graph) -> Markup:
    """The part in which a script searches; a sentence where there are too many nodes for that."""
    size = len(graph.apply_nodes())
    if size > MOST_SEARCHED:
        said = f"{count(size, 'node')} are too many to search in a page"
        return html("p", None, f"{said} (at most {MOST_SEARCHED}); kg.debugprint prints them.")
    note = html("p", {"data-still": "yes"}, _STATIC_NOTE)
    parts = [note, data(finder_data(Folding(graph))), finder_script()]
    return html("div", {"data-role": "finder"}, *parts)


def finder_script() -> Markup:
    """What opens clusters and finds nodes in a page."""
    return script(
        *_SCRIPTS, call="if (document.currentScript) finder(document.currentScript.parentNode);"
    )


def finder_data(folding: Folding) -> dict[str, Any]:
    """What a page needs to know of each node, every text written once.

    `op`, `line` and `look` are numbers in `ops`, `lines` and `looks`; a look is -1 where a plain
    box will do and -2 where a number has no box. `operands` has for each operand of a node how many
    nodes back it was made, or minus the number of a leaf, from 1, or 0 for a number. Leaves are
    the inputs, `ends` of them, and arrays. `names` are those of users.
    """
    ops: dict[str, int] = {}
    lines: dict[tuple[int, str], int] = {}
    graph, nodes, source = folding.graph, folding.nodes, folding.lines
    made = {out: k for k, node in enumerate(nodes) for out in node.outputs}
    leaves = {variable: k for k, variable in enumerate(graph.inputs)}
    for node in nodes:
        for variable in node.inputs:
            if isinstance(variable, Constant) and not is_number(variable):
                leaves.setdefault(variable, len(leaves))
    line_of = [
        lines.setdefault((source.number(n), _line_text(source.text(n))), len(lines)) for n in nodes
    ]
    texts = {op: op_text(op) for op in {node.op for node in nodes}}
    op_of = [ops.setdefault(texts[node.op], len(ops)) for node in nodes]
    looks, look_of = _looks(folding)
    return {
        "ops": list(ops),
        "op": op_of,
        "lines": [list(line) for line in lines],
        "line": line_of,
        "looks": looks,
        "look": look_of,
        "operands": [
            [_steps(k, variable, made, leaves) for variable in node.inputs]
            for k, node in enumerate(nodes)
        ],
        "inputs": [variable_text(variable) for variable in leaves],
        "ends": len(graph.inputs),
        "outputs": [made[v] for v in graph.outputs if v in made],
        "names": {
            str(k): variable_text(node.outputs[0])
            for k, node in enumerate(nodes)
            if node.outputs[0].name is not None
        },
        "clusters": [[each.first, each.end] for each in folding.clusters],
    }


def _looks(folding: Folding) -> tuple[list[list[Any]], list[int]]:
    """What boxes look like: kind, width, height, an SVG document, and whether it matters which
    operand is which; and which look each node has.
    """
    whole = picture(folding.graph, limit=len(folding.nodes))
    boxes = {box.key: box for box in whole.boxes}
    ordered = {edge.target for edge in whole.edges if edge.label}
    looks: dict[tuple[Any, ...], int] = {}
    painted: list[list[Any]] = []
    look_of = [_NO_BOX] * len(folding.nodes)
    room = _MOST_LOOKS
    for number in folding.drawn:
        box = boxes.get(f"n{number}")
        look_of[number] = _PLAIN
        if box is None:
            continue
        key = box.lines, box.kind, box.hint.partition(": ")[2], box.key in ordered
        if key not in looks and room > 0:
            looks[key] = len(painted)
            size = [round(length, 1) for length in box_size(box)]
            drawing = paint_box(replace(box, hint=key[2]))
            painted.append([box.kind, *size, drawing, int(key[3])])
            room -= len(painted[-1][3])
        look_of[number] = looks.get(key, _PLAIN)
    return painted, look_of


def _line_text(text: str) -> str:
    shown = escape.one_line(text[: _LONGEST_LINE + 1])
    return shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}…"


def _steps(
    number: int, variable: Variable, made: dict[Variable, int], leaves: dict[Variable, int]
) -> int:
    if variable in leaves:
        return -1 - leaves[variable]
    return number - made[variable] if variable in made else 0
