"""Taps of sequences and states, against loops in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError
from tests.support import TARGETS, cases


def by_hand(x: Any, first: Any, x_taps: list[int], taps: list[int], backwards: bool) -> Any:
    """What `step` below makes of all rows, in Python."""
    low, high = min(0, *x_taps), max(0, *x_taps)
    turns = range(-low, len(x) - high)
    states = list(first[: -min(taps)])
    for t in reversed(turns) if backwards else turns:
        rows = [x[t + tap] for tap in x_taps]
        back = [states[len(states) + tap] for tap in taps]
        states.append(step(*rows, *back))
    return np.array(states[-min(taps) :]).reshape(-1, x.shape[1])


def step(*rows: Any) -> Any:
    total = rows[0]
    for k, row in enumerate(rows[1:], start=2):
        total = total * 0.5 + k * row * row[::-1]
    return total * 0.125


@given(
    x_taps=st.lists(st.integers(-2, 2), min_size=1, max_size=3),
    taps=st.lists(st.integers(-3, -1), min_size=1, max_size=3, unique=True),
    steps=st.integers(0, 6),
    backwards=st.booleans(),
    target=st.sampled_from(("interpret", "python")),
)
@cases(25, 400)
def test_any_taps(
    x_taps: list[int], taps: list[int], steps: int, backwards: bool, target: str
) -> None:
    x, first = T.dmatrix("x"), T.dmatrix("first")
    initial = first[0] if taps == [-1] else first
    states, _ = kg.scan(
        step,
        sequences={"input": x, "taps": x_taps},
        outputs_info=[{"initial": initial, "taps": taps}],
        go_backwards=backwards,
    )
    cost = states.sum()
    f = kg.function([x, first], [states, *T.grad(cost, [x, first])], target=target)
    random = np.random.default_rng(0)
    rows = random.normal(size=(steps + max(0, *x_taps) - min(0, *x_taps), 2))
    begin = random.normal(size=(3, 2))
    found, *slopes = f(rows, begin)
    np.testing.assert_allclose(found, by_hand(rows, begin, x_taps, taps, backwards), rtol=1e-12)
    for k, slope in enumerate(slopes):
        wanted = complex_step([rows, begin], k, x_taps, taps, backwards)
        np.testing.assert_allclose(slope, wanted, rtol=1e-9, atol=1e-12)


def complex_step(values: list[Any], k: int, *how: Any) -> Any:
    """The derivative of the sum of all states by each number of `values[k]`."""
    slopes = np.zeros(values[k].shape)
    for place in np.ndindex(*slopes.shape):
        moved = [v.astype(complex) for v in values]
        moved[k][place] += 1e-30j
        slopes[place] = by_hand(*moved, *how).sum().imag / 1e-30
    return slopes


@pytest.mark.parametrize("target", TARGETS)
def test_several_states_and_sequences_in_theanos_order(target: str) -> None:
    x, y, k = T.dvector("x"), T.dvector("y"), T.dscalar("k")

    def fn(x_before: Any, x_now: Any, y_now: Any, a2: Any, a1: Any, b1: Any, k: Any) -> Any:
        return a2 + k * a1 + x_before - x_now, b1 * y_now, x_now * 2

    first = T.dvector("first")
    results, _ = kg.scan(
        fn,
        sequences=[{"input": x, "taps": [-1, 0]}, y],
        outputs_info=[{"initial": first, "taps": [-2, -1]}, np.float64(1.0), None],
        non_sequences=[k],
    )
    f = kg.function([x, y, first, k], results, target=target)
    a, b, c = f([1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 3.0, 9.0], [1.0, 10.0], 0.5)
    np.testing.assert_array_equal(a, [5.0, 10.5, 6.25])  # 1+5-1, 10+2.5-2, 5+5.25-4
    np.testing.assert_array_equal(b, [1.0, 2.0, 6.0])
    np.testing.assert_array_equal(c, [4.0, 8.0, 16.0])


@pytest.mark.parametrize(
    ("fn", "numbers", "dtype", "last"),
    [
        (lambda a, b: a + b, [0, 1], "int64", 10946),
        (lambda a, b: a * 0.5 + b, [0, 1], "float64", None),
        (lambda a, b: a + b, [0.0, 1.0], "float64", 10946.0),
    ],
)
def test_numbers_of_python_get_the_dtype_that_they_have_without_taps(
    fn: Callable[..., Any], numbers: list[Any], dtype: str, last: Any
) -> None:
    series, _ = kg.scan(fn, outputs_info=[{"initial": numbers, "taps": [-2, -1]}], n_steps=20)
    by_states, _ = kg.scan(
        lambda b, a: [fn(a, b), b], outputs_info=[numbers[1], numbers[0]], n_steps=20
    )
    assert series.dtype == by_states[0].dtype == dtype
    found, same = kg.function([], [series, by_states[0]])()
    np.testing.assert_array_equal(found, same)
    assert last is None or found[-1] == last


def test_too_few_rows_name_the_sizes() -> None:
    first = T.dvector("first")
    states, _ = kg.scan(
        lambda a, b: a + b, outputs_info=[{"initial": first, "taps": [-2, -1]}], n_steps=3
    )
    f = kg.function([first], states)
    with pytest.raises(kg.errors.KernelgraphError, match=r"index 1 is out of bounds.* size is 1"):
        f([1.0])


WRONG: list[tuple[Any, Any, str]] = [
    ({"taps": [0]}, None, "without 'input'"),
    ({"input": 1, "step": 2}, None, "the key 'step'"),
    ({"input": [1.0, 2.0], "taps": []}, None, r"taps=\[\]"),
    ({"input": [1.0, 2.0], "taps": [0.5]}, None, r"taps=\[0.5\]"),
    ({"input": 3.0, "taps": [0, 1]}, None, "it has no rows"),
    ([1.0, 2.0], {"taps": [-1]}, "without 'initial'"),
    ([1.0, 2.0], {"initial": [1.0], "taps": [0]}, r"taps=\[0\]"),
    ([1.0, 2.0], {"initial": [1.0], "taps": [True]}, r"taps=\[True\]"),
    ([1.0, 2.0], {"initial": [1.0], "taps": [-2]}, "it needs 2 first values"),
    ([1.0, 2.0], {"initial": np.float64(1.0), "taps": [-2]}, "it needs 2 first values"),
]


@pytest.mark.parametrize(("sequence", "state", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_refused(sequence: Any, state: Any, words: str) -> None:
    infos = [] if state is None else [state]
    with pytest.raises(GraphError, match=f"KG-G032.*{words}") as caught:
        kg.scan(lambda *rows: rows[0], sequences=[sequence], outputs_info=infos)
    assert "test_taps.py" in str(caught.value)
