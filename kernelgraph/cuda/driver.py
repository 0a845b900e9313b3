"""What runs CUDA programs: a small interface, so that a GPU and the simulator are used alike.

A driver has memory, takes programs as CUDA text, and launches their kernels. `open_driver` finds
one for a GPU; what uses PyCUDA or cuda-bindings is in `providers/`, imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from kernelgraph.cuda.gpu import Gpu
from kernelgraph.errors import DeviceError
from kernelgraph.expect import expect_choice
from kernelgraph.types import Array

Size = tuple[int, int, int]
"""Blocks of a grid or threads of a block, along x, y and z."""

PROVIDERS = ("pycuda", "bindings")
"""What can reach a GPU, in the order in which it is tried."""


class Function(Protocol):
    """A kernel that can be launched."""

    def launch(
        self,
        grid: Size,
        block: Size,
        arguments: Sequence[int | float | np.generic],
        shared: int = 0,
    ) -> None:
        """Run the kernel, with so many bytes of dynamic shared memory for each block.

        Arguments are converted to the kernel's own types; pointers are ints. It may return before
        the kernel has ended; later calls wait for it.
        """
        ...


class Module(Protocol):
    """A compiled program."""

    def function(self, name: str) -> Function:
        """One of its kernels. Raises `ArgumentError` where there is none of the name."""
        ...


class Driver(Protocol):
    """Memory, programs and launches on a device. Pointers are ints."""

    def allocate(self, size: int) -> int:
        """A pointer to so many bytes; raises `OutOfMemoryError` where there are none."""
        ...

    def free(self, pointer: int) -> None:
        """Give memory back."""
        ...

    def upload(self, pointer: int, data: Array) -> None:
        """Copy a C-contiguous array to the device."""
        ...

    def download(self, data: Array, pointer: int) -> None:
        """Copy from the device into a C-contiguous array."""
        ...

    def copy(self, target: int, source: int, size: int) -> None:
        """Copy so many bytes on the device."""
        ...

    def module(self, source: str, name: str) -> Module:
        """Compile CUDA text; `name` is what errors call it. Raises `CompileError`."""
        ...

    def synchronise(self) -> None:
        """Wait until all that was launched has ended."""
        ...


def open_driver(provider: str | None = None, device: int = 0) -> Gpu:
    """A GPU, by the provider of this name, or the first one of `PROVIDERS` that works.

    Raises `DeviceError` (KG-X001) where there is no GPU, no driver or no provider, with the reason
    of each; `ForkedDeviceError` (KG-X004) in a process that was forked from one with a GPU open.
    """
    if provider is not None:
        found = _opened(expect_choice(provider, "provider", PROVIDERS), device)
        found.session.check()
        return found
    problems: list[DeviceError] = []
    for name in PROVIDERS:
        try:
            found = _opened(name, device)
            found.session.check()
            return found
        except DeviceError as error:
            problems.append(error)
    reasons = "\n  ".join(
        f"{name}: {error.message}" for name, error in zip(PROVIDERS, problems, strict=True)
    )
    kind = type(problems[-1])
    hint = next((error.hint for error in reversed(problems) if error.hint), None)
    raise kind("there is no GPU that can be used here", because=reasons, hint=hint)


@lru_cache(maxsize=16)
def _opened(name: str, device: int) -> Gpu:
    """One for each device, since its context is the process's: what is lost is lost for all."""
    module: Any = import_module(f"kernelgraph.cuda.providers.{name}")
    return Gpu(module.Calls(device))
