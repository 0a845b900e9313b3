"""Counting, checked positions, one element of every row, and cross-entropy of class numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, IndexingError, ShapeError
from kernelgraph.ops.positions import counts_along, picked
from kernelgraph.types import DTYPES

Compiled = Callable[..., Any]

X = np.array([[1.0, 2.0, np.nan], [-4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    "ends", [(5,), (0,), (-3,), (2, 7), (7, 2), (0, 10, 3), (10, 0, -3), (0, 9, 3), (1, 2, -1)]
)
def test_counting_as_numpy(compiled: Compiled, ends: Any) -> None:
    symbols: list[Any] = [T.lscalar(f"n{k}") for k in range(len(ends))]
    found = compiled(symbols, T.arange(*symbols))(*ends)
    np.testing.assert_array_equal(found, np.arange(*ends))
    assert found.dtype == "int64"
    np.testing.assert_array_equal(compiled([], T.arange(*ends))(), np.arange(*ends))


def test_counting_in_floats(compiled: Compiled) -> None:
    a, b = T.dscalars("a", "b")
    f = compiled([a, b], T.arange(a, b, 0.25))
    np.testing.assert_array_equal(f(0.0, 1.1), np.arange(0.0, 1.1, 0.25))
    assert f(1.0, 0.0).shape == (0,)
    assert T.arange(3, dtype="float32").dtype == "float32"


def test_what_cannot_be_counted() -> None:
    with pytest.raises(ShapeError, match="counts with scalars"):
        T.arange(T.lvector("n"))
    with pytest.raises(IndexingError, match="cannot be 0"):
        T.arange(0, 3, 0)


def test_one_element_of_each_row(compiled: Compiled) -> None:
    x, y = T.dmatrix("x"), T.lvector("y")
    f = compiled([x, y], [x[T.arange(x.shape[0]), y], x[T.arange(y.shape[0]), y]])
    for found in f(X, [0, -1]):
        np.testing.assert_array_equal(found, [1.0, 6.0])
    g = compiled([x, y], T.grad(x[T.arange(2), y].sum(), x))
    np.testing.assert_array_equal(g(X, [1, 0]), [[0, 1, 0], [1, 0, 0]])


def test_how_far_another_number_counts_has_nothing_to_do_with_the_rows(compiled: Compiled) -> None:
    x, y, n = T.dmatrix("x"), T.lvector("y"), T.lscalar("n")
    part = x[T.arange(n), y]
    f = compiled([x, y, n], [part, T.grad((part**2).sum(), x), T.set_subtensor(part, 0)])
    value = np.arange(12.0).reshape(4, 3)
    for count in (0, 1, 3, 4):
        index = np.arange(count), np.array([2, -3, 0, 1])[:count]
        slope, left = np.zeros((4, 3)), value.copy()
        slope[index], left[index] = 2 * value[index], 0
        for found, wanted in zip(
            f(value, index[1], count), (value[index], slope, left), strict=True
        ):
            np.testing.assert_array_equal(found, wanted)
    with pytest.raises(IndexingError, match="index 4 is out of bounds for dimension 0 of x"):
        f(value, [0] * 5, 5)
    with pytest.raises(ShapeError):
        f(value, [0, 1], 3)
    g = compiled([x, y], [x[T.arange(2), y], x[T.arange(y.shape[0] - 1), y[1:]]])
    found = g(value, [0, 1])
    np.testing.assert_array_equal(found[0], [0, 4])
    np.testing.assert_array_equal(found[1], [1])
    h = compiled([x, y], x[T.arange(2), y])
    with pytest.raises(ShapeError):
        h(value, [0, 1, 2, 0])


def test_rows_are_counted_by_what_has_as_many() -> None:
    """What is worked out row by row from x has as many rows, however its length is written."""
    x, y = T.dmatrix("x"), T.lvector("y")
    for rows in (x.shape[0], T.exp(x).shape[0], y.shape[0], T.shape(x)[0], x.T.shape[1]):
        assert counts_along(T.arange(rows), T.exp(x)) or counts_along(T.arange(rows), y)
    for rows in (T.lscalar("n"), x.shape[1], x.shape[0] - 1, T.dmatrix("z").shape[0], 3):
        assert not counts_along(T.arange(rows), x)
    assert counts_along(T.arange(3), T.TensorType("float64", (3, None))("fixed"))


def test_pairs_of_rows_and_columns(compiled: Compiled) -> None:
    x, i, j = T.dmatrix("x"), T.lvector("i"), T.lvector("j")
    f = compiled([x, i, j], x[i, j])
    np.testing.assert_array_equal(f(X, [1, 0, 1], [0, 1, 2]), X[[1, 0, 1], [0, 1, 2]])
    np.testing.assert_array_equal(compiled([x], x[[0, 1], [1, 1]])(X), [2.0, 5.0])


def test_a_column_that_does_not_exist(compiled: Compiled) -> None:
    x, y = T.dmatrix("x"), T.lvector("y")
    f = compiled([x, y], x[T.arange(y.shape[0]), y])
    for wrong in (3, -4):
        with pytest.raises(IndexingError, match=f"index {wrong} is out of bounds") as caught:
            f(X, [0, wrong])
        assert "an element of y" in str(caught.value)
    with pytest.raises(ShapeError, match="has size 1"):
        f(X, [0])
    np.testing.assert_array_equal(f(X, [0, 0]), [1.0, -4.0])


def test_what_picks_nothing() -> None:
    with pytest.raises((IndexingError, DTypeError), match="matrix and a vector of integers"):
        picked(T.dmatrix("x"), T.dvector("y"))
    with pytest.raises(IndexingError):
        picked(T.dvector("x"), T.lvector("y"))


def cost(p: Any, y: Any) -> dict[str, Any]:
    """Cross-entropy of class numbers, as Theano's tutorials write it in two ways."""
    return {
        "indexed": -T.mean(T.log(p)[T.arange(y.shape[0]), y]),
        "named": T.nnet.categorical_crossentropy(p, y).mean(),
    }


@pytest.mark.parametrize("way", ["indexed", "named"])
def test_cross_entropy_of_class_numbers(compiled: Compiled, way: str) -> None:
    x, y = T.dmatrix("x"), T.ivector("y")
    p = T.nnet.softmax(x)
    wanted = cost(p, y)[way]
    f = compiled([x, y], [wanted, T.grad(wanted, x)])
    scores = np.array([[1.0, 2.0, 3.0], [0.5, -0.5, 0.0]])
    labels = np.array([2, 0], dtype="int32")
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    value, derivative = f(scores, labels)
    np.testing.assert_allclose(value, -np.log(chances[[0, 1], labels]).mean(), rtol=1e-14)
    np.testing.assert_allclose(derivative, (chances - np.eye(3)[labels]) / 2, rtol=1e-13)


@pytest.mark.parametrize("way", ["indexed", "named"])
@pytest.mark.parametrize("target", ["python", "c"])
def test_far_from_right_it_stays_a_number(target: str, way: str) -> None:
    x, y = T.dmatrix("x"), T.lvector("y")
    wanted = cost(T.nnet.softmax(x), y)[way]
    f = kg.function([x, y], [wanted, T.grad(wanted, x)], target=target)
    value, derivative = f([[1000.0, 0.0, -1000.0]], [2])
    assert value == 2000.0
    np.testing.assert_array_equal(derivative, [[1.0, 0.0, -1.0]])
    assert not f.stages.program.calls, "all in loops"


@pytest.mark.parametrize("wrong", [[0, -1], [0, 3], [-(2**31), 0]])
def test_labels_that_name_no_class(compiled: Compiled, wrong: Any) -> None:
    p, y = T.dmatrix("p"), T.ivector("y")
    f = compiled([p, y], T.nnet.categorical_crossentropy(p, y))
    with pytest.raises(IndexingError, match="names no class: the scores have 3 columns"):
        f(np.full((2, 3), 1 / 3), wrong)


def test_a_wrong_number_of_labels(compiled: Compiled) -> None:
    p, y, t = T.dmatrix("p"), T.ivector("y"), T.imatrix("t")
    f = compiled([p, y], T.nnet.categorical_crossentropy(p, y))
    for labels in ([0], [0, 1, 1], []):
        with pytest.raises(
            ShapeError, match=f"{len(labels)} labels for 2 rows of scores"
        ) as caught:
            f(np.full((2, 3), 1 / 3), np.array(labels, "int32"))
        assert "test_positions.py" in str(caught.value)
    g = compiled([p, t], T.nnet.categorical_crossentropy(p, t))
    with pytest.raises(ShapeError, match=r"(?s)labels with 1 columns.*flatten"):
        g(np.full((2, 3), 1 / 3), [[0], [1]])
    np.testing.assert_allclose(g([[0.5, 0.5]], [[0, 1]]), [np.log(2)])


def test_what_are_no_labels() -> None:
    p = T.dmatrix("p")
    for labels in (T.dvector("t"), T.fvector("t"), T.TensorType("bool", (None,))("t")):
        with pytest.raises(DTypeError, match="class numbers are integers"):
            T.nnet.categorical_crossentropy(p, labels)
    for labels in (T.icol("t"), T.row("t"), T.itensor3("t"), T.lscalar("t")):
        with pytest.raises(ShapeError, match="do not fit the scores"):
            T.nnet.categorical_crossentropy(p, labels)
    with pytest.raises(ShapeError, match="2 labels for 3 rows"):
        T.nnet.categorical_crossentropy(
            T.TensorType("float64", (3, 2))("p"), T.TensorType("int32", (2,))("t")
        )
    with pytest.raises(ShapeError, match="do not fit"):
        T.nnet.binary_crossentropy(p, T.dvector("t"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_form_of_index_keeps_dtypes_and_bits(compiled: Compiled, dtype: str) -> None:
    x, i, j = (
        T.TensorType(dtype, (None, None))("x"),
        T.lvector("i"),
        T.TensorType("uint8", (None,))("j"),
    )

    def forms(x: Any, i: Any, j: Any, arange: Any) -> list[Any]:
        return [
            x[arange(len(X)), i], x[i, j], x[i], x[1:], x[::-1, 1], x[0], x[arange(len(X)), j],
            x[:, None, ::2], x[1, 1], x[..., 0], x[[0, 1]], x[-1:], x[[1, 1], [2, 0]],
        ]  # fmt: skip

    numbers = (
        [[-0.0, 1, 2], [np.nan, -0.0, np.inf]] if dtype[0] == "f" else [[0, 1, 100], [3, 0, 1]]
    )
    value = np.array(numbers).astype(dtype)
    columns = np.array([0, 1]), np.array([0, 1], "uint8")
    found = compiled([x, i, j], forms(x, i, j, T.arange))(value, *columns)
    for mine, wanted in zip(found, forms(value, *columns, np.arange), strict=True):
        assert mine.dtype == wanted.dtype
        assert mine.tobytes() == np.ascontiguousarray(wanted).tobytes()


LIMITS = (-(2**63), 1 - 2**63, -(2**62), -5, -1, 0, 1, 3, 2**62, 2**63 - 2, 2**63 - 1)


def test_counting_between_the_ends_of_int64(compiled: Compiled) -> None:
    a, b, c = T.lscalars("a", "b", "c")
    f = compiled([a, b, c], T.arange(a, b, c))
    for ends in itertools.product(LIMITS, LIMITS, [step for step in LIMITS if step]):
        numbers = range(*ends)
        if not numbers or (numbers[-1] - numbers[0]) // ends[2] < 100:
            assert f(*ends).tolist() == list(numbers)
    for ends in ((LIMITS[0], LIMITS[-1], 1), (0, 2**62, 2), (LIMITS[-1], LIMITS[0], -1)):
        with pytest.raises(ShapeError, match="more numbers than an array can hold"):
            f(*ends)
        with pytest.raises(ShapeError, match="more numbers than an array can hold"):
            T.arange(*ends)
    u = T.TensorType("uint64", ())("u")
    with pytest.raises(ShapeError, match="more numbers than an array can hold"):
        compiled([u], T.arange(u))(2**64 - 1)
