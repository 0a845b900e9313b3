"""Jacobians and Hessians against differences, and Hessians times vectors against Hessians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DisconnectedInputError, GradientError
from kernelgraph.ops.scan import Scan

x, A = T.dvector("x"), T.dmatrix("A")
VALUES = np.array([0.5, -1.25, 2.0]), np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]])


def differences(f: Callable[[Any], Any], at: Any, step: float = 1e-6) -> Any:
    base = np.asarray(f(at))
    found = np.zeros((*base.shape, *at.shape))
    for place in np.ndindex(*at.shape):
        moved = [np.array(at) for _ in range(2)]
        moved[0][place] += step
        moved[1][place] -= step
        found[(..., *place)] = (np.asarray(f(moved[0])) - np.asarray(f(moved[1]))) / (2 * step)
    return found


def running(y: Any) -> Any:
    return kg.scan(lambda s, a: T.tanh(a * s + 1), sequences=[y], outputs_info=[1.0])[0]


CASES: dict[str, Any] = {
    "number": T.exp(x).sum(), "vector": T.tanh(T.dot(A, x)), "matrix": T.outer(x, x) ** 2,
    "elementwise": x**3, "softmax": T.softmax(x), "loop": running(x), "part": x[1:] * x[0],
    "cube": T.outer(x, x).dimshuffle(0, 1, "x") * x, "itself": x,
    "choice": kg.ifelse(x[0] > 0, x * x, x), "norm": T.sqrt((x * x).sum()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_jacobian_has_the_axes_of_both(name: str) -> None:
    y = CASES[name]
    f = kg.function([x, A], y, on_unused_input="ignore", target="interpret")
    made = kg.jacobian(y, x)
    found = kg.function([x, A], made, on_unused_input="ignore", target="interpret")(*VALUES)
    np.testing.assert_allclose(found, differences(lambda v: f(v, VALUES[1]), VALUES[0]), atol=1e-6)


@pytest.mark.parametrize("target", ["interpret", "python", "c"])
def test_of_several_variables_on_every_target(target: str) -> None:
    y = T.tanh(T.dot(A, x))
    by_x, by_matrix = kg.jacobian(y, [x, A])
    first, second = kg.function([x, A], [by_x, by_matrix], target=target)(*VALUES)
    slope = 1 - np.tanh(VALUES[1] @ VALUES[0]) ** 2
    np.testing.assert_allclose(first, slope[:, None] * VALUES[1])
    wanted = slope[:, None, None] * np.eye(2)[:, :, None] * VALUES[0]
    np.testing.assert_allclose(second, wanted)


def test_there_is_no_loop() -> None:
    f = kg.function([x, A], kg.jacobian(T.tanh(T.dot(A, x)), x), target="interpret")
    assert not any(isinstance(node.op, Scan) for node in f.graph.apply_nodes())


def test_empty_arrays() -> None:
    assert kg.jacobian(x * x, x).eval({x: np.zeros(0)}).shape == (0, 0)


def test_the_form_of_the_result_and_its_arguments() -> None:
    y = x * T.sum(A)
    assert isinstance(kg.jacobian(y, (x, A)), tuple)
    assert isinstance(T.hessian(T.sum(y), [x]), list)
    with pytest.raises(DisconnectedInputError):
        kg.jacobian(x, [x, A])
    zeros = kg.jacobian(x, A, disconnected_inputs="ignore").eval({x: VALUES[0], A: VALUES[1]})
    np.testing.assert_array_equal(zeros, np.zeros((3, 2, 3)))
    held = kg.jacobian(x * (x * 2), x, consider_constant=[x * 2])
    assert held.eval({x: VALUES[0]}).shape == (3, 3)
    for wrong in (T.lvector("n"), 3):
        with pytest.raises(TypeError):
            kg.jacobian(wrong, x)


@pytest.mark.parametrize("cost", [T.exp(T.dot(A, x)).sum(), running(x).sum(), (x**4).sum() + x[0]])
def test_hessians(cost: Any) -> None:
    p = T.dvector("p")
    slope = kg.function([x, A], T.grad(cost, x), on_unused_input="ignore", target="interpret")
    made = [kg.hessian(cost, x), kg.hessian_vector_product(cost, x, p)]
    f = kg.function([x, A, p], made, on_unused_input="ignore", target="interpret")
    direction = np.array([1.0, -2.0, 0.5])
    hessian, product = f(*VALUES, direction)
    wanted = differences(lambda v: slope(v, VALUES[1]), VALUES[0])
    np.testing.assert_allclose(hessian, wanted, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(product, wanted @ direction, rtol=1e-5, atol=1e-5)


def test_a_product_with_the_hessian_of_several_variables() -> None:
    u, v, p, q = T.dvectors("u", "v", "p", "q")
    made = kg.hessian_vector_product((u * v * v).sum(), [u, v], [p, q])
    first, second = kg.function([u, v, p, q], made)([1.0], [3.0], [0.5], [2.0])
    np.testing.assert_allclose([first, second], [[12.0], [3.0 + 4.0]])


def test_a_hessian_of_an_array_is_refused() -> None:
    with pytest.raises(GradientError, match="must be a scalar"):
        kg.hessian(x, x)
