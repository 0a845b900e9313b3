"""Elements picked by numbers and truth values, parts cut off, elements repeated, as by NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, IndexTypeError, KernelgraphError, ShapeError
from tests.ops.tables import Rows, both_modes_agree, compare

X = np.random.default_rng(0).normal(size=(3, 4, 5))
SYMBOLS = [T.tensor("float64", (None,) * 3, "x"), T.lmatrix("k"), T.lscalar("n"), T.lvector("c")]
VALUES = [X, np.array([[0, 1, -1], [2, 2, 0]]), np.array(1), np.array([0, 2, 0, 1])]
CHOICES = np.array([[0, 2, 1, 1, 0], [2, 2, 1, 0, 0], [2, 2, 1, 0, 0], [0, 0, 0, 0, 1]])

numpys_take: Any = np.take
TAKEN: Rows = [
    *[
        (
            lambda x, k, n, c, axis=axis, mode=mode: [
                T.take(x, k * 3 if mode != "raise" else k, axis, mode), x.take(n, axis, mode)
            ],
            lambda x, k, n, c, axis=axis, mode=mode: [
                numpys_take(x, k * 3 if mode != "raise" else k, axis, mode=mode),
                numpys_take(x, n, axis, mode=mode),
            ],
        )
        for axis, mode in [
            (None, "raise"), (None, "clip"), (0, "wrap"), (1, "raise"), (-1, "clip"), (-1, "wrap")
        ]
    ],
    *[
        (
            lambda x, k, n, c, axis=axis: T.compress(c, x, axis),
            lambda x, k, n, c, axis=axis: np.compress(c, x, axis),
        )
        for axis in (None, 1, 2)
    ],
    (lambda x, k, n, c: x[0, 0].compress([True, False, True]), lambda x, k, n, c: x[0, 0][:3:2]),
    (lambda x, k, n, c: T.nonzero_values(T.maximum(x, 0)), lambda x, k, n, c: x[x > 0]),
    (lambda x, k, n, c: c.nonzero(), lambda x, k, n, c: list(c.nonzero())),
    (lambda x, k, n, c: T.nonzero(k > 0, True), lambda x, k, n, c: np.array((k > 0).nonzero())),
    (lambda x, k, n, c: T.flatnonzero(x > 0), lambda x, k, n, c: np.flatnonzero(x > 0)),
    (lambda x, k, n, c: x[(x > 0).nonzero()], lambda x, k, n, c: x[x > 0]),
]  # fmt: skip

CHOSEN: Rows = [
    (lambda x, k, n, c: T.choose(CHOICES, x), lambda x, k, n, c: np.choose(CHOICES, x)),
    (
        lambda x, k, n, c: T.choose(T.constant(CHOICES), [x[0], x[1], x[2]]),
        lambda x, k, n, c: np.choose(CHOICES, [x[0], x[1], x[2]]),
    ),
    (
        lambda x, k, n, c: T.choose(c - 1, [x[0].T, 1.5], mode="wrap"),
        lambda x, k, n, c: np.choose(c - 1, [x[0].T, 1.5], mode="wrap"),
    ),
    (
        lambda x, k, n, c: T.constant(CHOICES * 3 - 2).choose(x, mode="clip"),
        lambda x, k, n, c: np.choose(CHOICES * 3 - 2, x, mode="clip"),
    ),
    (lambda x, k, n, c: T.choose(CHOICES[0], x), lambda x, k, n, c: np.choose(CHOICES[0], x)),
    (
        lambda x, k, n, c: T.choose(CHOICES[None], [x[0], x[1], x]),
        lambda x, k, n, c: np.choose(CHOICES[None], [x[0], x[1], x]),
    ),
    (lambda x, k, n, c: T.choose(n, x), lambda x, k, n, c: x[1]),
    (lambda x, k, n, c: T.choose(c, x[0, 0, :3]), lambda x, k, n, c: x[0, 0][c]),
]

ORDERED: Rows = [
    (
        lambda x, k, n, c: T.take_along_axis(x, T.argsort(x, 1), 1),
        lambda x, k, n, c: np.sort(x, 1),
    ),
    (
        lambda x, k, n, c: T.take_along_axis(x, k[None, 0, None], 2),
        lambda x, k, n, c: np.take_along_axis(x, k[None, 0, None], 2),
    ),
    (
        lambda x, k, n, c: T.permute_row_elements(x[0, :3, :3], [2, 0, 1]),
        lambda x, k, n, c: x[0, :3, [2, 0, 1]].T,
    ),
    (
        lambda x, k, n, c: T.permute_row_elements(x[0, :3, :3], [2, 0, 1], inverse=True),
        lambda x, k, n, c: x[0, :3, [1, 2, 0]].T,
    ),
    (
        lambda x, k, n, c: list(T.unravel_index(c * 5, (3, n + 3))),
        lambda x, k, n, c: list(np.unravel_index(c * 5, (3, 4))),
    ),
    (
        lambda x, k, n, c: list(T.unravel_index(c, (2, 3), order="F")),
        lambda x, k, n, c: list(np.unravel_index(c, (2, 3), order="F")),
    ),
    (
        lambda x, k, n, c: T.ravel_multi_index((c, c * 2), (3, 3), "wrap"),
        lambda x, k, n, c: np.ravel_multi_index((c, c * 2), (3, 3), "wrap"),
    ),
    (
        lambda x, k, n, c: T.ravel_multi_index((c, c), x.shape[:2], order="F"),
        lambda x, k, n, c: np.ravel_multi_index((c, c), (3, 4), order="F"),
    ),
    (lambda x, k, n, c: T.to_one_hot(c, n + 2), lambda x, k, n, c: np.eye(3)[c]),
    (lambda x, k, n, c: T.argwhere(k), lambda x, k, n, c: np.argwhere(k)),
    (
        lambda x, k, n, c: [f([c, c]) for f in (T.hstack, T.vstack, T.dstack, T.column_stack)],
        lambda x, k, n, c: [f([c, c]) for f in (np.hstack, np.vstack, np.dstack, np.column_stack)],
    ),
    (
        lambda x, k, n, c: [T.hstack([k, k]), T.append(k, c), T.append(x, x, 1)],
        lambda x, k, n, c: [np.hstack([k, k]), np.append(k, c), np.append(x, x, 1)],
    ),
    (
        lambda x, k, n, c: [T.horizontal_stack(k, k), T.vertical_stack(k, k)],
        lambda x, k, n, c: [np.hstack([k, k]), np.vstack([k, k])],
    ),
]  # fmt: skip

CUT: Rows = [
    (lambda x, k, n, c: np.split(x, 2, 1), lambda x, k, n, c: np.split(x, 2, 1)),
    (lambda x, k, n, c: np.split(x, [1, 9, 3], 1), lambda x, k, n, c: np.split(x, [1, 9, 3], 1)),
    (lambda x, k, n, c: T.split(x, [1, n, 2], 3, 1), lambda x, k, n, c: np.split(x, [1, 2], 1)),
    (lambda x, k, n, c: T.split(x, c + 1, 4, axis=1)[:0], lambda x, k, n, c: []),
    (lambda x, k, n, c: T.split(x, c[:3] * 2, 3, 1), lambda x, k, n, c: np.split(x, [0, 4], 1)),
    (lambda x, k, n, c: T.repeat(x, c, axis=1), lambda x, k, n, c: np.repeat(x, c, axis=1)),
    (lambda x, k, n, c: x.repeat(n + 1, 2), lambda x, k, n, c: x.repeat(2, 2)),
    (lambda x, k, n, c: T.repeat(x[0, 0], [2]), lambda x, k, n, c: x[0, 0].repeat([2])),
    (lambda x, k, n, c: T.repeat(x[0, 0, :3], [3, 0, 1]), lambda x, k, n, c: x[0, 0][[0, 0, 0, 2]]),
    (lambda x, k, n, c: x.diagonal(1, 2, 0), lambda x, k, n, c: x.diagonal(1, 2, 0)),
]


def test_what_is_taken_is_numpys() -> None:
    compare(SYMBOLS, VALUES, TAKEN)


def test_what_is_chosen_is_numpys() -> None:
    compare(SYMBOLS, VALUES, CHOSEN)


def test_what_is_ordered_and_stacked_is_numpys() -> None:
    compare(SYMBOLS, VALUES, ORDERED)


def test_what_is_cut_and_repeated_is_numpys() -> None:
    compare(SYMBOLS, VALUES, CUT)


def test_derivatives_of_both_modes_agree() -> None:
    both_modes_agree(SYMBOLS, VALUES, [*TAKEN, *CHOSEN, *ORDERED, *CUT])


OUTSIDE: dict[str, tuple[Callable[..., Any], str, type[Exception]]] = {
    "an index": (lambda x, n, c: T.take(x, c + 2, 1), "KG-I001.*dimension 1 of x", IndexError),
    "a part that is not there": (lambda x, n, c: T.compress(c + 1, x, 0), "KG-I001", IndexError),
    "a choice": (lambda x, n, c: T.choose(c * n, [x[0].T, 0]), "KG-I005", ValueError),
    "a negative choice": (lambda x, n, c: T.choose(c - 1, x[0, 0]), "KG-I005", ValueError),
    "nothing to clip to": (lambda x, n, c: T.take(x[:0], c, 0, "clip"), "KG-I001", IndexError),
    "nothing to wrap": (lambda x, n, c: T.take(x[:0], c, 0, "wrap"), "KG-I001", IndexError),
    "too few parts": (lambda x, n, c: T.split(x, [n, 1], 2, 1)[0], "KG-S013", ValueError),
    "a negative part": (lambda x, n, c: T.split(x, [4 + n, -n], 2, 1)[1], "KG-S009", ValueError),
    "too few numbers": (lambda x, n, c: T.repeat(x, c[1:], 1), "KG-S001", ValueError),
    "less than no repeats": (lambda x, n, c: T.repeat(x, c - 1, 1), "KG-I007", ValueError),
    "unequal parts": (lambda x, n, c: np.split(x, 3, 1)[0], "KG-S013", ValueError),
    "a place": (lambda x, n, c: T.unravel_index(c * 7, (3, 4))[0], "KG-I008", ValueError),
    "a negative place": (lambda x, n, c: T.ravel_multi_index((-c,), (4,)), "KG-I008", ValueError),
    "a label": (lambda x, n, c: T.to_one_hot(c, n + 1), "KG-I001", IndexError),
    "repeats by a number": (lambda x, n, c: T.repeat(x, n - 2, 1), "KG-S009", ValueError),
}  # fmt: skip


@pytest.mark.parametrize(("target", "every"), [("interpret", 1), ("python", 1), ("c", 4)])
def test_what_is_not_there_is_an_error_at_the_line(target: str, every: int) -> None:
    x, _, n, c = SYMBOLS
    for name in list(OUTSIDE)[::every]:
        make, code, kind = OUTSIDE[name]
        y = make(x, n, c)
        f = kg.function([x, n, c], y, target=target, on_unused_input="ignore")
        with pytest.raises(KernelgraphError, match=code) as caught:
            f(X, 1, VALUES[3])
        assert isinstance(caught.value, kind), name


x, v = SYMBOLS[0], T.dvector("v")
WRONG: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a fraction as index": (lambda: T.take(x, v), IndexTypeError, "KG-I003"),
    "truth values as indices": (lambda: T.take(v, v > 0), IndexTypeError, "KG-I003"),
    "another mode": (lambda: T.take(x, 0, mode="wrong"), ArgumentError, "mode"),
    "an axis that is not there": (lambda: T.take(x, 0, 3), KernelgraphError, "KG-S003"),
    "a matrix of truth values": (lambda: T.compress(x > 0, x), ShapeError, "a vector of truth"),
    "no choices": (lambda: T.choose(0, []), ArgumentError, "there are none"),
    "a number as choices": (lambda: T.choose(0, 1.0), ArgumentError, "choices are arrays"),
    "a fraction as choice": (lambda: T.choose(v, [v]), IndexTypeError, "KG-I003"),
    "another number of parts": (lambda: T.split(v, [1, 2], 3), ArgumentError, "2 sizes"),
    "parts without a number": (lambda: T.split(v, T.lvector("s")), ArgumentError, "n_splits"),
    "repeats of a fraction": (lambda: T.repeat(v, v), ArgumentError, "a vector of integers"),
    "another rank": (lambda: T.take_along_axis(x, T.lmatrix("k"), 0), ShapeError, "KG-S008"),
    "indices for other sizes": (
        lambda: T.ravel_multi_index((T.lvector("k"),), (2, 3)), ArgumentError, "1 index arrays"
    ),
    "no sizes": (lambda: T.unravel_index(0, ()), ArgumentError, "the sizes of an array"),
    "vectors as matrices": (lambda: T.horizontal_stack(v, v), ShapeError, "matrices are joined"),
    "nothing of a number": (lambda: T.nonzero(T.dscalar("a")), ShapeError, "KG-S008"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls_are_clear_errors(name: str) -> None:
    make, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        make()
