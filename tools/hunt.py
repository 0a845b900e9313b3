"""Hunts for counterexamples for longer than a test run can: what `./kg nightly` does.

In go arguments for pytest; the property tests then draw far more cases, from a seed that nobody
chose, and one line about the hunt is added to docs/HUNTS.md, so that anyone can repeat it. With
`--sampled` they draw some more cases than in a test run, from the date as seed: what a change is
judged by.
"""

from __future__ import annotations

import os
import platform
import random
import re
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

LOG = Path(__file__).resolve().parents[1] / "docs" / "HUNTS.md"
FAULTS = Path(__file__).with_name("mutate.py")

HEAD = """\
# Hunts

Long runs of the property tests, one line each; `./kg nightly` adds a line, and
`./kg nightly --hypothesis-seed=SEED WHAT` repeats the hunt of that seed. *Cases* are the inputs
that Hypothesis drew and that the tests accepted, or that a test counted itself; nothing is proved
by them. In a line on *faults* the cases are faults seeded in the compiler, and those that no test
noticed have failed.

| date (UTC) | seed | what | property tests | failed | cases | minutes | machine | found |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass
class Hunt:
    """A pytest plugin that counts what the property tests tried."""

    tests: int = 0
    failed: list[str] = field(default_factory=list[str])
    cases: int = 0

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Add up what Hypothesis says of a test that has run, or the test itself: its property
        "cases".
        """
        self.cases += count_cases(getattr(item, "hypothesis_statistics", ""))
        self.cases += sum(int(str(n)) for name, n in item.user_properties if name == "cases")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test when its body is over, and any test that broke before or after."""
        self.tests += report.when == "call"
        if report.failed:
            self.failed.append(report.nodeid.rpartition("::")[2])


def count_cases(statistics: str) -> int:
    """Add up the valid cases of every phase in Hypothesis's statistics of one test.

    >>> count_cases("- 2000 passing, 1 failing, and 7 invalid test cases")
    2001
    """
    phases = re.findall(r"(\d+) passing, (\d+) failing", statistics)
    return sum(int(passing) + int(failing) for passing, failing in phases)


def machine() -> str:
    cores = os.cpu_count() or 1
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, Python {sys.version.split()[0]}"
    )


def main(arguments: list[str]) -> int:
    """Run the hunt, write its line, and return pytest's exit status."""
    if "--sampled" in arguments:
        return sampled([a for a in arguments if a != "--sampled"])
    named = [a.partition("=")[2] for a in arguments if a.startswith("--hypothesis-seed=")]
    seed = named[-1] if named else str(random.SystemRandom().randrange(2**32))
    hunt = Hunt()
    began = time.monotonic()
    status = pytest.main(
        [
            "-m",
            "hypothesis",
            "--hypothesis-profile=nightly",
            f"--hypothesis-seed={seed}",
            *arguments,
        ],
        plugins=[hunt],
    )
    minutes = (time.monotonic() - began) / 60
    if hunt.tests:
        what = [a for a in arguments if not a.startswith("--hypothesis-seed=")]
        log = Line(seed, shlex.join(what) or "everything", str(hunt.tests), hunt.cases, minutes)
        log.write(hunt.failed)
    if len(arguments) > len(named) or not FAULTS.is_file():
        return int(status)
    return int(status) or seed_faults(seed)


def sampled(arguments: list[str]) -> int:
    """Run a short hunt, of which nothing is written down, and return pytest's exit status."""
    seed = datetime.now(UTC).strftime("%Y%m%d")
    how = ["-m", "hypothesis", "--hypothesis-profile=sampled", f"--hypothesis-seed={seed}"]
    print(f"seed {seed}", flush=True)
    return int(pytest.main([*how, "-n", "2", "-q", *arguments]))


def seed_faults(seed: str) -> int:
    """Seed as many faults as a hunt has time for; 1 where the tests missed one."""
    import mutate

    report = mutate.run(int(seed), mutate.COUNT)
    line = Line(seed, "everything", "faults", len(report.counted), report.minutes)
    line.write([f"{one.fault.path}:{one.fault.line}" for one in report.survivors])
    return int(bool(report.survivors))


@dataclass(frozen=True)
class Line:
    """What the log says of one hunt, but for what it found."""

    seed: str
    what: str
    tests: str
    cases: int
    minutes: float

    def write(self, failed: Sequence[str]) -> None:
        """Add the line to the log."""
        if not LOG.is_file():
            LOG.parent.mkdir(exist_ok=True)
            LOG.write_text(HEAD, encoding="utf-8")
        date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        found = ", ".join(failed).replace("|", "/") or "nothing"
        cells = [date, self.seed, self.what.replace("|", "/"), self.tests, len(failed), self.cases]
        cells += [f"{self.minutes:.1f}", machine(), found]
        with LOG.open("a", encoding="utf-8") as log:
            log.write(f"| {' | '.join(map(str, cells))} |\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
