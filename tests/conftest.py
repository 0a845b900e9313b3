"""What every test shares: the ``golden`` fixture, Hypothesis profiles, and the browser-test guard.

Options that this file adds to pytest: ``--update-golden`` rewrites the golden files with what the
tests have just produced (read the diff before keeping it).
"""

from __future__ import annotations

import difflib
import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from kernelgraph.config import config
from kernelgraph.elementwise import OPS

GOLDEN = Path(__file__).parent / "golden"
collect_ignore = ["golden"]  # printed programs are no tests

Golden = Callable[[str, str], None]

# Every run tries the same cases, so that a red test is red for everybody. The nightly hunt draws
# new ones from a seed that it writes down; the sampled one, fewer, from the date.
settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "sampled",
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

# Every program that a test makes is checked, after each pass.
config.verify_programs = "on"

# A shell starts background jobs deaf to Ctrl-C; the tests of interrupts need ears.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the files under tests/golden instead of comparing with them",
    )


@pytest.fixture(autouse=True)
def the_op_table_stays() -> Iterator[None]:
    """What a test defines is gone after it: others go through the whole table."""
    before = dict(OPS)
    yield
    if OPS.keys() != before.keys():
        OPS.clear()
        OPS.update(before)


@pytest.fixture(scope="module")
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For tests that share what is compiled with the others of their run, and with no one else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGRAPH_CACHE", str(tmp_path_factory.getbasetemp() / "compiled"))
        yield


@pytest.fixture(scope="module")
def any_numbers() -> Iterator[None]:
    """For tests that compute with whatever numbers come: nothing is told of them."""
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare text with a file: ``golden("c/add.c", source)``; the path is under tests/golden."""
    if request.config.getoption("--update-golden"):
        return write_golden
    return compare_golden


def write_golden(path: str, text: str) -> None:
    file = GOLDEN / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def compare_golden(path: str, text: str) -> None:
    __tracebackhide__ = True
    file = GOLDEN / path
    if not file.is_file():
        pytest.fail(f"{file} does not exist; write it with --update-golden", pytrace=False)
    expected = file.read_bytes().decode("utf-8")
    if text != expected:
        diff = difflib.unified_diff(
            expected.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"tests/golden/{path}",
            "what the test produced",
        )
        pytest.fail(
            "".join(line if line.endswith("\n") else f"{line}\n" for line in diff)
            + "If the change is meant, run again with --update-golden.",
            pytrace=False,
        )


class BrowserTestsMustRun:
    """Fails a run in which no browser test passed; ``KERNELGRAPH_REQUIRE_E2E=1`` switches it on."""

    def __init__(self) -> None:
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and report.nodeid.startswith("tests/e2e/"):
            self.passed += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.passed == 0 and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.passed == 0:
            terminalreporter.section("browser tests")
            terminalreporter.line("KERNELGRAPH_REQUIRE_E2E=1, but no test of tests/e2e passed.")


class EarlierChecks:
    """Repeats at the end which checks failed before pytest began; ``./kg test`` names them."""

    def __init__(self, failed: str) -> None:
        self.failed = failed

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("checks before pytest")
        terminalreporter.line(f"FAILED: {self.failed}", red=True)


LONG = ("tests/e2e/", "notebooks/")
"""Where the files are that take long: they wait for a browser, or for a kernel."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, the long files come first: no process is left with
    one at the end, while the others have nothing to do.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Ten thousand tests are half a million objects, which live until the end: Python need not look
    through them for garbage again and again, nor as often as a small program asks it to.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 10)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist; the guards belong to the process that started it
    if os.environ.get("KERNELGRAPH_REQUIRE_E2E") == "1":
        config.pluginmanager.register(BrowserTestsMustRun())
    if failed := os.environ.get("KERNELGRAPH_FAILED_CHECKS"):
        config.pluginmanager.register(EarlierChecks(failed))
