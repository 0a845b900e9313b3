"""The loop language on one screen: expressions over single numbers, and the statements of a kernel.

A `Kernel` is a tree of loops; what runs kernels is in `host.py`. All names are unique within a
program. Nothing here knows C, CUDA or Python: a printer per target does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, dataclass_transform

from kernelgraph.graph import Apply
from kernelgraph.names import shortened
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import ScalarOp, State
from kernelgraph.types import listed

Gaps = Literal["none", "between rows", "anywhere"]
Scope = Literal["memory", "local", "shared"]
Runs = Literal["in order", "threads", "grid", "grid y", "grid z", "blocks", "block"]


@dataclass_transform(eq_default=False)
class Part:
    """A part of a program. Every class of parts is a dataclass, told apart by identity, that prints
    its fields but for the nodes that it is there for.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        dataclass(eq=False, repr=False)(cls)

    def __repr__(self) -> str:
        told = {name: _told(value) for name, value in vars(self).items() if "node" not in name}
        return f"{type(self).__name__}({', '.join(map('='.join, told.items()))})"


def _told(value: Any) -> str:
    items = listed(value)
    if isinstance(value, tuple) and items and isinstance(items[0], Part):
        return f"({len(items)} items)"
    return shortened(repr(items[0] if len(items) == 1 else items))


# -------------------------------------------------------------------------------------- expressions


class Number(Part):
    """A constant."""

    value: Any
    dtype: str


class Name(Part):
    """A local number, a loop's index, or the size of a dimension."""

    name: str
    dtype: str = "int64"


class Load(Part):
    """One element of a buffer."""

    buffer: Buffer
    index: tuple[Expression, ...]

    @property
    def dtype(self) -> str:
        """dtype of the element."""
        return self.buffer.dtype


class Operation(Part):
    """An op over single numbers, and its operands by the names that its templates have for them."""

    op: ScalarOp
    operands: Mapping[str, Expression]
    dtype: str


class SlotSize(Part):
    """The size of one axis of what a slot holds; on the host only."""

    slot: int
    axis: int
    dtype: str = "int64"


Expression = Number | Name | Load | Operation | SlotSize


class Buffer(Part):
    """Numbers in memory in the order of indices: a pointer and, where there are gaps, strides.

    Between rows there are gaps in `x[:, 1:]`, anywhere in `x[:, ::2]` and in `x.T`. In a buffer
    that `overlaps`, several indices mean one element. `scope` says whose it is: the program's, in
    the machine's memory; an iteration's own (`local`: registers and small arrays); that of a block
    of threads (`shared`).
    """

    name: str
    dtype: str
    dims: tuple[Dim, ...]
    gaps: Gaps = "none"
    scope: Scope = "memory"
    overlaps: bool = False

    @property
    def packed(self) -> bool:
        """Whether an index alone says where an element is, without strides."""
        return self.gaps == "none"


# --------------------------------------------------------------------------------------- statements


class Let(Part):
    """A number that gets a name."""

    name: str
    value: Expression
    node: Apply | None = None


class Local(Part):
    """A number that will change: a state of a reduction."""

    name: str
    start: Number
    node: Apply | None = None


class Assign(Part):
    """The next value of a `Local`."""

    name: str
    value: Expression
    node: Apply | None = None


class Reduce(Part):
    """`name = op(name, element)` where elements may be combined in any grouping.

    Where every row of a block has a state of its own, `row` says which one. Where a loop with
    loops inside adds up, `iteration` is the number of its iteration, which says to which lane.
    """

    name: str
    op: State
    element: Expression
    start: Number
    node: Apply | None = None
    row: Name | None = None
    iteration: Expression | None = None

    def combined(self, state: Expression, element: Expression) -> Operation:
        """The next value of a state."""
        return Operation(self.op, {self.op.name: state, "x": element}, self.start.dtype)


class Store(Part):
    """A number put into a buffer."""

    buffer: Buffer
    index: tuple[Expression, ...]
    value: Expression
    node: Apply | None = None


class Bounded(Part):
    """An index checked against a size, from the end if negative; failing ends the kernel."""

    name: str
    value: Expression
    size: Expression
    check: int
    node: Apply | None = None
    wraps: bool = True


class Flag(Part):
    """A flag that is raised where the condition holds, and stays so: once the kernel is through, it
    is the warning or the error that check number `check` says.
    """

    name: str
    condition: Expression
    check: int
    fails: bool
    node: Apply | None = None


class For(Part):
    """A loop over a dimension.

    `lanes` partial states run side by side; a `strip` is what runs between two looks at whether the
    user wants to stop; an iteration does `step` indices with small `arrays` of its own, and `rest`
    does the indices that are left over; a `rolled` loop is not to be unrolled. `sums` are dealt to
    lanes by the number of the iteration.

    `runs` says who does the iterations: one after the other, the threads of a processor, those of a
    GPU's whole grid (along x, y or z), its blocks of threads (an iteration each), or the threads of
    one block, which then bring their states together in `arrays`.
    """

    index: str
    dim: Dim
    body: tuple[Statement, ...]
    lanes: int = 1
    strip: int = 0
    step: int = 1
    rest: tuple[Statement, ...] = ()
    arrays: tuple[Buffer, ...] = ()
    rolled: bool = False
    sums: tuple[Reduce, ...] = ()
    runs: Runs = "in order"


class Carry(Part):
    """Another row, number `index` of `dim`, has been added to a buffer of sums, `counter` so far:
    where they make up a block, they move on to the `blocks` and the sums begin anew. This is looked
    at after every eighth row, and after each of those that are left over; `several` says that it
    is after eight. At the `end`, all blocks come back.
    """

    sums: Buffer
    blocks: Buffer
    counter: str
    index: str = ""
    dim: Dim | None = None
    several: bool = False
    end: bool = False
    node: Apply | None = None


class Barrier(Part):
    """All threads of a block have come so far, and see what the others have written."""


class Poll(Part):
    """A look, after so much work, at whether the user wants to stop."""

    work: Expression


Statement = Let | Local | Assign | Reduce | Store | Bounded | Flag | For | Carry | Barrier | Poll


class Kernel(Part):
    """A loop tree with all that it reads and writes.

    `results` are numbers that it gives back to the host.
    """

    name: str
    note: str
    body: tuple[Statement, ...]
    reads: tuple[Buffer, ...]
    writes: tuple[Buffer, ...]
    scalars: tuple[Name, ...]
    results: tuple[Name, ...]
    dims: tuple[Dim, ...]
    nodes: tuple[Apply, ...]
    can_fail: bool = False
    overlapping: tuple[Buffer, ...] = ()
    """Buffers of which one is a part of another that the kernel writes."""

    def with_body(self, body: Sequence[Statement]) -> Kernel:
        """The same kernel with other statements."""
        return replace(self, body=tuple(body))
