"""The table: a row for a workload, a column for a peer, and below each time its ratio to ours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_NAME = 40
_WIDTH = 12


def heading(titles: Sequence[str]) -> str:
    """The first line."""
    return " " * _NAME + "".join(f"{title:>{_WIDTH}}" for title in [*titles, "ours/best"])


def row(name: str, times: Mapping[str, float | None], titles: Sequence[str]) -> str:
    """The line of a workload: seconds by title, the first title being ours; NaN for a peer that
    computed something else.

    >>> print(row("step", {"ours": 1e-3, "b": 2e-3}, ["ours", "b", "c"]).split())
    ['step', '1.00', 'ms', '2.00', 'ms', '–', '0.50']
    """
    cells = "".join(f"{_cell(times.get(title)):>{_WIDTH}}" for title in titles)
    ours = times.get(titles[0])
    others = [times.get(title) for title in titles[1:]]
    right = [seconds for seconds in others if seconds is not None and not math.isnan(seconds)]
    ratio = "" if ours is None or not right else f"{ours / min(right):.2f}"
    return f"{name:<{_NAME}}{cells}{ratio:>{_WIDTH}}"


def ratios(times: Mapping[str, float | None], titles: Sequence[str]) -> str:
    """The line below it: our time in units of each peer's."""
    ours = times.get(titles[0])
    cells = [times.get(title) or math.nan for title in titles[1:]]
    texts = [
        "" if ours is None or math.isnan(seconds) else f"×{ours / seconds:.2f}" for seconds in cells
    ]
    return " " * (_NAME + _WIDTH) + "".join(f"{text:>{_WIDTH}}" for text in texts)


def _cell(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return "≠" if math.isnan(seconds) else duration(seconds)


def duration(seconds: float) -> str:
    """A time with three figures and its unit.

    >>> duration(2.5e-7), duration(0.0321), duration(12.0)
    ('250 ns', '32.1 ms', '12.0 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size or unit == "ns":
            value = seconds / size
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError
