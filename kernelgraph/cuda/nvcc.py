"""CUDA compiled by nvcc, where a toolkit is installed and NVRTC is not.

The same text and the same kind of result as in `nvrtc.py`, in ten times the time: a process of its
own, with the bounds that every compiler has (`kernelgraph/c/process.py`).
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache

from kernelgraph.c import process
from kernelgraph.c.files import private_folder
from kernelgraph.cuda.compiled import Compiled
from kernelgraph.cuda.nvrtc import FILE, refused
from kernelgraph.errors import CompileError, DeviceError

OPTIONS = ("-cubin", "-fmad=false", "-lineinfo", "-std=c++17", "-Xptxas=-v", "-diag-suppress=177")
"""As those of `nvrtc.py`."""

_SOURCE = FILE.strip("/")
_UNKNOWN = re.compile(r"Unsupported gpu architecture|not defined for option 'gpu-architecture'")


@dataclass(frozen=True)
class Nvcc:
    """A working nvcc: its path, and its version as it says it."""

    path: str
    version: str

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"nvcc {self.version}"

    @property
    def identity(self) -> tuple[object, ...]:
        """What its output depends on, besides text and options."""
        status = os.stat(self.path)
        return (self.name, self.path, status.st_size, status.st_mtime_ns)

    def compile(self, text: str, arch: str) -> Compiled:
        """The code of a program for an architecture, as "sm_90".

        Raises `CompileError`: KG-K005 for a program that it refuses, others as in `process.py`;
        `DeviceError` for an architecture that it does not know.
        """
        with private_folder() as folder:
            with open(os.path.join(folder, _SOURCE), "wb") as stream:
                stream.write(text.encode("utf-8", "backslashreplace"))
            command = [self.path, *OPTIONS, f"-arch={arch}", "--keep", "-o", "out.cubin", _SOURCE]
            try:
                with process.compiling(command, folder) as compilation:
                    log = compilation.wait()
            except CompileError as error:
                if _UNKNOWN.search(error.log):
                    raise DeviceError(f"{self.name} does not compile for {arch!r}") from None
                raise refused(self.name, error.log) if error.code == "KG-K005" else error from None
            ptx = _read(folder, "kernels.ptx").decode("utf-8", "replace")
            return Compiled(arch, _read(folder, "out.cubin"), ptx, log.rstrip(), self.name)


def _read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as stream:
        return stream.read()


def find() -> Nvcc:
    """The nvcc on PATH; raises `DeviceError` where there is none, or one that does not work."""
    path = shutil.which("nvcc")
    if path is None:
        raise DeviceError("there is no nvcc on PATH")
    return _asked(os.path.abspath(path), os.stat(path).st_mtime_ns)


@lru_cache(maxsize=8)
def _asked(path: str, _changed: int) -> Nvcc:
    try:
        with private_folder() as folder, process.compiling([path, "--version"], folder) as asked:
            said = asked.wait()
    except (CompileError, OSError) as error:
        raise DeviceError(f"{path} does not work: {error}") from error
    version = re.search(r"release ([0-9.]+)", said)
    if version is None:
        raise DeviceError(f"{path} does not say its version")
    return Nvcc(path, version.group(1))
