"""Random streams: Theano's numbers, states that move on, seeding, sharing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, KernelgraphError, ShapeError
from kernelgraph.tensor.shared_randomstreams import RandomStreams

Compiled = Callable[..., Any]


@pytest.fixture(params=["c", "interpret"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def function(output: Any, *inputs: Any, **options: Any) -> Any:
        return kg.function(list(inputs), output, target=request.param, **options)

    return function


@pytest.mark.parametrize(("seed", "first"), [(123, 0.72803009), (987, 0.55056769)])
def test_the_numbers_are_those_of_theano(seed: int, first: float, compiled: Compiled) -> None:
    f = compiled(RandomStreams(seed).uniform(size=(1,)))
    np.testing.assert_allclose(f(), [first], atol=5e-9)


def test_a_state_can_be_copied_to_another_graph(compiled: Compiled) -> None:
    one, other = RandomStreams(123), RandomStreams(987)
    f, g = compiled(one.uniform(size=(1,))), compiled(other.uniform(size=(1,)))
    f()
    g()
    for (source, _), (goal, _) in zip(one.state_updates, other.state_updates, strict=True):
        goal.set_value(source.get_value())
    np.testing.assert_allclose([f(), g()], [[0.59044123], [0.59044123]], atol=5e-9)


def test_every_call_draws_anew(compiled: Compiled) -> None:
    f = compiled(RandomStreams(234).uniform((2, 2)))
    assert (f() != f()).all()


def test_a_state_stands_still_without_default_updates(compiled: Compiled) -> None:
    f = compiled(RandomStreams(234).normal((2, 2)), no_default_updates=True)
    assert (f() == f()).all()


def test_a_variable_is_drawn_once_in_a_call(compiled: Compiled) -> None:
    u = RandomStreams(234).uniform((2, 2))
    assert (compiled(u + u - 2 * u)() == 0).all()


def test_variables_of_one_stream_differ(compiled: Compiled) -> None:
    streams = RandomStreams(1)
    a, b = compiled([streams.uniform((3,)), streams.uniform((3,))])()
    assert (a != b).all()


def test_functions_share_a_state(compiled: Compiled) -> None:
    u = RandomStreams(5).uniform((2,))
    f, g = compiled(u), compiled(u * 1)
    state = u.rng.get_value().get_state()
    g()
    later = f()
    generator = u.rng.get_value(borrow=True)
    generator.set_state(state)
    u.rng.set_value(generator, borrow=True)
    assert (f() != later).all()
    assert (f() == later).all()


def test_seeding_one_and_all(compiled: Compiled) -> None:
    streams = RandomStreams(7)
    u = streams.uniform((2,))
    f = compiled(u)
    streams.seed(902340)
    first = f()
    streams.seed(902340)
    assert (f() == first).all()
    u.rng.set_value(np.random.RandomState(89234), borrow=True)
    np.testing.assert_array_equal(f(), np.random.RandomState(89234).uniform(size=2))


Make = Callable[[RandomStreams], Any]
MOMENTS: list[tuple[str, Make, float, float]] = [
    ("uniform", lambda s: s.uniform((4000,), 2, 4), 3, 1 / 3),
    ("normal", lambda s: s.normal((4000,), avg=1, std=2), 1, 4),
    ("random_integers", lambda s: s.random_integers((4000,), 1, 6), 3.5, 35 / 12),
    ("binomial", lambda s: s.binomial((4000,), 10, 0.3), 3, 2.1),
    ("poisson", lambda s: s.poisson((4000,), 4.0), 4, 4),
    ("choice", lambda s: s.choice((4000,), 2, p=[0.25, 0.75]), 0.75, 0.1875),
]


@pytest.mark.parametrize(("name", "make", "mean", "variance"), MOMENTS, ids=lambda v: str(v)[:12])
def test_moments(name: str, make: Make, mean: float, variance: float, compiled: Compiled) -> None:
    sample = compiled(make(RandomStreams(3)))()
    assert abs(sample.mean() - mean) < 5 * np.sqrt(variance / 4000), name
    assert abs(sample.var() / variance - 1) < 0.15, name


def test_orders(compiled: Compiled) -> None:
    streams = RandomStreams(3)
    orders, rows = compiled([streams.permutation((5,), 4), streams.shuffle_row_elements(
        np.arange(12).reshape(3, 4))])()  # fmt: skip
    assert (np.sort(orders, axis=1) == np.arange(4)).all()
    assert (np.sort(rows, axis=1) == np.arange(12).reshape(3, 4)).all()
    assert rows.tolist() != np.arange(12).reshape(3, 4).tolist()


def test_counts_of_cases(compiled: Compiled) -> None:
    counts = compiled(RandomStreams(3).multinomial((6,), 100, [0.2, 0.3, 0.5]))()
    assert counts.shape == (6, 3)
    assert (counts.sum(axis=1) == 100).all()


def test_sizes_and_parameters_may_be_symbols(compiled: Compiled) -> None:
    n, top = T.lscalar("n"), T.dvector("top")
    streams = RandomStreams(3)
    f = compiled([streams.uniform((n, 2)), streams.uniform(low=0, high=top)], n, top)
    matrix, vector = f(3, [1.0, 10.0, 100.0])
    assert matrix.shape == (3, 2)
    assert vector.shape == (3,)
    assert (vector < [1, 10, 100]).all()


def test_dtypes(compiled: Compiled) -> None:
    streams = RandomStreams(3)
    assert compiled(streams.uniform((2,), dtype="float32"))().dtype == "float32"
    with kg.config.change_flags(floatX="float32"):
        assert streams.normal((2,)).dtype == "float32"


def test_no_gradient_flows_through_chance() -> None:
    x = T.dvector("x")
    mask = RandomStreams(1).binomial(x.shape, p=0.5)
    f = kg.function([x], T.grad((x * mask).sum(), x))
    assert set(f(np.ones(50)).tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda s: s.uniform((-1,)), ShapeError, "cannot have the sizes"),
        (lambda s: s.uniform(T.lvector("size")), ShapeError, "give ndim"),
        (lambda s: s.binomial((3,), p=1.5), ArgumentError, "between 0 and 1"),
        (lambda s: s.choice((3,), 2, p=[-0.5, 1.5]), ArgumentError, "between 0 and 1"),
        (lambda s: s.uniform((3,), dtype="float1"), KernelgraphError, "float1"),
    ],
)
def test_what_cannot_be_drawn(make: Make, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        make(RandomStreams(1))
