"""Questions about NaN, infinities and closeness, with NumPy as the judge."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T

Compiled = Callable[..., Any]

ODD = [0.0, -0.0, 1.0, 1 + 1e-6, 1 + 1e-4, 1e-9, np.inf, -np.inf, np.nan, 1e300, -1.0]


@pytest.mark.parametrize("equal_nan", [False, True])
def test_closeness_is_numpys(compiled: Compiled, equal_nan: bool) -> None:
    a, b = np.array([*itertools.product(ODD, ODD)]).T
    x, y = T.dvector("x"), T.dvector("y")
    options: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-8, "equal_nan": equal_nan}
    f = compiled([x, y], [T.isclose(x, y, **options), T.allclose(x, y, **options)])
    near, all_near = f(a, b)
    np.testing.assert_array_equal(near, np.isclose(a, b, **options))
    assert near.dtype == all_near.dtype == "bool"
    assert not all_near
    found = [f(v, v)[1] for v in (ODD[:3], [], [np.nan])]
    assert found == [True, True, equal_nan]


def test_integers_are_close_as_floats(compiled: Compiled) -> None:
    x, y = (T.tensor("uint8", (None,), name) for name in "xy")
    found = compiled([x, y], T.isclose(x, y, atol=1))(*np.array([[0, 255], [1, 0]], "uint8"))
    assert found.tolist() == [True, False]


def test_what_numbers_are(compiled: Compiled) -> None:
    x, i = T.fvector("x"), T.lvector("i")
    asked = [f(v) for v in (x, i) for f in (T.isnan, T.isinf, T.isfinite)]
    numbers = np.array([0, np.inf, -np.inf, np.nan, 3e38, 1e-45], "float32")
    whole = np.array([0, 2**63 - 1, -(2**63)])
    wanted = [f(v) for v in (numbers, whole) for f in (np.isnan, np.isinf, np.isfinite)]
    for found, expected in zip(compiled([x, i], asked)(numbers, whole), wanted, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_equal_arrays(compiled: Compiled) -> None:
    x, y = T.dvector("x"), T.zvector("y")
    outputs = [T.array_equal(x, y), T.array_equal(x, y, equal_nan=True), T.array_equal(x, y[None])]
    f = compiled([x, y], outputs)
    for a, b in itertools.product(([], [1.0], [1, np.nan], [1, 2.0], [1.0, 2, 3]), repeat=2):
        first, second = np.array(a, "float64"), np.array(b, "complex128")
        same = [np.array_equal(first, second), np.array_equal(first, second, equal_nan=True)]
        assert f(first, second) == [*same, False]
    row = T.tensor("float64", (1,), "row")
    f = compiled([row, x], [T.array_equal(row, x), T.array_equal(row, T.ones((3,)))])
    assert f([1.0], [1.0]) == [True, False]
    assert f([1.0], [1.0, 1.0]) == [False, False]
    symbols: Any = (row, x)
    assert compiled([row, x], np.array_equal(*symbols))([1.0], [1.0])


def test_a_bound_that_is_nan(compiled: Compiled) -> None:
    x, low, high = (T.dvector(name) for name in ("x", "low", "high"))
    values = [
        v.ravel() for v in np.meshgrid([-1.0, 2, np.nan], [0, np.nan, 3], [1, np.nan, np.inf])
    ]
    f = compiled([x, low, high], [T.clip(x, low, high), T.grad(T.clip(x, low, high).sum(), x)])
    found, slopes = f(*values)
    np.testing.assert_array_equal(found, np.clip(*values))
    assert (slopes[np.isnan(values[1]) | np.isnan(values[2])] == 0).all()
