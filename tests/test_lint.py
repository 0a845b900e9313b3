"""What the lint names, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

X = T.dvector("x")
Y = T.dvector("y")


@pytest.mark.parametrize(
    "trap",
    [
        T.switch(X > 0, T.log(X), 0.0),
        T.switch(X > 0, 0.0, T.sqrt(X)),
        T.switch(X > 0, 1 / X, 0.0),
        T.switch(X > 0, X**0.5, 0.0),
        T.switch(X > 0, 2 * T.exp(T.log1p(X)) + 1, 0.0),
    ],
)
def test_traps(trap: Any) -> None:
    assert [finding.code for finding in kg.lint(trap)] == ["KG-L010"]


@pytest.mark.parametrize(
    "fine",
    [
        T.switch(X > 0, T.exp(X), 0.0),
        T.switch(X > 0, X**2, 0.0),
        T.switch(X > 0, X / 2, Y),
        T.switch(X > 0, T.log(T.maximum(X, 1e-3)), 0.0),
        T.switch(T.log(X) > 0, X, Y),  # no slope goes through a condition
        T.log(X) + 1 / Y,
        X + Y,
    ],
)
def test_what_is_fine(fine: Any) -> None:
    assert kg.lint(fine) == []


def test_one_finding_for_each_place() -> None:
    trap = T.switch(X > 0, T.log(X), T.sqrt(X))
    assert len(kg.lint([trap, trap + 1])) == 2


def test_a_function_of_a_graph() -> None:
    trap = T.switch(X > 0, T.log(X), 0.0)
    assert len(kg.lint(kg.Graph((X,), (trap,)))) == 1


def test_a_graph_with_many_ways_is_no_trouble() -> None:
    y = X
    for _ in range(2000):
        y = y + y
    assert kg.lint(T.switch(X > 0, y, 0.0)) == []
