"""The actions of the host: memory, sizes, checks, calls, choices and repeats, and kernels that run.

A program is a list of them, done one after the other each time the function is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph import routines
from kernelgraph.dataclasses import dataclass
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops.ir import Buffer, Expression, Kernel, Name, Part
from kernelgraph.schedule.dims import Dim


@dataclass(eq=False, repr=False)
class Bind(Part):
    """A buffer that lives in a slot. Kernels read rows without gaps, so what comes from outside and
    has such is `copied` for them.
    """

    buffer: Buffer
    slot: int
    variable: Variable
    copied: bool = False


@dataclass(eq=False, repr=False)
class BindScalar(Part):
    """A number that lives in a slot."""

    name: Name
    slot: int


@dataclass(eq=False, repr=False)
class Define(Part):
    """The size of a dimension becomes known; a negative one is an error of `check`."""

    dim: Dim
    value: Expression
    check: int


@dataclass(eq=False, repr=False)
class CheckEqual(Part):
    """Two sizes must be equal, else the error of `check` with both."""

    left: Expression
    right: Expression
    check: int


@dataclass(eq=False, repr=False)
class CheckNotEmpty(Part):
    """The dimension must have elements."""

    dim: Dim
    check: int


@dataclass(eq=False, repr=False)
class Allocate(Part):
    """Fresh memory: of a slot, which outlives the call, or scratch, which does not; the variable
    that it is for, if it is one.
    """

    buffer: Buffer
    slot: int | None
    variable: Variable | None = None


@dataclass(eq=False, repr=False)
class Reserve(Part):
    """A name for the memory of a slot, of which some `dims` are not known yet: 0 so far."""

    buffer: Buffer
    slot: int
    dims: tuple[Dim, ...]


@dataclass(eq=False, repr=False)
class FirstRow(Part):
    """At iteration 0 of a loop, the dimensions that were not known get these sizes, and the buffer
    its memory.
    """

    buffer: Buffer
    slot: int
    sizes: tuple[tuple[Dim, Expression], ...]
    iteration: Name


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
    """start:stop:step of an axis of size `dim`; a step of 0 is an error of `check`."""

    start: Expression
    stop: Expression
    step: Expression
    dim: Dim
    check: int


@dataclass(eq=False, repr=False)
class At(Part):
    """A single index of an axis of size `dim`, checked as `check`."""

    index: Expression
    dim: Dim
    check: int


@dataclass(eq=False, repr=False)
class From(Part):
    """So many elements from one on, of an axis of size `dim`: all of them are inside."""

    start: Expression
    length: Dim
    dim: Dim


@dataclass(eq=False, repr=False)
class Whole(Part):
    """An axis as it is."""


Entry = Range | At | From | Whole
"""What a part takes of one axis."""


@dataclass(eq=False, repr=False)
class Window(Part):
    """A part of a buffer, without copying: one entry per axis of `base`."""

    buffer: Buffer
    base: Buffer
    entries: tuple[Entry, ...]


@dataclass(eq=False, repr=False)
class Alias(Part):
    """Another name for the same memory; packed if the base is, else with the base's strides."""

    buffer: Buffer
    base: Buffer


@dataclass(eq=False, repr=False)
class Stride(Part):
    """A part of a buffer at strides: for each axis, the axes of `base` that it goes along, and how
    far in a step.
    """

    buffer: Buffer
    base: Buffer
    steps: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(eq=False, repr=False)
class Product(Part):
    """The product of two matrices by BLAS, each as it lies or, where flipped, transposed."""

    operands: tuple[Buffer, Buffer]
    flips: tuple[bool, bool]
    memory: tuple[Allocate, ...]
    copies: tuple[Allocate, ...] = ()

    def names(self) -> list[str]:
        """The operands as they are multiplied."""
        flipped = zip(self.operands, self.flips, strict=True)
        return [f"{buffer.name}.T" if flip else buffer.name for buffer, flip in flipped]


@dataclass(eq=False, repr=False)
class OwnC(Part):
    """C of the user's own. Operands that may have gaps are copied, if they have some."""

    code: routines.OwnC
    operands: tuple[Buffer | Expression, ...]
    sizes: tuple[Expression, ...]
    memory: tuple[Allocate, ...]
    copies: tuple[Allocate, ...]


@dataclass(eq=False, repr=False)
class Solution(Part):
    """Linear equations solved by LAPACK: a matrix and right sides. A singular matrix is an error of
    `check`.
    """

    operands: tuple[Buffer, Buffer]
    memory: tuple[Allocate, ...]
    check: int
    copies: tuple[Allocate, ...] = ()


Routine = Product | Solution | OwnC
"""What asks for memory: `copies` of operands, then the `memory` of its results."""


@dataclass(eq=False, repr=False)
class Call(Part):
    """Call number `number` of the program, which says what it means and which slots it reads and
    fills: of Python, or of a `routine` that does the same without it.
    """

    number: int
    node: Apply
    routine: Routine | None = None


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
            case Bind(copied=True):
                yield Allocate(action.buffer, None, action.variable)
            case Call(routine=Product() | Solution() | OwnC() as routine):
                yield from (*routine.copies, *routine.memory)
            case If():
                yield from requests((*action.then, *action.otherwise))
            case Repeat():
                yield from requests(action.body)
            case _:
                pass


Action = (
    Bind | BindScalar | Define | CheckEqual | CheckNotEmpty | Allocate | Reserve | FirstRow
    | StoreScalar | Run | Window | Alias | Stride | Call | If | Repeat
)  # fmt: skip
