"""The actions of the host: memory, sizes, checks, calls, choices and repeats, and kernels that run.

A program is a list of them, done one after the other each time the function is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernelgraph import routines
from kernelgraph.graph import Apply, Variable
from kernelgraph.loops.ir import Buffer, Expression, Kernel, Name, Part
from kernelgraph.schedule.dims import Dim


class Bind(Part):
    """A buffer that lives in a slot. Kernels read rows without gaps, so what comes from outside and
    has such is `copied` for them.
    """

    buffer: Buffer
    slot: int
    variable: Variable
    copied: bool = False


class BindScalar(Part):
    """A number that lives in a slot."""

    name: Name
    slot: int


class Define(Part):
    """The size of a dimension becomes known; a negative one is an error of `check`."""

    dim: Dim
    value: Expression
    check: int


class CheckEqual(Part):
    """Two sizes must be equal, else the error of `check` with both."""

    left: Expression
    right: Expression
    check: int


class CheckNotEmpty(Part):
    """The dimension must have elements."""

    dim: Dim
    check: int


class Allocate(Part):
    """Fresh memory: of a slot, which outlives the call, or scratch; `variable`: what it is for."""

    buffer: Buffer
    slot: int | None
    variable: Variable | None = None


class Reserve(Part):
    """A name for the memory of a slot, of which some `dims` are not known yet: 0 so far."""

    buffer: Buffer
    slot: int
    dims: tuple[Dim, ...]


class FirstRow(Part):
    """At iteration 0, dimensions that were not known get these sizes, and the buffer its memory."""

    buffer: Buffer
    slot: int
    sizes: tuple[tuple[Dim, Expression], ...]
    iteration: Name


class StoreScalar(Part):
    """A number put into a slot of its own."""

    slot: int
    value: Expression
    dtype: str


class Run(Part):
    """A kernel runs."""

    kernel: Kernel


class Range(Part):
    """start:stop:step of an axis of size `dim`; a step of 0 is an error of `check`."""

    start: Expression
    stop: Expression
    step: Expression
    dim: Dim
    check: int


class At(Part):
    """A single index of an axis of size `dim`, checked as `check`."""

    index: Expression
    dim: Dim
    check: int


class From(Part):
    """So many elements from one on, of an axis of size `dim`: all of them are inside."""

    start: Expression
    length: Dim
    dim: Dim


class Whole(Part):
    """An axis as it is."""


Entry = Range | At | From | Whole
"""What a part takes of one axis."""


class Window(Part):
    """A part of a buffer, without copying: one entry per axis of `base`."""

    buffer: Buffer
    base: Buffer
    entries: tuple[Entry, ...]


class Alias(Part):
    """Another name for the same memory; packed if the base is, else with the base's strides."""

    buffer: Buffer
    base: Buffer


class Stride(Part):
    """A part of a buffer at strides: for each axis, those of `base` it goes along, and steps."""

    buffer: Buffer
    base: Buffer
    steps: tuple[tuple[tuple[int, int], ...], ...]


class Product(Part):
    """The product of two matrices by BLAS, each as it lies or, where flipped, transposed; or as
    many products as there are along an axis in front.
    """

    operands: tuple[Buffer, Buffer]
    flips: tuple[bool, bool]
    memory: tuple[Allocate, ...]
    copies: tuple[Allocate, ...] = ()

    def names(self) -> list[str]:
        """The operands as they are multiplied."""
        flipped = zip(self.operands, self.flips, strict=True)
        turned = ".T" if len(self.operands[0].dims) == 2 else ".mT"
        return [f"{buffer.name}{turned if flip else ''}" for buffer, flip in flipped]


class OwnC(Part):
    """C of the user's own. Operands that may have gaps are copied, if they have some."""

    code: routines.OwnC
    operands: tuple[Buffer | Expression, ...]
    sizes: tuple[Expression, ...]
    memory: tuple[Allocate, ...]
    copies: tuple[Allocate, ...]
    scratch: tuple[Allocate, ...] = ()


class Lapack(Part):
    """Work of LAPACK with matrices. Where it fails, that is an error of `check` (-1: it cannot)."""

    work: routines.Lapack
    operands: tuple[Buffer, ...]
    memory: tuple[Allocate, ...]
    check: int
    copies: tuple[Allocate, ...] = ()


Routine = Product | Lapack | OwnC
"""What asks for memory: `copies` of operands, then the `memory` of its results."""


class Call(Part):
    """Call number `number` of the program, which says what it means and which slots it reads and
    fills: of Python, or of a `routine` that does the same without it.
    """

    number: int
    node: Apply
    routine: Routine | None = None


class If(Part):
    """One of two lists of actions."""

    condition: Expression
    then: tuple[Action, ...]
    otherwise: tuple[Action, ...]


class Repeat(Part):
    """Actions done `count` times; scratch taken inside is given back after each time."""

    index: Name
    count: Expression
    body: tuple[Action, ...]


def every(actions: Sequence[Action]) -> Iterator[Action]:
    """All actions, with those inside of choices and loops, in the order of the text."""
    for action in actions:
        yield action
        match action:
            case If():
                yield from every((*action.then, *action.otherwise))
            case Repeat():
                yield from every(action.body)
            case _:
                pass


def requests(actions: Sequence[Action]) -> Iterator[Allocate]:
    """All requests for memory, in the order of the text."""
    for action in every(actions):
        if isinstance(action, Allocate):
            yield action
        elif isinstance(action, Bind) and action.copied:
            yield Allocate(action.buffer, None, action.variable)
        elif isinstance(action, Call) and action.routine is not None:
            yield from (*action.routine.copies, *action.routine.memory)
            yield from action.routine.scratch if isinstance(action.routine, OwnC) else ()


Action = (
    Bind | BindScalar | Define | CheckEqual | CheckNotEmpty | Allocate | Reserve | FirstRow
    | StoreScalar | Run | Window | Alias | Stride | Call | If | Repeat
)  # fmt: skip
