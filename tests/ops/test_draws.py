"""Random draws inside of loops and choices: what is drawn, when, and where the streams end up.

All are compared with draws by hand from NumPy's RandomState, or from the same stream outside of a
loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import GraphError, ShapeError
from kernelgraph.ops.streams import OrderedUpdates
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams

Compiled = Callable[..., Any]
same = np.testing.assert_array_equal
close = np.testing.assert_allclose


def by_hand(seed: int, count: int) -> list[np.random.RandomState]:
    """The states of the first draws of `RandomStreams(seed)`."""
    seeds = np.random.RandomState(seed)
    return [np.random.RandomState(int(seeds.randint(2**30))) for _ in range(count)]


# -------------------------------------------------------------------------------------- every step


def test_each_step_draws_anew_and_each_call_goes_on(compiled: Compiled) -> None:
    h0 = T.dvector("h0")
    stream = RandomStreams(42)
    path, updates = kg.scan(lambda h: h + stream.normal(size=(1,)), outputs_info=h0, n_steps=6)
    (state,) = updates
    assert isinstance(updates, OrderedUpdates)
    assert state is stream.state_updates[0][0]
    frozen = compiled([h0], path, no_default_updates=True)
    passed, silent = compiled([h0], path, updates=updates), compiled([h0], path)
    (hand,) = by_hand(42, 1)
    for f in (frozen, frozen, passed, silent, passed):
        if f is not frozen:
            expected = np.cumsum([hand.normal(size=1) for _ in range(6)], 0)
        else:
            again = by_hand(42, 1)[0]
            expected = np.cumsum([again.normal(size=1) for _ in range(6)], 0)
        same(f([0.0]), expected)
    same(state.get_value().normal(size=3), hand.normal(size=3))


@pytest.mark.parametrize(("seed", "first"), [(123, 0.72803009), (987, 0.55056769)])
def test_the_first_step_has_the_numbers_of_theano(seed: int, first: float) -> None:
    stream = RandomStreams(seed)
    drawn, updates = kg.scan(lambda: stream.uniform(size=(1,)), n_steps=2)
    close(kg.function([], drawn, updates=updates)()[0], [first], atol=5e-9)


def test_parallel_streams_in_a_loop(compiled: Compiled) -> None:
    """What so many calls outside of a loop would give."""
    inside, outside = MRG_RandomStreams(42), MRG_RandomStreams(42)
    n, h0 = T.lscalar("n"), T.dvector("h0")

    def draws(s: MRG_RandomStreams, size: Any) -> list[Any]:
        return [
            s.normal(size=size, nstreams=4),
            s.uniform(size=(n,), low=-1, high=1, nstreams=4),
            s.binomial(size=size, p=0.3, dtype="float64", nstreams=4),
            s.truncated_normal(size=size, nstreams=4),
        ]

    path, updates = kg.scan(lambda h: h + sum(draws(inside, h0.shape)), outputs_info=h0, n_steps=3)
    f = compiled([h0, n], path, updates=updates)
    g = kg.function([h0, n], draws(outside, h0.shape), target="interpret")
    assert len(updates) == 5
    for _ in range(2):
        expected = np.cumsum([sum(g([0.0] * 3, 3)) for _ in range(3)], 0)
        close(f([0.0] * 3, 3), expected, rtol=1e-13)


def test_parameters_may_be_anything_that_a_step_has(compiled: Compiled) -> None:
    """States, inputs, shared variables, other draws."""
    h0, k, wide = T.dvector("h0"), T.lscalar("k"), kg.shared(0.1)
    s = RandomStreams(1)

    def step(h: Any) -> Any:
        near = s.normal(avg=h, std=wide)
        kept = s.binomial(size=h.shape, n=1, p=T.maximum(T.minimum(near, 1), 0))
        return near * kept + s.uniform(size=(k,)).sum() + 1

    path, updates = kg.scan(step, outputs_info=h0, n_steps=4)
    f = compiled([h0, k], path, updates=updates)
    first, second, third = by_hand(1, 3)
    h, rows = np.array([0.2, 0.5, 3.0]), []
    for _ in range(4):
        near = first.normal(h, 0.1)
        kept = second.binomial(1, np.clip(near, 0, 1), size=3)
        h = near * kept + third.uniform(size=2).sum() + 1
        rows.append(h)
    close(f([0.2, 0.5, 3.0], 2), rows, rtol=1e-12)


def test_sizes_from_slices(compiled: Compiled) -> None:
    """Samples may have another size at each step; rows of results may not."""
    s, ns = RandomStreams(1), T.lvector("ns")
    sums = kg.scan(lambda n: s.uniform(size=(n,)).sum(), sequences=ns)[0]
    rows = kg.scan(lambda n: s.normal(size=(n, 2)), sequences=ns)[0]
    f, g = compiled([ns], sums), compiled([ns], rows)
    first, second = by_hand(1, 2)
    close(f([3, 0, 2]), [first.uniform(size=n).sum() for n in (3, 0, 2)])
    same(g([2, 2]), [second.normal(size=(2, 2)) for _ in range(2)])
    with pytest.raises(GraphError, match=r"KG-G032.*size of a result changes from 2 to 3"):
        g([2, 3])
    assert g([]).shape == (0, 0, 2)
    with pytest.raises(ShapeError, match=r"KG-S009.*a size cannot be -1"):
        f([-1])


def test_no_steps_and_one_step(compiled: Compiled) -> None:
    s, n = RandomStreams(1), T.lscalar("n")
    path, updates = kg.scan(lambda h: h + s.normal(), outputs_info=0.0, n_steps=n)
    f, (hand,) = compiled([n], path, updates=updates), by_hand(1, 1)
    assert f(0).shape == (0,)
    same(f(1), [hand.normal()])
    same(f(2), np.cumsum([hand.normal(), hand.normal()]))


def test_from_the_last_row_to_the_first(compiled: Compiled) -> None:
    s, x = RandomStreams(1), T.dvector("x")
    f = compiled([x], kg.scan(lambda v: v * s.uniform(), sequences=x, go_backwards=True)[0])
    (hand,) = by_hand(1, 1)
    same(f([1.0, 2.0, 3.0]), [3 * hand.uniform(), 2 * hand.uniform(), 1 * hand.uniform()])


def test_a_loop_in_a_loop_draws_at_each_of_its_steps(compiled: Compiled) -> None:
    s, x = RandomStreams(1), T.dmatrix("x")

    def row(r: Any) -> Any:
        return kg.scan(lambda v: v + s.normal(), sequences=r)[0] * s.uniform()

    rows, updates = kg.scan(row, sequences=x)
    f, (first, second) = compiled([x], rows, updates=updates), by_hand(1, 2)
    numbers = np.arange(6.0).reshape(2, 3)
    for _ in range(2):
        expected = []
        for r in numbers:
            inner = np.array([v + first.normal() for v in r])
            expected.append(inner * second.uniform())
        same(f(numbers), expected)


def test_what_is_drawn_before_the_loop_is_one_number(compiled: Compiled) -> None:
    s = RandomStreams(1)
    noise = s.normal()
    path, updates = kg.scan(lambda h: h + noise, outputs_info=0.0, n_steps=3)
    assert updates == {}
    f, (hand,) = compiled([], [path, noise]), by_hand(1, 1)
    for _ in range(2):
        v = hand.normal()
        rows, again = f()
        assert again == v
        close(rows, [v, 2 * v, 3 * v])


def test_one_stream_inside_and_outside(compiled: Compiled) -> None:
    s = RandomStreams(1)
    before = s.normal()
    path, updates = kg.scan(lambda h: h + s.normal() + s.uniform(), outputs_info=0.0, n_steps=2)
    after = s.uniform(size=(2,))
    f, hands = compiled([], [before, path, after], updates=updates), by_hand(1, 4)
    for _ in range(2):
        a, b, c = f()
        assert a == hands[0].normal()
        close(b, np.cumsum([hands[1].normal() + hands[2].uniform() for _ in range(2)]))
        same(c, hands[3].uniform(size=2))


def test_a_copy_draws_from_another_state(compiled: Compiled) -> None:
    s = RandomStreams(1)
    path, updates = kg.scan(lambda h: h + s.normal(), outputs_info=0.0, n_steps=3)
    f = compiled([], path, updates=updates)
    (state,) = updates
    other = kg.shared(np.random.RandomState(99))
    g = f.copy(swap={state: other})
    mine, (hand,) = np.random.RandomState(99), by_hand(1, 1)
    for _ in range(2):
        same(g()[0], np.cumsum([mine.normal() for _ in range(3)]))
    same(f(), np.cumsum([hand.normal() for _ in range(3)]))


def test_updates_that_a_step_returns(compiled: Compiled) -> None:
    k = kg.shared(0, "k")
    doubled, updates = kg.scan(lambda: (k * 2, {k: k + 1}), n_steps=3)
    f = compiled([], doubled, updates=updates)
    same(f(), [0, 2, 4])
    same(f(), [6, 8, 10])
    _, updates = kg.scan(lambda: {k: k + 1}, n_steps=4)
    compiled([], [], updates=updates)()
    assert k.get_value() == 10


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (lambda k: {k: k + 0.5}, "cannot become"),
        (lambda k: {T.lscalar("x"): k}, "only shared variables can be updated, not x"),
    ],
    ids=["dtype", "input"],
)
def test_updates_that_do_not_fit(returned: Callable[..., Any], words: str) -> None:
    k = kg.shared(0, "k")
    with pytest.raises(GraphError, match=f"KG-G032.*{words}"):
        kg.scan(lambda: returned(k), n_steps=2)


def test_two_values_for_one_variable() -> None:
    k = kg.shared(0, "k")
    one, other = (kg.scan(lambda n=n: {k: k + n}, n_steps=2)[1] for n in (1, 2))
    assert list((one + {}).items()) == list(one.items())
    with pytest.raises(KeyError, match="k has two different updates"):
        one.update(other)


def test_a_vector_of_sizes(compiled: Compiled) -> None:
    """How many there are is said beforehand, and checked."""
    size = T.lvector("size")
    s, m = RandomStreams(5), MRG_RandomStreams(5)
    draws = [
        s.normal(size=size, ndim=2),
        s.permutation(size=size, ndim=2, n=3),
        m.uniform(size=size, ndim=2, nstreams=2),
        m.normal(size=size, ndim=2, nstreams=2),
        m.binomial(size=size, ndim=2, n=3, nstreams=2),
        m.truncated_normal(size=size, ndim=2, nstreams=2),
    ]
    for f in (compiled([size], draws), compiled([size], kg.clone(draws, share_inputs=True))):
        shapes = [found.shape for found in f([2, 3])]
        assert shapes == [(2, 3), (2, 3, 3), (2, 3), (2, 3), (2, 3), (2, 3)]
    with pytest.raises(ShapeError, match=r"KG-S012.*3 sizes are given for a sample of 2"):
        compiled([size], draws[0])([2, 3, 4])


# ------------------------------------------------------------------------------------------ choices


def test_a_branch_draws_only_if_it_is_chosen(compiled: Compiled) -> None:
    s, c = RandomStreams(1), T.lscalar("c")
    f, (hand,) = compiled([c], kg.ifelse(c, s.normal(), 0.5)), by_hand(1, 1)
    assert [f(0), f(0)] == [0.5, 0.5]
    assert f(1) == hand.normal()
    assert f(0) == 0.5
    assert f(1) == hand.normal()


def test_one_draw_in_two_choices(compiled: Compiled) -> None:
    """It is one number in a call, and the stream moves on if either of them needs it."""
    s, c, d = RandomStreams(1), T.lscalar("c"), T.lscalar("d")
    noise = s.normal()
    f = compiled([c, d], [kg.ifelse(c, noise, 0.0), kg.ifelse(d, 0.0, noise)])
    (hand,) = by_hand(1, 1)
    same(f(0, 1), [0, 0])
    for choice in ((1, 1), (0, 0), (1, 0), (1, 1)):
        v = hand.normal()
        same(f(*choice), [v if choice[0] else 0, 0 if choice[1] else v])


def test_what_both_branches_draw_is_always_drawn(compiled: Compiled) -> None:
    s, c = RandomStreams(1), T.lscalar("c")
    noise = s.normal()
    f, (hand,) = compiled([c], kg.ifelse(c, noise + 1, noise * 2)), by_hand(1, 1)
    assert f(1) == hand.normal() + 1
    assert f(0) == hand.normal() * 2


def test_loops_and_choices_in_each_other(compiled: Compiled) -> None:
    s, x, c = RandomStreams(1), T.dvector("x"), T.lscalar("c")
    path, updates = kg.scan(lambda v: kg.ifelse(v > 0, v * s.normal(), s.uniform()), sequences=x)
    f = compiled([x], path, updates=updates)
    g = compiled([x, c], kg.ifelse(c, path.sum(), 0.0))
    first, second = by_hand(1, 2)

    def rows() -> list[float]:
        return [v * first.normal() if v > 0 else second.uniform() for v in numbers]

    numbers = [1.0, -1.0, -2.0, 3.0]
    same(f(numbers), rows())
    assert g(numbers, 0) == 0
    same(f(numbers), rows())
    close(g(numbers, 1), sum(rows()))


# ---------------------------------------------------------------------------------------- gradients


@pytest.mark.parametrize("kind", [RandomStreams, MRG_RandomStreams])
def test_the_gradient_has_the_draws_of_the_loop(kind: Any, compiled: Compiled) -> None:
    s, w, h0 = kind(7), T.dscalar("w"), T.dvector("h0")
    options = {"nstreams": 2} if kind is MRG_RandomStreams else {}
    path, updates = kg.scan(
        lambda h: T.tanh(w * h) + w * s.normal(size=(3,), **options), outputs_info=h0, n_steps=3
    )
    cost = (path**2).sum()
    outputs = [cost, *T.grad(cost, [w, h0])]
    f = compiled([w, h0], outputs, no_default_updates=True)
    h, e = np.array([0.1, 0.2, 0.3]), 1e-6
    value, by_w, by_h = f(0.7, h)
    close(by_w, (f(0.7 + e, h)[0] - f(0.7 - e, h)[0]) / 2 / e, rtol=1e-6)
    for k, d in enumerate(np.eye(3) * e):
        close(by_h[k], (f(0.7, h + d)[0] - f(0.7, h - d)[0]) / 2 / e, rtol=1e-6)
    g = kg.function([w, h0], outputs, updates=updates, target="interpret")
    close(g(0.7, h)[1], by_w)
    assert g(0.7, h)[0] != value


def test_gradients_through_loops_and_choices_that_draw(compiled: Compiled) -> None:
    """Nested, lazy, and with another size at each step."""
    s, w, x, ns = RandomStreams(7), T.dscalar("w"), T.dmatrix("x"), T.lvector("ns")

    def row(r: Any, n: Any) -> Any:
        inner = kg.scan(
            lambda v, a: a * w + kg.ifelse(v > 0, v * s.normal(), w * s.uniform()),
            sequences=r,
            outputs_info=0.0,
        )[0]
        return inner[-1] * w + (w * s.normal(size=(n,))).sum()

    cost = (kg.scan(row, sequences=[x, ns])[0] ** 2).sum()
    f = compiled([w, x, ns], [cost, *T.grad(cost, [w, x])], no_default_updates=True)
    numbers, e = np.array([[1.0, -2.0, 3.0], [-1.0, 2.0, 0.5]]), 1e-6
    _, by_w, by_x = f(0.7, numbers, [2, 3])
    sides = [f(0.7 + d, numbers, [2, 3])[0] for d in (e, -e)]
    close(by_w, (sides[0] - sides[1]) / 2 / e, rtol=1e-6)
    for at in ((0, 2), (1, 1), (0, 1)):
        d = np.zeros((2, 3))
        d[at] = e
        sides = [f(0.7, numbers + sign * d, [2, 3])[0] for sign in (1, -1)]
        close(by_x[at], (sides[0] - sides[1]) / 2 / e, rtol=1e-6, atol=1e-9)


# ------------------------------------------------------------------------- graphs that are replaced


def test_replaced_inputs_reach_the_streams(compiled: Compiled) -> None:
    """Sizes and parameters of draws, in loops or not, by givens and by clone."""
    s, x, i = RandomStreams(3), T.dmatrix("x"), T.lscalar("i")
    numbers = np.arange(20.0).reshape(10, 2)
    data = kg.shared(numbers)
    noise = s.binomial(size=x.shape, n=1, p=0.5)
    path = kg.scan(lambda row: row + s.normal(avg=row), sequences=x)[0]
    f = compiled([i], [(x * noise).sum(), path], givens={x: data[i : i + 2]})
    y = T.dmatrix("y")
    g = compiled([y], kg.clone([(x * noise).sum(), path], {x: y * 2}))
    first, second = by_hand(3, 2)
    for k in (0, 3, 4):
        part = numbers[k : k + 2]
        for found in (f(k), g(part / 2)):
            assert found[0] == (part * first.binomial(1, 0.5, size=(2, 2))).sum()
            same(found[1], [row + second.normal(row) for row in part])


def test_new_inputs_have_the_states_of_the_old(compiled: Compiled) -> None:
    s, x = RandomStreams(3), T.dvector("x")
    total = (s.normal(size=x.shape) + x).sum()
    copy = kg.clone(total, share_inputs=False)
    (fresh,) = [v for v in kg.graph.leaves([copy]) if v.name == "x"]
    f, g, (hand,) = compiled([fresh], copy), compiled([x], total), by_hand(3, 1)
    for h in (f, g, f):
        close(h([1.0, 2.0]), hand.normal(size=2).sum() + 3)
