"""Arrays joined, stacked, padded, rolled, repeated and tiled: NumPy's numbers and derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import (
    ArgumentError,
    AxisError,
    KernelgraphError,
    OptionError,
    ShapeError,
)
from kernelgraph.graph import Variable
from tests.schedule.test_parts import calls

TARGETS = ("interpret", "python", "c")
M23, M13 = np.arange(6.0).reshape(2, 3), np.array([[7.0, 8, 9]])
V4 = np.arange(4.0) + 1


def same(outputs: list[Variable], wanted: list[Any]) -> None:
    """Constant expressions have these values and dtypes on every target."""
    for target in TARGETS:
        for got, want in zip(kg.function([], outputs, target=target)(), wanted, strict=True):
            np.testing.assert_array_equal(got, want)
            assert got.dtype == want.dtype


def test_they_are_numpys() -> None:
    x, y, v = kg.shared(M23), kg.shared(M13), kg.shared(V4)
    outputs = [
        T.concatenate([x, y]), T.join(-1, x, x), T.stack([x, x], axis=1), T.stack(x, x),
        T.stack([v, v], -1), T.pad(x, 1), T.pad(x, (1, 2)), T.pad(v, (0, 3), constant_values=-1),
        T.pad(x, ((0, 1), (2, 0)), "constant", 5.5), T.roll(x, 1), T.roll(x, -4, axis=0),
        T.roll(v, 9), T.repeat(x, 2), T.repeat(x, 3, axis=1), T.tile(x, 2), T.tile(x, (2, 1, 3)),
        T.tile(v, ()), T.tile(x, (2,), ndim=3), T.repeat(v[1], 2), T.pad(x, 0),
    ]  # fmt: skip
    wanted = [
        np.concatenate([M23, M13]), np.concatenate([M23, M23], -1), np.stack([M23, M23], 1),
        np.stack([M23, M23]), np.stack([V4, V4], -1), np.pad(M23, 1), np.pad(M23, (1, 2)),
        np.pad(V4, (0, 3), constant_values=-1), np.pad(M23, ((0, 1), (2, 0)), constant_values=5.5),
        np.roll(M23, 1), np.roll(M23, -4, 0), np.roll(V4, 9), np.repeat(M23, 2),
        np.repeat(M23, 3, 1), np.tile(M23, 2), np.tile(M23, (2, 1, 3)), V4,
        np.tile(M23, (1, 1, 2)), np.repeat(2.0, 2), M23,
    ]  # fmt: skip
    same(outputs, wanted)


@pytest.mark.parametrize(
    "kinds", [("int8", "uint8"), ("bool", "bool"), ("bool", "int32"), ("float32", "int64")]
)
def test_dtypes_are_those_of_sums(kinds: tuple[str, str]) -> None:
    a, b = (np.array([0, 1, 3]).astype(kind) for kind in kinds)
    x, y = kg.shared(a), kg.shared(b)
    kind = (x + y).dtype
    joined = T.concatenate([x, y])
    assert joined.dtype == kind
    same(
        [joined, T.stack([x, y]), T.roll(x, 2), T.pad(y, 1, constant_values=1)],
        [
            np.concatenate([a, b]).astype(kind), np.stack([a, b]).astype(kind), np.roll(a, 2),
            np.pad(b, 1, constant_values=1)
        ],
    )  # fmt: skip


def test_shapes_are_known_as_far_as_they_can_be() -> None:
    a, b = T.tensor("float64", (2, None), "a"), T.tensor("float64", (3, 4), "b")
    assert T.concatenate([a, b]).tensor_type.shape == (5, 4)
    assert T.concatenate([a, a], axis=1).tensor_type.shape == (2, None)
    assert T.stack([b, b]).tensor_type.shape == (2, 3, 4)
    assert T.pad(b, 1).tensor_type.shape == (5, 6)
    assert T.tile(b, 2).tensor_type.shape == (3, 8)
    assert T.repeat(b, 2, 0).tensor_type.shape == (6, 4)
    assert T.roll(b, 2).tensor_type.shape == (3, 4)
    assert T.concatenate([a]) is a


def test_forward_mode() -> None:
    x, t = T.dvector("x"), T.dvector("t")
    outputs = [
        T.concatenate([x, np.ones(2), x * x]), T.pad(x, 1, constant_values=3), T.roll(x, 1),
        T.tile(x, 2), T.repeat(x, 2),
    ]  # fmt: skip
    f = kg.function([x, t], [T.Rop(y, x, t) for y in outputs], target="c")
    found = f([1, 2, 3], [4, 5, 6])
    assert [v.tolist() for v in found] == [
        [4, 5, 6, 0, 0, 8, 20, 36], [0, 4, 5, 6, 0], [6, 4, 5],
        [4, 5, 6, 4, 5, 6], [4, 4, 5, 5, 6, 6],
    ]  # fmt: skip


def test_second_derivatives() -> None:
    x = T.dvector("x")
    joined = T.concatenate([T.pad(x**3, 1), T.roll(x, 1) * x, T.tile(x, 2)])
    cost = (joined**2).sum()
    twice = T.grad((T.grad(cost, x) * np.arange(1.0, 4)).sum(), x)
    at = np.array([0.5, -1.0, 2.0])
    gradient = kg.function([x], T.grad(cost, x), target="interpret")
    step = 1e-6
    derivative = [
        (gradient(at + step * e) - gradient(at - step * e)) @ np.arange(1.0, 4) / (2 * step)
        for e in np.eye(3)
    ]
    for target in TARGETS:
        f = kg.function([x], twice, target=target)
        np.testing.assert_allclose(f(at), derivative, rtol=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_cut_off_stays_cut_off(target: str) -> None:
    """The infinite derivative of a root at 0 is not reached through what is cut off."""
    x = T.dvector("x")
    roots = T.concatenate([T.sqrt(x), T.roll(T.sqrt(x), 1), T.pad(T.sqrt(x), 1)])
    where = T.concatenate([x > 0, T.roll(x > 0, 1), T.pad(x > 0, 1)])
    f = kg.function([x], T.grad(T.switch(where, roots, 0.0).sum(), x), target=target)
    np.testing.assert_allclose(f([0, 4, 0]), [0, 0.75, 0])


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "build",
    [
        lambda x, y: T.concatenate([x, y]),
        lambda x, y: T.concatenate([x, y])[:1].sum(),
        lambda x, y: T.concatenate([x, y]).shape,
        lambda x, y: T.grad(T.concatenate([x, y]).sum(), x),
    ],
)
def test_sizes_that_differ_are_an_error_at_the_line(
    build: Callable[..., Any], target: str, mode: str
) -> None:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    f = kg.function([x, y], build(x, y), target=target, mode=mode)
    with pytest.raises(ShapeError, match="have sizes 3 and 2 along axis 1") as caught:
        f(M23, np.ones((2, 2)))
    assert "T.concatenate([x, y])" in str(caught.value)
    assert caught.value.code == "KG-S001"


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda x, n: T.pad(x, (n, 1)), "padded by less than no elements"),
        (T.repeat, "a size cannot be -1"),
        (T.tile, "a size cannot be -1"),
    ],
)
def test_numbers_that_turn_out_negative(build: Callable[..., Any], text: str, target: str) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = kg.function([x, n], build(x, n), target=target)
    with pytest.raises(ShapeError, match=text) as caught:
        f(V4, -1)
    assert caught.value.code == "KG-S009"
    assert f(V4[:2], 2).size in (4, 5)


x, m, s = T.dvector("x"), T.dmatrix("m"), T.dscalar("s")
WRONG: dict[str, tuple[Callable[[], Any], type[KernelgraphError], str]] = {
    "nothing": (lambda: T.concatenate([]), ShapeError, "nothing to join"),
    "no list": (lambda: T.concatenate(x), ArgumentError, "must be a list of arrays"),
    "scalars": (lambda: T.concatenate([s, s]), ShapeError, "one at least"),
    "other ranks": (lambda: T.concatenate([x, m]), ShapeError, "as many dimensions"),
    "an axis too far": (lambda: T.concatenate([x, x], axis=1), AxisError, "axis 1 does not exist"),
    "no axis": (lambda: T.concatenate([x, x], axis=None), AxisError, "an integer, not None"),
    "known sizes": (
        lambda: T.concatenate([np.ones((1, 2)), np.ones((1, 3))]), ShapeError, "sizes 2 and 3"
    ),
    "a stack of two ranks": (lambda: T.stack([x, m]), ShapeError, "cannot stack"),
    "a stack too far": (lambda: T.stack([x, x], axis=2), AxisError, "axis 2 does not exist"),
    "a shift that is no integer": (lambda: T.roll(x, 1.5), ArgumentError, "a shift must be"),
    "half a repeat": (lambda: T.repeat(x, 0.5), ArgumentError, "the number of repeats must be"),
    "fewer than no repeats": (lambda: T.repeat(x, -1), OptionError, "at least 0"),
    "too few axes": (lambda: T.tile(m, (2, 2), ndim=1), OptionError, "at least 2"),
    "no pairs": (lambda: T.pad(m, ((1, 2), (1, 2), (1, 2))), ArgumentError, "a pair of widths"),
    "negative widths": (lambda: T.pad(m, -1), OptionError, "at least 0"),
    "another mode": (lambda: T.pad(m, 1, mode="reflect"), OptionError, "'constant'"),
    "many values": (lambda: T.pad(m, 1, constant_values=[1, 2]), ArgumentError, "must be a number"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls_are_clear_errors(name: str) -> None:
    call, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        call()


@pytest.mark.parametrize("target", ["c", "python"])
def test_no_python_call_in_a_loop_that_joins(target: str) -> None:
    rows, w = T.dmatrix("rows"), T.dvector("w")

    def step(row: Any, before: Any, w: Any) -> Any:
        padded = T.pad(T.roll(before, 1), (1, 1))
        return T.tanh(T.concatenate([row[:1], padded[2:], row[2:]])[:3] * w)

    states, _ = kg.scan(step, sequences=rows, outputs_info=T.zeros_like(rows[0]), non_sequences=w)
    outputs = [states, *T.grad((states**2).sum(), [rows, w])]
    values = np.sin(np.arange(15.0)).reshape(5, 3), np.array([0.5, -1.0, 2.0])
    wanted = kg.function([rows, w], outputs, target="interpret")(*values)
    f = kg.function([rows, w], outputs, target=target)
    for got, want in zip(f(*values), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert calls(f.stages.program.actions) == 0


@pytest.mark.parametrize("target", ["c", "python"])
def test_places_and_sizes_that_are_computed(target: str) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    some, k = T.flatnonzero(x), T.argmax(y)
    outputs = [
        T.concatenate([some, some + 1]), T.pad(some, (1, 2)), T.roll(some, 1), T.tile(some, 2),
        T.roll(T.exp(x), k), T.pad(x, k), T.repeat(x, k),
        T.grad((T.concatenate([x[some], T.roll(y, k)]) ** 2).sum(), x),
    ]  # fmt: skip
    values = [0, 2, 0, 3, 1], [1, 5, 2]
    wanted = kg.function([x, y], outputs, target="interpret")(*values)
    for got, want in zip(kg.function([x, y], outputs, target=target)(*values), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)


def test_numpys_names_and_methods_build_the_same() -> None:
    numpy: Any = np
    built = [numpy.concatenate([x, x]), numpy.roll(x, 1), numpy.tile(x, 2), numpy.repeat(x, 2)]
    built.append(x.repeat(2))
    f = kg.function([x], built, target="interpret")
    assert [v.size for v in f([1, 2])] == [4, 2, 4, 4, 4]


@pytest.mark.parametrize("target", TARGETS)
def test_operands_may_be_called_as_helpers_are(target: str) -> None:
    a, b = T.dvector("block"), T.dvector("at_strides")
    f = kg.function([a, b], T.concatenate([a, T.windows(b, 1)[:, 0]]), target=target)
    assert f([1, 2], [3]).tolist() == [1, 2, 3]


def test_the_plan_says_where_everything_goes() -> None:
    a, b = T.dvector("a"), T.dvector("b")
    f = kg.function([a, b], T.concatenate([T.exp(a), b]), target="c")
    assert len(f.stages.program.kernels) == 1
    texts = list(map(str, f.stages.schedule.decisions))
    written = [text for text in texts if "written where it belongs: join" in text]
    assert len(written) == 2
    assert all("test_joining" in text for text in written)


def test_two_of_one_length_are_one_loop() -> None:
    f = kg.function([x], T.stack([T.exp(x), x * 2]), target="c")
    assert str(f.stages.schedule).count("for ") == 1
