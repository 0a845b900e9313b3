"""What the lint names, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

X = T.dvector("x")
Y = T.dvector("y")


M = T.dmatrix("m")


class Own(kg.Op):
    """A square root as a user writes it."""

    __props__ = ()

    def make_node(self, x: Any) -> Any:
        return kg.Apply(self, [x], [x.type()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = np.sqrt(inputs[0])

    def grad(self, inputs: Any, output_gradients: Any) -> Any:
        return [output_gradients[0] * 0.5 / self(inputs[0])]


@pytest.mark.parametrize(
    ("trap", "code"),
    [
        (T.maximum(Own()(X) + 1, 0.0), "KG-L010"),
        (T.switch(X > 0, Own()(X), 0.0), "KG-L010"),
    ],
)
def test_traps(trap: Any, code: str) -> None:
    (finding,) = kg.lint(trap)
    assert finding.code == code


def test_the_line_of_what_is_infinite_is_named() -> None:
    steep = Own()(X)
    trap = T.switch(X > 0, steep, 0.0)
    (finding,) = kg.lint(trap)
    assert "steep = Own()(X)" in str(finding)
    slope = kg.function([X], T.grad(trap.sum(), X), target="interpret")
    assert np.isnan(slope([1.0, 0.0])).any(), "what is named is so"


@pytest.mark.parametrize(
    "fine",
    [
        T.switch(X > 0, T.log(X), 0.0),
        T.switch(X > 0, 0.0, T.sqrt(X)),
        T.switch(X > 0, 1 / X, 0.0),
        T.switch(X > 0, X**0.5, 0.0),
        T.switch(X > 0, 2 * T.exp(T.log1p(X)) + 1, 0.0),
        T.maximum(T.sqrt(X), 0.1),
        T.sqrt((X**2).sum()),
        (X > 0) * T.log(X),
        T.switch(X > 0, T.dot(T.log(M), X), 0.0),
        T.switch(M > 0, T.dot(T.log(M), M), 0.0),
        T.maximum(T.dot(M, 1 / M) + 1, 0.0),
        T.nnet.relu(T.dot(M, M / 2)),
        T.switch(M > 0, T.dot(T.log(T.maximum(M, 0.1)), M), 0.0),
        T.switch(M > 0, T.dot(T.exp(M), M**2), 0.0),
        T.sqrt(X) ** 2,
        T.sqrt(X) ** 3,
        T.switch(X > 0, X / 2, Y),
        T.switch(T.log(X) > 0, X, Y),  # no slope goes through a condition
        T.log(X) + 1 / Y,
        X + Y,
    ],
)
def test_what_is_fine(fine: Any) -> None:
    assert kg.lint(fine) == []


def test_one_finding_for_each_place() -> None:
    trap = T.switch(X > 0, Own()(X), Own()(2 * X))
    assert len(kg.lint([trap, trap + 1])) == 2


def test_a_function_of_a_graph() -> None:
    trap = T.switch(X > 0, Own()(X), 0.0)
    assert len(kg.lint(kg.Graph((X,), (trap,)))) == 1


def test_a_graph_with_many_ways_is_no_trouble() -> None:
    y = X
    for _ in range(2000):
        y = y + y
    assert kg.lint(T.switch(X > 0, y, 0.0)) == []
