"""Windows and diagonals against NumPy, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, AxisError, KernelgraphError, ShapeError

X = np.arange(60.0).reshape(3, 4, 5)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [(2, None), ((2, 3), None), ((3, 2), (1, 0)), (1, 0), ((2, 2, 2), None), (4, -2)],
)
def test_windows_as_numpy_has_them(shape: Any, axis: Any) -> None:
    axes = axis
    if axis is None:
        axes = tuple(range(3 - np.size(shape), 3))
    wanted = np.lib.stride_tricks.sliding_window_view(X, shape, axes)
    x = T.TensorType("float64", (None,) * 3)("x")
    f = kg.function([x], T.windows(x, shape, axis=axis), target="python")
    np.testing.assert_array_equal(f(X), wanted)


@pytest.mark.parametrize("step", [1, 2, 3, (2, 3)])
def test_windows_apart(step: Any) -> None:
    wanted = np.lib.stride_tricks.sliding_window_view(X, (2, 2), (1, 2))
    rows, columns = step if isinstance(step, tuple) else (step, step)
    x = T.TensorType("float64", (None,) * 3)("x")
    f = kg.function([x], T.windows(x, (2, 2), step=step), target="python")
    np.testing.assert_array_equal(f(X), wanted[:, ::rows, ::columns])


@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (1, 2), (2, 0), (-1, -2)])
@pytest.mark.parametrize("offset", [0, 1, -2, 9, -9])
def test_diagonals_as_numpy_has_them(offset: int, axes: tuple[int, int]) -> None:
    x = T.TensorType("float64", (None,) * 3)("x")
    f = kg.function([x], T.diagonal(x, offset, *axes), target="python")
    np.testing.assert_array_equal(f(X), np.diagonal(X, offset, *axes))


def test_declared_sizes_are_known() -> None:
    x = T.TensorType("float64", (7, 5))("x")
    assert T.windows(x, (3, 2), step=2).tensor_type.shape == (3, 2, 3, 2)
    assert T.windows(x, 9, axis=1).tensor_type.shape == (7, 0, 9)


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (lambda x: T.windows(x, 0), ArgumentError),
        (lambda x: T.windows(x, -1), ArgumentError),
        (lambda x: T.windows(x, 2.5), ArgumentError),
        (lambda x: T.windows(x, None), ArgumentError),
        (lambda x: T.windows(x, "a"), ArgumentError),
        (lambda x: T.windows(x, 2, step=0), ArgumentError),
        (lambda x: T.windows(x, (2, 2), step=(1, 1, 1)), ArgumentError),
        (lambda x: T.windows(x, (2, 2, 2)), AxisError),
        (lambda x: T.windows(x, (2, 2), axis=(0, 0)), AxisError),
        (lambda x: T.windows(x, 2, axis=5), AxisError),
        (lambda x: T.windows(x, 2, axis="a"), AxisError),
        (lambda x: T.windows(x, (2, 2), axis=0), AxisError),
        (lambda x: T.diagonal(x, 0.5), ArgumentError),
        (lambda x: T.diagonal(x, None), ArgumentError),
        (lambda x: T.diagonal(x, 0, 1, 1), AxisError),
        (lambda x: T.diagonal(x, 0, 0, 7), AxisError),
        (lambda x: T.diagonal(x[0]), ShapeError),
    ],
)
def test_what_is_refused(build: Any, kind: type[KernelgraphError]) -> None:
    with pytest.raises(kind) as caught:
        build(T.dmatrix("x"))
    assert "test_strided.py" in str(caught.value)
