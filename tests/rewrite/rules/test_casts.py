"""Casts that lose nothing go; what is read as a float is seen as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.modes import FAST_RUN, STABILIZE
from kernelgraph.rewrite.rules.casts import cast_twice
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.rewrite.support import Formula, errors


@pytest.mark.parametrize(
    ("dtype", "middle", "last", "goes"),
    [
        ("float32", "float64", "float32", True),
        ("float64", "float32", "float64", False),
        ("int8", "int64", "float32", True),
        ("int64", "float64", "int64", False),
        ("uint8", "int8", "int64", False),
        ("bool", "int8", "float64", True),
        ("int32", "float64", "int8", True),
        ("int64", "float64", "int8", False),
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


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32", "bool"])
@pytest.mark.parametrize("mode", [FAST_RUN, STABILIZE], ids=str)
def test_integers_behave_as_the_same_floats(dtype: str, mode: Any) -> None:
    formulas: list[Formula] = [
        lambda i: T.log(1 + T.exp(i)),
        lambda i: T.log(T.sigmoid(i)),
        lambda i: T.exp(i) / (1 + T.exp(i)),
        lambda i: T.log(1 - T.sigmoid(i)),
        lambda i: 3 / (1 + T.exp(i)),
        lambda i: T.log(2 + T.exp(i)),
        lambda i: T.log(3 * T.exp(i) + 1),
        lambda i: T.exp(i) - 1,
    ]
    far = {"int8": 100, "uint8": 200, "bool": 1}.get(dtype, 1000)
    signs = [0, 1] if dtype.startswith("u") or dtype == "bool" else [-1, 0, 1]
    values = np.array([far * sign for sign in signs]).astype(dtype)
    for formula in formulas[: 7 if far > 128 else 8]:
        assert max(errors(formula, values, rules=mode.rules)) <= 2.5


def test_integers_in_compiled_code() -> None:
    i = T.ivector("i")
    f = kg.function(
        [i], [T.log(1 + T.exp(i)), T.log(T.sigmoid(i)), T.exp(i) / (1 + T.exp(i))], target="python"
    )
    softplus, logs, shares = f([1000, -1000])
    np.testing.assert_array_equal(softplus, [1000, 0])
    np.testing.assert_array_equal(logs, [0, -1000])
    np.testing.assert_array_equal(shares, [1, 0])
