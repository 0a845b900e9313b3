"""`tools/hunt.py`: a hunt is written down so that it can be repeated."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hunt
import pytest

PLUGIN = "_hypothesis_pytestplugin"
CONFTEST = Path(__file__).parents[1] / "conftest.py"

PROPERTIES = """\
from hypothesis import given, settings, strategies as st

@given(st.integers())
def test_property(number):
    assert number == number

@given(st.integers())
@settings(max_examples=7)
def test_small_property(number):
    assert number == number

def test_no_property():
    pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two property tests and a hunt of its own."""
    for name, source in (("tests", CONFTEST), ("tools", Path(hunt.__file__))):
        (tmp_path / name).mkdir()
        shutil.copy(source, tmp_path / name)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (tmp_path / "tests" / "test_it.py").write_text(PROPERTIES)
    return tmp_path


def go_hunting(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/hunt.py", *arguments],
        cwd=project,
        env={
            "PATH": os.environ["PATH"],
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": PLUGIN,
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        },
        capture_output=True,
        text=True,
    )


def rows(project: Path) -> list[list[str]]:
    text = (project / "docs" / "HUNTS.md").read_text(encoding="utf-8")
    return [re.split(r"\s*\|\s*", line)[1:-1] for line in text.splitlines() if "Python 3" in line]


def test_a_hunt_is_written_down(project: Path) -> None:
    hunted = go_hunting(project)
    assert hunted.returncode == 0, hunted.stdout
    ((_, seed, what, tests, failed, cases, _, _, found),) = rows(project)
    assert seed.isdigit()
    assert (what, found) == ("everything", "nothing")
    assert (tests, failed, cases) == ("2", "0", "2007")


def test_a_hunt_can_be_repeated(project: Path) -> None:
    go_hunting(project, "--hypothesis-seed=7")
    go_hunting(project, "--hypothesis-seed=7")
    assert [row[1:6] for row in rows(project)] == [["7", "everything", "2", "0", "2007"]] * 2


def test_a_catch_is_counted(project: Path) -> None:
    test = project / "tests" / "test_it.py"
    test.write_text(PROPERTIES.replace("number == number", "number < 1000", 1))
    assert go_hunting(project).returncode == 1
    ((_, _, _, tests, failed, _, _, _, found),) = rows(project)
    assert (tests, failed, found) == ("2", "1", "test_property")


def test_a_test_may_count_its_cases_itself(project: Path) -> None:
    test = project / "tests" / "test_it.py"
    test.write_text(
        "import pytest\n\n@pytest.mark.hypothesis\ndef test_it(record_property):\n"
        "    record_property('cases', 1234)\n"
    )
    go_hunting(project, "-k", "test_it")
    ((_, _, what, tests, _, cases, *_),) = rows(project)
    assert (what, tests, cases) == ("-k test_it", "1", "1234")


def test_a_hunt_without_game_leaves_no_trace(project: Path) -> None:
    go_hunting(project, "-k", "nothing_of_this_name")
    assert not (project / "docs").exists()


FAULTS = """\
from types import SimpleNamespace

COUNT = 50

def run(seed, count):
    fault = SimpleNamespace(path="graph.py", line=3)
    survivors = [SimpleNamespace(fault=fault)] * (seed - 6)
    return SimpleNamespace(survivors=survivors, counted=range(count), minutes=0.0)
"""


@pytest.mark.parametrize(("seed", "missed"), [("6", 0), ("7", 1)])
def test_a_hunt_for_everything_seeds_faults_too(project: Path, seed: str, missed: int) -> None:
    (project / "tools" / "mutate.py").write_text(FAULTS)
    assert go_hunting(project, f"--hypothesis-seed={seed}").returncode == missed
    (properties, (_, found, _, tests, failed, cases, *_)) = rows(project)
    assert properties[1:6] == [seed, "everything", "2", "0", "2007"]
    assert (found, tests, failed, cases) == (seed, "faults", str(missed), "50")


def test_a_hunt_for_something_else_seeds_none(project: Path) -> None:
    (project / "tools" / "mutate.py").write_text(FAULTS)
    go_hunting(project, "-k", "test_property")
    assert len(rows(project)) == 1
