"""What of CUDA is on this machine, and what is missing: for the first question of every user.

Nothing is initialised in this process: the GPU is asked for by a process of its own, since CUDA,
once initialised, does not survive a fork.
"""

from __future__ import annotations

import ctypes
import glob
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata

from kernelgraph.cuda import disassembly, nvcc, nvrtc
from kernelgraph.cuda.nvrtc import HINT
from kernelgraph.errors import KernelgraphError
from kernelgraph.hooks import Displayed
from kernelgraph.names import one_line

_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_INSTALL_DRIVER = "install the NVIDIA driver of this machine's GPU"
_SECONDS = 20.0  # a driver that is starting takes some

_ASK = """
import ctypes, json, sys
cuda = ctypes.CDLL(sys.argv[1])
number = cuda.cuInit(0)
found, count = [], ctypes.c_int()
if number == 0:
    number = cuda.cuDeviceGetCount(ctypes.byref(count))
for k in range(count.value):
    name, major, minor = ctypes.create_string_buffer(100), ctypes.c_int(), ctypes.c_int()
    cuda.cuDeviceGetName(name, 100, k)
    cuda.cuDeviceGetAttribute(ctypes.byref(major), 75, k)
    cuda.cuDeviceGetAttribute(ctypes.byref(minor), 76, k)
    found.append([name.value.decode("utf-8", "replace"), f"sm_{major.value}{minor.value}"])
print(json.dumps([number, found]))
"""


@dataclass(frozen=True)
class Part:
    """A part of CUDA: `found` says which one is there; where none is, `why` not, and what to do."""

    name: str
    purpose: str
    found: str = ""
    why: str = ""
    remedy: str = ""

    def __bool__(self) -> bool:
        return bool(self.found)


@dataclass(frozen=True)
class Status(Displayed):
    """All parts of CUDA on this machine; it prints itself."""

    parts: Sequence[Part]

    def __getitem__(self, name: str) -> Part:
        """A part by its name; raises KeyError."""
        return {part.name: part for part in self.parts}[name]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Name, what is there, what it is for or why it is missing, and what to do about that."""
        return [
            (part.name, part.found or "missing", part.why or part.purpose, part.remedy)
            for part in self.parts
        ]

    def __repr__(self) -> str:
        rows = [tuple(map(one_line, row)) for row in self.rows()]
        first, second = (max(len(row[k]) for row in rows) for k in (0, 1))
        lines = ["CUDA on this machine"]
        for name, found, about, remedy in rows:
            lines.append(f"  {name:{first}}  {found:{second}}  {about}".rstrip())
            if remedy:
                lines.append(f"  {'':{first}}  {'':{second}}  Try:  {remedy}")
        return "\n".join(lines)


def status() -> Status:
    """What of CUDA is on this machine, which version, and what is missing; it never raises.

    Without a driver and a GPU, programs can still be compiled (NVRTC), looked at (nvdisasm) and
    run (simulator).
    """
    return Status([_part(name, purpose, find) for name, purpose, find in _PARTS])


def _part(name: str, purpose: str, find: Callable[[], str]) -> Part:
    try:
        return Part(name, purpose, found=find())
    except KernelgraphError as error:
        why = "; ".join(filter(None, (error.message, error.because)))
        return Part(name, purpose, why=why, remedy=error.hint or "")
    except _MissingError as error:
        return Part(name, purpose, why=error.why, remedy=error.remedy)
    except Exception as error:
        return Part(name, purpose, why=f"{type(error).__name__}: {error}")


class _MissingError(Exception):
    """A part is not there: why, and what to do."""

    def __init__(self, why: str, remedy: str = "") -> None:
        self.why = why
        self.remedy = remedy
        super().__init__(why)


def _driver() -> str:
    try:
        library = ctypes.CDLL(_DRIVER)
    except OSError as error:
        raise _MissingError(str(error), _INSTALL_DRIVER) from None
    version = ctypes.c_int()
    number = library.cuDriverGetVersion(ctypes.byref(version))  # needs no initialisation
    if number:
        raise _MissingError(f"it answers with error {number}", _INSTALL_DRIVER)
    return f"CUDA {version.value // 1000}.{version.value % 1000 // 10}"


def _device() -> str:
    try:
        _driver()
    except _MissingError:
        raise _MissingError("without a driver no GPU is seen") from None
    command = [sys.executable, "-c", _ASK, _DRIVER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode:
        raise _MissingError(f"a process that asked for it ended with {done.returncode}")
    number, found = json.loads(done.stdout)
    if not found:
        shown = os.environ.get("CUDA_VISIBLE_DEVICES")
        if shown is not None:
            raise _MissingError(
                f"the driver sees none (error {number}); CUDA_VISIBLE_DEVICES is {shown!r}",
                "unset CUDA_VISIBLE_DEVICES",
            )
        raise _MissingError(f"the driver sees none (error {number})")
    return ", ".join(f"{name} ({arch})" for name, arch in found)


def _nvrtc() -> str:
    found = nvrtc.find()
    return found.name.removeprefix("NVRTC ")


def _nvcc() -> str:
    return nvcc.find().version


def _nvdisasm() -> str:
    path = disassembly.find()
    try:
        return metadata.version("nvidia-cuda-nvdisasm")
    except metadata.PackageNotFoundError:
        return path


def _package(name: str, module: str, hint: str) -> Callable[[], str]:
    """The version of a package, which is not imported."""

    def find() -> str:
        if importlib.util.find_spec(module) is None:
            raise _MissingError("it is not installed", hint)
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return "there"

    return find


def _cublas() -> str:
    package = importlib.util.find_spec("nvidia")
    folders = [*((package and package.submodule_search_locations) or ())]
    patterns = [
        *(os.path.join(glob.escape(folder), "*", "lib", "libcublas.so.*") for folder in folders),
        *(os.path.join(glob.escape(folder), "*", "bin", "cublas64_*.dll") for folder in folders),
        "/usr/local/cuda/lib64/libcublas.so.*",
        "/usr/lib/*/libcublas.so.*",
    ]
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            return os.path.basename(path)
    raise _MissingError("its library is not found", "pip install nvidia-cublas")


def _simulator() -> str:
    if importlib.util.find_spec("kernelgraph.cuda.simulator") is None:
        raise _MissingError("this installation has none")
    for name in ("g++", "clang++", "c++"):
        if shutil.which(name):
            return f"with {name}"
    raise _MissingError("it needs a C++ compiler", "install g++ or clang")


_PYCUDA = _package("pycuda", "pycuda", "pip install pycuda  (needs a CUDA toolkit)")
_BINDINGS = _package("cuda-bindings", "cuda.bindings", HINT)

_PARTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("driver", "runs programs on a GPU", _driver),
    ("device", "the GPU", _device),
    ("NVRTC", "compiles programs, in this process", _nvrtc),
    ("nvcc", "compiles programs where NVRTC is missing", _nvcc),
    ("nvdisasm", "lists instructions", _nvdisasm),
    ("pycuda", "reaches the GPU", _PYCUDA),
    ("cuda-bindings", "reaches the GPU where pycuda is missing", _BINDINGS),
    ("cuBLAS", "products of matrices", _cublas),
    ("simulator", "runs programs without a GPU", _simulator),
)
