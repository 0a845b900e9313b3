"""Sums in a fixed tree: how far they are off, and that their bits depend on the length alone."""

from __future__ import annotations

import math
from contextlib import nullcontext
from functools import cache
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.mapping.sums import CHAIN, GROUP, LANES, in_a_tree

BLOCK = CHAIN * LANES
LENGTHS = (0, 1, 2, 15, 16, 17, 100, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK * GROUP - 1, BLOCK * GROUP,
           BLOCK * GROUP + 17, 3 * BLOCK * GROUP + 5)  # fmt: skip


def bound(numbers: Any, dtype: str = "float64") -> float:
    """The error that a sum may have: 2 log2(n) units of the sum of magnitudes, at least 2."""
    unit = float(np.finfo(dtype).eps) / 2
    return 2 * max(math.log2(max(len(numbers), 2)), 1) * unit * math.fsum(np.abs(numbers))


@cache
def sums(target: str) -> Any:
    """Sums of many kinds over the same length."""
    x, y, m = T.dvector("x"), T.dvector("y"), T.dmatrix("m")
    outputs = [
        x.sum(), T.dot(x, y), (x * y).sum(), x.mean(), (x**2).sum(), m.sum(axis=1),
        T.dot(m, x), (m.sum(axis=1) * m.sum(axis=1)).sum(), m.sum(),
    ]  # fmt: skip
    return kg.function([x, y, m], outputs, target=target)


def numbers(n: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.integers(-8, 8)
    kind = int(rng.integers(3))
    if kind == 0:
        return np.full(n, rng.uniform() * scale)
    wide = rng.normal(size=n) * 10.0 ** rng.uniform(-6, 6, size=n)
    return (rng.uniform(size=n) if kind == 1 else wide) * scale


@pytest.mark.parametrize("n", LENGTHS)
def test_errors_are_bounded_and_bits_the_same(n: int) -> None:
    for seed in range(4):
        x, y = numbers(n, 2 * seed), numbers(n, 2 * seed + 1)
        m = np.stack([x, y, x[::-1]])
        with nullcontext() if n else np.errstate(invalid="ignore"):  # the mean of nothing
            found = sums("c")(x, y, m)
        assert abs(found[0] - math.fsum(x)) <= bound(x)
        assert abs(found[1] - math.fsum(x * y)) <= bound(x * y)
        assert found[1] == found[2], "fused as plain"
        assert found[5][0] == found[0], "a row as a vector"
        np.testing.assert_allclose(found[8], math.fsum(m.ravel()), atol=bound(m.ravel()), rtol=0)
        if n:
            assert abs(found[3] * n - math.fsum(x)) <= bound(x) + abs(math.fsum(x)) * 2.3e-16
        if n < 5000 and seed < 2:
            with nullcontext() if n else np.errstate(invalid="ignore"):
                others = sums("python")(x, y, m)
            for mine, other in zip(found, others, strict=True):
                np.testing.assert_array_equal(mine, other)


def test_bits_do_not_depend_on_where_the_numbers_lie() -> None:
    x = T.dvector("x")
    f = kg.function([x], x.sum())
    value = np.random.default_rng(1).normal(size=5003)
    wanted = f(value)
    for step, start in ((1, 1), (3, 0), (-1, 0), (2, 5)):
        room = np.zeros(5003 * abs(step) + 8)
        part = room[start:][:: abs(step)][:5003]
        part = part[::-1] if step < 0 else part
        part[:] = value
        assert f(part) == wanted
    assert in_a_tree(0.0, list(value)) == wanted


def test_a_sum_and_a_dot_of_many() -> None:
    x, a = T.dvector("x"), T.fvector("a")
    n = 2**22
    total = kg.function([x], x.sum())(np.full(n, 0.1))
    exact = math.fsum([0.1]) * n
    assert abs(float(total) / exact - 1) <= 2 * 22 * 2.0**-53
    product = kg.function([a], T.dot(a, a))(np.full(n, 0.1, "float32"))
    assert abs(float(product) / (float(np.float32(0.1)) ** 2 * n) - 1) <= 2 * 22 * 2.0**-24


def test_a_loop_over_rows_adds_as_a_plain_one() -> None:
    x, t, w = T.dmatrix("x"), T.dvector("t"), T.dvector("w")
    p = 1 / (1 + T.exp(-T.dot(x, w)))
    cost = (-t * T.log(p) - (1 - t) * T.log(1 - p)).mean()
    alone, fused = kg.function([x, t, w], cost), kg.function([x, t, w], [cost, T.grad(cost, w)])
    rng = np.random.default_rng(2)
    for n in (1, 15, 16, 100, 511, 512, 5000):
        values = rng.normal(size=(n, 9)), (rng.uniform(size=n) < 0.5) * 1.0, rng.normal(size=9)
        assert fused(*values)[0] == alone(*values)


@pytest.mark.parametrize("n", [1, 15, 17, 511, 512, 513, 528, 1029, 4095, 4096, 4097, 8192, 16389])
def test_rows_in_blocks_and_rows_that_are_added_up(n: int) -> None:
    """A row's sum is that of a vector, in a block of rows or not; so is that of what rows give."""
    rng = np.random.default_rng(n)
    for shape in ((n, 3), (9, n)):
        x, w = rng.normal(size=shape), rng.normal(size=shape[1])
        products, rows, of_products, of_rows = rows_of_sums()(x, w)
        each = [in_a_tree(0.0, list(row)) for row in x]
        np.testing.assert_array_equal(rows, each)
        assert of_rows == in_a_tree(0.0, each)
        each = [in_a_tree(0.0, list(row * w)) for row in x]
        np.testing.assert_array_equal(products, each)
        assert of_products == in_a_tree(0.0, each)


@cache
def rows_of_sums() -> Any:
    x, w = T.dmatrix("x"), T.dvector("w")
    p = T.dot(x, w)
    return kg.function([x, w], [p, x.sum(axis=1), p.sum(), x.sum()], target="c")


def test_sums_over_a_size_of_one_inside_of_others() -> None:
    x, y = T.TensorType("float32", (None, 1))("x"), T.TensorType("float32", (1,))("y")
    p = T.dot(x, y)
    outputs = [T.grad((1 / T.expm1(p)).sum(), y), p, (x * y).sum(axis=1).sum()]
    values = np.linspace(1, 2, 700, dtype="float32")[:, None], np.array([0.7], "float32")
    wanted = kg.function([x, y], outputs, target="interpret")(*values)
    for target in ("c", "python"):
        for mine, right in zip(
            kg.function([x, y], outputs, target=target)(*values), wanted, strict=True
        ):
            np.testing.assert_allclose(mine, right, rtol=3e-6)


@pytest.mark.parametrize("n", [1, 15, 16, 33, 512, 528, 1100, 4096, 4609, 9000])
def test_rows_of_float32_and_rows_that_choose(n: int) -> None:
    """In a block of eight rows or left over; they are added in float64."""
    rng = np.random.default_rng(n)
    x, w = rng.normal(size=(19, n)).astype("float32"), rng.normal(size=n).astype("float32")
    products, chosen, squares, total = rows_of_other_kinds()(x, w)
    for found, numbers in (
        (products, x * w), (chosen, np.where(x > 0, w, x)), (squares, (x - w) ** 2),
    ):  # fmt: skip
        each = [in_a_tree(0.0, list(row)) for row in numbers.astype("float64")]
        np.testing.assert_array_equal(found, np.asarray(each, "float32"))
    assert total == np.float32(in_a_tree(0.0, list(products.astype("float64"))))


@cache
def rows_of_other_kinds() -> Any:
    x, w = T.fmatrix("x"), T.fvector("w")
    product = (x * w).sum(axis=1)
    chosen = T.switch(x > 0, w, x).sum(axis=1)
    squares = T.sqr(x - w).sum(axis=1)
    total = product.sum()
    return kg.function([x, w], [product, chosen, squares, total], target="c")
