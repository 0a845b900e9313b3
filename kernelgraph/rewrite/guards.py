"""What several rules ask before they replace something: of a match, of a variable, of a graph."""

from __future__ import annotations

import numpy as np

from kernelgraph.elementwise import DimShuffle
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Constant, Variable
from kernelgraph.ops.arithmetic import Cast, abs_, sqr
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.ops.functions import exp, sigmoid, softplus
from kernelgraph.ops.reductions import Sum
from kernelgraph.rewrite.matching import Match, number
from kernelgraph.types import is_float


def floats(match: Match) -> bool:
    """A guard: all that wildcards stand for is of a float dtype, or a number beside floats."""
    return is_float(match.node.out.dtype) and all(
        is_float(variable.dtype) or number(variable) is not None for variable in match.variables
    )


def result_is_integer(match: Match) -> bool:
    """A guard: the result is a whole number, which is never NaN, infinite or -0."""
    return not is_float(match.node.out.dtype)


def never_negative_zero(variable: Variable) -> bool:
    """Whether it is known that no element of `variable` is -0."""
    while (node := variable.owner) is not None and isinstance(node.op, DimShuffle | Broadcast):
        variable = node.inputs[0]
    if not is_float(variable.dtype):
        return True
    if node is None:
        return isinstance(variable, Constant) and not bool(
            np.any((variable.data == 0) & np.signbit(variable.data))
        )
    if isinstance(node.op, Cast):
        return not is_float(node.inputs[0].dtype)
    return isinstance(node.op, Sum) or node.op in (abs_, sqr, exp, sigmoid, softplus)


def signs_are_free(match: Match) -> bool:
    """A guard: changing signs loses nothing.

    Floats have a bit for the sign; integers overflow alike if all have the dtype of the result.
    """
    dtype = match.node.out.dtype
    return floats(match) or all(variable.dtype == dtype for variable in match.variables)


def has_one_use(variable: Variable, graph: FunctionGraph) -> bool:
    """Whether one node uses the variable, and nothing else does."""
    return len(graph.clients.get(variable, ())) == 1 and variable not in graph.outputs
