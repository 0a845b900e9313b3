"""Constants: what depends on them alone is computed once, now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.interpret import evaluate
from kernelgraph.notices import comes_up
from kernelgraph.op import Control, Op, Opaque, as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.rewrite.rule import LhsRhs, computed_rule
from kernelgraph.types import TensorType

_MOST_BYTES = 1 << 20


_MOST_GROWTH = 4
"""A result with more than so many times the elements that went in is not kept: it costs little."""


def _examples_of_fold() -> Sequence[Any]:
    def sum_of_numbers() -> LhsRhs:
        return as_variable(2) + as_variable(0.5), as_variable(2.5)

    def converted() -> LhsRhs:
        return cast(as_variable(300), "float64"), as_variable(300)

    return sum_of_numbers, converted


@computed_rule(phase="fold", on=(Op,), examples=_examples_of_fold(), depth=1, over_complex=True)
def fold(node: Apply) -> list[Variable | None] | None:
    """An expression of constants has one value; it is computed while compiling."""
    known = [operand.data for operand in node.inputs if isinstance(operand, Constant)]
    if not known or len(known) < len(node.inputs):
        return None
    if isinstance(node.op, Control | Opaque | Broadcast) or not _is_small(node):
        return None
    notice = node.op.notice(node) if isinstance(node.op, Elementwise) else None
    if notice is not None and comes_up(notice, known):  # each call tells it
        return None
    try:
        with np.errstate(all="ignore"):
            values = evaluate(node, known)
    except Exception:  # the error belongs to the run, where it names the user's line
        return None
    return [_constant(value, output) for value, output in zip(values, node.outputs, strict=True)]


def _is_small(node: Apply) -> bool:
    """Whether the outputs' sizes are known, and worth keeping."""
    given = sum(operand.data.size for operand in node.inputs if isinstance(operand, Constant))
    for output in node.outputs:
        if not isinstance(output.type, TensorType):
            return False
        elements = 1
        for size in output.type.shape:
            if size is None:
                return False
            elements *= size
        if elements > _MOST_GROWTH * max(given, 1) or elements * output.type.itemsize > _MOST_BYTES:
            return False
    return True


def _constant(value: Any, output: Variable) -> Constant | None:
    """The value as a constant, if it is what the node promised."""
    array = np.asarray(value)
    found = TensorType(array.dtype.name, array.shape)
    fits = output.tensor_type.accepts(found) and found.broadcastable == output.broadcastable
    return Constant(found, array) if fits else None
