"""Lengths and angles of complex numbers, on all targets, and back."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.support import TARGETS

NUMBERS = np.array([1 + 1j, -2, 3j, -1 - 1e-8j, 0, complex(-0.0, 0.0), complex(np.inf, 1)])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["complex128", "complex64", "float64", "int32"])
def test_the_angle_is_that_of_numpy(dtype: str, target: str) -> None:
    z = T.tensor(dtype, (None,), "z")
    values = (NUMBERS if dtype.startswith("c") else np.array([3, -2, 0, 100])).astype(dtype)
    found = kg.function([z], T.angle(z), target=target)(values)
    expected = np.angle(values)
    np.testing.assert_allclose(found, expected, rtol=1e-6 if dtype == "complex64" else 1e-14)


@pytest.mark.parametrize("target", TARGETS)
def test_there_and_back(target: str) -> None:
    z = T.zvector("z")
    whole = NUMBERS[:4]
    f = kg.function([z], T.complex_from_polar(T.abs(z), T.angle(z)), target=target)
    np.testing.assert_allclose(f(whole), whole, rtol=1e-14, atol=1e-15)


def test_derivatives() -> None:
    r, theta = T.dvectors("r", "theta")
    z = T.complex_from_polar(r, theta)
    cost = (T.real(z) ** 2 + 3 * T.imag(z)).sum()
    f = kg.function([r, theta], kg.grad(cost, [r, theta]))
    a, b = np.array([0.5, 2.0]), np.array([0.25, -1.0])
    by_r, by_theta = f(a, b)
    np.testing.assert_allclose(by_r, 2 * a * np.cos(b) ** 2 + 3 * np.sin(b), rtol=1e-13)
    np.testing.assert_allclose(
        by_theta, -2 * a**2 * np.cos(b) * np.sin(b) + 3 * a * np.cos(b), rtol=1e-13
    )
    w = T.zvector("w")
    (slope,) = kg.grad(T.angle(w).sum(), [w])
    found = kg.function([w], slope)(np.array([1 + 0j, 2j]))
    np.testing.assert_allclose(found, [1j, -0.5], rtol=1e-13, atol=1e-15)
