"""The machine in this process: its functions, with the types that ctypes must know."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_char_p, c_int, c_int64, c_uint, c_uint64, c_void_p
from threading import Lock
from typing import Any

from kernelgraph.c.library import load_image
from kernelgraph.cuda.simulator.compilation import Compiler
from kernelgraph.errors import CompileError

_SIGNATURES = {
    "machine": (c_void_p, c_int, c_int, c_int64, c_uint64),
    "machine_end": (None, c_void_p),
    "allocate": (c_uint64, c_void_p, c_uint64),
    "free": (c_int, c_void_p, c_uint64),
    "owns": (c_int, c_void_p, c_uint64, c_uint64),
    "wrote": (None, c_void_p, c_uint64, c_uint64),
    "copy": (None, c_void_p, c_uint64, c_uint64, c_uint64),
    "module": (c_void_p, c_void_p, c_void_p, c_uint64, c_void_p, *[c_uint64] * 5),
    "variable": (None, c_void_p, c_char_p, c_int, c_uint64, c_uint64),
    "start": (
        *(c_int, c_void_p, c_void_p, c_char_p, c_void_p, c_void_p, c_int, c_void_p),
        *(ctypes.POINTER(c_uint), ctypes.POINTER(c_uint), c_uint64),
    ),
    "wait": (c_int, c_void_p, c_int),
    "stop": (None, c_void_p),
    "failure": (c_char_p, c_void_p),
    "output": (c_char_p, c_void_p),
    "clear": (None, c_void_p),
    "reports": (c_char_p, c_void_p),
    "measures": (c_char_p, c_void_p),
    "clear_measures": (None, c_void_p),
}


class Runtime:
    """The functions of the machine: `runtime.allocate(machine, size)`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        for name, (result, *arguments) in _SIGNATURES.items():
            function = library[f"kernelgraph_{name}"]
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


_loading = Lock()
_loaded: list[Runtime] = []
"""The machine of this process, once there is one: kernels find its variables by their names, so a
second copy of it would be another machine than theirs.
"""


def load(compiler: Compiler) -> Runtime:
    """The machine, compiled if need be. It stays loaded. Raises CompileError."""
    with _loading:
        if not _loaded:
            _loaded.append(_load(compiler))
        return _loaded[0]


def _load(compiler: Compiler) -> Runtime:
    if os.name != "posix" or not hasattr(os, "memfd_create"):
        raise CompileError("the CUDA simulator runs on Linux and WSL")
    body = compiler.machine()
    try:
        return Runtime(load_image(body, "kg_simulator", _open))
    except OSError as error:
        raise CompileError(f"the CUDA simulator cannot be loaded: {error}") from error


def _open(path: str) -> ctypes.CDLL:
    return ctypes.CDLL(path, os.RTLD_NOW | os.RTLD_LOCAL)
