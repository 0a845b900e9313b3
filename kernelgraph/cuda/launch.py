"""With how many blocks and threads a kernel is launched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernelgraph.loops import ir
from kernelgraph.loops.printer import size
from kernelgraph.mapping.grid import BLOCK

MOST_BLOCKS = 2**31 - 1
"""Of the first dimension of a grid. Loops of the grid go on from there in strides."""


@dataclass(frozen=True)
class Launch:
    """A loop whose iterations are dealt to threads, one to each or one to each block of them, or
    none: then one thread does all.
    """

    loop: ir.For | None = None

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return 1 if self.loop is None else BLOCK.size or 1

    def blocks(self, sizes: Mapping[str, int]) -> int:
        """How many blocks there are, for these sizes of dimensions; 0 if there is nothing to do."""
        if self.loop is None:
            return 1
        dim = self.loop.dim
        count = sizes[dim.name] if dim.size is None else dim.size
        if self.loop.runs == "grid":
            count = -(-count // self.threads)
        return min(count, MOST_BLOCKS)

    def __str__(self) -> str:
        if self.loop is None:
            return "1 block of 1 thread. Its loops depend on each other."
        iterations = size(self.loop.dim)
        if self.loop.runs == "grid":
            return f"a thread for each of {iterations} iterations, or fewer."
        return f"a block of {BLOCK.size} threads for each of {iterations} rows, or fewer."


def launch_of(kernel: ir.Kernel) -> Launch:
    """With which grid a kernel is to be launched."""
    loops = (item for item in kernel.body if isinstance(item, ir.For))
    return Launch(next((loop for loop in loops if loop.runs in ("grid", "blocks")), None))
