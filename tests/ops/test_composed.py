"""Reciprocals, quotients with rests, and the largest of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError

Compiled = Callable[..., Any]


def test_divmod_is_pythons(compiled: Compiled) -> None:
    i: Any = T.lvector("i")
    x: Any = T.dvector("x")
    whole, rest = divmod(i, 3)
    outputs = [whole, rest, *divmod(7, i), *divmod(x, -2.0), *T.divmod(i, i)]
    a: Any = np.array([7, -7, 1, -(2**63)])
    b: Any = np.array([7.5, -7.5, -0.0, np.inf])
    with np.errstate(all="ignore"):
        wanted = [*divmod(a, 3), *divmod(7, a), *divmod(b, -2.0), *divmod(a, a)]
    for found, expected in zip(compiled([i, x], outputs)(a, b), wanted, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_largest_and_smallest_of_many(compiled: Compiled) -> None:
    m, v, s = T.dmatrix("m"), T.dvector("v"), T.dscalar("s")
    f = compiled([m, v, s], [T.largest(m, v, s), T.smallest(m, v, s), T.largest(s)])
    a, b = np.array([[1.0, np.nan], [-3.0, 4.0]]), np.array([0.0, 2.0])
    found = f(a, b, 1.5)
    np.testing.assert_array_equal(found[0], [[1.5, np.nan], [1.5, 4]])
    np.testing.assert_array_equal(found[1], [[0, np.nan], [-3, 1.5]])
    assert found[2] == 1.5
    with pytest.raises(ArgumentError):
        T.largest()


def test_reciprocals() -> None:
    x, i = T.fvector("x"), T.ivector("i")
    found = kg.function([x, i], [T.inv(x), T.inv(i)])([4.0, 0.0], [4, -2])
    assert [v.dtype.name for v in found] == ["float32", kg.config.floatX]
    assert [v.tolist() for v in found] == [[0.25, np.inf], [0.25, -0.5]]
