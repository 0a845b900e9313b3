"""Gradients by Theano's options and names, and their check by differences."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DisconnectedInputError, GradientError

A, B = np.array([1.0, 2.0]), np.array([3.0, 5.0])


def value(inputs: list[Any], output: Any, *arguments: Any) -> Any:
    return kg.function(inputs, output, on_unused_input="ignore")(*arguments)


def test_what_is_considered_constant() -> None:
    x = T.dvector("x")
    square = x * x
    slope = T.grad((square * x).sum(), x, consider_constant=[square])
    np.testing.assert_allclose(value([x], slope, A), A**2)


def test_gradients_that_are_known() -> None:
    x = T.dvector("x")
    e = T.exp(x)
    slope = T.grad(None, x, known_grads=OrderedDict([(e, T.constant(B))]))
    np.testing.assert_allclose(value([x], slope, A), B * np.exp(A))


def test_a_known_gradient_joins_the_cost() -> None:
    x = T.dvector("x")
    e = T.exp(x)
    slope = T.grad(x.sum(), x, known_grads={e: T.ones_like(e)})
    np.testing.assert_allclose(value([x], slope, A), 1 + np.exp(A))


@pytest.mark.parametrize(("how", "expected"), [("zero", [0, 0]), ("none", None), ("None", None)])
def test_disconnected_inputs(how: str, expected: Any) -> None:
    x, y = T.dvectors("x", "y")
    slope = T.grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected=how)
    assert slope is None if expected is None else value([y], slope, A).tolist() == expected


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_gives_a_list(kind: Any) -> None:
    x, y = T.dvectors("x", "y")
    assert isinstance(T.grad((x * y).sum(), kind([x, y])), kind)


def test_names() -> None:
    x = T.dscalar("x")
    cost = x**2
    cost.name = "cost"
    assert T.grad(cost, x).name == "dcost/dx"
    assert T.grad(cost, x, add_names=False).name is None


@pytest.mark.parametrize(
    "options", [{"disconnected_inputs": "shout"}, {"return_disconnected": "one"}]
)
def test_options_that_are_not_there(options: Any) -> None:
    x = T.dscalar("x")
    with pytest.raises(GradientError, match="must be one of"):
        T.grad(x * x, x, **options)


def test_products_with_the_jacobian() -> None:
    x, v = T.dvectors("x", "v")
    m = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = T.dot(m, T.exp(x))
    jacobian = m * np.exp(A)
    np.testing.assert_allclose(value([x, v], T.Rop(y, x, v), A, B), jacobian @ B)
    left = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(value([x, v], T.Lop(y, x, v), A, left), left @ jacobian)


def test_a_product_with_nothing() -> None:
    x, y = T.dvectors("x", "y")
    with pytest.raises(DisconnectedInputError):
        T.Lop(x, y, x)
    assert value([x, y], T.Rop(x * 1, y, y), A, B).tolist() == [0, 0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_right_gradient_passes(dtype: str) -> None:
    point = [np.ones((2, 3), dtype), np.arange(3).astype(dtype)]
    T.verify_grad(lambda m, v: T.tanh(T.dot(m, v)), point)


class Wrong(kg.Op):
    """A square whose gradient forgets the two."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> kg.Apply:
        (x,) = map(T.as_tensor_variable, inputs)
        return kg.Apply(self, [x], [x.type()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = inputs[0] ** 2

    def grad(self, inputs: Any, output_grads: Any) -> Any:
        return [inputs[0] * output_grads[0]]


def test_a_wrong_gradient_is_found() -> None:
    with pytest.raises(GradientError, match=r"operand 0 is .* at \(0,\)"):
        T.verify_grad(Wrong(), [np.array([3.0, 1.0])])


def test_only_floats_can_be_checked() -> None:
    with pytest.raises(GradientError, match="needs floats, got int64"):
        T.verify_grad(lambda x: x * 2.0, [np.array([1])])


def test_a_long_way_back_in_pieces() -> None:
    x, w, v = T.dvector("x"), T.dvector("w"), T.dvector("v")
    hidden = T.tanh(x * w)
    cost = (hidden * v).sum() ** 2
    by_v, by_hidden = T.subgraph_grad([v], [hidden], cost=cost)
    by_w, by_x = T.subgraph_grad([w], [x], start={hidden: by_hidden[0]})
    wanted = T.grad(cost, [v, w, x])
    at = [[0.5, -1.0], [2.0, 0.25], [1.0, 3.0]]
    found = kg.function([x, w, v], [*by_v, *by_w, *by_x, *wanted])(*at)
    for one, other in zip(found[:3], found[3:], strict=True):
        np.testing.assert_allclose(one, other)


def test_what_is_known_and_a_cost_add_up() -> None:
    x = T.dvector("x")
    hidden = x * 2
    known = {hidden: T.ones_like(x)}
    found = T.subgraph_grad([x], [], start=known, cost=(x * x).sum(), details=True)
    parts = [found[0][0], found[2][0], found[3][0]]
    both, start, cost = kg.function([x], parts)([1.0, 3.0])
    np.testing.assert_allclose(both, start + cost)
    with pytest.raises(GradientError, match="a cost, or gradients"):
        T.subgraph_grad([x], [hidden])


def test_a_row_times_a_jacobian_may_hold_things_constant() -> None:
    x = T.dvector("x")
    held = T.exp(x)
    found = T.Lop(x * held, x, T.ones_like(x), consider_constant=[held])
    np.testing.assert_allclose(kg.function([x], found)([0.0, 1.0]), np.exp([0.0, 1.0]))
