"""A program that was mapped for C, with its lanes, blocks of rows and sums dealt to lanes, can be
printed as Python and computes the same bits: marks are data, which every printer understands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.graph import Graph, Variable
from kernelgraph.loops import ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.walks import nested
from kernelgraph.python.printer import print_python
from kernelgraph.python.target import PythonExecutable, PythonTarget
from kernelgraph.target import Binding

FORMULAS: dict[str, Callable[[Variable, Variable], list[Variable]]] = {
    "rows": lambda x, w: [T.dot(x, w), T.tanh(T.dot(x, w)).sum()],
    "softmax": lambda x, w: [T.softmax(x), (x * w).sum(axis=1)],
    "maxima": lambda x, w: [T.max(x, axis=1), (T.dot(x, w) * 2).max()],
    "steps": lambda x, w: [T.dot(T.dot(x, w) - 1, x), T.exp(x - w).sum(axis=0)],
}


def run(program: Program, values: list[Any]) -> list[Any]:
    """A program, printed as Python."""
    count = program.outputs
    binding = Binding(
        [(k, np.asarray, ()) for k in range(len(values))],
        [],
        list(range(len(values), len(values) + count)),
        [],
        single=False,
    )
    return list(PythonExecutable(program, print_python(program)).bind(binding)(*values))


@pytest.mark.parametrize("name", FORMULAS)
def test_the_same_bits(name: str) -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    graph = Graph((x, w), tuple(FORMULAS[name](x, w)))
    stages = compile_graph(graph, CTarget())
    random = np.random.default_rng(2)
    for rows in (1, 3, 8, 21):
        for columns in (1, 5, 16, 40):
            values = [random.normal(size=(rows, columns)), random.normal(size=columns)]
            lowered = run(one_core(graph), values)
            for got, want in zip(run(stages.program, values), lowered, strict=True):
                np.testing.assert_array_equal(got, want)


def one_core(graph: Graph) -> Program:
    """The program without marks."""
    return compile_graph(graph, PythonTarget()).program


def test_the_marks_are_there() -> None:
    x, w = T.dmatrix("x"), T.dvector("w")
    program = compile_graph(Graph((x, w), tuple(FORMULAS["rows"](x, w))), CTarget()).program
    loops = [i for k in program.kernels for i in nested(k.body) if isinstance(i, ir.For)]
    assert any(loop.step == 8 and loop.rest for loop in loops)
    assert any(loop.lanes == 16 for loop in loops)
