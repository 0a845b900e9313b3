"""Which graph an object shows: the one question that every view asks first.

Variables, lists of them, nodes and graphs are answered here; packages that know further kinds of
objects register an answer of their own with `graph_of` and `printed_graph_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from kernelgraph.errors import ArgumentError
from kernelgraph.expect import came
from kernelgraph.graph import Apply, Constant, Graph, Variable, leaves

EXPRESSION = "the expression"
"""The name of a graph that nobody has named."""


@singledispatch
def graph_of(obj: Any) -> Graph:
    """The graph that a picture of `obj` shows.

    Raises `ArgumentError` for an object that has none.
    """
    raise ArgumentError(
        f"expected variables, a graph or a compiled function, got {type(obj).__name__}"
    )


@singledispatch
def printed_graph_of(obj: Any) -> Graph:
    """The graph that `debugprint(obj)` prints: of a compiled function, what really runs."""
    return graph_of(obj)


@graph_of.register
def _(obj: Graph) -> Graph:
    return obj


@graph_of.register
def _(obj: Variable) -> Graph:
    return _graph_behind([obj])


@graph_of.register
def _(obj: Apply) -> Graph:
    return _graph_behind(obj.outputs)


@graph_of.register(list)
@graph_of.register(tuple)
def _(obj: Sequence[Any]) -> Graph:
    if len(obj) == 1 and not isinstance(obj[0], list | tuple):
        return graph_of(obj[0])
    if any(isinstance(item, list | tuple) for item in obj):
        raise ArgumentError(f"expected a list of variables, got lists inside: {came(obj)}")
    return _graph_behind([output for item in obj for output in graph_of(item).outputs])


def _graph_behind(outputs: Sequence[Variable]) -> Graph:
    """The graph behind variables, beginning at all the variables that they need."""
    inputs = tuple(v for v in leaves(outputs) if not isinstance(v, Constant))
    return Graph(inputs, tuple(outputs), name=EXPRESSION)
