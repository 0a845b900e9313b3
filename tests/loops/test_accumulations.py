"""Folds as statements: states start, take elements, end."""

from __future__ import annotations

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from tests.loops.lowered import lines
from tests.support import TARGETS

v, u, x = T.dvector("v"), T.dvector("u"), T.dmatrix("x")


def test_a_state_starts_before_the_loop_and_ends_after_it() -> None:
    found = lines([v], v.sum())
    loop = found.index("for i < v_n0")
    assert found[loop - 1] == "sum_total: float64 ← 0"
    assert found[loop + 1 : loop + 3] == [
        "sum_total ← sum_total + v[i]",
        "v_sum: float64 = sum_total",
    ]


def test_a_product_of_vectors_is_a_fold_of_products() -> None:
    found = lines([v, u], T.dot(v, u))
    assert "dot_total: float64 ← 0" in found
    assert "dot_total ← dot_total + (v[i] * u[i])" in found


def test_a_sum_takes_numbers_in_the_dtype_in_which_it_adds() -> None:
    f, b = T.fvector("f"), T.bvector("b")
    assert "sum_total ← sum_total + to_float64(f[i])" in lines([f], f.sum())
    assert "sum_total ← sum_total + to_int64(b[i])" in lines([b], b.sum())


def test_sums_along_columns_are_added_where_the_result_goes() -> None:
    found = lines([x], x.sum(axis=0))
    assert "v_sum[i] ← 0" in found
    assert "v_sum[i] ← v_sum[i] + x[j, i]" in found


def test_several_states_along_columns_have_memory_each() -> None:
    found = lines([x], x.argmax(axis=0))
    for name in ("max_and_argmax_best: float64[x_n1]", "max_and_argmax_where: int64[x_n1]"):
        assert f"allocate {name}" in found


def test_a_fold_of_one_element_has_no_loop() -> None:
    row = T.drow("row")
    found = lines([row], row.sum(axis=0))
    assert found.count("for i < row_n1") == 1
    assert not any(line.startswith("for j") for line in found)


@pytest.mark.parametrize("target", TARGETS)
def test_they_compute_what_numpy_does(target: str) -> None:
    outputs = [x.argmax(axis=0), x.sum(axis=0), T.dot(x, x[0]), x.max(), x.min(axis=1)]
    f = kg.function([x], outputs, target=target)
    data = np.array([[1.0, 5.0, -2.0], [4.0, 0.0, -2.0]])
    expected = [
        data.argmax(axis=0), data.sum(axis=0), data @ data[0], data.max(), data.min(axis=1),
    ]  # fmt: skip
    for found, wanted in zip(f(data), expected, strict=True):
        assert np.array_equal(found, wanted)
