from collections.abc import Callable

import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Variable
from kernelgraph.ops.python import as_op
from kernelgraph.types import TensorType
from kernelgraph.viz.gradients.local_rules import local_rule

x, y = T.dscalar("x"), T.dscalar("y")
v, m = T.dvector("v"), T.dmatrix("m")


@pytest.mark.parametrize(
    ("result", "rule"),
    [
        (T.sin(x), "d sin(u) = cos(u) du"),
        (T.cos(x), "d cos(u) = -sin(u) du"),
        (x * y, "d(u * v) = v du + u dv"),
        (x * x, "d(u * v) = v du + u dv"),
        (x - y, "d(u - v) = du - dv"),
        (2 * x, "d(2 * u) = 2 du"),
        (1 - v, "d(1 - u) = -du"),
        (x / y, "d(u / v) = (1 / v) du - (u / v / v) dv"),
        (T.dot(m, v), "d dot(u, v) = dot(du, v) + dot(u, dv)"),
        (v.sum(), "d sum(u) = sum(du)"),
        (x**2, "d(u ** 2) = 2 * u du"),
        (v[1:], "d u[1:] = du[1:]"),
        (m[:, 0], "d u[:, 0] = du[:, 0]"),
        (T.tanh(x), "d tanh(u) = (1 - sqr(tanh(u))) du"),
    ],
    ids=str,
)
def test_rules_are_those_of_the_textbook(result: Variable, rule: str) -> None:
    assert result.owner is not None
    assert local_rule(result.owner) == rule


def test_an_op_that_has_no_forward_derivative_says_whose_it_is() -> None:
    kind = TensorType("float64", ())
    node = as_op([kind], [kind])(lambda value: value)(x).owner
    assert local_rule(node) == "the derivative that the op brings along"


def test_names_of_users_do_not_get_into_a_rule(
    hostile: str, tensor: Callable[..., Variable]
) -> None:
    node = T.sin(tensor(hostile)).owner
    assert node is not None
    assert local_rule(node) == "d sin(u) = cos(u) du"
