"""CUDA compiled inside this process, by NVIDIA's library NVRTC: no driver, no toolkit, no nvcc.

CUDA text goes in, a `Compiled` comes out. The library comes with `pip install nvidia-cuda-nvrtc`,
or with a toolkit. It is called through ctypes.

It works in the thread that calls it and takes some hundredths of a second for a kernel; Python's
other threads go on meanwhile, and several may compile at once. At thousands of points of a
compilation in the main thread it is asked whether a Ctrl-C came: that cancels the compilation and
is then raised. (A library that cannot be cancelled, an old one, finishes first.) A compilation in
another thread goes on, as everything there does. There is no time limit, and a crash of NVRTC would
end the process.
"""

from __future__ import annotations

import ctypes
import glob
import importlib.util
import os
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kernelgraph.c.interrupts import HeldInterrupts
from kernelgraph.cuda.compiled import Compiled
from kernelgraph.errors import CompileError, DeviceError

FILE = "/kernels.cu"
"""What programs are called in messages and in the table of lines: the same for all. A relative
name would bring the current folder into the code.
"""

OPTIONS = (
    "--fmad=false",  # a*b + c is rounded twice, as on every other target
    "--generate-line-info",  # changes no instruction
    "--std=c++17",
    "--ptxas-options=-v",  # the report of `Resources`
    "--diag-suppress=177",  # "declared but never referenced": of a helper's forms few are called
)

_NO_CACHE = (12, 9), "--no-cache"
"""From which version on it has a cache of its own, and how to leave that alone: it would load the
driver and initialise CUDA, in a process that may only want to compile, and to fork.
"""

_TIME = re.compile(r"^.*Compile time = .*\n", re.M)
"""What the assembler says differently each time."""

_SUCCESS, _INVALID_OPTION, _REFUSED, _CANCELLED = 0, 5, 6, 16
_OUT_OF_MEMORY = 1
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

MAJOR_VERSIONS = (13, 12)
"""Of NVRTC: those that are looked for, the best first."""

HINT = "pip install 'kernelgraph[cuda]'"


@dataclass(frozen=True)
class Nvrtc:
    """NVRTC in this process: where it was found, its version, and the architectures it knows."""

    path: str
    version: tuple[int, int]
    architectures: tuple[int, ...]
    library: Any

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"NVRTC {self.version[0]}.{self.version[1]}"

    @property
    def identity(self) -> tuple[object, ...]:
        """What its output depends on, besides text and options."""
        status = os.stat(self.path) if os.path.isabs(self.path) else None
        file = (status.st_size, status.st_mtime_ns) if status else ()
        return (self.name, self.path, *file)

    def compile(self, text: str, arch: str, options: Sequence[str] = OPTIONS) -> Compiled:
        """The code of a program for an architecture, as "sm_90"; "compute_90" makes PTX alone.

        Raises `CompileError` (KG-K005) for a program that it refuses, `DeviceError` for an
        architecture that it does not know.
        """
        number = re.fullmatch(r"(?:sm|compute)_([0-9]+)[af]?", arch)
        if not number or int(number.group(1)) not in self.architectures:
            known = ", ".join(f"sm_{n}" for n in self.architectures)
            raise DeviceError(f"{self.name} does not compile for {arch!r}; it knows {known}")
        with self._program(text) as program:
            since, no_cache = _NO_CACHE
            more = [no_cache] if self.version >= since else []
            status = self._run(program, [f"--gpu-architecture={arch}", *options, *more])
            log = _TIME.sub("", self._read("ProgramLog", program).decode("utf-8", "replace"))
            if status != _SUCCESS:
                raise self._failure(status, log)
            ptx = self._read("PTX", program).decode("utf-8", "replace").rstrip("\0")
            cubin = self._read("CUBIN", program) if arch.startswith("sm_") else b""
        return Compiled(arch, cubin, ptx, log.rstrip("\n\0 "), self.name)

    @contextmanager
    def _program(self, text: str) -> Generator[ctypes.c_void_p]:
        program = ctypes.c_void_p()
        source = text.encode("utf-8", "backslashreplace")
        status = self.library.nvrtcCreateProgram(
            ctypes.byref(program), source, FILE.encode(), 0, None, None
        )
        if status != _SUCCESS:
            raise self._failure(status, "")
        try:
            yield program
        finally:
            self.library.nvrtcDestroyProgram(ctypes.byref(program))

    def _run(self, program: ctypes.c_void_p, options: Sequence[str]) -> int:
        """Compile; a Ctrl-C cancels that, and comes when it has ended."""
        words = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        with HeldInterrupts() as held:

            def is_cancelled(_payload: int | None, _reserved: int | None) -> int:
                return int(held.noted)

            ask = _Callback(is_cancelled)
            if hasattr(self.library, "nvrtcSetFlowCallback"):
                self.library.nvrtcSetFlowCallback(program, ask, None)
            return self.library.nvrtcCompileProgram(program, len(options), words)

    def _read(self, what: str, program: ctypes.c_void_p) -> bytes:
        size = ctypes.c_size_t()
        status = getattr(self.library, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
        if status == _SUCCESS:
            buffer = ctypes.create_string_buffer(max(size.value, 1))
            status = getattr(self.library, f"nvrtcGet{what}")(program, buffer)
            if status == _SUCCESS:
                return buffer.raw[: size.value]
        raise self._failure(status, "")

    def _failure(self, status: int, log: str) -> CompileError:
        if status == _REFUSED:
            return refused(self.name, log)
        word = self.library.nvrtcGetErrorString(status).decode("ascii", "replace")
        code = {_OUT_OF_MEMORY: "KG-K004", _INVALID_OPTION: "KG-K010"}.get(status, "KG-K002")
        error = CompileError(f"{self.name} failed: {word}", code=code, because=log[:400] or None)
        error.log = log
        return error


def refused(compiler: str, log: str) -> CompileError:
    """The error for a program that a compiler refused, from what it said."""
    found = re.findall(rf"^.*{re.escape(FILE.strip('/'))}\(([0-9]+)\): error: (.*)$", log, re.M)
    because = "\n  ".join(f"line {number}: {words}" for number, words in found[:3])
    error = CompileError(
        f"{compiler} refused the program", code="KG-K005", because=because or log[-400:] or None
    )
    error.log = log
    return error


# ------------------------------------------------------------------------------------- finding it


def find() -> Nvrtc:
    """NVRTC, loaded; raises `DeviceError` where there is none, or none that can be used."""
    problems: list[str] = []
    for path in candidates():
        try:
            return _loaded(path)
        except (OSError, AttributeError) as error:
            problems.append(str(error))
    raise DeviceError(
        "there is no NVRTC, the library that compiles CUDA",
        because=problems[0] if problems else None,
        hint=HINT,
    )


def candidates() -> Iterator[str]:
    """Where NVRTC may be: in pip's packages, where the environment says, where the system looks."""
    windows = sys.platform == "win32"
    for folder in (*_package_folders(), *_toolkit_folders()):
        for major in MAJOR_VERSIONS:
            name = f"nvrtc64_{major}0_0.dll" if windows else f"libnvrtc.so.{major}"
            if os.path.isfile(path := os.path.join(folder, name)):
                yield os.path.realpath(path)
    if not windows:
        yield from (f"libnvrtc.so.{major}" for major in MAJOR_VERSIONS)


def _package_folders() -> Iterator[str]:
    """Of the wheels nvidia-cuda-nvrtc and nvidia-cuda-nvrtc-cu12."""
    package = importlib.util.find_spec("nvidia")
    for folder in (package and package.submodule_search_locations) or ():
        for inside in ("cu13", "cuda_nvrtc"):
            yield from (os.path.join(folder, inside, last) for last in ("lib", "bin"))


def _toolkit_folders() -> Iterator[str]:
    for root in (os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"):
        if root and os.path.isabs(root):
            yield from (os.path.join(root, last) for last in ("lib64", "bin"))


@lru_cache(maxsize=8)
def _loaded(path: str) -> Nvrtc:
    # Some wheels' libnvrtc does not look beside itself for the library that it needs.
    pattern = os.path.join(glob.escape(os.path.dirname(path)), "libnvrtc-builtins.so.*")
    for companion in sorted(glob.glob(pattern)) if os.path.isabs(path) else ():
        ctypes.CDLL(companion)
    library = ctypes.CDLL(path)
    library.nvrtcGetErrorString.restype = ctypes.c_char_p
    major, minor, count = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    library.nvrtcGetNumSupportedArchs(ctypes.byref(count))
    known = (ctypes.c_int * count.value)()
    library.nvrtcGetSupportedArchs(known)
    return Nvrtc(path, (major.value, minor.value), tuple(known), library)
