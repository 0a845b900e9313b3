"""What is written twice and computed once, and what only looks as if it were the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Apply, Variable
from kernelgraph.ops.random import Draw
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rule import computed_rule
from kernelgraph.rewrite.rules.common_subexpressions import merge
from kernelgraph.rewrite.steps import Rewriting
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from kernelgraph.types import TensorType
from tests.rewrite.support import graph_of, names_of


def merged(*outputs: Variable) -> Rewriting:
    """What the rule alone makes of a graph."""
    return rewrite(graph_of(*outputs), [merge])


def nan(bits: int) -> Any:
    """A NaN with these bits behind its sign and exponent."""
    return np.array(0x7FF8000000000000 | bits, dtype="uint64").view("float64")


@T.as_op(T.dvector, T.dvector)
def reverse(x: Any) -> Any:
    return x[::-1]


def draw(state: Any) -> Any:
    """A sample that follows from the state alone."""
    return Draw("uniform", "float64", (), False)(state, 0.0, 1.0)[1]


STREAM = RandomStreams(1)
STATE = STREAM.uniform(()).rng
X, Y = T.dvectors("x", "y")
M = T.dmatrix("m")

ONE: dict[str, Callable[[], list[Any]]] = {
    "an op": lambda: [T.exp(X), T.exp(X)],
    "a chain of ops": lambda: [T.log(T.exp(X)), T.log(T.exp(X))],
    "ops with equal parameters": lambda: [T.sum(M, axis=0), T.sum(M, axis=[-2])],
    "both results of an op": lambda: [*T.max_and_argmax(M, axis=1), *T.max_and_argmax(M, axis=1)],
    "a product and its mirror image": lambda: [X * Y, Y * X],
    "a square and itself": lambda: [X * X, X * X],
    "equal numbers": lambda: [X * 2.5, X * 2.5],
    "equal arrays": lambda: [X * np.arange(3.0), X * np.arange(3.0)],
    "slices with equal ends": lambda: [X[1:], X[1:]],
    "sizes": lambda: [X.shape, X.shape],
    "one NaN": lambda: [X + nan(1), X + nan(1)],
    "one Python function": lambda: [reverse(X), reverse(X)],
    "draws from one state": lambda: [draw(STATE), draw(STATE)],
}


@pytest.mark.parametrize("label", ONE)
def test_what_is_written_twice_is_computed_once(label: str) -> None:
    outputs = ONE[label]()
    graph = merged(*outputs).graph
    half = len(outputs) // 2
    assert graph.outputs[:half] == graph.outputs[half:]


TWO: dict[str, Callable[[], list[Any]]] = {
    "ops": lambda: [T.exp(X), T.expm1(X)],
    "operands": lambda: [T.exp(X), T.exp(Y)],
    "orders of operands": lambda: [X - Y, Y - X],
    "axes": lambda: [T.sum(M, axis=0), T.sum(M, axis=1)],
    "dtypes to cast to": lambda: [T.cast(X, "float32"), T.cast(X, "int8")],
    "numbers": lambda: [X * 2.5, X * 2.25],
    "signs of zero": lambda: [X + 0.0, X + -0.0],
    "bits of NaN": lambda: [X + nan(1), X + nan(2)],
    "dtypes of a number": lambda: [X + np.int8(1), X + np.int16(1)],
    "dtypes of the same bits": lambda: [X + np.array([1]), X + np.array([1]).view("float64")],
    "shapes of an array": lambda: [X + np.zeros((2, 1)), X + np.zeros((1, 2))],
    "slices": lambda: [X[1:], X[2:]],
    "Python functions": lambda: [reverse(X), T.as_op(T.dvector, T.dvector)(lambda x: x[::-1])(X)],
    "draws of one stream": lambda: [STREAM.uniform((3,)), STREAM.uniform((3,))],
    "streams of one seed": lambda: [RandomStreams(1).uniform((3,)), RandomStreams(1).uniform((3,))],
    "choices": lambda: [T.ifelse(X[0] > 0, X, 2 * X), T.ifelse(X[0] > 0, X, 3 * X)],
}


@pytest.mark.parametrize("label", TWO)
def test_what_differs_in_something_stays_two(label: str) -> None:
    first, second = merged(*TWO[label]()).graph.outputs
    assert first is not second


def test_the_users_of_twins_become_twins() -> None:
    rewriting = merged(T.log(T.exp(X)) - T.log(T.exp(X)))
    assert names_of(rewriting.graph) == ["exp", "log", "sub"]


def test_the_first_that_was_written_stays() -> None:
    first, second = T.exp(X), T.exp(X)
    first.name, second.name = "first", "second"
    rewriting = merged(first * second)
    assert [v.name for v in rewriting.graph.apply_nodes()[0].outputs] == ["first"]


def test_a_large_array_is_known_by_itself_only() -> None:
    """Numbers are not compared where there are more than a megabyte of them."""
    large = T.constant(np.zeros(200_000))
    copy = T.constant(np.zeros(200_000))
    assert names_of(merged(X + large, X + large).graph) == ["add"]
    assert names_of(merged(X + large, X + copy).graph) == ["add", "add"]


def test_one_of_two_that_knows_more_of_its_sizes_stays() -> None:
    """Both are exp of one variable in the end, but one was written when less was known."""
    known = T.tensor("float64", (3,), "known")

    @computed_rule(on=[T.sqr], examples=[])
    def learn(node: Any, graph: Any) -> Variable:
        """The square has three elements."""
        return graph.inputs[1]

    graph = graph_of(T.exp(T.sqr(X)), T.exp(known))
    assert names_of(rewrite(graph, [merge, learn]).graph) == ["exp", "exp"]


def test_a_step_keeps_the_lines_of_both() -> None:
    first = T.exp(X)
    second = T.exp(X)
    rewriting = merged(first - second)
    (node, _) = rewriting.graph.apply_nodes()
    lines = [place.text.strip() for place in kg.KernelgraphError("", origins=node.origins).places]
    assert lines == ["first = T.exp(X)", "second = T.exp(X)"]


def test_a_step_of_merging_shows_nothing_new() -> None:
    (step,) = merged(T.exp(X) * T.exp(X)).steps
    assert (step.before_text, step.after_text) == ("exp(x)", "exp(x)")
    assert not step.shows
    assert (step.nodes_before, step.nodes_after) == (3, 2)


def test_a_graph_without_twins_is_left_alone() -> None:
    assert not merged(T.exp(X) * T.log(Y)).log


def test_of_several_alike_those_that_know_as_much_are_one() -> None:
    """Whichever comes first."""
    x = T.dvector("x")
    sizes = [(3,), (None,), (None,), (3,)]
    outputs = [Apply(T.exp, [x], [Variable(TensorType("float64", size))]).out for size in sizes]
    assert len(merged(*outputs).graph.apply_nodes()) == 2
