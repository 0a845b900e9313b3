"""Casts that lose nothing go; what is read as a float is seen as one."""

from __future__ import annotations

from typing import Any

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.casts import cast_twice
from kernelgraph.rewrite.rules.order import DEFAULT


@pytest.mark.parametrize(
    ("dtype", "middle", "last", "goes"),
    [
        ("float32", "float64", "float32", True),
        ("float64", "float32", "float64", False),
        ("int8", "int64", "float32", True),
        ("int64", "float64", "int64", False),
        ("uint8", "int8", "int64", False),
        ("bool", "int8", "float64", True),
    ],
)
def test_a_cast_before_another(dtype: str, middle: str, last: str, goes: bool) -> None:
    x = T.vector("x", dtype=dtype)
    twice = T.cast(T.cast(x, middle), last)
    graph = rewrite(kg.Graph((x,), (twice,)), [cast_twice]).graph
    assert len(graph.apply_nodes()) == (2 if not goes else int(dtype != last))


def test_rules_for_floats_see_integers() -> None:
    k = T.lvector("k")
    formula: Any = T.log(1 + T.exp(k))
    names = [
        node.op.name for node in rewrite(kg.Graph((k,), (formula,)), DEFAULT).graph.apply_nodes()
    ]
    assert names == ["cast", "softplus"]
