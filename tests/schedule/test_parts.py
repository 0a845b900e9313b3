"""Parts of arrays inside kernels: slices and reshapes of what a kernel makes end no kernel, and
their transposes are stores and additions in kernels. interpret = python = C.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import IndexingError
from kernelgraph.function import Function
from kernelgraph.graph import Variable
from kernelgraph.loops import host

Build = Callable[..., Any]


def compiled(build: Build, types: Sequence[Any], wrt: int, target: str) -> Function:
    """The values of a formula, and the gradient of the sum of their squares."""
    inputs = [make(f"a{k}") for k, make in enumerate(types)]
    y = build(*inputs)
    cost = (y**2).sum()
    return kg.function(inputs, [y, T.grad(cost, inputs[wrt])], target=target)


def calls(actions: Sequence[host.Action]) -> int:
    """How many Python calls there are, each counted once."""
    found = 0
    for action in actions:
        match action:
            case host.Call():
                found += 1
            case host.If():
                found += calls(action.then) + calls(action.otherwise)
            case host.Repeat():
                found += calls(action.body)
            case _:
                pass
    return found


def kernels(f: Function) -> int:
    return len(f.stages.program.kernels)


V, M, L, N = T.dvector, T.dmatrix, T.lvector, T.lscalar
X7 = np.linspace(-1, 2, 7)
M43 = np.arange(12.0).reshape(4, 3) / 7

PARTS: dict[str, tuple[Build, list[Any], list[Any]]] = {
    "differences": (lambda x: (x * x)[1:] - (x * x)[:-1], [V], [X7]),
    "flip": (lambda x: (x * 2)[::-1] * x, [V], [X7]),
    "stride": (lambda x: T.exp(x)[1::3], [V], [X7]),
    "backwards": (lambda x: T.exp(x)[5:1:-2], [V], [X7]),
    "symbolic ends": (lambda x, n: T.exp(x)[n : n + 3], [V, N], [X7, 2]),
    "an end from the back": (lambda x, n: T.exp(x)[:n] + 1, [V, N], [X7, -2]),
    "one element": (lambda x: T.exp(x)[2] * x, [V], [X7]),
    "a row": (lambda x: T.tanh(x)[1] - T.tanh(x)[-1], [M], [M43]),
    "a column": (lambda x: T.tanh(x)[:, 0] + T.tanh(x)[:, 2], [M], [M43]),
    "a block": (lambda x: (x * x)[1:3, ::-1], [M], [M43]),
    "parts of parts": (lambda x: T.exp(x)[1:][:-1][::2], [V], [X7]),
    "reshaped": (lambda x: T.exp(x).reshape((3, 4)).sum(axis=0), [M], [M43]),
    "flat and cut": (lambda x: T.exp(x).flatten()[2:9], [M], [M43]),
    "nothing": (lambda x: T.exp(x)[3:3] * 2, [V], [X7]),
    "of nothing": (lambda x: T.exp(x)[1:], [V], [X7[:0]]),
    "a sum of parts": (lambda x: T.exp(x)[1:].sum() * x, [V], [X7]),
    "an end that is computed": (
        lambda x, k: T.exp(x)[: k.max()], [V, L], [X7, np.array([1, 4, 2])]
    ),
    "rows": (lambda x, i: T.tanh(x[i]), [M, L], [M43, np.array([0, 2, 2, -1, 3, 2])]),
    "rows of a table that is made": (
        lambda x, i: T.tanh(x * x)[i], [M, L], [M43, np.array([1, 1, -4])]
    ),
    "elements": (lambda x, i: x[i] * 3, [V, L], [X7, np.array([6, 6, 0, -1])]),
    "no rows": (lambda x, i: x[i], [M, L], [M43, np.zeros(0, "int64")]),
    "windows": (lambda x: T.exp(T.windows(x, 3)) * 2, [V], [X7]),
    "windows apart": (lambda x: T.windows(x * x, 2, step=3), [V], [X7]),
    "windows of a row": (lambda x: T.windows(x, 2, axis=1).sum(axis=2), [M], [M43]),
    "windows of a symbol's size": (lambda x, n: T.windows(x, n).sum(axis=1), [V, N], [X7, 4]),
    "windows longer than the axis": (lambda x: T.windows(x, 9) * 2, [V], [X7]),
    "the diagonal": (lambda x: T.tanh(T.diagonal(x * 2)), [M], [M43]),
    "another diagonal": (lambda x: T.diagonal(T.tanh(x), -1).sum() * x, [M], [M43]),
    "pooled": (lambda x: T.windows(x * x, (2, 1), step=(2, 1)).max(axis=(2, 3)), [M], [M43]),
    "convolved": (
        lambda x, w: (T.windows(x, (2, 2)) * w.dimshuffle("x", "x", 0, 1)).sum(axis=(2, 3)),
        [M, M], [M43, np.array([[1.0, -2], [0.5, 3]])]
    ),
    "joined": (lambda x, y: T.concatenate([T.exp(x), y * x[1:]]), [V, V], [X7, X7[1:]]),
    "joined columns": (lambda x: T.concatenate([x * x, x[:, :1]], axis=-1), [M], [M43]),
    "joined with nothing": (lambda x: T.concatenate([x[:0], T.exp(x), x[7:]]), [V], [X7]),
    "nothing joined": (lambda x: T.concatenate([x[:0] * 2, x[3:3]]), [V], [X7]),
    "joined again": (
        lambda x: T.concatenate([T.concatenate([x, x * 2]), T.exp(x), x[::-1]]), [V], [X7]
    ),
    "joined and cut": (lambda x: T.concatenate([x * 2, T.exp(x)])[3:11:2], [V], [X7]),
    "joined and summed": (lambda x: T.tanh(T.concatenate([x, x * x])).sum() * x, [V], [X7]),
    "joined to a known size": (
        lambda x: T.concatenate([x * 2, np.ones(3)]) * np.arange(10.0), [V], [X7]
    ),
    "a column of ones": (
        lambda x, w: T.dot(T.concatenate([x, T.ones_like(x[:, :1])], axis=1), w),
        [M, V], [M43, np.array([1.0, -2, 0.5, 3])]
    ),
    "stacked": (lambda x: T.stack([T.exp(x), x, x * x], axis=1), [V], [X7]),
    "stacked matrices": (lambda x: T.stack([T.exp(x), x])[:, 1:].sum(axis=0), [M], [M43]),
    "padded": (lambda x: T.pad(T.exp(x), (1, 2)), [V], [X7]),
    "padded by ones": (lambda x: T.pad(x * x, ((1, 0), (0, 2)), constant_values=1), [M], [M43]),
    "padded by a symbol's number": (lambda x, n: T.pad(T.exp(x), n) * 2, [M, N], [M43, 2]),
    "rolled": (lambda x: T.roll(T.exp(x), 3), [V], [X7]),
    "rolled by a symbol's number": (lambda x, n: T.roll(x, n, axis=1) * x, [M, N], [M43, -5]),
    "rolled all round": (lambda x: T.roll(T.exp(x), -5), [M], [M43]),
    "nothing rolled": (lambda x: T.roll(x[3:3], 2), [V], [X7]),
    "repeated": (lambda x: T.repeat(T.exp(x), 3, axis=0), [M], [M43]),
    "repeated in a row": (lambda x, n: T.repeat(T.exp(x), n), [M, N], [M43, 2]),
    "tiled": (lambda x: T.tile(T.exp(x), (2, 1, 3)), [M], [M43]),
    "tiled by a symbol's number": (lambda x, n: T.tile(T.exp(x), n), [V, N], [X7, 3]),
    "not even once": (lambda x: T.tile(T.exp(x), 0), [V], [X7]),
    "sliced, flipped, padded and joined": (
        lambda x: T.concatenate([T.pad(T.exp(x)[::-1][1:], (0, 2)), x[2:4], x * x]), [V], [X7]
    ),
    "set": (lambda x, y: T.set_subtensor(T.exp(x)[1:4], y * y), [V, V], [X7, X7[:3]]),
    "set backwards": (lambda x: T.set_subtensor((x * x)[::-2], T.exp(x)[:4]), [V], [X7]),
    "set one": (lambda x, n: T.set_subtensor(x[n], T.exp(x[0])), [V, N], [X7, -2]),
    "set a column": (lambda x: T.set_subtensor(T.exp(x)[:, 1], x[:, 0] * 2), [M], [M43]),
    "set to a number": (lambda x: T.set_subtensor((x * 2)[1:, ::2], 0.5) * x, [M], [M43]),
    "set nothing": (lambda x: T.set_subtensor(T.exp(x)[3:3], 1.0), [V], [X7]),
    "set rows": (
        lambda x, i: T.set_subtensor((x * 2)[i], x[:3] * x[1:]), [M, L], [M43, np.array([0, -1, 0])]
    ),
    "set again and again": (
        lambda x: T.inc_subtensor(T.set_subtensor(T.set_subtensor(x[0], 2.0)[1], x[2])[2:], x[:2]),
        [M], [M43]
    ),
    "set and still there": (
        lambda x: T.set_subtensor(T.exp(x)[1:3], 0.0) + T.exp(x) * T.set_subtensor(x[:1], 1.0),
        [V], [X7]
    ),
    "added to a part": (lambda x, y: T.inc_subtensor(T.exp(x)[1:4], y * y), [V, V], [X7, X7[:3]]),
    "added to rows": (
        lambda x, i: T.inc_subtensor((x * 2)[i], x[:3] * x[1:]), [M, L], [M43, np.array([0, -1, 0])]
    ),
    "set in what is joined": (
        lambda x: T.set_subtensor(T.concatenate([x, x * x])[5:9], T.exp(x)[:4]), [V], [X7]
    ),
    "rows by a matrix": (
        lambda x, i: x[i.reshape((2, 2))], [M, L], [M43, np.array([1, 1, 3, 0])]
    ),
}  # fmt: skip


@pytest.mark.parametrize("target", ["c", "python"])
@pytest.mark.parametrize("name", PARTS)
def test_values_and_gradients(name: str, target: str) -> None:
    build, types, values = PARTS[name]
    want = compiled(build, types, 0, "interpret")(*values)
    f = compiled(build, types, 0, target)
    for got, wanted in zip(f(*values), want, strict=True):
        assert got.dtype == wanted.dtype
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-15)
    assert calls(f.stages.program.actions) == 0
    assert kernels(f) <= 2 if "computed" not in name else 3


def test_differences_with_their_gradient_are_one_kernel() -> None:
    f = compiled(*PARTS["differences"][:2], 0, "c")
    assert kernels(f) == 1
    assert kernels(compiled(*PARTS["rows"][:2], 0, "c")) == 1


def test_a_convolution_with_both_gradients_is_one_kernel() -> None:
    x, w = T.dmatrix("x"), T.dmatrix("w")
    y = (T.windows(x, (3, 2)) * w.dimshuffle("x", "x", 0, 1)).sum(axis=(2, 3))
    outputs = [y, *T.grad((T.tanh(y) ** 2).sum(), [x, w])]
    values = [np.sin(np.arange(42.0)).reshape(6, 7), np.cos(np.arange(6.0)).reshape(3, 2)]
    wanted = kg.function([x, w], outputs, target="interpret")(*values)
    for target in ("c", "python"):
        f = kg.function([x, w], outputs, target=target)
        for got, want in zip(f(*values), wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
        assert kernels(f) == 1
        assert calls(f.stages.program.actions) == 0


def test_second_derivatives_through_windows() -> None:
    x = T.dvector("x")
    cost = T.exp(T.windows(x, 3).sum(axis=1)).sum()
    gradient = T.grad(cost, x)
    second = T.grad((gradient * np.arange(1.0, 6)).sum(), x)
    at = np.array([0.1, -0.2, 0.3, 0.4, -0.5])
    f = kg.function([x], [gradient, second], target="c")
    step = 1e-6
    slope = np.zeros(5)
    for k, e in enumerate(np.eye(5)):
        up, down = (f(at + sign * step * e)[0] @ np.arange(1.0, 6) for sign in (1, -1))
        slope[k] = (up - down) / (2 * step)
    np.testing.assert_allclose(f(at)[1], slope, rtol=1e-6)


def test_additions_come_in_the_order_of_the_index() -> None:
    """As NumPy's `add.at`: the same bits."""
    w, i = T.fvector("w"), T.lvector("i")
    g = T.fvector("g")
    gradient = T.grad((w[i] * g).sum(), w)
    random = np.random.default_rng(3)
    index = random.integers(0, 5, 400)
    numbers = random.normal(size=400).astype("float32") * 10.0 ** random.integers(-3, 4, 400)
    numbers = numbers.astype("float32")
    wanted = np.zeros(5, "float32")
    np.add.at(wanted, index, numbers)
    for target in ("c", "python", "interpret"):
        f = kg.function([w, i, g], gradient, target=target, on_unused_input="ignore")
        np.testing.assert_array_equal(f(np.ones(5, "float32"), index, numbers), wanted)


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_an_index_outside_is_an_error_at_the_line(target: str) -> None:
    x, i = T.dmatrix("x"), T.lvector("i")
    g = T.grad(T.tanh(x[i]).sum(), x)  # the line
    f = kg.function([x, i], g, target=target)
    with pytest.raises(IndexingError, match="index 4 is out of bounds") as caught:
        f(M43, [0, 4])
    assert "the line" in str(caught.value)


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_an_item_outside_is_an_error_at_the_line(target: str) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    y = T.exp(x)[n] * 2  # the line
    f = kg.function([x, n], [y, T.grad(y, x)], target=target)
    with pytest.raises(IndexingError, match="index 7 is out of bounds") as caught:
        f(X7, 7)
    assert "the line" in str(caught.value)


def recurrence(x: Variable, w: Variable) -> Variable:
    """Two states back, and a body that slices and takes."""

    def step(row: Any, before: Any, before_last: Any, table: Any) -> Any:
        taken = table[T.constant([2, 0, 1])]
        new = T.tanh(row + before[::-1] * 0.5 - before_last[T.constant([1, 2, 0])] * taken)
        return [new, before]

    (states, _), _ = kg.scan(step, sequences=x, outputs_info=[x[0], x[1]], non_sequences=w)
    return states


@pytest.mark.parametrize("target", ["c", "python"])
def test_no_python_call_in_a_loop_that_slices_and_takes(target: str) -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    states = recurrence(x, w)
    gradients = T.grad((states**2).sum(), [x, w])
    f = kg.function([x, w], [states, *gradients], target=target)
    wanted = kg.function([x, w], [states, *gradients], target="interpret")
    values = np.sin(np.arange(18.0)).reshape(6, 3), np.array([0.5, -1.0, 2.0])
    for got, want in zip(f(*values), wanted(*values), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert calls(f.stages.program.actions) == 0
