"""Sizes that must agree are checked whatever rewriting, a gradient or a shape drops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError, Origins, ShapeError
from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.size_facts import size_facts

WAYS: list[dict[str, Any]] = [
    {"target": "interpret"}, {"target": "python"}, {"target": "python", "mode": "None"},
    {"target": "python", "mode": "STABILIZE"}, {"mode": "FAST_COMPILE"}, {"target": "c"},
]  # fmt: skip

Build = Callable[..., Any]


def outcomes(
    inputs: Sequence[Variable], outputs: Any, values: Sequence[Any], ways: Sequence[Any] = WAYS
) -> list[tuple[str, Origins | Any]]:
    """What each way to compile makes of a call: the line that it blames, or the results."""
    found: list[Any] = []
    for how in ways:
        f = kg.function(list(inputs), outputs, on_unused_input="ignore", **how)
        try:
            found.append(("fits", f(*values)))
        except ShapeError as error:
            found.append((error.code, error.origins))
    return found


def refused(inputs: Sequence[Variable], outputs: Any, values: Sequence[Any]) -> ShapeError:
    """The error that every way gives, at one line."""
    found = outcomes(inputs, outputs, values)
    assert found[0][0] != "fits", "nothing was noticed"
    assert all(other == found[0] for other in found), found
    with pytest.raises(ShapeError) as caught:
        kg.function(list(inputs), outputs, on_unused_input="ignore")(*values)
    assert "test_size_facts.py" in str(caught.value)
    return caught.value


def zeros(*shape: int) -> Any:
    return np.zeros(shape)


TWO_VECTORS: dict[str, Build] = {
    "the operand of a choice": lambda v, u: T.switch(v > 0, u, u),
    "a factor of ones": lambda v, u: T.ones_like(v) * u,
    "a term of zeros": lambda v, u: T.zeros_like(v) + u,
    "a whole number times 0": lambda v, u: (T.cast(v, "int64") + T.cast(u, "int64")) * 0,
    "the shape of a product": lambda v, u: (v * u).shape,
    "the number of elements": lambda v, u: (v * u).size,
    "zeros of the shape of a sum": lambda v, u: T.zeros_like(v + u),
    "a gradient": lambda v, u: T.grad(T.sum(v + u), v),
    "a gradient of a product": lambda v, u: T.grad(T.sum(v * 2 + 0 * u), v),
    "a gradient of an inner product": lambda v, u: T.grad(T.dot(v, u), u),
    "a second gradient": lambda v, u: T.grad(T.sum(T.grad(T.sum(v**2 + u), v)), v),
    "a product with a tangent": lambda v, u: T.Rop(T.sum(v + T.exp(u)), u, u),
    "Lop": lambda v, u: T.Lop(v + u, v, T.ones_like(v)),
    "a copy with something replaced": lambda v, u: kg.clone(T.ones_like(v + u), {v: v * 2}),
    "a shape in a copy": lambda v, u: kg.clone((v + u).shape, {v: T.exp(v)}),
    "a part of ones": lambda v, u: T.ones_like(v[1:]) * u[1:],
    "mirrored": lambda v, u: T.ones_like(v[::-1]) * u,
    "what is picked": lambda v, u: T.ones_like(v[T.arange(u.shape[0])] + v) * u,
    "a mean": lambda v, u: T.ones_like(v.mean() * v) * u,
    "a variance that is dropped": lambda v, u: T.zeros_like((v + u).var()) + 1.0,
    "the maximum of equals": lambda v, u: T.maximum(v, v) + T.zeros_like(u),
    "a matrix and a row": lambda v, u: T.ones_like(T.outer(v, v)) * u,
    "a comparison": lambda v, u: T.zeros_like(T.eq(v, u)),
    "in both branches": lambda v, u: kg.ifelse(v.sum() >= 0, T.ones_like(v) * u, T.ones_like(u)),
    "the gradient of a choice": lambda v, u: T.grad(
        kg.ifelse(v.sum() >= 0, (v + u).sum(), v.sum()), v
    ),
    "a loop": lambda v, u: kg.scan(lambda h: h + T.ones_like(u) * v, None, v * 0, n_steps=2)[0],
    "the gradient of a loop": lambda v, u: T.grad(
        kg.scan(lambda h: h * 0.5 + u, None, v, n_steps=2)[0].sum(), v
    ),
    "a shape in a branch": lambda v, u: kg.ifelse(v.sum() >= 0, (v + u).shape[0], v.size),
    "a shape in a step": lambda v, u: kg.scan(
        lambda h: h + (v + u).shape[0], None, T.constant(0, dtype="int64"), n_steps=2
    )[0],
    "a Jacobian": lambda v, u: kg.jacobian(v + u, v),
    "a Hessian": lambda v, u: kg.hessian((v**2 + u).sum(), v),
    "a Hessian of zeros": lambda v, u: kg.hessian((v * u).sum(), v),
    "a Hessian times a vector": lambda v, u: kg.hessian_vector_product((v**2).sum(), v, u),
    "a gradient of what is not there": lambda v, u: T.grad(
        (v + u).sum(), T.dscalar(), disconnected_inputs="ignore"
    ),
    "a tangent of other sizes": lambda v, u: T.Rop(v * 2, v, u),
    "a cotangent of other sizes": lambda v, u: T.Lop(T.exp(v), v, u),
    "a known gradient": lambda v, u: T.grad(None, v, known_grads={v * 2: u}),
    "a gradient of rows": lambda v, u: _rows(v, lambda x: T.grad((x + u).sum(), x)),
    "sizes of rows": lambda v, u: _rows(v, lambda x: (x + u).shape),
    "a Jacobian of rows": lambda v, u: _rows(v, lambda x: kg.jacobian(x + u, x)),
}  # fmt: skip


def _rows(v: Any, of: Callable[[Any], Any]) -> Any:
    """What is made of a vector, for two rows that are both `v`."""
    x = T.dvector()
    return kg.vectorize_graph(of(x), {x: T.stack([v, v])})


@pytest.mark.parametrize("name", TWO_VECTORS)
def test_vectors_of_two_lengths(name: str) -> None:
    v, u = T.dvector("v"), T.dvector("u")
    refused([v, u], TWO_VECTORS[name](v, u), [zeros(5), zeros(3)])
    fits = outcomes([v, u], TWO_VECTORS[name](v, u), [zeros(4), zeros(4)])
    assert all(kind == "fits" for kind, _ in fits)
    for _, value in fits:
        np.testing.assert_array_equal(value, fits[0][1])


def test_a_broadcast_that_is_not_declared() -> None:
    y, x = T.dmatrix("y"), T.dmatrix("x")
    refused([y, x], T.ones_like(y) * x, [zeros(3, 2), zeros(1, 2)])
    refused([y, x], T.ones_like(y) * x, [zeros(3, 2), zeros(2, 2)])


def test_a_gradient_has_the_shape_of_its_variable_or_there_is_none() -> None:
    a, b = T.dmatrix("a"), T.dmatrix("b")
    error = refused([a, b], T.grad(T.dot(a, b).sum(), b), [zeros(2, 3), zeros(5, 4)])
    assert error.code == "KG-S002"


def test_the_number_of_elements_is_a_fact_too() -> None:
    v = T.dvector("v")
    refused([v], T.grad(v.reshape((2, 3)).sum(), v), [zeros(5)])
    refused([v], v.reshape((2, -1)).shape, [zeros(5)])
    n = T.lscalar("n")
    refused([v, n], T.ones_like(v.reshape((n, 2))), [zeros(5), 2])


def test_a_size_that_is_the_value_of_a_scalar() -> None:
    n, v = T.lscalar("n"), T.dvector("v")
    refused([n, v], T.ones_like(T.arange(n)) * v, [4, zeros(3)])
    refused([n, v], (T.arange(n) + v).shape, [4, zeros(3)])


def test_a_size_that_only_a_python_op_shows() -> None:
    @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
    def halved(x: Any) -> Any:
        return x[::2].copy()

    v, u = T.dvector("v"), T.dvector("u")
    ways = [how for how in WAYS if how.get("target") != "python" or "mode" not in how]
    for build in (
        lambda v, u: T.ones_like(halved(v)) * u, lambda v, u: T.zeros_like(halved(v) + u),
        lambda v, u: T.switch(halved(v) > 0, u, u),
    ):  # fmt: skip
        found = outcomes([v, u], build(v, u), [zeros(5), zeros(4)], ways)
        assert {kind for kind, _ in found} == {"KG-S001"}, found
        found = outcomes([v, u], build(v, u), [zeros(5), zeros(3)], ways)
        assert {kind for kind, _ in found} == {"fits"}, found


def test_givens_and_shared_variables_carry_facts() -> None:
    v, u, data = T.dvector("v"), T.dvector("u"), kg.shared(zeros(5), "data")
    cost = T.sum(v + u)
    for how in WAYS:
        f = kg.function([u], T.grad(cost, v), givens={v: data[1:]}, **how)
        assert f(zeros(4)).shape == (4,)
        with pytest.raises(ShapeError):
            f(zeros(5))
        data.set_value(zeros(6))
        assert f(zeros(5)).shape == (5,)
        data.set_value(zeros(5))


def test_an_update_that_drops_an_operand_is_checked() -> None:
    for how in WAYS:
        w, x = kg.shared(zeros(3), "w"), T.dvector("x")
        f = kg.function([x], updates={w: w - T.grad(T.sum(w + x), w)}, **how)
        with pytest.raises(ShapeError):
            f(zeros(4))
        np.testing.assert_array_equal(w.get_value(), zeros(3))
        f(zeros(3))
        np.testing.assert_array_equal(w.get_value(), -np.ones(3))


def test_a_shared_variable_that_only_the_cost_reads() -> None:
    v, b = T.dvector("v"), kg.shared(zeros(3), "b")
    refused([v], T.grad(T.sum(v + b), v), [zeros(5)])
    g = kg.function([v], T.grad(T.sum(v + b), v))
    other = kg.shared(zeros(5), "other")
    assert g.copy(swap={b: other})(zeros(5))[0].shape == (5,)


def test_an_input_that_is_not_given_cannot_be_wrong() -> None:
    v, u = T.dvector("v"), T.dvector("u")
    for how in WAYS:
        f = kg.function([v], T.grad(T.sum(v + u), v), **how)
        np.testing.assert_array_equal(f(zeros(5)), np.ones(5))


@pytest.mark.parametrize("how", WAYS)
def test_a_branch_that_is_not_taken_checks_nothing(how: dict[str, Any]) -> None:
    c, v, u = T.dscalar("c"), T.dvector("v"), T.dvector("u")
    out = kg.ifelse(c > 0, T.ones_like(v) * u, u)
    f = kg.function([c, v, u], [out, T.grad(out.sum(), u)], **how)
    value, slope = f(-1.0, zeros(5), zeros(3))
    assert value.shape == slope.shape == (3,)
    with pytest.raises(ShapeError):
        f(1.0, zeros(5), zeros(3))


def test_a_loop_of_no_steps_checks_nothing() -> None:
    n, v, u = T.lscalar("n"), T.dvector("v"), T.dvector("u")
    rows, _ = kg.scan(lambda h: h + T.zeros_like(u), None, v, n_steps=n)
    for how in WAYS:
        f = kg.function([n, v, u], rows, **how)
        assert f(0, zeros(5), zeros(3)).shape == (0, 5)
        with pytest.raises(ShapeError):
            f(1, zeros(5), zeros(3))


def drops(rows: Any, u: Any, n: Any) -> list[Any]:
    """What needs nothing that the loop computes, or no more than its sizes."""
    return [
        u * rows.shape[0], T.zeros_like(rows), T.switch(rows[:, 0] > 0, n, n) * 0,
        T.ones_like(rows[:, :1]) * u[:1],
    ]  # fmt: skip


@pytest.mark.parametrize("k", range(4))
def test_what_a_step_says_counts_when_the_loop_is_dropped(k: int) -> None:
    m, u, v, n = T.dmatrix("m"), T.dvector("u"), T.dvector("v"), T.lscalar("n")
    loops: list[Any] = [
        kg.scan(lambda row, h: row * 0.5 + h, m, u)[0],
        kg.scan(lambda row, h, w: h + T.ones_like(row[1:] * w), m, u[1:], v)[0],
        kg.scan(lambda h, w: (h * w).sum() + h, None, u, v, n_steps=m.shape[0])[0],
        kg.scan(lambda row: kg.scan(lambda x, h: x * h, None, row, u, n_steps=2)[0][-1], m)[0],
    ]
    wrong = [((2, 4), 3, 3), ((2, 4), 4, 4), ((2, 4), 4, 3), ((2, 4), 3, 3)][k]
    right = [((2, 4), 4, 3), ((2, 4), 4, 3), ((2, 4), 4, 4), ((2, 4), 4, 3)][k]
    for how in WAYS:
        outputs = drops(loops[k], u, n)
        f = kg.function([m, u, v, n], outputs, on_unused_input="ignore", **how)
        f(*map(np.zeros, right), 1)
        f(np.zeros((0, 4)), *map(np.zeros, wrong[1:]), 1)  # without a step nothing is wrong
        with pytest.raises(ShapeError) as caught:
            f(*map(np.zeros, wrong), 1)
        assert "lambda" in str(caught.value)


@pytest.mark.parametrize("how", WAYS)
def test_a_loop_over_no_rows_says_nothing(how: dict[str, Any]) -> None:
    m, u = T.TensorType("float64", (0, 3))("m"), T.dvector("u")
    f = kg.function([m, u], kg.scan(lambda row, h: row + h, m, u)[0].shape, **how)
    assert f(zeros(0, 3), zeros(4))[0] == 0


def test_what_the_types_decide_is_not_checked() -> None:
    x, y = T.TensorType("float64", (3,))("x"), T.TensorType("float64", (3,))("y")
    assert size_facts(Graph((x, y), (x + y,))) == ()


def test_nothing_is_checked_twice() -> None:
    v, u, w = T.dvector("v"), T.dvector("u"), T.dvector("w")
    facts = size_facts(Graph((v, u, w), ((v + u) * w - v * u * w + T.grad(T.sum(v * w), v),)))
    assert len(facts) == 2
    parts = size_facts(Graph((v, u), (v[1:] * u[1:] + v[1:],)))
    assert len(parts) == 1
    f = kg.function([v, u, w], (v + u) * w - v * u * w, target="python")
    assert f.stages.source.text.count("check(") == 2


def test_derived_variables_belong_to_who_made_them() -> None:
    v, u = T.dvector("v"), T.dvector("u")
    total = v + u
    (slope,) = T.Lop(T.sum(total), [v], T.as_tensor_variable(1.0))
    assert isinstance(slope, Variable)
    assert total.derived_from == v.derived_from == ()
    assert not isinstance(slope, SharedVariable)


def choice_of_sizes() -> tuple[list[Variable], list[Variable]]:
    """What only a choice shows is compared with two sizes that inputs show."""
    u, w = T.dvectors("u", "w")
    chosen, rest = kg.ifelse(T.sum(u) > 0, u, w), T.ones_like(u[1:]) * u[1:]
    return [u, w], [T.switch(chosen > 0, rest, rest), w * chosen]


def test_a_call_of_another_shape_is_told_as_anywhere() -> None:
    """The line is looked up by interpret only for what the graph itself says."""
    inputs, outputs = choice_of_sizes()
    plain, looked_up = kg.function(inputs, inputs[0] + inputs[1]), kg.function(inputs, outputs)
    texts = []
    for f in (plain, looked_up):
        with pytest.raises(KernelgraphError) as caught:
            f(np.ones((2, 2)), np.ones(3))
        texts.append(str(caught.value).split("\n")[0])
    assert texts[0] == texts[1]


def test_what_an_op_raises_does_not_hide_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function of the user's may raise anything before interpret comes to the line."""
    asked: list[Graph] = []

    def fails(graph: Graph, values: Sequence[Any]) -> Any:
        asked.append(graph)
        raise ValueError("an op of the user's")

    inputs, outputs = choice_of_sizes()
    f = kg.function(inputs, outputs, target="python")
    monkeypatch.setattr(import_module("kernelgraph.function"), "interpret", fails)
    with pytest.raises(ShapeError):
        f(np.ones(3), np.ones(3))
    assert asked == [f.graph]
