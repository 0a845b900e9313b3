"""One registry of targets: every name makes one, and none is imported before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.compiler import compile_graph
from kernelgraph.graph import Graph
from kernelgraph.targets import TARGETS, target_named


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_prints_a_program(name: str) -> None:
    x = T.dvector("x")
    target = target_named(name)
    program = compile_graph(Graph((x,), (T.exp(x),)), target_named("python")).program
    assert target.name == name
    assert "exp" in target.print(program).text


def test_errors_name_all_of_them() -> None:
    x = T.dvector("x")
    with pytest.raises(kg.errors.GraphError, match=", ".join(TARGETS)):
        kg.function([x], x, target="fortran")


def test_a_back_end_is_imported_when_it_is_first_asked_for() -> None:
    script = (
        "import sys, kernelgraph as kg, kernelgraph.tensor as T\n"
        "names = ('cuda', 'python', 'rewrite.proof.check')\n"
        "back_ends = ['kernelgraph.' + name for name in names]\n"
        "x = T.dvector('x')\n"
        "kg.function([x], x, target='interpret')\n"
        "assert not any(name in sys.modules for name in back_ends)\n"
        "kg.function([x], x, target='python')\n"
        "assert 'kernelgraph.python.target' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
