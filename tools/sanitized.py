"""A process that sanitizers watch: what is set in it, and how its programs run one after the other.

`sanitize.py` starts it. `python -m sanitized graphs` runs the programs of that name; as a plugin of
pytest, this module prepares a process for tests in the same way.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from kernelgraph.c import build
from kernelgraph.c.library import Loaded
from kernelgraph.config import config

MODULES = {
    "faults": "sanitized_faults", "races": "sanitized_faults", "loops": "sanitized_threads",
    "callers": "sanitized_threads",
}  # fmt: skip
"""Where the programs of a part are, if not in `sanitized_programs.py`."""

_serial = itertools.count()
_stay: list[ctypes.CDLL] = []

STRICT = "KERNELGRAPH_STRICT_CC"


@dataclass(frozen=True)
class Program:
    """What is compiled and run: how many cases it is, and a judge, which says what is wrong."""

    label: str
    cases: int
    judge: Callable[[], str | None]
    strict: bool = False
    """Whether integers are indices and sizes alone."""


def folder() -> Path:
    """Where the programs are, and where what was counted goes."""
    return Path(os.environ["KERNELGRAPH_SANITIZED"])


def arrays_on_the_heap() -> None:
    """From now on NumPy gives the memory of each array back at once, so that what is used after its
    end, or past its end, is nobody else's.
    """
    library = folder() / "numpy_memory.so"
    headers = [f"-I{sysconfig.get_path('include')}", f"-I{np.get_include()}"]
    source = Path(__file__).parent / "sanitizers" / "numpy_memory.c"
    command = ["gcc", "-O1", "-shared", "-fPIC", *headers, str(source), "-o", str(library)]
    subprocess.run(command, check=True)
    install = ctypes.PyDLL(str(library)).use_the_heap
    install.restype = ctypes.py_object
    install()


def kept_image(body: bytes, name: str, loader: Callable[[str], Loaded]) -> Loaded:
    """`load_image` with files that stay, where reports look up their lines, and with libraries that
    stay loaded: the sanitizer goes through the global variables of all that there ever were.
    """
    path = folder() / "programs" / f"{name}-{next(_serial)}.so"
    path.write_bytes(body)
    loaded = loader(str(path))
    _stay.append(ctypes.CDLL(str(path)))
    return loaded


def prepare() -> None:
    """Set what a process needs that is watched."""
    arrays_on_the_heap()
    build.load_image = kept_image


def main(part: str) -> int:
    """Run the programs of a part; 1 if one of them computes something else than it should."""
    prepare()
    module = import_module(MODULES.get(part, "sanitized_programs"))
    wrong = cases = 0
    for number, program in enumerate(getattr(module, part)(), 1):
        print(f"== {program.label}", file=sys.stderr, flush=True)
        with compiler(program.strict):
            problem = program.judge()
        if problem:
            print(f"{part}: {program.label}: {problem}")
        wrong += bool(problem)
        cases += program.cases
        (folder() / "count").write_text(f"{cases} in {number} programs")
    return int(wrong > 0)


@contextmanager
def compiler(strict: bool) -> Generator[None]:
    """The compiler for what has no integers but indices and sizes, if that is wanted."""
    usual = os.environ["KERNELGRAPH_CC"]
    if strict:
        os.environ["KERNELGRAPH_CC"] = os.environ[STRICT]
    try:
        yield
    finally:
        os.environ["KERNELGRAPH_CC"] = usual


def pytest_configure() -> None:
    """The same for tests; whether programs are valid is tested elsewhere, and takes long."""
    prepare()
    config.verify_programs = "off"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests there were."""
    passed = len(terminalreporter.getreports("passed"))
    failed = len(terminalreporter.getreports("failed"))
    (folder() / "count").write_text(f"{passed + failed} tests, {failed} failed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
