"""Ops that are Python functions: `as_op`, and the Op subclass of Theano's users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, DTypeError, GradientError, ShapeError

Compiled = Callable[..., Any]


@pytest.fixture(params=["c", "python", "interpret"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def function(inputs: Any, outputs: Any, **options: Any) -> Any:
        return kg.function(inputs, outputs, target=request.param, **options)

    return function


calls: list[str] = []


@kg.as_op([T.dmatrix, T.dmatrix], T.dmatrix, infer_shape=lambda node, s: [s[0][:-1] + s[1][-1:]])
def product(a: Any, b: Any) -> Any:
    calls.append("product")
    return a @ b


def test_a_function_as_an_op(compiled: Compiled) -> None:
    a, b = T.dmatrices("a", "b")
    assert compiled([a, b], product(a, b) + 1)([[1, 2]], [[3], [4]]).tolist() == [[12.0]]


def test_a_shape_that_is_inferred_costs_no_call(compiled: Compiled) -> None:
    a, b = T.dmatrices("a", "b")
    f = compiled([a, b], product(a, b).shape)
    calls.clear()
    assert f(np.ones((2, 3)), np.ones((3, 5))).tolist() == [2, 5]
    assert calls == []


def test_an_inferred_shape_of_another_rank() -> None:
    @kg.as_op(T.dvector, T.dvector, infer_shape=lambda node, shapes: [()])
    def flat(x: Any) -> Any:
        return x

    with pytest.raises(ShapeError, match="infer_shape gives"):
        flat(T.dvector("x")).shape  # noqa: B018


def test_a_wrong_shape_harms_nobody(compiled: Compiled) -> None:
    """Memory depends on what the function returned, never on what it promised."""

    @kg.as_op(T.dvector, T.dvector, infer_shape=lambda node, shapes: [(1000,)])
    def short(x: Any) -> Any:
        return x[:1]

    x = T.dvector("x")
    assert compiled([x], short(x) * 2)([1.0, 2.0, 3.0]).tolist() == [2.0]


class Double(kg.Op):
    """Twice a number, as the tutorials write it."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> kg.Apply:
        (x,) = map(T.as_tensor_variable, inputs)
        return kg.Apply(self, [x], [x.type()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        (x,) = inputs
        output_storage[0][0] = x * 2

    def infer_shape(self, node: Any, shapes: Any) -> Any:
        return shapes

    def grad(self, inputs: Any, output_grads: Any) -> Any:
        return [output_grads[0] * 2]

    def R_op(self, inputs: Any, eval_points: Any) -> Any:
        return self.grad(inputs, eval_points)


class DoubleByOutputs(Double):
    """The same, with a gradient that may look at the outputs."""

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> Any:
        return [output_grads[0] * outputs[0] / inputs[0]]


@pytest.mark.parametrize("op", [Double(), DoubleByOutputs()])
def test_an_op_of_a_user(op: Any, compiled: Compiled) -> None:
    x = T.dmatrix("x")
    y = op(x)
    a = np.arange(1.0, 7.0).reshape(2, 3)
    value, shape = compiled([x], [y, y.shape])(a)
    assert value.tolist() == (2 * a).tolist()
    assert shape.tolist() == [2, 3]
    derivative = compiled([x], T.grad((y**2).sum(), x))(a)
    np.testing.assert_allclose(derivative, 8 * a)


def test_an_op_of_a_user_forward(compiled: Compiled) -> None:
    x = T.dvector("x")
    assert compiled([x], T.Rop(Double()(x), x, x))([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_equal_ops_are_one_node() -> None:
    x = T.dvector("x")
    f = kg.function([x], Double()(x) + Double()(x))
    assert sum(isinstance(node.op, Double) for node in f.stages.rewriting.graph.apply_nodes()) == 1


class Careless(Double):
    def grad(self, inputs: Any, output_grads: Any) -> Any:
        return []


def test_too_few_gradients() -> None:
    x = T.dvector("x")
    with pytest.raises(GradientError, match="returned 0 values for 1 operands"):
        T.grad(Careless()(x).sum(), x)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: product(T.dmatrix()), ArgumentError),
        (lambda: product(T.dmatrix(), T.fmatrix()), DTypeError),
        (lambda: kg.as_op(["float64"], [T.dmatrix])(lambda x: x), DTypeError),
    ],
)
def test_what_cannot_be_built(make: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        make()


def test_types_make_variables() -> None:
    v = T.TensorType("float64", (False, True))("v")
    assert (v.name, v.broadcastable) == ("v", (False, True))


@kg.as_op([T.dmatrix], T.dmatrix)
def lies_transposed(a: Any) -> Any:
    return np.asfortranarray(a * 2)


@pytest.mark.parametrize("layout", [np.asarray, np.transpose, np.flip])
def test_kernels_read_and_change_a_result_that_lies_otherwise(
    layout: Callable[[Any], Any], compiled: Compiled
) -> None:
    x, first = T.dmatrix("x"), T.lscalar("first")
    y, given = lies_transposed(x), layout(np.arange(9.0).reshape(3, 3))
    turned = kg.ifelse(first > 0, y, x.T + 1)
    outputs = [
        T.set_subtensor(y[0], 1.0), T.inc_subtensor(y[:, 1], T.exp(x[:, 0])), T.exp(y[:, 1:]),
        T.set_subtensor(turned[0], 7.0), lies_transposed(T.set_subtensor(y[0], 3.0)) + 1,
    ]  # fmt: skip
    doubled = given * 2
    one, two, five = doubled.copy(), doubled.copy(), doubled.copy()
    one[0], five[0] = 1, 3
    two[:, 1] += np.exp(given[:, 0])
    for choice in (0, 1):
        four = doubled.copy() if choice else given.T + 1
        four[0] = 7
        expected = [one, two, np.exp(doubled[:, 1:]), four, five * 2 + 1]
        for output, right in zip(outputs, expected, strict=True):
            f = compiled([x, first], output, on_unused_input="ignore")
            np.testing.assert_allclose(f(given, choice), right, rtol=1e-15)
