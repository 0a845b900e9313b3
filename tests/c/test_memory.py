"""Compiled functions give memory back, ask for no more than they need, and survive its end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import runtime_ctypes
from kernelgraph.c.arena import trim

STATUS = Path("/proc/self/statm")
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="nothing tells what is resident")

MEGABYTE = 2**20


@pytest.fixture(autouse=True, params=["native", "ctypes"])
def runtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "ctypes":
        monkeypatch.setattr("kernelgraph.c.target.runtime", lambda: runtime_ctypes)
    return request.param


def resident() -> float:
    """Megabytes of this process that are in memory."""
    gc.collect()
    trim()
    pages = int(STATUS.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / MEGABYTE


def with_temporary(name: str = "f") -> Any:
    """A function of a vector whose temporaries are as large as the vector."""
    x = T.dvector("x")
    reversed_sums = T.exp(x - x.max())[::-1]
    return kg.function([x], (reversed_sums * x).sum() / reversed_sums.sum(), target="c", name=name)


LARGE = np.ones(6 * MEGABYTE)  # 48 MB
SMALL = np.ones(10)


def test_one_large_call_leaves_nothing_behind() -> None:
    f = with_temporary()
    f(SMALL)
    before = resident()
    f(LARGE)
    assert resident() - before < 10


def test_small_calls_take_the_memory_of_large_ones_away() -> None:
    f = with_temporary()
    f(SMALL)
    before = resident()
    for _ in range(3):
        f(LARGE)
    for _ in range(2):
        f(SMALL)
    assert resident() - before < 10


@pytest.mark.parametrize("way", ["free", "delete"])
def test_memory_is_given_back(way: str) -> None:
    f = with_temporary()
    f(SMALL)
    before = resident()
    for _ in range(3):
        f(LARGE)
    result = f(LARGE)
    if way == "free":
        f.free()
        assert resident() - before < 10
        assert f(LARGE) == result
        f.free()
    else:
        gone = weakref.ref(f)
        del f
        assert gone() is None
    assert resident() - before < 10


def test_free_gives_back_the_last_value_of_a_shared_variable() -> None:
    w = kg.shared(np.zeros(6 * MEGABYTE), "w")
    step = kg.function([], [], updates=[(w, w + 1)], target="c")
    before = resident()
    for _ in range(3):
        step()
    step.free()
    assert resident() - before < 10
    step()
    assert w.get_value(borrow=True)[0] == 4


def test_what_python_makes_keeps_no_second_copy() -> None:
    a = np.full((1500, 1500), 1e-3)  # 18 MB
    w, x = kg.shared(a, "w"), T.dmatrix("x")
    step = kg.function([x], [], updates=[(w, T.dot(x, w))], target="c")
    for _ in range(2):
        step(a)
    before = resident()
    step.free()
    assert abs(resident() - before) < 10


@pytest.mark.parametrize("target", ["python", "interpret"])
def test_free_is_harmless_where_nothing_is_kept(target: str) -> None:
    x = T.dvector("x")
    f = kg.function([x], x + 1, target=target)
    f.free()
    assert f([1.0]) == [2.0]


def under_limit(program: str, gigabytes: float, runtime: str) -> str:
    """What a program prints that runs in a process of its own with so much memory at most."""
    head = f"""
        import resource, numpy as np
        import kernelgraph as kg, kernelgraph.tensor as T
        from kernelgraph.c import runtime_ctypes, target
        if {runtime == "ctypes"}:
            target.runtime = lambda: runtime_ctypes
        def limit():
            size = int({gigabytes} * 2**30)
            resource.setrlimit(resource.RLIMIT_AS, (size, size))
    """
    text = textwrap.dedent(head) + textwrap.dedent(program)
    run = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_a_history_fits_into_little_more_than_its_size(runtime: str) -> None:
    """A loop keeps all its states for the gradient: 400 MB, and small pieces after it."""
    program = """
        x = T.dvector("x")
        states, _ = kg.scan(lambda h: T.tanh(h) * 0.5, outputs_info=[x], n_steps=100)
        f = kg.function([x], T.grad(states[-1].sum(), x), target="c")
        f(np.ones(3))
        limit()
        print(f(np.ones(2**19)).shape)
    """
    assert under_limit(program, 1.5, runtime) == "(524288,)"


def test_out_of_memory_is_an_error_of_ours(runtime: str) -> None:
    program = """
        x, y = T.dvector("x"), T.dvector("y")
        table = T.exp(x.dimshuffle(0, "x") * y)
        table.name = "table"
        f = kg.function([x, y], [table[::-1].sum(), table], target="c")
        few = f(np.ones(2), np.ones(3))[0]
        limit()
        for _ in range(2):
            try:
                f(np.ones(100_000), np.ones(100_000))
            except MemoryError as error:
                print(str(error))
        assert f(np.ones(2), np.ones(3))[0] == few
    """
    text = under_limit(program, 2.0, runtime)
    assert text.count("KG-M001") == 2
    assert text.count("(float64[?, ?])") == 2
    assert text.count("80,000,000,000 bytes") == 2
