"""What CUDA's error numbers mean for the user, and whether this process can still use its GPU.

A kernel that reads where nothing is leaves the context of the process unusable: every later call
fails, in this and in all other libraries of the process. And a context does not survive a fork.
Both are told at once, by an error that says what to do, instead of asking CUDA, which may hang.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from kernelgraph.errors import DeviceError, DeviceLostError, ForkedDeviceError

OUT_OF_MEMORY, NOT_INITIALIZED, NO_DEVICE, NOT_FOUND = 2, 3, 100, 500

_WORDS = {
    1: "invalid argument",
    OUT_OF_MEMORY: "out of memory",
    NOT_INITIALIZED: "initialization error",
    34: "CUDA driver is a stub library",
    35: "CUDA driver version is insufficient for CUDA runtime version",
    46: "CUDA-capable device(s) is/are busy or unavailable",
    NO_DEVICE: "no CUDA-capable device is detected",
    101: "invalid device ordinal",
    200: "device kernel image is invalid",
    201: "invalid device context",
    209: "no kernel image is available for execution on the device",
    214: "uncorrectable ECC error encountered",
    218: "a PTX JIT compilation failed",
    222: "the provided PTX was compiled with an unsupported toolchain.",
    400: "invalid resource handle",
    NOT_FOUND: "named symbol not found",
    700: "an illegal memory access was encountered",
    701: "too many resources requested for launch",
    702: "the launch timed out and was terminated",
    709: "context is destroyed",
    710: "device-side assert triggered",
    714: "hardware stack error",
    715: "an illegal instruction was encountered",
    716: "misaligned address",
    717: "operation not supported on global/shared address space",
    718: "invalid program counter",
    719: "unspecified launch failure",
    802: "system not yet initialized",
    803: "system has unsupported display driver / cuda driver combination",
    804: "forward compatibility was attempted on non supported HW",
    999: "unknown error",
}
"""The errors of the driver (`CUresult` in cuda.h), in the words of its cuGetErrorString."""

_LOST = {214, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719}
"""Those after which no call of this process succeeds any more."""

_WRONG_DRIVER = {34, 35, 802, 803, 804}

_RESTART = "restart the kernel (or the process); functions on the CPU still work in this one"


def number_in(words: str) -> int:
    """The number of the error that a message of a provider tells of; that of "unknown error" where
    it tells of none.

    >>> number_in("cuMemAlloc failed: out of memory")
    2
    """
    return next((number for number, said in _WORDS.items() if said in words), 999)


@dataclass
class Session:
    """The use of a GPU by this process: since when it is another one, and what ended it."""

    process: int = field(default_factory=os.getpid)
    lost: str | None = None

    @property
    def usable(self) -> bool:
        """Whether calls can succeed."""
        return self.lost is None and os.getpid() == self.process

    def check(self) -> None:
        """Raises `ForkedDeviceError` (KG-X004) in a forked child, `DeviceLostError` (KG-X003) after
        an error that ended the use of the GPU.
        """
        if os.getpid() != self.process:
            raise _forked()
        if self.lost is not None:
            raise DeviceLostError(
                "the GPU cannot be used in this process any more", because=self.lost, hint=_RESTART
            )

    def failure(self, call: str, number: int) -> DeviceError:
        """The error for a call that CUDA refused with a number."""
        said = f"{_WORDS.get(number, 'unknown error')} (CUDA error {number}, from {call})"
        if number in _LOST:
            self.lost = f"A kernel ended with: {said}."
            return DeviceLostError(
                f"the GPU stopped: {said}",
                because="It may be of any kernel launched before: launches do not wait for theirs.",
                hint=_RESTART,
            )
        if number in (NO_DEVICE, 101):
            return no_device(said)
        if number == NOT_INITIALIZED:
            return _forked()
        if number in _WRONG_DRIVER:
            return DeviceError(
                f"the NVIDIA driver does not fit: {said}",
                hint="install the driver that belongs to this machine's GPU and kernel, and reboot",
            )
        return DeviceError(f"the GPU refused: {said}")


def no_device(said: str) -> DeviceError:
    """The error where a driver sees no GPU, or none of the number asked for."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is None:
        return DeviceError(f"the driver sees no such GPU: {said}")
    return DeviceError(
        f"the driver sees no such GPU: {said}",
        because=f"The environment variable CUDA_VISIBLE_DEVICES is {shown!r}, which hides others.",
        hint="unset CUDA_VISIBLE_DEVICES before the process starts",
    )


def _forked() -> ForkedDeviceError:
    return ForkedDeviceError(
        "a GPU cannot be used in a process that was forked after its parent used it",
        hint='start processes by  multiprocessing.get_context("spawn")',
    )
