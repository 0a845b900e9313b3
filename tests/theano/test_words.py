"""Under the alias, errors speak as Theano's do; their codes and lines stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import theano as alias
from kernelgraph.errors import KernelgraphError


@pytest.fixture
def theano() -> Iterator[Any]:
    yield alias.install()
    alias.uninstall()


x, y, v = T.dscalar("x"), T.dscalar("y"), T.fvector("v")
s = kg.shared(0.0, "s")


def f(theano: Any) -> Any:
    return theano.function([x, theano.In(y, name="why")], x + y, name="f")


SAID: list[tuple[Callable[[Any], Any], str]] = [
    (lambda t: t.function(x, x), "KG-G005. Input variables of a Theano function should be"),
    (lambda t: t.function([s], s), "Cannot use a shared variable .* via the `givens` parameter"),
    (lambda t: t.function([T.constant(1.0)], x), "Constants not allowed in param list"),
    (lambda t: t.function([x, x], x), "KG-G003. Variable x is used twice .* indices 0 and 1"),
    (lambda t: t.function([x, y], x), "KG-G002. theano.function was asked .* index 1 is not part"),
    (lambda t: t.function([x], x, givens={x: y}), "KG-G007. You are trying to replace"),
    (lambda t: t.function([], s, updates=[(s, 1), (s, 2)]), "already has an update expression"),
    (lambda t: t.function([], s, updates=[(x, 1)]), "update target must be a SharedVariable"),
    (lambda t: t.function([v], v, updates=[(s, v)]), "An update must have the same type as the"),
    (lambda t: t.grad(v, v), "KG-G020. cost must be a scalar."),
    (lambda t: t.grad(x, y), "KG-G021. grad method was asked to compute the gradient with respect"),
    (lambda t: f(t)(1, 2, 3), "KG-G004. Too many parameter passed to theano function"),
    (lambda t: f(t)(1), "KG-G004. Missing required input: why"),
    (lambda t: f(t)(1, 2, x=1), "KG-G004. Multiple values for input: x"),
    (lambda t: f(t)(1, z=2), r"Unknown input or state: z. The function has 2 named inputs"),
    (lambda t: t.function([v], v, name="g")(np.ones(2)),
     r'KG-D004. Bad input argument with name "v" to theano function with name "g" at index 0 .0-b'),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), SAID)
def test_words_that_programs_and_people_know(
    call: Callable[[Any], Any], words: str, theano: Any
) -> None:
    with pytest.raises(KernelgraphError, match=words):
        call(theano)


def test_without_the_alias_they_are_ours() -> None:
    with pytest.raises(KernelgraphError, match="missing required input of f"):
        kg.function([x], x, name="f")()


def test_states_by_value_and_container(theano: Any) -> None:
    state = theano.shared(1.0, "state")
    made = theano.function(
        [x, theano.In(y, value=2.0)], x * state + y, updates=[(state, state + 1)]
    )
    assert made(3) == 5
    assert made.value["state"] == made[state] == 2
    made.value[y] = 10.0
    assert made.value["y"] == made.container["y"][0] == 10
    assert made.container[state] is state.container
    assert [item.name for item in made.maker.inputs] == ["x", "y"]


def test_lists_and_texts_are_objects_of_python(theano: Any) -> None:
    given: list[Any] = [1, [2]]
    one, other = theano.shared(given), theano.shared(given, borrow=True)
    given[1].append(3)
    assert (one.get_value(), other.get_value()) == ([1, [2]], [1, [2, 3]])
    assert theano.shared("text").get_value() == "text"
    assert theano.shared(3).dtype == "int64"
    assert theano.shared(np.ones((1, 3)), broadcastable=(True, False)).broadcastable == (
        True,
        False,
    )
