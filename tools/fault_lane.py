"""Which tests judge a fault, in which order; and the pytest plugin that lets them begin quickly.

A lane is a list of test files, most likely to notice first, that takes less than a minute. The
plugin puts tests that name the spoiled function before all others, and starts from the compiled
programs of the sound run: a program that a fault does not touch has the same text, and is not
compiled again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

MEMORY = 16 << 30
"""Bytes of address space for a lane: a fault may ask for any amount."""

CACHE = "KERNELGRAPH_FAULT_CACHE"
FUNCTION = "KERNELGRAPH_FAULT_FUNCTION"
RUNNING = "KERNELGRAPH_FAULT_RUNNING"
"""What the plugin is told by its environment: the folder of compiled programs, the spoiled
function, and the file in which to name the test that is running.
"""

_RULES = ("tests/rewrite/test_every_rule.py", "tests/rewrite")
_LEARNING = ("tests/test_learning.py", "tests/fuzz", "tests/test_autodiff.py")
_OPS = ("tests/ops",)
_COMPILED = ("tests/test_function.py", "tests/test_random_programs.py", "tests/test_every_op.py")
_TEXT = ("tests/test_golden.py",)

LANES: Mapping[str, Sequence[str]] = {
    "rewrite": (*_RULES, *_LEARNING, *_OPS, *_TEXT),
    "schedule": ("tests/schedule", *_LEARNING, *_TEXT, *_OPS, *_COMPILED),
    "loops": ("tests/loops", *_LEARNING, *_TEXT, *_OPS, *_COMPILED),
    "ops": (*_OPS, *_LEARNING, *_COMPILED, *_TEXT),
}
"""The tests of each room's lane."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Bring the programs that the sound run compiled, and see that the right package is judged."""
    import resource

    import kernelgraph

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    here = Path(kernelgraph.__file__).resolve()
    if not here.is_relative_to(Path.cwd().resolve()):
        pytest.exit(f"the tests would judge {here}", returncode=pytest.ExitCode.INTERNAL_ERROR)
    warm, base = os.environ.get(CACHE), session.config.getoption("basetemp")
    if warm and base and Path(warm).is_dir():
        # Asking for the folder makes it, empty.
        factory = getattr(session.config, "_tmp_path_factory")  # noqa: B009
        shutil.copytree(warm, factory.getbasetemp() / "compiled", dirs_exist_ok=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with the spoiled function in their names come first."""
    function = os.environ.get(FUNCTION, "")
    if function:
        items.sort(key=lambda item: f"[{function}]" not in item.name)


def pytest_runtest_logstart(nodeid: str) -> None:
    """Say which test is running, so that it is known even if the process dies of it."""
    if RUNNING in os.environ:
        Path(os.environ[RUNNING]).write_text(nodeid)
