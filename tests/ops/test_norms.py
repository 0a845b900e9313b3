"""Norms along any axes, and their derivatives where they are 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import OptionError, ShapeError

ORDERS = [2, 1, 0, 3, 2.5, -1, np.inf, -np.inf]
VALUES = np.array([[[3.0, -4.0], [0.0, 0.0]], [[1.0, 2.0], [-2.0, 0.5]]])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8"])
def test_norms_are_those_of_numpy(dtype: str) -> None:
    x = T.TensorType(dtype, (None,) * 3)("x")
    values = (2 * VALUES).astype(dtype)
    cases = [(order, axis, keep) for order in ORDERS for axis, keep in ((0, False), (2, True))]
    outputs = [T.vector_norm(x, *case) for case in cases]
    found = kg.function([x], outputs, target="interpret")(values)
    for mine, (order, axis, keep) in zip(found, cases, strict=True):
        with np.errstate(all="ignore"):
            wanted = np.linalg.norm(values.astype("float64"), order, axis, keep)
        np.testing.assert_allclose(mine, wanted, rtol=1e-6 if dtype == "float32" else 1e-14)
        assert mine.dtype == ("float64" if dtype == "int8" else dtype)


@pytest.mark.parametrize("axis", [None, (0, 2)], ids=repr)
def test_norms_over_several_axes(compiled: Callable[..., Any], axis: Any) -> None:
    x = T.tensor3("x")
    moved = VALUES.reshape(-1, 1) if axis is None else VALUES.transpose(0, 2, 1).reshape(-1, 2)
    wanted = [np.linalg.norm(moved, order, axis=0).squeeze() for order in (2, 3)]
    f = compiled([x], [T.vector_norm(x, axis=axis), x.norm(3, axis=axis)])
    for mine, other in zip(f(VALUES), wanted, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-14)


@pytest.mark.parametrize("order", [2, 1, 3, 2.5, np.inf, 0])
def test_at_zero_the_derivative_is_zero(order: float) -> None:
    x = T.dmatrix("x")
    out = T.vector_norm(x, order, axis=1).sum()
    gradient = T.grad(out, x, disconnected_inputs="ignore")
    f = kg.function([x], gradient, target="python")
    np.testing.assert_array_equal(f(np.zeros((1, 3)))[0], 0)
    at = np.array([[1.0, -2.0, 3.0]])
    rows = np.concatenate([np.zeros((1, 3)), at])
    np.testing.assert_array_equal(f(rows)[0], 0)
    slope = [
        (np.linalg.norm(at[0] + step, order) - np.linalg.norm(at[0] - step, order)) / 2e-6
        for step in 1e-6 * np.eye(3)
    ]
    np.testing.assert_allclose(f(at)[0], slope, atol=1e-8)


def test_complex_numbers_count_by_their_magnitudes() -> None:
    z, values = T.zvector("z"), np.array([3 + 4j, 0, 1j])
    f = kg.function([z], [T.vector_norm(z, p) for p in (2, 1, 3, 0)], target="interpret")
    np.testing.assert_allclose(f(values), [np.linalg.norm(values, p) for p in (2, 1, 3, 0)])


def test_what_is_no_norm(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    for order in ("fro", None, True, np.nan):
        with pytest.raises(OptionError, match="the order of a norm must be a number"):
            T.vector_norm(x, order)
    with pytest.raises(ShapeError, match="KG-S010"):
        compiled([x], x.norm(np.inf))([])
    np.testing.assert_array_equal(compiled([x], [x.norm(2), x.norm(1)])([np.nan, 1]), [np.nan] * 2)


def test_the_order_of_a_norm_is_a_number_that_a_float_can_be() -> None:
    for order in (10**5000, -(10**400), float("nan"), True, "2"):
        with pytest.raises(kg.errors.OptionError, match="KG-G012"):
            T.vector_norm(T.dvector("x"), order)
