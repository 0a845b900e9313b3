"""MRG31k3p: the recurrence, its jumps, and the streams made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ShapeError
from kernelgraph.ops.mrg import M1, M2, jump, mrg31k3p, spaced
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


PROBABILITIES = np.array([[0.2, 0.3, 0.5], [0.98, 0.01, 0.01], [0.1, 0.1, 0.8], [0.25, 0.25, 0.5]])

THEANO = {
    "uniform": [0.08075201511383057, 0.9267640095204115, 0.8597198463976383, 0.2507445006631315],
    "float32": [0.08075200766324997, 0.9267639517784119, 0.8597198128700256, 0.25074446201324463],
    "normal": [-0.010494115130743852, 0.22253617937825163, -0.5451052322481638, 2.2433534269011273],
    "truncated": [
        0.4284724660852131, -0.5990718150905234, 0.5058756575104953, 0.6175924038203501,
        -1.267676790599919, 0.33313098364276433, -0.11403952470757324, 0.17834984539798698,
        -1.822020097471666,
    ],
    "binomial": [1, 1, 1, 0, 1, 0, 0, 0],
    "multinomial": [[1, 1, 3], [5, 0, 0], [0, 0, 5], [0, 4, 1]],
    "choice": [[0, 2], [0, 1], [2, 1], [1, 2]],
}  # fmt: skip
"""What Theano 1.0.5 draws first of `MRG_RandomStreams(42)`."""

DRAWS: dict[str, Callable[[MRG_RandomStreams], Any]] = {
    "uniform": lambda streams: streams.uniform((2, 3)).flatten()[:4],
    "float32": lambda streams: streams.uniform((2, 3), dtype="float32").flatten()[:4],
    "normal": lambda streams: streams.normal((5,))[:4],
    "truncated": lambda streams: streams.truncated_normal((9,)),
    "binomial": lambda streams: streams.binomial((8,), p=0.3),
    "multinomial": lambda streams: streams.multinomial(n=5, pvals=PROBABILITIES),
    "choice": lambda streams: streams.choice(size=2, p=PROBABILITIES),
}


@pytest.mark.parametrize("name", THEANO)
def test_what_theano_draws(name: str, compiled: Compiled) -> None:
    found = compiled(DRAWS[name](MRG_RandomStreams(42)))()
    if name == "float32":
        assert found.dtype == "float32"
    np.testing.assert_allclose(found, THEANO[name], rtol=1e-15 if name != "float32" else 1e-9)


@pytest.mark.parametrize("name", ["normal", "truncated", "multinomial", "choice"])
def test_draws_move_on(name: str) -> None:
    streams = MRG_RandomStreams(7)
    f = kg.function([], DRAWS[name](streams))
    assert not np.array_equal(f(), f())
    assert all(state.default_update is after for state, after in streams.state_updates)


def test_a_truncated_sample_has_its_deviation() -> None:
    sample = kg.function([], MRG_RandomStreams(3).truncated_normal((40_000,), avg=1.0, std=3.0))()
    assert abs(sample.mean() - 1) < 0.05
    assert abs(sample.std() - 3) < 0.05
    assert np.abs(sample - 1).max() < 3 * 2 / 0.8796


def test_picks_keep_to_the_probabilities() -> None:
    p = np.tile([0.5, 0.0, 0.3, 0.2], (2000, 1))
    counts = kg.function([], MRG_RandomStreams(3).multinomial(n=7, pvals=p))()
    assert (counts.sum(axis=1) == 7).all()
    np.testing.assert_allclose(counts.mean(axis=0) / 7, p[0], atol=0.01)
    picks = kg.function([], MRG_RandomStreams(3).choice(size=3, p=p))()
    assert (np.sort(picks, axis=1) == [0, 2, 3]).all()


def test_the_old_name_of_choice() -> None:
    old = MRG_RandomStreams(3).multinomial_wo_replacement(n=2, pvals=PROBABILITIES)
    new = MRG_RandomStreams(3).choice(size=2, p=PROBABILITIES)
    assert (kg.function([], old)() == kg.function([], new)()).all()


def test_picks_that_cannot_be() -> None:
    streams = MRG_RandomStreams(3)
    with pytest.raises(ArgumentError, match="leave out size"):
        streams.multinomial(size=3, pvals=PROBABILITIES)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="leave out a and replace"):
        streams.choice(size=2, p=PROBABILITIES, replace=True)
    with pytest.raises(ShapeError, match="are a matrix"):
        streams.multinomial(pvals=[0.5, 0.5])
    with pytest.raises(ArgumentError, match="a size is needed"):
        streams.truncated_normal(None)
    with pytest.raises(ValueError, match="4 different cases out of 3"):
        kg.function([], streams.choice(size=4, p=PROBABILITIES))()


def test_many_streams_are_made_by_doubling() -> None:
    rows = spaced((12345,) * 6, 9, 72)
    states = [tuple([12345] * 6)]
    for _ in range(8):
        states.append(jump(states[-1], 72))
    np.testing.assert_array_equal(rows, states)


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
