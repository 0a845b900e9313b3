"""A GPU of this machine as a driver: programs compiled for its own architecture, and launched.

What is here is the same for each library that can reach the GPU; `Calls` is what such a library has
to do (`providers/`). All of them use the primary context of the device, the one that PyTorch, CuPy
and cuBLAS use, so that pointers may go from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from kernelgraph.cuda.build import Compiler, build, find
from kernelgraph.cuda.compiled import Compiled
from kernelgraph.cuda.nvrtc import HINT
from kernelgraph.cuda.parameters import (
    Arguments,
    Kernel,
    laid_out,
    parameters,
    require_contiguous,
    require_named,
)
from kernelgraph.cuda.session import NOT_FOUND, OUT_OF_MEMORY, Session
from kernelgraph.errors import ArgumentError, DeviceError, DeviceMemoryError
from kernelgraph.types import Array

_USUAL_SHARED = 48 * 1024
"""Bytes of dynamic shared memory that a kernel may have without being told of before."""

Size = tuple[int, int, int]


class Calls(Protocol):
    """What a library does of CUDA's driver interface. Each raises the library's own errors, of
    which `number` tells CUDA's; handles are whatever it makes them.
    """

    name: str
    arch: str
    version: int
    """Of the driver: 13000 for CUDA 13.0."""

    def current(self) -> AbstractContextManager[Any]: ...
    def number(self, error: Exception) -> int | None: ...
    def memory(self) -> tuple[int, int]: ...
    def allocate(self, size: int) -> int: ...
    def free(self, pointer: int) -> None: ...
    def upload(self, pointer: int, data: Array) -> None: ...
    def download(self, data: Array, pointer: int) -> None: ...
    def copy(self, target: int, source: int, size: int) -> None: ...
    def load(self, cubin: bytes) -> Any: ...
    def function(self, module: Any, name: str) -> Any: ...
    def allow_shared(self, function: Any, size: int) -> None: ...
    def launch(
        self, function: Any, grid: Size, block: Size, given: Arguments, shared: int, stream: Any
    ) -> None: ...
    def synchronise(self) -> None: ...
    def stream(self) -> Any: ...
    def wait(self, stream: Any) -> None: ...
    def record(self, stream: Any) -> Any: ...
    def elapsed(self, first: Any, last: Any) -> float: ...


class Gpu:
    """A device, by way of a provider's calls; see `Driver`. `arch` is its architecture ("sm_90").

    Each call raises `DeviceError`: KG-X001 for what CUDA refuses, KG-X002 where memory ends,
    KG-X003 after a kernel that did what ends the context, KG-X004 in a forked child.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.session = Session()
        self.arch = calls.arch

    def __repr__(self) -> str:
        return f"<GPU {self.arch} by {self.calls.name}>"

    def do(self, call: str, *arguments: Any) -> Any:
        """One of `Calls`, in the context of the device, with errors of this package."""
        self.session.check()
        try:
            with self.calls.current():
                return getattr(self.calls, call)(*arguments)
        except Exception as error:
            number = self.calls.number(error)
            if number is None:
                raise
            if number == OUT_OF_MEMORY and call == "allocate":
                raise self._full(arguments[0]) from error
            if number == NOT_FOUND and call == "function":
                raise ArgumentError(
                    f"no kernel is called {arguments[1]!r}", code="KG-X011"
                ) from error
            raise self.session.failure(call, number) from error

    def _full(self, size: int) -> DeviceMemoryError:
        free, total = self.do("memory")
        return DeviceMemoryError(
            f"no memory on the GPU for {size:,} bytes ({size / 2**30:.3g} GiB)",
            because=f"{free:,} of its {total:,} bytes are free.",
        )

    def allocate(self, size: int) -> int:
        """See `Driver`; raises `DeviceMemoryError` (KG-X002)."""
        return self.do("allocate", max(size, 1))

    def free(self, pointer: int) -> None:
        """See `Driver`. Where the GPU is lost, its memory is too, and nothing is left to do."""
        if self.session.usable:
            self.do("free", pointer)

    def upload(self, pointer: int, data: Array) -> None:
        """See `Driver`."""
        require_contiguous(data)
        if data.nbytes:
            self.do("upload", pointer, data)

    def download(self, data: Array, pointer: int) -> None:
        """See `Driver`."""
        require_contiguous(data)
        if not data.flags.writeable:
            raise ArgumentError("an array that cannot be written takes no values", code="KG-X011")
        if data.nbytes:
            self.do("download", data, pointer)

    def copy(self, target: int, source: int, size: int) -> None:
        """See `Driver`."""
        if size:
            self.do("copy", target, source, size)

    def module(self, source: str, name: str) -> GpuModule:
        """See `Driver`; raises `DeviceError` (KG-X001) too, where there is no compiler whose code
        this driver loads.
        """
        self.session.check()
        _require_loadable(find(), self.calls.version)
        made = build(source, self.arch)
        return GpuModule(self, name, made, parameters(source), self.do("load", made.cubin))

    def synchronise(self) -> None:
        """See `Driver`."""
        self.do("synchronise")

    def stream(self) -> Stream:
        """A queue of launches beside the usual one."""
        return Stream(self, self.do("stream"))

    def record(self) -> Event:
        """A mark behind all that was launched so far."""
        return Event(self, self.do("record", None))


class GpuModule:
    """A program on a GPU; `compiled` is what it was made from."""

    def __init__(
        self, gpu: Gpu, name: str, compiled: Compiled, kernels: dict[str, Kernel], handle: Any
    ) -> None:
        self.gpu = gpu
        self.name = name
        self.compiled = compiled
        self.kernels = kernels
        self.handle = handle

    def __repr__(self) -> str:
        return f"<module {self.name}: {', '.join(self.kernels)}>"

    def function(self, name: str) -> GpuFunction:
        """See `Module`."""
        require_named("kernel", name, self.kernels, self.name)
        return GpuFunction(self, name, self.gpu.do("function", self.handle, name))


class GpuFunction:
    """A kernel on a GPU."""

    def __init__(self, module: GpuModule, name: str, handle: Any) -> None:
        self.module = module
        self.name = name
        self.handle = handle
        self._shared = _USUAL_SHARED

    def __repr__(self) -> str:
        return f"<kernel {self.name} of {self.module.name}>"

    def launch(
        self,
        grid: Size,
        block: Size,
        arguments: Sequence[int | float | np.generic],
        shared: int = 0,
        stream: Stream | None = None,
    ) -> None:
        """See `Function`; a launch on a stream runs beside those of others. A grid without blocks
        is no launch.
        """
        gpu = self.module.gpu
        given = laid_out(self.name, self.module.kernels[self.name], arguments)
        if not all(grid):
            gpu.session.check()
            return
        if shared > self._shared:
            gpu.do("allow_shared", self.handle, shared)
            self._shared = shared
        queue = None if stream is None else stream.handle
        gpu.do("launch", self.handle, grid, block, given, shared, queue)


class Stream:
    """A queue of launches: one after the other, beside those of other streams."""

    def __init__(self, gpu: Gpu, handle: Any) -> None:
        self.gpu = gpu
        self.handle = handle

    def synchronise(self) -> None:
        """Wait until all that was launched on it has ended."""
        self.gpu.do("wait", self.handle)

    def record(self) -> Event:
        """A mark behind all that was launched on it so far."""
        return Event(self.gpu, self.gpu.do("record", self.handle))


class Event:
    """A mark in a queue of launches."""

    def __init__(self, gpu: Gpu, handle: Any) -> None:
        self.gpu = gpu
        self.handle = handle

    def since(self, earlier: Event) -> float:
        """Seconds that the GPU took from an earlier mark to this one; waits for this one."""
        return self.gpu.do("elapsed", earlier.handle, self.handle)


def _require_loadable(compiler: Compiler, version: int) -> None:
    """A driver loads the code of its own major version of CUDA and of older ones."""
    said = compiler.version
    newest = said[0] if isinstance(said, tuple) else int(said.split(".")[0])
    if newest > version // 1000:
        driver = f"the driver of CUDA {version // 1000}.{version % 1000 // 10} does not load"
        raise DeviceError(
            f"{driver} what {compiler.name} makes",
            hint="install a newer NVIDIA driver, or:  pip install nvidia-cuda-nvrtc-cu12",
        )


def without_provider(package: str, error: Exception) -> DeviceError:
    """The error where a library that reaches the GPU is missing, or finds no driver."""
    if isinstance(error, ModuleNotFoundError):
        hint = HINT if package == "cuda-bindings" else "pip install pycuda  (needs a CUDA toolkit)"
        return DeviceError(f"{package} is not installed", hint=hint)
    return DeviceError(
        f"{package} finds no NVIDIA driver",
        because=str(error).strip().splitlines()[0],
        hint="install the NVIDIA driver of this machine's GPU",
    )
