"""The array object: lazy, computed when its numbers are wanted, changed in place by assignment."""

from __future__ import annotations

import operator
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.errors import OptionError
from kernelgraph.graph import Constant

X = [[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]]


def test_operations_build_nodes() -> None:
    x = xp.asarray(X)
    y = xp.exp(x) + 1
    assert str(y.variable).startswith("exp(")
    assert y.dtype == xp.float64
    assert (y.ndim, y.shape, y.size) == (2, (2, 3), 6)
    assert not isinstance(y.variable, Constant), "neither shape nor dtype compute it"
    np.testing.assert_array_equal(y.value, np.exp(X) + 1)
    assert isinstance(y.variable, Constant), "what is computed begins anew from its numbers"


def test_what_arrays_hold_on_the_way_is_kept() -> None:
    x = xp.asarray(X)
    y = xp.exp(x)
    z = y * 2
    float(xp.sum(z))
    assert isinstance(y.variable, Constant)
    assert isinstance(z.variable, Constant)


def test_a_loop_that_looks_at_its_numbers_stays_short() -> None:
    x = xp.asarray(1.0)
    for _ in range(5):
        x = x / 2 + 1
        assert float(x) > 0
    assert isinstance(x.variable, Constant)


def test_numbers_of_python() -> None:
    assert float(xp.asarray(1.5)) == 1.5
    assert int(xp.asarray(3)) == 3
    assert bool(xp.asarray(True)) is True
    assert complex(xp.asarray(2.0)) == 2 + 0j
    assert operator.index(xp.asarray(2)) == 2
    assert [1, 2, 3][xp.asarray(1)] == 2
    with pytest.raises(TypeError, match="an index is an integer"):
        operator.index(xp.asarray(1.0))


def test_what_it_looks_like() -> None:
    assert repr(xp.asarray([1, 2])) == "Array([1, 2], dtype=int64)"
    assert str(xp.asarray(True)) == "Array(True, dtype=bool)"


def test_loops_go_along_the_first_axis() -> None:
    rows = list(xp.asarray(X))
    assert [row.shape for row in rows] == [(3,), (3,)]
    np.testing.assert_array_equal(rows[1].value, X[1])


def test_numpy_gets_a_copy() -> None:
    x = xp.asarray(X)
    y = np.asarray(x)
    y[0, 0] = 9.0
    assert float(x[0, 0]) == 0.5
    assert np.asarray(x, dtype="float32").dtype == "float32"
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x, copy=False)[0, 0] = 1.0


def test_other_libraries_get_a_copy_by_dlpack() -> None:
    x = xp.asarray(X) * 2
    y = np.from_dlpack(x)
    np.testing.assert_array_equal(y, np.multiply(X, 2))
    np.testing.assert_array_equal(np.asarray(strict.from_dlpack(x)), y)
    assert x.__dlpack_device__() == (1, 0)
    with pytest.raises(BufferError):
        x.__dlpack__(copy=False)
    with pytest.raises(BufferError):
        x.__dlpack__(dl_device=(2, 0))


def test_arrays_of_other_libraries_come_in() -> None:
    values = np.asarray(X)
    view: Any = values
    for offer in (values, memoryview(view), strict.asarray(X)):
        np.testing.assert_array_equal(xp.asarray(offer).value, X)
    for offer in (values, strict.asarray(X), xp.asarray(X)):
        np.testing.assert_array_equal(xp.from_dlpack(offer).value, X)
    x = xp.asarray(values)
    values[0, 0] = 9.0
    assert float(x[0, 0]) == 0.5
    with pytest.raises(TypeError, match="KG-D001"):
        xp.asarray(np.array(["a"]))
    with pytest.raises(TypeError, match="KG-D007"):
        xp.from_dlpack([1.0])


def test_operations_in_place_change_the_array_itself() -> None:
    x = y = xp.asarray([1, 2, 3])
    x += 1
    x *= xp.asarray([2, 2, 2])
    assert x is y
    np.testing.assert_array_equal(y.value, [4, 6, 8])
    z = x + 0
    x -= 1
    np.testing.assert_array_equal(z.value, [4, 6, 8])
    small = xp.asarray([1], dtype=xp.int8)
    with pytest.raises(TypeError, match="keeps the dtype"):
        small += x


ASSIGNED: dict[str, Any] = {
    "an item": (lambda s: (0, 1), lambda s: 7.0),
    "a row": (lambda s: (1, ...), lambda s: s.asarray([7.0, 8.0, 9.0])),
    "a column": (lambda s: (slice(None), 0), lambda s: 1),
    "everything": (lambda s: ..., lambda s: 2.0),
    "a step": (lambda s: (slice(None), slice(None, None, 2)), lambda s: s.asarray([[7.0, 8.0]])),
    "a mask": (lambda s: s.asarray(X) > 0, lambda s: 0.0),
    "a mask of rows": (lambda s: s.asarray([True, False]), lambda s: -1.0),
    "a mask, by an array": (lambda s: s.asarray(X) > 1, lambda s: s.asarray([7.0, 8.0])),
}


@pytest.mark.parametrize(("key", "value"), ASSIGNED.values(), ids=list(ASSIGNED))
def test_assignment(key: Any, value: Any) -> None:
    ours, theirs = xp.asarray(X), strict.asarray(X)
    before = ours + 0
    ours[key(xp)] = value(xp)
    theirs[key(strict)] = value(strict)
    np.testing.assert_array_equal(ours.value, np.asarray(theirs))
    np.testing.assert_array_equal(before.value, X)


def test_assignment_keeps_the_dtype() -> None:
    x = xp.asarray([1, 2], dtype=xp.int8)
    for value in (0.5, xp.asarray(1.0), xp.asarray(300)):
        with pytest.raises(TypeError):
            x[0] = value
    with pytest.raises(OverflowError):
        x[0] = 300


def test_comparisons_go_by_element() -> None:
    x = xp.asarray([1, 2])
    np.testing.assert_array_equal((x == 2).value, [False, True])
    np.testing.assert_array_equal((x != x).value, [False, False])
    assert (x == "text") is False
    with pytest.raises(TypeError):
        hash(x)


def test_numbers_may_stand_on_either_side() -> None:
    x = xp.asarray([1.0, 2.0])
    np.testing.assert_array_equal((1 - x).value, [0.0, -1.0])
    np.testing.assert_array_equal((2 / x).value, [2.0, 1.0])
    np.testing.assert_array_equal((2**x).value, [2.0, 4.0])
    with pytest.raises(TypeError):
        x + "1"  # pyright: ignore[reportUnusedExpression]


def test_the_namespace_of_an_array() -> None:
    x = xp.asarray(1.0)
    assert x.__array_namespace__() is xp
    assert x.__array_namespace__(api_version="2023.12") is xp
    with pytest.raises(OptionError, match=r"2024\.12"):
        x.__array_namespace__(api_version="2019.01")
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    with pytest.raises(OptionError):
        x.to_device("gpu")


def test_data_dependent_sizes_are_computed_when_asked_for() -> None:
    x = xp.asarray(X)
    assert x[x > 0].shape == (4,)
    (rows, columns) = xp.nonzero(x > 0)
    assert rows.shape == columns.shape == (4,)
    one = x[x > 2.5]
    np.testing.assert_array_equal((one + xp.asarray([1.0, 2.0])).value, [4.0, 5.0])
    assert xp.squeeze(one, 0).shape == ()


def test_errors_name_the_line_that_made_the_node() -> None:
    x = xp.asarray(X)
    y = x[x > 0]
    with pytest.raises(ValueError, match=r"y \+ xp\.ones"):
        float(xp.sum(y + xp.ones(3)))
