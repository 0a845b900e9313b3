"""Rounding to whole numbers: halves, signs of zero, integers beyond the digits of a float."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import DisconnectedInputError, OptionError
from tests.support import same

Compiled = Callable[..., Any]

HALVES = [
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    -0.0,
    0.0,
    0.49999999999999994,
    -0.3,
    2.0**52 + 1,
    4.5e15 + 0.5,
]


def test_modes_of_round(compiled: Compiled) -> None:
    x = T.dvector("x")
    even, away = compiled([x], [T.round(x), x.round("half_away_from_zero")])(HALVES)
    assert same(even, np.rint(HALVES))
    assert away[:7].tolist() == [1, 2, 3, -1, -2, 0, 0]
    assert np.signbit(away[5:7]).tolist() == [True, False]
    assert away[7:].tolist() == [0, 0, 2.0**52 + 1, 4.5e15 + 1]


def test_iround_gives_integers_and_cuts_at_their_ends(compiled: Compiled) -> None:
    x = T.dvector("x")
    f = compiled([x], T.iround(x))
    with pytest.warns(RuntimeWarning, match="NaN made an int64 is 0"):
        found = f([0.5, 1.5, -2.6, np.nan, 1e300, -np.inf])
    assert found.dtype == "int64"
    assert found.tolist() == [0, 2, -3, 0, 2**63 - 1, -(2**63)]


def test_large_integers_stay_as_they_are(compiled: Compiled) -> None:
    x, u = T.lvector("x"), T.tensor("uint64", (None,), "u")
    outputs = [f(v) for v in (x, u) for f in (T.floor, T.ceil, T.trunc, T.round)]
    most, least = np.array([2**63 - 1, -(2**63)]), np.array([2**64 - 1], "uint64")
    found = compiled([x, u], outputs)(most, least)
    assert all(same(v, most) for v in found[:4])
    assert all(same(v, least) for v in found[4:])


def test_numpy_and_methods_build_the_same_nodes() -> None:
    x: Any = T.dvector("x")
    pairs = [(np.floor, "floor"), (np.ceil, "ceil"), (np.trunc, "trunc"), (np.rint, "round")]
    for function, name in pairs:
        assert function(x).owner.op == getattr(x, name)().owner.op


def test_unknown_modes() -> None:
    with pytest.raises(OptionError, match="half_to_even"):
        T.round(T.dvector(), "half_to_odd")


def test_steps_have_no_derivative(compiled: Compiled) -> None:
    x = T.dvector("x")
    with pytest.raises(DisconnectedInputError):
        T.grad(T.floor(x).sum(), x)
    slope = T.grad((x - T.floor(x)).sum(), x)
    assert compiled([x], slope)([0.5, 1.0, -7.25]).tolist() == [1, 1, 1]
