"""The curve painter: measured values in, one SVG picture of how they change step by step out.

It draws what a training loop reports: a line for each series with its name and latest value at the
end of the line, and below it how far the loop has come. The same values give the same bytes, in a
live view as in a saved notebook; no time, no id and no script is in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import svg_data
from kernelgraph.viz.html.markup import Attributes, Markup, html, number, svg
from kernelgraph.viz.pictures.metrics import text_width
from kernelgraph.viz.pictures.svg import EDGE, INK, MUTED, chart
from kernelgraph.viz.text.words import count

WIDTH, HEIGHT = 640.0, 300.0
"""Pixels of the whole picture, whatever it shows: a live view must not jump about."""

_TOP, _BOTTOM, _LEFT = 36.0, 62.0, 62.0
_FONT_SIZE = 12.0
_BOLD = 1.12  # bold letters are that much wider
_NAME_LIMIT = 18
_GAP = 18.0  # between the plot and the names at its right
_LABEL_HEIGHT = 30.0  # name and value of a series, one above the other
_LARGEST = 1e300  # what is larger is drawn at the rim
_NARROWEST = 1e-12  # values that differ by less, relative to their size, are drawn as equal
_SPARK = "▁▂▃▄▅▆▇█"

# Colour and dashes: lines can be told apart in black and white, too.
_PENS = (
    ("#1f5fa8", ""),
    ("#b3261e", "7 3"),
    ("#1a7f37", "2 3"),
    ("#8a5a00", "9 3 2 3"),
    ("#6b3fa0", "4 2"),
    ("#0b6e7d", "1 2"),
)

Point = tuple[float, float]


@dataclass
class Series:
    """Values of one name and the steps (from 1) at which they were reported, in order."""

    name: str
    steps: list[int] = field(default_factory=list[int])
    values: list[float] = field(default_factory=list[float])


@dataclass(frozen=True)
class Progress:
    """How many steps are done, and of how many (None: nobody knows yet)."""

    done: int
    total: int | None = None

    def __str__(self) -> str:
        if self.total is None or self.done >= self.total:
            return count(self.done, "step")
        return f"{self.done} of {count(self.total, 'step')}"


@dataclass(frozen=True)
class _Frame:
    """The plot's rectangle in pixels and the steps and values that its sides stand for."""

    right: float
    steps: tuple[float, float]
    values: tuple[float, float]

    def x(self, step: float) -> float:
        return _LEFT + (self.right - _LEFT) * _fraction(step, *self.steps)

    def y(self, value: float) -> float:
        return (
            HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * _fraction(_bounded(value), *self.values)
        )


def paint_curves(title: str, series: Sequence[Series], progress: Progress) -> str:
    """All series in one SVG picture of fixed size, over the steps of the whole loop.

    Values that are not finite leave a gap, and the first of each series is marked where it stands.

    >>> loss = Series("loss", [1, 2, 3], [1.0, 0.5, 0.25])
    >>> paint_curves("training", [loss], Progress(3)).startswith("<svg")
    True
    """
    frame = _frame(series, progress)
    parts = [
        svg("text", {"x": _LEFT, "y": 22, "font-size": 14, "fill": INK}, escape.name(title)),
        *_axes(frame),
        *_lines(series, frame),
        *_labels(series, frame),
        *_bar(frame, progress),
    ]
    described = describe_curves(title, series, progress)
    return chart(described, (WIDTH, HEIGHT), parts, _FONT_SIZE)


def curves_html(title: str, series: Sequence[Series], progress: Progress) -> Markup:
    """The picture as an image that also shows in a notebook which nobody has trusted yet."""
    image = {
        "alt": describe_curves(title, series, progress),
        "width": WIDTH,
        "height": HEIGHT,
        "src": svg_data(paint_curves(title, series, progress)),
    }
    return html("div", {"class": "kg", "data-kg": "curves"}, html("img", image))


def describe_curves(title: str, series: Sequence[Series], progress: Progress) -> str:
    """The curves in words, for those who cannot see the picture: where each began and ended.

    >>> loss = Series("loss", [1, 2, 3], [1.0, 0.5, 0.25])
    >>> print(describe_curves("training", [loss], Progress(3, 10)))
    training: 3 of 10 steps; loss from 1 to 0.25
    """
    courses = [
        f"{escape.name(one.name)} from {_short(one.values[0])} to {_short(one.values[-1])}"
        for one in series
        if one.values
    ]
    return "; ".join([f"{escape.name(title)}: {progress}", *courses])


def curves_text(title: str, series: Sequence[Series], progress: Progress) -> str:
    """The curves as a few lines of text, each drawn with block characters.

    >>> loss = Series("loss", [1, 2, 3], [1.0, 0.5, 0.25])
    >>> print(curves_text("training", [loss], Progress(3)))
    training: 3 steps
      loss  █▃▁  1 → 0.25
    """
    lines = [f"{escape.name(title)}: {progress}"]
    width = max((len(escape.name(one.name)) for one in series), default=0)
    lines += [
        f"  {escape.name(one.name):<{width}}  {_spark(one.values)}"
        f"  {_short(one.values[0])} → {_short(one.values[-1])}"
        for one in series
        if one.values
    ]
    return "\n".join(lines)


# Scales ------------------------------------------------------------------------------------------


def _frame(series: Sequence[Series], progress: Progress) -> _Frame:
    finite = [_bounded(value) for one in series for value in one.values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if high - low <= _NARROWEST * max(abs(low), abs(high)) or high - low < 1 / _LARGEST:
        middle, half = low, max(abs(low), 1 / _LARGEST) / 2 if low else 0.5
        low, high = middle - half, middle + half
    names = [_label(one) for one in series]
    label = max((text_width(name, _BOLD * _FONT_SIZE) for name in names), default=0.0)
    last = max([progress.total or 0, progress.done, 2])
    return _Frame(WIDTH - _GAP - 10 - max(label, 58.0), (1.0, float(last)), _widened(low, high))


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range with some air above and below; values that are all positive keep their zero line."""
    air = 0.05 * (high - low)
    return (0.0 if 0 <= low <= 4 * air else low - air), high + air


def _fraction(value: float, low: float, high: float) -> float:
    """Where `value` lies between `low` (0) and `high` (1)."""
    return (value - low) / (high - low) if high > low else 0.5


def _bounded(value: float) -> float:
    """A finite number that is small enough to subtract it from another."""
    return min(max(value, -_LARGEST), _LARGEST)


def _ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round numbers (1, 2 or 5 times a power of ten) from `low` to `high`."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((m * power for m in (1, 2, 5) if m * power >= rough * 0.999), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, min(last, first + 2 * most) + 1)]


def _short(value: float) -> str:
    """A number in at most four digits, with a proper minus sign."""
    return f"{value + 0.0:.4g}".replace("e+", "e").replace("-", "−")


# Parts of the picture ----------------------------------------------------------------------------


def _axes(frame: _Frame) -> Iterator[Markup]:
    floor, left, right = number(HEIGHT - _BOTTOM), number(_LEFT), number(frame.right)
    for value in _ticks(*frame.values, 5):
        y = frame.y(value)
        yield _path(f"M{left},{number(y)}H{right}", {"stroke": EDGE, "stroke-opacity": "0.25"})
        yield _text(_LEFT - 6, y + 4, _short(value), {"text-anchor": "end"})
    for step in _ticks(*frame.steps, 8):
        if step >= 1 and step == int(step):
            x = frame.x(step)
            yield _path(f"M{number(x)},{floor}v4", {"stroke": EDGE})
            yield _text(x, HEIGHT - _BOTTOM + 17, f"{step:.0f}", {"text-anchor": "middle"})
    yield _path(f"M{left},{number(_TOP)}V{floor}H{right}", {"stroke": EDGE, "fill": "none"})


def _lines(series: Sequence[Series], frame: _Frame) -> Iterator[Markup]:
    for index, one in enumerate(series):
        colour, dashes = _PENS[index % len(_PENS)]
        pen: Attributes = (
            {"stroke": colour, "stroke-dasharray": dashes} if dashes else {"stroke": colour}
        )
        for stretch in _stretches(one, frame):
            if len(stretch) == 1:
                ((x, y),) = stretch
                yield svg("circle", {"cx": x, "cy": y, "r": 3, "fill": colour})
                continue
            course = " ".join(f"{number(x)},{number(y)}" for x, y in _thinned(stretch))
            line = {"points": course, "fill": "none", "stroke-width": 2, "stroke-linejoin": "round"}
            yield svg("polyline", {**line, **pen})
        yield from _not_finite(one, frame, colour)


def _stretches(one: Series, frame: _Frame) -> Iterator[list[Point]]:
    """The points of a series in pixels, cut where a value is not finite."""
    stretch: list[Point] = []
    for step, value in zip(one.steps, one.values, strict=True):
        if math.isfinite(value):
            stretch.append((frame.x(step), frame.y(value)))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _thinned(points: Sequence[Point]) -> Iterator[Point]:
    """Of all points in one column of pixels the first, the lowest, the highest and the last."""
    column: list[Point] = []
    for point in points:
        if column and int(point[0]) != int(column[0][0]):
            yield from _extremes(column)
            column = []
        column.append(point)
    yield from _extremes(column)


def _extremes(column: list[Point]) -> Iterable[Point]:
    if len(column) <= 4:
        return column
    heights = [y for _, y in column]
    chosen = {0, heights.index(min(heights)), heights.index(max(heights)), len(column) - 1}
    return [column[index] for index in sorted(chosen)]


def _not_finite(one: Series, frame: _Frame, colour: str) -> Iterator[Markup]:
    """A mark and a remark where the first value stands that is not finite."""
    first = next((k for k, value in enumerate(one.values) if not math.isfinite(value)), None)
    if first is None:
        return
    x, step = frame.x(one.steps[first]), one.steps[first]
    course = f"M{number(x)},{number(_TOP)}V{number(HEIGHT - _BOTTOM)}"
    yield _path(course, {"stroke": colour, "stroke-dasharray": "3 3"})
    said = f"{_label(one)} is {_short(one.values[first])} at step {step}"
    room = text_width(said, _FONT_SIZE)
    left = min(max(x - room / 2, _LEFT), WIDTH - room - 8)
    yield _text(left, _TOP - 4, said, {"fill": colour})


def _labels(series: Sequence[Series], frame: _Frame) -> Iterator[Markup]:
    """Name and latest value of each series, at the end of its line and clear of each other."""
    wanted = sorted(
        (frame.y(finite[-1]), index)
        for index, one in enumerate(series)
        if (finite := [value for value in one.values if math.isfinite(value)])
    )
    x = frame.right + _GAP
    floor = HEIGHT - _BOTTOM - 12 - _LABEL_HEIGHT * max(len(wanted) - 1, 0)
    lowest = -math.inf
    for rank, (height, index) in enumerate(wanted):
        lowest = max(min(height, floor + _LABEL_HEIGHT * rank), lowest + _LABEL_HEIGHT)
        colour, _ = _PENS[index % len(_PENS)]
        name = _label(series[index])
        yield _text(x, lowest - 2, name, {"fill": colour, "font-weight": "bold"})
        yield _text(x, lowest + 12, _short(series[index].values[-1]), {"fill": colour})


def _label(one: Series) -> str:
    """The name of a series, cut to what fits beside the plot."""
    return escape.cut(one.name, _NAME_LIMIT)


def _bar(frame: _Frame, progress: Progress) -> Iterator[Markup]:
    """A bar that fills up while the loop runs; when it is through, only the count is left."""
    y, length = HEIGHT - 26, frame.right - _LEFT
    if progress.total is not None and progress.done < progress.total:
        place: Attributes = {"x": _LEFT, "y": y, "height": 6, "rx": 3}
        filled = length * progress.done / progress.total
        yield svg("rect", {**place, "width": length, "fill": EDGE, "fill-opacity": "0.2"})
        yield svg("rect", {**place, "width": filled, "fill": _PENS[0][0]})
    yield _text(_LEFT + length / 2, y + 20, str(progress), {"text-anchor": "middle"})


def _path(course: str, attributes: Attributes) -> Markup:
    return svg("path", {"d": course, **attributes})


def _text(x: float, y: float, text: str, attributes: Attributes) -> Markup:
    return svg("text", {"x": x, "y": y, "fill": MUTED, **attributes}, text)


# Text --------------------------------------------------------------------------------------------


def _spark(values: Sequence[float], width: int = 40) -> str:
    """The course of a series in at most `width` block characters; ``·`` where it is not finite."""
    groups = min(width, len(values))
    picked = [values[(index + 1) * len(values) // groups - 1] for index in range(groups)]
    finite = [_bounded(value) for value in picked if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return "".join(
        _SPARK[round(_fraction(_bounded(value), low, high) * (len(_SPARK) - 1))]
        if math.isfinite(value)
        else "·"
        for value in picked
    )
