"""What the tests of rewriting share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kernelgraph.graph import Constant, Graph, Variable, leaves
from kernelgraph.op import Op
from kernelgraph.rewrite.proof.check import Examination, examine
from kernelgraph.rewrite.rule import Rule


@lru_cache
def examined(rule: Rule) -> Examination:
    """What became of trying to refute a rule; tried once for all tests."""
    return examine(rule)


def graph_of(*outputs: Variable) -> Graph:
    """The graph of these outputs, as a function of all that they need."""
    ends = [v for v in leaves(outputs) if not isinstance(v, Constant)]
    return Graph(tuple(ends), outputs)


def ops_of(graph: Graph) -> list[Op]:
    """The ops of a graph, producers first."""
    return [node.op for node in graph.apply_nodes()]


def names_of(graph: Graph) -> list[str]:
    """The names of its ops."""
    return [op.name for op in ops_of(graph)]


def operands_of(variable: Any) -> list[Variable]:
    """What a variable is made of, one level down."""
    return variable.owner.inputs
