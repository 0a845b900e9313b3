from collections.abc import Callable

import numpy as np
import pytest

from kernelgraph.autodiff import grad
from kernelgraph.graph import Graph, Variable
from kernelgraph.interpret import interpret
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, log, sin, sqrt, tanh
from kernelgraph.ops.python import as_op
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType
from kernelgraph.viz.gradients.tape import (
    Tape,
    first_strange_adjoint,
    first_strange_value,
    is_finite,
)
from kernelgraph.viz.text.subjects import graph_of

MakeTensor = Callable[..., Variable]


def tape_of(cost: Variable) -> Tape:
    graph = graph_of(cost)
    return Tape(graph, cost, graph.inputs)


def test_values_are_those_of_interpret_and_adjoints_those_of_grad(tensor: MakeTensor) -> None:
    x, w = tensor("x", None, 3), tensor("w", 3)
    hidden = tanh(dot(x, w))
    cost = sum_(hidden * hidden) + sum_(w * sin(w))
    values = [np.arange(6.0).reshape(2, 3) / 5, np.array([0.3, -0.2, 0.9])]
    tape = tape_of(cost)
    reading = tape.read(values)

    everything = [*grad(cost, [x, w, hidden]), hidden, cost]
    expected = interpret(Graph((x, w), tuple(everything)), values)
    found = [reading.adjoints[v] for v in (x, w, hidden)]
    found += [reading.values[v] for v in (hidden, cost)]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_contributions_add_up_to_adjoints(tensor: MakeTensor) -> None:
    u = tensor("u")
    cost = sin(u) * u + exp(u) * u + u * u
    tape = tape_of(cost)
    reading = tape.read([np.asarray(0.7)])
    pairs = list(zip(tape.contributions, reading.contributions, strict=True))
    for variable, adjoint in reading.adjoints.items():
        parts = [number for each, number in pairs if each.operand is variable]
        if parts:
            np.testing.assert_allclose(sum(parts), adjoint, rtol=1e-14)
    assert sum(each.operand is u for each, _ in pairs) == 6


def test_what_depends_on_nothing_has_no_adjoint(tensor: MakeTensor) -> None:
    x, y = tensor("x"), tensor("y")
    still = exp(y)
    cost = x * still
    tape = Tape(Graph((x, y), (cost,)), cost, [x])
    assert set(tape.adjoints) == {x, cost}
    assert Tape(Graph((x, y), (cost,)), cost, []).contributions == []


def test_an_op_without_derivative_leaves_the_values(tensor: MakeTensor) -> None:
    def twice(value: object) -> object:
        return 2 * np.asarray(value)

    scalar = TensorType("float64", ())
    x = tensor("x")
    y = as_op([scalar], [scalar])(twice)(x) + 1
    tape = tape_of(y)
    assert "no derivative" in tape.problem
    reading = tape.read([np.asarray(3.0)])
    assert (float(reading.values[y]), reading.adjoints) == (7.0, {})


def test_the_course_moves_one_input_alone(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    tape = tape_of(log(x) * w)
    known = tape.read([np.asarray(1.0), np.asarray(2.0)]).values
    course = tape.course(known, x, [np.asarray(v) for v in (1.0, np.e, -1.0)])
    np.testing.assert_allclose(course, [0.0, 2.0, np.nan])


def test_a_place_that_cannot_be_computed_is_no_number(tensor: MakeTensor) -> None:
    v, k = tensor("v", None), tensor("k", dtype="int64")
    tape = tape_of(v[k] * 1.0)
    known = tape.read([np.array([1.0, 2.0]), np.asarray(0)]).values
    np.testing.assert_equal(tape.course(known, k, [np.asarray(1), np.asarray(7)]), [2.0, np.nan])


def test_the_first_strange_value_is_where_it_arose(tensor: MakeTensor) -> None:
    x = tensor("x")
    bad = log(x)
    tape = tape_of(exp(bad) + x)
    assert first_strange_value(tape, tape.read([np.asarray(-1.0)])) is bad
    assert first_strange_value(tape, tape.read([np.asarray(2.0)])) is None
    assert first_strange_value(tape, tape.read([np.asarray(np.inf)])) is x


def test_the_first_strange_gradient_is_where_the_sweep_met_it(tensor: MakeTensor) -> None:
    x = tensor("x")
    double = x * 2
    tape = tape_of(sqrt(double) + 1)
    reading = tape.read([np.asarray(0.0)])
    assert first_strange_value(tape, reading) is None
    assert first_strange_adjoint(tape, reading) is double
    assert first_strange_adjoint(tape, tape.read([np.asarray(1.0)])) is None


@pytest.mark.parametrize(
    ("value", "finite"),
    [(1.0, True), ([1.0, np.nan], False), (np.inf, False), (3, True), (object(), True)],
)
def test_what_is_no_number_counts_as_finite(value: object, finite: bool) -> None:
    assert is_finite(value) is finite
