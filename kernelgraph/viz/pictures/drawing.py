"""What is drawn: pictures before layout, layouts after it.

A `Picture` says which boxes there are and which values run between them; a `Layout` adds where
everything goes. Both are plain values: any engine can turn the one into the other, any painter can
paint the result, and tests can compare either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kernelgraph.errors import KernelgraphError
from kernelgraph.viz.pictures.metrics import LINE_HEIGHT, text_width

Kind = Literal[
    "input", "shared", "constant", "output", "elementwise", "view", "reduction", "prefix",
    "contraction", "indexing", "control", "source", "opaque",
]  # fmt: skip
"""What a box stands for; the painter has an outline for each."""

Mark = Literal["", "added", "removed", "changed"]
"""What happened to a box since the picture before."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """One node of a picture: lines of text in an outline.

    `key` is unique in its picture and stable from run to run; `hint` is what a reader learns by
    pointing at the box; `fill` is its colour where that is not the one of its kind. Texts are as
    the user wrote them: painters escape.
    """

    key: str
    lines: tuple[str, ...]
    kind: Kind
    hint: str = ""
    mark: Mark = ""
    fill: str = ""


@dataclass(frozen=True)
class Edge:
    """A value that runs from the box `source`, whose value number `output` it is, to `target`."""

    source: str
    target: str
    output: int = 0
    label: str = ""


@dataclass(frozen=True)
class Picture:
    """Boxes and edges, with a title and a description for readers who cannot see them."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class PlacedBox:
    """A box with its centre and its size, in pixels; y grows downwards."""

    box: Box
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """An edge with its course: a start and then three points for each cubic Bézier curve."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """A picture of `width` by `height` pixels in which everything has its place."""

    picture: Picture
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    routes: tuple[Route, ...]
    engine: str


class LayoutError(KernelgraphError, RuntimeError, code="KG-V012"):
    """An engine could not lay a picture out; the message says why and what to try."""


class TooLargeError(LayoutError):
    """A graph has more nodes than anybody could read in one picture."""


# Room between the text and the outline: slanted and pointed outlines need more of it.
_PADDING: Mapping[Kind, Point] = {
    "input": (13.0, 5.0), "shared": (13.0, 8.0), "constant": (4.0, 3.0), "output": (15.0, 7.0),
    "reduction": (18.0, 6.0), "prefix": (18.0, 6.0), "view": (16.0, 6.0),
    "contraction": (17.0, 6.0), "control": (14.0, 9.0), "opaque": (16.0, 6.0),
}  # fmt: skip
_DEFAULT_PADDING: Point = (10.0, 6.0)
MARK_WIDTH = 14.0


def box_size(box: Box) -> Point:
    """Width and height of a box in pixels: its text and the room that its outline needs."""
    across, along = _PADDING.get(box.kind, _DEFAULT_PADDING)
    text = max((text_width(line) for line in box.lines), default=0.0)
    mark = MARK_WIDTH if box.mark else 0.0
    return text + 2 * across + mark, LINE_HEIGHT * len(box.lines) + 2 * along
