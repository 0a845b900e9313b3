"""The memory of a shared variable's last value holds the next but one, if nobody else knows it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c import runtime_ctypes
from kernelgraph.config import config


@pytest.fixture(autouse=True, params=["native", "ctypes"])
def runtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "ctypes":
        monkeypatch.setattr("kernelgraph.c.target.runtime", lambda: runtime_ctypes)
    with config.change_flags(target="c"):
        yield


def address(shared: Any) -> int:
    return shared.get_value(borrow=True).ctypes.data


def stepping(size: int = 5) -> tuple[Any, Any]:
    w = kg.shared(np.zeros(size), "w")
    return w, kg.function([], [], updates=[(w, w + 1)])


def test_two_memories_take_turns() -> None:
    w, step = stepping()
    seen: list[int] = []
    for turn in range(1, 8):
        step()
        seen.append(address(w))
        np.testing.assert_array_equal(w.get_value(), np.full(5, turn))
    assert len(set(seen[1:])) == 2
    assert seen[1:4] == seen[3:6]


@pytest.mark.parametrize(
    "hold",
    [
        lambda value: value,
        lambda value: value[1:],
        memoryview,
        lambda value: value.T,
        lambda value: [value],
    ],
    ids=["itself", "a slice", "a memoryview", "a transpose", "in a list"],
)
def test_what_somebody_holds_is_left_alone(hold: Any) -> None:
    w, step = stepping()
    step()
    held = hold(w.get_value(borrow=True))
    before = np.array(held, copy=True)
    for _ in range(5):
        step()
    np.testing.assert_array_equal(np.asarray(held), before)
    np.testing.assert_array_equal(w.get_value(), np.full(5, 6.0))


def test_a_weak_reference_dies_as_it_would() -> None:
    w, step = stepping()
    step()
    watched = weakref.ref(w.get_value(borrow=True))
    step()
    assert watched() is None


def test_an_output_that_is_an_update_too_is_the_users() -> None:
    w = kg.shared(np.zeros(3), "w")
    new = w + 1
    step = kg.function([], new, updates=[(w, new)])
    results = [step() for _ in range(4)]
    for turn, result in enumerate(results, 1):
        np.testing.assert_array_equal(result, np.full(3, turn))


def test_a_value_that_was_lent_stays_its_owners() -> None:
    own = np.zeros(4)
    w = kg.shared(own, "w", borrow=True)
    step = kg.function([], [], updates=[(w, w + 1)])
    for _ in range(4):
        step()
    np.testing.assert_array_equal(own, np.zeros(4))


def test_other_sizes_get_other_memory() -> None:
    w, step = stepping(4)
    for size in (4, 4, 7, 3, 3, 0, 3):
        w.set_value(np.zeros(size))
        step()
        step()
        np.testing.assert_array_equal(w.get_value(), np.full(size, 2.0))


def test_two_variables_change_places() -> None:
    a, b = kg.shared(np.zeros(3), "a"), kg.shared(np.ones(3), "b")
    swap = kg.function([], [], updates=[(a, b), (b, a)])
    for turn in range(1, 6):
        swap()
        np.testing.assert_array_equal(a.get_value(), np.full(3, turn % 2))
        np.testing.assert_array_equal(b.get_value(), np.full(3, 1 - turn % 2))


def test_a_call_that_fails_changes_nothing() -> None:
    w = kg.shared(np.zeros(3), "w")
    x, i = T.dvector("x"), T.lscalar("i")
    step = kg.function([x, i], x[i], updates=[(w, w + x)])
    ones = np.ones(3)
    for turn in range(1, 5):
        step(ones, 0)
        kept = w.get_value()
        with pytest.raises(IndexError):
            step(ones, 5)
        np.testing.assert_array_equal(w.get_value(), kept)
        np.testing.assert_array_equal(kept, np.full(3, turn))
