"""Where the time of a function goes: the stages of its compilation, and its calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from kernelgraph.compiler import Stages

STAGES = ("rewriting", "schedule", "program", "source", "executable")
"""The stages that are timed, in their order; each is what its name says in `Stages`."""


@dataclass
class Profile:
    """Times in seconds: of each stage of the compilation, and of the calls so far."""

    name: str
    stages: dict[str, float] = field(default_factory=dict[str, float])
    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def compile(self, stages: Stages) -> None:
        """Go through the stages one by one. Raises as they do."""
        for stage in STAGES:
            start = perf_counter()
            getattr(stages, stage)
            self.stages[stage] = perf_counter() - start

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, counted and timed."""

        def measured(*arguments: Any) -> Any:
            start = perf_counter()
            try:
                return call(*arguments)
            finally:
                took = perf_counter() - start
                self.calls += 1
                self.seconds += took
                self.longest = max(self.longest, took)

        return measured

    def summary(self) -> str:
        """The times as a table."""
        total = sum(self.stages.values())
        mean = self.seconds / self.calls if self.calls else 0.0
        rows = [
            *((f"compiling: {stage}", seconds) for stage, seconds in self.stages.items()),
            ("compiling, in all", total),
            (f"{self.calls} calls, in all", self.seconds),
            ("a call, on average", mean),
            ("the longest call", self.longest),
        ]
        lines = [f"{what:<28}{_duration(seconds):>12}" for what, seconds in rows]
        return "\n".join([f"profile of {self.name}", *lines])

    __str__ = summary
    __repr__ = summary


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
