"""The fast host of compiled programs: `runtime.c`, compiled once for this Python and this NumPy.

`runtime_unit` says what to compile, `load_runtime` makes a module of the result, with one type in
it: `CompiledFunction`. Compiling needs the headers of Python and NumPy; where they are missing,
`runtime_ctypes` does the same work more slowly.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ExtensionFileLoader
from types import ModuleType

import numpy as np

from kernelgraph.c.prelude import host_header, read
from kernelgraph.c.toolchain import Unit
from kernelgraph.errors import CompileError
from kernelgraph.routines import MULTIPLIED

_NAME = "kernelgraph_runtime"
_OF_NUMPY = os.path.join("numpy", "arrayobject.h")


def runtime_unit() -> Unit:
    """What to compile; raises CompileError where the headers are missing."""
    folders = [_folder_of("Python.h", _python_folders()), _folder_of(_OF_NUMPY, [np.get_include()])]
    # One text without files of ours, so that the key of the result covers all that we wrote.
    source = read("runtime.c").replace('#include "host.h"\n', host_header())
    for part in ("products.c", "lapack.c"):
        source = source.replace(f'#include "{part}"\n', read(part))
    each = "".join(read("multiply.c").replace("NUMBER", kind) for kind in MULTIPLIED)
    source = source.replace('#include "multiply.c"\n', each)
    versions = f"/* for CPython {sys.version} and NumPy {np.__version__} */\n"
    # -O1: as fast here as -O3, and a third sooner ready, which a first call waits for.
    flags = ["-O1", *(f"-I{folder}" for folder in folders)]
    if sys.platform == "darwin":
        flags += ["-undefined", "dynamic_lookup"]  # Python's functions are found when it is loaded
    return Unit(versions + source, tuple(flags), role="runtime")


def _python_folders() -> Iterator[str]:
    """Where the headers of Python may be: first where they mostly are."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}{sys.abiflags}"
    yield os.path.join(sys.base_prefix, "include", name)
    import sysconfig  # slow to import and to ask

    yield sysconfig.get_path("include")


def _folder_of(header: str, folders: Iterable[str]) -> str:
    """The first folder that has a header. Raises CompileError (KG-K007) where none has."""
    for folder in folders:
        if os.path.isfile(os.path.join(folder, header)):
            return folder
    raise CompileError(f"{header} is not installed", code="KG-K007")


def load_runtime(path: str) -> ModuleType:
    """The module in a shared object; raises ImportError."""
    loader = ExtensionFileLoader(_NAME, path)
    spec = importlib.util.spec_from_file_location(_NAME, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} is no extension module")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    if not hasattr(module, "CompiledFunction"):
        raise ImportError(f"{path} is another module")
    return module
