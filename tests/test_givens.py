"""What stands in the place of what: pairs that use each other, types, sizes, streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ArgumentError, ReplacementError, ShapeError
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.support import TARGETS

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

Compiled = Callable[..., Any]


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Compiled:
    def build(*arguments: Any, **options: Any) -> Any:
        return kg.function(*arguments, target=request.param, **options)

    return build


# --------------------------------------------------------------------- pairs that use each other


def test_pairs_come_in_any_order(compiled: Compiled) -> None:
    a, b, c, x = T.dscalars("a", "b", "c", "x")
    pairs = [(a, b + 1), (b, c * 2), (c, x)]
    for order in (pairs, pairs[::-1], [pairs[1], pairs[0], pairs[2]]):
        assert compiled([x], a * b, givens=order)(3.0) == 42.0


def test_what_is_replaced_stands_for_the_original(compiled: Compiled) -> None:
    w, x = kg.shared(3.0, "w"), T.dscalar("x")
    assert compiled([], w * 10, givens={w: w + 1})() == 40.0
    y = 2 * x
    f = compiled([x], y + 1, givens={y: y * y})
    assert f(3.0) == 37.0
    assert compiled([], x + y, givens=[(x, w), (w, w * 2)])() == 18.0


@pytest.mark.parametrize("length", [2, 3])
def test_a_circle_is_refused(length: int) -> None:
    ring = T.dscalars(*"abc"[:length])
    pairs = [(v, ring[(k + 1) % length] + 1) for k, v in enumerate(ring)]
    with pytest.raises(ReplacementError, match=r"KG-G007.*replaced by something that uses") as e:
        kg.function([], ring[0], givens=pairs)
    assert all(f"{name} (float64)" in str(e.value) for name in "abc"[:length])


def test_a_variable_is_replaced_once() -> None:
    a, x = T.dscalars("a", "x")
    for second in (2 * x, x, 3.0):
        with pytest.raises(ReplacementError, match=r"KG-G007.*a \(float64\).*twice, by x"):
            kg.function([x], a, givens=[(a, x), (a, second)])


@pytest.mark.parametrize("place", [1.0, "a", None, [T.dscalar("a")]], ids=repr)
def test_only_symbols_are_replaced(place: Any) -> None:
    x = T.dscalar("x")
    with pytest.raises(ArgumentError, match=r"first of each pair of givens must be a symbol"):
        kg.function([x], x, givens=[(place, x)])


# -------------------------------------------------------------------------------- types and sizes


def test_the_hint_speaks_of_what_is_wrong() -> None:
    x, v, f = T.dmatrix("x"), T.dvector("v"), T.fmatrix("f")
    with pytest.raises(ReplacementError) as ranks:
        kg.function([v], x.sum(), givens={x: v})
    assert "2 dimensions" in str(ranks.value.hint)
    assert "rebuild_strict" not in str(ranks.value.hint)
    with pytest.raises(ReplacementError) as dtypes:
        kg.function([f], x.sum(), givens={x: f})
    assert "rebuild_strict" in str(dtypes.value.hint)
    with pytest.raises(ReplacementError) as both:
        kg.function([], x.sum(), givens={x: T.fvector("v")}, rebuild_strict=False)
    assert "dimensions" in str(both.value.hint)


def test_a_declared_size_that_is_known_to_be_wrong() -> None:
    row, col = T.drow("row"), T.dcol("col")
    for old, new in [
        (row, np.ones((2, 3))),
        (row, col),
        (T.tensor("float64", (None, 3), "m"), np.ones((2, 4))),
    ]:
        new = T.tensor("float64", (5, 1), "n") if new is col else new
        with pytest.raises(ReplacementError, match=r"KG-G030.*is declared to have size \d, not \d"):
            kg.function([], old.sum(), givens={old: new}, on_unused_input="ignore")


DECLARED: list[tuple[tuple[int | None, ...], tuple[int, ...], tuple[int, ...]]] = [
    ((1, None), (1, 3), (2, 3)),
    ((None, 1), (3, 1), (3, 2)),
    ((2, None), (2, 3), (3, 3)),
    ((1,), (1,), (3,)),
    ((None, 3, 1), (2, 3, 1), (2, 4, 1)),
]


@pytest.mark.parametrize(("shape", "good", "bad"), DECLARED, ids=repr)
def test_a_declared_size_is_checked_in_each_call(
    shape: Any, good: Any, bad: Any, compiled: Compiled
) -> None:
    old, y = T.tensor("float64", shape, "old"), T.tensor("float64", (None,) * len(shape), "y")
    new = T.tensor("float64", (None,) * len(shape), "new")
    f = compiled([new, y], [old + y, old.sum()], givens={old: new})
    values = np.arange(float(np.prod(good))).reshape(good)
    wide = np.ones([4 if n == 1 else m for m, n in zip(good, shape, strict=True)])
    added, total = f(values, wide)
    np.testing.assert_array_equal(added, values + 1 + np.zeros_like(wide))
    assert total == values.sum()
    with pytest.raises(ShapeError, match=r"KG-S002.*old \(.*is declared to have size \d") as error:
        f(np.ones(bad), wide)
    assert "test_givens.py" in str(error.value)


def test_a_replacement_is_not_repeated_where_the_original_was_not(compiled: Compiled) -> None:
    """A dimension that is not declared 1 is not broadcast, whatever is put there."""
    x, y, row = T.dmatrix("x"), T.dmatrix("y"), T.drow("row")
    f = compiled([y, row], x + y, givens={x: row})
    np.testing.assert_array_equal(f([[1.0, 2.0]], [[3.0, 4.0]]), [[4.0, 6.0]])
    with pytest.raises(ShapeError, match="KG-S001"):
        f(np.ones((3, 2)), np.ones((1, 2)))


def test_gradients_pass_through_what_was_replaced(compiled: Compiled) -> None:
    row, m = T.drow("row"), T.dmatrix("m")
    slope = T.grad((row**2).sum(), row)
    np.testing.assert_array_equal(compiled([m], slope, givens={row: m})([[1.0, 2.0]]), [[2, 4]])


# ---------------------------------------------------------------------------------------- updates


def test_default_updates_get_what_is_given(compiled: Compiled) -> None:
    x, y = T.dscalars("x", "y")
    total, count = kg.shared(0.0, "total"), kg.shared(0.0, "count")
    total.default_update = total + x * count
    count.default_update = count + y
    f = compiled([], total * 1, givens=[(x, y * 2), (y, 3.0)])
    assert [float(f()) for _ in range(4)] == [0.0, 0.0, 18.0, 54.0]
    assert count.get_value() == 12.0


def test_noise_on_a_part_of_the_data(compiled: Compiled) -> None:
    streams, x, i = RandomStreams(3), T.dmatrix("x"), T.lscalar("i")
    numbers = np.arange(20.0).reshape(10, 2)
    data = kg.shared(numbers)
    noise = streams.binomial(size=x.shape, n=1, p=0.5)
    f = compiled([i], (x * noise).sum(), givens={x: data[i : i + 2]})
    seed = np.random.RandomState(3).randint(2**30)
    hand = np.random.RandomState(int(seed))
    for k in (0, 4, 7):
        assert f(k) == (numbers[k : k + 2] * hand.binomial(1, 0.5, size=(2, 2))).sum()


def test_a_draw_may_be_put_in(compiled: Compiled) -> None:
    """What is put in brings its own updates, and what is replaced takes its away."""
    one, other = RandomStreams(3), RandomStreams(4)
    noise, fresh = one.normal(size=(2,)), other.normal(size=(2,))
    f = compiled([], noise * 2, givens={noise: fresh})
    before = noise.rng.get_value().get_state()[1]
    hand = np.random.RandomState(int(np.random.RandomState(4).randint(2**30)))
    for _ in range(2):
        np.testing.assert_array_equal(f(), hand.normal(size=2) * 2)
    np.testing.assert_array_equal(noise.rng.get_value().get_state()[1], before)
