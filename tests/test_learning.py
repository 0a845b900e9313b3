"""Gradients compile to what a careful person writes: the data are read once, and nothing is done
that need not be.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.elementwise import DimShuffle
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.loops.traffic import times_read
from kernelgraph.ops.arithmetic import Cast
from kernelgraph.ops.broadcasting import Broadcast
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.matching import number
from kernelgraph.rewrite.rules.order import DEFAULT
from tests import learning

KINDS = list(itertools.product(learning.LOSSES, ("float64", "float32"), (False, True)))


@pytest.mark.parametrize(("loss", "dtype", "column"), KINDS)
def test_the_data_are_read_once(loss: str, dtype: str, column: bool) -> None:
    program = compile_graph(learning.regression(loss, dtype, column), CTarget()).program
    assert times_read(program, "X") == 1
    assert not program.calls


CLASSES = list(itertools.product(("float64", "float32"), (False, True)))


@pytest.mark.parametrize(("dtype", "numbered"), CLASSES)
def test_softmax_regression_reads_the_data_once(dtype: str, numbered: bool) -> None:
    stages = compile_graph(learning.classes(dtype, numbered), CTarget())
    assert times_read(stages.program, "X") == 1
    assert not stages.program.calls
    assert sum("kept from BLAS" in str(decision) for decision in stages.schedule.decisions) == 2


def test_weights_of_declared_sizes_are_learned_in_one_pass() -> None:
    x, y = T.dmatrix("X"), T.ivector("y")
    w = kg.shared(np.zeros((5, 10)), "w", shape=(5, 10))
    p = T.softmax(T.dot(x, w))
    cost = -T.log(p[T.arange(y.shape[0]), y]).mean()
    f = kg.function([x, y], cost, updates=[(w, w - 0.1 * T.grad(cost, w))], target="c")
    assert times_read(f.stages.program, "X") == 1
    assert not f.stages.program.calls


@pytest.mark.usefixtures("any_numbers")
@pytest.mark.parametrize("rows", [0, 1, 7, 8, 37])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(("dtype", "numbered"), CLASSES)
def test_softmax_regression_is_right(dtype: str, numbered: bool, order: Any, rows: int) -> None:
    graph = learning.classes(dtype, numbered)
    rng = np.random.default_rng(rows)
    labels = rng.integers(0, 10, rows)
    values = [
        rng.normal(size=(rows, 5)).astype(dtype, order=order),
        labels if numbered else np.eye(10, dtype=dtype)[labels],
        rng.normal(size=(5, 10)).astype(dtype, order=order),
        rng.normal(size=10).astype(dtype),
    ]
    f = kg.function(list(graph.inputs), list(graph.outputs), target="c")
    rtol, atol = (1e-11, 1e-13) if dtype == "float64" else (1e-3, 1e-5)
    for found, expected in zip(f(*values), kg.interpret(graph, values), strict=True):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)
    if rows and numbered:
        for wrong in (0, rows - 1):
            bad = [values[0], labels.copy(), *values[2:]]
            bad[1][wrong] = 10
            with pytest.raises(IndexError, match="label 10 names no class"):
                f(*bad)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(("loss", "dtype", "column"), KINDS)
def test_regressions_are_right(loss: str, dtype: str, column: bool, order: Any) -> None:
    graph = learning.regression(loss, dtype, column)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(37, 5)).astype(dtype, order=order), rng.random(37).astype(dtype)
    w, b = rng.normal(size=5).astype(dtype), np.asarray(0.3, dtype)
    values = [x, y[:, None], w[:, None], b] if column else [x, y, w, b]
    f = kg.function(list(graph.inputs), list(graph.outputs), target="c")
    for found, expected in zip(f(*values), kg.interpret(graph, values), strict=True):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-11 if dtype == "float64" else 1e-4)


def unnecessary(node: Apply) -> str | None:
    """What a careful person would not have written."""
    source = node.inputs[0].owner if node.inputs else None
    if isinstance(node.op, Broadcast) and node.out.dtype != "bool":  # of these, the size is asked
        return "a fill"
    if isinstance(node.op, DimShuffle) and source is not None and isinstance(source.op, DimShuffle):
        return "two transposes"
    if isinstance(node.op, Cast) and node.out.dtype == node.inputs[0].dtype:
        return "a dead cast"
    if node.op.name in ("mul", "true_div") and number(node.inputs[1]) == 1:
        return "times 1"
    if node.op.name == "mul" and number(node.inputs[0]) == 1:
        return "times 1"
    if all(isinstance(v, Constant) for v in node.inputs) and not isinstance(node.op, DimShuffle):
        return "an expression of constants"
    return None


GRAPHS: dict[str, Callable[[], Graph]] = {make.__name__: make for make in learning.COSTS} | {
    f"{loss} {dtype} {column}": lambda a=loss, b=dtype, c=column: learning.regression(a, b, c)
    for loss, dtype, column in KINDS
}


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_is_done_that_need_not_be(name: str) -> None:
    graph = rewrite(GRAPHS[name](), DEFAULT).graph
    assert [found for node in graph.apply_nodes() if (found := unnecessary(node))] == []


def test_what_is_unnecessary_is_found() -> None:
    x = kg.tensor.dmatrix("x")
    bad: list[Variable] = [
        x * 1,
        1 * x,
        x / 1,
        kg.tensor.ones_like(x),
        x.T.T,
        x.astype("float64") * 1,
    ]
    for expression in bad:
        nodes = Graph((x,), (expression,)).apply_nodes()
        assert any(unnecessary(node) for node in nodes)


@pytest.mark.parametrize("make", learning.COSTS)
def test_costs_and_gradients_are_right(make: Callable[[], Graph]) -> None:
    graph = make()
    rng = np.random.default_rng(1)
    sizes = {"x": (6, 4), "t": (6, 3), "w": (4, 3), "v": (4, 5), "a": 5, "b": 3, "y": 6}
    if make is learning.logistic_regression:
        sizes |= {"w": 4, "b": ()}
    if make is learning.perceptron:
        sizes |= {"w": (5, 3)}
    if make is learning.gaussian:
        sizes |= {"x": 6}
    if make is learning.layer_norm:
        sizes |= {"t": (6, 4), "gain": 4, "bias": 4}
    values = [rng.random(sizes.get(str(v), ())) for v in graph.inputs]
    if make is learning.class_numbers:
        values[1] = np.array([0, 1, 2, -1, 1, 0])
    expected = kg.interpret(graph, values)
    f = kg.function(list(graph.inputs), list(graph.outputs), target="c")
    for found, wanted in zip(f(*values), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-13)
