"""Values pass as they are; gradients are stopped, clipped or scaled; rewriting leaves nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DisconnectedInputError, GradientError, NullGradientError

x = T.dvector("x")
AT = np.array([0.5, -4.0, 3.0])

WRAPPERS: dict[str, tuple[Any, Any]] = {
    "zero_grad": (T.zero_grad, 0 * AT),
    "consider_constant": (T.consider_constant, 0 * AT),
    "grad_clip": (lambda v: T.grad_clip(v, -1, 2), np.clip(2 * AT, -1, 2)),
    "grad_scale": (lambda v: T.grad_scale(v, -3), -6 * AT),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_becomes_of_a_gradient(name: str) -> None:
    wrap, wanted = WRAPPERS[name]
    y = wrap(x) ** 2
    f = kg.function([x], [y, T.grad(y.sum(), x)])
    value, slope = f(AT)
    np.testing.assert_allclose(value, AT**2)
    np.testing.assert_allclose(slope, wanted)
    assert name not in str(f.stages.rewriting.graph), "nothing is left of it"
    assert name in str(f.graph)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtypes_stay(dtype: str) -> None:
    v = T.vector("v", dtype=dtype)
    for wrap, _ in WRAPPERS.values():
        assert wrap(v).dtype == T.grad((wrap(v) ** 2).sum(), v).dtype == dtype


def test_tangents_are_the_transpose_but_where_gradients_are_clipped() -> None:
    one = T.ones_like(x)
    found = {
        name: T.Rop(wrap(x) ** 2, x, one).eval({x: AT}) for name, (wrap, _) in WRAPPERS.items()
    }
    np.testing.assert_allclose(found["zero_grad"], 0 * AT)
    np.testing.assert_allclose(found["grad_scale"], -6 * AT)
    np.testing.assert_allclose(found["grad_clip"], 2 * AT)


def test_what_is_disconnected_is_not_zero() -> None:
    cost = T.disconnected_grad(x).sum()
    with pytest.raises(DisconnectedInputError):
        T.grad(cost, x)
    assert T.grad(cost, x, disconnected_inputs="ignore").eval({x: AT}).tolist() == [0, 0, 0]
    assert T.grad(cost + x[0], x).eval({x: AT}).tolist() == [1, 0, 0]
    assert T.grad(T.zero_grad(x).sum(), x).eval({x: AT}).tolist() == [0, 0, 0]


def test_what_is_undefined_is_an_error_for_those_who_ask() -> None:
    y = T.dvector("y")
    cost = (T.undefined_grad(x) * y).sum()
    with pytest.raises(NullGradientError, match="KG-G022"):
        T.grad(cost, x)
    with pytest.raises(GradientError, match="KG-G022"):
        T.Rop(cost, x, x)
    assert T.grad(cost, y).eval({x: AT, y: AT}).tolist() == AT.tolist()
    null, there = T.grad(cost, [x, y], null_gradients="return")
    assert isinstance(null.type, T.NullType)
    assert there.type == y.type


def test_numbers_are_numbers() -> None:
    wrong: Any
    for wrong in ("a", None, x):
        with pytest.raises(TypeError):
            T.grad_clip(x, wrong, 1)
        with pytest.raises(TypeError):
            T.grad_scale(x, wrong)
