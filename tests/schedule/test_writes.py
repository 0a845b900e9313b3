"""Joins, rolls and updates as writes to blocks of one memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply, Graph, Variable
from kernelgraph.interpret import interpret
from kernelgraph.ops.blocks import Block
from kernelgraph.schedule.facts import CPU
from kernelgraph.schedule.prepare import prepare
from kernelgraph.schedule.writes import NewMemory, Write, Written, in_place, memory_of, owns_memory
from tests.support import cases


def prepared(*outputs: Variable) -> list[Apply]:
    x, y, n = (v for v in INPUTS)
    return prepare(Graph((x, y, n), outputs), CPU, nested=False).apply_nodes()


X, Y, N = T.dvector("x"), T.dvector("y"), T.lscalar("n")
INPUTS = X, Y, N


def test_a_join_is_memory_a_write_for_each_operand_and_their_end() -> None:
    nodes = prepared(T.concatenate([X, Y]))
    assert [type(n.op) for n in nodes if n.op.looped and n.op.name != "add"] == [
        NewMemory, Write, Write, Written,
    ]  # fmt: skip
    *_, end = nodes
    writes = [v.owner for v in end.inputs]
    memory = writes[0].inputs[-1] if writes[0] is not None else None
    assert all(w is not None and w.inputs[-1] is memory for w in writes)
    assert memory_of(end.out) is memory
    assert in_place(end)
    assert owns_memory(end.out)


def test_a_roll_is_two_writes_of_parts() -> None:
    nodes = prepared(T.roll(X, N))
    parts = [n for n in nodes if isinstance(n.op, Block)]
    writes = [n for n in nodes if isinstance(n.op, Write)]
    assert [w.inputs[0].owner for w in writes] == parts
    assert len(parts) == 2


def test_who_owns_memory() -> None:
    assert not owns_memory(X)
    assert not owns_memory(T.exp(X)[1:])
    assert not owns_memory(T.exp(X).dimshuffle("x", 0))
    assert owns_memory(T.exp(X))


def test_the_error_of_an_index_names_the_array_and_not_its_copy() -> None:
    x, k = T.dmatrix("x"), T.lscalar("k")
    f = kg.function([x, k], T.set_subtensor(x[:, k], 0.0), target="python")
    with pytest.raises(kg.errors.IndexingError, match=r"dimension 1 of x .*size is 3"):
        f(np.zeros((2, 3)), 3)


PIECES = st.lists(st.integers(0, 4), min_size=1, max_size=4)


@given(PIECES, st.integers(-6, 6), st.booleans())
@cases(20, 500)
def test_blocks_join_as_numpy_joins(sizes: list[int], shift: int, added: bool) -> None:
    operands = [T.lvector() for _ in sizes]
    joined = T.concatenate([*operands, T.arange(2)])
    update = T.inc_subtensor if added else T.set_subtensor
    outputs = T.roll(joined, shift), update(joined[1:], -1)
    data: list[Any] = [np.arange(n) + 10 * k for k, n in enumerate(sizes)]
    ready = prepare(Graph(tuple(operands), outputs), CPU, nested=False)
    rolled, updated = interpret(ready, data)
    whole = np.concatenate([*data, np.arange(2)])
    assert rolled.tolist() == np.roll(whole, shift).tolist()
    tail = whole[1:] - 1 if added else np.full(len(whole) - 1, -1)
    assert updated.tolist() == [*whole[:1], *tail]
