"""Powers with constant exponents: by products, and what NumPy says of every special number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

EXPONENTS: list[Any] = [2, 3, 4, 5, 7, 10, 16, 17, -1, -2, -3, 0.5, -0.5, 1.5, 3.0, np.float32(3)]
ODD = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 2.0, 3.0, -7.0, 1e155, -1e-155, 5e-324, 1e308]


def numbers(dtype: str) -> Any:
    rng = np.random.default_rng(4)
    near = rng.uniform(-4, 4, size=600) * 10.0 ** rng.uniform(-2, 2, size=600)
    with np.errstate(over="ignore", under="ignore"):
        return np.concatenate([near, ODD]).astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_powers_of_floats(dtype: str) -> None:
    x, value = T.TensorType(dtype, (None,))("x"), numbers(dtype)
    powers = [x**e for e in EXPONENTS]
    wanted = kg.function([x], powers, target="interpret")(value)
    for target in ("c", "python"):
        f = kg.function([x], powers, target=target)
        assert target != "c" or f.stages.source.text.count("power(x") <= 6
        for e, mine, right in zip(EXPONENTS, f(value), wanted, strict=True):
            assert mine.dtype == right.dtype
            plain = np.isfinite(right) & (np.abs(right) > np.finfo(right.dtype).tiny)
            np.testing.assert_array_equal(np.isnan(mine), np.isnan(right))
            inf_or_zero = np.isinf(right) | (right == 0)
            np.testing.assert_array_equal(mine[inf_or_zero], right[inf_or_zero], err_msg=str(e))
            signs = np.signbit(mine) == np.signbit(right)
            assert signs[~np.isnan(right)].all(), e
            units = np.abs(mine[plain] - right[plain]) / np.spacing(np.abs(right[plain]))
            assert units.max() <= max(abs(float(e)) * 0.75, 2), e


def test_exact_powers_are_exact() -> None:
    x = T.dvector("x")
    value = np.arange(-12.0, 13.0)
    found = kg.function([x], [x**n for n in range(2, 15)])(value)
    for n, power in zip(range(2, 15), found, strict=True):
        np.testing.assert_array_equal(power, [float(int(v) ** n) for v in value])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64", "int64"])
def test_powers_of_integers_wrap(dtype: str) -> None:
    x = T.TensorType(dtype, (None,))("x")
    powers = [x**e for e in (2, 3, 5, 10, 63, 64, 65)]
    value = np.arange(-9 if dtype[0] == "i" else 0, 10).astype(dtype)
    wanted = kg.function([x], powers, target="interpret")(value)
    for target in ("c", "python"):
        for mine, right in zip(kg.function([x], powers, target=target)(value), wanted, strict=True):
            assert mine.dtype == right.dtype
            np.testing.assert_array_equal(mine, right)


def test_exponents_that_are_repeated_or_of_another_dtype() -> None:
    x, i = T.fmatrix("x"), T.imatrix("i")
    three = T.constant(np.full((1, 1), 3.0))
    powers = [x**three, x ** np.float64(3), x ** np.int8(3), i**three, i**2.0, T.sqr(x) ** 3]
    values = np.array([[1.5, -2.0]], "float32"), np.array([[3, -4]], "int32")
    wanted = kg.function([x, i], powers, target="interpret")(*values)
    for mine, right in zip(kg.function([x, i], powers)(*values), wanted, strict=True):
        assert mine.dtype == right.dtype
        np.testing.assert_allclose(mine, right, rtol=3e-16 if mine.dtype == "float64" else 2e-7)
