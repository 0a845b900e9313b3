"""Hostile shapes, layouts and indices: every function of shapes and indices on every back end gives
NumPy's numbers, or an error that says what is wrong at the user's line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, IndexingError, KernelgraphError, ShapeError
from tests.support import LAYOUTS, TARGETS, lay_out, on_all_targets, same

pytestmark = pytest.mark.usefixtures("cache_of_this_run")


Pair = tuple[Callable[..., Any], Callable[..., Any]]

MOVED: list[Pair] = [
    (lambda x, k: x[k], lambda x, k: x[k]),
    (lambda x, k: x[::-2, k], lambda x, k: x[::-2, k]),
    (lambda x, k: x[k, None, 1:], lambda x, k: x[k, None, 1:]),
    (lambda x, k: x[k, k], lambda x, k: x[k, k]),
    (lambda x, k: x[x > 0], lambda x, k: x[x > 0]),
    (lambda x, k: x[:, (x > 0)[0]], lambda x, k: x[:, (x > 0)[0]]),
    (lambda x, k: T.set_subtensor(x[:, k], 7.0), lambda x, k: put(x, np.s_[:, k], 7)),
    (lambda x, k: T.set_subtensor(x[x > 0], 7.0), lambda x, k: put(x, x > 0, 7)),
    (lambda x, k: T.inc_subtensor(x[1:, k], 1.0), lambda x, k: added(x, np.s_[1:, k])),
    (lambda x, k: T.take(x, k, 1), lambda x, k: np.take(x, k, 1)),
    (lambda x, k: T.compress(x[:, 0] > 0, x, 0), lambda x, k: x[x[:, 0] > 0]),
    (lambda x, k: T.repeat(x, 2, 1), lambda x, k: np.repeat(x, 2, 1)),
    (lambda x, k: T.tril(x), lambda x, k: np.tril(x)),
    (lambda x, k: T.diag(x, 1), lambda x, k: np.diag(x, 1)),
    (lambda x, k: T.flip(x), lambda x, k: np.flip(x)),
    (lambda x, k: x.flatten(), lambda x, k: x.flatten()),
    (lambda x, k: x.T.reshape((-1, 2)), lambda x, k: x.T.reshape(-1, 2)),
    (lambda x, k: T.concatenate([x, x[:1]]), lambda x, k: np.concatenate([x, x[:1]])),
    (lambda x, k: T.broadcast_to(x[None], (2, *x.shape)), lambda x, k: np.stack([x, x])),
]


def put(x: Any, index: Any, value: Any) -> Any:
    out = np.array(x)
    out[index] = value
    return out


def added(x: Any, index: Any) -> Any:
    out = np.array(x)
    np.add.at(out, index, 1)
    return out


def test_h30_layouts_of_arrays_and_of_indices() -> None:
    """Steps, gaps, columns first, nothing aligned: the same numbers, and inputs as they were."""
    x, k = T.dmatrix("x"), T.lvector("k")
    functions = on_all_targets([x, k], [ours(x, k) for ours, _ in MOVED])
    value, index = np.random.default_rng(2).normal(size=(4, 6)), np.array([2, -1, 0, 2])
    for layout in LAYOUTS:
        array, names = lay_out(value, layout), lay_out(index, layout)
        before = np.array(array)
        for target, f in functions.items():
            if target == "python" and layout not in ("F", "negative", "unaligned"):
                continue
            wanted = [numpys(np.array(array), np.array(names)) for _, numpys in MOVED]
            for number, (got, want) in enumerate(zip(f(array, names), wanted, strict=True)):
                assert got.shape == want.shape, (layout, target, number)
                np.testing.assert_array_equal(got, want, err_msg=f"{layout} {target} {number}")
        assert same(before, np.asarray(array))


def test_h25_empty_arrays() -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    rows = [pair for pair in MOVED if pair[0](x, k).owner.op.name != "compress"]
    rows = [rows[n] for n in range(len(rows)) if n not in (5, 16)]  # what needs a row, or two
    functions = on_all_targets([x, k], [ours(x, k) for ours, _ in rows])
    none = np.zeros(0, "int64")
    for shape in [(0, 0), (0, 3), (3, 0), (1, 0)]:
        value = np.zeros(shape)
        if 0 in shape[1:]:
            wanted = [numpys(value, none) if n != 9 else None for n, (_, numpys) in enumerate(rows)]
        else:
            wanted = [numpys(value, none) for _, numpys in rows]
        for target, f in functions.items():
            try:
                found = f(value, none)
            except IndexingError:
                assert shape[1] == 0  # `x[:, 0]` of no columns
                continue
            for got, want in zip(found, wanted, strict=True):
                assert want is None or got.shape == want.shape, (shape, target)


def test_h42_shapes_change_between_calls() -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    functions = on_all_targets([x, k], [ours(x, k) for ours, _ in MOVED[:-3]])
    rng = np.random.default_rng(3)
    for shape, count in [((2, 3), 1), ((7, 4), 9), ((2, 3), 0), ((1, 2), 2)]:
        value, index = rng.normal(size=shape), rng.integers(-min(shape), min(shape), count)
        for f in functions.values():
            for got, (_, numpys) in zip(f(value, index), MOVED[:-3], strict=True):
                np.testing.assert_array_equal(got, numpys(value, index))


OUTSIDE: list[Callable[..., Any]] = [
    lambda x, k, n: x[n],
    lambda x, k, n: x[:, n],
    lambda x, k, n: x[k],
    lambda x, k, n: x[:, k],
    lambda x, k, n: x[1:, k],
    lambda x, k, n: x[k, :, None],
    lambda x, k, n: x[n, k],
    lambda x, k, n: T.set_subtensor(x[:, k], 0.0),
    lambda x, k, n: T.inc_subtensor(x[1:, k], 0.0),
    lambda x, k, n: x[:2, k].set(1.0),
    lambda x, k, n: T.take(x, k, 1),
    lambda x, k, n: T.grad(x[:, k].sum(), x),
    lambda x, k, n: x[T.arange(x.shape[0]), k[0]],
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_h32_an_index_outside_is_named_with_its_axis_and_size(target: str) -> None:
    x, k, n = T.dmatrix("x"), T.lvector("k"), T.lscalar("n")
    chosen = OUTSIDE if target != "c" else OUTSIDE[3::4]
    for make in chosen:
        f = kg.function([x, k, n], make(x, k, n), target=target, on_unused_input="ignore")
        for bad in (9, -10, 2**62, -(2**63)):
            with pytest.raises(IndexingError, match=f"KG-I001.*index {bad} is out of") as caught:
                f(np.ones((3, 4)), [bad, 0], bad)
            text = str(caught.value)
            assert "test_hostile_shapes.py" in text, text
            assert "size is 3" in text or "size is 4" in text or "size 4" in text, text


@pytest.mark.parametrize("target", TARGETS)
def test_h32_where_nothing_is_read_no_index_is_outside(target: str) -> None:
    """Unlike in NumPy: of no columns there is no element that a row could name."""
    x, k = T.dmatrix("x"), T.lvector("k")
    outputs = [x[k], x[k].set(1.0), x[k].inc(1.0), T.grad(x[k].sum(), x)]
    found = kg.function([x, k], outputs, target=target)(np.zeros((3, 0)), [7, -9])
    assert [v.shape for v in found] == [(2, 0), (3, 0), (3, 0), (3, 0)]


@pytest.mark.parametrize("target", TARGETS)
def test_h32_an_index_among_slices_is_one_of_the_array(target: str) -> None:
    x, k = T.dmatrix("x"), T.lvector("k")
    f = kg.function([x, k], x[1:, k], target=target)
    with pytest.raises(IndexingError, match="index 5 is out of bounds for dimension 1 of x "):
        f(np.ones((3, 4)), [5])


def test_h32_constants_outside() -> None:
    x = T.tensor("float64", (3, 4), "x")
    for make in (lambda: x[3], lambda: x[:, -5]):
        with pytest.raises(IndexingError, match="KG-I001"):
            make()


@pytest.mark.parametrize("target", TARGETS)
def test_h33_to_h38_nothing_of_the_caller_is_written_to(target: str) -> None:
    """Read-only arguments, one array as two inputs, overlapping views, results that are changed."""
    x, y = T.dvector("x"), T.dvector("y")
    outputs = [x[::-1], T.set_subtensor(x[1:], y[:-1]), x.dimshuffle(0, "x"), y[x > 0], x[:]]
    f = kg.function([x, y], outputs, target=target)
    whole = np.arange(1.0, 7)
    whole.flags.writeable = False
    a, b = whole[1:], whole[:-1]
    first = f(a, b)
    wanted = [a[::-1], np.array([2.0, 1, 2, 3, 4]), a[:, None], b, a]
    for got, want in zip(first, wanted, strict=True):
        np.testing.assert_array_equal(got, want)
        got[...] = -1  # what came back belongs to the caller
    for got, want in zip(f(a, b), wanted, strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(f(a, a)[1], [2, 2, 3, 4, 5])
    assert whole.tolist() == [1, 2, 3, 4, 5, 6]


AXES: list[Callable[[Any], Any]] = [
    lambda x: x.swapaxes(0, 2), lambda x: x.take(0, 5), lambda x: T.squeeze(x, (0, 0)),
    lambda x: T.concatenate([x, x], 2), lambda x: T.stack([x, x], 4), lambda x: T.flip(x, True),
    lambda x: T.roll(x, 1, -3), lambda x: T.repeat(x, 2, 2), lambda x: T.split(x, [1], 1, 3),
    lambda x: x.diagonal(0, 1, 1), lambda x: T.compress([True], x, 2), lambda x: x.transpose(0, 0),
]  # fmt: skip


def test_h28_axes_that_are_none() -> None:
    x = T.dmatrix("x")
    for make in AXES:
        with pytest.raises((AxisError, TypeError), match=r"KG-(S003|G004)"):
            make(x)


@pytest.mark.parametrize("target", TARGETS)
def test_h29_a_reshape_that_does_not_fit_shows_the_arithmetic(target: str) -> None:
    x, n = T.dmatrix("x"), T.lscalar("n")
    f = kg.function([x, n], x.reshape((n, 4)), target=target)
    with pytest.raises(ShapeError, match=r"(?s)KG-S004.*6") as caught:
        f(np.ones((2, 3)), 2)
    assert "8" in str(caught.value)
    g = kg.function([x, n], x.reshape((n, -1)), target=target)
    with pytest.raises(ShapeError, match="KG-S004"):
        g(np.ones((2, 3)), 0)
    with pytest.raises(ShapeError, match="one size at most may be -1"):
        x.reshape((-1, -1))


@pytest.mark.parametrize("target", TARGETS)
def test_h41_sizes_that_no_memory_has(target: str) -> None:
    n = T.lscalar("n")
    for make in (lambda: T.zeros((n, n)), lambda: T.alloc(1.5, n, n, n), lambda: T.arange(n)):
        f = kg.function([n], make(), target=target)
        with pytest.raises((KernelgraphError, MemoryError, ValueError)):
            f(2**42)
        assert f(0).size == 0


@pytest.mark.parametrize("target", TARGETS)
def test_h32_index_arrays_of_different_lengths_write_nothing(target: str) -> None:
    """Of what is set and added: the shorter one must not be read beyond its end."""
    x, v, k, j = T.dmatrix("x"), T.dvector("v"), T.lvector("k"), T.lvector("j")
    for make in (T.set_subtensor, T.inc_subtensor):
        for put in (v, 1.0):
            f = kg.function(
                [x, v, k, j], make(x[k, j], put), target=target, on_unused_input="ignore"
            )
            assert f(np.ones((3, 4)), np.ones(3), [0, 1, 2], [0, 1, 3]).shape == (3, 4)
            for other in ([0], [0, 1], [0, 1, 2, 3], []):
                with pytest.raises(
                    ShapeError, match=r"k \(int64\[\?\]\) has size 3, .*of j"
                ) as caught:
                    f(np.ones((3, 4)), np.ones(3), [0, 1, 2], np.array(other, "int64"))
                assert "make(x[k, j], put)" in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
def test_h41_a_negative_size_is_found_where_rewriting_makes_no_array_of_it(target: str) -> None:
    """A sum of equal numbers is a product, and a shape is the numbers it was made of: both would
    take -3 for a size.
    """
    x, n, m = T.dmatrix("x"), T.lscalar("n"), T.lscalar("m")
    makers: list[Callable[[], Any]] = [
        lambda: T.zeros((n, n)).sum(), lambda: T.alloc(1.5, n).shape[0],
        lambda: T.zeros((n, 3)).size, lambda: T.zeros((n,)).sum() * 0 + n,
        lambda: x.reshape((n, m)).shape[0], lambda: T.to_one_hot(T.arange(3), n).shape[1],
        lambda: kg.scan(lambda s: s * 2.0, outputs_info=x, n_steps=n)[0].shape[0],
        lambda: T.grad((T.alloc(x.sum(), n, 3)).sum(), x).sum(),
    ]  # fmt: skip
    for make in makers if target != "c" else makers[1::3]:
        f = kg.function([x, n, m], make(), target=target, on_unused_input="ignore")
        with pytest.raises(ShapeError, match=r"KG-S00[49]") as caught:
            f(np.ones((3, 4)), -3, -4)
        assert "-3" in str(caught.value)
        assert "lambda" in str(caught.value) or "T." in str(caught.value)
