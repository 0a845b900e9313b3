"""Expressions built anew: what is replaced, what is shared, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import ReplacementError

x, y = T.dscalars("x", "y")


def value(v: Any, **at: float) -> float:
    symbols = {s.name: s for s in T.graph_inputs(v)}
    return float(v.eval({symbols[name]: number for name, number in at.items()}))


def test_variables_are_replaced_once() -> None:
    assert value(kg.clone(x * 2, {x: x + y}), x=1, y=2) == 6
    assert value(kg.clone(x * y, {x: y, y: x + 1}), x=1, y=3) == 6


def test_a_list_gives_a_list_and_inputs_may_be_new_ones() -> None:
    first, second = kg.clone([x + y, x], share_inputs=False)
    assert second is not x
    assert first.owner.inputs[0] is second
    assert kg.clone((x + y, x), {})[1] is x


def test_another_dtype_goes_in_where_it_is_asked_for() -> None:
    n = T.lscalar("n")
    with pytest.raises(ReplacementError, match="KG-G030"):
        kg.clone(x * 2, {x: n})
    assert kg.clone(x + y, {x: n, y: n}, strict=False).dtype == "int64"
    with pytest.raises(ReplacementError):
        kg.clone(x * 2, {x: T.ObjectType()("o")}, strict=False)


def test_in_a_graph_all_that_is_replaced_is_needed() -> None:
    z = T.exp(x)
    assert value(kg.graph_replace(z * y, {z: y}), y=3) == 9
    assert kg.graph_replace([z, y], {x: y})[1] is y
    with pytest.raises(ReplacementError, match="do not need y"):
        kg.graph_replace(z, {y: x})
    assert kg.graph_replace(z, {y: x}, strict=False) is z
