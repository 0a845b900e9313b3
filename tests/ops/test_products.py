"""Products along axes, and their derivatives where elements are 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T

AXES: list[Any] = [None, 0, 2, -2, (0, 2), (1, 0), [0, 1, 2], ()]
ZEROS = np.array([[[1.0, 2], [0, 3], [4, 5]], [[0, 0], [1, 3], [2, 2]]])
"""Products of it have no 0, one or several, by axis."""


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_a_product_is_that_of_numpy(compiled: Callable[..., Any], dtype: str) -> None:
    x, values = T.TensorType(dtype, (None,) * 3)("x"), (ZEROS * 3).astype(dtype)
    axes = AXES if dtype == "int8" else AXES[1:5:2]
    cases = [(axis, keep) for axis in axes for keep in (False, True)]
    f = compiled([x], [T.prod(x, axis=axis, keepdims=keep) for axis, keep in cases])
    for (axis, keep), found in zip(cases, f(values), strict=True):
        along = tuple(axis) if isinstance(axis, list) else axis
        wanted = np.prod(values, axis=along, keepdims=keep)
        np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == "float32" else 1e-15)
        assert found.dtype == wanted.dtype


def test_the_product_of_nothing_is_one(compiled: Callable[..., Any]) -> None:
    x = T.bmatrix("x")
    found = compiled([x], [T.prod(x), T.prod(x, axis=0), T.prod(x, axis=1)])(np.zeros((0, 2), "b"))
    for mine, wanted in zip(found, [1, [1, 1], []], strict=True):
        np.testing.assert_array_equal(mine, np.array(wanted, "int64"))


def test_long_products_wrap_and_overflow_as_those_of_numpy(compiled: Callable[..., Any]) -> None:
    x, v = T.lvector("x"), T.fvector("v")
    f = compiled([x, v], [T.prod(x), T.prod(v)])
    numbers = np.arange(1, 100)
    whole, real = f(numbers, np.full(100, 1e3, "float32"))
    assert whole == np.prod(numbers)
    assert real == np.inf
    assert f([1], np.array([1e30, 1e30, 1e-30], "f"))[1] == np.float32(1e30)  # in float64


def weighted(fold: Callable[..., Any], axis: Any) -> Callable[[Any], Any]:
    shape = np.prod(ZEROS, axis=axis).shape
    weights = np.sin(1 + np.arange(12.0))[: int(np.prod(shape))].reshape(shape)
    return lambda x: (fold(x, axis) * weights).sum()


@pytest.mark.parametrize("axis", [None, 2, (2, 0)], ids=repr)
def test_derivatives_where_elements_are_zero(compiled: Callable[..., Any], axis: Any) -> None:
    """First and second ones: of no zero, one, and several."""
    x, v = T.tensor3("x"), T.tensor3("v")
    gradient = T.grad(weighted(T.prod, axis)(x), x)
    second = T.grad((gradient * v).sum(), x)
    along = np.cos(np.arange(12.0)).reshape(2, 3, 2)
    first, hessian = compiled([x, v], [gradient, second])(ZEROS, along)

    def exact(at: Any) -> Any:
        found = np.zeros_like(at)
        for place in np.ndindex(at.shape):
            moved = at + 0j
            moved[place] += 1e-30j
            found[place] = weighted(np.prod, axis)(moved).imag / 1e-30
        return found

    np.testing.assert_allclose(first, exact(ZEROS), rtol=1e-13, atol=1e-13)
    near = (exact(ZEROS + 1e-4 * along) - exact(ZEROS - 1e-4 * along)) / 2e-4
    np.testing.assert_allclose(hessian, near, rtol=1e-6, atol=1e-5)


def test_a_promise_that_no_element_is_zero() -> None:
    x = T.dmatrix("x")
    f = kg.function(
        [x], T.grad(T.prod(x, axis=1, no_zeros_in_input=True).sum(), x), target="python"
    )
    np.testing.assert_array_equal(f([[2, 4], [8, 1]]), [[4, 2], [1, 8]])
    text = kg.debugprint(T.grad(T.prod(x, axis=1, no_zeros_in_input=True).sum(), x), file="str")
    assert text is not None
    assert "true_div" in text
    with pytest.raises(TypeError, match="no_zeros_in_input must be True or False"):
        T.prod(x, no_zeros_in_input="yes")  # pyright: ignore[reportArgumentType]
