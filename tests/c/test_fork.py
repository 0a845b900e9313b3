"""A child that is forked while other threads compile inherits no lock: it compiles and calls."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

SECONDS = 60
"""After so long a child is taken to hang; compiling takes about one, on a free machine."""


def new_function() -> Any:
    """One that no cache has."""
    x = T.dvector("x")
    number = random.SystemRandom().random()
    return kg.function([x], (T.tanh(x * number) + T.exp(-x)).sum(), target="c")


EARLY = """
import os, signal, threading, time
from tests.c.test_fork import new_function

threads = [threading.Thread(target=new_function) for _ in range(2)]
for thread in threads:
    thread.start()
children = []
for _ in range(5):
    time.sleep(0.004)
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if new_function()([0.0, 0.0]) == 2 else 3)
    children.append(child)
for thread in threads:
    thread.join()
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 5
"""


def test_children_of_the_first_compilation(tmp_path: Path) -> None:
    """While it runs, modules are imported: no child finds one locked for ever."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "KERNELGRAPH_CACHE": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", EARLY]
    subprocess.run(command, cwd=root, env=environment, check=True, timeout=120)


@pytest.fixture(scope="module")
def compiling() -> Iterator[None]:
    """Two threads that compile without end."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            new_function()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("compiling")
@settings(max_examples=max(3, settings().max_examples // 40))
@given(delay=st.floats(0, 0.5))
def test_a_child_compiles_and_calls(delay: float) -> None:
    time.sleep(delay)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        os._exit(0 if new_function()([0.0, 0.0]) == 2 else 3)
    assert os.waitpid(child, 0)[1] == 0, "the child hangs or fails"
