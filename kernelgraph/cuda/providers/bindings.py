"""The GPU by way of NVIDIA's cuda-bindings, which wraps the driver interface one to one."""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from kernelgraph.cuda.gpu import Size, without_provider
from kernelgraph.cuda.parameters import Arguments
from kernelgraph.cuda.session import Session
from kernelgraph.types import Array

_MAJOR, _MINOR, _DYNAMIC_SHARED = 75, 76, 8  # CUdevice_attribute, CUfunction_attribute


class _RefusedError(Exception):
    """A call that CUDA answered with a number other than 0."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


class Calls:
    """See `kernelgraph.cuda.gpu.Calls`."""

    name = "cuda-bindings"

    def __init__(self, device: int) -> None:
        """Raises `DeviceError` (KG-X001) where there is no library, driver or device."""
        try:
            self._driver: Any = import_module("cuda.bindings.driver")
            status = int(self._driver.cuInit(0)[0])
        except (ImportError, RuntimeError, OSError) as error:
            raise without_provider(self.name, error) from error
        try:
            if status:
                raise _RefusedError(status)
            self.version: int = self._call("cuDriverGetVersion")
            self._device = self._call("cuDeviceGet", device)
            numbers = (
                self._call("cuDeviceGetAttribute", self._attribute(which), self._device)
                for which in (_MAJOR, _MINOR)
            )
            self.arch = "sm_{}{}".format(*numbers)
            self._context = self._call("cuDevicePrimaryCtxRetain", self._device)
        except _RefusedError as error:
            raise Session().failure("cuInit", error.number) from error

    def _attribute(self, number: int) -> Any:
        return self._driver.CUdevice_attribute(number)

    def _call(self, name: str, *arguments: Any) -> Any:
        status, *results = getattr(self._driver, name)(*arguments)
        if int(status):
            raise _RefusedError(int(status))
        return results[0] if len(results) == 1 else tuple(results)

    @contextmanager
    def current(self) -> Generator[None]:
        """The primary context, and afterwards the one from before."""
        self._call("cuCtxPushCurrent", self._context)
        try:
            yield
        finally:
            self._driver.cuCtxPopCurrent()

    def number(self, error: Exception) -> int | None:
        """CUDA's number of an error of these calls."""
        return error.number if isinstance(error, _RefusedError) else None

    def memory(self) -> tuple[int, int]:
        """Bytes that are free, and all."""
        free, total = self._call("cuMemGetInfo")
        return int(free), int(total)

    def allocate(self, size: int) -> int:
        return int(self._call("cuMemAlloc", size))

    def free(self, pointer: int) -> None:
        self._call("cuMemFree", pointer)

    def upload(self, pointer: int, data: Array) -> None:
        self._call("cuMemcpyHtoD", pointer, data.ctypes.data, data.nbytes)

    def download(self, data: Array, pointer: int) -> None:
        self._call("cuMemcpyDtoH", data.ctypes.data, pointer, data.nbytes)

    def copy(self, target: int, source: int, size: int) -> None:
        self._call("cuMemcpyDtoD", target, source, size)

    def load(self, cubin: bytes) -> Any:
        return self._call("cuModuleLoadData", cubin)

    def function(self, module: Any, name: str) -> Any:
        return self._call("cuModuleGetFunction", module, name.encode())

    def allow_shared(self, function: Any, size: int) -> None:
        which = self._driver.CUfunction_attribute(_DYNAMIC_SHARED)
        self._call("cuFuncSetAttribute", function, which, size)

    def launch(
        self, function: Any, grid: Size, block: Size, given: Arguments, shared: int, stream: Any
    ) -> None:
        buffer = ctypes.create_string_buffer(given.data, max(len(given.data), 1))
        start = ctypes.addressof(buffer)
        places = [start + offset for offset in given.offsets]
        each = (ctypes.c_void_p * max(len(places), 1))(*places)
        where = ctypes.addressof(each)
        queue = self._driver.CUstream(0) if stream is None else stream
        self._call("cuLaunchKernel", function, *grid, *block, shared, queue, where, 0)

    def synchronise(self) -> None:
        self._call("cuCtxSynchronize")

    def stream(self) -> Any:
        return self._call("cuStreamCreate", 0)

    def wait(self, stream: Any) -> None:
        self._call("cuStreamSynchronize", stream)

    def record(self, stream: Any) -> Any:
        event = self._call("cuEventCreate", 0)
        self._call("cuEventRecord", event, self._driver.CUstream(0) if stream is None else stream)
        return event

    def elapsed(self, first: Any, last: Any) -> float:
        self._call("cuEventSynchronize", last)
        return self._call("cuEventElapsedTime", first, last) / 1000
