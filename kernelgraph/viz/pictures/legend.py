"""What the outlines of a picture mean, in words."""

from __future__ import annotations

from collections.abc import Mapping

from kernelgraph.viz.html.fragments import table
from kernelgraph.viz.html.markup import Markup
from kernelgraph.viz.pictures.drawing import Kind, Picture

MEANINGS: Mapping[Kind, tuple[str, str]] = {
    "input": ("round at both sides, green", "an input: the function is called with its value"),
    "shared": ("drum, orange", "a shared variable: it keeps its value between calls"),
    "constant": ("no outline", "a constant array"),
    "output": ("double outline, blue", "an output, or the new value of a shared variable"),
    "elementwise": ("rounded box, white", "one formula for each element"),
    "view": ("parallelogram, grey", "another way to look at the same numbers"),
    "reduction": ("narrow at the bottom, violet", "many numbers folded into few"),
    "prefix": ("leaning, violet", "what has been folded so far, for each element"),
    "contraction": ("hexagon, red", "sums of products, such as a matrix product"),
    "indexing": ("box with a cut corner, blue-grey", "a part of an array"),
    "control": ("box in a frame, yellow", "a choice or a loop, with graphs inside"),
    "source": ("box with a tip, pale green", "a value made from sizes alone"),
    "opaque": ("box with side bars, grey", "a call of a library or of a Python function"),
}


def legend(picture: Picture) -> Markup:
    """A table of the outlines that occur in a picture."""
    present = {box.kind for box in picture.boxes}
    rows = [words for kind, words in MEANINGS.items() if kind in present]
    edges = (
        "arrow",
        "a value, from where it is made to where it is used; 1, 2 say as which operand",
    )
    return table(("outline", "what it stands for"), [*rows, edges])
