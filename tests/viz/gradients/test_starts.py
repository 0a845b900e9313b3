from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernelgraph.errors import ArgumentError, DTypeError
from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.types import TensorType
from kernelgraph.viz.gradients.starts import by_input, sliders, starting_values

MakeTensor = Callable[..., Variable]


def graph(*inputs: Variable) -> Graph:
    return Graph(inputs, ())


def test_a_slider_has_round_places(tensor: MakeTensor) -> None:
    (slider,) = sliders(graph(tensor("x")), {"x": (-3, 3)})
    assert len(slider.places) == 61
    assert slider.places[31] == 0.1
    assert (slider.places[0], slider.places[30], slider.places[60]) == (-3.0, 0.0, 3.0)
    assert slider.nearest(0.14) == 31
    assert slider.nearest(float("nan")) == 0


def test_integers_move_by_integers(tensor: MakeTensor) -> None:
    (slider,) = sliders(graph(tensor("k", dtype="int64")), {"k": (0, 5)})
    assert slider.places == (0, 1, 2, 3, 4, 5)


def test_without_ranges_every_float_moves(tensor: MakeTensor) -> None:
    x, k, v = tensor("x"), tensor("k", dtype="int64"), tensor("v", None)
    assert [each.variable for each in sliders(graph(x, k, v), {})] == [x, v]


def test_sliders_stand_in_the_order_of_the_ranges(tensor: MakeTensor) -> None:
    x, w = tensor("x"), tensor("w")
    found = sliders(graph(x, w), {"w": (0, 1), x: (0, 2)})
    assert [(each.key, each.variable) for each in found] == [("i1", w), ("i0", x)]


@pytest.mark.parametrize("limits", [(3, -3), (1, 1), (0, np.inf), 5, (1, 2, 3), "ab", None])
def test_what_is_no_range_is_refused(limits: Any, tensor: MakeTensor) -> None:
    with pytest.raises(ArgumentError, match="the range of x must be two numbers"):
        sliders(graph(tensor("x")), {"x": limits})


def test_a_name_that_no_input_has_is_refused_with_those_there_are(tensor: MakeTensor) -> None:
    with pytest.raises(ArgumentError, match=r"(?s)given for 'y'.*the inputs are: x, w"):
        by_input(graph(tensor("x"), tensor("w")), {"y": 1}, "a value")


def test_values_are_those_given_those_kept_and_those_drawn(tensor: MakeTensor) -> None:
    x, d, e, m = tensor("x", None), tensor("d"), tensor("e"), tensor("m", None, 2)
    s = SharedVariable(TensorType("float64", ()), [np.asarray(7.0)], "s")
    e.tag.test_value = np.asarray(4.0)
    values = starting_values(graph(x, d, e, m, s), {"x": [1, 2]}, {d: 9.0}, (), seed=3)
    assert (values[0].tolist(), float(values[1]), float(values[2])) == ([1.0, 2.0], 9.0, 4.0)
    assert values[3].shape == (3, 2)
    assert float(values[4]) == 7.0
    values[4][...] = 0
    assert float(s.container[0]) == 7.0, "a shared value must not be moved"


def test_a_seed_draws_the_same_numbers_and_another_seed_others(tensor: MakeTensor) -> None:
    g = graph(tensor("x", 4), tensor("b", 2, dtype="bool"), tensor("k", dtype="int8"))
    first, again, other = (starting_values(g, {}, {}, (), seed) for seed in (0, 0, 1))
    assert [v.tolist() for v in first] == [v.tolist() for v in again]
    assert first[0].tolist() != other[0].tolist()
    assert [str(v.dtype) for v in first] == ["float64", "bool", "int8"]


def test_what_moves_begins_within_its_range_and_not_at_zero(tensor: MakeTensor) -> None:
    g = graph(tensor("x"), tensor("k", dtype="int64"))
    moved = sliders(g, {"x": (-1, 1), "k": (5, 9)})
    for seed in range(50):
        x, k = starting_values(g, {}, {}, moved, seed)
        assert 0 < abs(float(x)) < 1
        assert 5 <= int(k) <= 9


def test_a_value_that_does_not_fit_is_refused(tensor: MakeTensor) -> None:
    with pytest.raises(DTypeError):
        starting_values(graph(tensor("x")), {"x": "three"}, {}, (), 0)
