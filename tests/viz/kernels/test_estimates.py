"""What part of a kernel each of its nodes does: formulas, arrays and turns are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.graph import Apply
from kernelgraph.viz.kernels.shares import Estimates, by_key, sizes_of


def kernels(f: Function, *values: Any) -> tuple[Estimates, list[list[Apply]]]:
    schedule = f.stages.schedule
    found = sizes_of(f.stages, [np.shape(value) for value in values])
    return Estimates(schedule, found), [list(step.body.nodes()) for step in schedule.kernels]


def test_a_formula_that_costs_more_has_the_larger_part() -> None:
    x, y = T.dvector("x"), T.dvector("y")
    f = kg.function([x, y], T.exp(x) * y + 1, target="python")
    estimates, (nodes,) = kernels(f, np.ones(5), np.ones(5))
    parts = {node.op.name: part for node, part in estimates.parts(nodes).items()}
    assert sum(parts.values()) == pytest.approx(1)
    assert parts["exp"] > 0.5
    assert parts["mul"] == parts["add"]  # one reads y, the other writes the result


def test_turns_count() -> None:
    m, v = T.dmatrix("M"), T.dvector("v")
    f = kg.function([m, v], T.exp(v) + (m * m).sum(axis=1), target="python")
    few, (nodes,) = kernels(f, np.ones((5, 1)), np.ones(5))
    many = Estimates(few.schedule, sizes_of(f.stages, [(5, 1000), (5,)]))
    (exp,) = (node for node in nodes if node.op.name == "exp")
    assert few.parts(nodes)[exp] > 0.5
    assert many.parts(nodes)[exp] < 0.05


def test_shared_variables_tell_their_sizes() -> None:
    x, w = T.dvector("x"), kg.shared(np.ones((3, 7)), "w")
    f = kg.function([x], T.dot(w, x), target="python")
    found = sizes_of(f.stages, [None])
    assert sorted(found.values()) == [3, 7]
    assert sizes_of(f.stages, [(9, 9, 9)]) == found  # of another number of dimensions: not believed


def test_views_are_free_and_nothing_divides_by_nothing() -> None:
    x = T.dmatrix("x")
    f = kg.function([x], [T.exp(x.T) + x.T], target="python")
    estimates, (nodes,) = kernels(f, np.ones((2, 2)))
    for node, part in estimates.parts(nodes).items():
        assert (part == 0) == (node.op.name == "dimshuffle")
    views = [node for node in nodes if node.op.name == "dimshuffle"]
    if views:
        assert sum(estimates.parts(views).values()) == pytest.approx(1)
    assert estimates.parts([]) == {}


def test_boxes_take_what_their_nodes_take() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.exp(x) + 1, target="python")
    estimates, (nodes,) = kernels(f, np.ones(2))
    parts = estimates.parts(nodes)
    assert by_key(parts, [(node, "n0") for node in nodes]) == pytest.approx({"n0": 1.0})
