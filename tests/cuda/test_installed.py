"""What of CUDA is on a machine: parts that are there and parts that are missing, and no error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kernelgraph as kg
from kernelgraph.cuda import disassembly, installed, nvcc, nvrtc
from kernelgraph.cuda.installed import Part, Status
from kernelgraph.cuda.nvrtc import Nvrtc
from kernelgraph.errors import DeviceError
from tests.cuda.providers.test_providers import stand_in

NAMES = (
    "driver", "device", "NVRTC", "nvcc", "nvdisasm", "pycuda", "cuda-bindings", "cuBLAS",
    "simulator",
)  # fmt: skip


def test_every_part_is_there_or_says_why_not() -> None:
    found = kg.cuda.status()
    assert [part.name for part in found.parts] == [*NAMES]
    for part in found.parts:
        assert bool(part) == bool(part.found) == (not part.why)
        assert part.name in repr(found)


def test_what_is_there_has_its_version(compiler: Nvrtc) -> None:
    assert f"NVRTC {kg.cuda.status()['NVRTC'].found}" == compiler.name


def missing(*_: Any, **__: Any) -> Any:
    raise DeviceError("it is not here", because="for a test", hint="put it here")


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("a fault of its own")


@pytest.mark.parametrize(
    ("stand_in", "why", "remedy"),
    [
        (missing, "it is not here; for a test", "put it here"),
        (broken, "ZeroDivisionError: a fault of its own", ""),
    ],
)
def test_parts_that_are_missing(
    stand_in: Any, why: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (nvrtc, nvcc, disassembly):
        monkeypatch.setattr(module, "find", stand_in)
    monkeypatch.setattr(installed, "_DRIVER", "libcuda.so.nowhere")
    monkeypatch.setattr(installed.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(installed.glob, "glob", lambda pattern: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    found = kg.cuda.status()
    assert not any(found.parts)
    for name in ("NVRTC", "nvcc", "nvdisasm"):
        assert (found[name].why, found[name].remedy) == (why, remedy)
    assert "libcuda.so.nowhere" in found["driver"].why
    assert "driver" in found["driver"].remedy
    assert found["pycuda"].why == "it is not installed"
    assert "pip install pycuda" in found["pycuda"].remedy
    assert repr(found).count("missing") >= len(NAMES)


ASKED = """
import ctypes, sys
from kernelgraph.cuda import installed
installed._DRIVER = sys.argv[1]
found = installed.status()
print(found["driver"].found, found["device"].found, ctypes.CDLL(sys.argv[1]).stand_in_calls())
"""
"""In a process of its own: once it is loaded, it is what all find under its name."""


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is for Linux")
def test_a_driver_that_is_there(tmp_path: Path) -> None:
    library = str(stand_in(tmp_path) / "libcuda.so.1")
    said = subprocess.run(
        [sys.executable, "-c", ASKED, library], capture_output=True, text=True, check=True
    )
    assert said.stdout == "CUDA 13.0 Stand-in (sm_90) 0\n", "the process initialises nothing"


def test_a_machine_with_a_driver_and_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_driver", lambda: "CUDA 13.0")
    said = subprocess.CompletedProcess([], 0, "[100, []]", "")
    monkeypatch.setattr(installed.subprocess, "run", lambda *_, **__: said)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert kg.cuda.status()["device"].why == "the driver sees none (error 100)"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    hidden = kg.cuda.status()["device"]
    assert hidden.why.endswith("CUDA_VISIBLE_DEVICES is ''")
    assert hidden.remedy == "unset CUDA_VISIBLE_DEVICES"


def test_the_table_is_escaped() -> None:
    evil = Status([Part("driver", "", why="<script>alert(1)</script>\n\u202e", remedy="<b>")])
    shown = evil._repr_mimebundle_()
    assert "<script>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert "&lt;b&gt;" in shown["text/html"]
    assert "\u202e" not in shown["text/html"] + shown["text/plain"]


def test_a_part_that_is_not() -> None:
    with pytest.raises(KeyError):
        kg.cuda.status()["ROCm"]


def test_importing_the_package_imports_nothing_of_cuda() -> None:
    code = (
        "import sys, kernelgraph as kg, kernelgraph.tensor as T; x = T.dvector('x');"
        "kg.function([x], x + 1, target='python')([1.0]);"
        "print([m for m in sys.modules if m.startswith(('kernelgraph.cuda', 'cuda', 'pycuda'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
