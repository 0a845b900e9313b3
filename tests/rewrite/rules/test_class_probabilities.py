"""Cross-entropy of class numbers, however it is written, for scores of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.rewrite.rules.far import OPPOSITE
from tests.rewrite.support import value

SCORES = np.array([[0, 1000.0], [3, 4], [800, 0], [-np.inf, 0], [5, 5]])
CLASSES = np.array([0, 1, 1, 1, -2], dtype="int32")

WRITTEN: dict[str, Callable[[Any, Any, Any], Any]] = {
    "mean": lambda x, y, rows: -T.log(T.softmax(x)[rows, y]).mean(),
    "sum": lambda x, y, rows: -T.log(T.softmax(x)[rows, y]).sum(),
    "weighted": lambda x, y, rows: -(T.log(T.softmax(x)[rows, y]) * T.exp(-0.1 * y)).sum(),
}


def first_the_logarithm(x: Any, y: Any, rows: Any, name: str) -> Any:
    """The same, written so that it was right all along."""
    logs = T.log_softmax(x)[rows, y]
    if name == "weighted":
        return -(logs * T.exp(-0.1 * y)).sum()
    return -logs.mean() if name == "mean" else -logs.sum()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", ["c", "python"])
@pytest.mark.parametrize("name", WRITTEN)
def test_the_logarithm_may_come_last(name: str, target: str, dtype: str) -> None:
    x, y = T.matrix("x", dtype=dtype), T.ivector("y")
    rows = T.arange(y.shape[0])
    results = []
    for cost in (WRITTEN[name](x, y, rows), first_the_logarithm(x, y, rows, name)):
        f = kg.function([x, y], [cost, T.grad(cost, x)], target=target)
        results.append(f(SCORES.astype(dtype), CLASSES))
        with np.errstate(invalid="ignore"):
            assert f(np.zeros((0, 3), dtype), CLASSES[:0])[1].shape == (0, 3)
    (cost, slope), (other_cost, other_slope) = results
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(cost, other_cost, rtol=tolerance)
    np.testing.assert_allclose(slope, other_slope, rtol=tolerance, atol=tolerance)
    assert np.isfinite(slope).all()


def test_other_masks_and_other_matrices_are_left_alone() -> None:
    x, other, y = T.dmatrix("x"), T.dmatrix("other"), T.ivector("y")
    total = T.switch(T.lt(x, 0), T.softmax(x), 0).sum(axis=1)
    chosen = other[T.arange(y.shape[0]), y]
    for expression in (T.log(total), T.log(chosen), T.log(T.softmax(x, axis=0)[T.arange(9), y])):
        f = kg.function([x, other, y], expression, on_unused_input="ignore")
        counts = f.stages.rewriting.counts()
        assert not {"log_of_picked", "derivative_of_picked"} & set(counts)


def test_a_class_that_is_not_there_is_an_error_still() -> None:
    x, y = T.dmatrix("x"), T.ivector("y")
    f = kg.function([x, y], T.log(T.softmax(x)[T.arange(y.shape[0]), y]))
    with pytest.raises(IndexError, match="index 2 is out of bounds for a dimension of size 2"):
        f(SCORES, np.array([0, 1, 0, 2, 0], dtype="int32"))


def test_parts_of_a_softmax() -> None:
    x = np.array(OPPOSITE)
    ratio = value(lambda a: T.log(T.softmax(a)[:, 0] / T.softmax(a)[:, 1]), x)
    np.testing.assert_array_equal(ratio, [2000.0, -2000.0])
    picked = value(lambda a: T.log(1 / T.softmax(a)[T.arange(2), np.array([1, 0])]), x)
    np.testing.assert_array_equal(picked, [2000.0, 2000.0])
    wide = np.array([[1000.0, -1000.0, -999.0], [-1000.0, 1000.0, 1000.0]])
    expected = [-1999.0 + np.log1p(np.exp(-1.0)), 0.0]
    sums: list[Callable[[Any], Any]] = [
        lambda a: T.log(T.softmax(a)[:, 1] + T.softmax(a)[:, 2]),
        lambda a: T.log(T.softmax(a)[:, 1:].sum(axis=1)),
    ]
    for total in sums:
        np.testing.assert_allclose(value(total, wide), expected, rtol=1e-15, atol=1e-300)


def test_a_part_of_a_softmax() -> None:
    x = [[800.0, 0.0, -80.0], [0.0, 0.0, 0.0]]
    found = value(lambda x: T.log(T.softmax(x)[:, 1]), x)
    np.testing.assert_allclose(found, [-800.0, -np.log(3)])
    assert value(lambda x: T.log(T.softmax(x))[0, 2], x) == -880.0


def test_the_slope_of_a_part_of_a_softmax() -> None:
    x = [[800.0, 0.0, -80.0], [0.0, 0.0, 0.0]]

    def slope(x: Any) -> Any:
        return T.grad(-3 * T.log(T.softmax(x)[:, 1]).sum(), x)

    np.testing.assert_allclose(value(slope, x), [[3, -3, 0], [1, -2, 1]], rtol=1e-15)
    one = value(lambda x: T.grad(T.log(T.softmax(x)[0, 2]), x), x)
    np.testing.assert_array_equal(one, [[-1, 0, 1], [0, 0, 0]])
    other = value(lambda x: T.grad((T.softmax(x)[:, 2] / T.softmax(x)[:, 1]).sum(), x), x[1:])
    np.testing.assert_allclose(other, [[0, -1, 1]], atol=1e-15)
