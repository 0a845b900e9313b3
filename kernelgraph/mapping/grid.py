"""Loops on the threads of a GPU.

Each outermost loop is a launch of its own. Iterations that share nothing run one to a thread, the
threads of the whole grid (`grid`). A row whose inner loops only reduce, or write elements of their
own, gets a block of threads (`blocks`), which divide its inner loops (`block`); their partial
states meet in shared memory, in a fixed order. All else runs on one thread, in order: right first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.collect import refinished
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import sharing, touched
from kernelgraph.mapping.private import scratch_of_its_own
from kernelgraph.schedule.dims import Dim

BLOCK = Dim("threads", 256)
"""Threads of a block that works on one row."""


def on_the_grid(program: Program) -> Program:
    """The program with a launch for each outermost loop, and loops marked for threads."""
    apart = scratch_of_its_own(program).with_kernels(launches)
    return apart.with_kernels(
        lambda kernel: kernel.with_body([_marked(item, kernel) for item in kernel.body])
    )


def launches(kernel: ir.Kernel) -> Sequence[ir.Kernel]:
    """A kernel whose outermost loops pass each other nothing but memory becomes one for each."""
    loops = all(isinstance(item, ir.For) for item in kernel.body)
    if not loops or len(kernel.body) == 1 or kernel.results:
        return [kernel]
    parts = enumerate(kernel.body)
    return [refinished(kernel, (item,), f"{kernel.name}_{k}") for k, item in parts]


def _marked(item: ir.Statement, kernel: ir.Kernel) -> ir.Statement:
    alone = len(kernel.body) == 1
    if not alone or not isinstance(item, ir.For) or not sharing(item, kernel.overlapping).nothing:
        return item
    if not _reduces_rows(item):
        return replace(item, runs="grid")
    return replace(item, runs="blocks", body=tuple(_row(item.body)))


def _reduces_rows(loop: ir.For) -> bool:
    """Whether the row's inner loops only reduce, in any grouping, or write their own elements."""
    inner = [item for item in loop.body if isinstance(item, ir.For)]
    items = [part for child in inner for part in child.body]
    simple = all(isinstance(part, ir.Let | ir.Reduce | ir.Store) for part in items)
    alone = all(replace(sharing(child), reduced=frozenset()).nothing for child in inner)
    states = [part.name for part in items if isinstance(part, ir.Reduce)]
    return simple and alone and len(states) == len(set(states)) > 0  # none goes on in another loop


def _row(body: Sequence[ir.Statement]) -> Iterator[ir.Statement]:
    """A row with its inner loops on the threads of the block, and a barrier wherever one thread
    may read what another has written since the last, or write what another has read or written.
    """
    read, written = set[ir.Buffer](), set[ir.Buffer]()
    for item in body:
        reads, writes = touched(item)
        if reads & written or writes & (read | written):
            yield ir.Barrier()
            read, written = set[ir.Buffer](), set[ir.Buffer]()
        read, written = read | reads, written | writes
        if isinstance(item, ir.For):
            reductions = [part for part in item.body if isinstance(part, ir.Reduce)]
            arrays = tuple(
                ir.Buffer(f"{f.name}_shared", f.start.dtype, (BLOCK,), scope="shared")
                for f in reductions
            )
            yield replace(item, runs="block", arrays=arrays)
        else:
            yield item
