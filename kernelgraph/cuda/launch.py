"""With how many blocks and threads a kernel is launched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernelgraph.loops import ir
from kernelgraph.loops.printer import size
from kernelgraph.loops.walks import nested
from kernelgraph.mapping.grid import BLOCK, DIRECTIONS

Three = tuple[int, int, int]

THREADS = BLOCK.size or 1
"""Threads of a block, or fewer where there are fewer iterations."""

MOST_BLOCKS: Three = (2**31 - 1, 65535, 65535)
"""Along each direction (CUDA C Programming Guide, table of compute capabilities). Loops of the grid
go on from there in strides.
"""


@dataclass(frozen=True)
class Launch:
    """What the grid of a kernel is made from: `loop` is the outermost one that threads share,
    `nest` has those of a grid along x, y and z. Without a loop one thread does all.
    """

    loop: ir.For | None = None
    nest: Sequence[ir.For] = ()

    def shape(self, sizes: Mapping[str, int]) -> tuple[Three, Three]:
        """The blocks of the grid, and the threads of a block, along x, y and z, for these sizes of
        dimensions. There are no blocks where there are no iterations.
        """
        if self.loop is None:
            return (1, 1, 1), (1, 1, 1)
        if self.loop.runs == "block":
            return (1, 1, 1), (THREADS, 1, 1)
        if self.loop.runs == "blocks":
            return (min(_count(self.loop, sizes), MOST_BLOCKS[0]), 1, 1), (THREADS, 1, 1)
        counts = [*(_count(loop, sizes) for loop in self.nest), 1, 1][:3]
        threads: list[int] = []
        left = THREADS
        for count in counts:
            threads.append(min(left, _power_of_two(count)))
            left //= threads[-1]
        limits = zip(counts, threads, MOST_BLOCKS, strict=True)
        x, y, z = (min(-(-count // each), most) for count, each, most in limits)
        return (x, y, z), (threads[0], threads[1], threads[2])

    def __str__(self) -> str:
        if self.loop is None:
            return "1 block of 1 thread. Its loops depend on each other."
        if self.loop.runs == "block":
            return f"1 block of {THREADS} threads, whose partial results meet."
        if self.loop.runs == "blocks":
            return f"a block of {THREADS} threads for each of {size(self.loop.dim)} rows, or fewer."
        names = " x ".join(size(loop.dim) for loop in self.nest)
        return f"a thread for each of {names} iterations, or fewer."


def _count(loop: ir.For, sizes: Mapping[str, int]) -> int:
    return sizes[loop.dim.name] if loop.dim.size is None else loop.dim.size


def _power_of_two(count: int) -> int:
    """The next one from `count` on."""
    return 1 << max(count - 1, 0).bit_length()


def launch_of(kernel: ir.Kernel) -> Launch:
    """With which grid a kernel is to be launched."""
    loops = [item for item in kernel.body if isinstance(item, ir.For)]
    shared = next((loop for loop in loops if loop.runs != "in order"), None)
    if shared is None:
        return Launch()
    along = {item.runs: item for item in nested([shared]) if isinstance(item, ir.For)}
    return Launch(shared, [along[runs] for runs in DIRECTIONS if runs in along])
