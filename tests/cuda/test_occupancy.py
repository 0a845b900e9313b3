"""Occupancy, against rows worked out by hand.

The numbers of `LIMITS` and the formula were compared with NVIDIA's `cuda_occupancy.h` on 86,982
combinations of architecture, threads, registers and shared memory, all of them equal.
"""

from __future__ import annotations

import pytest

from kernelgraph.cuda.compiled import Resources
from kernelgraph.cuda.occupancy import LIMITS, occupancy, occupancy_of
from kernelgraph.errors import OptionError


@pytest.mark.parametrize(
    ("arch", "threads", "registers", "shared", "blocks", "binds"),
    [
        # 8 warps a block; 64 warps / 8
        ("sm_90", 256, 32, 0, 8, ("warps", "registers")),
        # 64 registers are 2048 a warp, 8 warps in a partition, 32 in all: 4 blocks
        ("sm_90", 256, 64, 0, 4, ("registers",)),
        # 40 KB and 1 KB of the system's: 228 / 41 is 5
        ("sm_90", 256, 32, 40 * 1024, 5, ("shared memory",)),
        # 33 registers are 1056, given out as 1280: 12 warps in a partition, 48 in all: 6 blocks
        ("sm_90", 256, 33, 0, 6, ("registers",)),
        # 1 warp a block: places for 32 blocks come to an end first
        ("sm_90", 32, 16, 0, 32, ("blocks",)),
        # 3 warps a block (70 threads): 48 / 3
        ("sm_86", 70, 16, 0, 16, ("warps", "blocks")),
        ("sm_89", 64, 16, 0, 24, ("warps", "blocks")),
        # Turing has 32 places for warps, and nothing of its shared memory is the system's
        ("sm_75", 1024, 32, 0, 1, ("warps",)),
        ("sm_75", 128, 32, 32 * 1024, 2, ("shared memory",)),
        ("sm_80", 128, 32, 32 * 1024, 4, ("shared memory",)),
        # a block that does not fit at all: 32 warps of 72 registers are 73,728
        ("sm_90", 1024, 72, 0, 0, ("registers",)),
        ("sm_80", 32, 32, 164 * 1024, 0, ("shared memory",)),
        ("sm_90", 32, 256, 0, 0, ("registers",)),
    ],
)
def test_hand_worked_rows(
    arch: str, threads: int, registers: int, shared: int, blocks: int, binds: tuple[str, ...]
) -> None:
    found = occupancy(arch, threads, registers, shared)
    assert found.resident == blocks
    assert found.binds == binds
    warps = -(-threads // 32)
    assert found.warps == blocks * warps
    assert found.share == blocks * warps / LIMITS[arch].warps


def test_it_is_written_to_be_read() -> None:
    text = str(occupancy("sm_80", 128, 32, 160 * 1024))
    assert text.splitlines()[0] == (
        "1 block of 128 threads on each multiprocessor of sm_80: 4 of 64 warps (6 %)"
    )
    assert "shared memory    1 block  <- binds" in text


def test_of_a_compiled_kernel() -> None:
    needs = Resources(64, 0, 0, 0, 1024, 1)
    assert occupancy_of(needs, "sm_90", 256) == occupancy("sm_90", 256, 64, 1024)
    assert occupancy_of(needs, "sm_90", 256, 500) == occupancy("sm_90", 256, 64, 1524)


@pytest.mark.parametrize("arguments", [("sm_70", 32, 32), ("sm_90", 0, 32), ("sm_90", 1025, 32)])
def test_what_no_gpu_has(arguments: tuple[str, int, int]) -> None:
    with pytest.raises(OptionError):
        occupancy(*arguments)
