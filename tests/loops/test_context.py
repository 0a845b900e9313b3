"""What is known of a graph before its first action."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Constant, Graph
from kernelgraph.loops import ir
from kernelgraph.loops.context import Context, context
from kernelgraph.loops.shared import Shared
from kernelgraph.loops.sizes import Sizes
from kernelgraph.schedule.fusion import plan
from kernelgraph.types import TensorType


def begun(graph: Graph, shared: Shared) -> Context:
    return context(plan(graph), shared, {}, Sizes())


def test_dimensions_of_two_graphs_have_names_of_their_own() -> None:
    shared = Shared()
    names: list[str] = []
    for _ in range(2):
        x = T.dvector("x")
        here = begun(Graph((x,), (T.exp(x),)), shared)
        names.append(here.dims.of(x, 0).name)
    assert names[0] == "x_n0"
    assert len(set(names)) == 2


def test_what_is_agreed_inside_of_a_graph_stays_there() -> None:
    x, agreed = T.dvector("x"), Sizes()
    here = context(plan(Graph((x,), (T.exp(x),))), Shared(), {}, agreed)
    here.agreed.join(ir.Name("a"), ir.Name("b"))
    assert not agreed.same(ir.Name("a"), ir.Name("b"))


def test_constants_are_found_when_they_are_asked_for() -> None:
    x, shared = T.dvector("x"), Shared()
    here = begun(Graph((x,), (T.exp(x),)), shared)
    ones = here.storage[Constant(TensorType("float64", (2, 2)), np.ones((2, 2)))]
    table = here.storage[Constant(TensorType("float64", (2,)), np.arange(2.0))]
    assert isinstance(ones, ir.Number)
    assert isinstance(table, ir.Buffer)
    assert len(shared.constants) == 1
    with pytest.raises(AssertionError, match="no storage for x"):
        here.storage[x]
