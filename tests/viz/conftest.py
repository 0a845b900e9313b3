"""Expressions that the tests of the viz package draw: built from the graph and the ops alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import kernelgraph.ops.operators  # noqa: F401  (fills in + and the methods)
from kernelgraph.autodiff import grad
from kernelgraph.graph import Graph, SharedVariable, Variable
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, log
from kernelgraph.ops.moments import mean
from kernelgraph.ops.reductions import sum_
from kernelgraph.types import TensorType

HOSTILE_NAMES: list[str] = json.loads(Path(__file__).with_name("hostile_names.json").read_text())

MakeTensor = Callable[..., Variable]


def make_tensor(name: str | None, *shape: int | None, dtype: str = "float64") -> Variable:
    return Variable(TensorType(dtype, shape), name)


@pytest.fixture
def tensor() -> MakeTensor:
    """`tensor("x", None, 3)`: a variable with that name and those sizes."""
    return make_tensor


@pytest.fixture
def logistic() -> Graph:
    """Logistic regression: probability and cost, and the new values of both parameters."""
    x, y = make_tensor("x", None, None), make_tensor("y", None)
    w = SharedVariable(TensorType("float64", (None,)), [None], "w")
    b = SharedVariable(TensorType("float64", ()), [None], "b")
    probability = 1 / (1 + exp(-dot(x, w) - b))
    probability.name = "p_1"
    cross_entropy = -y * log(probability) - (1 - y) * log(1 - probability)
    cost = mean(cross_entropy) + 0.01 * sum_(w**2)
    cost.name = "cost"
    gw, gb = grad(cost, [w, b])
    outputs = (probability, cost, w - 0.1 * gw, b - 0.1 * gb)
    return Graph((x, y, w, b), outputs, {2: 2, 3: 3}, "train")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a parameter `hostile` runs once for each hostile name."""
    if "hostile" in metafunc.fixturenames:
        ids = [f"name{index}" for index in range(len(HOSTILE_NAMES))]
        metafunc.parametrize("hostile", HOSTILE_NAMES, ids=ids)
