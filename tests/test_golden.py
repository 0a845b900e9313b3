"""Generated text is part of the product: its form is kept in tests/golden."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.graph import Graph
from kernelgraph.python.target import PythonTarget
from tests import learning, moving

Golden = Callable[[str, str], None]


def elementwise_chain() -> Graph:
    x, y = T.dvector("x"), T.fvector("y")
    return Graph((x, y), (T.exp(x) * y + T.sqrt(y),))


def softmax_rows() -> Graph:
    x = T.dmatrix("x")
    return Graph((x,), (T.softmax(x),))


def row_sums() -> Graph:
    x = T.dmatrix("x")
    return Graph((x,), (T.sum(T.exp(x), axis=1),))


def argmax_and_max() -> Graph:
    x = T.dmatrix("x")
    return Graph((x,), tuple(T.max_and_argmax(x, axis=1)))


def running_products() -> Graph:
    x = T.dmatrix("x")
    return Graph((x,), (T.cumprod(T.exp(x), axis=1), T.cumsum(x, axis=0)))


def running_total() -> Graph:
    x, start = T.dvector("x"), T.dscalar("start")
    totals, _ = kg.scan(lambda item, total: total + item, sequences=[x], outputs_info=[start])
    return Graph((x, start), (totals,))


def lazy_choice() -> Graph:
    k, x = T.dscalar("k"), T.dvector("x")
    return Graph((k, x), (kg.ifelse(k > 0, T.exp(x), x * x),))


def joined_columns() -> Graph:
    x, y = T.dmatrix("x"), T.dmatrix("y")
    joined = T.concatenate([T.exp(x), y, T.pad(x, ((0, 0), (1, 0)))], axis=1)
    return Graph((x, y), (joined, T.grad((joined**2).sum(), x)))


GRAPHS = (
    elementwise_chain, softmax_rows, row_sums, argmax_and_max, running_total, lazy_choice,
    learning.logistic_regression, learning.softmax_regression, learning.perceptron,
    learning.gaussian, learning.layer_norm, joined_columns, running_products,
    *moving.VALUES,
)  # fmt: skip


def printed(stages: Stages) -> str:
    """The part of the text that belongs to this program: without header and helpers."""
    text = stages.source.text
    lines = text.splitlines(keepends=True)
    return "".join(lines[min(stages.source.lines) - 1 :]).replace(stages.source.symbol, "program")


@pytest.mark.parametrize("make", GRAPHS)
def test_c(make: Callable[[], Graph], golden: Golden) -> None:
    golden(f"c/{make.__name__}.c", printed(compile_graph(make(), CTarget())))


@pytest.mark.parametrize("make", GRAPHS)
def test_program(make: Callable[[], Graph], golden: Golden) -> None:
    golden(f"program/{make.__name__}.txt", str(compile_graph(make(), CTarget()).program))


@pytest.mark.parametrize("make", GRAPHS)
def test_python(make: Callable[[], Graph], golden: Golden) -> None:
    golden(f"python/{make.__name__}.py", str(compile_graph(make(), PythonTarget()).source))


@pytest.mark.parametrize("make", GRAPHS)
def test_schedule(make: Callable[[], Graph], golden: Golden) -> None:
    stages = compile_graph(make(), CTarget())
    text = f"{stages.rewriting}\n\n{stages.schedule}\n"
    golden(f"schedule/{make.__name__}.txt", text)


def test_the_text_does_not_depend_on_the_seed_of_hashes() -> None:
    script = (
        "from tests.test_golden import *\n"
        "print([compile_graph(make(), CTarget()).source.symbol for make in GRAPHS])"
    )
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    seen: set[str] = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        seen.add(done.stdout)
    assert len(seen) == 1


def test_what_the_golden_step_computes() -> None:
    graph = learning.logistic_regression()
    random = np.random.default_rng(0)
    values = [
        random.normal(size=(7, 5)),
        (random.random(7) > 0.5) * 1.0,
        random.normal(size=5),
        0.2,
    ]
    f = kg.function(list(graph.inputs), list(graph.outputs), target="c")
    for a, b in zip(f(*values), kg.interpret(graph, values), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
