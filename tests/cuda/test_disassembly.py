"""Instructions of compiled kernels, and the lines that they are for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernelgraph.cuda import disassembly
from kernelgraph.cuda.compiled import Compiled
from kernelgraph.cuda.disassembly import disassembled
from kernelgraph.cuda.nvrtc import Nvrtc
from kernelgraph.errors import CompileError, DeviceError

TEXT = """\
extern "C" __global__ void sums(const float *x, float *y, int n) {
    float total = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        total += x[i];
    y[threadIdx.x] = total;
}
extern "C" __global__ void nothing() {
}
"""


@pytest.fixture(autouse=True)
def is_there() -> None:
    try:
        disassembly.find()
    except DeviceError as error:
        pytest.skip(str(error))


def test_each_instruction_has_its_line(compiler: Nvrtc) -> None:
    found = disassembled(compiler.compile(TEXT, "sm_90"))
    assert [*found.kernels] == ["sums", "nothing"] or {*found.kernels} == {"sums", "nothing"}
    loads = [one for one in found.of_line(4) if one.text.startswith(("LDG", "@"))]
    stores = [one for one in found.of_line(5) if "STG" in one.text]
    assert loads
    assert len(stores) == 1
    addresses = [one.address for one in found.kernels["sums"]]
    assert addresses == sorted(set(addresses))
    assert any(one.labels for one in found.kernels["sums"])
    text = str(found)
    assert "sums (sm_90, " in text
    assert "line 5" in text
    assert ".L_x_" in text


def test_what_is_no_code_is_an_error() -> None:
    with pytest.raises(CompileError):
        disassembled(Compiled("sm_90", b"no code", "", "", "NVRTC"))


def test_without_it_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(disassembly.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="nvdisasm"):
        disassembly.find()
    stand_in = tmp_path / "nvdisasm"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    if os.name == "posix":
        assert disassembly.find() == str(stand_in)
