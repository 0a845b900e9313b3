"""What ops say of their operands is true: which elements they read, where parts lie, how operands
must be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph.tensor as T
from kernelgraph.access import At, From, Need, Range, Whole, Window
from kernelgraph.graph import Apply, Constant, Variable
from kernelgraph.op import Indexing, Op, Part, Scatter
from kernelgraph.ops.blocks import Block, Pad
from kernelgraph.schedule.facts import CPU
from kernelgraph.schedule.prepare import prepare
from kernelgraph.types import TensorType
from tests.fuzz.programs import program
from tests.support import cases


def node_of(variable: Variable) -> Apply:
    assert variable.owner is not None
    return variable.owner


@given(st.integers(0, 100_000))
@cases(20, 500)
def test_answers_fit_the_operands(seed: int) -> None:
    for node in prepare(program(seed), CPU, nested=False).apply_nodes():
        assert len(node.op.needs(node)) == len(node.inputs)
        assert node.op.lies_in is None or node.inputs[node.op.lies_in].dtype == node.out.dtype
        if not node.op.looped:
            continue
        access = node.op.access(node)
        for operand, entries in access.reads:
            kind = node.inputs[operand].type
            assert isinstance(kind, TensorType)
            for entry in entries:
                along = range(-len(access.reduced), node.outputs[0].ndim)
                assert entry is None or entry in along
            assert len(entries) in (0, kind.ndim)
        for end in access.reduced:
            assert 0 <= end.axis < node.inputs[end.operand].ndim


@given(st.integers(0, 100_000))
@cases(20, 500)
def test_who_reads_at_an_index_has_the_error_for_one_outside(seed: int) -> None:
    for node in prepare(program(seed), CPU, nested=False).apply_nodes():
        layout = node.op.layout(node) if isinstance(node.op, Indexing | Scatter) else None
        entries = layout.entries if isinstance(layout, Window) else ()
        if any(isinstance(entry, At) for entry in entries):
            assert type(node.op).out_of_bounds is not Op.out_of_bounds, node


def index(layout: Window, inputs: Sequence[Any], lengths: Sequence[int]) -> tuple[Any, ...]:
    """The index that a window means; `lengths` are the sizes of the part."""
    found: list[Any] = []
    left = iter(lengths)
    for entry in layout.entries:
        match entry:
            case Whole():
                next(left)
                found.append(slice(None))
            case At(k):
                found.append(int(inputs[k]))
            case Range(k):
                next(left)
                found.append(slice(*(int(n) for n in inputs[k : k + 3])))
            case From(k):
                start = int(inputs[k])
                found.append(slice(start, start + next(left)))
    return tuple(found)


x, n, k = T.dmatrix("x"), T.lscalar("n"), T.lscalar("k")
DATA = np.arange(20.0).reshape(4, 5)
PARTS = [
    x[n],
    x[:, k],
    x[n:k],
    x[n, k:],
    x[::2, 1:k:2],
    Block((1,))(x, n, k),
    Block((0, 1))(x, n, n, k, k),
]


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_a_window_is_where_the_part_lies(part: Variable) -> None:
    node = node_of(part)
    assert isinstance(node.op, Part)
    layout = node.op.layout(node)
    assert isinstance(layout, Window)
    numbers = {x: DATA, n: 1, k: 3}
    inputs = [v.data if isinstance(v, Constant) else numbers[v] for v in node.inputs]
    (expected,) = node.op.evaluate(node, inputs)
    found = DATA[index(layout, inputs, np.shape(expected))]
    assert np.array_equal(found, expected)


def test_a_transpose_writes_where_its_part_is_read() -> None:
    read, put = node_of(x[n:k]), node_of(T.grad(x[n:k].sum(), x))
    assert isinstance(read.op, Part)
    assert isinstance(put.op, Scatter)
    assert put.op.layout(put) == read.op.layout(read)
    block, padded = Block((1,))(x, n, k), Pad((1,))(x, n, k)
    assert Pad((1,)).layout(node_of(padded)) == Block((1,)).layout(node_of(block))


def test_rows_that_are_loaded_have_no_layout() -> None:
    rows = T.lvector("rows")
    put = node_of(T.grad(x[rows].sum(), x))
    assert isinstance(put.op, Scatter)
    assert put.op.layout(put) is None
    assert Need.NUMBER not in put.op.needs(put)
