"""Blocks of rows: the same numbers as row by row, whatever the number of rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from kernelgraph.loops import ir
from kernelgraph.loops.walks import nested
from kernelgraph.mapping import lanes
from kernelgraph.mapping.rows import ROWS, block_rows

SIZES = (0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 5)


def scores(x: Variable, w: Variable) -> list[Variable]:
    return [T.dot(x, w)]


def squashed(x: Variable, w: Variable) -> list[Variable]:
    p = T.sigmoid(T.dot(x, w))
    return [p, p > 0.5]


def gradient(x: Variable, w: Variable) -> list[Variable]:
    cost = T.log(1 + T.exp(T.dot(x, w))).sum()
    return [cost, T.grad(cost, w)]


def labels(x: Variable, w: Variable) -> list[Variable]:
    z = T.dot(x, w)
    return [z.argmax(), z.max(), T.cast(z > 0, "int64").sum()]


def distances(x: Variable, w: Variable) -> list[Variable]:
    return [((x - w) ** 2).sum(axis=1), T.maximum(x, w).max(axis=1)]


def heavy(x: Variable, w: Variable) -> list[Variable]:
    """Rows in turn: with another state in the same loop, and with a choice."""
    terms = T.exp(x) * w
    return [terms.sum(axis=1), terms.max(axis=1), (T.maximum(x, w) * x).sum(axis=1)]


PROGRAMS = [heavy, scores, squashed, gradient, labels, distances]


def blocks(f: Any) -> list[ir.For]:
    kernels = f.stages.program.kernels
    found = (item for kernel in kernels for item in nested(kernel.body))
    return [item for item in found if isinstance(item, ir.For) and item.step == ROWS]


@pytest.mark.parametrize("make", PROGRAMS)
def test_a_block_is_made(make: Any) -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    assert blocks(kg.function([x, w], make(x, w), target="c"))


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("make", PROGRAMS)
def test_every_row_is_served(make: Any, rows: int) -> None:
    if make is labels and rows == 0:
        pytest.skip("nothing has no largest element")
    rng = np.random.default_rng(rows)
    a, b = rng.normal(size=(rows, 19)), rng.normal(size=19)
    x, w = T.dmatrix("x"), T.dvector("w")
    compiled = kg.function([x, w], make(x, w), target="c")(a, b)
    meant = kg.function([x, w], make(x, w), target="interpret")(a, b)
    for found, expected in zip(compiled, meant, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("make", PROGRAMS)
def test_blocks_change_no_bit(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(3 * ROWS + 5, 37)), rng.normal(size=37)
    x, w = T.dmatrix("x"), T.dvector("w")
    blocked = kg.function([x, w], make(x, w), target="c")
    row_by_row = lambda loop, _: replace(loop, body=block_rows(loop).rest or loop.body)  # noqa: E731
    monkeypatch.setattr(lanes, "block_rows", row_by_row)
    plain = kg.function([x, w], make(x, w), target="c")
    assert not blocks(plain)
    for found, expected in zip(blocked(a, b), plain(a, b), strict=True):
        assert np.array_equal(found, expected)


def test_rows_that_share_a_state_are_left_alone() -> None:
    """One total of all elements, beside totals of columns that alone would be worth a block."""
    x = T.dmatrix("x")
    f = kg.function([x], [x.sum(), x.sum(axis=0)], target="c")
    a = np.random.default_rng(2).normal(size=(33, 17))
    np.testing.assert_allclose(f(a)[0], a.sum(), rtol=1e-12)
    np.testing.assert_allclose(f(a)[1], a.sum(axis=0), rtol=1e-12)


def test_rows_that_need_the_row_before_are_left_alone() -> None:
    """A running total along the rows: row 1 waits for row 0."""
    x, start = T.dmatrix("x"), T.dvector("start")
    totals, _ = kg.scan(lambda row, total: total + row, sequences=[x], outputs_info=[start])
    f = kg.function([x, start], totals, target="c")
    assert not blocks(f)
    a = np.arange(60.0).reshape(20, 3)
    assert np.array_equal(f(a, np.zeros(3)), a.cumsum(axis=0))


@pytest.mark.parametrize("dtype", ["int64", "complex128"])
def test_an_index_and_what_is_read_by_it_stay_beside_the_check(dtype: str) -> None:
    """Elements that are no floats, in the order that sorts them, beside pairs of all of them."""
    x = T.tensor(dtype, (None,), "x")
    f = kg.function([x], [T.unique(x), T.lt(x, x[:, None])], target="c")
    assert blocks(f)
    a: Any = (np.arange(19.0) % 7).astype(dtype)
    found = f(a)
    assert np.array_equal(found[0], np.unique(a))
    assert np.array_equal(found[1], a < a[:, None])
