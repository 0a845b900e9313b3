"""Numbers that say something of matrices, beside NumPy's, and what is no argument."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ShapeError, SingularMatrixError
from kernelgraph.ops import contraction
from kernelgraph.ops.matrix_measures import cond, eigvals, matrix_rank, multi_dot, svdvals

RNG = np.random.default_rng(6)
STACK = np.stack([RNG.normal(size=(3, 3)), np.ones((3, 3)), np.diag([1.0, 2.0, 0.1])])


@pytest.mark.parametrize("way", ["interpret", "c"])
def test_measures_are_numpys(way: str) -> None:
    a, bounds = T.dtensor3("a"), np.array([0.01, 0.2, 0.2])
    outs = [svdvals(a), matrix_rank(a), matrix_rank(a, 0.2), matrix_rank(a, rtol=bounds)]
    outs += [matrix_rank(a[0, 0]), matrix_rank(a[0, :, :2]), cond(a[::2]), cond(a[::2], -2)]
    outs += [cond(a[0], order) for order in (1, -np.inf, "fro", "nuc")]
    L, s = np.linalg, STACK
    rights: list[Any] = [L.svd(s)[1], L.matrix_rank(s), L.matrix_rank(s, 0.2)]
    rights += [L.matrix_rank(s, rtol=bounds), np.int64(1), L.matrix_rank(s[0, :, :2])]
    rights += [L.cond(s[::2]), L.cond(s[::2], -2)]
    rights += [L.cond(s[0], order) for order in (1, -np.inf, "fro", "nuc")]
    for found, right in zip(kg.function([a], outs, target=way)(s), rights, strict=True):
        assert found.dtype == right.dtype
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)
    values = kg.function([a], eigvals(a), target="interpret")(s)
    np.testing.assert_allclose(abs(values), abs(L.eigvals(s)), atol=1e-12)


def test_other_dtypes() -> None:
    for dtype in ("float32", "int64", "complex64"):
        a = T.matrix("a", dtype)
        value = np.array([[1, 2], [2, 4]], dtype)
        assert int(kg.function([a], matrix_rank(a), target="interpret")(value)) == 1
        assert (
            kg.function([a], svdvals(a), target="interpret")(value).dtype
            == np.linalg.svd(value)[1].dtype
        )


def test_a_long_product_is_computed_in_the_best_order() -> None:
    sizes = [(10, 100), (100, 5), (5, 50)]
    a, b, c = (T.tensor("float64", shape, name) for shape, name in zip(sizes, "abc", strict=True))
    made: Any = multi_dot([a, b, c])
    assert [v.tensor_type.shape for v in made.owner.inputs] == [(10, 5), (5, 50)]
    values = [RNG.normal(size=shape) for shape in sizes]
    found = kg.function([a, b, c], made, target="interpret")(*values)
    np.testing.assert_allclose(found, np.linalg.multi_dot(values))
    m, v = T.dmatrix("m"), T.dvector("v")
    unknown: Any = multi_dot([v, m, m, v])
    assert isinstance(unknown.owner.op, contraction.Dot)
    x = STACK[0]
    found = kg.function([m, v], unknown, target="interpret")(x, x[0])
    np.testing.assert_allclose(found, np.linalg.multi_dot([x[0], x, x, x[0]]))


def test_derivatives() -> None:
    a = T.dtensor3("a")
    assert T.verify_grad(lambda a: cond(a).sum(), [STACK[::2]], rng=RNG) is None
    assert T.verify_grad(lambda a: multi_dot([a[0], a[2], a[0]]).sum(), [STACK], rng=RNG) is None
    slope = T.grad((a.sum() * matrix_rank(a)).sum(), a)
    np.testing.assert_array_equal(
        kg.function([a], slope, target="interpret")(STACK), np.full((3, 3, 3), 7.0)
    )


def test_what_is_no_argument() -> None:
    a = T.dmatrix("a")
    with pytest.raises(ArgumentError, match="not both"):
        matrix_rank(a, 1e-3, rtol=1e-3)
    with pytest.raises(ArgumentError, match="two matrices or more"):
        multi_dot([a])
    with pytest.raises(ShapeError, match="a vector first or last"):
        multi_dot([a, T.dvector("v"), a])
    with pytest.raises(SingularMatrixError):
        kg.function([a], cond(a, 1), target="interpret")(np.ones((2, 2)))
