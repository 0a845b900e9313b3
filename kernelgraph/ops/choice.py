"""`ifelse`: two expressions, of which a scalar condition chooses one, become two graphs.

What only one of them needs is computed, and drawn from random streams, only if it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.comparisons import as_condition
from kernelgraph.errors import GraphError
from kernelgraph.graph import Apply, Graph, SharedVariable, Variable, describe, substitute, walk
from kernelgraph.mismatches import sized
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.control import IfElse, capture
from kernelgraph.ops.numbers import common_dtype, is_plain
from kernelgraph.ops.streams import Move, moves, next_state
from kernelgraph.types import TensorType, is_array, listed

__all__ = ["ifelse"]


def ifelse(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` if the scalar `condition` holds, else `otherwise`; only the chosen one is computed,
    and so are gradients.

    `then` and `otherwise` are variables, or lists of as many. What both of them or the condition
    need is computed outside, once. What only one of them draws from a random stream is drawn, and
    the stream moves on, only if that one is chosen.

    A number of Python, or an array of such, gets the dtype of the other side if that can hold it
    (an integer may become a float, not the other way round), else both get the dtype that an
    expression of them would have. A NumPy scalar or another constant only becomes wider.

    Raises `GraphError` (KG-G031) when their types differ all the same, or how many they are.
    """
    arrays = [_is_array(then, otherwise), _is_array(otherwise, then)]
    several = not any(arrays) and any(isinstance(v, list | tuple) for v in (then, otherwise))
    sides = [[v] if one else listed(v) for v, one in zip((then, otherwise), arrays, strict=True)]
    if len(sides[0]) != len(sides[1]):
        raise GraphError(
            "both branches of ifelse must have as many results, "
            f"not {len(sides[0])} and {len(sides[1])}",
            code="KG-G031",
        )
    test = as_variable(as_condition(condition, "ifelse"))
    if test.ndim:
        raise GraphError(
            f"the condition of ifelse must be a scalar, not {describe(test)}",
            code="KG-G031",
            hint="T.switch chooses element by element",
            operands=(sized(test),),
        )
    pairs = [_alike(a, b) for a, b in zip(*sides, strict=True)]
    made = _choose(test, [a for a, _ in pairs], [b for _, b in pairs])
    return made if several else made[0]


def _is_array(value: Any, other: Any) -> bool:
    """Whether a list of numbers is one array, since it stands beside an array."""
    beside = (isinstance(other, Variable) or is_array(other)) and other.ndim > 0
    return beside and isinstance(value, list | tuple) and is_plain(value)


def _alike(then: Any, otherwise: Any) -> tuple[Variable, Variable]:
    """One result of each branch, with one dtype where a constant can be given it."""
    a, b = as_variable(then), as_variable(otherwise)
    if not (isinstance(a.type, TensorType) and isinstance(b.type, TensorType)):
        return a, b
    dtype = common_dtype(a, b, (is_plain(then), is_plain(otherwise)))
    return (a, b) if dtype is None else (cast(a, dtype), cast(b, dtype))


def _choose(test: Variable, then: list[Variable], otherwise: list[Variable]) -> list[Variable]:
    """The results, of the one branch or the other; what is drawn moves streams on."""
    yes, no = list(walk(then)), list(walk(otherwise))
    outside = (set(yes) & set(no)) | set(walk([test]))
    drawn = [moves(node for node in nodes if node not in outside) for nodes in (yes, no)]
    states = list(dict.fromkeys([*drawn[0], *drawn[1]]))
    branches = [
        _Branch([*side, *_next(states, found)], {n for n in nodes if n not in outside})
        for side, nodes, found in zip((then, otherwise), (yes, no), drawn, strict=True)
    ]
    reads = list(dict.fromkeys([*states, *branches[0].reads(), *branches[1].reads()]))
    op = IfElse(branches[0].graph(reads), branches[1].graph(reads), len(states))
    return listed(op(test, *reads))[: len(then)]


def _next(states: Sequence[SharedVariable], drawn: dict[SharedVariable, list[Move]]) -> list[Any]:
    """The states after a branch: those that it does not draw from stay as they are."""
    return [next_state(s, drawn[s]) if s in drawn else s for s in states]


@dataclass
class _Branch:
    """The results of a branch, and the nodes that are its own."""

    outputs: list[Variable]
    own: set[Apply]

    def reads(self) -> list[Variable]:
        """What it reads from outside."""
        return capture(self.outputs, self.own, ())[0]

    def graph(self, reads: Sequence[Variable]) -> Graph:
        """The branch as a graph of what both branches read."""
        inputs = [Variable(v.type, v.name) for v in reads]
        new = substitute(self.outputs, dict(zip(reads, inputs, strict=True)))
        return Graph(tuple(inputs), tuple(new))
