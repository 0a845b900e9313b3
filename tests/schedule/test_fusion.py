"""Plans: what shares a loop, what cannot, which dimensions are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.schedule.dims import Dims


def kernels(inputs: list[Any], outputs: Any) -> int:
    return len(kg.function(inputs, outputs).stages.schedule.kernels)


Make = Callable[[Any, Any], Any]
TOGETHER: list[tuple[str, Make]] = [
    ("a chain", lambda x, v: T.exp(x * 2) + 1),
    ("a chain and its sum", lambda x, v: T.exp(x).sum()),
    ("two results", lambda x, v: [x + 1, x * 2]),
    ("a reduction, then what uses it row by row", lambda x, v: x / x.sum(axis=1, keepdims=True)),
    ("a softmax", lambda x, v: T.softmax(x)),
    ("mean and variance", lambda x, v: [x.mean(axis=1), x.var(axis=1)]),
    ("a product with a vector, and its scores", lambda x, v: T.sigmoid(T.dot(x, v)) > 0.5),
    ("a product and its gradient", lambda x, v: T.grad(T.exp(T.dot(x, v)).sum(), v)),
    ("a transpose costs no loop", lambda x, v: T.exp(x.T) + 1),
    ("a part costs no loop", lambda x, v: x[1:, ::2] * 2),
]


@pytest.mark.parametrize(("why", "make"), TOGETHER, ids=[why for why, _ in TOGETHER])
def test_one_kernel(why: str, make: Make) -> None:
    x, v = T.dmatrix("x"), T.dvector("v")
    outputs = make(x, v)
    f = kg.function([x, v], outputs, on_unused_input="ignore")
    assert len(f.stages.schedule.kernels) == 1, f"{why}:\n{f.stages.schedule}"


def test_the_sums_of_a_square_share_its_loops() -> None:
    """Its rows and columns are one dimension, and yet two loops."""
    x = T.dmatrix("x")
    f = kg.function([x], T.exp(x + x.T).sum(axis=1))
    assert str(f.stages.schedule).count("for ") == 2


def test_a_python_op_stands_between_kernels() -> None:
    @kg.as_op(T.dvector, T.dvector)
    def there_and_back(value: Any) -> Any:
        return value

    x = T.dvector("x")
    assert kernels([x], T.exp(there_and_back(T.exp(x)))) == 2


def test_a_loop_waits_for_a_size_that_only_a_call_tells() -> None:
    """The sums need nothing of the second call but how long its result is."""

    @kg.as_op(T.dvector, T.dvector)
    def once_more(value: Any) -> Any:
        return np.concatenate([value, value])

    x = T.dvector("x")
    longer = once_more(x)
    longest = once_more(once_more(x))
    sums = longer.dimshuffle(0, "x") + T.zeros_like(longest).dimshuffle("x", 0)
    f = kg.function([x], [T.exp(longer), sums])
    found, table = f(np.zeros(3))
    assert found.tolist() == [1.0] * 6
    assert table.shape == (6, 12)
    assert not table.any()


def test_every_decision_has_a_reason_and_a_line() -> None:
    x = T.dmatrix("x")
    f = kg.function([x], T.exp(x).sum(axis=1))
    decisions = f.stages.schedule.decisions
    assert decisions
    for decision in decisions:
        assert str(decision)


# -------------------------------------------------------------------------------------- dimensions


def test_operands_of_a_sum_share_their_dimensions() -> None:
    x, y = T.dvectors("x", "y")
    dims = Dims(kg.Graph((x, y), (x + y,)))
    assert dims.of(x, 0) is dims.of(y, 0)


def test_a_product_joins_the_inner_dimensions() -> None:
    a, b = T.dmatrices("a", "b")
    c = T.dot(a, b)
    dims = Dims(kg.Graph((a, b), (c,)))
    assert dims.of(a, 1) is dims.of(b, 0)
    assert dims.of(c, 0) is dims.of(a, 0)
    assert dims.of(c, 1) is dims.of(b, 1)
    assert dims.of(a, 0) is not dims.of(a, 1)


def test_a_transpose_swaps_them() -> None:
    a = T.dmatrix("a")
    t = a.T
    dims = Dims(kg.Graph((a,), (t,)))
    assert (dims.of(t, 0), dims.of(t, 1)) == (dims.of(a, 1), dims.of(a, 0))


def test_a_declared_one_joins_nothing() -> None:
    row, x = T.drow("row"), T.dmatrix("x")
    dims = Dims(kg.Graph((row, x), (row + x,)))
    assert dims.of(row, 0) is not dims.of(x, 0)
    assert dims.of(row, 1) is dims.of(x, 1)
    assert dims.of(row, 0).size == 1


def test_a_size_that_is_known_is_known_everywhere() -> None:
    x, y = T.tensor("float64", (3,), "x"), T.dvector("y")
    dims = Dims(kg.Graph((x, y), (x + y,)))
    assert dims.of(y, 0).size == 3


def test_an_unrolled_recurrence_is_a_few_kernels() -> None:
    x, w = T.dvector("x"), T.dvector("w")
    state: Any = 0.0
    for k in range(40):
        state = w[0] * state + w[1] * x[k]
    f = kg.function([x, w], [state, T.grad(state, w)])
    program = f.stages.program
    assert len(program.kernels) <= 6
    value, weights = np.linspace(-1, 1, 40), np.array([0.9, 0.5])
    powers = weights[0] ** np.arange(39, -1, -1.0)
    found = f(value, weights)
    np.testing.assert_allclose(found[0], weights[1] * (powers * value).sum(), rtol=1e-13)
    np.testing.assert_allclose(found[1][1], (powers * value).sum(), rtol=1e-13)
