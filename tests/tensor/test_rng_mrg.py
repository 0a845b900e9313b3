"""MRG31k3p: the recurrence, its jumps, and the streams made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.ops.mrg import M1, M2, jump, mrg31k3p
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams

Compiled = Callable[..., Any]


@pytest.fixture(params=["c", "interpret"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def function(output: Any, **options: Any) -> Any:
        return kg.function([], output, target=request.param, **options)

    return function


def step(state: list[int]) -> float:
    """One draw, number by number, with integers of any size."""
    x1, x2, x3, y1, y2, y3 = state
    x = (4194304 * x2 + 129 * x3) % M1
    y = (32768 * y1 + 32769 * y3) % M2
    state[:] = [x, x1, x2, y, y1, y2]
    return ((x - y) % M1 or M1) / 2**31


def test_the_recurrence() -> None:
    state = [12345] * 6
    expected = [step(state) for _ in range(1000)]
    after, sample = mrg31k3p(np.array([[12345] * 6], dtype="int32"), 1000)
    assert sample.tolist() == expected
    assert after.tolist() == [state]


def test_streams_take_turns() -> None:
    states = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [13, 14, 15, 16, 17, 18]]
    _, sample = mrg31k3p(np.array(states, dtype="int32"), 8)
    assert sample.tolist() == [step(states[k % 3]) for k in range(8)]


@pytest.mark.parametrize("doublings", [0, 1, 5, 10])
def test_a_jump_is_many_steps(doublings: int) -> None:
    state = [1, 20, 300, 4000, 50000, 600000]
    far = jump(tuple(state), doublings)
    for _ in range(2**doublings):
        step(state)
    assert far == tuple(state)


def test_jumps_add_up() -> None:
    start = (12345,) * 6
    assert jump(jump(start, 71), 71) == jump(start, 72)


def test_the_first_numbers(compiled: Compiled) -> None:
    f = compiled(MRG_RandomStreams().uniform((2, 3)))
    starts = [tuple([12345] * 6)]
    for _ in range(5):
        starts.append(jump(starts[-1], 72))
    streams = [list(state) for state in starts]
    for _ in range(2):
        expected = np.reshape([step(state) for state in streams], (2, 3))
        np.testing.assert_array_equal(f(), expected)


def test_random_variables_have_streams_of_their_own(compiled: Compiled) -> None:
    streams = MRG_RandomStreams(1)
    a, b = compiled([streams.uniform((50,)), streams.uniform((50,))])()
    assert not set(a.tolist()) & set(b.tolist())


def test_seeding_begins_anew(compiled: Compiled) -> None:
    streams = MRG_RandomStreams(5)
    f = compiled(streams.uniform((4,)))
    first = f()
    streams.seed(5)
    assert (f() == first).all()


def test_a_normal_sample(compiled: Compiled) -> None:
    sample = compiled(MRG_RandomStreams(3).normal((101, 7), avg=2.0, std=3.0))()
    assert sample.shape == (101, 7)
    assert abs(sample.mean() - 2) < 0.5
    assert abs(sample.std() - 3) < 0.4


@pytest.mark.parametrize("trials", [1, 12])
def test_trials(trials: int, compiled: Compiled) -> None:
    sample = compiled(MRG_RandomStreams(3).binomial((3000,), n=trials, p=0.3))()
    assert sample.dtype == "int64"
    assert abs(sample.mean() - 0.3 * trials) < 0.15 * np.sqrt(trials)


def test_a_range(compiled: Compiled) -> None:
    sample = compiled(MRG_RandomStreams(3).uniform((500,), -2, 6))()
    assert -2 < sample.min() < -1.5
    assert 5.5 < sample.max() < 6


def test_a_size_may_be_a_symbol() -> None:
    n = T.lscalar("n")
    f = kg.function([n], MRG_RandomStreams(3).uniform((n,)))
    assert f(7).shape == (7,)


@pytest.mark.parametrize("seed", [0, -1, 2**31, (1, 2, 3), (0, 0, 0, 1, 1, 1)])
def test_seeds_that_cannot_be(seed: Any) -> None:
    with pytest.raises(ArgumentError, match="a seed is a number"):
        MRG_RandomStreams(seed)
