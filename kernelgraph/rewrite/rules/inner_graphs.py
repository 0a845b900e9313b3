"""The graphs that ops hold: they are rewritten by the same rules, or put in the place of the op."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Apply, Variable, substitute
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.control import ControlOp
from kernelgraph.ops.enclosing import Enclosed, OpFromGraph
from kernelgraph.rewrite.rule import Asked, Replacement, Rewrite, Rule


@dataclass(frozen=True, eq=False, repr=False)
class InnerRule(Rule):
    """The rule that rewrites graphs inside of ops."""

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        def inside(node: Apply) -> Replacement:
            op = node.op
            assert isinstance(op, ControlOp)
            graphs = tuple(rewrite(held) for held in op.graphs)
            if all(new is old for new, old in zip(graphs, op.graphs, strict=True)):
                return None
            better = copy.copy(op)
            better.graphs = graphs
            # The same types: one that is known better would not be let in for its result alone, and
            # the loop would run twice.
            outputs = [Variable(out.type) for out in node.outputs]
            return Apply(better, node.inputs, outputs).outputs

        return inside


@dataclass(frozen=True, eq=False, repr=False)
class InlineRule(Rule):
    """The rule that puts the expressions of an op in its place, where the user asked for it."""

    def start(self, graph: FunctionGraph, rewrite: Rewrite) -> Asked:
        def inline(node: Apply) -> Replacement:
            op = node.op
            assert isinstance(op, Enclosed)
            if not op.inline:
                return None
            held = op.graphs[0]
            return substitute(held.outputs, dict(zip(held.inputs, node.inputs, strict=True)))

        return inline


def _inlined(x: Any) -> tuple[Any, Any]:
    y = Variable(x.type)
    return OpFromGraph([y], [y * y + 1], inline=True)(x), x * x + 1


inline = InlineRule(
    "inline",
    "An op that was made of an expression, to be put in place, is that expression.",
    "simplify",
    None,
    (Enclosed,),
    1,
    (InlineRule.start.__code__, 0),
    {"x": "scalar"},
    (_inlined,),
)


def _branches(x: Any) -> tuple[Any, Any]:
    return ifelse(x > 0, x * 1, x / 1), ifelse(x > 0, x, x)


inside = InnerRule(
    "inside",
    "What a loop or a branch computes is rewritten by the same rules.",
    "inner",
    None,
    (ControlOp,),
    1,
    (InnerRule.start.__code__, 0),
    {"x": "scalar"},
    (_branches,),
    over_complex=True,
)
