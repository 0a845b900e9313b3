"""Where the time of a function goes: the stages of its compilation, its calls, and the kernels that
they run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from kernelgraph.compiler import Stages
from kernelgraph.errors import ArgumentError
from kernelgraph.hooks import Displayed
from kernelgraph.names import shortened
from kernelgraph.target import Timing

_MOST_OPS = 6


@dataclass
class Profile(Displayed):
    """Times in seconds: of each stage of the compilation, of the calls so far, and (target c) of
    each kernel and Python call inside them.

    `f.profile(1.0, 2.0)` measures some calls with these arguments and returns their profile, also
    of a function that was not built with `profile=True`; the profile of such a function is empty,
    and false. `shapes` are those of the arguments of the last call. A profile from another process
    has what its kernels had `told` there, and knows no function.
    """

    name: str
    stages: dict[str, float] = field(default_factory=dict[str, float])
    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    compilation: Stages | None = None
    before: list[Timing] = field(default_factory=list[Timing])
    shapes: Sequence[tuple[int, ...] | None] = ()
    asked: bool = True
    told: list[Timing] | None = None
    again: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    def __call__(self, *arguments: Any, calls: int | None = None, **named: Any) -> Profile:
        """Call the function with these arguments, `calls` times or as often as it takes to measure
        it, and tell where the time went. What the function keeps stays as it is: the calls work on
        copies.

        Raises what calling the function raises, and `ArgumentError` for fewer than one call.
        """
        if self.again is None:
            raise ArgumentError(
                f"this profile of {shortened(self.name)} is a result and knows no function to call",
                hint="f.profile(…)",
            )
        return self.again(arguments=arguments, calls=calls, named=named)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "told": self.kernels, "compilation": None, "again": None}

    def __bool__(self) -> bool:
        return self.asked

    def compile(self, stages: Stages) -> None:
        """Go through the stages of the target one by one. Raises as they do."""
        for stage in stages.target.stages:
            start = perf_counter()
            getattr(stages, stage)
            self.stages[stage] = perf_counter() - start
        self.compilation = stages
        self.before = self._clock()

    @property
    def kernels(self) -> list[Timing]:
        """How often each kernel ran and how long, in the order of the program's text.

        Functions of the same text are one library with one clock, so what it showed at first is
        taken off.
        """
        if self.told is not None:
            return self.told
        return [
            replace(now, runs=now.runs - old.runs, seconds=now.seconds - old.seconds)
            for now, old in zip(self._clock(), self.before, strict=True)
        ]

    def _clock(self) -> list[Timing]:
        if self.compilation is None:
            return []
        timings = getattr(self.compilation.executable, "timings", list[Timing])
        return timings()

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
                self.shapes = [_shape(value) for value in arguments]

        return measured

    def summary(self) -> str:
        """The times as a table."""
        if not self.asked:
            return f"no profile of {shortened(self.name)}: {HOW_TO_MEASURE}"
        total = sum(self.stages.values())
        mean = self.seconds / self.calls if self.calls else 0.0
        rows = [
            *((f"compiling: {stage}", seconds) for stage, seconds in self.stages.items()),
            ("compiling, in all", total),
            (f"{self.calls} calls, in all", self.seconds),
            ("a call, on average", mean),
            ("the longest call", self.longest),
        ]
        lines = [f"{what:<28}{duration(seconds):>12}" for what, seconds in rows]
        return "\n".join([f"profile of {shortened(self.name)}", *lines, *self._kernel_lines()])

    def _kernel_lines(self) -> list[str]:
        """A line for each kernel: its share of all kernels' time, its time a run, what it does."""
        kernels = sorted(self.kernels, key=lambda timing: -timing.seconds)
        total = sum(timing.seconds for timing in kernels)
        if not total:
            return []
        lines = [f"{'kernel':<16}{'in all':>12}{'share':>8}{'runs':>9}{'a run':>12}  what"]
        for timing in kernels:
            share = f"{timing.seconds / total:.0%}"
            each = duration(timing.seconds / timing.runs) if timing.runs else "-"
            names = ", ".join(str(node.op) for node in timing.nodes[:_MOST_OPS])
            more = ", …" if len(timing.nodes) > _MOST_OPS else ""
            lines.append(
                f"{timing.name:<16}{duration(timing.seconds):>12}{share:>8}"
                f"{timing.runs:>9}{each:>12}  {names}{more}"
            )
        return lines

    __str__ = summary
    __repr__ = summary


HOW_TO_MEASURE = (
    "f.profile(…) with arguments measures some calls, "
    "kg.function(…, profile=True) all that are to come"
)


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of an argument; None for what has none."""
    try:
        return None if isinstance(value, range) else np.shape(value)
    except Exception:  # an object may do anything when it is asked
        return None


def duration(seconds: float) -> str:
    """A time as people read it: three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
