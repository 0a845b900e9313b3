"""Example values: computed as expressions are built, and a mistake shows on its own line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ShapeError
from kernelgraph.example_values import MissingTestValueError


@pytest.fixture(params=["raise", "warn", "ignore"])
def computing(request: pytest.FixtureRequest) -> Iterator[str]:
    with kg.config.change_flags(compute_test_value=request.param):
        yield request.param


def test_values_travel_with_the_symbols(computing: str) -> None:
    x = T.dmatrix("x")
    x.tag.test_value = np.ones((2, 3))
    w = kg.shared(np.arange(3.0), "w")
    y = (T.dot(x, w) * 2).sum()
    assert y.tag.test_value == 12
    assert T.grad(y, w).tag.test_value.tolist() == [4, 4, 4]


def test_a_mistake_shows_on_its_line(computing: str) -> None:
    x, y = T.dvectors("x", "y")
    x.tag.test_value, y.tag.test_value = np.ones(3), np.ones(4)
    with pytest.raises(ShapeError, match="3"):
        T.add(x, y)


def test_compiling_is_not_watched(computing: str) -> None:
    x = T.dmatrix("x")
    x.tag.test_value = np.ones((2, 3))
    y = T.nnet.softmax(x * 1 + 0).mean(axis=0).T
    for target in ("c", "python", "interpret"):
        f = kg.function([x], [y, T.grad(y[0], x)], target=target)
        assert f(np.zeros((1, 4)))[0].tolist() == [0.25] * 4
        assert f.stages.rewriting.graph.outputs


def test_a_missing_value_raises() -> None:
    x = T.dvector("x")
    with (
        kg.config.change_flags(compute_test_value="raise"),
        pytest.raises(MissingTestValueError, match=r"x .* has no test value") as caught,
    ):
        T.add(x, 1)
    assert isinstance(caught.value, AttributeError)
    assert "tag.test_value" in str(caught.value)


def test_a_missing_value_warns() -> None:
    x = T.dvector("x")
    with (
        kg.config.change_flags(compute_test_value="warn"),
        pytest.warns(UserWarning, match="no test value"),
    ):
        T.add(x, 1)


def test_a_missing_value_is_passed_over() -> None:
    x = T.dvector("x")
    with kg.config.change_flags(compute_test_value="ignore"):
        y = x + 1
    assert not hasattr(y.tag, "test_value")


def test_a_value_must_fit(computing: str) -> None:
    x = T.dvector("x")
    x.tag.test_value = np.ones((2, 2))
    with pytest.raises(ShapeError, match="the test value of x"):
        T.add(x, 1)


def test_off_computes_nothing() -> None:
    x = T.dvector("x")
    x.tag.test_value = np.ones(2)
    assert not hasattr((x + 1).tag, "test_value")


def test_draws_leave_the_stream_where_it_is(computing: str) -> None:
    from kernelgraph.tensor.shared_randomstreams import RandomStreams

    sample = RandomStreams(seed=234).uniform((2, 2))
    assert sample.tag.test_value.shape == (2, 2)
    with kg.config.change_flags(compute_test_value="off"):
        other = RandomStreams(seed=234).uniform((2, 2))
    np.testing.assert_array_equal(kg.function([], sample)(), kg.function([], other)())


def test_theanos_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEANO_FLAGS", "compute_test_value=warn")
    from kernelgraph.theano.flags import apply_flags

    with kg.config.change_flags(compute_test_value="off"):
        apply_flags()
        assert kg.config.compute_test_value == "warn"
