"""Two sides are compared number by number: by their bits, or by how far they are from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Graph
from kernelgraph.rewrite.proof.comparison import CANCELS, Noise, coarsest, compare
from kernelgraph.rewrite.proof.operands import Case
from kernelgraph.rewrite.rule import Rule, rule

X: Any = T.dvector("x")


def told(changes: str | None = None) -> Rule:
    """A rule that says what it changes; what it does is not looked at."""

    def same(x: Any) -> tuple[Any, Any]:
        """Nothing changes."""
        return T.neg(T.neg(x)), x

    return rule(changes=changes)(same)


def case(before: Any, after: Any) -> Case:
    return Case(0, (X,), ("",), Graph((X,), (before,)), Graph((X,), (after,)), True)


def wrong(changes: str | None, before: Any, after: Any, *values: float) -> str:
    found = compare(told(changes), case(before, after), [np.array(values)], Noise())
    assert found.elements == len(values)
    return "" if found.wrong is None else found.wrong.text


def test_bits_are_compared_where_nothing_may_change() -> None:
    assert not wrong(None, X + X, 2 * X, 0.1, -0.0, np.nan, np.inf)
    assert "x = -0.0" in wrong(None, X, X + 0, 1.0, -0.0)
    assert wrong(None, T.log1p(X), T.log(1 + X), 1e-3)


def test_the_truth_decides_where_something_may_change() -> None:
    assert not wrong("rounding", T.log(1 + X), T.log1p(X), 1e-20)
    assert "the true value is 1e-20" in wrong("rounding", T.log1p(X), T.log(1 + X), 1e-20)


def test_where_no_real_number_is_meant_a_nan_stays() -> None:
    assert "no real number is meant" in wrong("rounding", T.log(X), T.log(abs(X)), -1.0)


def test_dtypes_must_agree() -> None:
    assert "float64(1,) becomes float32(1,)" in wrong(None, X, T.cast(X, "float32"), 1.0)


@pytest.mark.parametrize(("old", "new", "fine"), [(1.0, 8.0, True), (1.0, 1e3, False)])
def test_noise_of_terms_that_cancel(old: float, new: float, fine: bool) -> None:
    assert (Noise(old, new).excess(told(CANCELS)) is None) is fine


def test_the_coarsest_dtype_on_the_way() -> None:
    narrow = T.cast(X, "float32")
    assert coarsest(Graph((X,), (T.exp(narrow) + X,))) == "float32"
    assert coarsest(Graph((X,), (T.exp(X),))) == "float64"
