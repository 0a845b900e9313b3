"""The different elements of arrays, and how often integers occur."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import CountError, DTypeError, OptionError
from tests.support import same, specials

FLAGS = [(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_different_elements(compiled: Callable[..., Any], dtype: str) -> None:
    x = T.TensorType(dtype, (None, None))("x")
    f = compiled([x], T.unique(x, return_index=True, return_inverse=True, return_counts=True))
    rng = np.random.default_rng(7)
    for shape in ((5, 8), (1, 1), (0, 3), (40, 2)):
        values = rng.choice(specials(dtype)[:7], size=shape)
        if dtype.startswith("float") and values.size > 9:
            values[1, 1] = values[3, 0] = np.nan
        wanted = np.unique(values, return_index=True, return_inverse=True, return_counts=True)
        for mine, other in zip(f(values), wanted, strict=True):
            np.testing.assert_array_equal(mine, other.ravel())


@pytest.mark.parametrize("flags", FLAGS, ids=repr)
def test_what_is_asked_for_comes_back(flags: tuple[bool, bool, bool]) -> None:
    x = T.lvector("x")
    found = T.unique(x, *flags)
    values = np.array([3, 1, 3, 2, 1])
    results = kg.function([x], found, target="python")(values)
    unique: Any = np.unique
    wanted = unique(values, *flags)
    pairs = zip(results, wanted, strict=True) if any(flags) else [(results, wanted)]
    for mine, other in pairs:
        np.testing.assert_array_equal(mine, other)


def test_the_derivative_goes_to_the_first_of_each() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.grad(T.sqr(T.unique(x)).sum(), x))
    np.testing.assert_array_equal(f([2.0, 5.0, 2.0, 1.0]), [4.0, 10.0, 0.0, 2.0])


@pytest.mark.parametrize("dtype", ["bool", "int8"])
def test_counts_of_integers(compiled: Callable[..., Any], dtype: str) -> None:
    x, w = T.TensorType(dtype, (None,))("x"), T.dvector("w")
    outputs = [T.bincount(x, minlength=6), T.bincount(x, w)]
    f = compiled([x, w], outputs)
    rng = np.random.default_rng(0)
    for n in (0, 1, 30):
        values, weights = rng.integers(0, 2 if dtype == "bool" else 9, n), rng.normal(size=n)
        found = f(values.astype(dtype), weights)
        for mine, options in zip(found, ({"minlength": 6}, {}), strict=True):
            given = weights if mine.dtype == np.float64 else None
            wanted = np.bincount(values, given, **options)
            assert same(mine, wanted.astype(mine.dtype))
    assert [v.dtype.name for v in found] == ["int64", "float64"]


def test_weights_keep_short_floats_and_have_derivatives(compiled: Callable[..., Any]) -> None:
    x, w, u = T.lvector("x"), T.fvector("w"), T.bvector("u")
    total = T.bincount(x, w)
    f = compiled([x, w, u], [total, T.grad((total * T.sqr(total)).sum(), w), T.bincount(x, u)])
    total, gradient, whole = f([1, 0, 1], np.array([1, 2, 3], "f"), np.array([100, 100, 100], "b"))
    assert same(total, np.array([2, 4], "f"))
    assert same(gradient, np.array([48, 12, 48], "f"))
    assert same(whole, np.array([100.0, 200.0]))


def test_as_many_counts_as_a_call_says(compiled: Callable[..., Any]) -> None:
    x, n = T.bvector("x"), T.iscalar("n")
    f = compiled([x, n], T.bincount(x, minlength=n))
    for number in (-3, 0, 2, 5):
        np.testing.assert_array_equal(
            f([1, 1], number), np.bincount([1, 1], minlength=max(number, 0))
        )
    with pytest.raises(DTypeError, match="minlength is a scalar of integers"):
        T.bincount(x, minlength=T.dscalar("m"))


def test_negative_numbers_are_not_counted(compiled: Callable[..., Any]) -> None:
    x = T.lvector("x")
    f = compiled([x], T.bincount(x, assert_nonneg=True))
    with pytest.raises(CountError, match=r"KG-I009.*has -2") as caught:
        f([3, -2])
    assert isinstance(caught.value, ValueError)
    with pytest.raises(ValueError, match="KG-I009"):
        f([-1])


def test_weights_are_as_many_as_numbers(compiled: Callable[..., Any]) -> None:
    x, w = T.lvector("x"), T.dvector("w")
    with pytest.raises(ValueError, match="KG-S"):
        compiled([x, w], T.bincount(x, w))([1, 2], [1.0])


def test_what_is_counted_is_a_vector_of_integers() -> None:
    for x in (T.dvector("x"), T.lmatrix("x"), T.lscalar("x")):
        with pytest.raises(DTypeError, match="bincount takes a vector of integers, not x"):
            T.bincount(x)
    with pytest.raises(DTypeError, match="the weights of bincount are a vector, not w"):
        T.bincount(T.lvector("x"), T.dmatrix("w"))
    with pytest.raises(OptionError, match="minlength"):
        T.bincount(T.lvector("x"), minlength=-1)
