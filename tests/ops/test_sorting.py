"""Sorts along every axis, the largest few, and places in sorted vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import AxisError, CountError, DTypeError, OptionError
from kernelgraph.ops.sorting import KINDS
from tests.support import LAYOUTS, lay_out, same, specials

AXES: list[Any] = [None, 0, 1, -1]
TIES = np.array([[2.0, np.nan, 1.0, -0.0], [0.0, 2.0, np.nan, 1.0], [1.0, -np.inf, 1.0, np.inf]])


def with_ties(dtype: str, shape: tuple[int, ...]) -> Any:
    rng = np.random.default_rng(5)
    return rng.choice(specials(dtype), size=shape)


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32"])
def test_they_are_the_stable_sorts_of_numpy(compiled: Callable[..., Any], dtype: str) -> None:
    """Equal numbers, of which zeros have signs, and NaN keep their order."""
    x = T.TensorType(dtype, (None, None))("x")
    axes = AXES if dtype == "float32" else AXES[:2]
    outputs = [fold(x, axis=axis) for axis in axes for fold in (T.sort, T.argsort)]
    f = compiled([x], outputs)
    for shape in ((40, 3), (3, 70), (1, 1), (0, 3), (3, 0)):
        values = with_ties(dtype, shape)
        found = iter(f(values))
        for axis in axes:
            assert same(next(found), np.sort(values, axis=axis, kind="stable"))
            assert same(next(found), np.argsort(values, axis=axis, kind="stable"))


@pytest.mark.parametrize("shape", [(2, 3, 20), (2, 0, 3)])
def test_more_dimensions(compiled: Callable[..., Any], shape: tuple[int, ...]) -> None:
    x, values = T.tensor3("x"), np.random.default_rng(0).integers(0, 9, size=shape) / 2
    outputs = [fold(x, axis=axis) for axis in (0, 1, 2) for fold in (T.sort, T.argsort)]
    found = iter(compiled([x], outputs)(values))
    for axis in (0, 1, 2):
        assert same(next(found), np.sort(values, axis=axis, kind="stable"))
        assert same(next(found), np.argsort(values, axis=axis, kind="stable"))


def test_long_vectors_of_every_pattern() -> None:
    """Lengths around those of the stretches that are merged."""
    x = T.dvector("x")
    f = kg.function([x], [T.sort(x), T.argsort(x)], target="c")
    rng = np.random.default_rng(0)
    for n in (15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 1000, 4097):
        ordered = np.arange(n) // 3.0
        for values in (ordered, ordered[::-1], rng.permutation(ordered), rng.normal(size=n)):
            numbers, order = f(values)
            assert same(numbers, np.sort(values, kind="stable"))
            assert same(order, np.argsort(values, kind="stable"))


def test_arrays_that_lie_otherwise() -> None:
    x = T.dmatrix("x")
    f = kg.function([x], [T.sort(x, axis=0), T.argsort(x, axis=1)], target="c")
    for layout in LAYOUTS:
        values = lay_out(np.random.default_rng(1).normal(size=(7, 5)), layout)
        before = np.array(values)
        numbers, order = f(values)
        np.testing.assert_array_equal(numbers, np.sort(before, axis=0))
        np.testing.assert_array_equal(order, np.argsort(before, axis=1, kind="stable"))
        np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("axis", [None, 0], ids=repr)
def test_derivatives_go_where_elements_come_from(compiled: Callable[..., Any], axis: Any) -> None:
    x, v = T.dmatrix("x"), T.dmatrix("v")
    values = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, -4.0]])
    out = T.sort(x, axis=axis)
    weights = np.arange(1.0, 7.0).reshape(np.sort(values, axis=axis).shape)
    order = np.argsort(values, axis=axis, kind="stable")
    f = compiled([x, v], [T.grad((out * weights).sum(), x), T.Rop(out, x, v)])
    gradient, moved = f(values, values * 10)
    assert same(moved, np.take_along_axis(values * 10, order, axis))
    wanted = np.zeros_like(values if axis is not None else values.ravel())
    np.put_along_axis(wanted, order, weights, axis)
    assert same(gradient, wanted.reshape(values.shape))


@pytest.mark.parametrize("name", ["sort", "argsort"])
def test_arguments(name: str) -> None:
    x, function = T.dmatrix("x"), getattr(T, name)
    for kind in KINDS:
        assert function(x, kind=kind).owner.op == function(x).owner.op
        assert getattr(x, name)(-1, kind).owner.op == function(x).owner.op
    assert getattr(np, name)(x, axis=0).owner.op == function(x, axis=0).owner.op
    with pytest.raises(OptionError, match="kind must be one of 'quicksort'"):
        function(x, kind="bogo")
    with pytest.raises(OptionError, match="order must be None"):
        function(x, order="field")
    with pytest.raises(AxisError, match="KG-S003"):
        function(x, axis=2)
    with pytest.raises(AxisError, match="KG-S003"):
        function(T.dscalar("s"))


def test_compiled_functions_sort_without_python() -> None:
    x, v, k = T.dmatrix("x"), T.dvector("v"), T.lscalar("k")
    outputs = (T.sort(x, 0), T.argsort(x), T.topk(x, k), T.searchsorted(v, x), T.unique(x))
    stages = compile_graph(kg.Graph((x, v, k), outputs), CTarget())
    assert "in Python" not in str(stages.program)


# ------------------------------------------------------------------------------- the largest few


@pytest.mark.parametrize("kth", [4, -3])
@pytest.mark.parametrize("axis", [0, None], ids=repr)
def test_the_largest_and_the_smallest_few(
    compiled: Callable[..., Any], kth: int, axis: Any
) -> None:
    """By a number that is known, and by one that is not."""
    values = np.random.default_rng(2).permutation(20).reshape(4, 5) * 1.0
    x, k = T.dmatrix("x"), T.bscalar("k")
    outputs = [*T.topk_and_argtopk(x, kth, axis), *T.topk_and_argtopk(x, k, axis, idx_dtype="int8")]
    found = compiled([x, k], outputs)(values, kth)
    flat, along = (values.ravel(), 0) if axis is None else (values, axis)
    order = np.argsort(flat, axis=along)
    part = slice(-kth, None) if kth > 0 else slice(None, -kth)
    places = np.moveaxis(np.moveaxis(order, along, 0)[part], 0, along)
    for numbers, where in (found[:2], found[2:]):
        np.testing.assert_array_equal(numbers, np.take_along_axis(flat, places, along))
        np.testing.assert_array_equal(where, places)
    assert [v.dtype.name for v in found] == ["float64", "int64", "float64", "int8"]


def test_more_than_there_are(compiled: Callable[..., Any]) -> None:
    x, k = T.dvector("x"), T.lscalar("k")
    f = compiled([x, k], T.topk(x, k))
    for number in (4, 0, -4):
        with pytest.raises(CountError, match="KG-I009"):
            f([1.0, 2.0, 3.0], number)
    with pytest.raises(CountError, match="KG-I009"):
        compiled([x], T.argtopk(x, -3))([1.0, 2.0])


def test_how_many_is_an_integer() -> None:
    x = T.dvector("x")
    for kth in (0, 1.5, T.dscalar("k"), T.lvector("k")):
        with pytest.raises(OptionError, match="kth must be an integer that is not 0"):
            T.topk(x, kth)
    with pytest.raises(CountError, match="kth asks for 4 of 3 numbers"):
        T.topk(T.tensor("float64", (3,), "y"), -4)
    with pytest.raises(OptionError, match="idx_dtype"):
        T.argtopk(x, 1, idx_dtype="float64")


def test_the_derivative_of_the_largest() -> None:
    x = T.dmatrix("x")
    f = kg.function([x], T.grad((T.topk(x, 2) * [1.0, 10.0]).sum(), x), target="python")
    np.testing.assert_array_equal(f([[3, 1, 2], [5, 6, 7]]), [[10, 0, 1], [0, 1, 10]])


# ------------------------------------------------------------------------------ places in a vector


@pytest.mark.parametrize("dtype", ["uint64", "float32"])
def test_places_in_a_sorted_vector(compiled: Callable[..., Any], dtype: str) -> None:
    x, v = T.TensorType(dtype, (None,))("x"), T.TensorType(dtype, (None, None))("v")
    one = T.TensorType(dtype, ())("one")
    sides = ("left", "right")
    outputs = [T.searchsorted(x, v, side) for side in sides]
    outputs += [T.searchsorted(x, one, side, sorter=T.argsort(x)) for side in sides]
    f = compiled([x, v, one], outputs)
    for n in (0, 1, 2, 30):
        row = with_ties(dtype, (n,))
        ordered, wanted = np.sort(row), with_ties(dtype, (5, 8))
        found = f(ordered, wanted, wanted[0, 0])
        for side, many, single in zip(sides, found[:2], found[2:], strict=True):
            assert same(many, np.searchsorted(ordered, wanted, side))
            assert same(single, np.asarray(np.searchsorted(ordered, wanted[0, 0], side)))


def test_mixed_dtypes_and_a_sorter(compiled: Callable[..., Any]) -> None:
    x, v, places = T.bvector("x"), T.fmatrix("v"), T.lvector("places")
    f = compiled([x, v, places], [T.searchsorted(x, v, sorter=places), x.searchsorted(v)])
    row, order = np.array([5, -1, 3], "int8"), np.array([1, 2, 0])
    values = np.array([[2.5, 3.0, 9.0]], "float32")
    np.testing.assert_array_equal(f(row, values, order)[0], [[1, 1, 3]])
    np.testing.assert_array_equal(f(np.sort(row), values, order)[1], [[1, 1, 3]])


def test_a_vector_that_is_not_sorted_is_bisected_alike() -> None:
    x, v = T.dvector("x"), T.dvector("v")
    for side in ("left", "right"):
        graph = [x, v], T.searchsorted(x, v, side)
        functions = [kg.function(*graph, target=target) for target in ("interpret", "c")]
        row = np.random.default_rng(3).normal(size=33)
        np.testing.assert_array_equal(*(f(row, TIES.ravel()) for f in functions))


def test_what_is_searched_is_a_vector() -> None:
    with pytest.raises(DTypeError, match="takes a sorted vector, not x"):
        T.searchsorted(T.dmatrix("x"), 1.0)
    with pytest.raises(OptionError, match="side must be one of"):
        T.searchsorted(T.dvector("x"), 1.0, side="middle")
    with pytest.raises(DTypeError, match="sorter is a vector of integers"):
        T.searchsorted(T.dvector("x"), 1.0, sorter=T.dvector("s"))
