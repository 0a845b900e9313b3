"""The graph of a function coloured by share of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kernelgraph.compiler import Stages
from kernelgraph.profile import duration
from kernelgraph.viz.html.images import image
from kernelgraph.viz.html.markup import NEWLINE, Markup, join, number, svg
from kernelgraph.viz.kernels.shares import MOST_OPS, NodeShare, Share, node_shares, percent
from kernelgraph.viz.pictures.drawing import Box
from kernelgraph.viz.pictures.layout import layout
from kernelgraph.viz.pictures.metrics import FONT_FAMILY
from kernelgraph.viz.pictures.picture import picture
from kernelgraph.viz.pictures.svg import GROUND, INK, paint

THRESHOLDS = (0.0, 0.01, 0.05, 0.15, 0.30, 0.60)
"""The least share of each colour."""

COLOURS = ("#ffffff", "#fdf2cf", "#fbe2a8", "#f8cf88", "#f5ba6d", "#f2a65a")
"""From cold to hot: every one darker than the one before, also in grey, and light enough to read
on.
"""


def colour(part: float) -> str:
    """The colour of a share.

    >>> colour(0.0), colour(0.07), colour(1.0)
    ('#ffffff', '#fbe2a8', '#f2a65a')
    """
    return COLOURS[sum(part >= threshold for threshold in THRESHOLDS) - 1]


def heat_picture(stages: Stages, found: Sequence[Share], calls: int) -> tuple[str, str, float]:
    """An SVG picture of the graph with shares, its description and its width."""
    of_box = {share.key: share for share in node_shares(found)}
    plain = picture(stages.schedule.graph)
    boxes = [
        _heated(box, of_box[box.key], calls) if box.key in of_box else box for box in plain.boxes
    ]
    hottest = ", ".join(f"{share.name} {percent(share.part)}" for share in found[:MOST_OPS])
    alt = f"{plain.description}; shares of time: {hottest}"
    placed = layout(replace(plain, boxes=tuple(boxes), description=alt))
    return paint(placed), alt, placed.width


def _heated(box: Box, found: NodeShare, calls: int) -> Box:
    """A box with its share, and what it took in a call."""
    sign, where = "", ""
    if found.is_estimate:
        sign = "≈ "
        where = f" ({found.kernels[0]})" if len(found.kernels) == 1 else ""
    took = f"{sign}{duration(found.seconds / max(calls, 1))}"
    lines = (*box.lines, f"{sign}{percent(found.part)}{where}", took)
    return replace(box, lines=lines, fill=colour(found.part))


def scale() -> Markup:
    """What the colours mean, as a picture of its own that is the same in every run."""
    width, step = 92.0, 96.0
    ends = [*(f"{low:.0%} – {high:.0%}" for low, high in pairwise(THRESHOLDS)), "60% and more"]
    parts: list[Markup] = []
    for k, (fill, words) in enumerate(zip(COLOURS, ends, strict=True)):
        box = {"x": 8 + k * step, "y": 6, "width": width, "height": 22, "rx": 3}
        parts.append(svg("rect", {**box, "fill": fill, "stroke": INK, "stroke-width": 1}))
        at = {"x": 8 + k * step + width / 2, "y": 21, "text-anchor": "middle", "fill": INK}
        parts.append(svg("text", at, words))
    whole = 8 + len(COLOURS) * step + 4
    document = svg(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": whole, "height": 34, "role": "img"}
        | {"viewBox": f"0 0 {number(whole)} 34", "font-family": FONT_FAMILY, "font-size": 11.5},
        svg("title", None, "colours by share of time"),
        svg("rect", {"width": whole, "height": 34, "rx": 6, "fill": GROUND}),
        *(NEWLINE, join(parts, "\n"), NEWLINE),
    )
    return image(document, f"colours by share of time: {'; '.join(ends)}", whole)
