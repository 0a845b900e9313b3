"""The libraries that reach a GPU, with a stand-in for NVIDIA's driver library: its memory is the
host's, it writes launches down, and it refuses what it is told to.

cuda-bindings is tested in every run; PyCUDA, which is built against the stand-in, in a hunt.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kernelgraph.cuda.nvrtc import Nvrtc
from tests.cuda.providers import pycuda_build
from tests.support import hunting

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is for Linux")

Seen = dict[str, dict[str, Any]]


def stand_in(folder: Path) -> Path:
    """The folder with the stand-in as libcuda.so.1."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc here")
    library = folder / "libcuda.so.1"
    command = [compiler, "-w", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o", str(library)]
    subprocess.run([*command, str(HERE / "driver.c"), "-ldl"], check=True)
    (folder / "libcuda.so").symlink_to(library)
    return folder


def played(provider: str, folder: Path, more: str = "") -> Seen:
    """What the scenes saw, in a process of their own."""
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(folder),
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(ROOT), more, os.environ.get("PYTHONPATH")))
        ),
        "KERNELGRAPH_CACHE": str(folder / "cache"),
    }
    environment.pop("CUDA_VISIBLE_DEVICES", None)
    command = [sys.executable, str(HERE / "scenes.py"), provider]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, compiler: Nvrtc) -> Seen:
    del compiler
    if importlib.util.find_spec("cuda") is None:
        pytest.skip("cuda-bindings is not installed")
    return played("bindings", stand_in(tmp_path_factory.mktemp("driver")))


def check(seen: Seen) -> None:
    """All that a provider must do."""
    memory, launch = seen["memory"], seen["launch"]
    assert memory["arch"] == "sm_90"
    assert memory["found"] == [*map(float, range(10))]
    assert memory["full"][0] == "DeviceMemoryError"
    assert "KG-X002" in memory["full"][1]
    assert "2,097,152 bytes" in memory["full"][1]
    assert "of its 1,048,576 bytes are free" in memory["full"][1]
    assert memory["unfit"][0] == "ArgumentError"
    assert (memory["used"], memory["depth"]) == (0, 0)
    assert (launch["grid"], launch["block"], launch["shared"]) == ([3, 2, 1], [64, 4, 1], 60_000)
    assert launch["values"] == ["7", "4660", "True", "-3", "(1.5-2j)", "0.1"]
    assert launch["empty"] == 99
    assert launch["stream"] == 0x4000
    assert launch["seconds"] == pytest.approx(0.0015)
    assert launch["missing"][0] == launch["few"][0] == launch["kind"][0] == "ArgumentError"
    assert launch["refused"][0] == "CompileError"
    check_function(seen["function"])
    check_errors(seen)


def check_function(seen: dict[str, Any]) -> None:
    assert (seen["target"], seen["size"], seen["apart"]) == ("cuda", 300, True)
    assert (seen["grid"], seen["block"]) == ([2, 1, 1], [256, 1, 1])
    assert seen["result"] == ["float32", 300]
    assert (seen["used"], seen["depth"]) == (0, 0)
    assert seen["full"][0] == "DeviceMemoryError"
    assert "KG-X002" in seen["full"][1]
    assert seen["again"] == 3


def check_errors(seen: Seen) -> None:
    devices = seen["no_device"]
    assert all(
        error[0] == "DeviceError" and "KG-X001" in error[1]
        for error in (devices["none"], devices["hidden"], devices["driver"])
    )
    assert "no CUDA-capable device" in devices["none"][1]
    assert "CUDA_VISIBLE_DEVICES is ''" in devices["hidden"][1]
    assert "driver does not fit" in devices["driver"][1]
    assert devices["forked"][0] == "ForkedDeviceError"
    old = seen["old_driver"]["old"]
    assert old[0] == "DeviceError"
    assert "the driver of CUDA 12.4 does not load" in old[1]
    lost = seen["lost"]
    assert lost["first"][0] == lost["again"][0] == "DeviceLostError"
    assert "illegal memory access" in lost["first"][1]
    assert "KG-X003" in lost["again"][1]
    assert "restart the kernel" in lost["again"][1]
    assert (lost["calls"], lost["depth"], lost["on_cpu"]) == (0, 0, [2.0, 4.0])
    forked = seen["forked"]
    assert [kind for kind, _ in forked["child"]] == ["ForkedDeviceError"] * 2
    assert all("KG-X004" in words for _, words in forked["child"])
    assert (forked["calls"], forked["parent"][0]) == (0, "nothing")


def test_cuda_bindings(seen: Seen) -> None:
    check(seen)


def test_a_compilation_asks_the_driver_for_nothing(seen: Seen) -> None:
    assert seen["only_compiles"]["calls"] == 0


@pytest.mark.hypothesis
@pytest.mark.skipif(not hunting(), reason="PyCUDA is built for `./kg nightly`, in a minute or two")
def test_pycuda(tmp_path: Path, compiler: Nvrtc) -> None:
    del compiler
    folder = stand_in(tmp_path)
    site = pycuda_build.build(tmp_path, folder, ROOT / "constraints.txt")
    check(played("pycuda", folder, str(site)))
