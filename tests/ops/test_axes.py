"""Axes moved, added, dropped and turned round: NumPy's results, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.errors import AxisError, KernelgraphError
from tests.ops.tables import Rows, both_modes_agree, compare

X, ROW = np.random.default_rng(0).normal(size=(3, 4, 5)), np.arange(4.0).reshape(1, 4, 1)
SYMBOLS = [T.tensor("float64", (None,) * 3, "x"), T.tensor("float64", (1, None, 1), "row")]

ROWS: Rows = [
    (lambda x, row: T.swapaxes(x, 0, -1), lambda x, row: x.swapaxes(0, -1)),
    (lambda x, row: x.swapaxes(1, 1), lambda x, row: x),
    (lambda x, row: T.moveaxis(x, 0, 2), lambda x, row: np.moveaxis(x, 0, 2)),
    (lambda x, row: T.moveaxis(x, [0, 2], [1, 0]), lambda x, row: np.moveaxis(x, [0, 2], [1, 0])),
    (lambda x, row: T.rollaxis(x, 2), lambda x, row: np.rollaxis(x, 2)),
    (lambda x, row: T.rollaxis(x, 0, 3), lambda x, row: np.rollaxis(x, 0, 3)),
    (lambda x, row: T.rollaxis(x, 1, -3), lambda x, row: np.rollaxis(x, 1, -3)),
    (lambda x, row: T.squeeze(row), lambda x, row: row.squeeze()),
    (lambda x, row: row.squeeze(0), lambda x, row: row.squeeze(0)),
    (lambda x, row: T.squeeze(x[:, :1], (1,)), lambda x, row: x[:, 0]),
    (lambda x, row: T.expand_dims(x, (0, 2)), lambda x, row: np.expand_dims(x, (0, 2))),
    (lambda x, row: T.expand_dims(x, -1), lambda x, row: x[..., None]),
    (lambda x, row: T.shape_padleft(x, 2), lambda x, row: x[None, None]),
    (lambda x, row: T.shape_padright(x), lambda x, row: x[..., None]),
    (lambda x, row: T.shape_padaxis(x, 1), lambda x, row: x[:, None]),
    (lambda x, row: T.atleast_1d(x[0, 0, 0]), lambda x, row: np.atleast_1d(x[0, 0, 0])),
    (lambda x, row: T.atleast_2d(x[0, 0]), lambda x, row: np.atleast_2d(x[0, 0])),
    (lambda x, row: T.atleast_3d(x[0], x), lambda x, row: np.atleast_3d(x[0], x)),
    (lambda x, row: T.flip(x), lambda x, row: np.flip(x)),
    (lambda x, row: T.flip(x, (0, -1)), lambda x, row: np.flip(x, (0, -1))),
    (lambda x, row: T.fliplr(x), lambda x, row: np.fliplr(x)),
    (lambda x, row: T.flipud(x), lambda x, row: np.flipud(x)),
    (lambda x, row: T.flatten(x, 2), lambda x, row: x.reshape(3, 20)),
    (lambda x, row: x.flatten(outdim=3), lambda x, row: x),
    (lambda x, row: T.flatten(x[0, 0, 0]), lambda x, row: x[0, 0, :1]),
    (lambda x, row: x.ravel(), lambda x, row: x.ravel()),
]


def test_they_are_numpys() -> None:
    compare(SYMBOLS, [X, ROW], ROWS)


def test_derivatives_of_both_modes_agree() -> None:
    both_modes_agree(SYMBOLS, [X, ROW], ROWS)


def test_nothing_is_copied_on_the_way() -> None:
    """All but `flip` and `flatten` are views."""
    x = SYMBOLS[0]
    for out in (T.swapaxes(x, 0, 2), T.moveaxis(x, 0, 1), T.expand_dims(x, 0), T.squeeze(x[:1], 0)):
        assert out.owner is not None
        assert out.owner.op.virtual


WRONG: dict[str, Callable[[Any], Any]] = {
    "an axis that is not there": lambda x: T.swapaxes(x, 0, 3),
    "the same axis twice": lambda x: T.moveaxis(x, [0, 0], [1, 2]),
    "fewer places than axes": lambda x: T.moveaxis(x, [0, 1], [1]),
    "a new axis too far out": lambda x: T.expand_dims(x, 5),
    "a truth value": lambda x: T.squeeze(x, True),
    "no axis to turn": lambda x: T.flip(x, 3),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_axes_are_clear_errors(name: str) -> None:
    with pytest.raises(AxisError, match="KG-S003"):
        WRONG[name](SYMBOLS[0])


@pytest.mark.parametrize("count", [0, 4])
def test_flatten_keeps_as_many_axes_as_there_are(count: int) -> None:
    with pytest.raises(KernelgraphError, match="ndim must be an integer from 1 to 3"):
        T.flatten(SYMBOLS[0], count)
