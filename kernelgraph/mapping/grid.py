"""Loops on the threads of a GPU.

Each outermost loop is a launch of its own. Iterations that share nothing run one to a thread, the
threads of the whole grid (`grid`); of loops that have nothing but each other around them, the
innermost runs along x, where neighbours read neighbouring numbers, and the next ones along y and z.
A row whose inner loops only reduce, or write elements of their own, gets a block of threads
(`blocks`), which divide its inner loops (`block`); their partial states meet in shared memory, in a
fixed order. One block does a loop that only reduces. All else runs on one thread, in order: right
first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kernelgraph.loops import ir
from kernelgraph.loops.collect import refinished
from kernelgraph.loops.program import Program
from kernelgraph.loops.sharing import Sharing, reductions, sharing, touched
from kernelgraph.loops.walks import loads, nested, operations, values
from kernelgraph.mapping.apart import loops_apart
from kernelgraph.mapping.private import scratch_of_its_own
from kernelgraph.schedule.dims import Dim

BLOCK = Dim("threads", 256)
"""Threads of a block that works on one row."""

DIRECTIONS: tuple[ir.Runs, ...] = ("grid", "grid y", "grid z")
"""Along which the threads of a grid count the iterations of a nest, from the innermost loop."""


def on_the_grid(program: Program) -> Program:
    """The program with a launch for each outermost loop, and loops marked for threads."""
    apart = scratch_of_its_own(program).with_kernels(launches)
    return apart.with_kernels(
        lambda kernel: kernel.with_body([_marked(item, kernel) for item in kernel.body])
    )


def launches(kernel: ir.Kernel) -> Sequence[ir.Kernel]:
    """A kernel for each outermost loop, where these pass each other nothing but memory. Numbers
    that are worked out before the first loop are worked out in each.
    """
    body = loops_apart(kernel)
    first = next((k for k, item in enumerate(body) if isinstance(item, ir.For)), len(body))
    before, loops = body[:first], body[first:]
    simple = all(isinstance(item, ir.Let | ir.Flag) for item in before)
    if not simple or len(loops) < 2 or not all(isinstance(item, ir.For) for item in loops):
        return [kernel]
    numbers = [item for item in before if isinstance(item, ir.Let)]
    made: list[ir.Kernel] = []
    for k, loop in enumerate(loops):
        body = (*(numbers if k else before), loop)
        part = refinished(kernel, body, f"{kernel.name}_{k}")
        used = {getattr(item, "node", None) for item in nested(body)}
        nodes = tuple(node for node in kernel.nodes if node in used)
        made.append(replace(part, nodes=nodes, results=() if k else kernel.results))
    return made


def _marked(item: ir.Statement, kernel: ir.Kernel) -> ir.Statement:
    loops = [other for other in kernel.body if isinstance(other, ir.For)]
    if not isinstance(item, ir.For) or len(loops) > 1:
        return item
    shared = sharing(item, kernel.overlapping)
    if not shared.nothing:
        return _by_one_block(item, kernel, shared)
    others = [other for other in kernel.body if other is not item]
    if any(isinstance(other, ir.Store) for other in others):
        return item  # a store beside the loop is for one thread
    if _is_row(item):
        return replace(item, runs="blocks", body=tuple(_row(item.body)))
    return _nest(item, kernel)


CHEAP = 8
"""Numbers that take about so many additions may be worked out by each thread of an inner loop."""


def _nest(loop: ir.For, kernel: ir.Kernel) -> ir.For:
    """Loops that have nothing but each other around them, on the threads of a grid; and numbers
    that are worked out for the innermost.
    """
    nest, numbers = [loop], list[ir.Statement]()
    while isinstance(inner := nest[-1].body[-1], ir.For):
        others = nest[-1].body[:-1]
        if not (_are_cheap(others) and sharing(inner, kernel.overlapping).nothing):
            break
        nest.append(inner)
        numbers += others
    in_order: list[ir.Runs] = ["in order"] * len(nest)
    directions = (*DIRECTIONS, *in_order)
    made: tuple[ir.Statement, ...] = (*numbers, *nest[-1].body)
    for each, runs in zip(reversed(nest), directions, strict=False):
        made = (replace(each, runs=runs, body=made),)
    (outer,) = made
    assert isinstance(outer, ir.For)
    return outer


def _are_cheap(statements: Sequence[ir.Statement]) -> bool:
    if not all(isinstance(item, ir.Let | ir.Flag | ir.Bounded) for item in statements):
        return False
    found = (value for item in statements for value in values(item))
    return sum(part.op.cost for value in found for part in operations(value)) <= CHEAP


def _by_one_block(loop: ir.For, kernel: ir.Kernel, shared: Sharing) -> ir.For:
    """A loop that only reduces, on the threads of one block."""
    begun = {item.name for item in kernel.body if isinstance(item, ir.Local)}
    alone = replace(shared, reduced=frozenset()).nothing and shared.reduced <= begun
    simple = all(isinstance(item, ir.Let | ir.Reduce | ir.For) for item in nested(loop.body))
    others = any(isinstance(item, ir.Store) for item in kernel.body)
    if not (alone and simple) or others or not _reduces_once([loop]):
        return loop
    return replace(loop, runs="block", arrays=_meeting(loop))


def _reduces_once(loops: Sequence[ir.For]) -> bool:
    """Whether there are states, and one statement for each: none goes on in another loop."""
    states = [part.name for loop in loops for part in reductions(loop)]
    return len(states) == len(set(states)) > 0


def _is_row(loop: ir.For) -> bool:
    """Whether the loop's inner loops only reduce, in any grouping, or write their own elements; and
    neighbouring iterations of them read neighbouring numbers.
    """
    inner = [item for item in loop.body if isinstance(item, ir.For)]
    items = [part for child in inner for part in nested(child.body)]
    simple = not any(isinstance(part, ir.Bounded | ir.Flag) for part in items)
    alone = all(replace(sharing(child), reduced=frozenset()).nothing for child in inner)
    reduces = [child for child in inner if reductions(child)]
    return simple and alone and _reduces_once(inner) and any(map(_along_memory, reduces))


def _along_memory(loop: ir.For) -> bool:
    """Whether neighbouring iterations of a loop read neighbouring numbers of what has most axes."""
    found = [load for item in loop.body for value in values(item) for load in loads(value)]
    most = max((len(load.index) for load in found), default=0)
    last = [load.index[-1] for load in found if most and len(load.index) == most]
    return not last or any(
        isinstance(entry, ir.Name) and entry.name == loop.index for entry in last
    )


def _meeting(loop: ir.For) -> tuple[ir.Buffer, ...]:
    """Shared memory where the threads of a block bring their states together."""
    return tuple(
        ir.Buffer(f"{f.name}_shared", f.start.dtype, (BLOCK,), scope="shared")
        for f in reductions(loop)
    )


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
            yield replace(item, runs="block", arrays=_meeting(item))
        else:
            yield item
