"""Derivatives of probabilities in any spelling, and exponentials that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import errors, slope

FAR = np.array([999.0, 300.0, 18.0, 0.5, 0.0, -1e-9, -20.0, -300.0])

PROBABILITIES: dict[str, Callable[[Any], Any]] = {
    "quotient": lambda x: T.exp(x) / (1 + T.exp(x)),
    "sum turned round": lambda x: T.exp(x) / (T.exp(x) + 1),
    "factor": lambda x: T.exp(x) * (1 / (1 + T.exp(x))),
    "reciprocal": lambda x: 1 / (1 + T.exp(-x)),
    "what is left": lambda x: 1 - 1 / (1 + T.exp(x)),
    "by name": T.sigmoid,
}


@pytest.mark.parametrize("name", PROBABILITIES)
def test_slopes_of_logarithms(name: str) -> None:
    p = PROBABILITIES[name]
    for cost in (lambda x: T.log(1 - p(x)), lambda x: T.log(p(x)), lambda x: T.log1p(-p(x))):
        assert max(errors(slope(cost), FAR)) < 4


def test_the_slope_far_out_is_minus_one() -> None:
    x = T.dvector("x")
    p = T.exp(x) / (1 + T.exp(x))
    found = kg.function([x], T.grad(T.log(1 - p).sum(), x))([999.0, 300.0, 0.0])
    assert found.tolist() == [-1.0, -1.0, -0.5]


def test_nan_and_cuts_stay() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    whole = Graph((x, y), (y / T.sigmoid(-x) - y * T.exp(x),))
    (found,) = kg.interpret(
        rewrite(whole, DEFAULT).graph, [np.array([np.nan, 1.0]), np.array([2.0, 3.0])]
    )
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(3.0)
    cut = Graph((x, y), (T.switch(x > 0, y, 0.0) - y * T.sigmoid(x),))
    values = [np.array([-1.0, 1.0]), np.array([2.0, 3.0])]
    for result in (kg.interpret(cut, values), kg.interpret(rewrite(cut, DEFAULT).graph, values)):
        assert result[0] == pytest.approx([-2 / (1 + np.e), 3 / (1 + np.e)])
