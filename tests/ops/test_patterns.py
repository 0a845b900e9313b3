"""Declared sizes that change: what is repeated, and what is checked when a function runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, AxisError, ShapeError, SpecifiedShapeError
from tests.ops.tables import Rows, both_modes_agree, compare

X, ROW = np.random.default_rng(0).normal(size=(3, 4, 5)), np.arange(4.0).reshape(1, 4, 1)
SYMBOLS = [
    T.tensor("float64", (None,) * 3, "x"), T.tensor("float64", (1, None, 1), "row"),
    T.lscalar("n"), T.lvector("s"),
]  # fmt: skip
VALUES = [X, ROW, np.array(3), np.array([6, 10])]

ROWS: Rows = [
    (
        lambda x, row, n, s: T.broadcast_to(row, (2, n, 4, 5)),
        lambda x, row, n, s: np.broadcast_to(row, (2, 3, 4, 5)),
    ),
    (lambda x, row, n, s: T.broadcast_to(row, x.shape), lambda x, row, n, s: x * 0 + row),
    (lambda x, row, n, s: T.specify_shape(x, (n, None, 5)), lambda x, row, n, s: x),
    (lambda x, row, n, s: T.specify_shape(s, (2,)), lambda x, row, n, s: s),
    (lambda x, row, n, s: T.addbroadcast(x[:1], 0) + x, lambda x, row, n, s: x[:1] + x),
    (lambda x, row, n, s: T.unbroadcast(row, 0, 2) * 2, lambda x, row, n, s: row * 2),
    (
        lambda x, row, n, s: T.patternbroadcast(x[:1], (True, False, False)) + x,
        lambda x, row, n, s: x[:1] + x,
    ),
    (lambda x, row, n, s: x.reshape(s, ndim=2), lambda x, row, n, s: x.reshape(s)),
    (lambda x, row, n, s: x.reshape((n, -1)), lambda x, row, n, s: x.reshape(3, -1)),
    (
        lambda x, row, n, s: T.reshape(x, T.concatenate([x.shape[:1], [20]]), ndim=2),
        lambda x, row, n, s: x.reshape(3, 20),
    ),
    (lambda x, row, n, s: [x.size, x.shape], lambda x, row, n, s: [x.size, x.shape]),
]


def test_they_are_numpys() -> None:
    compare(SYMBOLS, VALUES, ROWS)


def test_derivatives_of_both_modes_agree() -> None:
    both_modes_agree(SYMBOLS, VALUES, ROWS)


def test_what_is_specified_is_known() -> None:
    x, row = SYMBOLS[:2]
    assert T.specify_shape(x, (3, None, 5)).tensor_type.shape == (3, None, 5)
    assert T.addbroadcast(x, 1).broadcastable == (False, True, False)
    assert T.unbroadcast(row, 0).tensor_type.shape == (None, None, 1)
    assert T.patternbroadcast(row, (False, True, True)).tensor_type.shape == (None, 1, 1)
    assert T.specify_shape(row, (1, None, 1)) is row


ANOTHER: dict[str, tuple[Callable[..., Any], str, type[Exception]]] = {
    "a known size": (lambda x, row, n: T.specify_shape(x, (3, None, 4)), "KG-S014", AssertionError),
    "a symbol": (lambda x, row, n: T.specify_shape(x, (n + 1, None, 5)), "KG-S014", AssertionError),
    "no 1": (lambda x, row, n: T.addbroadcast(x, 1) + x, "KG-S014", ValueError),
    "no 1 to drop": (lambda x, row, n: T.squeeze(x, 0), "KG-S014", ValueError),
    "a longer axis": (lambda x, row, n: T.broadcast_to(row, (3, 7, 5)), "KG-S014", ValueError),
    "a negative axis": (lambda x, row, n: T.alloc(row, n - 4, 4, 5), "KG-S009", ValueError),
    "not repeated any more": (lambda x, r, n: T.unbroadcast(r, 0, 2) + x, "KG-S001", ValueError),
    "not repeated": (lambda x, row, n: x[:1] + x, "KG-S001", ValueError),
    "too many elements": (lambda x, row, n: x.reshape((n, n)), "KG-S004", ValueError),
    "a negative size": (lambda x, row, n: x.reshape((n - 5, 12)), "KG-S004", ValueError),
    "nothing to divide": (lambda x, row, n: x.reshape((n - 3, -1)), "KG-S004", ValueError),
}  # fmt: skip


@pytest.mark.parametrize(("target", "every"), [("interpret", 1), ("python", 1), ("c", 4)])
def test_another_size_is_an_error_at_the_line(target: str, every: int) -> None:
    for name in list(ANOTHER)[::every]:
        make, code, kind = ANOTHER[name]
        x, row, n, _ = SYMBOLS
        y = make(x, row, n)
        f = kg.function([x, row, n], y, target=target, on_unused_input="ignore")
        with pytest.raises(ShapeError, match=code) as caught:
            f(X, ROW, 3)
        assert isinstance(caught.value, kind), name
        assert "y = make" in str(caught.value) or "lambda x, r" in str(caught.value), name


WRONG: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "another number of sizes": (lambda x: T.specify_shape(x, (3, 4)), ShapeError, "KG-S008"),
    "another number of flags": (lambda x: T.patternbroadcast(x, (True,)), ArgumentError, "3 flags"),
    "no flag": (lambda x: T.patternbroadcast(x, (2, 0, 0)), ArgumentError, "True or False"),
    "fewer sizes": (lambda x: T.broadcast_to(x, (4, 5)), ShapeError, "KG-S008"),
    "no axis": (lambda x: T.addbroadcast(x, 3), AxisError, "KG-S003"),
    "a fraction": (lambda x: T.broadcast_to(x, (3, 4, 5.0)), ArgumentError, "a size must be"),
    "a vector of any length": (
        lambda x: T.broadcast_to(x, T.lvector("s")), ShapeError, "dimensions must be known"
    ),
    "known to differ": (
        lambda x: T.specify_shape(T.specify_shape(x, (3, None, None)), (4, None, None)),
        SpecifiedShapeError, "size 4, but has 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls_are_clear_errors(name: str) -> None:
    make, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        make(SYMBOLS[0])
