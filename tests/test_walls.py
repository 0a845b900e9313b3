"""Small programs that the whole compiler must carry, on every back end that runs: what they have in
common is that each would be impossible if one wall of the architecture stood in the wrong place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.errors import IndexingError
from kernelgraph.graph import Graph
from kernelgraph.loops import host, ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.traffic import sweeps, times_read
from kernelgraph.ops.arithmetic import identity
from kernelgraph.types import SparseType
from tests import moving
from tests.support import within

TARGETS = ("interpret", "python", "c")


@pytest.fixture(params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`kg.function` for one target; compiled C must be C, not a fall-back."""

    def build(*arguments: Any, **options: Any) -> Any:
        made = kg.function(*arguments, target=request.param, **options)
        assert made.target == request.param
        return made

    return build


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


# ------------------------------------------------------------------------------------------ graphs


def test_one_tap_scan_with_its_gradient(compiled: Callable[..., Any]) -> None:
    start, decay, xs = T.dscalar("start"), T.dscalar("decay"), T.dvector("xs")
    states, updates = kg.scan(
        lambda x, state, k: state * k + x,
        sequences=[xs],
        outputs_info=[start],
        non_sequences=[decay],
    )
    assert updates == {}
    cost = (states * states).sum()
    f = compiled([xs, start, decay], [states, *T.grad(cost, [xs, start, decay])])
    x, s0, k = normal(6), 0.3, 0.7

    def forward(x: Any, s: Any, k: Any) -> list[Any]:
        rows: list[Any] = []
        for item in x:
            s = s * k + item
            rows.append(s)
        return rows

    found = f(x, s0, k)
    np.testing.assert_allclose(found[0], forward(x, s0, k), rtol=1e-14)

    def slope(dx: Any, ds: complex, dk: complex) -> float:
        rows = forward(x + 1e-30j * dx, s0 + 1e-30j * ds, k + 1e-30j * dk)
        return float(np.imag(sum(row * row for row in rows)) / 1e-30)

    np.testing.assert_allclose(found[1], [slope(e, 0, 0) for e in np.eye(6)], rtol=1e-12)
    np.testing.assert_allclose(found[2], slope(np.zeros(6), 1, 0), rtol=1e-12)
    np.testing.assert_allclose(found[3], slope(np.zeros(6), 0, 1), rtol=1e-12)


def test_scan_of_no_steps(compiled: Callable[..., Any]) -> None:
    start, xs = T.dscalar("start"), T.dvector("xs")
    states, _ = kg.scan(lambda x, s: s + x, sequences=[xs], outputs_info=[start])
    f = compiled([xs, start], [states, *T.grad(states.sum(), [xs, start])])
    rows, gx, gs = f(np.zeros(0), 1.0)
    assert rows.shape == gx.shape == (0,)
    assert gs == 0.0


def test_matrix_states_and_a_result_that_is_not_fed_back(compiled: Callable[..., Any]) -> None:
    w, h0, xs = T.dmatrix("w"), T.dvector("h0"), T.dmatrix("xs")

    def step(x: Any, h: Any, w: Any) -> list[Any]:
        new = T.tanh(T.dot(w, h) + x)
        return [new, (new * new).sum()]

    (states, norms), _ = kg.scan(step, sequences=[xs], outputs_info=[h0, None], non_sequences=[w])
    f = compiled([w, h0, xs], [states, norms, *T.grad(norms.sum(), [w, h0])])
    wv, hv, xv = 0.5 * normal(3, 3), normal(3), normal(5, 3)

    def total(w: Any, h: Any) -> Any:
        result = 0
        for x in xv:
            h = np.tanh(w @ h + x)
            result = result + (h * h).sum()
        return result

    gw = np.array(
        [
            [
                np.imag(total(wv + 1e-30j * np.eye(9)[3 * i + j].reshape(3, 3), hv + 0j))
                for j in range(3)
            ]
            for i in range(3)
        ]
    )
    gh = [np.imag(total(wv + 0j, hv + 1e-30j * e)) for e in np.eye(3)]
    found = f(wv, hv, xv)
    np.testing.assert_allclose(found[1].sum(), total(wv, hv), rtol=1e-13)
    np.testing.assert_allclose(found[2], gw / 1e-30, rtol=1e-11)
    np.testing.assert_allclose(found[3], np.array(gh) / 1e-30, rtol=1e-11)


def test_lazy_ifelse_with_its_gradient(compiled: Callable[..., Any]) -> None:
    ran: list[str] = []

    def spy(name: str) -> Any:
        @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
        def watched(x: Any) -> Any:
            ran.append(name)
            return x

        watched.vjp = lambda node, cotangents: [watched(cotangents[0])]
        return watched

    condition, x = T.dscalar("condition"), T.dvector("x")
    chosen = kg.ifelse(condition > 0, T.exp(spy("then")(x)).sum(), (spy("else")(x) * x).sum())
    f = compiled([condition, x], [chosen, T.grad(chosen, x)])
    value = normal(4)
    y, g = f(1.0, value)
    assert set(ran) == {"then"}
    np.testing.assert_allclose([y, *g], [np.exp(value).sum(), *np.exp(value)], rtol=1e-14)
    ran.clear()
    y, g = f(-1.0, value)
    assert set(ran) == {"else"}
    np.testing.assert_allclose([y, *g], [(value**2).sum(), *(2 * value)], rtol=1e-14)


# ------------------------------------------------------------------------------------- Python, size


def test_a_python_op_in_the_middle(compiled: Callable[..., Any]) -> None:
    @kg.as_op(itypes=[T.dmatrix], otypes=[T.dvector])
    def medians(x: Any) -> Any:
        return np.median(x, axis=0)

    x = T.dmatrix("x")
    f = compiled([x], T.exp(medians(x * 2) - 1).sum())
    value = normal(5, 3)
    np.testing.assert_allclose(f(value), np.exp(np.median(value * 2, axis=0) - 1).sum(), rtol=1e-14)


def test_an_output_size_known_only_at_run_time(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    where = T.flatnonzero(x > 0)
    f = compiled([x], [where, x[where] * 2, x[where].sum()])
    for seed in range(3):
        value = normal(9, seed=seed)
        found = f(value)
        np.testing.assert_array_equal(found[0], np.flatnonzero(value > 0))
        np.testing.assert_array_equal(found[1], value[value > 0] * 2)
        np.testing.assert_allclose(found[2], value[value > 0].sum(), rtol=1e-14)
    assert f(-np.ones(3))[1].shape == (0,)


def test_a_value_of_three_buffers_through_a_python_op(compiled: Callable[..., Any]) -> None:
    scipy_sparse = pytest.importorskip("scipy.sparse")
    kind = SparseType("csr", "float64")
    assert kind.buffers == ("data", "indices", "indptr")

    @kg.as_op(itypes=[kind, T.dvector], otypes=[T.dvector, kind])
    def multiply(a: Any, x: Any) -> Any:
        return a @ x, a * 2

    a, x = kg.graph.Variable(kind, "a"), T.dvector("x")
    product, doubled = multiply(a, x * 3)
    f = compiled([a, x], [product + 1, doubled])
    matrix = scipy_sparse.random(5, 4, density=0.5, format="csr", random_state=0)
    value = normal(4)
    found = f(matrix, value)
    np.testing.assert_allclose(found[0], matrix @ (value * 3) + 1, rtol=1e-14)
    np.testing.assert_allclose(found[1].toarray(), matrix.toarray() * 2)


# --------------------------------------------------------------------------------------------------


def test_softmax_is_one_kernel(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], T.softmax(x))
    assert len(f.stages.schedule.kernels) == 1
    value = normal(7, 5) * 300
    shifted = np.exp(value - value.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        f(value), shifted / shifted.sum(axis=1, keepdims=True), rtol=1e-13, atol=1e-300
    )


def test_mean_and_variance_in_one_pass(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    mean, variance = T.mean_and_variance(x, axis=1)
    f = compiled([x], [mean, variance])
    value = normal(6, 50) + 1e6
    found = f(value)
    np.testing.assert_allclose(found[0], value.mean(axis=1), rtol=1e-15)
    np.testing.assert_allclose(found[1], value.var(axis=1), rtol=1e-9)
    program = f.stages.program
    assert times_read(program, "x") == 1
    assert len(_innermost(program)) == 1


def test_argmax_and_max_in_one_reduction(compiled: Callable[..., Any]) -> None:
    x = T.dmatrix("x")
    f = compiled([x], T.max_and_argmax(x, axis=1))
    value = normal(6, 9)
    value[2, 4] = value[2, 7] = np.nan
    value[3, 1] = value[3, 5] = 99
    best, where = f(value)
    np.testing.assert_array_equal(best, value.max(axis=1))
    np.testing.assert_array_equal(where, value.argmax(axis=1))
    assert where.dtype == np.int64
    assert len(_innermost(f.stages.program)) == 1


def test_logistic_regression_reads_its_data_once(compiled: Callable[..., Any]) -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    w, b = kg.shared(normal(5), "w"), kg.shared(0.1, "b")
    p = 1 / (1 + T.exp(-T.dot(x, w) - b))
    loss = -y * T.log(p) - (1 - y) * T.log(1 - p)
    cost = loss.mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    train = compiled([x, y], [p > 0.5, loss], updates=[(w, w - 0.1 * gw), (b, b - 0.1 * gb)])
    data, labels = normal(40, 5), (normal(40, seed=1) > 0) * 1.0
    reads = [sweep for sweep in sweeps(train.stages.program) if sweep.array == "x"]
    assert [
        sweep.bytes({dim.name: n for dim, n in zip(sweep.dims, data.shape, strict=True)})
        for sweep in reads
    ] == [data.nbytes]
    w0, b0 = w.get_value(), float(b.get_value())
    for _ in range(20):
        train(data, labels)
        q = 1 / (1 + np.exp(-data @ w0 - b0))
        g = (q - labels) / 40
        w0, b0 = w0 - 0.1 * (data.T @ g + 0.02 * w0), b0 - 0.1 * g.sum()
    np.testing.assert_allclose(w.get_value(), w0, rtol=1e-12)
    np.testing.assert_allclose(b.get_value(), b0, rtol=1e-12)


def test_dimensions_known_equal_share_a_loop(compiled: Callable[..., Any]) -> None:
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector("w")
    f = compiled([x, y, w], [T.exp(y), T.dot(x, w) + y])
    (kernel,) = f.stages.schedule.kernels
    assert len(kernel.body.items) == 1
    xv, yv, wv = normal(4, 3), normal(4, seed=1), normal(3, seed=2)
    np.testing.assert_allclose(f(xv, yv, wv)[1], xv @ wv + yv, rtol=1e-13)
    with pytest.raises(kg.errors.ShapeError, match="KG-S001") as caught:
        f(xv, yv[:3], wv)
    assert "T.dot(x, w) + y" in str(caught.value)


def _innermost(program: Program) -> list[ir.For]:
    found: list[ir.For] = []

    def visit(statements: Any) -> None:
        for item in statements:
            if isinstance(item, ir.For):
                inner = [s for s in item.body if isinstance(s, ir.For)]
                found.extend([] if inner else [item])
                visit(item.body)

    for kernel in program.kernels:
        visit(kernel.body)
    return found


# --------------------------------------------------------------------------------------------------


def test_updates_swap(compiled: Callable[..., Any]) -> None:
    a, b = kg.shared(normal(3), "a"), kg.shared(normal(3, seed=1), "b")
    before = a.get_value(), b.get_value()
    swap = compiled([], updates={a: b, b: a})
    assert swap() == []
    np.testing.assert_array_equal(a.get_value(), before[1])
    np.testing.assert_array_equal(b.get_value(), before[0])


def test_an_update_whose_old_value_is_an_output(compiled: Callable[..., Any]) -> None:
    count = kg.shared(np.arange(3.0), "count")
    f = compiled([], count, updates=[(count, count + 1)])
    old = f()
    np.testing.assert_array_equal(old, np.arange(3.0))
    old[:] = -1
    np.testing.assert_array_equal(f(), np.arange(3.0) + 1)
    np.testing.assert_array_equal(count.get_value(), np.arange(3.0) + 2)


# --------------------------------------------------------------------------------------------------


def test_an_index_out_of_bounds_in_a_kernel_names_the_line(compiled: Callable[..., Any]) -> None:
    table, rows = T.dmatrix("table"), T.lvector("rows")
    picked = table[rows]
    total = kg.shared(0.0, "total")
    f = compiled([table, rows], (T.exp(picked) * 2).sum(), updates=[(total, total + 1)])
    value = normal(3, 2)
    np.testing.assert_allclose(f(value, [0, -1]), (np.exp(value[[0, -1]]) * 2).sum(), rtol=1e-13)
    with pytest.raises(
        IndexingError, match="index 3 is out of bounds for dimension 0 of table"
    ) as caught:
        f(value, [0, 3])
    assert "picked = table[rows]" in str(caught.value)
    assert caught.value.places[0].text[caught.value.places[0].column :].startswith("table[rows]")
    assert total.get_value() == 1.0  # nothing was stored


# --------------------------------------------------------------------------------------------------


STEPS = 10_000
"""Of two nodes each: more than Python lets calls go down; a far deeper graph, on a small stack, is
among the hostile cases.
"""


def test_a_graph_twenty_thousand_nodes_deep(compiled: Callable[..., Any]) -> None:
    x = T.dvector("x")
    y = x
    for k in range(STEPS):
        y = y * 0.5 + (k % 3)
    start = time.perf_counter()
    f = compiled([x], y)
    expected = np.array([1.0, -2.0])
    found = f(expected)
    for k in range(STEPS):
        expected = expected * 0.5 + (k % 3)
    np.testing.assert_array_equal(found, expected)
    assert within(time.perf_counter() - start, 600), "not linear in the size of the graph"


# --------------------------------------------------------------------------------- parts of arrays

KERNELS = {
    moving.differences: 1,
    moving.joined_parts: 1,
    moving.convolution: 1,
    moving.max_pooling: 1,
    moving.diagonal_sum: 1,
    moving.embedding: 1,
    moving.two_steps_back: 14,  # of which most set first values, or add up what the steps left
    moving.linear_equations: 2,
}


def actions_of(actions: Sequence[host.Action]) -> Iterator[host.Action]:
    """All actions, those inside choices and loops included."""
    for action in actions:
        yield action
        match action:
            case host.Repeat():
                yield from actions_of(action.body)
            case host.If():
                yield from actions_of((*action.then, *action.otherwise))
            case _:
                pass


@pytest.mark.parametrize("make", KERNELS)
def test_parts_of_arrays_move_inside_kernels(
    make: Callable[[], Graph], compiled: Callable[..., Any]
) -> None:
    graph, values = make(), moving.VALUES[make]
    f = compiled(list(graph.inputs), list(graph.outputs))
    for found, meant in zip(f(*values), kg.interpret(graph, values), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", KERNELS)
def test_parts_of_arrays_need_no_python(make: Callable[[], Graph]) -> None:
    stages = compile_graph(make(), CTarget())
    calls = [a for a in actions_of(stages.program.actions) if isinstance(a, host.Call)]
    assert all(call.routine is not None for call in calls), "a routine by pointer, if any"
    assert len(stages.program.kernels) == KERNELS[make]
    plans = list(stages.schedule.nested())
    copies = {node for plan in plans for node in plan.graph.apply_nodes() if node.op == identity}
    decisions = [decision for plan in plans for decision in plan.decisions]
    explained = {node for d in decisions for node in d.nodes if "copied" in d.what}
    assert copies <= explained
