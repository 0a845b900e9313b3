"""Sizes that do not fit, drawn: the operands of an error come in, bars go out, as text or HTML.

Every axis of every operand is a bar whose length is the logarithm of its size. The axes at fault
have another stroke, another fill, and say in words which size they do not meet, or which index they
do not have. A size that is not known is a dashed line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from kernelgraph.errors import Operand
from kernelgraph.viz.errors.paint import FAULT, FAULT_FILL, FILL, document, words
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, image
from kernelgraph.viz.html.markup import Markup, html, number, svg
from kernelgraph.viz.pictures.metrics import text_width
from kernelgraph.viz.pictures.svg import INK, MUTED

_COLUMNS = 32
"""Characters of the longest bar in a terminal."""
_PIXELS = 300.0
"""Pixels of the longest bar in a picture."""

_NAME_LIMIT = 24
_MOST_AXES = 8


@dataclass(frozen=True)
class Bar:
    """One axis: its operand's name, its number, its size, how long it is drawn (from 0 to 1), and
    the sizes that it should meet, if it is at fault.

    `index` is an index that lies outside the axis, and `reach` how far along the bar. All elements
    together have a bar of their own, whose `axis` is `TOGETHER`; of a shape with a size that is
    worked out it counts the `others`.
    """

    name: str
    axis: int
    size: int | None
    length: float
    unlike: tuple[int | str | None, ...] = ()
    fault: bool = False
    index: int | None = None
    reach: float = 0.0
    others: bool = False

    @property
    def heading(self) -> str:
        """What stands before the bar."""
        return "in all" if self.axis == TOGETHER else f"axis {self.axis}"

    @property
    def label(self) -> str:
        """The size, and which others it is not."""
        size = "?" if self.size is None else str(self.size)
        size = f"a multiple of {size}" if self.others else size
        if self.index is not None:
            return f"{size}, {_indices(self.size, self.index)}, not {self.index}"
        others = " and not ".join("?" if other is None else str(other) for other in self.unlike)
        return f"{size}, not {others}" if self.unlike else size


TOGETHER = -1


def _indices(size: int | None, index: int) -> str:
    """Which indices an axis has, counted from the end that `index` is counted from."""
    if not size:
        return "so there is no index"
    return f"so indices go from 0 to {size - 1}" if index >= 0 else f"so they go from -{size} to -1"


def _needed(index: int) -> int:
    """The least size that has an index."""
    return index + 1 if index >= 0 else -index


def bars(operands: Sequence[Operand]) -> list[list[Bar]]:
    """The bars of each operand; an operand without axes has none."""
    sizes = [size for operand in operands for size in operand.sizes if size is not None]
    sizes += [operand.elements for operand in operands if operand.elements is not None]
    sizes += [_needed(operand.index) for operand in operands if operand.index is not None]
    longest = log(max([*sizes, 1]) + 1)

    def length(size: int | None) -> float:
        return 0.5 if size is None or size < 0 else log(size + 1) / longest

    def bar(operand: Operand, axis: int, size: int | None) -> Bar:
        name = escape.name(operand.name, limit=_NAME_LIMIT)
        if axis not in operand.axes:
            return Bar(name, axis, size, length(size))
        if operand.index is None:
            return Bar(name, axis, size, length(size), _unlike(operands, operand, size), True)
        reach = length(_needed(operand.index))
        return Bar(name, axis, size, length(size), (), True, operand.index, reach)

    groups: list[list[Bar]] = []
    for operand in operands:
        shown = enumerate(operand.sizes[:_MOST_AXES])
        groups.append([bar(operand, axis, size) for axis, size in shown])
        if operand.elements is not None:
            groups[-1].append(_together(operands, operand, length(operand.elements)))
    return groups


def _together(operands: Sequence[Operand], operand: Operand, length: float) -> Bar:
    """The bar of all elements of an operand."""
    count = operand.elements
    unlike = [
        f"a multiple of {other.elements}" if -1 in other.sizes else other.elements
        for other in operands
        if other is not operand and other.elements not in (None, count)
    ]
    name = escape.name(operand.name, limit=_NAME_LIMIT)
    others = -1 in operand.sizes
    unlike = [] if others else unlike
    return Bar(name, TOGETHER, count, length, tuple(unlike), True, others=others)


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
    parts += [f"{bar.heading} of {bar.name} has size {bar.label}" for bar in faults]
    return "; ".join(parts).replace("in all of", "all of")


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
            shown = name if bar is group[0] else ""
            lines.append(f"  {shown:<{width}}  {bar.heading}  {_text_bar(bar)}".rstrip())
        more = len(operand.sizes) - _MOST_AXES
        if more > 0:
            lines.append(f"  {'':<{width}}  and {more} more axes")
    return "\n".join([*lines, "  (each bar is the logarithm of a size)"])


def _text_bar(bar: Bar) -> str:
    unknown = bar.size is None or bar.size < 0
    sign = "-" if unknown else "#" if bar.fault else "="
    drawn = sign * max(round(bar.length * _COLUMNS), 1 if bar.size else 0)
    if bar.index is not None:
        drawn = f"{drawn:.<{max(round(bar.reach * _COLUMNS), len(drawn) + 1) - 1}}X"
    return f"{drawn:<{_COLUMNS}} {bar.label}" + ("  <--" if bar.fault else "")


# HTML --------------------------------------------------------------------------------------------

_ROW, _GAP, _HEIGHT = 24.0, 12.0, 15.0
_AXIS_WIDTH = 52.0


def shapes_html(operands: Sequence[Operand]) -> Markup:
    """The bars as an image in a view of its own, which says in words what it shows."""
    drawing, width = _drawing(operands)
    told = sentence(operands)
    shown = image(drawing, f"sizes that do not fit: {told}", width)
    about = fold("what am I looking at?", html("p", None, f"{told}."), html("p", None, _LEGEND))
    return frame("shapes", shown, about)


_LEGEND = (
    "Each bar is an axis of an operand, and its length is the logarithm of its size. The bars with "
    "a dashed red outline are the axes that ought to have one size and do not; a cross behind one "
    "is an index that it does not have. A dashed line is a size that is not known before the "
    "function is called."
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
        parts.append(words(16, y + _ROW / 2, name, bold=True))
        if not group:
            parts.append(words(left, y + _ROW / 2, "a number, without axes"))
        for bar in group:
            parts += _bar(bar, left, y + _ROW / 2)
            y += _ROW
        y += (0 if group else _ROW) + _GAP
    title = "sizes that do not fit"
    return document(title, sentence(operands), (right, y - _GAP + 12), parts), right


def _bar(bar: Bar, left: float, y: float) -> list[Markup]:
    start = left + _AXIS_WIDTH
    length = max(bar.length * _PIXELS, 1.5)
    end = start + max(length, bar.reach * _PIXELS)
    axis = words(left, y, bar.heading, fill=MUTED, size=11.5)
    ink = FAULT if bar.fault else INK
    label = words(end + 9, y, bar.label, bold=bar.fault, fill=ink)
    if bar.size is None or bar.size < 0:
        course = f"M{number(start)},{number(y)}H{number(start + length)}"
        line = {"d": course, "stroke": ink, "stroke-width": 1.5, "stroke-dasharray": "5 4"}
        return [axis, svg("path", {**line, "fill": "none"}), label]
    box = {"x": start, "y": y - _HEIGHT / 2, "width": length, "height": _HEIGHT, "rx": 3}
    if bar.fault:
        look = {"fill": FAULT_FILL, "stroke": FAULT, "stroke-width": 2, "stroke-dasharray": "5 3"}
    else:
        look = {"fill": FILL, "stroke": INK, "stroke-width": 1}
    reach = [] if bar.index is None else _reach(start + length, end, y)
    return [axis, svg("rect", {**box, **look}), *reach, label]


def _reach(start: float, end: float, y: float) -> list[Markup]:
    """A dotted line from the end of a bar to where an index would be, and a cross there."""
    end = max(end, start + 10)
    left, right, top, bottom = map(number, (end - 4, end + 4, y - 4, y + 4))
    look = {"stroke": FAULT, "stroke-width": 2, "fill": "none"}
    way = {"d": f"M{number(start)},{number(y)}H{left}", "stroke-dasharray": "2 3"}
    cross = {"d": f"M{left},{top}L{right},{bottom}M{left},{bottom}L{right},{top}"}
    return [svg("path", {**way, **look}), svg("path", {**cross, **look})]
