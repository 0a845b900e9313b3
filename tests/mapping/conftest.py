"""What tests of passes share: programs as they are lowered, and a way to run mapped ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.program import Program
from kernelgraph.python.printer import print_python
from kernelgraph.python.target import PythonExecutable
from kernelgraph.target import Binding, Target

Run = Callable[[Program, list[Any]], list[Any]]


def lowered(graph: Graph, target: Target | None = None) -> Program:
    """The program of a graph, before any pass; planned for C, or another target."""
    return lower(compile_graph(graph, target or CTarget()).schedule)


def binding(program: Program) -> Binding:
    """For programs whose inputs are arrays, and all of whose results are wanted."""
    slots = range(program.inputs, program.inputs + program.outputs)
    inputs = enumerate(program.slots[: program.inputs])
    arguments = [(k, np.asarray, (-1,) * rank) for k, (_, rank) in inputs]
    return Binding(arguments, [], list(slots), [], single=False)


@pytest.fixture
def in_python() -> Run:
    """Runs a mapped program as Python, one iteration after the other."""

    def run(program: Program, values: list[Any]) -> list[Any]:
        text = print_python(program)
        return list(PythonExecutable(program, text).bind(binding(program))(*values))

    return run
