"""Choices by conditions and truths of numbers, as NumPy has them."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from tests.ops.numpy_table import same_as_numpy
from tests.support import TARGETS

TABLE = """
T.where(m > 0)  =  np.where(m > 0)
T.where(x)  =  np.where(x)
T.where(m > 0, m, 0)  =  np.where(m > 0, m, 0)
np.where(m > 0, m, 2)  =  np.where(m > 0, m, 2)
T.select([m < 0, m > 1], [-m, 1], 7)  =  np.select([m < 0, m > 1], [-m, 1], 7)
T.select([k], [k * k])  =  np.select([k > 0], [k * k])
T.piecewise(m, [m < 0, m > -2], [T.exp, 5.0])  =  np.piecewise(m, [m < 0, m > -2], [np.exp, 5.0])
T.piecewise(m, m < 0, [T.sqr, T.cos])  =  np.piecewise(m, [m < 0], [np.square, np.cos])
T.piecewise(k, [k > 3], [2.5])  =  np.piecewise(k, [k > 3], [2.5])
T.logical_and(h, h > 1)  =  np.logical_and(h, h > 1)
T.logical_or(k, k > 1)  =  np.logical_or(k, k > 1)
T.logical_xor(k, k > 1)  =  np.logical_xor(k, k > 1)
T.logical_not(h)  =  np.logical_not(h)
np.logical_and(x, x > 1)  =  np.logical_and(x, x > 1)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_as_numpy(target: str) -> None:
    same_as_numpy(target, TABLE)


def test_a_derivative_counts_where_its_function_is_chosen() -> None:
    x = T.dvector("x")
    y = T.piecewise(x, [x > 0], [T.sqrt, lambda v: -v])
    slope = kg.function([x], T.grad(y.sum(), x), target="interpret")([4.0, 0.0, -2.0])
    assert slope.tolist() == [0.25, -1.0, -1.0]


def test_numbers_of_choices_that_do_not_fit() -> None:
    x = T.dvector("x")
    for wrong in (
        lambda: T.where(x > 0, x),
        lambda: T.select([x > 0], [x, x]),
        lambda: T.select([], []),
        lambda: T.piecewise(x, [x > 0], []),
    ):
        with pytest.raises(ArgumentError):
            wrong()
