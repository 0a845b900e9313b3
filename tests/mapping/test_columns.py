"""Sums of many columns at once: in blocks of rows, with the same bits in C and in Python, and an
error that does not grow with the number of rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.mapping.columns import BLOCK, all_blocks, is_whole, whole_block
from kernelgraph.mapping.sums import GROUP, LEVELS

LENGTHS = [0, 1, 7, 8, 63, 64, 65, 127, 128, 511, 512, 513, 1024, 1030, 1536, 2125]


def in_order(x: Any) -> Any:
    """The sum of the rows, as `columns.py` says it."""
    sums, blocks = np.zeros(x.shape[1:], x.dtype), np.empty((LEVELS + 1, *x.shape[1:]), x.dtype)
    for k, row in enumerate(x):
        sums = sums + row
        if is_whole(k + 1, k, len(x)):
            whole_block(sums, blocks, k + 1)
    all_blocks(sums, blocks, len(x))
    return sums


@pytest.fixture(scope="module", params=["c", "python"])
def target(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_order_of_additions(target: str, dtype: str) -> None:
    """Of sums, and of products with a vector, which add up in their own dtype."""
    x, w = T.TensorType(dtype, (None, None))("x"), T.TensorType(dtype, (None,))("w")
    f = kg.function([x, w], [x.sum(axis=0), T.dot(w, x)], target=target)
    random = np.random.default_rng(5)
    for rows in LENGTHS:
        for columns in (1, 3, 20):
            a = random.normal(size=(rows, columns)).astype(dtype)
            b = random.normal(size=rows).astype(dtype)
            total, product = f(a, b)
            np.testing.assert_array_equal(total, in_order(a.astype("float64")).astype(dtype))
            np.testing.assert_array_equal(product, in_order(b[:, None] * a))


def test_loops_over_rows_inside_of_others() -> None:
    """Rows of rows: blocks go on from one loop to the next, and are looked at alike."""
    x = T.TensorType("float64", (None,) * 3)("x")
    c, python = (
        kg.function([x], [x.sum(axis=(0, 1)), T.exp(x[0]).sum(axis=0)], target=target)
        for target in ("c", "python")
    )
    random = np.random.default_rng(8)
    for outer, inner in ((1, 70), (3, 20), (30, 40), (7, 129), (200, 3), (100, 8), (2, 600)):
        a = random.normal(size=(outer, inner, 4))
        np.testing.assert_array_equal(c(a)[0], python(a)[0])
        np.testing.assert_allclose(c(a)[0], a.sum(axis=(0, 1)), rtol=1e-11, atol=1e-12)


def test_rows_in_blocks_of_eight_add_in_the_same_order(target: str) -> None:
    """The gradient of least squares reads each row once, eight rows an iteration."""
    x, w, y = T.dmatrix("x"), T.dvector("w"), T.dvector("y")
    gradient = T.grad(((T.dot(x, w) - y) ** 2).sum(), w)
    f = kg.function([x, w, y], gradient, target=target)
    random = np.random.default_rng(6)
    for rows in LENGTHS:
        a, b, c = random.normal(size=(rows, 24)), np.zeros(24), random.normal(size=rows)
        np.testing.assert_array_equal(f(a, b, c), in_order((2 * (0 - c))[:, None] * a))


def test_the_error_does_not_grow(target: str) -> None:
    x = T.dmatrix("x")
    f = kg.function([x], x.sum(axis=0), target=target)
    count = 2 ** (12 if target == "python" else 22)
    for number in (0.1, 1 / 3):
        (got,) = f(np.full((count, 1), number))
        assert abs(got / (number * count) - 1) <= 2 * np.log2(count) * 2.0**-53


def test_numbers_that_are_none_stay_what_they_are(target: str) -> None:
    x = T.dmatrix("x")
    f = kg.function([x], x.sum(axis=0), target=target)
    for rows in (63, 64, 512, 600):
        a = np.zeros((rows, 4))
        a[:, 0], a[rows // 2, 1], a[3, 2], a[rows - 1, 3] = -0.0, np.nan, np.inf, -np.inf
        got = f(a)
        assert got[0] == 0
        assert not np.signbit(got[0])
        assert np.isnan(got[1])
        assert got[2] == np.inf
        assert got[3] == -np.inf


def test_the_last_level_takes_all_that_comes() -> None:
    """2**32 rows would fill all levels: pairs of numbers stand for that many."""
    sums, blocks = np.zeros(1), np.zeros((LEVELS + 1, 1))
    rows = BLOCK * GROUP * 2 ** (LEVELS - 1)
    for part in (1, 2, 3):
        blocks[:] = 0 if part == 1 else blocks
        sums[:] = 1.0
        for level in range(1, LEVELS):
            blocks[level] = 0
        blocks[0] = 0
        whole_block(sums, blocks, part * rows)
    all_blocks(sums, blocks, 3 * rows)
    assert sums[0] == 3.0
