"""Products of any rank: NumPy's results, and errors that name both operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, AxisError, ShapeError
from tests.support import TARGETS

Case = tuple[Callable[..., Any], Callable[..., Any], tuple[tuple[int, ...], ...]]


def along(axes: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return lambda x, y: T.tensordot(x, y, axes), lambda x, y: np.tensordot(x, y, axes)


def batches(form: str) -> Callable[..., Any]:
    return lambda x, y: np.einsum(form, x, y)


CASES: list[Case] = [
    *[(T.dot, np.dot, shapes) for shapes in (
        ((2, 3, 4), (6, 4, 5)), ((4,), (6, 4, 5)), ((3, 2, 4), (4,)), ((), (2, 3, 4)),
        ((2, 4), (3, 4, 5)),
    )],
    *[(T.matmul, np.matmul, shapes) for shapes in (
        ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((4,), (2, 4, 5)),
        ((2, 3, 4), (4,)), ((6, 2, 3, 4), (2, 4, 5)), ((3, 4), (4,)), ((4,), (4,)),
    )],
    (*along(2), ((2, 3, 4), (3, 4, 5))),
    (*along(0), ((2, 3), (4,))),
    (*along(1), ((2, 3), (3, 4))),
    (*along([[0, 2], [1, 0]]), ((2, 3, 4), (4, 2, 3))),
    (*along(([-1], [0])), ((2, 3, 4), (4, 2))),
    (*along((2, 0)), ((2, 3, 4), (4, 2))),
    (*along([[], []]), ((2,), (3,))),
    (*along(np.array([[1, 2], [0, 1]]).tolist()), ((2, 3, 4), (3, 4))),
    *[(T.inner, np.inner, shapes) for shapes in (((2, 3, 4), (5, 4)), ((3,), (3,)), ((), (3,)))],
    (T.vdot, np.vdot, ((2, 3), (3, 2))),
    (T.outer, np.outer, ((2, 3), (4,))),
    (T.outer, np.outer, ((), (4,))),
    *[(T.kron, np.kron, shapes) for shapes in (((2, 3), (4, 5)), ((3,), (4, 5)), ((), (2,)))],
    (T.trace, np.trace, ((3, 4),)),
    (lambda x: T.trace(x, 1, 1, 2), lambda x: np.trace(x, 1, 1, 2), ((3, 4, 5),)),
    (lambda x: T.trace(x, -2, -1, 0), lambda x: np.trace(x, -2, -1, 0), ((3, 4, 5),)),
    (T.batched_dot, batches("bij,bjk->bik"), ((3, 2, 4), (3, 4, 5))),
    (T.batched_dot, batches("bj,bjk->bk"), ((3, 4), (3, 4, 5))),
    (T.batched_dot, batches("bj,bj->b"), ((3, 4), (3, 4))),
    (T.batched_dot, batches("b,bj->bj"), ((3,), (3, 4))),
    (T.batched_dot, batches("bijk,bmkl->bijml"), ((3, 2, 2, 4), (3, 5, 4, 2))),
    (T.batched_tensordot, batches("bijk,bjkl->bil"), ((3, 2, 4, 5), (3, 4, 5, 6))),
    (lambda x, y: T.batched_tensordot(x, y, [[2], [1]]), batches("bij,bjk->bik"),
     ((3, 2, 4), (3, 4, 5))),
    (T.matrix_dot, lambda *ms: np.linalg.multi_dot(ms), ((2, 3), (3, 4), (4, 2))),
    (lambda x, y: x @ y, np.matmul, ((2, 3, 4), (2, 4, 5))),
    (lambda x, y: np.ones((2, 3)) @ x + 0 * y, lambda x, y: np.ones((2, 3)) @ x, ((3, 2), ())),
    (lambda x, y: x.dot(y), np.dot, ((2, 3, 4), (4,))),
    (np.tensordot, np.tensordot, ((2, 3, 4), (3, 4))),
]  # fmt: skip


@pytest.mark.parametrize(("way", "some"), [("interpret", CASES), ("c", CASES[::6])])
def test_all_are_numpys(way: str, some: list[Case]) -> None:
    rng = np.random.default_rng(0)
    inputs = [[T.tensor("float64", (None,) * len(s)) for s in shapes] for *_, shapes in some]
    outputs = [make(*xs) for (make, *_), xs in zip(some, inputs, strict=True)]
    values = [[rng.normal(size=shape) for shape in shapes] for *_, shapes in some]
    f = kg.function([x for xs in inputs for x in xs], outputs, target=way)
    found = f(*(v for vs in values for v in vs))
    for k, ((_, numpy, _), operands) in enumerate(zip(some, values, strict=True)):
        wanted = np.asarray(numpy(*operands))
        assert found[k].shape == wanted.shape, k
        np.testing.assert_allclose(found[k], wanted, rtol=1e-12, atol=1e-13, err_msg=f"{k}")


def test_derivatives() -> None:
    """Both modes give what a complex step gives."""
    rng = np.random.default_rng(1)
    for make, numpy, shapes in (case for case in CASES if case[1] not in (np.vdot, np.inner)):
        xs, ts = ([T.tensor("float64", (None,) * len(s)) for s in shapes] for _ in range(2))
        out = make(*xs)
        w = T.tensor("float64", (None,) * out.ndim)
        gradients = T.grad((out * w).sum(), xs, disconnected_inputs="ignore")
        back = sum((g * t).sum() for g, t in zip(gradients, ts, strict=True))
        f = kg.function([*xs, *ts, w], [(T.Rop(out, xs, ts) * w).sum(), back], target="interpret")
        values, steps = ([rng.normal(size=s) for s in shapes] for _ in range(2))
        moved = [v + 1e-30j * s for v, s in zip(values, steps, strict=True)]
        right = np.imag(numpy(*moved)) * 1e30
        weights = rng.normal(size=right.shape)
        found = f(*values, *steps, weights)
        np.testing.assert_allclose(found, (right * weights).sum(), rtol=1e-11, atol=1e-12)


def test_products_of_integers() -> None:
    x, y = T.tensor("int32", (None,) * 3), T.tensor("int64", (None,) * 3)
    rng = np.random.default_rng(0)
    a, b = rng.integers(-9, 9, (2, 3, 4), "int32"), rng.integers(-9, 9, (2, 4, 5))
    for way in TARGETS:
        found = kg.function([x, y], [T.matmul(x, y), T.kron(x, y)], target=way)(a, b)
        for result, wanted in zip(found, [a @ b, np.kron(a, b)], strict=True):
            assert result.dtype == wanted.dtype
            np.testing.assert_array_equal(result, wanted)


def test_what_cannot_be_multiplied() -> None:
    x, y = T.tensor("float64", (2, 3, 4), "x"), T.tensor("float64", (2, 5, 6), "y")
    for make in (T.dot, T.matmul, T.batched_dot, T.tensordot, T.inner):
        with pytest.raises(ShapeError, match=r"KG-S002.*cannot multiply x.* by y"):
            make(x, y)
    with pytest.raises(ShapeError, match=r"cannot multiply x.* by y"):
        T.dot(T.tensor("float64", (2, 3, 1), "x"), T.tensor("float64", (4,), "y"))
    for make in (T.matmul, T.batched_dot, T.batched_tensordot):
        with pytest.raises(ShapeError, match="KG-S002"):
            make(x, T.dscalar("s"))


@pytest.mark.parametrize(
    ("axes", "error"),
    [
        (4, ArgumentError), (-1, ArgumentError), (1.5, ArgumentError), ([[0]], ArgumentError),
        ([[0], [0, 1]], ArgumentError), ([[3], [0]], AxisError), ([[0, 0], [0, 1]], AxisError),
    ],
)  # fmt: skip
def test_axes_that_are_none(axes: Any, error: type[Exception]) -> None:
    x = T.dtensor3("x")
    with pytest.raises(error):
        T.tensordot(x, x, axes)


def test_batches_are_not_summed() -> None:
    x = T.dtensor3("x")
    with pytest.raises(ArgumentError, match="counts batches"):
        T.batched_tensordot(x, x, [[0], [1]])
    with pytest.raises(ArgumentError, match="matrix_dot of nothing"):
        T.matrix_dot()
