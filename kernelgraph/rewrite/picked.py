"""Reading which probability of each row is picked: `p[arange(n), y]`, and the logarithm of it."""

from __future__ import annotations

from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Constant, Variable
from kernelgraph.op import Op
from kernelgraph.ops.arithmetic import eq, switch
from kernelgraph.ops.functions import log
from kernelgraph.ops.indexing import Subtensor
from kernelgraph.ops.positions import count, label, only, position
from kernelgraph.ops.reductions import PickedSum
from kernelgraph.ops.softmax import LogSoftmax, Softmax


def operands_of(variable: Variable, op: Op) -> list[Variable]:
    """The operands of a variable that this op made; none of another."""
    node = variable.owner
    return node.inputs if node is not None and node.op == op else []


def _turned(variable: Variable, order: tuple[int | str, ...], op: Op) -> list[Variable]:
    """The operands of `op`, of which a variable is the result with its dimensions so arranged."""
    inner = operands_of(variable, DimShuffle(order))
    return operands_of(inner[0], op) if inner else []


def picks_one(mask: Variable) -> bool:
    """Whether each row of a matrix of conditions is true in exactly one place."""
    sides = operands_of(mask, eq)
    if len(sides) != 2 or mask.ndim != 2:
        return False
    columns = _turned(sides[0], ("x", 0), count)
    wanted = _turned(sides[1], (0, "x"), position) or _turned(sides[1], (0, "x"), label)
    return bool(columns and wanted) and columns[0] is wanted[1]


def picked_of(total: Variable) -> tuple[Variable, Variable] | None:
    """The mask and the matrix, where a variable is one element of each row of a softmax."""
    choice = operands_of(total, PickedSum((1,)))
    parts = operands_of(choice[0], switch) if choice else []
    if not parts or not picks_one(parts[0]):
        return None
    mask, matrix, other = parts
    made = matrix.owner
    is_softmax = made is not None and made.op == Softmax(1)
    is_zero = isinstance(other, Constant) and other.scalar == 0
    return (mask, matrix) if is_softmax and is_zero else None


def log_of_some(variable: Variable) -> Variable | None:
    """The logarithm of some of the probabilities of a softmax, a part of them or one of each row,
    in terms of its scores; None for anything else.
    """
    node = variable.owner
    if node is None:
        return None
    if isinstance(node.op, Subtensor):
        whole = node.inputs[0].owner
        if whole is None or not isinstance(whole.op, Softmax):
            return None
        return node.op(LogSoftmax(whole.op.axis)(*whole.inputs), *node.inputs[1:])
    found = picked_of(variable) if isinstance(node.op, PickedSum) else None
    return None if found is None else only(found[0], log(found[1]))
