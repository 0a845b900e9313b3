"""The painter: a layout comes in, the text of an SVG picture goes out.

What a box stands for is told by its outline, what happened to it by a sign and a stroke, and never
by colour alone. The ground is opaque, so the picture reads the same on a light and on a dark page;
there are no ids, no styles and no scripts, so it may stand in a page any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kernelgraph.viz.html.fragments import table
from kernelgraph.viz.html.markup import NEWLINE, NOTHING, Attributes, Markup, join, number, svg
from kernelgraph.viz.pictures.drawing import (
    MARK_WIDTH,
    Box,
    Kind,
    Layout,
    Mark,
    Picture,
    PlacedBox,
    Point,
    Route,
    box_size,
)
from kernelgraph.viz.pictures.metrics import FONT_FAMILY, FONT_SIZE, LINE_HEIGHT

INK = "#1f2328"
MUTED = "#3d444d"  # second lines and labels
EDGE = "#57606a"
GROUND = "#f4f4f1"

FILLS: dict[Kind, str] = {
    "input": "#d9ead3",
    "shared": "#fbe5c8",
    "constant": "#f4f4f1",
    "output": "#cfe2f3",
    "elementwise": "#ffffff",
    "view": "#eeeeee",
    "reduction": "#ead9f0",
    "prefix": "#ead9f0",
    "contraction": "#fde0dc",
    "indexing": "#e3eef0",
    "control": "#fff4c2",
    "source": "#e6f0d8",
    "opaque": "#e0e0e0",
}
"""Light tints, on all of which `INK` and `MUTED` have a contrast of at least 4.5."""

STROKES: dict[Mark, Attributes] = {
    "": {},
    "added": {"stroke": "#1a7f37", "stroke-width": 2.5},
    "removed": {"stroke": "#b3261e", "stroke-width": 2, "stroke-dasharray": "5 3"},
    "changed": {"stroke": "#8a5a00", "stroke-width": 2.5, "stroke-dasharray": "9 2 2 2"},
}
SIGNS: dict[Mark, str] = {"": "", "added": "+", "removed": "−", "changed": "~"}

_LINES: Attributes = {"fill": "none", "stroke": EDGE, "stroke-width": "1.3"}
_HEADS: Attributes = {"fill": EDGE}
_LABELS: Attributes = {"fill": MUTED, "font-size": 10.5}
_BOXES: Attributes = {"stroke": INK, "stroke-width": 1.2}


def paint(layout: Layout) -> str:
    """The layout as a well-formed SVG document, the same bytes for the same layout."""
    edges = [_edge(route) for route in layout.routes]
    heads = [_arrow_head(route) for route in layout.routes]
    centres = _centres(layout)
    labels = [_label(route, centres) for route in layout.routes if route.edge.label]
    boxes = [_box(placed) for placed in layout.boxes]
    groups = ((_LINES, edges), (_HEADS, heads), (_LABELS, labels), (_BOXES, boxes))
    return document(layout, *(group(*each) for each in groups))


def paint_parts(layout: Layout) -> str:
    """The same document in two groups: an element for each edge, with its head and its label, and
    one for each box, in the order of the layout, for a script that shows some and hides others.
    """
    centres = _centres(layout)
    edges = [
        svg(
            "g",
            None,
            svg("g", _LINES, _edge(route)),
            svg("g", _HEADS, _arrow_head(route)),
            svg("g", _LABELS, _label(route, centres)) if route.edge.label else NOTHING,
        )
        for route in layout.routes
    ]
    boxes = [_box(placed) for placed in layout.boxes]
    return document(layout, group({}, edges), group(_BOXES, boxes))


def paint_box(box: Box) -> str:
    """One box alone, its middle at the origin, as a small document of its own."""
    placed = PlacedBox(box, 0.0, 0.0, *box_size(box))
    parts = svg("title", None, box.hint) if box.hint else NOTHING, outline(placed), _text(placed)
    return svg("svg", {"xmlns": "http://www.w3.org/2000/svg"}, *parts)


def _centres(layout: Layout) -> dict[str, float]:
    return {placed.box.key: placed.x for placed in layout.boxes}


def document(layout: Layout, *groups: Markup) -> str:
    """An SVG document of the size of a layout, with its title and its description."""
    size = {"width": layout.width, "height": layout.height}
    title = svg("title", None, layout.picture.title)
    description = svg("desc", None, layout.picture.description)
    return svg("svg", _root(size, FONT_SIZE), title, description, _ground(size), *groups) + "\n"


def chart(title: str, size: Point, parts: Iterable[Markup], font_size: float) -> str:
    """An SVG document of this size, each of its parts on a line."""
    box = {"width": size[0], "height": size[1]}
    lines = join([svg("title", None, title), _ground(box), *parts], "\n")
    return svg("svg", _root(box, font_size), NEWLINE, lines, NEWLINE) + "\n"


def _root(size: dict[str, float], font_size: float) -> Attributes:
    box = f"0 0 {number(size['width'])} {number(size['height'])}"
    found = {"xmlns": "http://www.w3.org/2000/svg", **size, "viewBox": box, "role": "img"}
    return found | {"font-family": FONT_FAMILY, "font-size": font_size}


def _ground(size: dict[str, float]) -> Markup:
    return svg("rect", {**size, "rx": 6, "fill": GROUND})


def group(attributes: Attributes, parts: list[Markup]) -> Markup:
    """Parts that share attributes, each on a line."""
    return svg("g", attributes, NEWLINE, join(parts, "\n"), NEWLINE) if parts else NOTHING


def pair(point: Point) -> str:
    """A point as paths have it."""
    return f"{number(point[0])},{number(point[1])}"


# Edges -------------------------------------------------------------------------------------------


def _edge(route: Route) -> Markup:
    start, *rest = route.points
    ends = f"{route.edge.source} {route.edge.target}"
    course = f"M{pair(start)}C{' '.join(map(pair, rest))}"
    return svg("path", {"data-edge": ends, "d": course})


def _arrow_head(route: Route) -> Markup:
    """A triangle whose tip is the end of the route, along the route's last direction."""
    (from_x, from_y), (x, y) = route.points[-2:]
    length = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5 or 1.0
    along_x, along_y = (x - from_x) / length, (y - from_y) / length
    back_x, back_y = x - 7 * along_x, y - 7 * along_y
    left = (back_x - 3.2 * along_y, back_y + 3.2 * along_x)
    right = (back_x + 3.2 * along_y, back_y - 3.2 * along_x)
    return _polygon([(x, y), left, right], {})


def _label(route: Route, centres: Mapping[str, float]) -> Markup:
    """The label beside the arrow head, on the side away from the other edges to the same box."""
    x, y = route.points[-1]
    left = x < centres[route.edge.target] - 1
    at = {"x": x - 5 if left else x + 5, "y": y - 4, "text-anchor": "end" if left else "start"}
    return svg("text", at, route.edge.label)


# Boxes -------------------------------------------------------------------------------------------


def _box(placed: PlacedBox) -> Markup:
    box = placed.box
    attributes = {"data-node": box.key, "data-kind": box.kind}
    if box.mark:
        attributes["data-mark"] = box.mark
    hint = svg("title", None, box.hint) if box.hint else NOTHING
    return svg("g", attributes, hint, outline(placed), _sign(placed), _text(placed))


def _text(placed: PlacedBox) -> Markup:
    lines = placed.box.lines
    x = placed.x + (MARK_WIDTH / 2 if placed.box.mark else 0)
    first = placed.y - LINE_HEIGHT * (len(lines) - 1) / 2 + FONT_SIZE * 0.36
    muted = {"fill": MUTED, "font-size": 11.5}
    spans = [
        svg("tspan", {"x": x, "y": first + LINE_HEIGHT * index} | (muted if index else {}), line)
        for index, line in enumerate(lines)
    ]
    return svg("text", {"text-anchor": "middle", "stroke": "none", "fill": INK}, *spans)


def _sign(placed: PlacedBox) -> Markup:
    mark = placed.box.mark
    if not mark:
        return NOTHING
    at = {"x": placed.x - placed.width / 2 + 9, "y": placed.y + 5}
    ink = {"fill": STROKES[mark]["stroke"], "stroke": "none"}
    return svg("text", {**at, **ink, "font-weight": "bold", "font-size": 15}, SIGNS[mark])


def outline(placed: PlacedBox) -> Markup:
    """The outline of a box: each kind has a shape of its own, which `MEANINGS` describes. Library
    calls have bars at the sides, the flow chart's sign for a subroutine.
    """
    kind = placed.box.kind
    paint_with = {"fill": placed.box.fill or FILLS[kind], **STROKES[placed.box.mark]}
    corners = _corners(placed)
    if corners:
        return _polygon(corners, paint_with)
    match kind:
        case "constant" if not placed.box.mark:
            return NOTHING
        case "input":
            return _rounded(placed, placed.height / 2, paint_with)
        case "shared":
            return _drum(placed, paint_with)
        case "output":
            return _framed(placed, 6, placed.height / 2, paint_with)
        case "control":
            return _framed(placed, 7, 3, paint_with)
        case "opaque":
            return join([_rounded(placed, 0, paint_with), _bars(placed)])
        case _:
            return _rounded(placed, 6, paint_with)


def _corners(placed: PlacedBox) -> list[Point]:
    """The corners of a box whose outline is a polygon; none for the others."""
    left, right = placed.x - placed.width / 2, placed.x + placed.width / 2
    top, bottom = placed.y - placed.height / 2, placed.y + placed.height / 2
    tip = bottom - 5
    match placed.box.kind:
        case "view":
            return [(left + 9, top), (right, top), (right - 9, bottom), (left, bottom)]
        case "reduction":
            return [(left, top), (right, top), (right - 11, bottom), (left + 11, bottom)]
        case "prefix":
            return [(left, top), (right - 11, top), (right, bottom), (left + 11, bottom)]
        case "contraction":
            upper = [(left, placed.y), (left + 10, top), (right - 10, top)]
            return [*upper, (right, placed.y), (right - 10, bottom), (left + 10, bottom)]
        case "indexing":
            upper = [(left, top), (right - 9, top), (right, top + 9)]
            return [*upper, (right, bottom), (left, bottom)]
        case "source":
            return [(left, top), (right, top), (right, tip), (placed.x, bottom), (left, tip)]
        case _:
            return []


def _polygon(corners: Sequence[Point], attributes: Attributes) -> Markup:
    return svg("path", {"d": f"M{' '.join(map(pair, corners))}Z", **attributes})


def _rounded(placed: PlacedBox, radius: float, attributes: Attributes) -> Markup:
    at = {"x": placed.x - placed.width / 2, "y": placed.y - placed.height / 2}
    size = {"width": placed.width, "height": placed.height}
    return svg("rect", {**at, **size, "rx": radius, **attributes})


def _framed(placed: PlacedBox, gap: float, radius: float, attributes: Attributes) -> Markup:
    """A rounded outline and a second one inside it."""
    inner = replace(placed, width=placed.width - gap, height=placed.height - gap)
    frame = _rounded(placed, radius, attributes)
    return join([frame, _rounded(inner, max(radius - gap / 2, 0), {"fill": "none"})])


def _bars(placed: PlacedBox) -> Markup:
    """An upright line near each side."""
    top, bottom = placed.y - placed.height / 2, number(placed.y + placed.height / 2)
    sides = (placed.x - placed.width / 2 + 6, placed.x + placed.width / 2 - 6)
    lines = "".join(f"M{pair((side, top))}V{bottom}" for side in sides)
    return svg("path", {"d": lines, "fill": "none"})


def _drum(placed: PlacedBox, attributes: Attributes) -> Markup:
    left, right = number(placed.x - placed.width / 2), number(placed.x + placed.width / 2)
    top, bottom = number(placed.y - placed.height / 2 + 4), number(placed.y + placed.height / 2 - 4)
    arc = f"A{number(placed.width / 2)},4 0 0"
    body = f"M{left},{top}{arc} 1 {right},{top}V{bottom}{arc} 1 {left},{bottom}Z"
    rim = f"M{left},{top}{arc} 0 {right},{top}"
    return join([svg("path", {"d": body, **attributes}), svg("path", {"d": rim, "fill": "none"})])


# What the outlines mean --------------------------------------------------------------------------

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
    values = "a value, from where it is made to where it is used; 1, 2 say as which operand"
    return table(("outline", "what it stands for"), [*rows, ("arrow", values)])
