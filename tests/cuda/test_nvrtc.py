"""NVRTC: programs compile, errors are told, a Ctrl-C ends a compilation."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernelgraph.cuda import nvrtc
from kernelgraph.cuda.nvrtc import OPTIONS, Nvrtc
from kernelgraph.cuda.printer import macros
from kernelgraph.errors import CompileError, DeviceError
from tests.conftest import GOLDEN
from tests.cuda.conftest import QUICK

EMPTY = 'extern "C" __global__ void nothing() {}\n'


@pytest.mark.parametrize("arch", ["sm_75", "sm_80", "sm_90"])
def test_golden_programs_compile(arch: str, compiler: Nvrtc) -> None:
    files = sorted((GOLDEN / "cuda").glob("*.cu"))
    assert files
    for file in files:
        made = compiler.compile(file.read_text(encoding="utf-8"), arch, QUICK)
        assert made.cubin.startswith(b"\x7fELF"), file
        assert f".target {arch}" in made.ptx


def test_what_each_kernel_takes(compiler: Nvrtc) -> None:
    made = compiler.compile(
        """
extern "C" __global__ void waits(float *x) {
    __shared__ float all[256];
    all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = all[255 - threadIdx.x];
}
extern "C" __global__ void __launch_bounds__(1024) spills(float *x) {
    float y[200];
    for (int i = 0; i < 200; i++) y[i] = x[i * 7];
    for (int i = 0; i < 200; i++) x[i] = y[(i * 3) % 200] + y[(i * 5) % 200] + y[199 - i];
}
""",
        "sm_90",
    )
    waits, spills = made.resources["waits"], made.resources["spills"]
    assert (waits.shared, waits.barriers, waits.spill_stores) == (1024, 1, 0)
    assert 0 < waits.registers <= 32
    assert spills.spill_stores > 0
    assert spills.spill_loads > 0
    assert "bytes spilled" in repr(made)
    assert "waits: " in repr(made)


def test_compute_makes_ptx_alone(compiler: Nvrtc) -> None:
    made = compiler.compile(EMPTY, "compute_80")
    assert ".target sm_80" in made.ptx
    assert made.cubin == b""


def test_the_same_bytes_in_every_folder(
    compiler: Nvrtc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compiler.compile(EMPTY, "sm_90").cubin
    monkeypatch.chdir(tmp_path)
    assert compiler.compile(EMPTY, "sm_90").cubin == first


def test_products_and_sums_are_rounded_twice(compiler: Nvrtc) -> None:
    text = 'extern "C" __global__ void f(float *x) { x[0] = x[1] * x[2] + x[3]; }'
    assert "fma" not in compiler.compile(text, "sm_90").ptx
    fused = tuple(option for option in OPTIONS if "fmad" not in option)
    assert "fma" in compiler.compile(text, "sm_90", fused).ptx


def test_a_refused_program_is_an_error_with_its_line(compiler: Nvrtc) -> None:
    with pytest.raises(CompileError, match=r'line 2: identifier "y" is undefined') as caught:
        compiler.compile('extern "C" __global__ void f(float *x) {\n    x[0] = y;\n}\n', "sm_90")
    assert caught.value.code == "KG-K005"
    assert "kernels.cu(2)" in caught.value.log


@pytest.mark.parametrize("arch", ["sm_70", "gfx90a", "", "sm_90; rm"])
def test_an_architecture_that_is_not_known(arch: str, compiler: Nvrtc) -> None:
    with pytest.raises(DeviceError, match=r"KG-X001.*it knows sm_75, sm_80"):
        compiler.compile(EMPTY, arch)


def test_an_option_that_is_not_known(compiler: Nvrtc) -> None:
    with pytest.raises(CompileError, match="KG-K010"):
        compiler.compile(EMPTY, "sm_90", ["--no-such-option"])


LONG = "".join(
    f'extern "C" __global__ void k{i}(double *x) {{ for (int j = 0; j < 9; j++) '
    f"x[j] = exp(sin(x[j]) + pow(x[j], {i}.5)); }}\n"
    for i in range(400)
)
"""A program that takes many seconds."""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
def test_ctrl_c_ends_a_compilation(compiler: Nvrtc) -> None:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        compiler.compile(LONG, "sm_90")
    assert time.monotonic() - began < 30
    assert compiler.compile(EMPTY, "sm_90").cubin


def test_several_threads_compile_at_once(compiler: Nvrtc) -> None:
    made: list[str] = []

    def compile_one(number: int) -> None:
        text = f'extern "C" __global__ void f{number}() {{}}'
        made.append(compiler.compile(text, "sm_90", QUICK).ptx)

    threads = [threading.Thread(target=compile_one, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(k for k in range(4) for ptx in made if f".entry f{k}(" in ptx) == [0, 1, 2, 3]


def test_it_is_found_without_pip_packages_where_a_toolkit_is(
    compiler: Nvrtc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not os.path.isabs(compiler.path):
        pytest.skip("the system's own")
    (tmp_path / "lib64").symlink_to(os.path.dirname(compiler.path))
    monkeypatch.setattr(nvrtc, "_package_folders", lambda: iter(()))
    monkeypatch.setenv("CUDA_HOME", str(tmp_path))
    assert os.path.realpath(nvrtc.find().path) == os.path.realpath(compiler.path)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvrtc, "candidates", lambda: iter(["libnvrtc.so.nowhere"]))


@pytest.mark.usefixtures("nowhere")
def test_without_it_the_error_says_what_to_install() -> None:
    with pytest.raises(DeviceError, match=r"(?s)KG-X001.*pip install 'kernelgraph\[cuda\]'"):
        nvrtc.find()


def test_a_library_that_is_none_of_nvidias_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        pytest.skip("the C library has this name on Linux")
    monkeypatch.setattr(nvrtc, "candidates", lambda: iter(["libc.so.6"]))
    with pytest.raises(DeviceError, match="nvrtc"):
        nvrtc.find()


def test_what_it_cannot_say_is_an_error(compiler: Nvrtc) -> None:
    class Library:
        def nvrtcCreateProgram(self, *_: Any) -> int:
            return 1

        def nvrtcGetErrorString(self, _: int) -> bytes:
            return ctypes.c_char_p(b"NVRTC_ERROR_OUT_OF_MEMORY").value or b""

    broken = Nvrtc(compiler.path, compiler.version, compiler.architectures, Library())
    with pytest.raises(CompileError, match=r"KG-K004.*NVRTC_ERROR_OUT_OF_MEMORY"):
        broken.compile(EMPTY, "sm_90")


def test_macros_of_c_that_programs_may_use(compiler: Nvrtc) -> None:
    """Those of <math.h> and <stdint.h>, which it does not have; each has its value."""
    limits = {
        f"{kind}{bits}_{end}": getattr(np.iinfo(f"{kind.lower()}{bits}"), end.lower())
        for kind, end in (("INT", "MIN"), ("INT", "MAX"), ("UINT", "MAX"))
        for bits in (8, 16, 32, 64)
    }
    checks = [
        f"static_assert({name} == {value + 1} - 1);"
        if value < 0
        else f"static_assert({name} == {value}U);"
        for name, value in limits.items()
    ]
    text = "\n".join([*checks, "__device__ float f() { return INFINITY + NAN; }"])
    whole = "\n".join([*macros(text), text])
    assert whole.count("#define") == len(limits) + 2
    assert compiler.compile(whole, "compute_75", QUICK).ptx
    with pytest.raises(CompileError, match="INT8_MIN"):
        compiler.compile(text, "compute_75", QUICK)
