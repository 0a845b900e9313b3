"""What a program checks while it runs, and the error of each, for the user's line.

A check that fails stops the program and says its number, and up to three integers that it found
(two sizes that differ; an index and the size that it is outside of). Its error is the op's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernelgraph.errors import IndexingError, KernelgraphError
from kernelgraph.graph import Apply
from kernelgraph.notices import Notice, tell
from kernelgraph.op import Axis, Reduction
from kernelgraph.ops.scan import Scan
from kernelgraph.routines import Lapack


@dataclass(frozen=True)
class Check:
    """What must hold for a node at run time; `error` makes the error of what was found instead."""

    node: Apply
    error: Callable[[Sequence[int]], KernelgraphError] = field(repr=False)

    def report(self, found: Sequence[int]) -> None:
        """Raises the error."""
        raise self.error(found)


@dataclass(frozen=True)
class Told:
    """What a caller is told of a node at run time, if a flag was raised for it."""

    node: Apply
    notice: Notice

    def report(self, found: Sequence[int]) -> None:
        """Warns, or raises the notice's error."""
        tell(self.notice, self.node)


def equal_sizes(node: Apply, pair: tuple[Axis, Axis]) -> Check:
    """Two axes of operands are equally long. Found: both sizes."""
    return Check(node, lambda found: node.op.size_error(node, pair, (found[0], found[1])))


def equal_elements(node: Apply) -> Check:
    """A reshape keeps the number of elements. Found: how many there are, how many it asks for."""
    op: Any = node.op  # a reshape
    return Check(node, lambda found: op.counted_error(node, (found[0], found[1])))


def inside(node: Apply, axis: int = 0) -> Check:
    """An index lies inside an axis. Found: the index and the size."""
    return Check(node, lambda found: node.op.out_of_bounds(node, found[0], found[1], axis))


def step_not_zero(node: Apply) -> Check:
    """A slice goes somewhere."""
    message = "slice step cannot be zero"
    return Check(node, lambda _: IndexingError(message, code="KG-I002", origins=node.origins))


def not_empty(node: Apply, op: Reduction, axis: int) -> Check:
    """A reduction without a neutral element has elements."""
    return Check(node, lambda _: op.empty_error(node, axis))


def not_negative(node: Apply) -> Check:
    """A size that was computed is one. Found: the size."""
    return Check(node, lambda found: node.op.negative_size(node, found[0]))


def step_inside(node: Apply, op: Scan) -> Check:
    """A sequence has an element for each step. Found: the step and how many there are."""
    return Check(node, lambda found: op.step_error(node, found[0], found[1]))


def first_value(node: Apply, op: Scan) -> Check:
    """There is a row for the first value of a state; it is missing where there are -1 steps."""
    return Check(node, lambda _: op.negative_size(node, -1))


def state_size(node: Apply, op: Scan, state: int, axis: int) -> Check:
    """A state keeps its size from step to step. Found: its size, and that of what a step made."""
    return Check(node, lambda found: op.state_error(node, state, axis, (found[0], found[1])))


def factored(node: Apply, work: Lapack) -> Check:
    """A matrix is such that a routine could work with it: not singular, say. Found: of a stack, the
    number of the matrix, and sizes.
    """
    if work.failed_in_stack is not None:
        return Check(node, work.failed_in_stack)
    assert work.failed is not None
    failed = work.failed
    return Check(node, lambda _: failed(node))
