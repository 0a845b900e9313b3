"""A choice between two computations: what the branches must agree in, and what runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError
from kernelgraph.types import Shape


def known(*shape: int | None, name: str = "x", dtype: str = "float64") -> Any:
    """A variable of these sizes."""
    return T.tensor(dtype, shape, name)


def told(name: str, calls: list[str]) -> Any:
    """An op that changes nothing and tells that it ran."""

    @T.as_op(T.dscalar, T.dscalar)
    def tell(x: Any) -> Any:
        calls.append(name)
        return x

    return tell


# ------------------------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("then", "otherwise", "result"),
    [
        ((), (), ()),
        ((3,), (3,), (3,)),
        ((3,), (4,), (None,)),
        ((3, 2), (None, 2), (None, 2)),
        ((1,), (5,), (None,)),
    ],
    ids=repr,
)
def test_a_size_is_known_if_both_branches_have_it(
    then: Shape, otherwise: Shape, result: Shape
) -> None:
    choice = T.ifelse(known(dtype="bool"), known(*then), known(*otherwise))
    assert choice.type.shape == result


@pytest.mark.parametrize(
    ("then", "otherwise"),
    [
        (known(), known(3)),
        (known(3), known(3, 1)),
        (known(dtype="float32"), known()),
        (known(dtype="float32"), np.float64(0.5)),
        (known(3), 0.0),
    ],
    ids=["ranks", "more ranks", "dtypes", "scalar of NumPy", "rank of a number"],
)
def test_branches_of_different_types(then: Any, otherwise: Any) -> None:
    with pytest.raises(GraphError, match=r"KG-G031.*both branches of ifelse must have one type"):
        T.ifelse(T.dscalar("s") > 0, then, otherwise)


@pytest.mark.parametrize(("then", "otherwise"), [([1, 2], [1]), (1, [1, 2]), ([], 1)], ids=repr)
def test_branches_with_different_numbers_of_results(then: Any, otherwise: Any) -> None:
    with pytest.raises(GraphError, match=r"KG-G031.*must have as many results"):
        T.ifelse(T.dscalar("s") > 0, then, otherwise)


def test_the_condition_is_one_number() -> None:
    with pytest.raises(GraphError, match=r"KG-G031.*must be a scalar, not v") as caught:
        T.ifelse(T.dvector("v"), 1, 2)
    assert caught.value.hint == "T.switch chooses element by element"


def test_lists_of_branches_give_a_list() -> None:
    s = T.dscalar("s")
    assert isinstance(T.ifelse(s > 0, [s], [s]), list)
    assert not isinstance(T.ifelse(s > 0, s, s), list)


# ------------------------------------------------------------------------------------- what is run


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [(True, 1.0), (False, 2.0), (3, 1.0), (0, 2.0), (-0.0, 2.0), (np.nan, 1.0)],
    ids=repr,
)
def test_what_counts_as_true(compiled: Callable[..., Any], condition: float, chosen: float) -> None:
    """What Python takes for true: everything but zeros."""
    given = T.tensor(np.asarray(condition).dtype.name, (), "given")
    x, y = T.dscalars("x", "y")
    f = compiled([given, x, y], T.ifelse(given, x * 1, y * 1))
    assert f(condition, 1.0, 2.0) == chosen


@pytest.mark.parametrize(("value", "ran"), [(1.0, "then"), (-1.0, "else")])
def test_only_the_chosen_branch_runs(compiled: Callable[..., Any], value: float, ran: str) -> None:
    calls: list[str] = []
    x = T.dscalar("x")
    choice = T.ifelse(x > 0, told("then", calls)(x), told("else", calls)(x))
    compiled([x], choice)(value)
    assert calls == [ran]


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_what_both_branches_need_runs_once(compiled: Callable[..., Any], value: float) -> None:
    calls: list[str] = []
    x = T.dscalar("x")
    shared = told("shared", calls)(x)
    compiled([x], T.ifelse(x > 0, shared + 1, shared - 1))(value)
    assert calls == ["shared"]


def test_what_the_condition_needs_runs_once(compiled: Callable[..., Any]) -> None:
    calls: list[str] = []
    x = T.dscalar("x")
    tested = told("tested", calls)(x)
    compiled([x], T.ifelse(tested > 0, tested + 1, x))(1.0)
    assert calls == ["tested"]


def test_a_choice_inside_a_choice(compiled: Callable[..., Any]) -> None:
    x = T.dscalar("x")
    sign = T.ifelse(x > 0, x * 0 + 1, T.ifelse(x < 0, x * 0 - 1, x * 0))
    f = compiled([x], sign)
    assert [float(f(value)) for value in (2.0, -2.0, 0.0)] == [1.0, -1.0, 0.0]


def test_the_size_of_a_result_follows_the_choice(compiled: Callable[..., Any]) -> None:
    x, v = T.dscalar("x"), T.dvector("v")
    choice = T.ifelse(x > 0, v[1:], v[:1])
    f = compiled([x, v], [choice * 2, choice.shape])
    for value, expected in ((1.0, [4.0, 6.0]), (-1.0, [2.0])):
        numbers, shape = f(value, [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(numbers, expected)
        np.testing.assert_array_equal(shape, [len(expected)])


@pytest.mark.parametrize(("value", "derivative"), [(4.0, 0.25), (-1.0, 0.0)])
def test_the_derivative_of_the_branch_that_is_not_chosen_does_not_matter(
    compiled: Callable[..., Any], value: float, derivative: float
) -> None:
    x = T.dscalar("x")
    root = T.ifelse(x > 0, T.sqrt(x), 0 * x)
    assert compiled([x], T.grad(root, x))(value) == derivative


# ------------------------------------------------------------------------------- a graph in a graph


def test_a_branch_is_a_graph_of_its_own() -> None:
    x, y = T.dscalars("x", "y")
    node = T.ifelse(x > 0, T.exp(x), T.log(y)).owner
    assert [[inner.op for inner in graph.apply_nodes()] for graph in node.op.graphs] == [
        [T.exp],
        [T.log],
    ]
    assert node.inputs[1:] == [x, y]


def test_what_both_branches_need_is_computed_outside() -> None:
    x = T.dscalar("x")
    shared = T.exp(x)
    node = T.ifelse(x > 0, shared + 1, shared - 1).owner
    assert [[inner.op for inner in graph.apply_nodes()] for graph in node.op.graphs] == [
        [T.add],
        [T.sub],
    ]
    assert node.inputs[1:] == [shared]


def test_a_constant_branch_reads_nothing() -> None:
    x = T.dscalar("x")
    node = T.ifelse(x > 0, 1.5, 2.5).owner
    assert len(node.inputs) == 1
    graph = kg.Graph((x,), tuple(node.outputs))
    assert kg.interpret(graph, [np.float64(-1)]) == [2.5]
