"""Loops by name: what goes in and comes out, how many steps there are, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError, GraphError, IndexingError, ShapeError
from kernelgraph.ops.scan import Scan
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.tensor.shared_randomstreams import RandomStreams


def known(*shape: int | None, name: str = "x", dtype: str = "float64") -> Any:
    """A variable of these sizes."""
    return T.tensor(dtype, shape, name)


def loop(*arguments: Any, **options: Any) -> Any:
    """What `scan` computes, without the updates."""
    return T.scan(*arguments, **options)[0]


# -------------------------------------------------------------------------- what goes in, comes out


def test_a_sequence_comes_row_by_row(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], loop(lambda row: row.sum(), x))
    np.testing.assert_array_equal(f([[1.0, 2.0], [3.0, 4.0]]), [3.0, 7.0])


def test_a_state_is_fed_back(compiled: Callable[..., Any]) -> None:
    x = T.dscalar("x")
    f = compiled([x], loop(lambda total: 2 * total, outputs_info=x, n_steps=3))
    np.testing.assert_array_equal(f(1.0), [2.0, 4.0, 8.0])


def test_slices_then_states_then_what_stays(compiled: Callable[..., Any]) -> None:
    x, start, factor = T.dvector("x"), T.dscalar("start"), T.dscalar("factor")
    running = loop(lambda item, total, by: total * by + item, x, start, factor)
    np.testing.assert_array_equal(
        compiled([x, start, factor], running)([1.0, 2.0, 3.0], 0.5, 10.0), [6.0, 62.0, 623.0]
    )


def test_a_step_may_use_symbols_of_its_surroundings(compiled: Callable[..., Any]) -> None:
    x, factor = T.dvector("x"), T.dscalar("factor")
    f = compiled([x, factor], loop(lambda item: item * factor, x))
    np.testing.assert_array_equal(f([1.0, 2.0], 3.0), [3.0, 6.0])


def test_results_come_in_the_order_of_the_function(compiled: Callable[..., Any]) -> None:
    """None stands for a result that is not fed back, wherever it is."""
    x, start = T.dvector("x"), T.dscalar("start")
    doubled, total = loop(lambda item, total: [2 * item, total + item], x, [None, start])
    first, second = compiled([x, start], [doubled, total])([1.0, 2.0], 10.0)
    np.testing.assert_array_equal(first, [2.0, 4.0])
    np.testing.assert_array_equal(second, [11.0, 13.0])


def test_two_states_move_together(compiled: Callable[..., Any]) -> None:
    a, b = T.lscalar("a"), T.lscalar("b")
    fibonacci, _ = loop(lambda m, n: [n, m + n], outputs_info=[a, b], n_steps=6)
    np.testing.assert_array_equal(compiled([a, b], fibonacci)(0, 1), [1, 1, 2, 3, 5, 8])


def test_a_loop_inside_a_loop(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    ends = loop(
        lambda row: loop(lambda item, total: total + item, row, row[0] * 0)[-1],
        x,
    )
    np.testing.assert_array_equal(compiled([x], ends)([[1.0, 2.0], [3.0, 4.0]]), [3.0, 7.0])


def test_there_are_no_updates() -> None:
    assert T.scan(lambda item: item, known(3))[1] == {}


# ---------------------------------------------------------------------------------- how many steps


def test_the_shortest_sequence_ends_the_loop(compiled: Callable[..., Any]) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    f = compiled([x, y], loop(lambda a, b: a * b, [x, y]))
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0], [4.0, 5.0]), [4.0, 10.0])


def test_n_steps_may_end_it_earlier(compiled: Callable[..., Any]) -> None:
    x, n = T.dvector("x"), T.bscalar("n")
    f = compiled([x, n], loop(lambda item: 2 * item, x, n_steps=n))
    np.testing.assert_array_equal(f([1.0, 2.0, 3.0], 2), [2.0, 4.0])


def test_a_sequence_that_is_too_short(compiled: Callable[..., Any]) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = compiled([x, n], loop(lambda item: 2 * item, x, n_steps=n))
    with pytest.raises(IndexingError, match=r"KG-I004.*step 2 .* has only 2 rows"):
        f([1.0, 2.0], 3)


def test_fewer_than_no_steps(compiled: Callable[..., Any]) -> None:
    x, n = T.dscalar("x"), T.lscalar("n")
    f = compiled([x, n], loop(lambda total: total + 1, outputs_info=x, n_steps=n))
    with pytest.raises(ShapeError, match=r"KG-S009.*a size cannot be -1"):
        f(0.0, -1)


def test_no_steps_leave_nothing(compiled: Callable[..., Any]) -> None:
    """The rows that were not made have the sizes that they would have had."""
    x, y = T.dmatrix("x"), T.dvector("y")
    doubled, total = loop(lambda row, sum_: [2 * row, sum_ + row], x, [None, y])
    first, second = compiled([x, y], [doubled, total])(np.zeros((0, 3)), np.zeros(3))
    assert (first.shape, second.shape) == ((0, 3), (0, 3))


@pytest.mark.parametrize("steps", [2.5, 2.0, True, T.dscalar("n"), T.lvector("n")], ids=repr)
def test_n_steps_is_an_integer(steps: Any) -> None:
    with pytest.raises(GraphError, match=r"KG-G032.*n_steps of scan is an integer, not"):
        loop(lambda total: total + 1, outputs_info=T.dscalar("x"), n_steps=steps)


def test_n_steps_is_no_text() -> None:
    with pytest.raises(DTypeError, match=r"KG-D002.*got str"):
        loop(lambda total: total + 1, outputs_info=T.dscalar("x"), n_steps="3")


def test_somebody_must_say_how_many() -> None:
    with pytest.raises(GraphError, match=r"KG-G032.*without sequences needs n_steps"):
        loop(lambda total: total + 1, outputs_info=T.dscalar("x"))


def test_a_scalar_is_no_sequence() -> None:
    with pytest.raises(GraphError, match=r"KG-G032.*cannot go through x .*: it has no rows"):
        loop(lambda item: item, known())


# ------------------------------------------------------------------------------------------- types


def test_the_length_of_a_sequence_is_the_length_of_a_result() -> None:
    sums, rows = loop(lambda row: [row.sum(), 2 * row], known(3, 4))
    assert (sums.type.shape, rows.type.shape) == ((3,), (3, 4))


def test_a_state_has_a_row_for_each_step() -> None:
    total = loop(lambda row, total: total + row, known(3, 4), known(4))
    assert total.type.shape == (3, 4)


CHANGES = [
    (known(), lambda state: T.cast(state, "float32"), "starts as float64 but becomes float32"),
    (T.bscalar(), lambda state: state + T.lscalar("k"), "starts as int8 but becomes int64"),
    (known(), lambda state: state * known(3), r"starts as float64 but becomes float64\[3\]"),
    (known(3), lambda state: state.sum(), r"starts as float64\[3\] but becomes float64"),
]


@pytest.mark.parametrize(("start", "step", "words"), CHANGES, ids=[words for *_, words in CHANGES])
def test_a_state_keeps_its_type(start: Any, step: Callable[..., Any], words: str) -> None:
    with pytest.raises(GraphError, match=f"KG-G032.*{words}"):
        loop(step, outputs_info=start, n_steps=3)


def test_the_hint_for_a_dtype_is_a_cast() -> None:
    with pytest.raises(GraphError) as caught:
        loop(lambda total: total + 0.1, outputs_info=T.bscalar(), n_steps=3)
    assert caught.value.hint == "start from T.cast(…, 'float64'), or cast the result"


def test_the_hint_for_a_rank_is_another_start() -> None:
    with pytest.raises(GraphError) as caught:
        loop(lambda total: total * known(3), outputs_info=known(), n_steps=3)
    assert caught.value.hint == "start from an array of 1 dimensions"


def test_a_state_keeps_its_sizes(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    f = compiled([x], loop(lambda state: state[1:], outputs_info=x, n_steps=2))
    with pytest.raises(GraphError, match=r"KG-G032.*changes from 3 to 2"):
        f([1.0, 2.0, 3.0])


def test_every_state_needs_a_result() -> None:
    with pytest.raises(GraphError, match=r"KG-G032.*1 outputs_info.*returns 0 results"):
        loop(lambda total: [], outputs_info=known(), n_steps=3)


NOTHING: list[tuple[Callable[..., Any], Any, str]] = [
    (lambda total: None, known(), "the function returned None"),
    (lambda: None, None, "the function returned None"),
    (lambda *none: [], None, "the function returns nothing"),
    (lambda: (), None, "the function returns nothing"),
    (lambda *none: {}, None, "the function returns nothing"),
    (lambda: ([], {}), None, "the function returns nothing"),
    (lambda total: [total, None], known(), "result 1 of the function is None"),
    (lambda total: (None, {}), known(), "1 outputs_info, but the function returns 0 results"),
]


@pytest.mark.parametrize(("step", "start", "words"), NOTHING, ids=range(len(NOTHING)))
def test_a_step_returns_something(step: Callable[..., Any], start: Any, words: str) -> None:
    with pytest.raises(GraphError, match=f"KG-G032.*{words}") as caught:
        loop(step, outputs_info=start, n_steps=3)
    assert caught.value.hint


def test_a_first_value_in_a_dict(compiled: Callable[..., Any]) -> None:
    """Theano's way of writing it."""
    x = T.dscalar("x")
    f = compiled(
        [x],
        loop(
            lambda a, b: [a + 1, b * 2],
            outputs_info=[{"initial": x}, {"initial": x, "taps": [-1]}],
            n_steps=2,
        ),
    )
    np.testing.assert_array_equal(f(1.0), [[2.0, 3.0], [2.0, 4.0]])


DICTS = [
    ({"initial": known(2), "taps": [-2, 1]}, r"outputs_info\[0\] has taps=\[-2, 1\]"),
    ({"initial": known(), "steps": 1}, r"outputs_info\[0\] is a dict with the key 'steps'"),
]


@pytest.mark.parametrize(("start", "words"), DICTS, ids=["taps", "key"])
def test_what_a_dict_may_say(start: Any, words: str) -> None:
    with pytest.raises(GraphError, match=f"KG-G032.*{words}") as caught:
        loop(lambda total: total, outputs_info=start, n_steps=3)
    assert "taps" in str(caught.value.hint)


# ------------------------------------------------------------------------------------- derivatives


def test_integers_may_go_around_beside_what_is_differentiated(compiled: Callable[..., Any]) -> None:
    x = T.dscalar("x")
    _, scaled = loop(lambda k: [k + 1, k * x**2], outputs_info=[np.int64(0), None], n_steps=4)
    assert compiled([x], T.grad(scaled.sum(), x))(0.5) == 6.0


def test_a_loop_is_differentiated_again_and_again(compiled: Callable[..., Any]) -> None:
    x, n = T.dscalar("x"), T.lscalar("n")
    found = loop(lambda state: state * x, outputs_info=x, n_steps=n)[-1]
    slopes = [found]
    for _ in range(3):
        slopes.append(T.grad(slopes[-1], x))
    f = compiled([x, n], slopes)
    np.testing.assert_allclose(f(2.0, 3), [2.0**4, 4 * 2.0**3, 12 * 2.0**2, 24 * 2.0])
    first = loop(lambda state: state * x, outputs_info=x * x, n_steps=n)
    last = T.concatenate([T.stack(x * x), first]).sum()
    without = compiled([x, n], [T.grad(last, x), T.grad(T.grad(last, x), x)])
    np.testing.assert_allclose(without(3.0, 0), [6.0, 2.0])  # no step: x squared is left
    np.testing.assert_allclose(without(3.0, 1), [6 + 27.0, 2 + 18.0])


def test_tangents_of_a_loop_that_draws_and_updates(compiled: Callable[..., Any]) -> None:
    """The same samples, and one step of the stream, for values and tangents."""
    v, t = T.dvector("v"), T.dvector("t")
    stream = RandomStreams(3)

    def step(row: Any, total: Any) -> Any:
        return total + row * stream.uniform(())

    sums = loop(step, sequences=[v], outputs_info=0.0)
    f = compiled([v, t], [sums, T.Rop(sums, v, t)])
    for _ in range(2):
        values, tangents = f([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
        np.testing.assert_allclose(values, tangents)
    assert not np.allclose(values, f([1.0, 2.0, 3.0], [0.0] * 3)[0])


# ------------------------------------------------------------------------------- a graph in a graph


def test_what_does_not_move_is_computed_once() -> None:
    """What needs neither a slice nor a state stays outside of the loop."""
    x, y = T.dvector("x"), T.dscalar("y")
    result = loop(lambda item: item + T.exp(y), x)
    node = result.owner
    assert isinstance(node.op, Scan)
    (graph,) = node.op.graphs
    assert [inner.op for inner in graph.apply_nodes()] == [T.add]


def test_a_loop_says_what_it_holds() -> None:
    x = T.dvector("x")
    node = loop(lambda item, total: total + item, x, x[0]).owner.inputs[0].owner
    steps, sequences, states, fixed = node.op.split(node.inputs)
    assert steps.dtype == "int64"
    assert [len(group) for group in (sequences, states, fixed)] == [1, 1, 0]
    assert kg.Graph((x,), (node.outputs[0],)).apply_nodes()


def test_rules_see_the_numbers_of_a_step() -> None:
    """`log(1 + exp(h))` is softplus in a loop as well, of vectors as of scalars."""
    for h in (T.dscalar("h"), T.dvector("h"), T.dmatrix("h")):
        steps, _ = kg.scan(lambda h: T.log(1 + T.exp(h)) * 1, outputs_info=[h], n_steps=2)
        f = kg.function([h], [steps[-1], T.grad(steps[-1].sum(), h)])
        value, derivative = f(np.full((1,) * h.ndim, 900.0))
        assert (value == 900).all()
        assert (derivative == 1).all()
        nodes = rewrite(kg.Graph((h,), (steps[-1],)), DEFAULT).graph.apply_nodes()
        (loop,) = [node for node in nodes if isinstance(node.op, Scan)]
        assert isinstance(loop.op, Scan)
        assert [node.op.name for node in loop.op.graphs[0].apply_nodes()] == ["softplus"]
        assert len(loop.inputs) == 2, "the number 1 is no operand of the loop"


def test_a_step_that_gives_a_number() -> None:
    x = T.dvector("x")
    ones, _ = kg.scan(lambda h: (h * 2, T.constant(1.0).dimshuffle("x")), None, [x, None], None, 3)
    f = kg.function([x], ones[1])
    np.testing.assert_array_equal(f([5.0, 6.0]), np.ones((3, 1)))


# ---------------------------------------------------------------------------- results of any size


def test_results_whose_sizes_a_step_computes(compiled: Callable[..., Any]) -> None:
    """Their memory is there once the first step has shown the sizes."""
    x, a, m, n = T.dvector("x"), T.dvector("a"), T.dmatrix("m"), T.lscalar("n")
    outputs = [
        loop(lambda a, x: (x * a)[1:] - (x * a)[:-1], a, non_sequences=x),
        loop(lambda a, m: (m * a).flatten(), a, non_sequences=m),
        loop(lambda a, m: (m * a).reshape((m.shape[1], m.shape[0])), a, non_sequences=m),
        loop(lambda a: T.arange(n) * a, a),
        loop(lambda i: x[i : i + 2], T.arange(n)),
        loop(lambda a: kg.ifelse(a > 1, x[:2], x[1:]), a),
        loop(lambda row: loop(lambda q: (x * q)[1:], row), m),
        loop(lambda a, s: [s + x[1:].sum(), (x * a)[::2]], a, outputs_info=[0.0, None])[1],
    ]
    used = outputs[0].sum(axis=0) + outputs[0].shape[1]
    f = compiled([x, a, m, n], [*outputs, used])
    v, w = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0])
    k = np.arange(6.0).reshape(2, 3)
    *found, last = f(v, w, k, 2)
    expected = [
        [np.diff(v * a) for a in w],
        [(k * a).ravel() for a in w],
        [(k * a).reshape(3, 2) for a in w],
        [np.arange(2) * a for a in w],
        [v[0:2], v[1:3]],
        [v[1:], v[:2]],
        [[(v * q)[1:] for q in row] for row in k],
        [(v * a)[::2] for a in w],
    ]
    for value, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(value, wanted)
    np.testing.assert_array_equal(last, np.diff(v) * 3 + 2)


def test_jacobians_by_loops(compiled: Callable[..., Any]) -> None:
    """A derivative of each element, as Theano's documentation writes it."""
    x, m = T.dvector("x"), T.dmatrix("m")

    def jacobian(y: Any) -> Any:
        return loop(lambda i, y, x: T.grad(y[i], x), T.arange(y.shape[0]), non_sequences=[y, x])

    wanted = [jacobian(y) for y in (T.dot(m, x), (x * 2)[1:] - x[:-1], T.grad((x**3).sum(), x))]
    k, v = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 4.0])
    found = compiled([m, x], wanted)(k, v)
    np.testing.assert_array_equal(found[0], k)
    np.testing.assert_array_equal(found[1], [[-1, 2, 0], [0, -1, 2]])
    np.testing.assert_array_equal(found[2], np.diag(6 * v))


def test_derivatives_of_results_of_computed_sizes(compiled: Callable[..., Any]) -> None:
    x, a = T.dvector("x"), T.dvector("a")
    steps = loop(lambda a, x: (x * a)[1:] - (x * a)[:-1], a, non_sequences=x)
    f = compiled([x, a], T.grad((steps**2).sum(), [x, a]))
    v, w = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0])
    by_x, by_a = f(v, w)
    d = np.diff(v)
    np.testing.assert_array_equal(by_a, 2 * w * (d**2).sum())
    np.testing.assert_array_equal(by_x, 2 * (w**2).sum() * np.array([-d[0], d[0] - d[1], d[1]]))


def test_a_result_keeps_its_size(compiled: Callable[..., Any]) -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    f = compiled([x, n], loop(lambda i: x[i : i + 2], T.arange(n)))
    assert f([1.0, 2.0, 3.0], 0).shape == (0, 0)
    with pytest.raises(GraphError, match=r"KG-G032.*size of a result changes from 2 to 1") as error:
        f([1.0, 2.0, 3.0], 3)
    assert "inside of the step" in str(error.value.hint)
