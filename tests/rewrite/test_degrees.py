"""Degrees in the exponentials of a sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.elementwise import DimShuffle
from kernelgraph.rewrite.degrees import Scaling, placed


def _scaling() -> tuple[Any, Any, Scaling]:
    x = T.dmatrix("x")
    power = T.exp(x)
    return x, power, Scaling({power: (1, (0,))}, 1)


def test_degrees_of_products_and_sums() -> None:
    x, power, scaling = _scaling()
    total = power.sum(axis=1)
    column = total.dimshuffle(0, "x")
    for found, degree in (
        (total, 1), (power * power, 2), (1 / column, -1), (power / column, 0), (x * power, 1),
        (1 + power, 1), (T.sqr(power), 2), (power.T, 1), (T.dot(power, np.ones(2)), 1), (x, 0),
    ):  # fmt: skip
        assert scaling.part(found).degree == degree


def test_where_the_axes_of_the_sum_are() -> None:
    _, power, scaling = _scaling()
    assert scaling.part(power.T).axes == (1,)
    assert scaling.part(power.sum(axis=1)).axes == (0,)


def test_what_mixes_rows_has_no_degree() -> None:
    _, power, scaling = _scaling()
    for mixed in (power.sum(axis=0), power + power.T, T.dot(np.ones(2), power), power[0]):
        assert not scaling.part(mixed).has_powers


@pytest.mark.parametrize(("axes", "order"), [((0,), (0, "x")), ((1,), ("x", 0))])
def test_a_shift_is_placed(axes: tuple[int, ...], order: tuple[Any, ...]) -> None:
    (node,) = kg.Graph((), (placed(T.dvector("m"), axes, 2),)).apply_nodes()
    assert node.op == DimShuffle(order)
