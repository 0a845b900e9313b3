"""Degrees of expressions in the exponentials of a sum, and expressions with all of those divided.

An exponential of the sum has degree 1, as the sum itself; a product has the sum of the degrees, a
quotient their difference, and views and sums along axes keep them. What has degree 0 stays the same
when all exponentials are divided by one number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kernelgraph.elementwise import DimShuffle, dimshuffle
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.arithmetic import Cast, add, mul, neg, sqr, sub, switch, true_div
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.contraction import Dot
from kernelgraph.ops.functions import exp
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.kinks import is_nothing
from kernelgraph.ops.reductions import PickedSum, Sum
from kernelgraph.rewrite.exponential_sums import marked
from kernelgraph.types import is_float

MOST_NODES = 96
"""Expressions are looked at this far, so that a rule's work at a node is bounded."""

Axes = tuple[int, ...]
"""Where the axes of a sum are in another variable."""

VIEWS = (DimShuffle, Sum, PickedSum, Broadcast, Dot, Cast, Subtensor)
COMBINED = (add, sub, neg, mul, true_div, sqr, switch)


class _Part(NamedTuple):
    """What is known of a variable: its degree; where the axes of the sum are in it, if that is not
    0; whether there is something in it that is to be written anew.
    """

    degree: int
    axes: Axes
    has_powers: bool


_NUMBER = _Part(0, (), False)
_HIGHEST = 8
"""Degrees beyond it are left alone."""


class Scaling:
    """The degrees of what is near a product in the exponentials of a sum, which has `rank` axes;
    and the product anew, all exponentials divided by the largest.
    """

    def __init__(self, seeds: Mapping[Variable, tuple[int, Axes]], rank: int) -> None:
        self.rank = rank
        self.seeds = frozenset(seeds)
        self.parts = {v: _Part(degree, axes, True) for v, (degree, axes) in seeds.items()}

    @property
    def highest(self) -> int:
        """The highest degree that was found, or the lowest."""
        return max(abs(part.degree) for part in self.parts.values())

    def is_homogeneous(self, root: Variable, found: Sequence[Variable]) -> bool:
        """Whether a product is of degree 0, and not all of its factors are."""
        part = self.part(root)
        return part.has_powers and part.degree == 0 and any(self.part(v).degree for v in found)

    def part(self, variable: Variable) -> _Part:
        """What is known of a variable; what has no degree counts as a number."""
        found = self.parts.get(variable)
        if found is not None:
            return found
        node = variable.owner
        if node is None or len(self.parts) > MOST_NODES or not is_read(node):
            return _NUMBER
        operands = [self.part(operand) for operand in node.inputs]
        found = None
        if any(operand.has_powers for operand in operands):
            found = self._combined(node, operands)
        if found is None or abs(found.degree) > _HIGHEST:
            found = _NUMBER
        self.parts[variable] = found
        return found

    def _combined(self, node: Apply, parts: Sequence[_Part]) -> _Part | None:
        """What is known of the result of a node; None where it has no degree."""
        if isinstance(node.op, DimShuffle | Sum | PickedSum | Dot):
            return _moved(node, parts)
        places = {part.axes for part in parts if part.degree != 0}
        degrees = [part.degree for part in parts]
        if len(places) > 1:
            return None
        axes = next(iter(places), ())
        match node.op:
            case op if op == mul:
                return _Part(sum(degrees), axes, True)
            case op if op == true_div:
                return _Part(degrees[0] - degrees[1], axes, True)
            case op if op == sqr:
                return _Part(2 * degrees[0], axes, True)
            case op if op in (add, sub):
                return _Part(max(_counted(node, parts)), axes, True)
            case op if op in (switch, neg) or self.rank == 0 or isinstance(op, Broadcast | Cast):
                counted = set(_counted(node, parts))
                return _Part(counted.pop(), axes, True) if len(counted) == 1 else None
            case _:
                return None

    def anew(
        self, variable: Variable, seeds: Mapping[Variable, Variable], shift: Variable
    ) -> Variable:
        """A variable with other exponentials in place of those it had."""
        known = dict(seeds)

        def made(old: Variable) -> Variable:
            node, part = old.owner, self.parts.get(old, _NUMBER)
            if old in known or node is None or not part.has_powers:
                return known.get(old, old)
            operands = [made(operand) for operand in node.inputs]
            if node.op in (add, sub):
                lower = [part.degree - self.parts.get(v, _NUMBER).degree for v in node.inputs]
                operands = [
                    operand if less == 0 or is_nothing(operand)
                    else operand * exp(marked(-less * placed(shift, part.axes, old.ndim)))
                    for operand, less in zip(operands, lower, strict=True)
                ]  # fmt: skip
            known[old] = node.op(*operands)
            return known[old]

        return made(variable)


def placed(shift: Variable, axes: Axes, rank: int) -> Variable:
    """What is taken out, with its axes where those of the sum are."""
    return dimshuffle(shift, [axes.index(k) if k in axes else "x" for k in range(rank)])


def is_read(node: Apply) -> bool:
    """Whether it may be said what degree the result of a node has."""
    known = node.op in COMBINED or isinstance(node.op, VIEWS) or node.op.linear is not None
    return known and len(node.outputs) == 1 and is_float(node.out.dtype)


def _counted(node: Apply, parts: Sequence[_Part]) -> list[int]:
    """The degrees of all operands that are floats and not 0."""
    return [
        part.degree
        for operand, part in zip(node.inputs, parts, strict=True)
        if part.has_powers or (is_float(operand.dtype) and not is_nothing(operand))
    ]


def _moved(node: Apply, parts: Sequence[_Part]) -> _Part | None:
    """What is known of a view, of a sum along axes, or of a product of matrices."""
    rank = node.inputs[0].ndim
    match node.op:
        case DimShuffle() as op:
            moved = [op.inverse]
        case Sum() | PickedSum() as op:
            kept = [k for k in range(rank) if k not in op.axes]
            moved = [{old: new for new, old in enumerate(kept)}]
        case _:
            moved = [{0: 0} if rank == 2 else {}, {1: rank - 1}]
    places: set[Axes] = set()
    for part, to in zip(parts, moved, strict=True):
        if part.degree != 0 and not all(axis in to for axis in part.axes):
            return None
        if part.degree != 0:
            places.add(tuple(to[axis] for axis in part.axes))
    if len(places) > 1:
        return None
    return _Part(sum(part.degree for part in parts), next(iter(places), ()), True)
