"""What is computed while compiling, and what is left for the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import IndexingError, KernelgraphError, ShapeError
from kernelgraph.graph import Apply, Constant, Graph, Variable
from kernelgraph.op import Op
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.constants import fold
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.rewrite.support import graph_of, names_of
from tests.support import same


def folded(*outputs: Variable) -> Graph:
    """What the rule alone makes of a graph, without a word."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return rewrite(graph_of(*outputs), [fold]).graph


def c(value: Any) -> Any:
    """A constant."""
    return T.constant(np.array(value))


class Logarithm(Op):
    """An op of a user, with a result of the given type."""

    name = "logarithm"

    def __init__(self, result: Callable[[], Any]) -> None:
        self.result = result

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [self.result()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = np.log(inputs[0])


EMPTY = np.zeros((0, 3))

FOLDED: dict[str, Callable[[], Any]] = {
    "a sum": lambda: c(2) + c(0.5),
    "a chain": lambda: T.exp(T.log(c(2.0)) * 3) - 1,
    "an array": lambda: T.exp(c([[1.0, 2.0], [3.0, 4.0]])),
    "a cast": lambda: T.cast(c(300), "uint8"),
    "a reduction": lambda: c([1.0, 2.0]).sum(),
    "a product": lambda: T.dot(c([[1.0, 2.0]]), c([3.0, 4.0])),
    "a slice": lambda: c([1, 2, 3])[::-2],
    "rows": lambda: c([1, 2, 3])[np.array([2, 2])],
    "a reshape": lambda: c([1, 2, 3, 4]).reshape((2, -1)),
    "a transpose": lambda: c([[1, 2, 3]]).T,
    "nothing": lambda: T.sum(c(EMPTY), axis=0),
    "infinity": lambda: c(1.0) / 0,
    "not a number": lambda: T.log(c(-1.0)),
    "a number too large": lambda: c(np.float32(3e38)) * np.float32(10),
    "an integer too large": lambda: c(np.int8(100)) + np.int8(100),
    "a negative zero": lambda: c(0.0) * -1.0,
    "a truth": lambda: c(1.0) < 2,
    "a stack": lambda: T.stack(c(1), c(2.5)),
}


@pytest.mark.parametrize("label", FOLDED)
def test_what_depends_on_constants_alone_is_a_constant(label: str) -> None:
    value = FOLDED[label]()
    (out,) = folded(value).outputs
    assert isinstance(out, Constant)
    (expected,) = kg.interpret(kg.Graph((), (value,)), [])
    assert same(out.data, expected)


def test_both_results_of_an_op_are_constants() -> None:
    best, where = folded(*T.max_and_argmax(c([1.0, 3.0, 2.0]))).outputs
    assert isinstance(best, Constant)
    assert isinstance(where, Constant)
    assert (best.data, where.data) == (3.0, 1)


def test_an_op_of_a_user_is_folded_without_a_word() -> None:
    """NumPy would warn of the logarithm of a negative number."""
    (out,) = folded(Logarithm(T.dscalar)(c(-1.0))).outputs
    assert isinstance(out, Constant)
    assert np.isnan(out.data)


def test_a_constant_part_of_an_expression_is_folded() -> None:
    x = T.dvector("x")
    graph = folded(x * (T.log(c([2.0])) + 1))
    assert names_of(graph) == ["mul"]


def test_what_depends_on_an_input_is_left() -> None:
    x = T.dvector("x")
    assert names_of(folded(T.exp(x))) == ["exp"]


def test_a_shared_variable_is_no_constant() -> None:
    weights = kg.shared(np.ones(3), name="weights")
    assert names_of(folded(T.exp(weights))) == ["exp"]


# ---------------------------------------------------------------------------- errors are of the run

FAILING: dict[str, tuple[Callable[[], Any], type[KernelgraphError], str]] = {
    "an index": (lambda: c([1, 2])[np.array([2])], IndexingError, "KG-I001"),
    "nothing has a largest": (lambda: T.max(c(EMPTY), axis=0), ShapeError, "KG-S010"),
    "a step of zero": (lambda: c([1, 2])[::0], IndexingError, "KG-I002"),
}


@pytest.mark.parametrize("label", FAILING)
def test_what_fails_is_left_for_the_run(label: str) -> None:
    make, error, code = FAILING[label]
    graph = folded(make())
    assert graph.apply_nodes()
    with pytest.raises(error, match=code) as caught:
        kg.interpret(graph, [])
    assert [place.filename for place in caught.value.places] == [__file__]


def test_an_op_of_a_user_that_fails_is_left_for_the_run() -> None:
    class Fragile(Logarithm):
        def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
            raise ZeroDivisionError("not today")

    graph = folded(Fragile(T.dscalar)(c(1.0)))
    with pytest.raises(ZeroDivisionError, match="not today"):
        kg.interpret(graph, [])


# ----------------------------------------------------------------------------- what is not worth it


def test_repeating_a_constant_is_left() -> None:
    """The numbers of a view take no memory; a table of them would."""
    assert names_of(folded(T.zeros_like(c(np.ones((2, 3)))))) == ["broadcast"]


@pytest.mark.parametrize(("size", "left"), [(8, []), (9, ["mul"])])
def test_a_result_with_many_more_elements_is_left(size: int, left: list[str]) -> None:
    """Of 8 + 8 numbers come 64, four times as many, of 9 + 9 come 81."""
    row, column = c(np.ones((1, size))), c(np.ones((size, 1)))
    assert names_of(folded(row * column)) == left


@pytest.mark.parametrize(("count", "left"), [(2**17, []), (2**17 + 1, ["exp"])])
def test_a_megabyte_is_the_most(count: int, left: list[str]) -> None:
    assert names_of(folded(T.exp(c(np.zeros(count))))) == left


def test_a_size_that_nobody_knows_is_left() -> None:
    assert names_of(folded(Logarithm(T.dvector)(c([1.0, 2.0])))) == ["logarithm"]
    assert names_of(folded(T.flatnonzero(c([0, 1, 1])))) == ["holding", "nonzero"]


# ----------------------------------------------------------------------------- what may do anything


def test_python_functions_run_when_they_are_called() -> None:
    calls: list[float] = []

    @T.as_op(T.dscalar, T.dscalar)
    def count(x: Any) -> Any:
        calls.append(float(x))
        return x

    graph = folded(count(c(1.0)))
    assert calls == []
    kg.interpret(graph, [])
    assert calls == [1.0]


def test_random_numbers_are_drawn_at_every_run() -> None:
    assert names_of(folded(RandomStreams(1).uniform((3,)))) == ["draw"]


def test_choices_and_loops_are_left() -> None:
    choice = T.ifelse(c(True), c(1.0) * 2, c(2.0) * 2)
    total, _ = T.scan(lambda state: state + 1, outputs_info=c(0.0), n_steps=3)
    graph = folded(choice, total)
    assert {"ifelse", "scan"} <= set(names_of(graph))
