"""Softmax and its kin: against mpmath-like references, where floats end, and through gradients."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, DTypeError
from kernelgraph.ops.softmax import Softmax
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT

Compiled = Callable[..., Any]

EXTREME = np.array([
    [0.0, 0.0, 0.0], [1e4, 0.0, -1e4], [-1e4, -1e4, -1e4 + 1], [700.0, 710.0, -700.0],
    [-np.inf, 0.0, 1.0], [1e-300, -1e-300, 5.0], [599.0, 601.0, 0.0],
])  # fmt: skip


@pytest.fixture(params=["interpret", "python", "c"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build


def reference(x: Any) -> Any:
    """Rows' probabilities and their logarithms, in 113-bit floats where the machine has them."""
    wide = np.asarray(x, dtype=np.longdouble)
    shifted = wide - wide.max(axis=-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.exp(logs).astype("float64"), logs.astype("float64")


def test_extremes(compiled: Compiled) -> None:
    x = T.dmatrix("x")
    found = compiled([x], [T.softmax(x), T.log_softmax(x), T.logsumexp(x)])(EXTREME)
    p, logs = reference(EXTREME)
    np.testing.assert_allclose(found[0], p, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(found[1], logs, rtol=1e-12)
    top = EXTREME.max(axis=1)
    np.testing.assert_allclose(found[2], top - logs.max(axis=1), rtol=1e-14)


def test_all_minus_infinity_has_no_softmax_but_a_sum(compiled: Compiled) -> None:
    x = T.dvector("x")
    p, total = compiled([x], [T.softmax(x), T.logsumexp(x)])([-np.inf, -np.inf])
    assert np.isnan(p).all()
    assert total == -np.inf


def test_a_nan_shows(compiled: Compiled) -> None:
    x = T.dmatrix("x")
    found = compiled([x], [T.softmax(x), T.log_softmax(x)])([[1.0, np.nan], [1.0, 2.0]])
    for values in found:
        assert np.isnan(values[0]).all()
        assert np.isfinite(values[1]).all()


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_axes(axis: int, compiled: Compiled) -> None:
    x = T.dmatrix("x")
    values = np.random.default_rng(0).normal(size=(3, 4))
    expected = np.exp(values) / np.exp(values).sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(compiled([x], T.softmax(x, axis))(values), expected, rtol=1e-14)


def test_integers_and_mistakes() -> None:
    i = T.lvector("i")
    assert T.softmax(i).dtype == "float64"
    with pytest.raises(AxisError):
        T.softmax(i, axis=1)
    with pytest.raises(DTypeError, match="softmax takes floats"):
        Softmax(0)(i)


# --------------------------------------------------------------------------------- cross-entropy


def cross_entropies() -> dict[str, Callable[[Any, Any], Any]]:
    def by_hand(x: Any, t: Any) -> Any:
        p = T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)
        return -(t * T.log(p)).sum(axis=1).mean()

    return {
        "softmax": lambda x, t: -(t * T.log(T.softmax(x))).sum(axis=1).mean(),
        "log_softmax": lambda x, t: -(t * T.log_softmax(x)).sum(axis=1).mean(),
        "by hand": by_hand,
        "nnet": lambda x, t: T.nnet.categorical_crossentropy(T.nnet.softmax(x), t).mean(),
        "logsumexp": lambda x, t: (T.logsumexp(x) - (t * x).sum(axis=1)).mean(),
        "log of a sum": lambda x, t: (T.log(T.exp(x).sum(axis=1)) - (t * x).sum(axis=1)).mean(),
    }


@pytest.mark.parametrize("way", cross_entropies())
def test_cross_entropy_of_scores_that_saturate(way: str) -> None:
    x, t = T.dmatrices("x", "t")
    cost = cross_entropies()[way](x, t)
    f = kg.function([x, t], [cost, T.grad(cost, x)])
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(6, 5)) * np.array([[1.0], [30.0], [300.0], [800.0], [3000.0], [1e4]])
    targets = np.eye(5)[rng.integers(0, 5, 6)]
    p, logs = reference(scores)
    value, derivative = f(scores, targets)
    np.testing.assert_allclose(value, -(targets * logs).sum(axis=1).mean(), rtol=1e-12)
    np.testing.assert_allclose(derivative, (p - targets) / 6, rtol=1e-10, atol=1e-17)


@pytest.mark.parametrize("way", ["softmax", "nnet", "by hand", "log_softmax"])
def test_its_derivative_is_what_a_careful_person_writes(way: str) -> None:
    x, t = T.dmatrices("x", "t")
    cost = cross_entropies()[way](x, t)
    graph = rewrite(kg.Graph((x, t), (T.grad(cost, x),)), DEFAULT).graph
    names = [node.op.name for node in graph.apply_nodes()]
    assert names.count("exp") == 1
    assert names.count("peak") == 1
    assert not {"log", "log1p"} & set(names)
    assert "eq" not in names


def test_binary_cross_entropy_of_scores_that_saturate() -> None:
    x, t = T.dvectors("x", "t")
    cost = T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t).sum()
    f = kg.function([x, t], [cost, T.grad(cost, x)])
    value, derivative = f([1000.0, -1000.0, 0.0], [0.0, 1.0, 1.0])
    np.testing.assert_allclose(value, 2000 + np.log(2), rtol=1e-14)
    np.testing.assert_allclose(derivative, [1.0, -1.0, -0.5], rtol=1e-14)


def test_derivatives_by_complex_steps() -> None:
    rng = np.random.default_rng(2)
    values, weights = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))

    def softmax(z: Any, axis: int) -> Any:
        return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)

    x, w = T.dmatrices("x", "w")
    for axis, (ours, theirs) in itertools.product((0, 1), (
        (T.softmax, softmax),
        (T.log_softmax, lambda z, axis: np.log(softmax(z, axis))),
    )):  # fmt: skip
        found = kg.function([x, w], T.grad((ours(x, axis) * w).sum(), x))(values, weights)
        expected = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            step = np.zeros_like(values, dtype=complex)
            step[place] = 1e-30j
            expected[place] = np.imag((theirs(values + step, axis) * weights).sum()) / 1e-30
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_softmax_by_hand_takes_no_more_than_the_op() -> None:
    x, t = T.dmatrices("x", "t")
    ways = cross_entropies()
    graphs = [
        rewrite(kg.Graph((x, t), (T.grad(ways[way](x, t), x),)), DEFAULT).graph
        for way in ("by hand", "softmax")
    ]
    by_hand, op = ([node.op.name for node in graph.apply_nodes()] for graph in graphs)
    assert not Counter(by_hand) - Counter(op)


AXES: list[Any] = [None, 0, 1, -1, (0, 1), (-1, 0), (), []]

FAR_AND_NEAR: list[Any] = [
    [[1.0, 2.0], [3.0, 4.0]], [[1e-17, -100.0]], [[1e-9]], [[np.inf, 1.0], [2.0, 3.0]],
    [[-np.inf, 1.0]], [[-np.inf, -np.inf]], [[np.nan, 1.0], [1.0, 2.0]], [[1e3, 1e3], [-1e3, 1e4]],
    [[-1e-12, -800.0], [-750.0, -1e4]],
]  # fmt: skip


def wide_logsumexp(x: Any, axes: tuple[int, ...]) -> Any:
    """In 113-bit floats (here: 64-bit significands), the largest term apart."""
    wide = np.asarray(x, dtype=np.longdouble)
    if not axes:
        return wide
    moved = np.moveaxis(wide, axes, range(-len(axes), 0))
    rows = moved.reshape(*moved.shape[: wide.ndim - len(axes)], -1)
    ordered = np.sort(rows, axis=-1)
    top = ordered[..., -1:]
    with np.errstate(all="ignore"):
        rest = np.exp(ordered[..., :-1] - np.where(np.isfinite(top), top, 0)).sum(axis=-1)
        found = top[..., 0] + np.where(np.isfinite(top[..., 0]), np.log1p(rest), 0)
    return np.where(np.isnan(rows).any(axis=-1), np.nan, found)


@pytest.mark.parametrize("axis", AXES)
def test_over_any_axes(compiled: Compiled, axis: Any) -> None:
    x = T.dmatrix("x")
    names = (T.nnet.softmax, T.nnet.log_softmax, T.nnet.logsumexp)
    f = compiled([x], [name(x, axis=axis) for name in names])
    axes = (0, 1) if axis is None else tuple(k % 2 for k in np.atleast_1d(axis).astype(int))
    for value in map(np.array, FAR_AND_NEAR):
        chances, logs, total = f(value)
        wanted = wide_logsumexp(value, axes)
        np.testing.assert_allclose(total, wanted.astype("float64"), rtol=4e-16, atol=0)
        kept = np.expand_dims(wanted, axes) if axes else wanted
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(
                logs, (value - kept).astype("float64"), rtol=1e-14, atol=1e-18
            )
            np.testing.assert_allclose(chances, np.exp(logs), rtol=1e-13)


def test_gradients_over_several_axes(compiled: Compiled) -> None:
    x = T.dtensor3("x")
    total = T.nnet.logsumexp(x, axis=(0, 2))
    f = compiled([x], [T.grad(total.sum(), x), T.nnet.softmax(x, axis=(2, 0))])
    value = np.random.default_rng(3).normal(size=(2, 3, 4))
    derivative, chances = f(value)
    wanted = np.exp(value) / np.exp(value).sum(axis=(0, 2), keepdims=True)
    np.testing.assert_allclose(derivative, wanted, rtol=1e-14)
    np.testing.assert_allclose(chances, wanted, rtol=1e-14)
    square = kg.function([x], T.grad((T.nnet.softmax(x, axis=None) ** 2).sum(), x))(value)
    p = np.exp(value) / np.exp(value).sum()
    np.testing.assert_allclose(square, 2 * p * (p - (p * p).sum()), rtol=1e-12, atol=1e-18)


def test_sizes_declared_to_be_one(compiled: Compiled) -> None:
    x, s = T.col("x"), T.dscalar("s")
    f = compiled([x], [T.nnet.softmax(x), T.nnet.log_softmax(x), T.nnet.logsumexp(x)])
    chances, logs, total = f([[np.inf], [-np.inf], [np.nan], [5.0]])
    np.testing.assert_array_equal(chances, [[np.nan], [np.nan], [np.nan], [1.0]])
    np.testing.assert_array_equal(logs, [[np.nan], [np.nan], [np.nan], [0.0]])
    np.testing.assert_array_equal(total, [np.inf, -np.inf, np.nan, 5.0])
    g = compiled([s], [T.nnet.softmax(s, axis=None), T.nnet.logsumexp(s, axis=())])
    assert [float(v) for v in g(3.0)] == [1.0, 3.0]


@pytest.mark.parametrize("axis", [2, -3, (0, 0), (0, -2), 1.0, "0"])
def test_axes_that_do_not_exist(axis: Any) -> None:
    for name in (T.nnet.softmax, T.nnet.log_softmax, T.nnet.logsumexp):
        with pytest.raises(AxisError):
            name(T.dmatrix("x"), axis=axis)
    with pytest.raises(AxisError):
        T.nnet.softmax(T.dscalar("s"))
