"""What a program checks while it runs, and the error of each, for the user's line.

A check that fails stops the program and says its number, and up to three integers that it found
(two sizes that differ; an index and the size that it is outside of).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kernelgraph.errors import IndexingError, KernelgraphError, Operand, ShapeError
from kernelgraph.graph import Apply, Constant, describe
from kernelgraph.op import Axis, Reduction
from kernelgraph.ops.blocks import Pad
from kernelgraph.ops.indexing import Gather, GatherTranspose, Subtensor, SubtensorTranspose
from kernelgraph.ops.positions import Arange, Position, too_long
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.solving import Solve
from kernelgraph.ops.sources import negative_size
from kernelgraph.ops.views import Reshape, reshaped
from kernelgraph.schedule.prepare import copied
from kernelgraph.schedule.writes import Write
from kernelgraph.sides import side


class Check(Protocol):
    """Something that must hold for a node when the program runs."""

    @property
    def node(self) -> Apply:
        """The node of the graph that asks for it."""
        ...

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """The error, given what was found in its place."""
        ...


@dataclass(frozen=True)
class EqualSizes:
    """Two axes of operands are equally long. Found: both sizes."""

    node: Apply
    pair: tuple[Axis, Axis]

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As the op says it."""
        return self.node.op.size_error(self.node, self.pair, (found[0], found[1]))


@dataclass(frozen=True)
class EqualElements:
    """A reshape keeps the number of elements. Found: how many there are, how many it asks for."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """Both numbers, and sizes that would do."""
        x, *sizes = self.node.inputs
        new = [int(size.data) if isinstance(size, Constant) else None for size in sizes]
        return ShapeError(
            f"cannot reshape {describe(x)}",
            code="KG-S004",
            origins=self.node.origins,
            because=f"it has {found[0]} elements, the new sizes ask for {found[1]}",
            operands=reshaped(x, x.tensor_type.shape, new, found[0]),
        )


@dataclass(frozen=True)
class IndexInside:
    """An element of an index array lies inside its axis. Found: the index and the size."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As the op says it."""
        op = GatherTranspose() if isinstance(self.node.op, Write) else self.node.op
        assert isinstance(op, Gather | GatherTranspose | Position)
        return op.out_of_bounds(self.node, found[0], found[1])


@dataclass(frozen=True)
class ItemInside:
    """A single index lies inside its axis. Found: the index and the size."""

    node: Apply
    axis: int

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As the op says it."""
        node, x = self.node, self.node.inputs[0]
        if isinstance(node.op, Write):
            x = copied(node.inputs[-1])
        part = node.op.forward if isinstance(node.op, SubtensorTranspose | Write) else node.op
        assert isinstance(part, Subtensor)
        return part.out_of_bounds(x, self.axis, found[0], found[1], node.origins)


@dataclass(frozen=True)
class StepNotZero:
    """A slice goes somewhere."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As Python says it."""
        origins = self.node.origins
        return IndexingError("slice step cannot be zero", code="KG-I002", origins=origins)


@dataclass(frozen=True)
class NotEmpty:
    """A reduction without a neutral element has elements."""

    node: Apply
    axis: int

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As the op says it."""
        assert isinstance(self.node.op, Reduction)
        return self.node.op.empty_error(self.node, self.axis)


@dataclass(frozen=True)
class NotNegative:
    """A size that was computed is one. Found: the size."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """What cannot be reshaped, counted or made."""
        node = self.node
        match node.op:
            case Reshape():
                return ShapeError(
                    f"cannot reshape {describe(node.inputs[0])}: "
                    f"no dimension can have size {found[0]}",
                    code="KG-S004",
                    origins=node.origins,
                    operands=(side(node.inputs[0]), Operand("the new size", (found[0],), (0,))),
                )
            case Arange():
                return too_long(node.origins)
            case Pad():
                return node.op.width_error(node)
            case _:
                return negative_size(node, found[0])


@dataclass(frozen=True)
class FirstValue:
    """There is a row for the first value of a state: a loop has no fewer than 0 steps."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """The row is missing where there are -1 steps."""
        return negative_size(self.node, -1)


@dataclass(frozen=True)
class StepInside:
    """A sequence has an element for each step. Found: the step and how many there are."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As scan says it."""
        assert isinstance(self.node.op, Scan)
        return self.node.op.step_error(self.node, found[0], found[1])


@dataclass(frozen=True)
class NotSingular:
    """Equations have one solution."""

    node: Apply

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As the op says it."""
        assert isinstance(self.node.op, Solve)
        return self.node.op.singular(self.node)


@dataclass(frozen=True)
class StateSize:
    """A state keeps its size from step to step. Found: its size, and that of what a step made."""

    node: Apply
    state: int
    axis: int

    def error(self, found: Sequence[int]) -> KernelgraphError:
        """As scan says it."""
        assert isinstance(self.node.op, Scan)
        return self.node.op.state_error(self.node, self.state, self.axis, (found[0], found[1]))
