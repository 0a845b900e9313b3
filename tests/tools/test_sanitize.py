"""`tools/sanitize.py`: what the sanitizers report is found, and each kind of planted fault is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sanitize
from sanitized import Program
from sanitized_faults import FAULTS, RACES
from sanitized_programs import graphs, indices, ops, pairs


def quick(name: str) -> sanitize.Sanitizer:
    """One that compiles as fast as can be."""
    usual = sanitize.SANITIZERS[name]
    return replace(usual, flags=(*usual.flags, "-O0"))


has_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc has the sanitizers")


def test_reports_are_collected(tmp_path: Path) -> None:
    program = tmp_path / "program.c"
    program.write_text("\nreturn 1 << n;\n")
    shift = f"{program}:2:41: runtime error: shift exponent 70 is too large"
    address = "==17==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x61\n"
    (tmp_path / "errors").write_text(f"a warning\n{shift}\n{address}    #0 0x7f (libc.so+0x2)\n")
    found = list(sanitize.reports(tmp_path))
    assert found == [
        sanitize.Report("shift exponent 70 is too large", f"{program}:2", "return 1 << n;"),
        sanitize.Report("heap-buffer-overflow", "", ""),
    ]


@has_gcc
def test_planted_faults_are_reported() -> None:
    """Reads and writes out of bounds, memory after its end, and what C leaves undefined."""
    outcome = sanitize.run("faults", quick("address"))
    assert not outcome.failed
    for name, fault in FAULTS.items():
        assert any(re.search(fault.reported, report.kind) for report in outcome.reports), name
    assert len(outcome.reports) >= len(FAULTS)


@has_gcc
def test_planted_races_are_reported() -> None:
    outcome = sanitize.run("races", quick("threads"))
    assert not outcome.failed
    for name, fault in RACES.items():
        found = [(report.kind, report.line) for report in outcome.reports]
        assert (fault.reported, f"{fault.after} = v_exp_1;") in found, name


@pytest.mark.parametrize("programs", [ops, graphs, pairs, indices])
def test_there_are_programs(programs: Callable[[], Iterator[Program]]) -> None:
    """A first one of each part; the other parts are tests."""
    assert next(programs()).cases > 0


def test_the_tests_of_parts_exist() -> None:
    tests = [test for tests in sanitize.PARTS.values() for test in sanitize.paths(tests)]
    files = [test for test in tests if test.startswith("tests/")]
    assert len(files) > 10
    assert all((sanitize.ROOT / file).exists() for file in files)
