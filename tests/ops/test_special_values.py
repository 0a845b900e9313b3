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
