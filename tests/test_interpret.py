"""The meaning of graphs, node by node."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ShapeError
from kernelgraph.graph import Graph
from kernelgraph.interpret import interpret


def test_values_come_from_inputs_constants_and_shared_variables() -> None:
    x, w = T.dvector("x"), kg.shared(np.array([1.0, 2.0]))
    graph = Graph((x,), (x * w + T.constant([10.0, 20.0]),))
    np.testing.assert_array_equal(interpret(graph, [np.ones(2)])[0], [11.0, 22.0])
    w.set_value([0.0, 0.0])
    np.testing.assert_array_equal(interpret(graph, [np.ones(2)])[0], [10.0, 20.0])


def test_an_inner_variable_may_be_an_input() -> None:
    x = T.dvector("x")
    y = T.exp(x)
    graph = Graph((y,), (y * 2,))
    np.testing.assert_array_equal(interpret(graph, [np.ones(2)])[0], [2.0, 2.0])


def test_results_are_arrays_of_their_own() -> None:
    x, s = T.dmatrix("x"), T.dscalar("s")
    value = np.arange(4.0).reshape(2, 2)
    found = interpret(Graph((x, s), (x, x.T, x[0], s, s + 1)), [value, np.float64(3)])
    for result in found:
        assert type(result) is np.ndarray
        assert result.flags.c_contiguous
        assert not np.shares_memory(result, value)


def test_the_wrong_number_of_values() -> None:
    x = T.dvector("x")
    with pytest.raises(ValueError, match="1 inputs, 0 values"):
        interpret(Graph((x,), (x,)), [])


def test_errors_of_numpy_name_the_line() -> None:
    @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
    def broken(x: object) -> object:
        raise ZeroDivisionError("by the user")

    x = T.dvector("x")
    y = broken(x)
    with pytest.raises(ZeroDivisionError, match="by the user") as caught:
        interpret(Graph((x,), (y,)), [np.ones(2)])
    assert any("y = broken(x)" in note for note in caught.value.__notes__)


def test_sizes_are_checked() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    with pytest.raises(ShapeError, match="KG-S001"):
        interpret(Graph((x, y), (x + y,)), [np.ones(1), np.ones(3)])


def test_values_are_let_go_after_their_last_use() -> None:
    """A long chain needs memory for a link or two, not for all of them."""
    import tracemalloc

    x = y = T.dvector("x")
    for _ in range(100):
        y = y + 1
    value = np.zeros(100_000)
    tracemalloc.start()
    interpret(Graph((x,), (y,)), [value])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * value.nbytes
