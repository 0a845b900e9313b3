"""CUDA text becomes code: kept between processes, or refused at the user's line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import kernelgraph.tensor as T
from kernelgraph.c.cache import Cache, CacheWarning
from kernelgraph.c.entry import DamagedEntryError
from kernelgraph.cuda import build as build_module
from kernelgraph.cuda import nvcc, nvrtc
from kernelgraph.cuda.build import build
from kernelgraph.cuda.compiled import Compiled, packed, unpacked
from kernelgraph.cuda.nvcc import Nvcc
from kernelgraph.cuda.nvrtc import Nvrtc
from kernelgraph.cuda.printer import print_cuda
from kernelgraph.errors import CompileError, DeviceError
from kernelgraph.graph import Graph
from kernelgraph.writer import Source
from tests.cuda.test_printer import on_grid
from tests.test_golden import softmax_rows

TEXT = 'extern "C" __global__ void twice(float *x) { x[threadIdx.x] *= 2; }\n'


def never(*_: object) -> Compiled:
    raise AssertionError("it was compiled again")


def test_what_is_compiled_is_kept(
    compiler: Nvrtc, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(TEXT, "sm_90", cache)
    assert first.compiler == compiler.name
    monkeypatch.setattr(Nvrtc, "compile", never)
    again = build(TEXT, "sm_90", cache)
    assert again == first
    assert again.resources == first.resources
    with pytest.raises(AssertionError):
        build(TEXT, "sm_80", cache)
    with pytest.raises(AssertionError):
        build(TEXT + "\n", "sm_90", cache)


@pytest.mark.usefixtures("compiler")
def test_a_damaged_entry_is_compiled_again(cache: Cache) -> None:
    first = build(TEXT, "sm_90", cache)
    (entry,) = Path(cache.root).rglob("*.kg")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    with pytest.warns(CacheWarning, match="KG-C020"):
        assert build(TEXT, "sm_90", cache) == first
    assert build(TEXT, "sm_90", cache) == first


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"[]",
        b"{}",
        json.dumps({"arch": "sm_90", "cubin": "", "ptx": "", "log": "", "compiler": 1}).encode(),
        json.dumps({"arch": "sm_90", "cubin": "%", "ptx": "", "log": "", "compiler": ""}).encode(),
    ],
)
def test_bytes_that_are_no_program_are_none(kept: bytes) -> None:
    with pytest.raises(DamagedEntryError):
        unpacked(kept)


def test_a_packed_program_comes_out_the_same() -> None:
    made = Compiled("sm_90", bytes(range(256)), "ptx – text", "log", "NVRTC")
    assert unpacked(packed(made)) == made


def planted(source: Source, line: int) -> Source:
    """The source with a mistake on a line."""
    lines = source.text.split("\n")
    lines[line - 1] += " mistake;"
    return Source("\n".join(lines), source.lines)


@pytest.mark.usefixtures("compiler")
def test_a_refused_line_leads_to_the_node_and_the_users_line(cache: Cache) -> None:
    x = T.dmatrix("x")
    y = T.exp(x) + 1  # the line
    source = print_cuda(on_grid(Graph((x,), (y,))))
    nodes = (node for found in source.lines.values() for node in found)
    number = source.lines_of(next(node for node in nodes if str(node.op) == "exp"))[-1]
    with pytest.raises(CompileError) as caught:
        build(planted(source, number), "sm_90", cache)
    error = caught.value
    assert error.code == "KG-K005"
    assert f'line {number}: identifier "mistake" is undefined' in str(error)
    assert f"Line {number} of the generated program computes exp" in str(error)
    assert any("# the line" in place.block() for place in error.places)
    kept = Path(str(error.hint).partition(": ")[2]).read_text()
    assert "mistake" in kept
    assert "// /kernels.cu" in kept


@pytest.mark.usefixtures("compiler")
def test_a_text_without_nodes_is_refused_all_the_same(cache: Cache) -> None:
    with pytest.raises(CompileError, match="line 1"):
        build("mistake", "sm_90", cache)


def without_nvrtc() -> Nvrtc:
    raise DeviceError("there is no NVRTC", hint="install it")


def a_working_nvcc() -> Nvcc:
    try:
        return nvcc.find()
    except DeviceError as error:
        pytest.skip(str(error))


def test_nvcc_where_there_is_no_nvrtc(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = a_working_nvcc()
    monkeypatch.setattr(nvrtc, "find", without_nvrtc)
    made = build(print_cuda(on_grid(softmax_rows())), "sm_90", cache)
    assert made.compiler == compiler.name
    assert made.cubin.startswith(b"\x7fELF")
    assert ".target sm_90" in made.ptx
    assert made.resources["kernel_0"].shared == 4096


def test_nvcc_tells_the_line_and_the_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = a_working_nvcc()
    with pytest.raises(CompileError, match=r"(?s)KG-K005.*line 1: .*mistake"):
        compiler.compile("mistake x;", "sm_90")
    with pytest.raises(DeviceError, match="'sm_10'"):
        compiler.compile(TEXT, "sm_10")


def test_without_any_compiler_the_error_says_so(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(nvrtc, "find", without_nvrtc)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match=r"(?s)no NVRTC.*no nvcc on PATH.*install it"):
        build(TEXT, "sm_90", cache)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
@pytest.mark.parametrize(
    ("script", "words"), [("exit 3", "does not work"), ("echo hello", "does not say its version")]
)
def test_an_nvcc_that_does_not_work(
    script: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in = tmp_path / "nvcc"
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(DeviceError, match=words):
        nvcc.find()


def test_the_compilers_agree_on_their_options() -> None:
    assert ("--fmad=false" in nvrtc.OPTIONS) == ("-fmad=false" in nvcc.OPTIONS)
    assert build_module.find is not nvrtc.find
