"""What the pictures of errors are painted with: texts, colours, and the document around them."""

from __future__ import annotations

from kernelgraph.viz.html.markup import NEWLINE, NOTHING, Markup, join, number, svg
from kernelgraph.viz.pictures.metrics import FONT_FAMILY, FONT_SIZE
from kernelgraph.viz.pictures.svg import GROUND, INK

FAULT = "#b3261e"
FILL, FAULT_FILL = "#cfe2f3", "#fde0dc"


def words(
    x: float, y: float, text: str, *, bold: bool = False, fill: str = INK, size: float = FONT_SIZE
) -> Markup:
    """A text that begins at `x`, around the height `y`."""
    weight = {"font-weight": "bold"} if bold else {}
    at = {"x": x, "y": y + size * 0.36, "fill": fill, "font-size": size}
    return svg("text", {**at, **weight}, text) if text else NOTHING


def document(
    title: str, description: str, size: tuple[float, float], parts: list[Markup]
) -> Markup:
    """A picture of this width and height on a ground of its own."""
    width, height = size
    ground = svg("rect", {"width": width, "height": height, "rx": 6, "fill": GROUND})
    return svg(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height, "role": "img"}
        | {"viewBox": f"0 0 {number(width)} {number(height)}"}
        | {"font-family": FONT_FAMILY, "font-size": FONT_SIZE},
        *(svg("title", None, title), svg("desc", None, description), ground, NEWLINE),
        *(join(parts, "\n"), NEWLINE),
    )
