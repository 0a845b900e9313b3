"""Ops of users that say which derivatives they have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DisconnectedInputError, NullGradientError


class Mixed(kg.Op):
    """x + 0 * y + 0 * z, of which y has no derivative and z takes no part."""

    def make_node(self, *inputs: Any) -> kg.Apply:
        return kg.Apply(self, list(inputs), [inputs[0].type()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0] = np.array(inputs[0])

    def grad(self, inputs: Any, gradients: Any) -> Any:
        undefined = T.grad_undefined(self, 1, inputs[1], "it has steps")
        return [gradients[0], undefined, T.disconnected()]


x, y, z = T.dscalars("x", "y", "z")
out = Mixed()(x, y, z)


def test_each_operand_has_its_own() -> None:
    assert T.grad(out * 2, x).eval({}) == 2
    with pytest.raises(NullGradientError, match=r"operand 1, y .*does not exist: it has steps"):
        T.grad(out, y)
    with pytest.raises(DisconnectedInputError):
        T.grad(out, z)


def test_what_is_not_there_is_handed_over_and_spreads() -> None:
    null = T.grad(out + y, y, null_gradients="return")
    assert isinstance(null.type, T.NullType)
    inner = T.exp(x)
    null, there = T.grad(Mixed()(y, inner, z), [x, y], null_gradients="return")
    assert isinstance(null.type, T.NullType)
    assert there.eval({}) == 1
    assert str(null.type) == "null"


@pytest.mark.parametrize("form", ["disconnected", "Disconnected"])
def test_what_is_disconnected_may_be_said_by_a_symbol(form: str) -> None:
    options: Any = {"disconnected_inputs": "ignore", "return_disconnected": form}
    found = T.grad(out, z, **options)
    assert isinstance(found.type, T.DisconnectedType)
    assert str(found.type) == "disconnected"


def test_not_written_is_another_reason() -> None:
    kind: Any = T.grad_not_implemented(out.owner.op, 0, x).type
    assert "is not written" in kind.why


def test_an_op_without_any_derivative_is_null_too() -> None:
    plain = kg.as_op([x.type], [x.type])(lambda v: v)
    found = T.grad(plain(x), x, null_gradients="return")
    assert isinstance(found.type, T.NullType)
    with pytest.raises(NullGradientError, match="has no derivative"):
        T.grad(plain(x), x)


class Apart(Mixed):
    """Two results, x and 2 y, each of one operand alone, as a pattern says."""

    def make_node(self, *inputs: Any) -> kg.Apply:
        return kg.Apply(self, list(inputs), [v.type() for v in inputs])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        output_storage[0][0], output_storage[1][0] = np.array(inputs[0]), 2 * inputs[1]

    def grad(self, inputs: Any, gradients: Any) -> Any:
        return [gradients[0], gradients[1] * 2]

    def connection_pattern(self, node: Any) -> Any:
        return [[True, False], [False, True]]


def test_a_pattern_says_what_is_connected() -> None:
    first, second = Apart()(x, y)
    assert T.grad(first, x).eval({}) == 1
    with pytest.raises(DisconnectedInputError):
        T.grad(first, y)
    assert T.grad(first * 3 + second, y).eval({}) == 2


def test_tangents_without_a_forward_derivative() -> None:
    first, second = Apart()(x * x, y)
    one, other = T.Rop([first, second], [x, y], [T.constant(1.0), x])
    assert float(one.eval({x: 3.0})) == 6
    assert float(other.eval({x: 3.0})) == 6
