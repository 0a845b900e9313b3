"""dtypes, promotion, static sizes, and which values fit."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from kernelgraph import types
from kernelgraph.config import config
from kernelgraph.errors import DTypeError, ShapeError, StaticShapeError
from kernelgraph.types import (
    DTYPES,
    SparseType,
    TensorType,
    autocast,
    check_dtype,
    to_float,
    upcast,
)


@pytest.mark.parametrize(("a", "b"), list(itertools.combinations_with_replacement(DTYPES, 2)))
def test_promotion_is_numpys(a: str, b: str) -> None:
    assert upcast(a, b) == upcast(b, a) == np.result_type(np.empty(1, a), np.empty(1, b)).name


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_of_integers_compute_in_a_float_that_holds_them(dtype: str) -> None:
    if np.dtype(dtype).kind in "fc":
        assert to_float(dtype) == dtype
        return
    holds_all = dtype == "bool" or np.iinfo(dtype).bits <= 16
    assert to_float(dtype) == ("float32" if holds_all else "float64")


def test_names_of_dtypes() -> None:
    for given in (np.float32, "float32", "f4", "<f4", np.dtype("float32"), np.float32(1).dtype):
        assert check_dtype(given) == "float32"
    assert check_dtype("floatX") == "float64"
    with config.change_flags(floatX="float32"):
        assert check_dtype("floatX") == "float32"
    for wrong in ("complex256", "object", "nonsense", "U3", "M8[s]", np.longdouble, []):
        with pytest.raises(DTypeError, match=r"KG-D001.*is not supported") as caught:
            check_dtype(wrong)
        assert "supported: bool, int8" in str(caught.value)


NUMBERS: list[tuple[Any, str]] = [
    (0, "int8"), (127, "int8"), (128, "int16"), (-129, "int16"), (40_000, "int32"),
    (2**31, "int64"), (2**63, "uint64"), (True, "bool"), (0.5, "float32"), (0.1, "float64"),
    (1e300, "float64"), (float("nan"), "float32"), (float("-inf"), "float32"),
    (1 + 2**-30, "float64"), (-0.0, "float32"), (1j, "complex64"), (0.1j, "complex128"),
    (complex(float("nan"), 1), "complex64"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "dtype"), NUMBERS)
def test_python_numbers_take_the_smallest_dtype_that_holds_them(number: Any, dtype: str) -> None:
    assert autocast(number) == dtype


def test_python_numbers_under_other_settings() -> None:
    with config.change_flags(floatX="float32"):
        assert (autocast(0.1), autocast(0.1j)) == ("float32", "complex64")
    with config.change_flags(floatX="float16"):
        found = [autocast(number) for number in (0.5, 2048.0, 0.1, 1e5, 1e300)]
        assert found == ["float16", "float16", "float64", "float32", "float64"]
    with config.change_flags(cast_policy="numpy+floatX"):
        assert (autocast(1), autocast(0.5)) == ("int64", "float64")
        assert autocast(1j) == "complex128"
    for wrong in (2**64, -(2**63) - 1, 10**30):
        with pytest.raises(DTypeError, match=r"KG-D005.*does not fit"):
            autocast(wrong)


def test_tensor_types() -> None:
    kind = TensorType("f8", (None, 1, 3))
    assert (kind.dtype, kind.ndim, kind.itemsize) == ("float64", 3, 8)
    assert kind.broadcastable == (False, True, False)
    assert str(kind) == "float64[?, 1, 3]"
    assert str(TensorType("int8", ())) == "int8"
    assert kind == TensorType("float64", (None, 1, 3))
    assert hash(kind) == hash(TensorType("float64", (None, 1, 3)))
    assert kind != kind.with_dtype("float32")
    with pytest.raises(ShapeError, match="cannot be negative"):
        TensorType("float64", (-1,))


def test_which_type_includes_which() -> None:
    any_matrix = TensorType("float64", (None, None))
    assert any_matrix.accepts(TensorType("float64", (1, 3)))
    assert not TensorType("float64", (1, 3)).accepts(any_matrix)
    for other in (TensorType("float32", (1, 3)), TensorType("float64", (3,)), types.ObjectType()):
        assert not any_matrix.accepts(other)


class Lists:
    """Numbers behind an array method."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([1.0, 2.0])


class Explodes:
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("no")


FITTING: list[Any] = [
    [1, 2], (1.0, 2.0), range(1, 3), np.array([1, 2], "int8"), np.array([1, 2], "uint32"),
    np.array([1.0, 2.0], "float16"), np.array([1, 2], ">i4"), np.array([1, 2], "float64"), Lists(),
    np.array([[1.0, 2.0]])[0], np.array([2.0, 1.0])[::-1],
]  # fmt: skip


@pytest.mark.parametrize("value", FITTING, ids=lambda value: repr(value).split(" at 0x")[0])
def test_values_that_fit(value: Any) -> None:
    found = TensorType("float64", (None,)).filter(value, "x")
    assert type(found) is np.ndarray
    assert found.dtype == np.float64
    assert found.flags.aligned
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, [1.0, 2.0])


def test_arrays_that_fit_are_not_copied() -> None:
    kind = TensorType("float64", (None,))
    for value in (np.ones(3), np.ones(6)[::2], np.ones(3)[::-1], np.broadcast_to(1.0, 3)):
        assert np.shares_memory(kind.filter(value), value)
    read_only = np.ones(3)
    read_only.flags.writeable = False
    assert kind.filter(read_only) is read_only


REFUSED: list[tuple[str, Any, str]] = [
    ("int8", 128, "KG-D004"), ("int8", -129, "KG-D004"), ("uint8", -1, "KG-D004"),
    ("int64", 0.5, "KG-D004"), ("int64", 2.0**63, "KG-D004"), ("uint8", [1, 256], "KG-D004"),
    ("int32", np.int64(1), "KG-D004"), ("float32", np.float64(0.5), "KG-D004"),
    ("float32", np.ones(2), "KG-D004"), ("float32", 0.1, "KG-D004"),
    ("int64", np.array([1.0]), "KG-D004"), ("bool", 2, "KG-D004"),
    ("int64", np.uint64(1), "KG-D004"), ("int64", float("nan"), "KG-D004"),
    ("float32", 2**24 + 1, "KG-D004"),
    ("float64", 1j, "KG-D004"), ("float32", [1.0, 2j], "KG-D004"),
    ("complex64", 0.1j, "KG-D004"), ("float64", "1", "KG-D002"), ("float64", None, "KG-D002"),
    ("float64", Explodes(), "KG-D007"), ("float64", np.ma.masked_array([1.0], [True]), "KG-D006"),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "value", "code"), REFUSED, ids=lambda v: str(v)[:20])
def test_values_that_would_lose_something(dtype: str, value: Any, code: str) -> None:
    kind = TensorType(dtype, (None,) * np.ndim(0 if isinstance(value, Explodes) else value))
    with pytest.raises(DTypeError) as caught:
        kind.filter(value, "argument 3 'w'")
    assert caught.value.code == code
    assert "argument 3 'w'" in str(caught.value)


ACCEPTED: list[tuple[str, Any]] = [
    ("int8", 127), ("uint8", 255), ("int64", 2.0), ("int64", -(2**63)), ("uint64", 2**64 - 1),
    ("float32", 0.5), ("float32", 2**24), ("float64", 2**53), ("bool", 1), ("bool", False),
    ("float64", np.float32(0.1)), ("float32", float("nan")), ("float32", np.int16(3)),
    ("int16", np.uint8(255)), ("uint8", [0, 255]),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "value"), ACCEPTED, ids=str)
def test_values_that_lose_nothing(dtype: str, value: Any) -> None:
    found = TensorType(dtype, (None,) * np.ndim(value)).filter(value)
    np.testing.assert_array_equal(found, np.asarray(value))
    assert found.dtype == dtype


def test_downcasting_on_request() -> None:
    kind = TensorType("float32", (None,))
    assert kind.filter(np.array([0.1]), allow_downcast=True)[0] == np.float32(0.1)
    assert TensorType("int8", ()).filter(300, allow_downcast=True) == 44
    with config.change_flags(floatX="float32"):
        assert TensorType("float32", ()).filter(0.1) == np.float32(0.1)
        with pytest.raises(DTypeError):
            TensorType("float32", ()).filter(0.1, allow_downcast=False)


def test_rank_and_declared_sizes() -> None:
    with pytest.raises(StaticShapeError, match=r"KG-S006.*expected 2, got 1 with shape \(3,\)"):
        TensorType("float64", (None, None)).filter(np.ones(3), "x")
    with pytest.raises(
        StaticShapeError, match=r"KG-S005.*x: dimension 1 was declared to have size 4"
    ):
        TensorType("float64", (None, 4)).filter(np.ones((2, 3)), "x")


def test_unaligned_and_foreign_arrays_are_copied() -> None:
    room = np.zeros(25, "uint8")
    unaligned = room[1:].view("float64")
    unaligned[:] = [1.0, 2.0, 3.0]
    found = TensorType("float64", (None,)).filter(unaligned)
    assert found.flags.aligned
    assert not np.shares_memory(found, room)
    np.testing.assert_array_equal(found, [1.0, 2.0, 3.0])
    packed = np.zeros(3, dtype=[("flag", "i1"), ("x", "f8")])["x"]
    assert TensorType("float64", (None,)).filter(packed).flags.aligned


def test_sparse_types() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    kind = SparseType("csr", "float64")
    matrix = sparse.eye(3, format="csr")
    assert kind.filter(matrix) is matrix
    assert (str(kind), kind.buffers) == ("csr[float64]", ("data", "indices", "indptr"))
    for wrong in (matrix.tocsc(), matrix.astype("float32"), np.eye(3), None):
        with pytest.raises(DTypeError, match=r"KG-D002.*expected a csr\[float64\]"):
            kind.filter(wrong, "a")
