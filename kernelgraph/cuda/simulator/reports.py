"""What the checks of the simulator found, as values that print as sentences."""

from __future__ import annotations

from dataclasses import dataclass

Index = tuple[int, int, int]

FIELD, RECORD = "\x1f", "\x1e"
"""What stands between the fields and the records that the machine hands over as text."""


@dataclass(frozen=True)
class Report:
    """A fault of a kernel.

    `kind` is one of "out of bounds", "uninitialised", "misaligned", "race", "divergent barrier",
    "divergent warp", "deadlock", "shuffle", "mask", "assertion" and "fault". `line` is the line of
    the source (0: not known), `other_line` that of the other access of a race or of the other
    barrier. `block` and `thread` are the first that did so, `count` says how many times it was
    seen.
    """

    kind: str
    message: str
    line: int
    other_line: int | None
    kernel: str
    block: Index
    thread: Index
    count: int

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        other = "" if self.other_line is None else f" (the other on line {self.other_line})"
        times = "" if self.count == 1 else f", {self.count} times"
        return (
            f"{place}{self.kind}: {self.message}{other} "
            f"(kernel {self.kernel}, block {self.block}, thread {self.thread}{times})"
        )


def read_reports(text: str) -> list[Report]:
    """The reports that the machine has, in the order in which they were found."""
    return [_report(record.split(FIELD)) for record in text.split(RECORD) if record]


def _report(fields: list[str]) -> Report:
    kind, kernel, message, line, other, block, thread, count = fields
    return Report(
        kind,
        message,
        int(line),
        int(other) or None,
        kernel,
        _index(block),
        _index(thread),
        int(count),
    )


def _index(text: str) -> Index:
    x, y, z = map(int, text.split())
    return x, y, z
