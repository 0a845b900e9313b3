"""The loop language on one screen: expressions over single numbers, statements of a kernel, actions
of the host.

A `Program` is a list of host actions; a `Kernel` is a tree of loops. All names are unique within a
program. Nothing here knows C, CUDA or Python: a printer per target does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kernelgraph.graph import Apply, Graph
from kernelgraph.graph import Variable as GraphVariable
from kernelgraph.hooks import view
from kernelgraph.names import first_lines, shortened
from kernelgraph.op import State
from kernelgraph.schedule.dims import Dim
from kernelgraph.templates import ScalarOp
from kernelgraph.types import listed


class Part:
    """A part of a program; it prints its fields but for the nodes that it is there for."""

    __slots__ = ()

    def __repr__(self) -> str:
        told = {name: _told(value) for name, value in vars(self).items() if "node" not in name}
        return f"{type(self).__name__}({', '.join(map('='.join, told.items()))})"


def _told(value: Any) -> str:
    items = listed(value)
    if isinstance(value, tuple) and items and isinstance(items[0], Part):
        return f"({len(items)} items)"
    return shortened(repr(items[0] if len(items) == 1 else items))


# -------------------------------------------------------------------------------------- expressions


@dataclass(eq=False, repr=False)
class Number(Part):
    """A constant."""

    value: Any
    dtype: str


@dataclass(eq=False, repr=False)
class Name(Part):
    """A local number, a loop's index, or the size of a dimension."""

    name: str
    dtype: str = "int64"


@dataclass(eq=False, repr=False)
class Load(Part):
    """One element of a buffer."""

    buffer: Buffer
    index: tuple[Expression, ...]

    @property
    def dtype(self) -> str:
        """dtype of the element."""
        return self.buffer.dtype


@dataclass(eq=False, repr=False)
class Operation(Part):
    """An op over single numbers, and its operands by the names that its templates have for them."""

    op: ScalarOp
    operands: Mapping[str, Expression]
    dtype: str


@dataclass(eq=False, repr=False)
class SlotSize(Part):
    """The size of one axis of what a slot holds; on the host only."""

    slot: int
    axis: int
    dtype: str = "int64"


Expression = Number | Name | Load | Operation | SlotSize


@dataclass(eq=False, repr=False)
class Buffer(Part):
    """Numbers in memory: a pointer and, for each dimension, a stride.

    `packed` ones are row-major without gaps; `local` ones are a kernel's own and small.
    """

    name: str
    dtype: str
    dims: tuple[Dim, ...]
    packed: bool = True
    local: bool = False


# --------------------------------------------------------------------------------------- statements


@dataclass(eq=False, repr=False)
class Let(Part):
    """A number that gets a name."""

    name: str
    value: Expression
    node: Apply | None = None


@dataclass(eq=False, repr=False)
class Variable(Part):
    """A number that will change: a state of a reduction."""

    name: str
    start: Number
    node: Apply | None = None


@dataclass(eq=False, repr=False)
class Assign(Part):
    """The next value of a `Variable`."""

    name: str
    value: Expression
    node: Apply | None = None


@dataclass(eq=False, repr=False)
class Fold(Part):
    """`name = op(name, element)` where elements may be combined in any grouping.

    Where every row of a block has a state of its own, `row` says which one. Where a loop with
    loops inside adds up, `turn` is the number of its turn, which says to which lane.
    """

    name: str
    op: State
    element: Expression
    start: Number
    node: Apply | None = None
    row: Name | None = None
    turn: Expression | None = None

    def combined(self, state: Expression, element: Expression) -> Operation:
        """The next value of a state."""
        return Operation(self.op, {self.op.name: state, "x": element}, self.start.dtype)


@dataclass(eq=False, repr=False)
class Store(Part):
    """A number put into a buffer."""

    buffer: Buffer
    index: tuple[Expression, ...]
    value: Expression
    node: Apply | None = None


@dataclass(eq=False, repr=False)
class Bounded(Part):
    """An index that is checked against a size and, if negative, counted from the end (where it
    `wraps`); failing ends the kernel.
    """

    name: str
    value: Expression
    size: Expression
    site: int
    node: Apply | None = None
    wraps: bool = True


@dataclass(eq=False, repr=False)
class For(Part):
    """A loop over a dimension.

    `lanes` partial states run side by side; a `strip` is what runs between two looks at whether the
    user wants to stop; a turn does `step` indices with small `arrays` of its own, and `rest`
    does the indices that are left over; a `rolled` loop is not to be unrolled. `sums` are dealt to
    lanes by the number of the turn.
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
    sums: tuple[Fold, ...] = ()


@dataclass(eq=False, repr=False)
class Poll(Part):
    """A look, after so much work, at whether the user wants to stop."""

    work: Expression


Statement = Let | Variable | Assign | Fold | Store | Bounded | For | Poll


@dataclass(eq=False, repr=False)
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

    def with_body(self, body: Sequence[Statement]) -> Kernel:
        """The same kernel with other statements."""
        return replace(self, body=tuple(body))


# ------------------------------------------------------------------------------ actions of the host


@dataclass(eq=False, repr=False)
class Bind(Part):
    """A buffer that lives in a slot: where it is and how large. `defines` become known here."""

    buffer: Buffer
    slot: int
    defines: tuple[tuple[Dim, int], ...]


@dataclass(eq=False, repr=False)
class BindScalar(Part):
    """A number that lives in a slot."""

    name: Name
    slot: int


@dataclass(eq=False, repr=False)
class Define(Part):
    """The size of a dimension becomes known; a negative one is an error at `site`."""

    dim: Dim
    value: Expression
    site: int


@dataclass(eq=False, repr=False)
class CheckEqual(Part):
    """Two sizes must be equal, else the error of `site` with both."""

    left: Expression
    right: Expression
    site: int


@dataclass(eq=False, repr=False)
class CheckNotEmpty(Part):
    """The dimension must have elements."""

    dim: Dim
    site: int


@dataclass(eq=False, repr=False)
class Allocate(Part):
    """Fresh memory: of a slot, which outlives the call, or scratch, which does not; the variable
    that it is for, if it is one.
    """

    buffer: Buffer
    slot: int | None
    variable: GraphVariable | None = None


@dataclass(eq=False, repr=False)
class Reserve(Part):
    """A name for the memory of a slot, of which some `dims` are not known yet: 0 so far."""

    buffer: Buffer
    slot: int
    dims: tuple[Dim, ...]


@dataclass(eq=False, repr=False)
class FirstRow(Part):
    """At turn 0 of a loop, the dimensions that were not known get these sizes, and the buffer its
    memory.
    """

    buffer: Buffer
    slot: int
    sizes: tuple[tuple[Dim, Expression], ...]
    turn: Name


@dataclass(eq=False, repr=False)
class StoreScalar(Part):
    """A number put into a slot of its own."""

    slot: int
    value: Expression
    dtype: str


@dataclass(eq=False, repr=False)
class Run(Part):
    """A kernel runs."""

    kernel: Kernel


@dataclass(eq=False, repr=False)
class Range(Part):
    """start:stop:step of an axis of size `dim`; a step of 0 is an error at `site`."""

    start: Expression
    stop: Expression
    step: Expression
    dim: Dim
    site: int


@dataclass(eq=False, repr=False)
class At(Part):
    """A single index of an axis of size `dim`, checked at `site`."""

    index: Expression
    dim: Dim
    site: int


@dataclass(eq=False, repr=False)
class Whole(Part):
    """An axis as it is."""


@dataclass(eq=False, repr=False)
class Window(Part):
    """A part of a buffer, without copying: one entry per axis of `base`."""

    buffer: Buffer
    base: Buffer
    entries: tuple[Range | At | Whole, ...]


@dataclass(eq=False, repr=False)
class Alias(Part):
    """Another name for the same memory; packed if the base is, else with the base's strides."""

    buffer: Buffer
    base: Buffer


@dataclass(eq=False, repr=False)
class CallPython(Part):
    """Python call number `call` reads and fills slots."""

    call: int
    node: Apply


@dataclass(eq=False, repr=False)
class If(Part):
    """One of two lists of actions."""

    condition: Expression
    then: tuple[Action, ...]
    otherwise: tuple[Action, ...]


@dataclass(eq=False, repr=False)
class Repeat(Part):
    """Actions done `count` times; scratch taken inside is given back after each time."""

    index: Name
    count: Expression
    body: tuple[Action, ...]


def requests(actions: Sequence[Action]) -> Iterator[Allocate]:
    """All requests for memory, in the order of the text."""
    for action in actions:
        match action:
            case Allocate():
                yield action
            case If():
                yield from requests((*action.then, *action.otherwise))
            case Repeat():
                yield from requests(action.body)
            case _:
                pass


Action = (
    Bind | BindScalar | Define | CheckEqual | CheckNotEmpty | Allocate | Reserve | FirstRow
    | StoreScalar | Run | Window | Alias | CallPython | If | Repeat
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A Python call: the node whose meaning it is, and its slots."""

    node: Apply
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Site:
    """A place where the program can fail: which check of which node.

    `detail` is for `errors_at_run_time`.
    """

    kind: str
    node: Apply
    detail: Any = None


@dataclass(eq=False, repr=False)
class Program:
    """What runs when the function is called. It prints itself as loops."""

    name: str
    actions: tuple[Action, ...]
    slots: tuple[tuple[str, int], ...]
    """dtype ("object" for Python objects) and rank of each slot: inputs, outputs, then operands of
    Python calls.
    """
    inputs: int
    outputs: int
    constants: Mapping[int, Any]
    """Slots that hold arrays known beforehand."""
    calls: tuple[Call, ...] = ()
    sites: tuple[Site, ...] = ()
    kernels: list[Kernel] = field(default_factory=list[Kernel])
    graph: Graph | None = None
    """What it computes."""

    def __repr__(self) -> str:
        return first_lines(view("program", self))
