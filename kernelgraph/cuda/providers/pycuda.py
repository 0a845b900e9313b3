"""The GPU by way of PyCUDA."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from kernelgraph.cuda.gpu import Size, without_provider
from kernelgraph.cuda.parameters import Arguments
from kernelgraph.cuda.session import Session, number_in
from kernelgraph.types import Array


class Calls:
    """See `kernelgraph.cuda.gpu.Calls`."""

    name = "pycuda"

    def __init__(self, device: int) -> None:
        """Raises `DeviceError` (KG-X001) where there is no library, driver or device."""
        try:
            self._driver: Any = import_module("pycuda.driver")
        except (ImportError, OSError) as error:
            raise without_provider(self.name, error) from error
        try:
            self._driver.init()
            self.version: int = self._driver.get_driver_version()
            found = self._driver.Device(device)
            self.arch = "sm_{}{}".format(*found.compute_capability())
            self._context = found.retain_primary_context()
        except self._driver.Error as error:
            raise Session().failure("cuInit", number_in(str(error))) from error
        self._allocations: dict[int, Any] = {}

    @contextmanager
    def current(self) -> Generator[None]:
        """The primary context, and afterwards the one from before."""
        self._context.push()
        try:
            yield
        finally:
            self._driver.Context.pop()

    def number(self, error: Exception) -> int | None:
        """CUDA's number of an error of these calls; PyCUDA tells it in words."""
        return number_in(str(error)) if isinstance(error, self._driver.Error) else None

    def memory(self) -> tuple[int, int]:
        """Bytes that are free, and all."""
        return self._driver.mem_get_info()

    def allocate(self, size: int) -> int:
        made = self._driver.mem_alloc(size)
        self._allocations[int(made)] = made  # it would free itself
        return int(made)

    def free(self, pointer: int) -> None:
        self._allocations.pop(pointer).free()

    def upload(self, pointer: int, data: Array) -> None:
        self._driver.memcpy_htod(pointer, data)

    def download(self, data: Array, pointer: int) -> None:
        self._driver.memcpy_dtoh(data, pointer)

    def copy(self, target: int, source: int, size: int) -> None:
        self._driver.memcpy_dtod(target, source, size)

    def load(self, cubin: bytes) -> Any:
        return self._driver.module_from_buffer(cubin)

    def function(self, module: Any, name: str) -> Any:
        return module.get_function(name)

    def allow_shared(self, function: Any, size: int) -> None:
        which = self._driver.function_attribute.MAX_DYNAMIC_SHARED_SIZE_BYTES
        function.set_attribute(which, size)

    def launch(
        self, function: Any, grid: Size, block: Size, given: Arguments, shared: int, stream: Any
    ) -> None:
        # what its own call of a kernel ends in, for arguments that are laid out already
        function._launch_kernel(grid, block, given.data, shared, stream)

    def synchronise(self) -> None:
        self._driver.Context.synchronize()

    def stream(self) -> Any:
        return self._driver.Stream()

    def wait(self, stream: Any) -> None:
        stream.synchronize()

    def record(self, stream: Any) -> Any:
        event = self._driver.Event()
        event.record(stream)
        return event

    def elapsed(self, first: Any, last: Any) -> float:
        last.synchronize()
        return first.time_till(last) / 1000
