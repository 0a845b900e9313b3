"""How many threads of a kernel can be on a multiprocessor at once, and what stands in the way.

A multiprocessor (SM) has so many registers, bytes of shared memory, places for warps and for
blocks. A block is there with all it needs or not at all, so the scarcest of the four decides how
many blocks are resident. Occupancy is the share of the warps that could be there: while one warp
waits for memory, others work. More is not always faster, and it is what the numbers allow, not a
measurement.

>>> print(occupancy("sm_90", threads=256, registers=64))
4 blocks of 256 threads on each multiprocessor of sm_90: 32 of 64 warps (50 %)
  registers        4 blocks  <- binds
  warps            8 blocks
  blocks          32 blocks
  shared memory  228 blocks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernelgraph.cuda.compiled import Resources
from kernelgraph.errors import OptionError

WARP = 32
"""Threads that run in step."""

_REGISTERS = 65536
_REGISTERS_OF_A_THREAD = 255
_REGISTER_UNIT = 256  # a warp gets registers by so many
_PARTITIONS = 4  # of a multiprocessor; a warp lives in one and gets its registers there
_THREADS_OF_A_BLOCK = 1024


@dataclass(frozen=True)
class Limits:
    """What a multiprocessor of an architecture has: warps and blocks that can be there, bytes of
    shared memory in all and for one block, bytes that the system takes from each block, and the
    unit in which shared memory is given out.
    """

    warps: int
    blocks: int
    shared: int
    shared_of_a_block: int
    reserved: int = 1024
    unit: int = 128


# NVIDIA, CUDA C++ Programming Guide, "Compute Capabilities", table "Technical Specifications per
# Compute Capability": maximum number of resident warps and blocks per SM, of 32-bit registers per
# SM and per thread, amount of shared memory per SM and per thread block; the same section says that
# from 8.0 on 1 KB of each block's shared memory is the system's. The units in which registers and
# shared memory are given out are in NVIDIA's header cuda_occupancy.h.
LIMITS: Mapping[str, Limits] = {
    "sm_75": Limits(32, 16, 64 * 1024, 64 * 1024, reserved=0, unit=256),
    "sm_80": Limits(64, 32, 164 * 1024, 163 * 1024),
    "sm_86": Limits(48, 16, 100 * 1024, 99 * 1024),
    "sm_89": Limits(48, 24, 100 * 1024, 99 * 1024),
    "sm_90": Limits(64, 32, 228 * 1024, 227 * 1024),
}
"""The architectures that are known here."""


@dataclass(frozen=True)
class Occupancy:
    """How many blocks of a kernel are on a multiprocessor: `blocks` by what each limit would allow,
    `resident` the smallest of them; `warps` of `most`.
    """

    arch: str
    threads: int
    blocks: Mapping[str, int]
    most: int

    @property
    def resident(self) -> int:
        """Blocks that are there at once; 0 for a kernel that cannot be launched."""
        return min(self.blocks.values())

    @property
    def binds(self) -> tuple[str, ...]:
        """The limits that decide: those that would have to be eased for more."""
        return tuple(name for name, count in self.blocks.items() if count == self.resident)

    @property
    def warps(self) -> int:
        """Warps that are there at once."""
        return self.resident * _warps(self.threads)

    @property
    def share(self) -> float:
        """The occupancy: 1 where every place for a warp is taken."""
        return self.warps / self.most

    def __str__(self) -> str:
        count = f"{self.resident} block{'s' * (self.resident != 1)}"
        where = f"on each multiprocessor of {self.arch}"
        share = f"{self.warps} of {self.most} warps ({100 * self.share:.0f} %)"
        lines = [f"{count} of {self.threads} threads {where}: {share}"]
        for name, blocks in sorted(self.blocks.items(), key=lambda item: item[1]):
            mark = "  <- binds" if name in self.binds else ""
            lines.append(f"  {name:13} {blocks:4} block{'s' * (blocks != 1)}{mark}")
        return "\n".join(lines)


def occupancy(arch: str, threads: int, registers: int, shared: int = 0) -> Occupancy:
    """The occupancy of a kernel in blocks of so many threads, each of which takes so many
    registers; `shared` are the bytes of shared memory of a block.

    Raises `OptionError` for an architecture that is not in `LIMITS`, and for a block that no GPU
    has: of no threads or more than 1024.
    """
    if arch not in LIMITS:
        raise OptionError(f"the limits of {arch!r} are not known here, only {', '.join(LIMITS)}")
    if not 1 <= threads <= _THREADS_OF_A_BLOCK:
        raise OptionError(f"a block has 1 to {_THREADS_OF_A_BLOCK} threads, not {threads}")
    limits, warps = LIMITS[arch], _warps(threads)
    blocks = {
        "warps": limits.warps // warps,
        "registers": _by_registers(registers, warps),
        "shared memory": _by_shared_memory(limits, shared),
        "blocks": limits.blocks,
    }
    return Occupancy(arch, threads, blocks, limits.warps)


def occupancy_of(resources: Resources, arch: str, threads: int, dynamic: int = 0) -> Occupancy:
    """The occupancy of a compiled kernel; `dynamic` are the bytes of shared memory that its launch
    asks for, besides those that the kernel declares.
    """
    return occupancy(arch, threads, resources.registers, resources.shared + dynamic)


def _warps(threads: int) -> int:
    return -(-threads // WARP)


def _by_registers(registers: int, warps: int) -> int:
    """How many blocks have their registers; all warps of one must find room in the partitions."""
    if registers > _REGISTERS_OF_A_THREAD:
        return 0
    of_a_warp = _rounded_up(max(registers, 1) * WARP, _REGISTER_UNIT)
    if of_a_warp * _rounded_up(warps, _PARTITIONS) > _REGISTERS:
        return 0
    return _PARTITIONS * (_REGISTERS // _PARTITIONS // of_a_warp) // warps


def _by_shared_memory(limits: Limits, shared: int) -> int:
    if shared > limits.shared_of_a_block:
        return 0
    taken = _rounded_up(shared + limits.reserved, limits.unit)
    return limits.shared // max(taken, limits.unit)


def _rounded_up(number: int, unit: int) -> int:
    return -(-number // unit) * unit
