"""The golden fixture and the guards of conftest.py, each tried on a project of two files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).with_name("conftest.py")

USES_GOLDEN = "def test_golden(golden):\n    golden('c/add.c', {text!r})\n"


def run_pytest(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on ``folder`` as a project of its own, with this project's conftest.py."""
    tests = folder / "tests"
    tests.mkdir(exist_ok=True)
    shutil.copy(CONFTEST, tests)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **variables,
        },
        capture_output=True,
        text=True,
    )


def test_golden_files(tmp_path: Path) -> None:
    test = tmp_path / "tests" / "test_it.py"
    test.parent.mkdir()
    test.write_text(USES_GOLDEN.format(text="int x;\n"))

    missing = run_pytest(tmp_path)
    assert missing.returncode == 1
    assert "write it with --update-golden" in missing.stdout

    assert run_pytest(tmp_path, "--update-golden").returncode == 0
    assert (tmp_path / "tests" / "golden" / "c" / "add.c").read_bytes() == b"int x;\n"
    assert run_pytest(tmp_path).returncode == 0

    test.write_text(USES_GOLDEN.format(text="int y;\n"))
    changed = run_pytest(tmp_path)
    assert changed.returncode == 1
    assert "-int x;\n+int y;\n" in changed.stdout


def test_browser_tests_can_be_demanded(tmp_path: Path) -> None:
    browser = tmp_path / "tests" / "e2e"
    browser.mkdir(parents=True)
    (tmp_path / "tests" / "test_it.py").write_text("def test_it(): pass\n")
    test = browser / "test_browser.py"
    test.write_text("import pytest\ndef test_browser(): pytest.skip('no browser')\n")

    assert run_pytest(tmp_path).returncode == 0
    demanded = run_pytest(tmp_path, KERNELGRAPH_REQUIRE_E2E="1")
    assert demanded.returncode == 1
    assert "no test of tests/e2e passed" in demanded.stdout

    test.write_text("def test_browser(): pass\n")
    assert run_pytest(tmp_path, KERNELGRAPH_REQUIRE_E2E="1").returncode == 0


def test_checks_that_failed_before_pytest_are_named_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("def test_it(): pass\n")
    run = run_pytest(tmp_path, KERNELGRAPH_FAILED_CHECKS="pyright")
    assert "FAILED: pyright" in run.stdout
