"""What all graphs of a program share: slots, constants, and which buffers overlap."""

from __future__ import annotations

import numpy as np

import kernelgraph.tensor as T
from kernelgraph.graph import Constant
from kernelgraph.loops import host, ir
from kernelgraph.loops.collect import finish_kernel
from kernelgraph.loops.shared import Shared
from kernelgraph.schedule.dims import Dim
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
