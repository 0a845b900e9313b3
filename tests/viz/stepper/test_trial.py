"""Frames tried on random numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.printing import Print
from kernelgraph.viz.stepper.trial import Trial, sample

MakeTensor = Callable[..., Variable]


def graph(*outputs: Variable, inputs: list[Variable]) -> Graph:
    return Graph(tuple(inputs), outputs)


def test_equal_values_are_told() -> None:
    x = T.dvector("x")
    found = Trial(graph(T.exp(x), inputs=[x])).compare(graph(T.exp(x * 1), inputs=[x]))
    assert str(found) == "✓ same values, max diff 0"


def test_rounding_is_told_by_a_power_of_ten() -> None:
    x = T.dvector("x")
    found = Trial(graph(T.log(1 + T.exp(x)), inputs=[x])).compare(graph(T.softplus(x), inputs=[x]))
    assert found.same
    assert str(found) == "✓ same values up to rounding, max diff below 1e-15"


def test_other_values_are_a_cross() -> None:
    x = T.dvector("x")
    found = Trial(graph(T.exp(x), inputs=[x])).compare(graph(T.exp(x) + 1, inputs=[x]))
    assert found.same is False
    assert str(found).startswith("✗ the values differ, max diff up to 1e")


def test_a_wrong_integer_is_a_cross() -> None:
    i = T.ivector("i")
    found = Trial(graph(i, inputs=[i])).compare(graph(i + T.cast(i > 1, "int32"), inputs=[i]))
    assert found.same is False


def test_another_shape_is_a_cross() -> None:
    x = T.dmatrix("x")
    found = Trial(graph(x.sum(axis=0), inputs=[x])).compare(graph(x.sum(axis=1), inputs=[x]))
    assert found.same is False


def test_nan_is_the_same_as_nan_and_no_warning_is_seen() -> None:
    x = T.dvector("x")
    found = Trial(graph(T.log(x), inputs=[x])).compare(graph(T.log(x), inputs=[x]))
    assert str(found) == "✓ same values, max diff 0"


def test_nan_in_one_only_is_a_cross() -> None:
    x = T.dvector("x")
    found = Trial(graph(T.sqrt(x), inputs=[x])).compare(graph(T.sqrt(T.abs(x)), inputs=[x]))
    assert found.same is False
    assert "infinity" in found.text


def test_axes_that_must_agree_have_one_size() -> None:
    x, w, b = T.dmatrix("x"), T.dmatrix("w"), T.dvector("b")
    shapes = [np.shape(v) for v in sample(graph(T.dot(x, w) + b, inputs=[x, w, b]))]
    (rows, inner), (inner_too, columns), (columns_too,) = shapes
    assert inner == inner_too
    assert columns == columns_too
    assert len({rows, inner, columns}) == 3


def test_the_numbers_are_the_same_each_time() -> None:
    x = T.dmatrix("x")
    one, other = (sample(graph(x, inputs=[x])) for _ in range(2))
    assert np.array_equal(one[0], other[0])


def test_shared_variables_may_have_any_size() -> None:
    w = kg.shared(np.zeros(100_000), "w")
    (value,) = sample(graph(w * 2, inputs=[w]))
    assert value.size < 10


def test_code_of_a_user_is_not_run() -> None:
    calls: list[int] = []

    @kg.as_op(itypes=[T.dvector], otypes=[T.dvector])
    def own(x: np.ndarray) -> np.ndarray:
        calls.append(1)
        return x

    x = T.dvector("x")
    given = graph(own(x), inputs=[x])
    assert str(Trial(given).compare(given)).startswith("– not compared: ")
    assert calls == []


def test_a_picture_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    x = T.dvector("x")
    given = graph(Print("seen")(x), inputs=[x])
    assert Trial(given).compare(given).same is None
    assert capsys.readouterr().out == ""


def test_failing_is_told() -> None:
    x = T.dvector("x")
    found = Trial(graph(x, inputs=[x])).compare(graph(x[7:8].reshape((2,)), inputs=[x]))
    assert found.same is False
    assert "now it fails" in found.text
