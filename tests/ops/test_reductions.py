"""Reductions by name: which axes they take, what types they give, and what they make of nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, ShapeError
from kernelgraph.types import DTYPES as EVERY_DTYPE
from kernelgraph.types import TensorType, is_complex, is_float
from tests.support import TARGETS

FOLDS = [T.sum, T.max, T.min, T.argmax, T.mean, T.var]
MATRIX = np.array([[3.0, -1.0, 2.0], [0.5, 8.0, 2.0]])

by_name = pytest.mark.parametrize("fold", FOLDS, ids=lambda fold: fold.__name__.rstrip("_"))


@by_name
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2, np.int64(1)], ids=repr)
def test_an_axis_means_what_it_means_to_numpy(fold: Callable[..., Any], axis: Any) -> None:
    x = T.dmatrix("x")
    expected = getattr(np, fold.__name__.rstrip("_"))(MATRIX, axis=axis)
    (found,) = kg.interpret(kg.Graph((x,), (fold(x, axis=axis),)), [MATRIX])
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("axes", [(0, 2), [0, 2], (2, 0), (-1, -3)], ids=repr)
def test_several_axes_in_any_order(axes: Any) -> None:
    x, values = T.tensor3("x"), np.arange(24.0).reshape(2, 3, 4)
    (found,) = kg.interpret(kg.Graph((x,), (T.sum(x, axis=axes),)), [values])
    np.testing.assert_array_equal(found, values.sum(axis=(0, 2)))


@by_name
@pytest.mark.parametrize("axis", [2, -3, 1.0, True, "0", (0, 0), (0, -2), (0, 2)], ids=repr)
def test_an_axis_that_is_not_there(fold: Callable[..., Any], axis: Any) -> None:
    with pytest.raises(AxisError, match=r"KG-S003.*axis .* x \(float64\[\?, \?\]\)"):
        fold(T.dmatrix("x"), axis=axis)


def test_an_axis_is_no_symbol() -> None:
    with pytest.raises(AxisError, match="an axis is an integer, not the symbol n"):
        T.sum(T.dmatrix("x"), axis=T.lscalar("n"))


def test_a_scalar_has_no_axes() -> None:
    with pytest.raises(AxisError, match=r"axis 0 does not exist in s .*, which has 0 dimensions"):
        T.max(T.dscalar("s"), axis=0)


@pytest.mark.parametrize("fold", [T.argmax, T.argmin])
def test_a_place_needs_an_axis(fold: Callable[..., Any]) -> None:
    with pytest.raises(AxisError, match="goes along axes, not along the tuple"):
        fold(T.dmatrix("x"), axis=())


@pytest.mark.parametrize("axes", [(2, 0), (-1, 1)], ids=repr)
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_a_place_among_several_axes_counts_in_row_major_order(
    compiled: Callable[..., Any], name: str, axes: tuple[int, ...]
) -> None:
    values = np.random.default_rng(3).permutation(2.0 * np.arange(24)).reshape(2, 3, 4)
    x = T.tensor3("x")
    reduced = sorted(axis % 3 for axis in axes)
    moved = values.transpose([k for k in range(3) if k not in reduced] + reduced)
    flat = moved.reshape(*moved.shape[: 3 - len(reduced)], -1)
    extreme, place = T.max_and_argmax(x, axes) if name == "argmax" else T.min_and_argmin(x, axes)
    kept = getattr(T, name)(x, axis=axes, keepdims=True)
    found = compiled([x], [extreme, place, kept])(values)
    np.testing.assert_array_equal(found[0], getattr(np, name[3:])(values, axis=axes))
    np.testing.assert_array_equal(found[1], getattr(np, name)(flat, axis=-1))
    np.testing.assert_array_equal(np.squeeze(found[2]), found[1])
    assert found[2].ndim == 3


@pytest.mark.parametrize("fold", [T.sum, T.max, T.min, T.mean])
def test_over_no_axes_every_number_stays(fold: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    (found,) = kg.interpret(kg.Graph((x,), (fold(x, axis=()),)), [MATRIX])
    np.testing.assert_array_equal(found, MATRIX)


def test_a_sum_over_no_axes_is_a_sum() -> None:
    assert T.sum(T.bmatrix("x"), axis=()).dtype == "int64"


KEPT = [
    (0, (1, 4)),
    (-1, (3, 1)),
    (None, (1, 1)),
]


@by_name
@pytest.mark.parametrize(("axis", "shape"), KEPT)
def test_keepdims_leaves_ones(
    fold: Callable[..., Any], axis: int | None, shape: tuple[int, ...]
) -> None:
    x = T.tensor("float64", (3, 4), "x")
    assert fold(x, axis=axis, keepdims=True).type.shape == shape


@pytest.mark.parametrize(("axis", "shape"), [(0, (None, 4)), (1, (2, 4)), ((0, 2), (None,))])
def test_known_sizes_stay_known(axis: Any, shape: tuple[int | None, ...]) -> None:
    x = T.tensor("float64", (2, None, 4), "x")
    assert T.sum(x, axis=axis).type == TensorType("float64", shape)


DTYPES = [
    (T.sum, "float32", "float32"),
    (T.sum, "int8", "int64"),
    (T.sum, "uint8", "uint64"),
    (T.sum, "bool", "int64"),
    (T.max, "int8", "int8"),
    (T.max, "bool", "bool"),
    (T.argmax, "float32", "int64"),
    (T.mean, "float32", "float32"),
    (T.mean, "int8", "float64"),
    (T.var, "float32", "float32"),
]


@pytest.mark.parametrize(("fold", "given", "result"), DTYPES)
def test_the_dtype_of_a_result(fold: Callable[..., Any], given: str, result: str) -> None:
    assert fold(T.tensor(given, (None,), "x")).dtype == result


def test_the_index_of_all_counts_in_row_major_order() -> None:
    x = T.dmatrix("x")
    assert kg.interpret(kg.Graph((x,), (T.argmax(x),)), [MATRIX])[0] == 4


OF_NOTHING = [(T.sum, 0.0), (T.mean, np.nan), (T.var, np.nan)]


@pytest.mark.parametrize(("fold", "value"), OF_NOTHING)
def test_what_nothing_adds_up_to(
    fold: Callable[..., Any], value: float, compiled: Callable[..., Any]
) -> None:
    x = T.dvector("x")
    f = compiled([x], fold(x))
    with pytest.warns(RuntimeWarning) if np.isnan(value) else nullcontext():
        np.testing.assert_equal(f([]), value)


@pytest.mark.parametrize("fold", [T.max, T.min, T.argmax])
def test_nothing_has_no_largest_number(
    fold: Callable[..., Any], compiled: Callable[..., Any]
) -> None:
    x = T.dmatrix("x")
    f = compiled([x], fold(x, axis=1))
    with pytest.raises(ShapeError, match=r"KG-S010.*dimension 1 of x .* has size 0"):
        f(np.zeros((2, 0)))


@pytest.mark.parametrize("fold", [T.max, T.min, T.argmax])
def test_no_rows_have_no_largest_numbers(
    fold: Callable[..., Any], compiled: Callable[..., Any]
) -> None:
    """The axis along which nobody looks may be empty."""
    x = T.dmatrix("x")
    assert compiled([x], fold(x, axis=1))(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize("axis", [None, 0, 1], ids=repr)
@pytest.mark.parametrize("fold", [T.mean, T.var])
def test_derivatives_by_a_complex_step(fold: Callable[..., Any], axis: int | None) -> None:
    """Of mean and variance, weighed so that no two of them count alike."""
    means: dict[Any, Callable[..., Any]] = {
        T.mean: np.mean,
        T.var: lambda x, axis: ((x - x.mean(axis=axis, keepdims=True)) ** 2).mean(axis=axis),
    }
    x = T.dmatrix("x")
    weights = np.arange(1.0, 4.0)[: np.mean(MATRIX, axis=axis).size]
    derivative = T.grad((fold(x, axis=axis) * weights).sum(), x)
    (found,) = kg.interpret(kg.Graph((x,), (derivative,)), [MATRIX])
    for place in np.ndindex(MATRIX.shape):
        moved = MATRIX + 0j
        moved[place] += 1e-30j
        expected = (means[fold](moved, axis=axis) * weights).sum().imag / 1e-30
        assert found[place] == pytest.approx(expected, rel=1e-13)


# ---------------------------------------------------------------------------------- means

EVERY_AXIS: list[Any] = [None, 0, -1, (0, 1), (1, 0), (), []]
WHOLE = [dtype for dtype in EVERY_DTYPE if not is_float(dtype) and not is_complex(dtype)]


def whole_numbers(dtype: str) -> Any:
    """Three rows of the largest numbers of a dtype, whose sum is beyond its largest."""
    if dtype == "bool":
        return np.array([[True, False], [True, True], [False, False]])
    last = np.iinfo(dtype).max
    return np.array([[last, last - 1], [last - 5, last], [last - 100, 3]], dtype=dtype)


@pytest.mark.parametrize("dtype", WHOLE)
def test_means_of_integers_are_those_of_floats(compiled: Callable[..., Any], dtype: str) -> None:
    x = T.TensorType(dtype, (None, None))("x")
    value = whole_numbers(dtype)
    few = EVERY_AXIS if dtype in ("int64", "uint64") else EVERY_AXIS[:2]
    names = ("mean", "var", "std")
    f = compiled([x], [getattr(T, name)(x, axis=axis) for axis in few for name in names])
    found = iter(f(value))
    for axis in few:
        for name in names:
            mine = next(found)
            wanted = getattr(value, name)(axis=tuple(axis) if axis == [] else axis)
            assert mine.dtype == np.float64
            np.testing.assert_allclose(mine, wanted, rtol=1e-15 if name == "mean" else 1e-12)


def test_the_mean_of_times(compiled: Callable[..., Any]) -> None:
    x = T.lvector("x")
    f = compiled([x], [x.mean(), T.mean_and_variance(x)[0], T.mean(x, axis=0, keepdims=True)])
    times = 1_700_000_000_000_000_000 + np.arange(10) * 10**9
    for found in f(times):
        np.testing.assert_array_equal(np.ravel(found), [times.mean()])


INFINITE: list[tuple[list[float], float]] = [
    ([np.inf, 1.0], np.inf), ([1.0, np.inf, 2.0], np.inf), ([-np.inf, 5.0], -np.inf),
    ([np.inf, -np.inf], np.nan), ([np.nan, 1.0], np.nan), ([np.inf, np.nan], np.nan),
    ([], np.nan), ([np.inf, np.inf], np.inf), ([3.0], 3.0),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_means_of_infinities(compiled: Callable[..., Any], dtype: str) -> None:
    x = T.TensorType(dtype, (None,))("x")
    f = compiled([x], T.mean_and_variance(x))
    for values, wanted in INFINITE:
        with nullcontext() if values else pytest.warns(RuntimeWarning, match="no numbers"):
            mean, variance = f(np.array(values, dtype))
        np.testing.assert_array_equal(mean, wanted)
        np.testing.assert_array_equal(variance, 0.0 if values == [3.0] else np.nan)


def test_the_number_of_elements_is_int64() -> None:
    for x in (T.dscalar("x"), T.dvector("x"), T.dmatrix("x")):
        assert x.size.dtype == "int64"


def test_sums_over_a_declared_size_of_one() -> None:
    """No loop runs over it; with and without the rules that take it away."""
    x, v = T.tensor("float32", (None, 1), "x"), T.tensor("float64", (1,), "v")
    outputs = [x.sum(axis=1), T.dot(x, v), v.sum(), T.dot(v, v), (x * v).sum(), x.mean(axis=1)]
    at, one = np.array([[1], [2], [3]], "float32"), np.array([2.0])
    expected = [[1, 2, 3], [2, 4, 6], 2, 4, 12, [1, 2, 3]]
    for target in ("interpret", "python", "c"):
        for options in ({"rules": ()}, {}):
            f = kg.function([x, v], outputs, target=target, **options)  # pyright: ignore[reportArgumentType]
            for got, wanted in zip(f(at, one), expected, strict=True):
                np.testing.assert_array_equal(got, wanted, err_msg=target)


# ------------------------------------------------------------ every fold, axis and dtype of NumPy's

FORMS: list[Any] = [None, 0, 1, -1, 2, (0, 1), [0, 2], (-1, 0), (0, 1, 2)]
OF_REALS = ["max", "min", "ptp"]
ALL_FOLDS = ["sum", "max", "min", "any", "all", "ptp", "count_nonzero", "mean", "var", "std"]


def numbers(dtype: str, shape: tuple[int, ...]) -> Any:
    rng = np.random.default_rng(len(dtype))
    low = 0 if dtype.startswith(("uint", "bool")) else -4
    return rng.integers(low, 5, size=shape).astype(dtype)


def close(found: Any, wanted: Any, dtype: str) -> bool:
    exact = dtype if is_float(dtype) or is_complex(dtype) else "float64"
    rtol = 8 * np.finfo(exact).eps
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol, 1e-12, equal_nan=True)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_every_fold_along_every_axis_is_that_of_numpy(dtype: str) -> None:
    check_folds(kg.function, dtype, FORMS, (False, True), target="interpret")


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_folds_on_every_target(compiled: Callable[..., Any], dtype: str) -> None:
    check_folds(compiled, dtype, [None, -1, (0, 2)], (True,))


def check_folds(
    make: Callable[..., Any], dtype: str, forms: list[Any], keeps: Any, **options: Any
) -> None:
    x, values = T.TensorType(dtype, (None,) * 3)("x"), numbers(dtype, (2, 3, 4))
    folds = [name for name in ALL_FOLDS if dtype != "bool" or name != "ptp"]
    folds = [name for name in folds if name not in OF_REALS or not is_complex(dtype)]
    cases = [(name, axis, keep) for name in folds for axis in forms for keep in keeps]
    outputs = [getattr(T, name)(x, axis=axis, keepdims=keep) for name, axis, keep in cases]
    f = make([x], outputs, **options)
    with np.errstate(all="ignore"):
        for (name, axis, keep), found in zip(cases, f(values), strict=True):
            along = tuple(axis) if isinstance(axis, list) else axis
            wanted = getattr(np, name)(values, axis=along, keepdims=keep)
            assert close(found, np.asarray(wanted), dtype), (name, axis, keep)
            if name not in ("mean", "var", "std"):
                assert found.dtype == wanted.dtype, (name, dtype)


def test_folds_are_methods_and_functions_of_numpy() -> None:
    x = T.dmatrix("x")
    names = ("sum", "max", "min", "any", "all", "argmax", "argmin", "mean", "var", "std", "ptp")
    pairs = [(getattr(np, name)(x, axis=1), getattr(T, name)(x, axis=1)) for name in names]
    pairs += [(getattr(x, name)(axis=1), getattr(T, name)(x, axis=1)) for name in names]
    graphs = [kg.Graph((x,), (v, w)) for v, w in pairs]
    for graph in graphs:
        one, other = kg.interpret(graph, [MATRIX])
        np.testing.assert_array_equal(one, other)


EMPTY = [(T.any, False), (T.all, True), (T.count_nonzero, 0)]


@pytest.mark.parametrize(("fold", "value"), EMPTY)
def test_truth_of_nothing(fold: Callable[..., Any], value: Any, compiled: Any) -> None:
    x = T.dmatrix("x")
    f = compiled([x], [fold(x, axis=0), fold(x, axis=1), fold(x)])
    for found, shape in zip(f(np.zeros((0, 3))), [(3,), (0,), ()], strict=True):
        np.testing.assert_array_equal(found, np.full(shape, value))


def test_what_is_no_number_is_true(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], [T.any(x), T.all(x), T.count_nonzero(x), T.argmin(x), T.argmax(x), T.min(x)])
    found = f([-0.0, np.nan, 0.0, np.nan])
    np.testing.assert_array_equal(found, [True, False, 2, 1, 1, np.nan])


@pytest.mark.parametrize("fold", [T.argmin, T.ptp, T.min_and_argmin])
def test_nothing_has_no_smallest_number(fold: Any, compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], fold(x, axis=1))
    with pytest.raises(ShapeError, match=r"KG-S010.*dimension 1 of x .* has size 0"):
        f(np.zeros((2, 0)))


def test_equals_share_the_derivative_of_the_smallest_and_the_largest() -> None:
    x = T.dmatrix("x")
    at = np.array([[1.0, 1.0, 2.0], [3.0, 0.0, 3.0]])
    for fold, wanted in (
        (lambda x: T.min_and_argmin(x, axis=1)[0], [[0.5, 0.5, 0], [0, 1, 0]]),
        (lambda x: T.ptp(x, axis=1), [[-0.5, -0.5, 1], [0.5, -1, 0.5]]),
    ):
        (found,) = kg.interpret(kg.Graph((x,), (T.grad(fold(x).sum(), x),)), [at])
        np.testing.assert_array_equal(found, wanted)


def test_the_extremes_of_a_complex_number() -> None:
    z = T.zscalar("z")
    for target in TARGETS:
        for found in kg.function([z], [T.max(z), T.min(z)], target=target)(2 + 1j):
            assert (found.shape, found[()]) == ((), 2 + 1j), target
