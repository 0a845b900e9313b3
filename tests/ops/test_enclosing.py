"""Expressions that are one op: the same numbers and derivatives as the expressions themselves."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import (
    DisconnectedInputError,
    KernelgraphError,
    MissingInputError,
    NullGradientError,
    ShapeError,
)
from kernelgraph.graph import Graph
from kernelgraph.ops.enclosing import Enclosed
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.fuzz.programs import program, values
from tests.support import cases

x, y, a, b = T.dvectors("x", "y", "a", "b")
AT = np.array([1.0, -2.0, 0.5]), np.array([0.25, 3.0, -1.0])


def product(inline: bool = False, **options: Any) -> Any:
    return kg.OpFromGraph([x, y], [T.tanh(x) * y, (x * y).sum()], inline, name="pair", **options)


@pytest.mark.parametrize("inline", [False, True])
def test_values_and_derivatives(compiled: Callable[..., Any], inline: bool) -> None:
    def results(u: Any, v: Any) -> list[Any]:
        cost = u.sum() * v
        slope = T.grad(cost, a)
        return [u, v, slope, T.grad(cost, b), T.Rop(u, a, b), T.grad((slope * b).sum(), a)]

    made = compiled([a, b], results(*product(inline)(a, b)))(*AT)
    plain = compiled([a, b], results(T.tanh(a) * b, (a * b).sum()))(*AT)
    for found, wanted in zip(made, plain, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def held(f: Any) -> list[str]:
    return [n.op.name for n in f.stages.rewriting.graph.apply_nodes() if isinstance(n.op, Enclosed)]


def test_it_is_one_op_unless_it_is_put_in_place() -> None:
    u, v = product()(a, b)
    f = kg.function([a, b], [u, v, T.grad(v, a)])
    assert held(f) == ["pair", "pair'"]
    plan = str(f.stages.schedule)
    assert "host pair(a, b)" in plan
    assert "tanh(x[" in plan, "what is inside is planned, too"
    assert "python" not in plan
    u, v = product(inline=True)(a, b)
    assert held(kg.function([a, b], [u, v, T.grad(v, a)])) == []


def test_what_is_cut_off_stays_cut_off(compiled: Callable[..., Any]) -> None:
    root = kg.OpFromGraph([x], [T.switch(x > 0, T.sqrt(x), 0.0)])
    slope = T.grad(root(a).sum(), a)
    np.testing.assert_array_equal(compiled([a], slope)([0.0, 4.0, -1.0]), [0, 0.25, 0])
    inner = kg.OpFromGraph([x], [T.sqrt(x)])
    slope = T.grad(T.switch(a > 0, inner(a), 0.0).sum(), a)
    np.testing.assert_array_equal(compiled([a], slope)([0.0, 4.0, 1.0]), [0, 0.25, 0.5])


def test_ops_inside_of_ops_and_loops(compiled: Callable[..., Any]) -> None:
    double = kg.OpFromGraph([x], [x + x], name="double")
    again = kg.OpFromGraph([y], [double(double(y))], name="again")
    rows = kg.scan(lambda row: again(row) * 2, [T.outer(a, b)])[0]
    f = compiled([a, b], [rows, T.grad(rows.sum(), a), kg.ifelse(a[0] > 0, again(a), b)])
    found, slope, chosen = f(*AT)
    np.testing.assert_allclose(found, 8 * np.outer(*AT))
    np.testing.assert_allclose(slope, np.full(3, 8 * AT[1].sum()))
    np.testing.assert_allclose(chosen, 4 * AT[0])


def test_shared_variables_are_read_and_differentiated_by(compiled: Callable[..., Any]) -> None:
    s = kg.shared(2.0, "s")
    op = kg.OpFromGraph([x], [x * s])
    f = compiled([a], [op(a), T.grad(op(a).sum(), s)], updates=[(s, s + 1)])
    for factor in (2, 3):
        found, slope = f(AT[0])
        np.testing.assert_allclose(found, AT[0] * factor)
        np.testing.assert_allclose(slope, AT[0].sum())


def test_streams_move_on(compiled: Callable[..., Any]) -> None:
    stream = RandomStreams(5)
    noisy = kg.OpFromGraph([x], [x + stream.uniform((3,))], name="noisy")
    f = compiled([a], [noisy(a), T.grad(noisy(a).sum(), a)])
    first, second = f(AT[0]), f(AT[0])
    assert not np.allclose(first[0], second[0])
    np.testing.assert_array_equal(first[1], 1)
    plain = RandomStreams(5).uniform((3,))
    np.testing.assert_array_equal(first[0], AT[0] + compiled([], plain)())


# ------------------------------------------------------------------------------------- derivatives


def test_gradients_of_ones_own(compiled: Callable[..., Any]) -> None:
    own = kg.OpFromGraph(
        [x, y], [x * y], lop_overrides=lambda inputs, outputs, g: [g[0] * 10, outputs[0]]
    )
    by_a, by_b = T.grad(own(a, b).sum(), [a, b])
    found = compiled([a, b], [by_a, by_b], on_unused_input="ignore")(*AT)
    np.testing.assert_allclose(found[0], 10)
    np.testing.assert_allclose(found[1], AT[0] * AT[1])


def test_gradients_one_by_one() -> None:
    own = kg.OpFromGraph(
        [x, y], [x * y], grad_overrides=["default", lambda inputs, g: g[0] * inputs[0] * 0.5]
    )
    found = [g.eval({a: AT[0], b: AT[1]}) for g in T.grad((own(a, b) * b * a).sum(), [a, b])]
    np.testing.assert_allclose(found[0], 2 * AT[0] * AT[1] ** 2)
    none = kg.OpFromGraph([x, y], [x * y], grad_overrides=[None, T.disconnected()])
    zeros, nothing = T.grad(
        none(a, b).sum(), [a, b], disconnected_inputs="ignore", return_disconnected="none"
    )
    assert nothing is None
    np.testing.assert_array_equal(zeros.eval({a: AT[0]}), 0)
    undefined = kg.OpFromGraph([x], [x], lop_overrides=[T.grad_undefined("mine", 0, x)])
    with pytest.raises(NullGradientError, match="mine"):
        T.grad(undefined(a).sum(), a)


def test_what_is_connected_may_be_said() -> None:
    op = kg.OpFromGraph([x, y], [x * y, y * 2], connection_pattern=[[True, False], [False, True]])
    first, second = op(a, b)
    with pytest.raises(DisconnectedInputError):
        T.grad(first.sum(), b)
    slope = T.grad(first.sum() + second.sum() * 0 + b.sum(), a)
    np.testing.assert_allclose(slope.eval({b: AT[1], a: AT[0]}), AT[1])


def test_tangents_of_ones_own() -> None:
    own = kg.OpFromGraph([x], [x, x * 2], rop_overrides=["default", lambda inputs, t: t[0] * 7])
    found = [t.eval({a: AT[0], b: AT[1]}) for t in T.Rop(own(a * 1 + b * 0), a, b)]
    np.testing.assert_allclose(found, [AT[1], 7 * AT[1]])


# ------------------------------------------------------------------------------------ what is asked


def test_sizes_that_do_not_fit_are_errors_of_the_line_inside(compiled: Callable[..., Any]) -> None:
    f = compiled([a, b], product()(a, b))
    with pytest.raises(ShapeError, match=r"KG-S001[\s\S]*T\.tanh\(x\) \* y"):
        f([1.0, 2.0], [1.0, 2.0, 3.0])


def test_operands_and_inputs_that_do_not_fit() -> None:
    op = product()
    wrong: list[Any] = [(a,), (a, b, a), (a, T.fvector()), (a, T.dmatrix())]
    for operands in wrong:
        with pytest.raises(TypeError):
            op(*operands)
    with pytest.raises(MissingInputError, match="y"):
        kg.OpFromGraph([x], [x * y])
    for inputs in ([kg.shared(1.0)], [T.constant(1.0)], x, [1.0]):
        with pytest.raises(TypeError):
            kg.OpFromGraph(inputs, [x])
    with pytest.raises(KernelgraphError):
        kg.OpFromGraph([x], [x], lop_overrides=list, grad_overrides=list)


def test_numbers_are_operands_and_sizes_are_known_outside() -> None:
    k = T.dscalar("k")
    op = kg.OpFromGraph([x, k], [T.outer(x, x) * k])
    out = op(a, 2)
    assert kg.function([a], out.shape)([1.0, 2.0]).tolist() == [2, 2]
    assert kg.vectorize_graph(out, {a: T.dmatrix("rows")}).ndim == 3


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
def test_functions_of_it_travel(copied: Callable[[Any], Any]) -> None:
    f = kg.function([a, b], product()(a, b), target="interpret")
    for one, other in zip(f(*AT), copied(f)(*AT), strict=True):
        np.testing.assert_array_equal(one, other)


@cases(8, 200)
@given(st.integers(0, 2**32))
def test_random_graphs(seed: int) -> None:
    graph = program(seed)
    if not graph.outputs or not graph.inputs:
        return
    op = kg.OpFromGraph(list(graph.inputs), list(graph.outputs))
    made = op(*graph.inputs)
    enclosed = Graph(graph.inputs, tuple(made if isinstance(made, list) else [made]))
    with np.errstate(all="ignore"):
        try:
            wanted = kg.interpret(graph, values(graph, seed))
        except KernelgraphError:
            return
        found = kg.interpret(enclosed, values(graph, seed))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


@cases(8, 200)
@given(st.integers(0, 2**32))
def test_random_graphs_in_ops_in_ops(seed: int) -> None:
    """An op of an op of a graph, after a journey, and with copies of its operands: the same
    results and gradients, whether each is put in its place or not.
    """
    graph = program(seed)
    floats = [out for out in graph.outputs if out.dtype == "float64"]
    wrt = [v for v in graph.inputs if v.dtype == "float64"]
    if not floats or not wrt:
        return
    inner = kg.OpFromGraph(list(graph.inputs), floats, bool(seed % 2))
    middle = [v.clone() for v in graph.inputs]
    outer = kg.OpFromGraph(middle, _listed(inner(*middle)), bool(seed % 4 > 1))
    outer = pickle.loads(pickle.dumps(outer))
    others = [v.clone() for v in graph.inputs]
    enclosed = _listed(outer(*others))
    pairs = dict(zip(others, graph.inputs, strict=True))
    put = kg.graph_replace if seed % 3 else kg.clone
    moved = [put(out, pairs) for out in enclosed]

    def all_of(outputs: list[Any]) -> list[Any]:
        cost: Any = sum((out.sum() for out in outputs[1:]), outputs[0].sum())
        return [*outputs, *_listed(T.grad(cost, wrt, disconnected_inputs="ignore"))]

    with np.errstate(all="ignore"):
        f = kg.function(list(graph.inputs), all_of(floats) + all_of(moved), target="interpret",
                        on_unused_input="ignore")  # fmt: skip
        try:
            found = f(*values(graph, seed))
        except KernelgraphError:
            return
    half = len(found) // 2
    for k, (one, other) in enumerate(zip(found[:half], found[half:], strict=True)):
        near = 1e-12 if k < len(floats) else 1e-6  # gradients are added up in another order
        np.testing.assert_allclose(one, other, rtol=near, atol=near)


def _listed(made: Any) -> list[Any]:
    return list(made) if isinstance(made, list | tuple) else [made]


@pytest.mark.parametrize("inline", [False, True])
def test_what_it_draws_and_updates_travels(compiled: Callable[..., Any], inline: bool) -> None:
    w = kg.shared(np.arange(3.0), "w")
    op = kg.OpFromGraph([x], [x * w + RandomStreams(3).uniform((3,))], inline)
    f = compiled([a], op(a), updates=[(w, w + op(a) * 0 + 1)])
    g = pickle.loads(pickle.dumps(f))
    ones = [(f(AT[0]), g(AT[0])) for _ in range(2)]
    for here, there in ones:
        np.testing.assert_array_equal(here, there)
    assert not np.array_equal(ones[0][0], ones[1][0] - AT[0])
    np.testing.assert_array_equal(w.get_value(), [2.0, 3.0, 4.0])
