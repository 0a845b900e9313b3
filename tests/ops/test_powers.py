"""Powers where their derivatives have a special case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kernelgraph.tensor as T


@pytest.mark.parametrize("base", [0.0, 2.0])
def test_the_derivative_of_a_power_whose_computed_exponent_is_zero(
    base: float, compiled: Callable[..., Any]
) -> None:
    """x**0 is 1 everywhere, so its derivative is 0 at 0 too, where y * x**(y - 1) is no number."""
    x, z = T.dscalars("x", "z")
    assert compiled([x, z], T.grad(x ** (1 - z), x))(base, 1.0) == 0.0
