"""Each elementwise function on each dtype: dtype and numbers are those of the strict reference."""

from __future__ import annotations

import inspect
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.array_api import elementwise
from kernelgraph.array_api.dtypes import ALL, INTEGRAL

FUNCTIONS = {name: getattr(xp, name) for name in elementwise.__all__}
ONE = [n for n, f in FUNCTIONS.items() if len(inspect.signature(f).parameters) == 1]
TWO = [n for n, f in FUNCTIONS.items() if len(inspect.signature(f).parameters) == 2]

NOT_COMPARED = {"pow": INTEGRAL, "round": ("bool",)}
"""Dtypes whose numbers are left to tests of their own, by function."""

INEXACT = ("logaddexp", "reciprocal")
"""Functions that are put together from others."""


IMAGINARY = strict.asarray([1j])


def samples(dtype: str) -> Any:
    """Numbers of a dtype among which are its special ones."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGRAL:
        limits = np.iinfo(dtype)
        return np.array([0, 1, 2, 3, 7, limits.max, limits.min], dtype=dtype)
    numbers = [0.0, -0.0, 1.0, -1.5, 0.5, 3.0, np.inf, -np.inf, np.nan]
    if dtype.startswith("complex"):
        return np.array([0, 1, 1j, 1 - 2j, -0.5 + 0.25j], dtype=dtype)
    return np.array(numbers, dtype=dtype)


def outcome(space: Any, name: str, *operands: Any) -> Any:
    """The result of a function, or TypeError for one that is refused."""
    try:
        with np.errstate(all="ignore"):
            return getattr(space, name)(*operands)
    except TypeError:
        return TypeError


def compare(name: str, found: Any, wanted: Any) -> None:
    if wanted is TypeError or found is TypeError:
        assert found is wanted, name
        return
    assert found.dtype.name == str(wanted.dtype).split(".")[-1]
    rtol = 1e-14 if found.dtype.name in ("float64", "complex128") else 1e-6
    exact = name not in INEXACT and found.dtype.name not in ("complex64", "complex128")
    value = np.asarray(wanted)
    with np.errstate(all="ignore"):
        computed = found.value
    np.testing.assert_allclose(computed, value, rtol=0 if exact else rtol, equal_nan=True)


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_one_array(name: str) -> None:
    for dtype in ALL:
        x = samples(dtype)
        wanted = outcome(strict, name, strict.asarray(x))
        compare(name, outcome(xp, name, xp.asarray(x)), wanted)


@pytest.mark.parametrize("name", TWO)
def test_a_function_of_two_arrays(name: str) -> None:
    """All pairs of numbers of each dtype; of different dtypes, what dtype they make."""
    for dtype in ALL:
        x = samples(dtype)
        y = x[(x >= 0) & (x < 8)] if "shift" in name else x
        if dtype in NOT_COMPARED.get(name, ()):
            x, y = x[:4], y[:4]
        wanted = outcome(strict, name, strict.asarray(x[:, None]), strict.asarray(y))
        compare(name, outcome(xp, name, xp.asarray(x[:, None]), xp.asarray(y)), wanted)


@pytest.mark.parametrize("name", TWO)
def test_dtypes_of_two_arrays(name: str) -> None:
    ours = {dtype: xp.zeros((2,), dtype=getattr(xp, dtype)) for dtype in ALL}
    theirs = {dtype: strict.ones((2,), dtype=getattr(strict, dtype)) for dtype in ALL}
    for one in ALL:
        for other in ALL:
            wanted = outcome(strict, name, theirs[one], theirs[other])
            found = outcome(xp, name, ours[one], ours[other])
            if wanted is TypeError:
                assert found is TypeError, (name, one, other)
            else:
                assert found is not TypeError, (name, one, other)
                assert f"array_api_strict.{found.dtype.name}" == repr(wanted.dtype)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("number", [True, 1, 0.5, 1j])
def test_dtypes_with_a_number(name: str, number: Any) -> None:
    for dtype in ALL:
        for order in (0, 1):
            pair = [xp.zeros((2,), dtype=getattr(xp, dtype)), number]
            other = [strict.ones((2,), dtype=getattr(strict, dtype)), number]
            found: Any = outcome(xp, name, *pair[:: 1 - 2 * order])
            wanted: Any = outcome(strict, name, *other[:: 1 - 2 * order])
            if number == 1j and outcome(strict, name, IMAGINARY, IMAGINARY) is TypeError:
                wanted = TypeError  # the reference forgets this for float arrays
            if wanted is TypeError:
                assert found is TypeError, (name, dtype, number)
            else:
                assert found is not TypeError, (name, dtype, number)
                assert f"array_api_strict.{found.dtype.name}" == repr(wanted.dtype)


def test_two_numbers_are_no_arrays() -> None:
    with pytest.raises(TypeError, match="KG-D002"):
        xp.add(1, 2)
    with pytest.raises(TypeError, match="KG-D002"):
        xp.add(xp.asarray(1.0), np.float64(2.0))
    with pytest.raises(TypeError, match="KG-D002"):
        xp.exp(np.ones(2))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("dtype", INTEGRAL)
def test_an_integer_that_does_not_fit_is_an_overflow(dtype: str) -> None:
    limits = np.iinfo(dtype)
    x = xp.ones((2,), dtype=getattr(xp, dtype))
    assert (x + 0).dtype == x.dtype
    for number in (limits.max + 1, limits.min - 1):
        with pytest.raises(OverflowError, match="KG-D005"):
            x.__add__(number)


def test_floats_that_are_too_large_are_infinite() -> None:
    assert np.isinf((xp.ones((1,), dtype=xp.float32) + 1e300).value[0])


def test_powers_of_integers() -> None:
    x, y = np.arange(-3, 4)[:, None], np.arange(4)
    np.testing.assert_array_equal(xp.pow(xp.asarray(x), xp.asarray(y)).value, x**y)
