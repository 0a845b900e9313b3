"""Common subexpressions: what is written twice is computed once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import Op
from kernelgraph.rewrite.rule import Asked, Replacement, Rewrite, Rule
from kernelgraph.types import is_array

_LARGEST = 1 << 20
"""Constants of more bytes than this are told apart by identity, not by their numbers."""


@dataclass(frozen=True, eq=False, repr=False)
class MergeRule(Rule):
    """The rule with a memory: it knows which computations the graph has already."""

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        """A fresh table of the nodes seen so far."""
        seen: dict[Hashable, Apply] = {}

        def merge(node: Apply) -> Replacement:
            key = _key(node)
            twin = seen.get(key)
            # Replacements may have changed the twin since it was entered, or taken it away.
            if twin is None or twin is node or twin not in graph.nodes or _key(twin) != key:
                seen[key] = node
                return None
            return twin.outputs

        return merge


def _key(node: Apply) -> Hashable:
    operands = map(_input_key, node.inputs)
    types = tuple(
        [out.type for out in node.outputs]
    )  # of two alike, one may know more of its sizes
    # y * x is x * y, to the bit.
    if node.op.commutative:
        return (node.op, types, frozenset(operands))
    return (node.op, types, *operands)


def _input_key(variable: Variable) -> Hashable:
    if not isinstance(variable, Constant) or not is_array(variable.data):
        return variable
    small = variable.data.nbytes <= _LARGEST
    return (variable.type, variable.data.tobytes()) if small else variable


def _twice(x: Any, y: Any) -> tuple[Any, Any]:
    once = x * y
    return (x * y) - (y * x), once - once


merge = MergeRule(
    "merge",
    "What is written twice is computed once.",
    "merge",
    None,
    (Op,),
    1,
    (_key.__code__, 0),
    examples=(_twice,),
    over_complex=True,
)
