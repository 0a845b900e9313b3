"""Measuring a function without changing what it keeps."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.function import Function
from kernelgraph.graph import SharedVariable


def stepping(target: str) -> tuple[Function, SharedVariable]:
    x = T.dvector("x")
    w = kg.shared(np.zeros(2), name="w")
    n = T.lscalar("n")
    counted = kg.In(n, value=0, update=n + 1)
    f = kg.function([x, counted], (x * w).sum() + n, updates=[(w, w + x)], target=target)
    return f, w


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_calls_are_counted_and_nothing_else_moves(target: str) -> None:
    f, w = stepping(target)
    profile = kg.measure(f, [1.0, 2.0], calls=4)
    assert profile.calls == 4
    assert profile.longest <= profile.seconds
    assert w.get_value().tolist() == [0.0, 0.0]
    assert f["n"] == 0
    assert f([1.0, 2.0]) == 0.0
    assert f([1.0, 2.0]) == 6.0, "5 + the count"
    if target == "c":
        assert [timing.runs for timing in profile.kernels] == [4] * len(profile.kernels)


def test_arguments_may_be_named() -> None:
    f, _ = stepping("python")
    assert kg.measure(f, x=[1.0, 2.0], n=3, calls=1).calls == 1


def test_what_cannot_be_measured() -> None:
    f, _ = stepping("python")
    with pytest.raises(ArgumentError, match="at least once to be measured, not 0 times"):
        kg.measure(f, [1.0, 2.0], calls=0)
    with pytest.raises(ArgumentError, match="expected a compiled function, got Variable"):
        kg.measure(T.dscalar("x"))
    with pytest.raises(ArgumentError, match="missing required input"):
        kg.measure(f)
