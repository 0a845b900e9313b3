"""Sizes that do not fit, drawn: the operands of an error come in, bars go out, as text or HTML.

Every axis of every operand is a bar whose length is the logarithm of its size. The axes at fault
have another stroke, another fill, and say in words which size they do not meet. A size that is not
known is a dashed line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from kernelgraph.errors import Operand
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame
from kernelgraph.viz.html.images import image
from kernelgraph.viz.html.markup import NEWLINE, NOTHING, Markup, html, join, number, svg
from kernelgraph.viz.pictures.metrics import FONT_FAMILY, FONT_SIZE, text_width
from kernelgraph.viz.pictures.svg import GROUND, INK, MUTED

_COLUMNS = 32
"""Characters of the longest bar in a terminal."""
_PIXELS = 300.0
"""Pixels of the longest bar in a picture."""

_NAME_LIMIT = 24
_MOST_AXES = 8

FAULT = "#b3261e"
_FILL, _FAULT_FILL = "#cfe2f3", "#fde0dc"


@dataclass(frozen=True)
class Bar:
    """One axis: its operand's name, its number, its size, how long it is drawn (from 0 to 1), and
    the sizes that it should meet, if it is at fault.
    """

    name: str
    axis: int
    size: int | None
    length: float
    unlike: tuple[int | None, ...] = ()
    fault: bool = False

    @property
    def label(self) -> str:
        """The size, and which others it is not."""
        size = "?" if self.size is None else str(self.size)
        others = " and not ".join("?" if other is None else str(other) for other in self.unlike)
        return f"{size}, not {others}" if self.unlike else size


def bars(operands: Sequence[Operand]) -> list[list[Bar]]:
    """The bars of each operand; an operand without axes has none."""
    sizes = [size for operand in operands for size in operand.sizes if size is not None]
    longest = log(max([*sizes, 1]) + 1)
    return [
        [
            Bar(
                escape.name(operand.name, limit=_NAME_LIMIT),
                axis,
                size,
                0.5 if size is None else log(size + 1) / longest,
                _unlike(operands, operand, size) if axis in operand.axes else (),
                axis in operand.axes,
            )
            for axis, size in enumerate(operand.sizes[:_MOST_AXES])
        ]
        for operand in operands
    ]


def _unlike(
    operands: Sequence[Operand], operand: Operand, size: int | None
) -> tuple[int | None, ...]:
    """The sizes at fault in the other operands that differ from this one."""
    others = (o.sizes[axis] for o in operands if o is not operand for axis in o.axes)
    return tuple(dict.fromkeys(other for other in others if other != size))


def sentence(operands: Sequence[Operand]) -> str:
    """The operands in words, for readers who cannot see the bars."""
    parts: list[str] = []
    for operand in operands:
        name = escape.name(operand.name, limit=_NAME_LIMIT)
        sizes = ", ".join("?" if size is None else str(size) for size in operand.sizes)
        parts.append(f"{name} has shape ({sizes})")
    faults = [bar for group in bars(operands) for bar in group if bar.fault]
    parts += [f"axis {bar.axis} of {bar.name} has size {bar.label}" for bar in faults]
    return "; ".join(parts)


# Text --------------------------------------------------------------------------------------------


def shapes_text(operands: Sequence[Operand]) -> str:
    """The bars for a terminal, in ASCII but for the names.

    >>> print(shapes_text([Operand("W", (764, 100), (1,)), Operand("X.T", (764, 200), (0,))]))
      W    axis 0  ================================ 764
           axis 1  ######################           100, not 764  <--
      X.T  axis 0  ################################ 764, not 100  <--
           axis 1  ==========================       200
      (each bar is the logarithm of a size)
    """
    names = [escape.name(operand.name, limit=_NAME_LIMIT) for operand in operands]
    width = max(map(len, names), default=0)
    lines: list[str] = []
    for name, operand, group in zip(names, operands, bars(operands), strict=True):
        if not group:
            lines.append(f"  {name:<{width}}  a number, without axes")
        for bar in group:
            shown = name if bar.axis == 0 else ""
            lines.append(f"  {shown:<{width}}  axis {bar.axis}  {_text_bar(bar)}".rstrip())
        more = len(operand.sizes) - _MOST_AXES
        if more > 0:
            lines.append(f"  {'':<{width}}  and {more} more axes")
    return "\n".join([*lines, "  (each bar is the logarithm of a size)"])


def _text_bar(bar: Bar) -> str:
    sign = "-" if bar.size is None else "#" if bar.fault else "="
    drawn = sign * max(round(bar.length * _COLUMNS), 1 if bar.size else 0)
    return f"{drawn:<{_COLUMNS}} {bar.label}" + ("  <--" if bar.fault else "")


# HTML --------------------------------------------------------------------------------------------

_ROW, _GAP, _HEIGHT = 24.0, 12.0, 15.0
_AXIS_WIDTH = 52.0


def shapes_html(operands: Sequence[Operand]) -> Markup:
    """The bars as an image in a view of its own, which says in words what it shows."""
    drawing, width = _drawing(operands)
    shown = image(drawing, f"sizes that do not fit: {sentence(operands)}", width)
    legend = html("p", None, _LEGEND)
    return frame(
        "shapes",
        shown,
        fold("what am I looking at?", html("p", None, f"{sentence(operands)}."), legend),
    )


_LEGEND = (
    "Each bar is an axis of an operand, and its length is the logarithm of its size. The bars with "
    "a dashed red outline are the axes that ought to have one size and do not. A dashed line is a "
    "size that is not known before the function is called."
)


def _drawing(operands: Sequence[Operand]) -> tuple[str, float]:
    """The picture and its width."""
    groups = bars(operands)
    names = [escape.name(operand.name, limit=_NAME_LIMIT) for operand in operands]
    left = 16 + max((text_width(name) * 1.12 for name in names), default=0.0) + 14
    labels = [text_width(bar.label) for group in groups for bar in group]
    right = left + _AXIS_WIDTH + _PIXELS + max(labels, default=0.0) * 1.12 + 22
    parts: list[Markup] = []
    y = 12.0
    for name, group in zip(names, groups, strict=True):
        parts.append(_text(16, y + _ROW / 2, name, bold=True))
        if not group:
            parts.append(_text(left, y + _ROW / 2, "a number, without axes"))
        for bar in group:
            parts += _bar(bar, left, y + _ROW / 2)
            y += _ROW
        y += (0 if group else _ROW) + _GAP
    width, height = right, y - _GAP + 12
    title = svg("title", None, "sizes that do not fit")
    description = svg("desc", None, sentence(operands))
    ground = svg("rect", {"width": width, "height": height, "rx": 6, "fill": GROUND})
    document = svg(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height, "role": "img"}
        | {"viewBox": f"0 0 {number(width)} {number(height)}"}
        | {"font-family": FONT_FAMILY, "font-size": FONT_SIZE},
        *(title, description, ground, NEWLINE, join(parts, "\n"), NEWLINE),
    )
    return document, width


def _bar(bar: Bar, left: float, y: float) -> list[Markup]:
    start = left + _AXIS_WIDTH
    length = max(bar.length * _PIXELS, 1.5)
    axis = _text(left, y, f"axis {bar.axis}", fill=MUTED, size=11.5)
    ink = FAULT if bar.fault else INK
    label = _text(start + length + 9, y, bar.label, bold=bar.fault, fill=ink)
    if bar.size is None:
        course = f"M{number(start)},{number(y)}H{number(start + length)}"
        line = {"d": course, "stroke": ink, "stroke-width": 1.5, "stroke-dasharray": "5 4"}
        return [axis, svg("path", {**line, "fill": "none"}), label]
    box = {"x": start, "y": y - _HEIGHT / 2, "width": length, "height": _HEIGHT, "rx": 3}
    if bar.fault:
        look = {"fill": _FAULT_FILL, "stroke": FAULT, "stroke-width": 2, "stroke-dasharray": "5 3"}
    else:
        look = {"fill": _FILL, "stroke": INK, "stroke-width": 1}
    return [axis, svg("rect", {**box, **look}), label]


def _text(
    x: float, y: float, text: str, *, bold: bool = False, fill: str = INK, size: float = FONT_SIZE
) -> Markup:
    weight = {"font-weight": "bold"} if bold else {}
    at = {"x": x, "y": y + size * 0.36, "fill": fill, "font-size": size}
    return svg("text", {**at, **weight}, text) if text else NOTHING
