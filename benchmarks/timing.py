"""Measure: the best of several batches, two candidates in turn so that a busy machine is unfair to
neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BATCHES = 15
SECONDS = 0.06


@dataclass(frozen=True)
class Row:
    """One line of the report: seconds of ours and of the peer's, or of ours alone."""

    what: str
    ours: float
    peer: float | None = None
    wanted: str = ""

    def __str__(self) -> str:
        peer = (
            "" if self.peer is None else f"{_seconds(self.peer):>12}{self.ours / self.peer:>8.2f}"
        )
        return f"{self.what:<44}{_seconds(self.ours):>12}{peer:<20}  {self.wanted}"


def _seconds(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def _batch(candidate: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        candidate()
    return (time.perf_counter() - start) / count


def best(candidates: Sequence[Callable[[], object]]) -> list[float]:
    """Seconds a call of each candidate: the least of `BATCHES` batches, taken in turn."""
    counts = [max(1, int(SECONDS / max(_batch(candidate, 3), 1e-9))) for candidate in candidates]
    found = [float("inf")] * len(candidates)
    for _ in range(BATCHES):
        for k, candidate in enumerate(candidates):
            found[k] = min(found[k], _batch(candidate, counts[k]))
    return found
