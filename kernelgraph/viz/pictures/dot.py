"""A picture as text of the DOT language, for Graphviz and for programs that read its files.

Our own painter draws what a notebook shows; this is for files: `save(obj, "graph.dot")`, and the
detour over Graphviz for PNG and PDF.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernelgraph.viz.html import escape
from kernelgraph.viz.pictures.drawing import Box, Kind, Picture
from kernelgraph.viz.pictures.engines.graphviz import draw_with_graphviz
from kernelgraph.viz.pictures.svg import FILLS, GROUND, INK

_SHAPES: Mapping[Kind, str] = {
    "input": "ellipse",
    "shared": "cylinder",
    "constant": "plaintext",
    "output": "doubleoctagon",
    "view": "parallelogram",
    "reduction": "invtrapezium",
    "prefix": "trapezium",
    "contraction": "hexagon",
    "indexing": "note",
    "control": "box3d",
    "source": "invhouse",
    "opaque": "component",
}


def dot_text(picture: Picture) -> str:
    """The picture in the DOT language; names of users are quoted."""
    number = {box.key: index for index, box in enumerate(picture.boxes)}
    lines = [
        "digraph {",
        f"  graph [label={escape.dot(picture.title)} bgcolor={escape.dot(GROUND)}]",
        f'  node [fontname="Helvetica" fontsize=11 style="filled" color={escape.dot(INK)}]',
        '  edge [fontname="Helvetica" fontsize=9]',
        *(f"  n{number[box.key]} [{_attributes(box)}]" for box in picture.boxes),
    ]
    for edge in picture.edges:
        label = f" [label={escape.dot(edge.label)}]" if edge.label else ""
        lines.append(f"  n{number[edge.source]} -> n{number[edge.target]}{label}")
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(box: Box) -> str:
    shape = _SHAPES.get(box.kind, "box")
    style = ' style="filled,rounded"' if shape == "box" else ""
    return (
        f"label={escape.dot(chr(10).join(box.lines))} tooltip={escape.dot(box.hint)}"
        f" shape={shape}{style} fillcolor={escape.dot(FILLS[box.kind])}"
    )


def rendered(picture: Picture, format: str) -> bytes:
    """The picture as `png` or `pdf`, drawn by Graphviz: by pygraphviz, else by the program dot.

    Raises `LayoutError` if neither is there, or if they fail.
    """
    return draw_with_graphviz(dot_text(picture), format)
