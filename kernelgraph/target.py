"""What a back end answers: how it maps loops, prints them, and makes them callable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from kernelgraph.errors import (
    IndexingError,
    KernelgraphError,
    Operand,
    OutOfMemoryError,
    ShapeError,
)
from kernelgraph.graph import Apply, Constant, describe
from kernelgraph.loops.host import requests
from kernelgraph.loops.program import Program, Site
from kernelgraph.op import Reduction
from kernelgraph.ops.indexing import Subtensor, SubtensorTranspose, Take, TakeTranspose
from kernelgraph.ops.positions import Count, Position, too_long
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.sources import negative_size
from kernelgraph.ops.views import Reshape, reshaped
from kernelgraph.sides import side
from kernelgraph.state import Cell, Turns
from kernelgraph.writer import Source

Filter = Callable[[Any], Any]


@dataclass(frozen=True)
class Binding:
    """What a function brings to its executable: by slot, how arguments are accepted and where
    shared values are; and how its calls take turns, unless they need not.
    """

    arguments: Sequence[tuple[int, Filter, tuple[int, ...]]]
    cells: Sequence[tuple[int, Cell]]
    outputs: Sequence[int]
    updates: Sequence[tuple[int, Cell]]
    single: bool
    turns: Turns | None = None


@dataclass(frozen=True)
class Timing:
    """How often a kernel or a Python call ran, and how many seconds that took in all."""

    name: str
    nodes: Sequence[Apply]
    runs: int
    seconds: float


class Executable(Protocol):
    """A program made runnable."""

    def bind(self, binding: Binding) -> Callable[..., Any]:
        """A callable that takes the arguments by position and returns the outputs."""
        ...


class Target(Protocol):
    """A back end."""

    name: str

    def map(self, program: Program) -> Program:
        """Decide which loop is a vector, a thread, a block."""
        ...

    def print(self, program: Program) -> Source:
        """The program as text."""
        ...

    def build(self, program: Program, source: Source) -> Executable:
        """Make it runnable. Raises `CompileError`."""
        ...


def run_time_error(site: Site, detail: Sequence[int]) -> KernelgraphError:
    """The error of a check that failed while a program ran, for the user's line that made the
    node.
    """
    node = site.node
    match site.kind:
        case "sizes":
            return node.op.size_error(node, site.detail, (detail[0], detail[1]))
        case "take":
            assert isinstance(node.op, Take | TakeTranspose)
            return node.op.out_of_bounds(node, detail[0], detail[1])
        case "position":
            assert isinstance(node.op, Position)
            return node.op.out_of_bounds(node, detail[0], detail[1])
        case "item":
            part = node.op.forward if isinstance(node.op, SubtensorTranspose) else node.op
            assert isinstance(part, Subtensor)
            return part.out_of_bounds(
                node.inputs[0], site.detail, detail[0], detail[1], node.origins
            )
        case "step":
            return IndexingError("slice step cannot be zero", code="KG-I002", origins=node.origins)
        case "empty":
            assert isinstance(node.op, Reduction)
            return node.op.empty_error(node, site.detail)
        case "reshape":
            assert isinstance(node.op, Reshape)
            return _reshape_error(node, detail)
        case "negative" if isinstance(node.op, Reshape):
            return ShapeError(
                f"cannot reshape {describe(node.inputs[0])}: "
                f"no dimension can have size {detail[0]}",
                code="KG-S004",
                origins=node.origins,
                operands=(side(node.inputs[0]), Operand("the new size", (detail[0],), (0,))),
            )
        case "negative" if isinstance(node.op, Count):
            return too_long(node.origins)
        case "negative":
            return negative_size(node, detail[0])
        case "start":  # the row of a first value is missing where there are -1 steps
            return negative_size(node, -1)
        case "turn":
            assert isinstance(node.op, Scan)
            return node.op.step_error(node, detail[0], detail[1])
        case _:
            assert isinstance(node.op, Scan)
            state, axis = site.detail
            return node.op.state_error(node, state, axis, (detail[0], detail[1]))


def out_of_memory(program: Program, request: int, size: int) -> OutOfMemoryError:
    """The error for a program whose request of this number, for so many bytes, was refused."""
    found = next(islice(requests(program.actions), request, None), None)
    variable = found.variable if found is not None else None
    name = describe(variable) if variable is not None else "a temporary"
    return OutOfMemoryError(
        f"no memory for {name}: it needs {size:,} bytes ({size / 2**30:.3g} GiB)",
        origins=variable.where if variable is not None else (),
    )


def _reshape_error(node: Apply, detail: Sequence[int]) -> ShapeError:
    x, *sizes = node.inputs
    new = [int(size.data) if isinstance(size, Constant) else None for size in sizes]
    return ShapeError(
        f"cannot reshape {describe(x)}",
        code="KG-S004",
        origins=node.origins,
        because=f"it has {detail[0]} elements, the new sizes ask for {detail[1]}",
        operands=reshaped(x, x.tensor_type.shape, new, detail[0]),
    )
