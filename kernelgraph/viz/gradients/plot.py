"""A function of one number as a picture: its curve, the point where we are, and the tangent there.

A `Course` comes in (numbers, and the output at each of them), with the place and the slope; an SVG
picture or the state that updates one goes out. Every picture has the same elements, so that a page
can go from one to the next without drawing anything anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernelgraph.viz.html import escape
from kernelgraph.viz.html.live import TEXT, PageState, live
from kernelgraph.viz.html.markup import Markup, number, svg
from kernelgraph.viz.pictures.svg import EDGE, GROUND, INK, MUTED, chart
from kernelgraph.viz.text.numbers import short_number

WIDTH, HEIGHT = 380.0, 290.0
CURVE, TANGENT = "#1f5fa8", "#8a5a00"

_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 366.0, 48.0, 244.0
_TICKS = 7  # marks of an axis; those that are not needed are empty
_OUTLIERS = 12.0  # a range this many times that of the middle half is cut


@dataclass(frozen=True)
class Course:
    """What the output does as one input moves: `outputs[k]` where the input is `places[k]`."""

    places: Sequence[float]
    outputs: Sequence[float]


@dataclass(frozen=True)
class Point:
    """Where we are: the input, the output and its derivative (None: nobody knows)."""

    place: float
    output: float
    slope: float | None


@dataclass(frozen=True)
class _Frame:
    """The numbers that the sides of the plot stand for."""

    left: float
    right: float
    low: float
    high: float

    def x(self, place: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (place - self.left) / (self.right - self.left)

    def y(self, output: float) -> float:
        share = (output - self.low) / (self.high - self.low)
        return _BOTTOM - (_BOTTOM - _TOP) * min(max(share, -10.0), 11.0)


def plot_state(course: Course, point: Point) -> PageState:
    """What every element of the plot is like.

    >>> state = plot_state(Course([0.0, 1.0], [0.0, 2.0]), Point(0.5, 1.0, 2.0))
    >>> state["plot.slope"]["text"]
    'slope +2'
    """
    frame = _frame(course, point)
    state: PageState = {"plot.curve": {"d": _curve(course, frame)}}
    state |= _point_state(frame, point)
    state |= _axis_state("plot.x", _ticks(frame.left, frame.right), frame)
    state |= _axis_state("plot.y", _ticks(frame.low, frame.high), frame)
    return state


def paint_plot(title: str, inputs: Sequence[tuple[str, str]], output: str, state: PageState) -> str:
    """The plot in this state as an SVG document.

    `inputs` are key and name of everything that can move: the name of the one that does stands
    below the axis, the others are there and hidden.
    """
    plot = {"x": _LEFT, "y": _TOP, "width": _RIGHT - _LEFT, "height": _BOTTOM - _TOP}
    names = [
        live("text", f"plot.{key}", {**_NAME, "data-name": key}, _named(state, key, name))
        for key, name in inputs
    ]
    parts = [
        svg("text", {"x": _LEFT, "y": 22, "font-size": 13, "fill": INK}, output),
        *_axes(state),
        svg("g", {"fill": "none", "stroke": EDGE, "stroke-opacity": "0.5"}, svg("rect", plot)),
        *_drawn(state),
        *names,
    ]
    return chart(title, (WIDTH, HEIGHT), parts, 11.5)


_NAME = {"x": (_LEFT + _RIGHT) / 2, "y": HEIGHT - 12, "text-anchor": "middle", "fill": INK}


def _named(state: PageState, key: str, name: str) -> PageState:
    return {f"plot.{key}": {TEXT: escape.name(name, limit=40), **state.get(f"plot.{key}", {})}}


def _axes(state: PageState) -> Iterator[Markup]:
    for index in range(_TICKS):
        line = {"stroke": EDGE, "stroke-opacity": "0.25", "fill": "none"}
        yield live("path", f"plot.x{index}.line", line, state)
        yield live("path", f"plot.y{index}.line", line, state)
        below = {"y": _BOTTOM + 17, "text-anchor": "middle", "fill": MUTED}
        yield live("text", f"plot.x{index}", below, state)
        beside = {"x": _LEFT - 7, "text-anchor": "end", "fill": MUTED}
        yield live("text", f"plot.y{index}", beside, state)


def _drawn(state: PageState) -> Iterator[Markup]:
    curve = {"fill": "none", "stroke": CURVE, "stroke-width": "2.2", "stroke-linejoin": "round"}
    yield live("path", "plot.curve", curve, state)
    tangent = {"stroke": TANGENT, "stroke-width": "2", "stroke-dasharray": "7 4"}
    yield live("path", "plot.tangent", tangent, state)
    dot = {"r": 5, "fill": CURVE, "stroke": GROUND, "stroke-width": "1.5"}
    yield live("circle", "plot.point", dot, state)
    said = {"y": 40, "font-weight": "bold"}
    yield live("text", "plot.output", {**said, "x": _LEFT, "fill": CURVE}, state)
    end = {"x": _RIGHT, "text-anchor": "end", "fill": TANGENT}
    yield live("text", "plot.slope", {**said, **end}, state)


# States -----------------------------------------------------------------------------------------


def _frame(course: Course, point: Point) -> _Frame:
    finite = sorted(y for y in (*course.outputs, point.output) if _drawable(y))
    low, high = (finite[0], finite[-1]) if finite else (0.0, 1.0)
    if finite:
        first, third = finite[len(finite) // 4], finite[(3 * len(finite)) // 4]
        middle = third - first
        if middle > 0 and high - low > _OUTLIERS * middle:
            low, high = max(low, first - 3 * middle), min(high, third + 3 * middle)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        half = abs(low) / 2 or 1.0
        low, high = low - half, high + half
    air = 0.06 * (high - low)
    return _Frame(course.places[0], course.places[-1], low - air, high + air)


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < 1e300


def _curve(course: Course, frame: _Frame) -> str:
    """The path of the curve, cut where the output is not finite."""
    pieces: list[str] = []
    begin = True
    for place, output in zip(course.places, course.outputs, strict=True):
        if _drawable(output):
            x, y = frame.x(place), _clipped(frame.y(output))
            pieces.append(f"{'M' if begin else 'L'}{number(x)},{number(y)}")
        begin = not _drawable(output)
    return "".join(pieces) or "M0,0"


def _clipped(y: float) -> float:
    """A height inside the plot, or just outside: what is far away runs along the rim."""
    return min(max(y, _TOP - 1), _BOTTOM + 1)


def _point_state(frame: _Frame, point: Point) -> PageState:
    inside = frame.low <= point.output <= frame.high
    x, y = frame.x(point.place), frame.y(point.output) if inside else _BOTTOM
    slope = point.slope
    known = slope is not None and math.isfinite(slope) and inside
    return {
        "plot.point": {"cx": number(x), "cy": number(y), "r": "5" if inside else "0"},
        "plot.tangent": {"d": _tangent(frame, point, slope) if known and slope is not None else ""},
        "plot.output": {TEXT: f"at {short_number(point.place)}: {short_number(point.output)}"},
        "plot.slope": {TEXT: "" if slope is None else f"slope {short_number(slope, 4, True)}"},
    }


def _tangent(frame: _Frame, point: Point, slope: float) -> str:
    """The tangent, as far as it runs inside the plot."""
    reach = 0.5 * (frame.right - frame.left)
    ends = [point.place - reach, point.place + reach]
    if slope:
        ways = sorted(point.place + (y - point.output) / slope for y in (frame.low, frame.high))
        ends = [max(ends[0], ways[0]), min(ends[1], ways[1])]
    ends = [max(ends[0], frame.left), min(ends[1], frame.right)]
    (x0, x1) = ends
    y0, y1 = (point.output + slope * (x - point.place) for x in ends)
    pairs = [(frame.x(x0), frame.y(y0)), (frame.x(x1), frame.y(y1))]
    return "M" + "L".join(f"{number(x)},{number(y)}" for x, y in pairs)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between the two, at most as many as there are marks."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= _TICKS - 1)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)][:_TICKS]


def _axis_state(axis: str, ticks: Sequence[float], frame: _Frame) -> PageState:
    state: PageState = {}
    for index in range(_TICKS):
        text, line, at = "", "", "0"
        if index < len(ticks):
            tick = ticks[index]
            text = short_number(tick, 6)
            across = axis == "plot.x"
            at = number(frame.x(tick)) if across else number(frame.y(tick))
            rim = (f"M{at},{number(_TOP)}V{number(_BOTTOM)}", f"M{number(_LEFT)},{at}H{_RIGHT:.0f}")
            line = rim[0] if across else rim[1]
        place = {"x": at} if axis == "plot.x" else {"y": number(float(at) + 4)}
        state[f"{axis}{index}"] = {TEXT: text, **place}
        state[f"{axis}{index}.line"] = {"d": line}
    return state
