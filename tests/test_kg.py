"""`./kg`: what each verb does, and when it sets the clone up first.

Here a stand-in takes the place of tools/set_up.py, so that only the shell script is at work.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="./kg is a POSIX shell script")

# Stands in for tools/set_up.py: writes down that it was called and leaves a .venv.
FAKE_SET_UP = """\
import pathlib, sys
root = pathlib.Path(__file__).parents[1]
extras, stamp = sys.argv[1:]
with (root / "calls").open("a") as calls:
    print(extras, file=calls)
binaries = root / ".venv" / "bin"
binaries.mkdir(parents=True, exist_ok=True)
if not (binaries / "python").exists():
    (binaries / "python").symlink_to(sys.executable)
(root / ".venv" / f"ready-{extras}").write_text(stamp + "\\n")
"""


class Clone:
    """A clone with a set-up that takes no time, and a PATH that holds the bare necessities."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.root / "tools").mkdir(parents=True)
        for name in ("kg", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tools" / "set_up.py").write_text(FAKE_SET_UP)
        for name in ("sh", "cat", "cksum", "dirname", "id", "uname"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.add("python3", f'exec "{sys.executable}" "$@"')
        self.add("cc", "exit 0")

    def add(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def kg(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "kg"), *arguments],
            env={"PATH": str(self.bin), **variables},
            cwd=self.root.parent,
            capture_output=True,
            text=True,
        )

    def calls(self) -> list[str]:
        calls = self.root / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",)])
def test_help_needs_no_environment(clone: Clone, arguments: tuple[str, ...]) -> None:
    shown = clone.kg(*arguments)
    assert shown.returncode == 0
    for verb in ("lab", "test", "bench", "nightly", "python"):
        assert re.search(rf"^  {verb} ", shown.stdout, re.MULTILINE)
    assert clone.calls() == []


def test_an_unknown_verb_is_refused(clone: Clone) -> None:
    refused = clone.kg("tset")
    assert refused.returncode != 0
    assert "there is no verb 'tset'" in refused.stderr


def test_python_runs_where_the_user_stands_with_every_argument(clone: Clone) -> None:
    script = "import os, sys; print(os.getcwd(), sys.argv[1:])"
    run = clone.kg("python", "-c", script, "two words", "*")
    assert run.stdout == f"{clone.root.parent.resolve()} ['two words', '*']\n"
    assert run.returncode == 0


def test_only_a_change_sets_up_again(clone: Clone) -> None:
    clone.kg("python", "-V")
    clone.kg("python", "-V")
    assert clone.calls() == ["lab"]
    with (clone.root / "constraints.txt").open("a") as constraints:
        constraints.write("# a new pin\n")
    clone.kg("python", "-V")
    assert clone.calls() == ["lab", "lab"]


def test_the_environment_of_the_tests_serves_the_lessons(clone: Clone) -> None:
    clone.kg("test", "--version")
    assert clone.calls() == ["e2e"]
    clone.kg("python", "-V")
    assert clone.calls() == ["e2e"]


def test_a_hunt_has_a_second_compiler_and_serves_the_tests(clone: Clone) -> None:
    (clone.root / "tools" / "hunt.py").write_text("")
    clone.kg("nightly", "--sampled")
    assert clone.calls() == ["e2e"]
    clone.kg("nightly")
    assert clone.calls() == ["e2e", "hunt"]
    clone.kg("nightly")
    clone.kg("test", "--version")
    assert clone.calls() == ["e2e", "hunt"]


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac is asked through xcode-select")
def test_without_a_c_compiler_one_is_installed(clone: Clone) -> None:
    (clone.bin / "cc").unlink()
    clone.kg("python", "-V")
    clone.kg("python", "-V")
    assert clone.calls() == ["lab,cc"]
    clone.add("my-gcc", "exit 0")
    clone.kg("python", "-V", CC="my-gcc -pipe")
    assert clone.calls() == ["lab,cc", "lab"]


def test_a_python_that_does_not_run_or_is_too_old_is_passed_over(clone: Clone) -> None:
    clone.add("python3", "exit 127")
    clone.add("python", 'case $2 in *version_info*) exit 1 ;; *) echo "too old"; exit 9 ;; esac')
    clone.add("python3.12", f'exec "{sys.executable}" "$@"')
    assert clone.kg("python", "-c", "print('well')").stdout == "well\n"


def test_without_a_python_it_says_what_to_do(clone: Clone) -> None:
    (clone.bin / "python3").unlink()
    refused = clone.kg("lab")
    assert refused.returncode != 0
    assert "no Python 3.11 or newer is on PATH" in refused.stderr
    assert not (clone.root / ".venv").exists()


def test_a_named_python_must_work(clone: Clone) -> None:
    refused = clone.kg("lab", KERNELGRAPH_PYTHON="/nowhere/python")
    assert refused.returncode != 0
    assert "KERNELGRAPH_PYTHON=/nowhere/python does not run" in refused.stderr


def test_a_set_up_that_fails_stops_everything(clone: Clone) -> None:
    (clone.root / "tools" / "set_up.py").write_text("raise SystemExit('no network')")
    stopped = clone.kg("python", "-c", "print('never')")
    assert stopped.returncode != 0
    assert "no network" in stopped.stderr
    assert stopped.stdout == ""


def with_fake_tools(clone: Clone, *failing: str) -> Clone:
    """The tools that ``./kg test`` starts only say their names; those named in `failing` fail."""
    clone.kg("test", "--version")
    python = clone.root / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text(
        "#!/bin/sh\n"
        'echo "$2 $KERNELGRAPH_FAILED_CHECKS"\n'
        f'case "$2 $3" in {" | ".join(f"*{word}*" for word in failing)}) exit 1 ;; esac\n'
    )
    python.chmod(0o755)
    (python.parent / "lint-imports").symlink_to(shutil.which("true") or "")
    return clone


def test_a_failed_check_fails_the_run_though_pytest_passes(clone: Clone) -> None:
    run = with_fake_tools(clone, "check", "format").kg("test")
    assert run.returncode != 0
    assert "pytest ruff check, ruff format" in run.stdout.splitlines()
    assert run.stdout.splitlines()[-1] == "== failed: ruff check, ruff format"


def test_pyright_speaks_after_pytest_and_fails_the_run(clone: Clone) -> None:
    run = with_fake_tools(clone, "pyright").kg("test")
    assert run.returncode != 0
    assert run.stdout.splitlines()[-5:] == [
        "== pytest",
        "pytest ",
        "== pyright",
        "pyright ",
        "== failed: pyright",
    ]


def test_all_is_well_when_every_check_passes(clone: Clone) -> None:
    run = with_fake_tools(clone, "nothing").kg("test")
    assert run.returncode == 0
    assert run.stdout.splitlines()[-1] == "pyright "
