"""Libraries live as long as somebody has them, and no longer."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import build as build_module
from kernelgraph.c.build import Builder, runtime
from kernelgraph.c.library import load_image
from kernelgraph.errors import CompileError
from tests.c.test_build import source

BODY = b"\x7fELF and more"


def opened() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_the_loader_finds_the_bytes() -> None:
    assert load_image(BODY, "name", lambda path: Path(path).read_bytes()) == BODY


def test_no_path_is_given_twice_and_no_descriptor_stays() -> None:
    before, paths = opened(), [load_image(BODY, "name", str) for _ in range(20)]
    assert len(set(paths)) == 20
    assert len({os.path.basename(path) for path in paths}) == 1, "the descriptor is free again"
    assert opened() == before


def test_errors_of_the_loader_pass_and_leave_nothing_open() -> None:
    def refuse(path: str) -> None:
        raise OSError(f"{path} is for another processor")

    before = opened()
    with pytest.raises(OSError, match="another processor"):
        load_image(BODY, "name", refuse)
    assert opened() == before


def test_where_files_in_memory_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(name: str) -> int:
        raise OSError(name)

    seen: list[str] = []

    def read(path: str) -> bytes:
        seen.append(path)
        assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0
        return Path(path).read_bytes()

    monkeypatch.setattr(os, "memfd_create", forbidden)
    assert load_image(BODY, "name", read) == BODY
    assert seen[0].endswith("name.so")
    assert not os.path.exists(seen[0])


def loaded() -> int:
    """How many programs are mapped into this process."""
    runtime()  # is counted from the first time on
    gc.collect()
    with open("/proc/self/maps") as maps:
        return len({line.split(maxsplit=5)[5] for line in maps if "/memfd:kg_" in line})


def scaled(number: float, **options: Any) -> kg.Function:
    x = T.dvector("x")
    return kg.function([x], T.exp(x) * number, target="c", **options)


def test_a_function_takes_its_library_along() -> None:
    before = loaded()
    for number in range(3):
        f = scaled(number + 0.5)
        assert f([0.0]) == [number + 0.5]
        del f
        assert loaded() == before


def test_who_keeps_a_library() -> None:
    """Copies, the stages, a bound method; not the results."""
    before = loaded()
    f = scaled(7.25)
    result = f([0.0, 1.0])
    copy, stages = f.copy(), f.stages
    del f
    assert loaded() == before + 1
    assert copy([0.0])[0] == [7.25]
    del copy
    assert loaded() == before + 1
    again = stages.executable
    del stages
    assert loaded() == before + 1
    del again
    assert loaded() == before
    np.testing.assert_allclose(result, [7.25, 7.25 * np.e])


def test_updates_outlive_the_function() -> None:
    before = loaded()
    w = kg.shared(np.zeros(100), "w")
    f = kg.function([], updates=[(w, w * 3.5 + 1)], target="c")
    for _ in range(3):
        f()
    del f
    assert loaded() == before
    assert w.get_value()[0] == 1 + 3.5 * (1 + 3.5)


def test_one_library_for_equal_programs(shared_builder: Builder) -> None:
    before = loaded()
    one = shared_builder.build(source(901), "answer", lasting=False)
    other = shared_builder.build(source(901), "answer", lasting=False)
    assert one is other
    address = other.address
    del one
    assert loaded() == before + 1
    assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() == 901
    del other
    assert loaded() == before
    address = shared_builder.build(source(901), "answer").address
    assert loaded() == before + 1
    assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() == 901


def test_a_missing_function_leaves_nothing_behind(tmp_path: Path, make_builder: Any) -> None:
    builder = make_builder(tmp_path)
    builder.runtime()
    before = loaded()
    with pytest.warns(RuntimeWarning), pytest.raises(Exception, match="unknown"):
        builder.build(source(902), "unknown")
    assert loaded() == before


def test_functions_that_go_while_others_run() -> None:
    """Threads make, call and drop the same few functions."""
    before = loaded()
    stop = time.monotonic() + 1.5
    wrong: list[Any] = []
    made = [0]

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        while time.monotonic() < stop:
            number = float(rng.integers(1, 4)) + 0.125
            f = scaled(number)
            values = np.zeros(int(rng.integers(1, 20_000)))
            if not np.all(f(values) == number):
                wrong.append(number)
            made[0] += 1

    for number in range(1, 4):
        scaled(number + 0.125)
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert made[0] > 4
    del threads
    assert loaded() == before


def test_the_end_of_the_process(run_python: Any) -> None:
    """A function in a global, one in a thread that still runs, one in a cycle."""
    child = run_python(
        """
        import threading, numpy as np, kernelgraph as kg, kernelgraph.tensor as T
        x = T.dvector("x")
        f = kg.function([x], T.exp(x), target="c")
        g = kg.function([x], T.sin(x), target="c")
        cycle = [kg.function([x], T.cos(x), target="c")]
        cycle.append(cycle)
        del cycle
        def forever():
            while True:
                g(np.zeros(100_000))
        threading.Thread(target=forever, daemon=True).start()
        print(f([0.0]))
        """
    )
    out, err = child.communicate(timeout=60)
    assert (out, err, child.returncode) == ("[1.]\n", "", 0)


def test_no_room_for_another_library(
    shared_builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is full says so; the entry of the cache is not to blame, and stays."""

    def refuse(*_: object) -> None:
        raise OSError("x.so: failed to map segment from shared object")

    answer = shared_builder.build(source(903), "answer", lasting=False)
    entry = Path(answer.path)
    del answer
    with monkeypatch.context() as patched:
        patched.setattr(build_module, "load_image", refuse)
        with pytest.raises(CompileError, match="no memory left") as caught:
            shared_builder.build(source(903), "answer", lasting=False)
    assert caught.value.code == "KG-K004"
    assert entry.is_file()


def test_memory_that_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(build_module, "_builder", refuse)
    with pytest.raises(CompileError) as caught:
        build_module.build(source(904), "answer")
    assert caught.value.code == "KG-K004"
