"""What the benchmarks compare computes the same, or the comparison means nothing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import calls, elementwise, networks
from benchmarks.timing import Row

TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("dtype", elementwise.DTYPES)
@pytest.mark.parametrize("formula", elementwise.FORMULAS, ids=lambda formula: formula.name)
def test_formulas_agree_with_numpy(formula: elementwise.Formula, dtype: str) -> None:
    a, b = elementwise.operands(1000, dtype)
    found = elementwise.compiled(formula, dtype)(a, b)
    expected = formula.build(np, a, b)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE[dtype])


def test_a_network_learns_the_same() -> None:
    data, targets, weights = networks.start(7, (5, 4, 3))
    ours, theirs = networks.compiled_step(weights), networks.numpy_step(weights)
    for _ in range(20):
        np.testing.assert_allclose(ours(data, targets), theirs(data, targets), rtol=1e-12)


def test_a_regression_learns_the_same() -> None:
    rng = np.random.default_rng(0)
    data, labels, start = rng.normal(size=(9, 4)), np.arange(9) % 2.0, rng.normal(size=4)
    ours, theirs = calls.compiled_step(start), calls.numpy_step(start)
    for _ in range(20):
        for found, expected in zip(ours(data, labels), theirs(data, labels), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Row("call", 2.5e-7, None, "wanted"), "250 ns"),
        (Row("step", 6e-5, 1.2e-4), "0.50"),
        (Row("start", 0.25), "250 ms"),
        (Row("long", 2.0), "2 s"),
    ],
)
def test_a_row_shows_units_and_ratios(row: Row, text: str) -> None:
    assert text in str(row)
