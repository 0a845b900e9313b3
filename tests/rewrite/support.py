"""What the tests of rewriting share."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Constant, Graph, Variable, leaves
from kernelgraph.op import Op
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.modes import FAST_RUN
from kernelgraph.rewrite.proof.check import Examination, examine
from kernelgraph.rewrite.proof.comparison import coarsest
from kernelgraph.rewrite.proof.truth import error_in_digits, true_values
from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules.order import DEFAULT


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


Formula = Callable[..., Any]


def value(formula: Formula, *values: Any) -> Any:
    """The rewritten formula of vectors or matrices."""
    arrays = [np.asarray(one, float) for one in values]
    variables = [T.TensorType("float64", (None,) * one.ndim)() for one in arrays]
    graph = rewrite(Graph(tuple(variables), (formula(*variables),)), DEFAULT).graph
    with np.errstate(all="ignore"):
        return kg.interpret(graph, arrays)[0]


def left(formula: Formula, rank: int = 1) -> list[str]:
    """The ops of the rewritten formula."""
    x = T.TensorType("float64", (None,) * rank)("x")
    return names_of(rewrite(Graph((x,), (formula(x),)), DEFAULT).graph)


def errors(formula: Formula, *values: Any, rules: Any = FAST_RUN.rules) -> list[float]:
    """How far the rewritten formula is from its exact value, in units of the last digit."""
    arrays = [np.asarray(one) for one in values]
    types = [T.TensorType(str(one.dtype), (None,) * one.ndim) for one in arrays]
    variables = [kind(name) for kind, name in zip(types, "xyz", strict=False)]
    graph = Graph(tuple(variables), (formula(*variables),))
    with np.errstate(all="ignore"):
        (found,) = kg.interpret(rewrite(graph, rules).graph, arrays)
    exact, unit = true_values(graph, arrays), coarsest(graph)
    places = [k for k in np.ndindex(found.shape) if exact[k] == exact[k]]
    return [error_in_digits(found[k], exact[k], unit) for k in places]


def slope(cost: Formula, k: int = 0) -> Formula:
    """The gradient of a sum of costs by one of its operands."""
    return lambda *given: T.grad(cost(*given).sum(), given[k])
