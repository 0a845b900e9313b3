"""How the numbers of an array are spread: arrays come in, small histograms go out.

It draws what a training loop watches (activations, gradients, weights): for each array a row with
its bars from the least to the greatest number, and in words the mean, and which share is zero, NaN
or infinite. The same arrays give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import image
from kernelgraph.viz.html.markup import NEWLINE, NOTHING, Markup, html, join, number, svg
from kernelgraph.viz.pictures.metrics import FONT_FAMILY
from kernelgraph.viz.pictures.svg import EDGE, GROUND, INK, MUTED
from kernelgraph.viz.text.numbers import short_number

Array = np.ndarray[Any, Any]

BARS = 30
"""Bars of a histogram."""

MOST_ROWS = 12
"""Arrays that are drawn; of more, the rest is counted."""

WIDTH = 640.0
_ROW, _TOP, _BOTTOM = 56.0, 8.0, 6.0
_LEFT, _PLOT, _HEIGHT = 150.0, 300.0, 30.0
_WORDS = _LEFT + _PLOT + 24
_NAME_LIMIT = 18
_FILL, _FAULT = "#1f5fa8", "#b3261e"
_BLOCKS = " ▁▂▃▄▅▆▇█"
_TEXT_BARS = 15
_LARGEST = 1e300  # what is larger counts as this in a histogram


@dataclass(frozen=True)
class Spread:
    """One array in a few numbers, those that are not finite left out but for their shares.

    `counts` are the entries in `BARS` intervals of one length from `low` to `high`.
    """

    name: str
    shape: tuple[int, ...]
    low: float
    mean: float
    high: float
    zeros: float
    nans: float
    infinite: float
    counts: tuple[int, ...]

    @property
    def label(self) -> str:
        """The name, cut to what fits beside the bars."""
        return escape.cut(self.name, _NAME_LIMIT)

    @property
    def remarks(self) -> list[str]:
        """Which share of the entries is zero, NaN or infinite, where any is."""
        shares = ((self.zeros, "zero"), (self.nans, "NaN"), (self.infinite, "infinite"))
        return [f"{_percent(share)} {what}" for share, what in shares if share]


def spread(name: str, values: Any) -> Spread:
    """How the entries of an array of real numbers are spread.

    >>> found = spread("h", [0.0, 0.0, 1.0, float("nan")])
    >>> found.low, found.high, found.remarks
    (0.0, 1.0, ['50 % zero', '25 % NaN'])
    """
    array = np.asarray(values)
    flat = array.astype(np.float64).ravel()
    entries = max(flat.size, 1)
    finite = np.clip(flat[np.isfinite(flat)], -_LARGEST, _LARGEST)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return Spread(
        name,
        array.shape,
        low,
        float((finite / finite.size).sum()) if finite.size else float("nan"),
        high,
        int(np.count_nonzero(flat == 0)) / entries,
        int(np.count_nonzero(np.isnan(flat))) / entries,
        int(np.count_nonzero(np.isinf(flat))) / entries,
        _counts(finite, low, high),
    )


def _counts(finite: Array, low: float, high: float) -> tuple[int, ...]:
    """Entries in each interval; those of an array whose entries are all equal are in the middle."""
    if not finite.size:
        return (0,) * BARS
    scaled = (finite - low) / (high - low) if high > low else finite * 0 + 0.5
    places = np.minimum((scaled * BARS).astype(np.int64), BARS - 1)
    return tuple(np.bincount(places, minlength=BARS).tolist())


def _percent(share: float) -> str:
    """A share in per cent; what is there is never written as nothing, nor most as all.

    >>> _percent(0.5), _percent(0.0001), _percent(0.9999)
    ('50 %', '<1 %', '>99 %')
    """
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"


def describe_spread(one: Spread) -> str:
    """A row in words, for those who cannot see its bars."""
    shape = "×".join(map(str, one.shape)) or "one number"
    parts = [f"{escape.name(one.name)} ({shape})"]
    if any(one.counts):
        range_ = f"{short_number(one.low)} to {short_number(one.high)}"
        parts += [range_, f"mean {short_number(one.mean)}"]
    return ", ".join([*parts, *one.remarks])


# Text --------------------------------------------------------------------------------------------


def spreads_text(spreads: Sequence[Spread]) -> str:
    """A line for each array, with its histogram in block characters.

    >>> print(spreads_text([spread("h", range(60))]))
      h  ███████████████  0 … 59, mean 29.5, 2 % zero
    """
    width = max((len(one.label) for one in spreads), default=0)
    lines: list[str] = []
    for one in spreads:
        drawn = f"{short_number(one.low)} … {short_number(one.high)}, mean {short_number(one.mean)}"
        said = ", ".join([*([drawn] if any(one.counts) else []), *one.remarks])
        lines.append(f"  {one.label:<{width}}  {_blocks(one.counts)}  {said}".rstrip())
    return "\n".join(lines)


def _blocks(counts: Sequence[int]) -> str:
    step = len(counts) // _TEXT_BARS
    sums = [sum(counts[k : k + step]) for k in range(0, len(counts), step)]
    most = max(sums) or 1
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] for count in sums)


# Picture -----------------------------------------------------------------------------------------


def spreads_html(spreads: Sequence[Spread]) -> Markup:
    """All arrays as one image; nothing where there is none."""
    if not spreads:
        return NOTHING
    alt = "; ".join(map(describe_spread, spreads[:MOST_ROWS]))
    more = len(spreads) - MOST_ROWS
    said = [html("p", None, f"and {more} more, which are not drawn")] if more > 0 else []
    drawn = image(paint_spreads(spreads), f"spread of the watched arrays: {alt}", WIDTH)
    return html("div", {"class": "kg", "data-kg": "spreads"}, drawn, *said)


def paint_spreads(spreads: Sequence[Spread]) -> str:
    """A row for each array in one SVG picture, whose size depends on their number alone."""
    rows = spreads[:MOST_ROWS]
    size = {"width": WIDTH, "height": _TOP + _ROW * len(rows) + _BOTTOM}
    parts = [
        svg("title", None, "; ".join(map(describe_spread, rows))),
        svg("rect", {**size, "rx": 6, "fill": GROUND}),
        *(part for k, one in enumerate(rows) for part in _row(one, _TOP + k * _ROW)),
    ]
    return svg(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img"}
        | {"viewBox": f"0 0 {number(size['width'])} {number(size['height'])}"}
        | {"font-family": FONT_FAMILY, "font-size": 12},
        NEWLINE,
        join(parts, "\n"),
        NEWLINE,
    )


def _row(one: Spread, top: float) -> Iterator[Markup]:
    floor = top + 6 + _HEIGHT
    shape = "×".join(map(str, one.shape)) or "one number"
    yield _text(16, top + 20, one.label, {"fill": INK, "font-weight": "bold"})
    yield _text(16, top + 36, shape, {})
    yield from _bars(one.counts, floor)
    line = {"stroke": EDGE, "stroke-opacity": "0.6"}
    yield svg("path", {"d": f"M{number(_LEFT)},{number(floor)}h{number(_PLOT)}", **line})
    if any(one.counts):
        yield _text(_LEFT, floor + 14, short_number(one.low), {})
        yield _text(_LEFT + _PLOT, floor + 14, short_number(one.high), {"text-anchor": "end"})
        yield _text(_WORDS, top + 17, f"mean {short_number(one.mean)}", {})
    if one.low < 0 < one.high:
        x = _LEFT + _PLOT * -one.low / (one.high - one.low)
        dashes = {"stroke": INK, "stroke-dasharray": "2 3"}
        yield svg("path", {"d": f"M{number(x)},{number(top + 4)}V{number(floor + 3)}", **dashes})
        if 40 < x - _LEFT < _PLOT - 40:
            yield _text(x, floor + 14, "0", {"text-anchor": "middle"})
    good = 1 if one.zeros else 0
    yield _text(_WORDS, top + 33, ", ".join(one.remarks[:good]), {})
    look = {"fill": _FAULT, "font-weight": "bold"}
    yield _text(_WORDS, top + 49, ", ".join(one.remarks[good:]), look)


def _bars(counts: Sequence[int], floor: float) -> Iterator[Markup]:
    width, most = _PLOT / len(counts), max(counts) or 1
    for k, count in enumerate(counts):
        if count:
            height = max(_HEIGHT * count / most, 1.0)  # what is there is seen
            place = {"x": _LEFT + k * width + 0.5, "y": floor - height}
            yield svg("rect", {**place, "width": width - 1, "height": height, "fill": _FILL})


def _text(x: float, y: float, text: str, attributes: dict[str, str]) -> Markup:
    if not text:
        return NOTHING
    return svg("text", {"x": x, "y": y, "fill": MUTED, **attributes}, text)
