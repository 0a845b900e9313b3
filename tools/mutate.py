"""Seeds faults in the compiler and asks the tests which of them they notice.

`./kg python tools/mutate.py` draws 50 small edits of the rules, the planning and the ops (see
`faults.py`), makes each in a copy of the project, never in the project itself, and runs a lane of
tests on it that takes less than a minute (see `fault_lane.py`). A fault that makes a test fail, the
process crash or the lane run out of time is caught; one that does not shows a hole in the tests,
or was no fault. `--write` puts the outcome into docs/MUTATIONS.md.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import FrameType

import fault_lane
import fault_page
import faults
from fault_page import EQUIVALENT, Judged, Report
from faults import Fault

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("kernelgraph", "tests", "tools", "docs", "benchmarks", "notebooks")
SECONDS = 60
"""How much processor time a lane may take: a machine that is busy otherwise makes no fault look
caught. A lane that waits, and computes nothing, ends after `PATIENCE` times as long.
"""
PATIENCE = 5
SEED = 2026
COUNT = 50


@dataclass(frozen=True)
class Lane:
    """How a lane ended."""

    status: int | None
    seconds: float
    output: str
    test: str
    """The test that was running at the end."""

    @property
    def verdict(self) -> str:
        """What became of the fault: "caught", "crashed", "out of time" or "survived"."""
        if self.status is None:
            return "out of time"
        if self.status == 0:
            return "survived"
        return "crashed" if self.status < 0 else "caught"


class Workshop:
    """A copy of the project in a folder of its own, with one fault in it at a time."""

    def __init__(self, folder: Path, warm: Path) -> None:
        self.folder = folder / "project"
        self.base, self.warm = folder / "base", warm
        self.running = folder / "running"
        ignored = shutil.ignore_patterns("__pycache__", "e2e", ".ipynb_checkpoints")
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.folder / part, ignore=ignored)
        for file in ROOT.glob("*.*"):
            if file.is_file():
                shutil.copyfile(file, self.folder / file.name)
        self.stamp = 1_000_000_000

    def read(self, path: str) -> bytes:
        """A file of the sound project."""
        return (ROOT / path).read_bytes()

    def write(self, path: str, text: bytes) -> None:
        """A file of the copy. No two versions have one time, or Python would take old bytecode."""
        file = self.folder / path
        file.write_bytes(text)
        self.stamp += 10
        os.utime(file, (self.stamp, self.stamp))

    def warm_up(self, rooms: Sequence[str]) -> dict[str, Lane]:
        """Run the lanes of the sound project, and keep the programs that they compile.

        Raises `SystemExit` where one fails: then it could judge nothing.
        """
        found: dict[str, Lane] = {}
        for room in rooms:
            lane = self._pytest(fault_lane.LANES[room], "", 20 * SECONDS)
            if lane.status != 0:
                raise SystemExit(f"the lane of {room} fails without a fault:\n{lane.output}")
            made = self.base / "compiled"
            if made.is_dir():
                shutil.copytree(made, self.warm, dirs_exist_ok=True)
            if lane.seconds > SECONDS / 2:  # it had to compile much
                lane = self._pytest(fault_lane.LANES[room], "", SECONDS)
            if lane.status != 0:
                raise SystemExit(f"the lane of {room} takes more than {SECONDS} s without a fault")
            found[room] = lane
        return found

    def judge(self, fault: Fault) -> Lane | None:
        """Run the fault's lane; None for a fault with which the package cannot be imported."""
        sound = self.read(fault.path)
        self.write(fault.path, fault.apply(sound))
        try:
            if self._run(["-c", "import kernelgraph.tensor"], "", SECONDS).status != 0:
                return None
            tests = fault_lane.LANES[fault.room]
            return self._pytest(tests, fault.function.split(".")[0], SECONDS)
        finally:
            self.write(fault.path, sound)

    def _pytest(self, tests: Sequence[str], function: str, seconds: float) -> Lane:
        options = ["-p", "fault_lane", "-p", "no:cacheprovider", "-x", "--tb=line"]
        options += ["-p", "no:xdist", "-o", "addopts=--import-mode=importlib"]
        return self._run(
            ["-m", "pytest", *options, f"--basetemp={self.base}", *tests], function, seconds
        )

    def _run(self, arguments: Sequence[str], function: str, seconds: float) -> Lane:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(self.folder / "tools")]),
            fault_lane.CACHE: str(self.warm),
            fault_lane.FUNCTION: function,
            fault_lane.RUNNING: str(self.running),
        }
        self.running.write_text("collecting")
        before = _processor_time()
        with tempfile.TemporaryFile() as printed:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            status = _wait(process, seconds)
            printed.seek(0)
            output = printed.read().decode(errors="replace")
        return Lane(status, _processor_time() - before, output, self.running.read_text())


def _processor_time() -> float:
    """Seconds that processes started here have computed, as far as they have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _used(process: int) -> float:
    """Seconds that a process and what it waited for have computed; 0 where nobody can say."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """The status with which a process ends; None if it has to be ended, with all it started."""
    last = time.monotonic() + PATIENCE * seconds
    try:
        while process.poll() is None:
            if _used(process.pid) > seconds or time.monotonic() > last:
                return None
            time.sleep(0.05)
        return process.returncode
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# ---------------------------------------------------------------------------------------- judging


def candidates(seed: int, rooms: Sequence[str]) -> Iterator[tuple[int, Fault]]:
    """All faults, numbered, in the order of the draw."""
    return faults.draw(seed, rooms, lambda path: (ROOT / path).read_bytes())


def quotas(count: int, rooms: Sequence[str]) -> dict[str, int]:
    """How many faults each room gets: as even as can be, the first rooms one more."""
    return {room: (count + len(rooms) - 1 - k) // len(rooms) for k, room in enumerate(rooms)}


def run(
    seed: int, count: int, rooms: Sequence[str] = tuple(faults.ROOMS), keep: Path | None = None
) -> Report:
    """Judge `count` faults, spread evenly over the rooms; say what happens as it happens.

    Compiled programs stay in the folder `keep` for another run.
    """
    with tempfile.TemporaryDirectory(prefix="kernelgraph-faults-") as folder:
        workshop = Workshop(Path(folder), keep or Path(folder) / "compiled")
        return _judge_all(workshop, seed, count, rooms)


def _judge_all(workshop: Workshop, seed: int, count: int, rooms: Sequence[str]) -> Report:
    left = quotas(count, rooms)
    report = Report(seed, tuple(rooms), {})
    began = time.monotonic()
    report.lanes = {room: lane.seconds for room, lane in workshop.warm_up(rooms).items()}
    print(
        "sound lanes: " + ", ".join(f"{r} {s:.0f} s" for r, s in report.lanes.items()), flush=True
    )
    for number, fault in candidates(seed, rooms):
        if not any(left.values()):
            break
        if not left[fault.room]:
            continue
        judged = judge(workshop, number, fault)
        report.add(judged)
        left[fault.room] -= judged.counts
        print(fault_page.line(judged), flush=True)
    report.minutes = (time.monotonic() - began) / 60
    return report


def judge(workshop: Workshop, number: int, fault: Fault) -> Judged:
    """What becomes of one fault."""
    text = workshop.read(fault.path)
    change = fault_page.difference(fault, text)
    if fault.key in EQUIVALENT:
        return Judged(number, fault, "equivalent", EQUIVALENT[fault.key], 0.0, change)
    lane = workshop.judge(fault)
    if lane is None:
        return Judged(number, fault, "stillborn", "the package cannot be imported", 0.0, change)
    test = "" if lane.verdict == "survived" else lane.test
    return Judged(number, fault, lane.verdict, test, lane.seconds, change)


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mutate.py", description="Seed faults in the compiler; see which the tests notice."
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the draw (default {SEED})")
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many (default {COUNT})")
    parser.add_argument(
        "--rooms",
        default=",".join(faults.ROOMS),
        help="where, with commas (default %(default)s); the numbers of faults depend on it",
    )
    parser.add_argument("--list", action="store_true", help="print the first faults; judge none")
    parser.add_argument(
        "--only", type=int, action="append", metavar="N", help="judge fault N alone"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="where compiled programs stay for another run"
    )
    parser.add_argument("--write", action="store_true", help="write docs/MUTATIONS.md")
    chosen = parser.parse_args(arguments)
    chosen.rooms = chosen.rooms.split(",")
    unknown = set(chosen.rooms) - set(faults.ROOMS)
    if unknown or chosen.count < 1:
        parser.error(f"no such room: {', '.join(sorted(unknown))}" if unknown else "nothing to do")
    return chosen


def _judge_these(chosen: argparse.Namespace) -> Report:
    """Judge the faults of these numbers, from a cold start if no programs were kept."""
    report = Report(chosen.seed, tuple(chosen.rooms), {})
    with tempfile.TemporaryDirectory(prefix="kernelgraph-faults-") as folder:
        workshop = Workshop(Path(folder), chosen.keep or Path(folder) / "compiled")
        for number, fault in islice(candidates(chosen.seed, chosen.rooms), max(chosen.only)):
            if number in chosen.only:
                report.add(judge(workshop, number, fault))
                print(fault_page.line(report.judged[-1]), flush=True)
    return report


def _end(number: int, frame: FrameType | None) -> None:
    """Whoever ends this process ends the lane too, and the copy goes."""
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    """Do what the options say; 1 where a fault survived, else 0."""
    chosen = options(arguments)
    signal.signal(signal.SIGTERM, _end)
    if chosen.list:
        for number, fault in candidates(chosen.seed, chosen.rooms):
            if number > chosen.count:
                break
            print(f"{number:4} {fault.kind:10} {fault.path}:{fault.line} {fault.key}")
        return 0
    if chosen.only:
        report = _judge_these(chosen)
    else:
        report = run(chosen.seed, chosen.count, chosen.rooms, chosen.keep)
    print(fault_page.summary(report))
    if chosen.write and not chosen.only:
        (ROOT / "docs" / "MUTATIONS.md").write_text(fault_page.page(report), encoding="utf-8")
    return 1 if report.survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
