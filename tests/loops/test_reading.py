"""Where a kernel finds its operands: in locals, in memory, by which index."""

from __future__ import annotations

import kernelgraph.tensor as T
from kernelgraph.graph import Apply, Graph
from kernelgraph.loops import ir
from kernelgraph.loops.names import Names
from kernelgraph.loops.reading import KernelContext, at, keep, open_loop, own_index, read
from kernelgraph.loops.text import expression
from kernelgraph.schedule.dims import Dim
from kernelgraph.schedule.fusion import plan
from kernelgraph.schedule.values import LoopId


def softmax() -> tuple[KernelContext, dict[str, Apply]]:
    """A kernel of which no statement is written yet, and its nodes by their ops."""
    x = T.dmatrix("x")
    e = T.exp(x)
    schedule = plan(Graph((x,), (e / e.sum(axis=1, keepdims=True),)))
    (step,) = schedule.kernels
    nodes = {node.op.name: node for node in step.body.nodes()}
    storage = {x: ir.Buffer("x", "float64", schedule.dims.all_of(x), "anywhere")}
    positions = {node: schedule.memory.positions[node] for node in nodes.values()}
    here = KernelContext(schedule, step.body, storage, Names(), lambda _: 0, positions)
    for loop in schedule.domains[nodes["exp"]].loops:
        open_loop(here, loop)
    return here, nodes


def test_indices_are_letters_as_long_as_there_are_some() -> None:
    here, _ = softmax()
    here.indices.clear()
    loops = [LoopId(Dim("n"), k) for k in range(7)]
    assert [open_loop(here, loop) for loop in loops] == [*"ijklm", "iteration", "iteration_1"]
    assert open_loop(here, loops[2]) == "k"
    assert expression(at(here, None)) == "0"


def test_an_input_is_read_where_the_loops_are() -> None:
    here, nodes = softmax()
    (use,) = here.schedule.domains[nodes["exp"]].uses
    assert expression(read(here, *use, nodes["exp"])) == "x[i, j]"


def test_what_lives_in_a_register_is_read_by_its_name() -> None:
    here, nodes = softmax()
    total = nodes["sum"]
    keep(here, total.out, ir.Number(1.0, "float64"), total)
    _, use = here.schedule.domains[nodes["true_div"]].uses
    assert expression(read(here, *use, nodes["true_div"])) == here.locals[total.out].name


def test_scratch_of_a_row_has_no_index_of_the_row() -> None:
    here, nodes = softmax()
    exp = nodes["exp"]
    row, column = here.schedule.domains[exp].own
    assert row is not None
    assert column is not None
    here.buffers[exp.out] = ir.Buffer("scratch", "float64", (column.dim,))
    assert here.fixed(exp.out) == (row,)
    assert [expression(entry) for entry in own_index(here, exp, exp.out)] == ["j"]
    use, _ = here.schedule.domains[nodes["true_div"]].uses
    assert expression(read(here, *use, nodes["true_div"])) == "scratch[j]"
    let, store = keep(here, exp.out, ir.Number(1.0, "float64"), exp)
    assert isinstance(let, ir.Let)
    assert isinstance(store, ir.Store)
