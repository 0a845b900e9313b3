"""States that move on while a graph is computed: which nodes move a state, and where it ends up.

A draw takes the state of a stream and gives the next one; so does a loop or a choice that draws.
In go nodes, out come the next states of the shared variables that they draw from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernelgraph.graph import Apply, Graph, SharedVariable, Variable
from kernelgraph.op import Control
from kernelgraph.ops.arithmetic import eq
from kernelgraph.ops.control import IfElse
from kernelgraph.types import listed

Move = tuple[Apply, int]
"""A node and the output that is the next state."""


def moves(nodes: Iterable[Apply]) -> dict[SharedVariable, list[Move]]:
    """The shared variables that `nodes` draw from, each with the nodes that move it on."""
    found: dict[SharedVariable, list[Move]] = {}
    for node in nodes:
        for operand, output in node.op.next_states(node).items():
            state = node.inputs[operand]
            if isinstance(state, SharedVariable):
                found.setdefault(state, []).append((node, output))
    return found


def next_state(state: SharedVariable, found: list[Move]) -> Variable:
    """The state after a computation in which these nodes read it.

    All of them begin with the same state, so that one draw in two places is one draw. A draw that
    always happens comes first, then a loop; of choices, the first whose branch drew.
    """
    certain = [move for move in found if not isinstance(move[0].op, Control)]
    for node, output in certain:
        if node.outputs[output] is state.default_update:
            return node.outputs[output]
    loops = [move for move in found if not isinstance(move[0].op, IfElse)]
    for node, output in (*certain, *loops):
        return node.outputs[output]
    (node, output), *others = found
    drew = _drew(node, output)
    if not others or drew is None:
        return node.outputs[output]
    chosen = next_state(state, others)
    ends = (Variable(state.type), Variable(state.type))
    first, second = (Graph(ends, (end,)) for end in ends)
    return listed(IfElse(first, second)(drew, node.outputs[output], chosen))[0]


def _drew(node: Apply, output: int) -> Variable | None:
    """Whether a choice took the branch that moves the state; None where both do."""
    assert isinstance(node.op, IfElse)
    then, otherwise = (graph.outputs[output] not in graph.inputs for graph in node.op.graphs)
    if then and otherwise:
        return None
    return node.inputs[0] if then else eq(node.inputs[0], 0)


class OrderedUpdates(dict[Any, Any]):
    """What shared variables become, in the order in which that was said; two different values for
    one variable are a KeyError.
    """

    def update(self, *others: Any, **named: Any) -> None:
        """Gather over the updates of others. Raises `KeyError` for a variable that has another."""
        for variable, value in dict[Any, Any](*others, **named).items():
            if variable in self and self[variable] is not value:
                raise KeyError(f"{variable} has two different updates")
            self[variable] = value

    def __add__(self, other: Any) -> OrderedUpdates:
        both = OrderedUpdates(self)
        both.update(other)
        return both
