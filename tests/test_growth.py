"""What is done with a graph takes steps in proportion to its size, whatever its shape.

Steps are counted, not seconds: calls of functions, for a graph and for one three times as large.
"""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function_graph import FunctionGraph
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.remembered import Answers

Pair = tuple[Variable, Variable]
"""An input, and a scalar that is computed from it."""

STEPS = 40
LARGER = 3
TOLERANCE = 1.15
"""How much more than three times as many steps may be taken: tables grow by doubling."""


def chain(n: int) -> Pair:
    x = y = T.dvector("x")
    for _ in range(n):
        y = T.tanh(y) + x
    return x, y.sum()


def wide(n: int) -> Pair:
    x = T.dvector("x")
    return x, T.add(*[T.exp(x) * float(k) for k in range(n)]).sum()


def tree(n: int) -> Pair:
    """Operations of many kinds on what the last few have made."""
    chance, x = np.random.default_rng(0), T.dmatrix("x")
    steps: list[Callable[[Any, Any], Any]] = [
        T.maximum, lambda a, b: T.exp(-a) * b, lambda a, b: a - b.sum(0),
        lambda a, b: T.switch(a > 0, a, T.sqrt(b)), T.dot, lambda a, b: a.T / (1 + b * b),
        lambda a, b: T.log1p(abs(a)) + T.zeros_like(b),
    ]  # fmt: skip
    known = [x, x.T]
    for k in range(n):
        a, b = chance.integers(max(0, len(known) - 20), len(known), 2)
        known.append(steps[k % len(steps)](known[a], known[b]))
    return x, T.add(*known[-20:]).sum()


def parts(n: int) -> Pair:
    x = y = T.dvector("x")
    for k in range(n // 2):
        y = T.inc_subtensor(T.set_subtensor(y[k % 7 :], y[k % 7 + 1] * 2.0)[3], y[5])
    return x, y.sum()


def recurrent(n: int) -> Pair:
    x, w, h = T.dtensor3("x"), T.dmatrix("w"), T.dmatrix("h")
    for k in range(n // 2):
        h = T.tanh(T.dot(x[k], w) + T.dot(h, w))
    return w, h.sum()


def means(n: int) -> Pair:
    x = y = T.dmatrix("x")
    for _ in range(n):
        y = T.tanh(y - y.mean(0)) * T.cast(y.shape[0], "float64")
    return x, y.sum()


def stacked(n: int) -> Pair:
    x = T.dvector("x")
    return x, T.stack([x[k] * 2.0 for k in range(n)]).sum()


def views(n: int) -> Pair:
    x = y = T.dvector("x")
    for _ in range(n // 2):
        y = T.concatenate([y[1:], T.exp(y[:1])]).reshape((-1, 2)).flatten()
    return x, y.sum()


def maxima(n: int) -> Pair:
    x = y = T.dmatrix("x")
    for _ in range(n // 2):
        y = T.maximum(y - y.max(1, keepdims=True), T.softmax(y))
    return x, y.sum()


SHAPES = (chain, wide, tree, parts, recurrent, means, stacked, views, maxima)


def interpreted(x: Variable, cost: Variable) -> None:
    inputs = [v for v in T.graph_inputs([cost]) if not isinstance(v, Constant)]
    sizes = (STEPS * LARGER, 2, 2)
    operands = [np.full((2, 2) if v.ndim == 2 else sizes[: v.ndim], 0.5) for v in inputs]
    kg.interpret(Graph(tuple(inputs), (cost,)), operands)


def with_axis(x: Variable, cost: Variable) -> None:
    kg.vectorize_graph(cost, {x: T.tensor(x.dtype, (None,) * (x.ndim + 1))})


USES: dict[str, Callable[[Variable, Variable], Any]] = {
    "grad": lambda x, cost: T.grad(cost, x),
    "Rop": lambda x, cost: T.Rop(cost, x, x),
    "vectorize_graph": with_axis,
    "clone": lambda x, cost: kg.clone(cost, {x: x * 1.0}),
    "graph_replace": lambda x, cost: kg.graph_replace(cost, {x: x * 1.0}),
    "copy of a graph": lambda x, cost: Graph((x,), (cost,)).clone(),
    "deepcopy": lambda x, cost: copy.deepcopy(cost),
    "pickle": lambda x, cost: pickle.loads(pickle.dumps(cost)),
    "lint": lambda x, cost: kg.lint(cost),
    "text": lambda x, cost: (kg.debugprint(cost, file="str"), str(cost)),
    "interpret": interpreted,
}


def steps_of(run: Callable[[], Any]) -> int:
    """How many functions of Python a call calls, generators that go on included."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    gc.disable()
    sys.setprofile(seen)
    try:
        run()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize("make", SHAPES)
def test_steps_grow_with_the_graph_and_no_faster(make: Callable[[int], Pair]) -> None:
    make(2)  # what is computed once, is
    small, large = steps_of(lambda: make(STEPS)), steps_of(lambda: make(LARGER * STEPS))
    assert large <= TOLERANCE * LARGER * small, "building"
    graphs = [make(STEPS), make(LARGER * STEPS)]
    for name, use in USES.items():
        use(*make(4))
        few, many = (steps_of(partial(use, *pair)) for pair in graphs)
        assert many <= TOLERANCE * LARGER * few + 100, f"{name}: {few} steps became {many}"


def test_what_is_known_of_a_graph_is_forgotten_when_one_is_edited() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    edited = FunctionGraph(Graph((x, y), ((x + 0) * y,)))
    answers: Answers[Variable, int] = Answers()
    answers[x] = 1
    product: Any = edited.outputs[0].owner
    edited.replace(product.inputs[0], product.inputs[0].owner.inputs[0])
    assert answers.get(x) is None
