"""What arrays of users may be and do: read-only, overlapping, the same twice, changed afterwards,
of other sizes at each call, too large for any machine. The numbers H-… are those of the project's
catalogue of hostile cases.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError, OutOfMemoryError, ShapeError
from tests.support import TARGETS


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target."""

    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build


def test_h33_a_read_only_array_is_read_and_left_alone(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    total = kg.shared(np.zeros(3), "total")
    f = compiled([kg.In(x)], T.set_subtensor(x[0], 7.0), updates=[(total, total + x)])
    value = np.arange(3.0)
    value.flags.writeable = False
    assert f(value).tolist() == [7, 1, 2]
    assert value.tolist() == [0, 1, 2]
    total.set_value(value, borrow=True)
    f(value)
    assert value.tolist() == [0, 1, 2]
    assert total.get_value().tolist() == [0, 2, 4]


def test_h34_one_array_for_two_inputs(compiled: Callable[..., Any]) -> None:
    x, y = T.dvectors("x", "y")
    state = kg.shared(np.zeros(3), "state", borrow=True)
    outputs = [T.set_subtensor(x[1], 9.0), y * 2, x + y]
    f = compiled([x, y], outputs, updates=[(state, T.inc_subtensor(x[0], y[2]))])
    value = np.arange(3.0)
    assert [out.tolist() for out in f(value, value)] == [[0, 9, 2], [0, 2, 4], [0, 2, 4]]
    assert state.get_value().tolist() == [2, 1, 2]
    assert value.tolist() == [0, 1, 2]
    state.set_value(value, borrow=True)
    read = compiled([x], state * 10 + x, updates=[(state, x)])
    assert read(value).tolist() == [0, 11, 22]


@pytest.mark.parametrize("step", [1, -1, 2])
def test_h35_overlapping_views_of_one_buffer(step: int, compiled: Callable[..., Any]) -> None:
    x, y = T.dvectors("x", "y")
    f = compiled([x, y], [x + y, T.concatenate([x, y]), x[::-1] - y])
    buffer = np.arange(12.0)
    a, b = buffer[1:9:step] if step > 0 else buffer[9:1:step], buffer[2 : 10 : step or 1]
    b = b[: len(a)] if step > 0 else buffer[10:2:step]
    expected = [a + b, np.concatenate([a, b]), a[::-1] - b]
    for found, wanted in zip(f(a, b), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert buffer.tolist() == list(range(12))


def test_h37_results_are_the_callers_own(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    state = kg.shared(np.ones(3), "state")
    constant = T.constant([5.0, 6.0])
    f = compiled([x], [x, x[1:], state, constant, x.dimshuffle("x", 0)], updates=[(state, state)])
    value = np.arange(3.0)
    first = f(value)
    for out in first:
        out[...] = -1
    assert [out.tolist() for out in f(value)] == [[0, 1, 2], [1, 2], [1] * 3, [5, 6], [[0, 1, 2]]]
    assert value.tolist() == [0, 1, 2]


def test_h38_a_result_that_is_kept_does_not_change(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    state = kg.shared(np.zeros(4), "state")
    f = compiled([x], [x * 2, state], updates=[(state, state + x)])
    kept = [f(np.full(4, float(k))) for k in range(5)]
    assert [out[0].tolist() for out in kept] == [[2.0 * k] * 4 for k in range(5)]
    assert [out[1].tolist() for out in kept] == [
        [0.0] * 4,
        [0.0] * 4,
        [1.0] * 4,
        [3.0] * 4,
        [6.0] * 4,
    ]


def test_h39_one_variable_with_two_updates() -> None:
    a, b = kg.shared(1.0, "a"), kg.shared(2.0, "b")
    with pytest.raises(GraphError, match=r"KG-G006.*a .* has two updates"):
        kg.function([], updates=[(a, a + 1), (a, b)])


def test_h40_updates_that_need_each_other(compiled: Callable[..., Any]) -> None:
    a, b, c = (kg.shared(np.full(3, float(k)), name) for k, name in enumerate("abc"))
    f = compiled([], [a], updates=[(a, b), (b, c), (c, a)])
    f()
    assert [v.get_value()[0] for v in (a, b, c)] == [1, 2, 0]
    g = compiled([], updates=[(a, T.set_subtensor(b[0], c[0])), (b, T.inc_subtensor(a[1:], b[:2]))])
    g()
    assert a.get_value().tolist() == [0, 2, 2]
    assert b.get_value().tolist() == [1, 3, 3]


def test_h41_more_than_any_machine_has(compiled: Callable[..., Any]) -> None:
    n, x = T.lscalar("n"), T.dvector("x")
    f = compiled([n, x], T.alloc(x[0], n, n))
    for size in (9 * 2**20, 2**33, 2**62):
        with pytest.raises(OutOfMemoryError, match="no memory for") as caught:
            f(size, np.zeros(1))
        assert "f = compiled([n, x], T.alloc(x[0], n, n))" in str(caught.value)
    with pytest.raises(ShapeError):
        f(-1, np.zeros(1))
    assert f(2, np.ones(1)).tolist() == [[1, 1], [1, 1]]


def test_h42_other_sizes_at_each_call(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], [T.exp(x).sum(axis=0), T.dot(x, x.T), x[::2]])
    rng = np.random.default_rng(1)
    for rows, columns in [(3, 4), (0, 2), (1, 1), (40, 3), (3, 0), (2, 130), (3, 4)]:
        value = rng.normal(size=(rows, columns))
        sums, products, part = f(value)
        np.testing.assert_allclose(sums, np.exp(value).sum(axis=0), rtol=1e-13)
        np.testing.assert_allclose(products, value @ value.T, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(part, value[::2])


def test_h47_an_array_cannot_be_resized_while_it_is_read(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], T.tanh(x).sum())
    refused: list[bool] = []
    for _ in range(20):
        value = np.ones(20_000)

        def resize(value: Any = value) -> None:
            try:
                value.resize(1, refcheck=True)
            except ValueError:
                refused.append(True)

        thread = threading.Thread(target=resize)
        thread.start()
        found = float(f(value))
        thread.join()
        assert found == pytest.approx(20_000 * np.tanh(1.0))
    assert refused
