"""What callers are told of numbers that came: once a call, and as NumPy's settings say."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ExponentError, NonFiniteError
from kernelgraph.types import INTEGERS
from tests.support import TARGETS, specials

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

LONG = 3 * 65536 + 5
"""Elements of several strips, with some left over."""


@contextmanager
def noted() -> Iterator[list[str]]:
    """The texts of the warnings inside of the block, once it is over."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield texts
    texts += [str(warning.message) for warning in found]
    assert {warning.category for warning in found} <= {RuntimeWarning}
    assert {warning.filename for warning in found} <= {__file__}, "at the user's line"


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("target", TARGETS)
def test_a_division_by_0_is_told_once(target: str, dtype: str) -> None:
    x, y = (T.tensor(dtype, (None,), name) for name in "xy")
    f = kg.function([x, y], [x // y, x % y], target=target)
    top = np.array([7, 5, 3, 1], dtype)
    with noted() as nothing:
        f(top, top)
    assert not nothing
    with noted() as texts:
        quotient, rest = f(top, np.array([2, 0, 0, 1], dtype))
    assert (quotient.tolist(), rest.tolist()) == ([3, 0, 0, 1], [1, 0, 0, 0])
    assert set(map(_said, texts)) == {"division of integers by 0 gives 0"}
    assert "f = kg.function" in texts[0]
    assert len(texts) == 1


def _said(text: str) -> str:
    return text.partition(":")[0]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("source", ["float32", "float64", "float16"])
def test_a_cast_tells_of_what_is_no_integer_of_the_dtype(source: str, dtype: str) -> None:
    x = T.tensor(source, (None,), "x")
    functions = [kg.function([x], T.cast(x, dtype), target=target) for target in TARGETS]
    limits = np.iinfo(dtype)
    ends = [limits.min, limits.max, limits.min - 1, limits.max + 1, 0.5, -0.9, limits.max // 2]
    with np.errstate(over="ignore"):
        numbers = [*specials(source), *np.array(ends, "float64").astype(source)]
    most = 2**64 if dtype == "uint64" else 2**63  # from there on it does not even wrap around
    for number in np.array(numbers, source):
        fits = bool(np.isfinite(number)) and -(2**63) <= int(number) < most
        for f in functions:
            with noted() as texts:
                f([number])
            assert bool(texts) is not fits, (number, f)


@pytest.mark.parametrize("target", TARGETS)
def test_a_mean_of_nothing_is_told(target: str) -> None:
    x, m = T.dvector("x"), T.dmatrix("m")
    several: dict[str, Sequence[Any]] = {
        "mean": [x.mean(), m.mean(axis=0)], "var": [x.var(), m.std(axis=0)],
        "both": T.mean_and_variance(x),
    }  # fmt: skip
    for name, outputs in several.items():
        f = kg.function([x, m], list(outputs), target=target, on_unused_input="ignore")
        with noted() as nothing:
            f([1.0], [[1.0]])
        assert not nothing, name
        with noted() as texts:
            found = f([], np.ones((0, 2)))
        assert all(np.isnan(value).all() for value in found), name
        assert texts, name
        assert all("no numbers" in text or "elements that is 0" in text for text in texts)


@pytest.mark.parametrize("target", TARGETS)
def test_an_integer_to_a_negative_power_is_an_error(target: str) -> None:
    x, y = T.lvectors("x", "y")
    kept = kg.shared(np.arange(3))
    f = kg.function([x, y], x**y, updates={kept: kept + 1}, target=target)
    assert f([2, 3], [3, 0]).tolist() == [8, 1]
    with pytest.raises(ExponentError, match="negative") as caught:
        f([1, 3], [3, -1])
    assert caught.value.code == "KG-V004"
    assert "f = kg.function" in str(caught.value)
    assert "float exponent" in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert kept.get_value().tolist() == [1, 2, 3]
    assert f(np.ones(0, int), np.ones(0, int)).size == 0


@pytest.mark.parametrize("target", TARGETS)
def test_an_error_comes_before_a_warning(target: str) -> None:
    x, y = T.lvectors("x", "y")
    f = kg.function([x, y], [x // (y + 1), x**y], target=target)
    with noted() as texts, pytest.raises(ExponentError):
        f([1, 1], [-1, 1])
    assert target == "interpret" or not texts


@pytest.mark.parametrize("target", TARGETS)
def test_errstate_says_how(target: str) -> None:
    x, y = T.lvectors("x", "y")
    kept = kg.shared(0)
    f = kg.function([x, y], x // y, updates={kept: kept + 1}, target=target)
    with np.errstate(divide="ignore"), noted() as texts:
        f([1], [0])
    assert not texts
    with np.errstate(divide="raise"), pytest.raises(NonFiniteError) as caught:
        f([1], [0])
    assert isinstance(caught.value, FloatingPointError)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="division of integers"):
            f([1], [0])
    assert kept.get_value() == 1


def test_one_element_of_many_is_seen() -> None:
    """In any lane, strip and row, and beside sums."""
    x, m = T.dvector("x"), T.dmatrix("m")
    whole = T.cast(x, "int32")
    f = kg.function([x], [whole, whole.sum(), (x * 2).sum()], target="c")
    g = kg.function(
        [m, x], T.cast(T.dot(m, x), "int16").sum() + T.cast(m, "int8").sum(), target="c"
    )
    for place in (0, 15, 16, 65535, 65536, LONG - 1):
        values = np.zeros(LONG)
        values[place] = np.nan
        with noted() as texts:
            f(values)
        assert len(texts) == 1, place
    for row in range(19):
        values = np.ones((19, 5))
        values[row, row % 5] = 1e30
        with noted() as texts:
            g(values, np.ones(5))
        assert len(texts) == 1, row
    with noted() as texts:
        f(np.zeros(LONG))
        g(np.ones((19, 5)), np.ones(5))
    assert not texts


@pytest.mark.parametrize("target", TARGETS)
def test_loops_and_branches_tell_too(target: str) -> None:
    n, start = T.lscalar("n"), T.lscalar("start")
    powers, _ = kg.scan(lambda k, total: total + 12 // k, T.arange(n), start)
    f = kg.function([n, start], powers, target=target)
    with noted() as texts:
        assert f(4, 0).tolist() == [0, 12, 18, 22]
    assert texts
    x = T.dscalar("x")
    branch = kg.function([x], kg.ifelse(T.gt(x, 0), T.cast(1e30 * x, "int32"), 0), target=target)
    with noted() as texts:
        branch(-1.0)
    assert not texts
    with noted() as texts:
        branch(1.0)
    assert texts


def test_a_constant_divisor_is_not_asked_for() -> None:
    x = T.lvector("x")
    f = kg.function([x], [x // 3, x % 2, x**2], target="c")
    assert "warning" not in str(f.stages.program)
    same = kg.function([x], x // (x.shape[0] * 0), target="c")
    with noted() as texts:
        same([5])
    assert len(texts) == 1
