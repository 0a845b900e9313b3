"""What a training loop watches: weights, activations and gradients, read when they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError
from kernelgraph.jupyter import train
from kernelgraph.jupyter.training import reader
from kernelgraph.tensor.shared_randomstreams import RandomStreams


def test_a_shared_variable_is_read_as_it_is_now() -> None:
    w = kg.shared(np.zeros(3), "w")
    watched = train(range(4), watch={"w": w})
    for step in watched:
        w.set_value(np.full(3, float(step)))
    assert (watched.spreads["w"].low, watched.spreads["w"].high) == (3.0, 3.0)


def test_activations_and_gradients_are_computed_from_shared_variables() -> None:
    data, w = kg.shared(np.array([[1.0, -2.0], [3.0, 4.0]])), kg.shared(np.ones(2), "w")
    hidden = T.maximum(T.dot(data, w), 0)
    gradient = kg.grad(hidden.sum(), w)
    watched = train(range(2), watch={"hidden": hidden, "gradient": gradient})
    for _ in watched:
        w.set_value(w.get_value() * 2)

    assert (watched.spreads["hidden"].high, watched.spreads["hidden"].zeros) == (28.0, 0.5)
    assert watched.spreads["gradient"].mean == 3.5
    assert "hidden" in repr(watched)
    assert 'data-kg="spreads"' in watched._repr_mimebundle_()["text/html"]


def test_looking_changes_nothing() -> None:
    read = reader("noise", RandomStreams(1).normal((3,)))
    assert np.array_equal(read(), read()), "the state of the stream stays where it is"


def test_functions_and_arrays_are_read_each_time() -> None:
    calls: list[int] = []

    def look() -> Any:
        calls.append(1)
        return np.arange(len(calls))

    array = np.zeros(2)
    watched = train(range(3), every=0.0, watch={"f": look, "a": array})
    for step in watched:
        array[:] = step
    assert len(calls) >= 2
    assert watched.spreads["f"].shape == (len(calls),)
    assert watched.spreads["a"].high == 2.0


def test_arrays_of_the_loop_are_handed_over() -> None:
    watched = train(range(3))
    for step in watched:
        watched.look(hidden=[step, np.nan], gradient=np.float32(2))
    assert watched.spreads["hidden"].remarks == ["50 % NaN"]
    assert watched.spreads["gradient"].shape == ()
    assert list(watched.spreads) == ["hidden", "gradient"]
    for _ in watched:
        pass
    assert watched.spreads == {}, "an earlier run is forgotten"


def test_an_expression_of_inputs_is_refused_with_advice() -> None:
    x = T.dvector("x")
    with pytest.raises(ArgumentError, match="needs x, and only the loop knows") as caught:
        train(range(2), watch={"hidden": T.exp(x)})
    assert "training.look" in str(caught.value)


@pytest.mark.parametrize("value", ["text", [1j], [object()]])
def test_only_real_numbers_are_watched(value: Any) -> None:
    watched = train(range(2))
    with pytest.raises(ArgumentError, match="must be real numbers"):
        watched.look(hidden=value)
    with pytest.raises(ArgumentError, match="must be real numbers"):
        list(train(range(2), watch={"hidden": lambda: value}))


def test_an_interrupted_loop_leaves_the_last_picture() -> None:
    def look() -> Any:
        if broken:
            raise RuntimeError("too late")
        return [1.0, 2.0]

    broken: list[int] = []
    watched = train(range(9), watch={"hidden": look})

    def loop() -> None:
        for step in watched:
            if step == 3:
                broken.append(1)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop()
    assert watched.spreads["hidden"].high == 2.0


def test_the_last_picture_is_the_same_in_every_run() -> None:
    def run() -> dict[str, str]:
        rng = np.random.default_rng(0)
        w = kg.shared(rng.normal(size=50), "w")
        watched = train(range(20), every=0.0, watch={"w": w})
        for _ in watched:
            w.set_value(w.get_value() * 0.9)
            watched.report(loss=float(w.get_value()[0]))
        return watched._repr_mimebundle_()

    assert run() == run()
