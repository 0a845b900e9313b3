"""Products under labels: their sizes, their errors at the user's line, and what is cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import target
from kernelgraph.errors import ShapeError
from kernelgraph.ops.labelled_products import BatchedDot, Einsum
from tests.support import TARGETS


def test_known_sizes_of_the_result() -> None:
    x, y = T.tensor("float32", (2, None, 3)), T.tensor("float64", (None, 3, 1))
    made = Einsum("abc,acd->abd")(x, y)
    assert (made.dtype, made.tensor_type.shape) == ("float64", (2, None, 1))
    assert BatchedDot()(x, y).tensor_type.shape == (2, None, 1)
    assert (
        Einsum("abc,cde->abde")(T.tensor("int8", (0, 2, 3)), T.tensor("int8", (3, 2, 2))).ndim == 4
    )


def test_sizes_that_meet_and_differ_are_an_error_at_the_users_line() -> None:
    x, y = T.dtensor3("x"), T.dtensor3("y")
    product = T.tensordot(x, y, [[1, 2], [1, 0]])  # this line
    for way in TARGETS:
        f = kg.function([x, y], product, target=way)
        with pytest.raises(ShapeError, match=r"multiply x[\s\S]*by y[\s\S]*# this line") as caught:
            f(np.ones((2, 3, 4)), np.ones((3, 4, 2)))  # as many elements are summed in both
        assert caught.value.code == "KG-S002"
        assert f(np.ones((2, 3, 4)), np.ones((4, 3, 2))).tolist() == [[12, 12], [12, 12]]
    with pytest.raises(ShapeError, match="sizes that meet differ: 3 along axis 1, 4 along axis 1"):
        T.tensordot(np.ones((2, 3, 4)), np.ones((3, 4, 2)), [[1, 2], [1, 0]])


def test_batches_are_multiplied_without_python(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = T.dtensor3("x"), T.dtensor3("y")
    f = kg.function([x, y], [T.batched_dot(x, y), T.einsum("bij,bkj->bki", x, x)], target="c")

    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(target, "computed", never)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 4, 5))
    for one in (a, np.asfortranarray(a)[:, ::1], np.repeat(a, 2, axis=0)[::2]):
        if one.strides[2] == 8:
            found = f(one, b)
            np.testing.assert_allclose(found[0], a @ b, rtol=1e-14)
            np.testing.assert_allclose(found[1], a @ a.mT, rtol=1e-14)


@pytest.mark.parametrize("shapes", [((0, 2, 3), (0, 3, 4)), ((2, 3, 0), (2, 0, 4))], ids=str)
def test_nothing_to_multiply(shapes: Any) -> None:
    x, y = T.dtensor3("x"), T.dtensor3("y")
    a, b = map(np.ones, shapes)
    for way in TARGETS:
        found = kg.function([x, y], T.batched_dot(x, y), target=way)(a, b)
        np.testing.assert_array_equal(found, a @ b)


def test_what_is_cut_off_meets_no_infinity() -> None:
    """As of products of matrices: 0 times the infinite derivative of a root counts as 0."""
    x, mask = T.dtensor3("x"), T.dtensor3("mask")
    product = T.batched_dot(T.log(x), T.switch(mask, T.log(x), 0.0))
    cost = T.switch(mask, product, 0.0).sum()
    (gradient,) = T.grad(cost, [x])
    tangent = T.Rop(T.switch(mask, product, 0.0), x, x)
    value, where = np.array([[[1.0, 0.0], [2.0, 3.0]]]), np.array([[[1.0, 0.0], [0.0, 0.0]]])
    for way in ("interpret", "c"):
        found = kg.function([x, mask], [gradient, tangent], target=way)(value, where)
        assert np.isfinite(found[0][0, 0, 0]), way
        np.testing.assert_array_equal(found[0][0, 1], [0, 0])
