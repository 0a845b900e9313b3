"""What is known of a graph before its first action."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Constant, Graph
from kernelgraph.loops import host, ir
from kernelgraph.loops.bounds import Sizes
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.context import Context, Shared, context
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.fusion import plan
from kernelgraph.types import ObjectType, TensorType


def test_slots_are_numbered_and_know_their_types() -> None:
    shared = Shared()
    variables = T.dmatrix("x"), T.iscalar("n"), ObjectType()("state")
    assert [shared.slot(v) for v in variables] == [0, 1, 2]
    assert shared.slots == [("float64", 2), ("int32", 0), ("object", 0)]


def test_an_array_that_is_known_has_one_slot_and_one_buffer() -> None:
    shared, data = Shared(), np.arange(3.0)
    a, b = (Constant(TensorType("float64", (3,)), data, "table") for _ in range(2))
    data = a.data
    b.data = data
    assert shared.constant_buffer(a) is shared.constant_buffer(b)
    assert shared.constants == {0: data}
    assert [type(action) for action in shared.constant_actions] == [host.Bind]


def test_buffers_overlap_where_one_is_written_and_both_are_one_memory() -> None:
    shared, dim = Shared(), Dim("n")
    base, part, other = (ir.Buffer(word, "float64", (dim,)) for word in ("a", "b", "c"))
    shared.view(host.Alias(part, base))
    index = (ir.Name("i"),)

    def kernel(target: ir.Buffer) -> ir.Kernel:
        store = ir.Store(target, index, ir.Load(part, index))
        return finish_kernel("k", (ir.For("i", dim, (store,)),), (), ())

    assert set(shared.overlapping(kernel(base))) == {base, part}
    assert shared.overlapping(kernel(other)) == ()


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
