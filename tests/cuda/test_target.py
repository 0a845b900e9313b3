"""The target for GPUs: what it answers, and that it says where it ends."""

from __future__ import annotations

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.c.target import CTarget
from kernelgraph.compiler import compile_graph
from kernelgraph.cuda.printer import print_cuda
from kernelgraph.cuda.target import CudaTarget
from kernelgraph.errors import CompileError
from kernelgraph.graph import Graph
from kernelgraph.loops.lower import lower
from kernelgraph.loops.verify import verify
from kernelgraph.loops.walks import nested
from kernelgraph.target import mapped


def test_its_program_is_mapped_to_a_grid_and_printed() -> None:
    x = T.dmatrix("x")
    target = CudaTarget()
    lowered = lower(compile_graph(Graph((x,), (T.exp(x),)), CTarget()).schedule)
    program = mapped(lowered, target, verify)
    loops = [loop for kernel in program.kernels for loop in nested(kernel.body)]
    assert "grid" in {getattr(loop, "runs", "") for loop in loops}
    text = target.print(program).text
    assert text == print_cuda(program).text
    assert "__global__" in text


def test_it_is_printed_but_not_run() -> None:
    x = T.dvector("x")
    stages = compile_graph(Graph((x,), (x + 1,)), CudaTarget())
    with pytest.raises(CompileError, match="KG-X001"):
        stages.executable  # noqa: B018


def test_a_function_that_runs_elsewhere_shows_its_text() -> None:
    x = T.dvector("x")
    f = kg.function([x], x * 2, target="python")
    assert "__global__" in f.source("cuda").text
    assert repr(CudaTarget()) == "CudaTarget()"
