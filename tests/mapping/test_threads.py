"""Loops on threads: which get the mark, what they compute on real threads, and who checks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kernelgraph.tensor as T
from kernelgraph.c.build import runtime
from kernelgraph.c.library import load_library
from kernelgraph.c.printer import print_c
from kernelgraph.c.target import CExecutable, CTarget
from kernelgraph.errors import InvalidProgramError
from kernelgraph.graph import Graph, Variable
from kernelgraph.interpret import interpret
from kernelgraph.loops import ir
from kernelgraph.loops.program import Program
from kernelgraph.loops.verify import verify
from kernelgraph.mapping.private import scratch_of_its_own
from kernelgraph.mapping.threads import on_threads
from kernelgraph.target import mapped
from tests.mapping.conftest import Run, binding, lowered


def _mean(x: Variable) -> Variable:
    return x.mean(axis=1, keepdims=True)


FORMULAS: dict[str, tuple[Callable[[Variable, Variable], list[Variable]], str]] = {
    "elementwise": (lambda x, w: [T.exp(x) * w], "threads"),
    "softmax": (lambda x, w: [T.softmax(x)], "threads"),
    "standard scores": (lambda x, w: [(x - _mean(x)) / x.std(axis=1, keepdims=True)], "threads"),
    "maxima": (lambda x, w: [T.max(x * w, axis=1), T.argmax(x, axis=1)], "threads"),
    "sums of columns": (lambda x, w: [T.exp(x).sum(axis=0)], "in order"),
    "a sum of all": (lambda x, w: [T.exp(x).sum()], "in order"),
    "places that are checked": (lambda x, w: [x[T.cast(w, "int64")]], "in order"),
}  # fmt: skip


def graph_of(name: str) -> Graph:
    x, w = T.dmatrix("x"), T.dvector("w")
    return Graph((x, w), tuple(FORMULAS[name][0](x, w)))


def threaded(graph: Graph) -> Program:
    program = verify(on_threads(lowered(graph)), "on_threads")
    return mapped(program, CTarget(), verify)


def values(rows: int, columns: int) -> list[Any]:
    random = np.random.default_rng(4)
    return [random.normal(size=(rows, columns)), random.uniform(0, min(rows, columns), columns)]


@pytest.mark.parametrize("name", FORMULAS)
def test_who_runs_the_loops(name: str) -> None:
    (kernel,) = threaded(graph_of(name)).kernels
    last = [item for item in kernel.body if isinstance(item, ir.For)][-1]
    assert last.runs == FORMULAS[name][1]


@pytest.mark.parametrize("name", FORMULAS)
def test_the_same_values_in_python(name: str, in_python: Run) -> None:
    graph = graph_of(name)
    for rows, columns in ((1, 1), (3, 17), (20, 5)):
        given = values(rows, columns)
        found = in_python(threaded(graph), given)
        for got, want in zip(found, interpret(graph, given), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc has threads for marked loops")
@pytest.mark.parametrize("name", ["softmax", "standard scores", "maxima"])
def test_on_real_threads(name: str, tmp_path: Path) -> None:
    """In a process of its own: the library of threads must not be unloaded, nor forked."""
    source = print_c(threaded(graph_of(name)))
    assert source.text.count("#pragma omp parallel for") == 1
    (tmp_path / "f.c").write_text(source.text)
    flags = ["-std=gnu11", "-O2", "-fopenmp", "-fPIC", "-shared", "-Wall"]
    command = ["gcc", *flags, "-o", "f.so", "f.c", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    run = f"from tests.mapping.test_threads import compare; compare({name!r}, {str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", run], check=True, timeout=60)


def compare(name: str, folder: str) -> None:
    """What the compiled program computes, and what it should."""
    graph = graph_of(name)
    program = threaded(graph)
    library = load_library(f"{folder}/f.so", "key", "entry", print_c(program).symbol)
    call = CExecutable(program, library, runtime()).bind(binding(program))
    for rows, columns in ((0, 3), (1, 1), (100, 40)):
        given = values(rows, columns)
        for got, want in zip(call(*given), interpret(graph, given), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)
    os._exit(0)  # the threads wait in a library


def marked(item: ir.Statement) -> ir.Statement:
    return replace(item, runs="threads") if isinstance(item, ir.For) else item


@pytest.mark.parametrize(
    ("name", "shared"),
    [("softmax", "v_exp"), ("sums of columns", "v_sum"), ("a sum of all", "sum_total")],
)
def test_a_race_is_refused(name: str, shared: str) -> None:
    """Rows that share scratch, an array that they add to, or a number."""
    program = lowered(graph_of(name))
    broken = program.with_kernels(lambda kernel: kernel.with_body(list(map(marked, kernel.body))))
    with pytest.raises(InvalidProgramError, match=f"at the same time share {shared}") as caught:
        verify(broken, "a pass")
    assert "KG-K020" in str(caught.value)


def test_scratch_of_its_own_is_a_row_of_an_array(in_python: Run) -> None:
    graph = graph_of("softmax")
    program = verify(scratch_of_its_own(lowered(graph)), "scratch_of_its_own")
    (kernel,) = program.kernels
    scratch = next(buffer for buffer in kernel.writes if buffer.name == "v_exp")
    assert len(scratch.dims) == 2
    assert "v_exp[i, j]" in str(program)
    given = values(4, 6)
    np.testing.assert_allclose(in_python(program, given)[0], interpret(graph, given)[0], rtol=1e-13)


def test_what_needs_no_scratch_is_left_alone() -> None:
    program = lowered(graph_of("elementwise"))
    assert str(scratch_of_its_own(program)) == str(program)
