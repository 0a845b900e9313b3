"""Means and variances: degrees of freedom, dtypes, and numbers far from 0."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, OptionError

MATRIX = np.array([[3.0, -1.0, 2.0], [0.5, 8.0, 2.0]])


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)], ids=repr)
def test_degrees_of_freedom(compiled: Callable[..., Any], axis: Any) -> None:
    x, degrees = T.dmatrix("x"), (0, 1, 1.5, 2, 3, 6, 7)
    outputs = [fold(x, axis=axis, ddof=d) for fold in (T.var, T.std) for d in degrees]
    with np.errstate(invalid="ignore"):
        found = iter(compiled([x], outputs)(MATRIX))
    for fold in (np.var, np.std):
        for d in degrees:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                wanted = fold(MATRIX, axis=axis, ddof=d)
            np.testing.assert_allclose(next(found), wanted, rtol=1e-14)


def test_one_number_says_nothing_of_its_spread(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [x.var(ddof=1), x.var(), x.std()])
    with pytest.warns(RuntimeWarning, match="number of elements that is 0"):
        np.testing.assert_array_equal(f([3]), [np.nan, 0, 0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sample_far_from_zero(compiled: Callable[..., Any], dtype: str) -> None:
    x = T.TensorType(dtype, (None,))("x")
    values = (1e6 + np.arange(9.0)).astype(dtype)
    f = compiled([x], [T.var(x, ddof=1), T.std(x, corrected=True)])
    np.testing.assert_allclose(f(values), [7.5, np.sqrt(60 / 9)], rtol=1e-6)


@pytest.mark.parametrize("ddof", ["1", None, np.inf, 1j], ids=repr)
def test_degrees_of_freedom_are_a_number(ddof: Any) -> None:
    with pytest.raises(TypeError, match="ddof must be a number"):
        T.var(T.dvector("x"), ddof=ddof)
    with pytest.raises(OptionError, match="ddof"):
        T.std(T.dvector("x"), ddof=np.True_)


def test_the_dtype_of_a_mean() -> None:
    x, v = T.bvector("x"), T.fvector("v")
    assert T.mean(x, dtype="float32").dtype == "float32"
    assert T.mean(v, dtype="float64").dtype == "float64"
    assert kg.function([x], T.mean(x, dtype="float32"))([1, 2]) == 1.5
    with pytest.raises(DTypeError, match="a mean is a float, not int64"):
        T.mean(x, dtype="int64")
    with pytest.raises(DTypeError, match="KG-D009"):
        T.mean(T.dvector("x"), dtype="float32")


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_derivative_of_a_deviation(ddof: int) -> None:
    x, values = T.dvector("x"), np.array([1.0, 4.0, -2.0, 0.5])
    (found,) = kg.interpret(kg.Graph((x,), (T.grad(T.std(x, ddof=ddof), x),)), [values])
    spread = np.sqrt((values - values.mean()) @ (values - values.mean()) * (4 - ddof))
    np.testing.assert_allclose(found, (values - values.mean()) / spread, rtol=1e-14)
    (alike,) = kg.interpret(kg.Graph((x,), (T.grad(T.std(x, ddof=ddof), x),)), [np.ones(4)])
    np.testing.assert_array_equal(alike, 0)
